//! Signed assertions: of a client about itself (RFC 7523, 2.2), and of an identity provider about a user, for us
//! (ID-JAG). Each is taken once.

use std::sync::Arc;

use super::client::{Client, Keys};
use super::error::OAuthError;
use super::records::Used;
use super::shelf::put_until;
use super::{Broker, endpoints};
use crate::clock::Timestamp;
use crate::jwt::{Algorithm, Claims, KeySet, Unverified};
use crate::provider::ProviderError;
use crate::random;
use crate::{Commit, Expect};

/// What is taken: what our metadata says, and RSA-PSS.
pub(crate) const ALGORITHMS: [Algorithm; 4] =
    [Algorithm::Es256, Algorithm::Rs256, Algorithm::EdDsa, Algorithm::Ps256];
/// How far in the future an assertion may end, in seconds: so long it must be remembered.
const LONGEST: Timestamp = 3600;
/// How far clocks may be apart, in seconds.
const SKEW: Timestamp = 60;

/// Whom an assertion says it is about. Not believed: it is where its keys are looked for.
pub(crate) fn subject(assertion: &str) -> Option<String> {
    Unverified::parse(assertion).ok()?.claimed_subject().map(str::to_owned)
}

/// Whether an assertion proves that its sender is this client (RFC 7523, 3).
///
/// # Errors
/// The keys cannot be had, or the store fails.
pub(crate) async fn check_client(
    broker: &Broker,
    client: &Client,
    keys: &Keys,
    assertion: &str,
) -> Result<bool, OAuthError> {
    let Ok(token) = Unverified::parse(assertion) else { return Ok(false) };
    let unusable = || OAuthError::invalid_client("the client's keys cannot be had, or are no JWK set");
    let set = match keys {
        Keys::Set(set) => Arc::new(KeySet::parse(set.as_bytes()).ok_or_else(unusable)?),
        Keys::Url(url) => {
            broker.clients.keys_at(url)?.having(token.kid()).await.map_err(|error| match error {
                ProviderError::Later { retry_after } => {
                    OAuthError::later("the client's keys cannot be fetched now; nothing is lost", retry_after)
                }
                ProviderError::Refused { .. } | ProviderError::Unusable(_) => unusable(),
            })?
        }
    };
    let Ok(verified) = token.verify(&set, &ALGORITHMS) else { return Ok(false) };
    let claims = verified.claims;
    let (id, token_url) = (&*client.id, broker.endpoints.url(endpoints::TOKEN));
    // For us and nobody else: by the issuer, or by the endpoint it is sent to (RFC 7523, 3, 3).
    let is_for_us = matches!(claims.audience().as_slice(), [one] if *one == broker.endpoints.issuer() || *one == token_url);
    let is_about_itself = claims.text("iss") == Some(id) && claims.text("sub") == Some(id);
    if !is_for_us || !is_about_itself {
        return Ok(false);
    }
    use_up(broker, id, &claims).await
}

/// Takes an assertion once, as long as it lives. Whether it was the first time.
///
/// # Errors
/// The store fails.
pub(crate) async fn use_up(broker: &Broker, issuer: &str, claims: &Claims) -> Result<bool, OAuthError> {
    let now = broker.clock.now();
    let Ok(end) = claims.check_time(now) else { return Ok(false) };
    let Some(jti) = claims.text("jti") else { return Ok(false) };
    if end > now.saturating_add(LONGEST) {
        return Ok(false);
    }
    let name = format!("{}:{}", random::sha256(issuer), random::sha256(jti));
    let write = put_until(&name, &Used { at: now }, None, end.saturating_add(SKEW), Expect::Absent);
    Ok(broker.shelf.commit(vec![write]).await? == Commit::Made)
}
