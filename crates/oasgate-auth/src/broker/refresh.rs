//! Refresh tokens: each is used once, for the next (RFC 9700, 4.14.2).
//!
//! An answer can be lost on its way. So the token before stays good until the pair that followed it is used for the first
//! time, and for a minute at most; but whoever comes with it gets that very pair, and no other. There is one chain of
//! tokens and never a second beside it: of two who follow it one will come with a token that the other has left behind.
//! Then neither keeps anything.

use super::client::Client;
use super::error::OAuthError;
use super::form::Form;
use super::grant::Pair;
use super::records::{GrantRecord, RefreshRecord, Rotation, Successors};
use super::shelf::{Kept, put_until};
use super::{Broker, authorize, ending, scopes};
use crate::auth::NoCredential;
use crate::cipher;
use crate::clock::Timestamp;
use crate::seal::GrantKey;
use crate::settings::Outbound;
use crate::token::{Token, TokenKind};
use crate::{Commit, StoreError, Write};

/// How long the token before may still be used.
const GRACE: Timestamp = 60;
/// How often somebody else may have been faster.
const TRIES: usize = 5;

/// A refresh token that a client has shown, and its record.
struct Shown {
    token: Token,
    locator: String,
    kept: Kept<RefreshRecord>,
}

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
        let shown = Shown { token: token.clone(), locator: locator.clone(), kept };
        match &shown.kept.record.state {
            Rotation::Current => {
                if let Some(pair) = rotate(broker, form, &shown).await? {
                    return Ok(pair);
                }
            }
            Rotation::Superseded(next) if broker.clock.now() < next.until => {
                return again(broker, form, &shown, next).await;
            }
            Rotation::Superseded(_) | Rotation::Spent => return Err(stolen(broker, &shown).await?),
        }
    }
    Err(OAuthError::later("several requests use this token at once; send one", 1))
}

/// Gives the next pair; none if something has changed meanwhile.
async fn rotate(broker: &Broker, form: &Form, shown: &Shown) -> Result<Option<Pair>, OAuthError> {
    let (record, now) = (&shown.kept.record, broker.clock.now());
    let key = GrantKey::unwrap(&broker.keyring, &shown.token, &record.wrapped).ok_or_else(unknown)?;
    let Some(found) = broker.shelf.find::<GrantRecord>(&record.grant).await? else { return Err(unknown()) };
    let next = Successors {
        until: now.saturating_add(GRACE),
        kid: broker.keyring.newest().to_owned(),
        salt: cipher::random::<32>().to_vec(),
        scopes: scopes::narrow(&found.record.scopes, form.get("scope")?)?,
        expires: now.saturating_add(broker.access_ttl()),
    };
    renew_upstream(broker, &record.grant, &key).await?;
    let Some(found) = broker.shelf.find::<GrantRecord>(&record.grant).await? else { return Err(unknown()) };
    let pair = Pair::after(&broker.keyring, &shown.token, &next).ok_or_else(unknown)?;
    let superseded = RefreshRecord { state: Rotation::Superseded(next), retires: None, ..record.clone() };
    let (grant, kept) = (Some(record.grant.as_str()), &shown.kept);
    let mut writes: Vec<Write> =
        vec![put_until(&shown.locator, &superseded, grant, kept.expires, kept.unchanged())];
    if let Some(before) = &record.retires {
        writes.extend(spend(broker, before).await?);
    }
    match pair.keep(broker, (&record.grant, &found), &key, Some(&shown.locator), writes).await? {
        Commit::Made => Ok(Some(pair)),
        Commit::Conflict => Ok(None),
    }
}

/// Gives the pair that was given before: its answer may have been lost, or two have asked at once.
async fn again(broker: &Broker, form: &Form, shown: &Shown, next: &Successors) -> Result<Pair, OAuthError> {
    let grant = broker.shelf.find::<GrantRecord>(&shown.kept.record.grant).await?.ok_or_else(unknown)?;
    if let Some(asked) = form.get("scope")?
        && scopes::narrow(&grant.record.scopes, Some(asked))? != next.scopes
    {
        return Err(OAuthError::new("invalid_scope", "this token was refreshed for other scopes just now"));
    }
    // Another replica has a newer key than this one: for as long as keys are being changed.
    Pair::after(&broker.keyring, &shown.token, next)
        .ok_or_else(|| OAuthError::later("this token is being refreshed elsewhere", 1))
}

/// Ends the family: two have followed it.
async fn stolen(broker: &Broker, shown: &Shown) -> Result<OAuthError, OAuthError> {
    let RefreshRecord { grant, client, wrapped, .. } = &shown.kept.record;
    tracing::warn!(grant, client, "a spent refresh token was used; its grant is revoked");
    ending::end(broker, grant, GrantKey::unwrap(&broker.keyring, &shown.token, wrapped)).await?;
    Ok(unknown())
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
    // The key of the grant goes, and the way to the next tokens: only that the token existed is remembered.
    let expect = kept.unchanged();
    let spent = RefreshRecord { state: Rotation::Spent, wrapped: Vec::new(), retires: None, ..kept.record };
    Ok(Some(put_until(locator, &spent, Some(&spent.grant), kept.expires, expect)))
}

fn unknown() -> OAuthError {
    OAuthError::invalid_grant("the refresh token is unknown, used, revoked or too old; sign in again")
}
