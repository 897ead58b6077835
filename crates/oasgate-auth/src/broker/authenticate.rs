//! Who a client is, at the token and revocation endpoints (RFC 6749, 2.3): by one proof, the one that it has.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::form_urlencoded;

use super::client::{Client, Proof};
use super::error::OAuthError;
use super::form::Form;
use super::{Broker, assertion};
use crate::Secret;
use crate::random;
use crate::token::{Token, TokenKind};

/// RFC 7521, 4.2.
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What a client has shown.
enum Shown<'f> {
    Nothing,
    Secret(Secret),
    Assertion(&'f str),
}

/// The client that sends a request.
///
/// # Errors
/// It has not proven who it is.
pub(crate) async fn authenticate(
    broker: &Broker,
    headers: &HeaderMap,
    form: &Form,
) -> Result<Client, OAuthError> {
    let (id, shown) = read(headers, form)?;
    let client = broker.clients.find(&id).await?.ok_or_else(refused)?;
    let is_proven = match (&client.proof, shown) {
        (Proof::None, Shown::Nothing) => true,
        (Proof::Locator(own), Shown::Secret(shown)) => {
            let token = Token::parse(shown.expose()).filter(|token| token.kind() == TokenKind::ClientSecret);
            let locator = token.and_then(|token| token.locator(&broker.keyring));
            locator.is_some_and(|locator| random::is_same(&locator, own))
        }
        (Proof::Secret(own), Shown::Secret(shown)) => {
            // By their hashes: neither of them tells how long it is.
            random::is_same(&random::sha256(own.expose()), &random::sha256(shown.expose()))
        }
        (Proof::Keys(keys), Shown::Assertion(assertion)) => {
            assertion::check_client(broker, &client, keys, assertion).await?
        }
        _ => false,
    };
    if is_proven { Ok(client) } else { Err(refused()) }
}

/// Who it says it is, and its proof. Two proofs at once are none (RFC 6749, 2.3).
fn read<'f>(headers: &HeaderMap, form: &'f Form) -> Result<(String, Shown<'f>), OAuthError> {
    let (named, secret, assertion) =
        (form.get("client_id")?, form.get("client_secret")?, form.get("client_assertion")?);
    let (id, shown) = match (basic(headers)?, secret, assertion) {
        (Some((id, secret)), None, None) => (id, Shown::Secret(secret)),
        (None, Some(secret), None) => {
            (form.need("client_id")?.to_owned(), Shown::Secret(Secret::new(secret)))
        }
        (None, None, Some(assertion)) => {
            if form.get("client_assertion_type")? != Some(ASSERTION_TYPE) {
                return Err(OAuthError::invalid_request("`client_assertion_type` is not that of RFC 7523"));
            }
            // RFC 7521, 4.2: the identifier may be in the assertion only.
            let subject = assertion::subject(assertion).ok_or_else(refused)?;
            (named.map_or(subject, str::to_owned), Shown::Assertion(assertion))
        }
        (None, None, None) => (form.need("client_id")?.to_owned(), Shown::Nothing),
        _ => return Err(OAuthError::invalid_request("prove who you are in one way only")),
    };
    if named.is_some_and(|named| named != id) {
        return Err(OAuthError::invalid_request("`client_id` is not that of the proof"));
    }
    Ok((id, shown))
}

/// RFC 7617, 2, with both parts form-encoded (RFC 6749, 2.3.1).
fn basic(headers: &HeaderMap) -> Result<Option<(String, Secret)>, OAuthError> {
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = all.next() else { return Ok(None) };
    if all.next().is_some() {
        return Err(OAuthError::invalid_request("there are two Authorization headers"));
    }
    let pair = value.to_str().ok().and_then(|value| {
        let (scheme, pair) = value.split_once(' ')?;
        let pair = STANDARD.decode(pair.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
        let (id, secret) = std::str::from_utf8(&pair).ok()?.split_once(':')?;
        Some((decode(id), Secret::new(decode(secret))))
    });
    pair.map(Some).ok_or_else(|| OAuthError::invalid_client("the Authorization header is not HTTP Basic"))
}

fn decode(text: &str) -> String {
    // A text as it would stand for the name of a parameter without a value.
    let encoded = text.replace('=', "%3D").replace('&', "%26");
    form_urlencoded::parse(encoded.as_bytes()).next().map(|(name, _)| name.into_owned()).unwrap_or_default()
}

fn refused() -> OAuthError {
    OAuthError::invalid_client(
        "the client is unknown, or has not proven who it is; it may have to register again",
    )
}
