//! `GET /oauth/callback`: the way back from the other server, in the browser that set out.

use axum::http::request::Parts as Head;
use axum::response::Response;

use super::cookie::Binding;
use super::form::Form;
use super::leg::Return;
use super::page::{self, Refusal};
use super::records::{Stage, Txn};
use super::shelf::delete;
use super::{Broker, code, txn};
use crate::random;
use crate::token::{Token, TokenKind};

/// Takes what the other server says, once, and gives the client a code.
pub(crate) async fn callback(broker: &Broker, head: &Head) -> Result<Response, Refusal> {
    let form = Form::query(head.uri.query());
    let token = Token::parse(form.need("state")?).filter(|token| token.kind() == TokenKind::State);
    let locator = token.and_then(|token| token.locator(&broker.keyring)).ok_or_else(txn::stale)?;
    let kept = broker.shelf.find::<Txn>(&locator).await?.ok_or_else(txn::stale)?;
    let Stage::Away(away) = &kept.record.stage else { return Err(txn::stale()) };
    let cookie = broker.cookies.read(&head.headers, Binding::Agreed(&locator));
    if !cookie.is_some_and(|cookie| random::is_same(&random::sha256(&cookie), &kept.record.browser)) {
        return Err(Refusal::page(
            "This sign-in was begun in another browser. If somebody sent you the link: do not trust them.",
        ));
    }
    let keep = broker.keyring.open("departure", &locator, away).ok_or_else(txn::stale)?;
    let keep = std::str::from_utf8(&keep).map_err(|_| txn::stale())?;
    // First of all: whatever comes of it, it comes of it once.
    txn::commit(broker, vec![delete::<Txn>(&locator, kept.unchanged())]).await?;
    let arrived = arrive(broker, &form, keep, &kept.record.request).await;
    let mut response = arrived.unwrap_or_else(Refusal::into_response);
    broker.cookies.clear(response.headers_mut(), Binding::Agreed(&locator));
    Ok(response)
}

async fn arrive(
    broker: &Broker,
    form: &Form,
    keep: &str,
    asked: &super::records::Request,
) -> Result<Response, Refusal> {
    let returned = Return {
        code: form.get("code")?,
        error: form.get("error")?,
        issuer: form.get("iss")?,
        keep,
        callback: &broker.endpoints.url(super::endpoints::CALLBACK),
    };
    match broker.leg.arrive(returned).await {
        Ok(arrival) => Ok(page::see_other(&code::give(broker, asked, arrival).await?)),
        Err(error) => Err(txn::failed(broker, asked, &error)),
    }
}

/// Where the browser goes with a code (RFC 6749, 4.1.2), and who has given it (RFC 9207, 2).
pub(crate) fn success(broker: &Broker, asked: &super::records::Request, code: &Token) -> Option<String> {
    let mut parameters = vec![("code", code.expose())];
    parameters.extend(asked.state.as_deref().map(|state| ("state", state)));
    parameters.push(("iss", broker.endpoints.issuer()));
    super::redirect::answer(&asked.redirect_uri, parameters)
}
