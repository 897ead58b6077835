//! Authorization codes: given once a user has signed in, and taken once for tokens (RFC 6749, 4.1).

use super::client::Client;
use super::error::OAuthError;
use super::form::Form;
use super::grant::{self, Pair};
use super::leg::Arrival;
use super::page::Refusal;
use super::records::{CodeRecord, GrantRecord, Request};
use super::shelf::Kept;
use super::{Broker, authorize, callback, ending, txn};
use crate::clock::Timestamp;
use crate::random;
use crate::seal::GrantKey;
use crate::token::{Token, TokenKind};
use crate::{Commit, Expect, Write};

/// How long a code is good for.
const LIFE: Timestamp = 60;
/// How long a code is remembered after that, so that a second use is known for what it is.
const MEMORY: Timestamp = 600;

/// Makes a grant of what a user has brought along, and gives the way back to the client with a code for it.
pub(crate) async fn give(broker: &Broker, asked: &Request, arrival: Arrival) -> Result<String, Refusal> {
    let id = random::identifier();
    let key = GrantKey::random();
    let code = Token::mint(TokenKind::Code, &broker.keyring);
    let now = broker.clock.now();
    let grant = GrantRecord {
        client: asked.client.clone(),
        principal: grant::principal(broker, arrival.subject.as_deref()),
        scopes: asked.scopes.clone(),
        created: now,
        upstream: arrival.held.seal(&key, &id),
    };
    let record = CodeRecord {
        grant: id.clone(),
        request: asked.clone(),
        until: now.saturating_add(LIFE),
        used: false,
        wrapped: key.wrap(&broker.keyring, &code),
    };
    let locator = code.locator(&broker.keyring).unwrap_or_default();
    let writes = vec![
        broker.shelf.put(&id, &grant, Some(&id), MEMORY, Expect::Absent),
        broker.shelf.put(&locator, &record, Some(&id), MEMORY, Expect::Absent),
    ];
    txn::commit(broker, writes).await?;
    tracing::info!(grant = %id, client = asked.client, principal = grant.principal, "signed in");
    callback::success(broker, asked, &code)
        .ok_or_else(|| Refusal::page("The application cannot be answered at its address."))
}

/// Takes a code for tokens (RFC 6749, 4.1.3).
pub(crate) async fn redeem(broker: &Broker, client: &Client, form: &Form) -> Result<Pair, OAuthError> {
    let unknown =
        || OAuthError::invalid_grant("the code is unknown, used, or older than 60 s; sign in again");
    let verifier = form.need("code_verifier")?;
    let code = Token::parse(form.need("code")?).filter(|code| code.kind() == TokenKind::Code);
    let code = code.ok_or_else(unknown)?;
    let locator = code.locator(&broker.keyring).ok_or_else(unknown)?;
    let kept = broker.shelf.find::<CodeRecord>(&locator).await?.ok_or_else(unknown)?;
    check(broker, client, form, &kept)?;
    let record = &kept.record;
    let key = GrantKey::unwrap(&broker.keyring, &code, &record.wrapped);
    if record.used {
        // RFC 6749, 4.1.2: whoever has used it first may not have been who it was for.
        tracing::warn!(grant = record.grant, "a code was used twice; its grant is revoked");
    }
    let proof = random::challenge(verifier);
    let is_late = record.until <= broker.clock.now();
    if record.used || is_late || !random::is_same(&proof, &record.request.challenge) {
        // RFC 7636, 4.6. A code is not there to try verifiers on.
        ending::end(broker, &record.grant, key).await?;
        return Err(unknown());
    }
    let key = key.ok_or_else(unknown)?;
    let grant = broker.shelf.find::<GrantRecord>(&record.grant).await?.ok_or_else(unknown)?;
    let spent = CodeRecord { used: true, wrapped: Vec::new(), ..record.clone() };
    let spend: Write = broker.shelf.put(&locator, &spent, Some(&record.grant), MEMORY, kept.unchanged());
    let scopes = grant.record.scopes.clone();
    let pair = Pair::mint(broker, scopes);
    match pair.keep(broker, (&record.grant, &grant), &key, None, vec![spend]).await? {
        Commit::Made => Ok(pair),
        Commit::Conflict => Err(unknown()),
    }
}

/// What must be right before a code is used up: whose it is, and what it was given for.
fn check(broker: &Broker, client: &Client, form: &Form, kept: &Kept<CodeRecord>) -> Result<(), OAuthError> {
    let asked = &kept.record.request;
    if *asked.client != *client.id {
        return Err(OAuthError::invalid_grant("the code was given to another client"));
    }
    // RFC 6749, 4.1.3: identical, if it was in the authorization request.
    match form.get("redirect_uri")? {
        Some(named) if named != asked.redirect_uri => {
            Err(OAuthError::invalid_grant("`redirect_uri` is not that of the authorization request"))
        }
        None if asked.redirect_named => {
            Err(OAuthError::invalid_grant("`redirect_uri` is missing; it was in the authorization request"))
        }
        _ => authorize::check_resource(broker, form),
    }
}
