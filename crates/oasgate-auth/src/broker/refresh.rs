//! Refresh tokens: each is used once, for the next (RFC 9700, 4.14.2).
//!
//! An answer can be lost on its way. So the token before stays good until the pair that followed it is used for the first
//! time, and for a minute at most. Whoever comes with an older one has it from somebody, and neither keeps anything.

use super::client::Client;
use super::error::OAuthError;
use super::form::Form;
use super::grant::{self, Pair};
use super::records::{GrantRecord, RefreshRecord, Rotation};
use super::shelf::{Kept, put_until};
use super::{Broker, authorize, scopes};
use crate::auth::NoCredential;
use crate::clock::Timestamp;
use crate::seal::GrantKey;
use crate::settings::Outbound;
use crate::token::{Token, TokenKind};
use crate::{Commit, StoreError, Write};

/// How long the token before may still be used.
const GRACE: Timestamp = 60;
/// How often somebody else may have been faster.
const TRIES: usize = 5;

/// RFC 6749, 6.
pub(crate) async fn refresh(broker: &Broker, client: &Client, form: &Form) -> Result<Pair, OAuthError> {
    authorize::check_resource(broker, form)?;
    let token = Token::parse(form.need("refresh_token")?).filter(|token| token.kind() == TokenKind::Refresh);
    let token = token.ok_or_else(unknown)?;
    let locator = token.locator(&broker.keyring).ok_or_else(unknown)?;
    for _ in 0..TRIES {
        let kept = broker.shelf.find::<RefreshRecord>(&locator).await?.ok_or_else(unknown)?;
        // Another client learns nothing, and changes nothing.
        if *kept.record.client != *client.id {
            return Err(unknown());
        }
        if let Some(pair) = rotate(broker, form, &token, &locator, &kept).await? {
            return Ok(pair);
        }
    }
    Err(OAuthError::later("several requests use this token at once; send one", 1))
}

/// Gives the next pair; none if something has changed meanwhile.
async fn rotate(
    broker: &Broker,
    form: &Form,
    token: &Token,
    locator: &str,
    kept: &Kept<RefreshRecord>,
) -> Result<Option<Pair>, OAuthError> {
    let (record, now) = (&kept.record, broker.clock.now());
    let until = match record.state {
        Rotation::Current => now.saturating_add(GRACE),
        Rotation::Superseded(until) if now < until => until,
        Rotation::Superseded(_) | Rotation::Spent => {
            tracing::warn!(
                grant = record.grant,
                client = record.client,
                "a spent refresh token was used; its grant is revoked"
            );
            grant::destroy(broker, &record.grant).await?;
            return Err(unknown());
        }
    };
    let key = GrantKey::unwrap(&broker.keyring, token, &record.wrapped).ok_or_else(unknown)?;
    let Some(found) = broker.shelf.find::<GrantRecord>(&record.grant).await? else { return Err(unknown()) };
    let scopes = scopes::narrow(&found.record.scopes, form.get("scope")?)?;
    renew_upstream(broker, &record.grant, &key).await?;
    let Some(found) = broker.shelf.find::<GrantRecord>(&record.grant).await? else { return Err(unknown()) };
    let superseded = RefreshRecord { state: Rotation::Superseded(until), retires: None, ..record.clone() };
    let mut writes: Vec<Write> =
        vec![put_until(locator, &superseded, Some(&record.grant), kept.expires, kept.unchanged())];
    if let Some(before) = &record.retires {
        writes.extend(spend(broker, before).await?);
    }
    let pair = Pair::mint(broker, &record.grant, scopes, Some(locator.to_owned()));
    match pair.keep(broker, &found, &key, writes).await? {
        Commit::Made => Ok(Some(pair)),
        Commit::Conflict => Ok(None),
    }
}

/// What goes upstream is renewed with the tokens: a client that is told all is well can call.
async fn renew_upstream(broker: &Broker, grant: &str, key: &GrantKey) -> Result<(), OAuthError> {
    if !matches!(broker.settings.outbound, Outbound::Grant | Outbound::MintedKey) {
        return Ok(());
    }
    match broker.current(grant, key, None).await {
        Ok(_) | Err(NoCredential::Impossible(_)) => Ok(()),
        Err(NoCredential::SignInAgain) => {
            Err(OAuthError::invalid_grant("the sign-in at the provider is over"))
        }
        Err(NoCredential::Later { retry_after }) => {
            Err(OAuthError::later("the provider does not answer; nothing is lost", retry_after))
        }
    }
}

/// The change that makes a superseded refresh token a spent one, if it is still there.
pub(crate) async fn spend(broker: &Broker, locator: &str) -> Result<Option<Write>, StoreError> {
    let Some(kept) = broker.shelf.find::<RefreshRecord>(locator).await? else { return Ok(None) };
    if kept.record.state == Rotation::Spent {
        return Ok(None);
    }
    // The key of the grant goes: only that the token existed is remembered.
    let expect = kept.unchanged();
    let spent = RefreshRecord { state: Rotation::Spent, wrapped: Vec::new(), retires: None, ..kept.record };
    Ok(Some(put_until(locator, &spent, Some(&spent.grant), kept.expires, expect)))
}

fn unknown() -> OAuthError {
    OAuthError::invalid_grant("the refresh token is unknown, used, revoked or too old; sign in again")
}
