//! Authorizations under way: each is found by a token that only one rendering of one page has, belongs to one browser, and
//! is taken once.

use axum::http::HeaderMap;
use axum::http::header::ORIGIN;

use super::cookie::Binding;
use super::form::Form;
use super::leg::LegError;
use super::page::Refusal;
use super::records::{Request, Txn};
use super::shelf::Kept;
use super::{Broker, authorize};
use crate::clock::Timestamp;
use crate::random;
use crate::token::{Token, TokenKind};
use crate::{Commit, Expect, Write};

/// How long an authorization may be under way.
pub(crate) const PATIENCE: Timestamp = 600;

/// The transaction that a form of ours names, if it is this browser's.
pub(crate) async fn under_way(
    broker: &Broker,
    headers: &HeaderMap,
    form: &Form,
) -> Result<(String, Kept<Txn>), Refusal> {
    // The token is of one rendering of one page, and nobody else has seen it: it is what keeps others from answering.
    let token = Token::parse(form.need("transaction")?).filter(|token| token.kind() == TokenKind::State);
    let locator = token.and_then(|token| token.locator(&broker.keyring)).ok_or_else(stale)?;
    let kept = broker.shelf.find::<Txn>(&locator).await?.ok_or_else(stale)?;
    let browser = broker.cookies.read(headers, Binding::Browser).ok_or_else(stranger)?;
    if !random::is_same(&random::sha256(&browser), &kept.record.browser) {
        return Err(stranger());
    }
    Ok((locator, kept))
}

/// That a form was sent from a page of ours (RFC 6454, 7.2). Our pages name no referrer, so that browsers may write
/// `null`; then they say by themselves where the request began (Fetch Metadata, 2.3).
pub(crate) fn check_origin(broker: &Broker, headers: &HeaderMap) -> Result<(), Refusal> {
    let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let is_ours = match (header(ORIGIN.as_str()), header("sec-fetch-site")) {
        (Some(origin), _) if origin == broker.endpoints.origin() => true,
        (None | Some("null"), Some(site)) => site == "same-origin",
        // No browser: nobody's cookies were added by mistake.
        (None, None) => true,
        _ => false,
    };
    if is_ours { Ok(()) } else { Err(stranger()) }
}

/// Keeps a transaction under a new token.
pub(crate) async fn begin(
    broker: &Broker,
    token: &Token,
    txn: &Txn,
    mut writes: Vec<Write>,
) -> Result<(), Refusal> {
    let locator = token.locator(&broker.keyring).ok_or_else(stale)?;
    writes.push(broker.shelf.put(&locator, txn, None, PATIENCE, Expect::Absent));
    commit(broker, writes).await
}

/// Makes changes, unless somebody else has made them: a form that is sent twice is answered once.
pub(crate) async fn commit(broker: &Broker, writes: Vec<Write>) -> Result<(), Refusal> {
    match broker.shelf.commit(writes).await? {
        Commit::Made => Ok(()),
        Commit::Conflict => Err(stale()),
    }
}

/// Tells the client that the other server cannot be used.
pub(crate) fn failed(broker: &Broker, asked: &Request, error: &LegError) -> Refusal {
    tracing::warn!(%error, client = asked.client, "the sign-in elsewhere failed");
    let (code, description) = error.for_client();
    authorize::back(broker, &asked.redirect_uri, asked.state.as_deref(), code, description)
}

/// The page is no longer what is waited for.
pub(crate) fn stale() -> Refusal {
    Refusal::page("This page has been answered already, or has waited too long.")
}

/// The form is another browser's.
fn stranger() -> Refusal {
    Refusal::page(
        "This was not begun in this browser. Cookies must be allowed for this site while you sign in.",
    )
}
