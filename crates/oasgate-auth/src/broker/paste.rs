//! The page where a user pastes a key of the API, for APIs that have no other way to sign in.
//!
//! The key comes in the body of a form, is tried at once, and is sealed: it is never in an address, never on a page again.

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::client::Client;
use super::endpoints::KEY;
use super::form::Form;
use super::leg::Arrival;
use super::page::{self, KeyPage, Refusal};
use super::records::{Request, Stage, Txn};
use super::shelf::delete;
use super::upstream::Held;
use super::{Broker, authorize, code, redirect, txn};
use crate::random;
use crate::settings;
use crate::token::{Token, TokenKind};
use crate::{Secret, Verified};

/// How often a user may be wrong.
const TRIES: u8 = 5;
/// The characters of a key.
const LONGEST: usize = 8 << 10;

/// The page.
pub(crate) fn show(
    broker: &Broker,
    client: &Client,
    asked: &Request,
    transaction: &Token,
    complaint: Option<&str>,
) -> Response {
    let nonce = random::identifier();
    let leg = match &broker.rules.leg {
        settings::Leg::Paste(leg) => Some(leg),
        settings::Leg::OAuth(_) | settings::Leg::Portal(_) => None,
    };
    let page = KeyPage {
        nonce: &nonce,
        server: &broker.settings.name,
        client: client.name.as_deref().unwrap_or("an application without a name"),
        label: leg.map_or("API key", |leg| leg.label.as_str()),
        help: leg.and_then(|leg| leg.help_url.as_deref()),
        complaint,
        action: &broker.endpoints.path(KEY),
        transaction: transaction.expose(),
    };
    let forms_to: Vec<_> = redirect::source_expression(&asked.redirect_uri).into_iter().collect();
    page::render(&page, &nonce, &forms_to)
}

/// `POST /authorize/key`: tries the key.
pub(crate) async fn submit(broker: &Broker, headers: &HeaderMap, body: Body) -> Result<Response, Refusal> {
    txn::check_origin(broker, headers)?;
    let form = Form::body(headers, body).await?;
    let (locator, kept) = txn::under_way(broker, headers, &form).await?;
    let Stage::Pasting(tries) = kept.record.stage else { return Err(txn::stale()) };
    // Taken before the key is tried: nobody tries two keys by one page.
    txn::commit(broker, vec![delete::<Txn>(&locator, kept.unchanged())]).await?;
    let Txn { request: asked, browser, .. } = kept.record;
    let key = form.get("key")?.map(str::trim).filter(|key| is_key(key)).map(Secret::new);
    let verified = match (form.get("decision")?, &key) {
        (Some("deny"), _) => {
            let state = asked.state.as_deref();
            return Err(authorize::back(
                broker,
                &asked.redirect_uri,
                state,
                "access_denied",
                "the user gave no key",
            ));
        }
        (_, Some(key)) => broker.operations.verify(key).await,
        (_, None) => Verified::Bad,
    };
    let complaint = match (verified, key) {
        (Verified::Good { subject }, Some(key)) => {
            let held = Held::Key { credential: key, key_id: None, expires: None };
            let location = code::give(broker, &asked, Arrival { subject, held }).await?;
            return Ok(page::see_other(&location));
        }
        (Verified::Unknown(reason), _) => {
            tracing::warn!(reason, "a pasted key could not be tried");
            "The API did not answer. Try again in a moment."
        }
        _ => "The API does not take this key. Check that it is whole, and that it is still valid.",
    };
    if tries >= TRIES {
        let state = asked.state.as_deref();
        return Err(authorize::back(broker, &asked.redirect_uri, state, "access_denied", "no key was taken"));
    }
    again(broker, asked, browser, tries.saturating_add(1), complaint).await
}

async fn again(
    broker: &Broker,
    asked: Request,
    browser: String,
    tries: u8,
    complaint: &str,
) -> Result<Response, Refusal> {
    let client = broker.clients.find(&asked.client).await?.ok_or_else(txn::stale)?;
    let token = Token::mint(TokenKind::State, &broker.keyring);
    let under_way = Txn { request: asked, browser, stage: Stage::Pasting(tries) };
    txn::begin(broker, &token, &under_way, Vec::new()).await?;
    let mut response = show(broker, &client, &under_way.request, &token, Some(complaint));
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

/// What could be sent in a header field at all.
fn is_key(key: &str) -> bool {
    !key.is_empty() && key.len() <= LONGEST && key.bytes().all(|byte| byte.is_ascii_graphic())
}
