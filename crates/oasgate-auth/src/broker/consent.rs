//! Consent: a user sees who asks for what, each client anew, before anything is asked of anybody else.
//!
//! Without it a client that somebody else has registered would get what the user has agreed to give another
//! (MCP 2026-07-28, basic/authorization, "Confused Deputy Problem").

use axum::body::Body;
use axum::http::HeaderMap;
use axum::response::Response;

use super::client::{Client, Voucher};
use super::cookie::{self, Binding};
use super::endpoints::CONSENT;
use super::form::Form;
use super::page::{self, ConsentPage, Refusal, ScopeLine};
use super::records::{Consented, Request, Stage, Txn};
use super::shelf::delete;
use super::{Broker, authorize, paste, redirect, txn};
use crate::clock::Timestamp;
use crate::random;
use crate::settings::Consent;
use crate::token::{Token, TokenKind};
use crate::{Expect, Write};

/// How long a consent is remembered.
const MEMORY: Timestamp = 30 * 86_400;

/// Shows who asks for what.
pub(crate) async fn show(
    broker: &Broker,
    headers: &HeaderMap,
    client: &Client,
    asked: Request,
) -> Result<Response, Refusal> {
    let provider = match broker.leg.page().await {
        Ok(provider) => provider,
        Err(error) => return Err(txn::failed(broker, &asked, &error)),
    };
    let destinations: Vec<String> = provider
        .as_deref()
        .and_then(redirect::source_expression)
        .into_iter()
        .chain(broker.onwards.iter().cloned())
        .chain(redirect::source_expression(&asked.redirect_uri))
        .collect();
    let browser = cookie::browser(broker.cookies, headers);
    let transaction = Token::mint(TokenKind::State, &broker.keyring);
    let under_way = Txn { browser: random::sha256(&browser), stage: Stage::Asked, request: asked };
    txn::begin(broker, &transaction, &under_way, Vec::new()).await?;
    let next = broker.leg.announcement(&broker.settings.name, provider.as_deref());
    let page = Asking { client, asked: &under_way.request, transaction: &transaction, next: &next };
    let mut response = render(broker, &page, &destinations);
    broker.cookies.set(response.headers_mut(), Binding::Browser, &browser, memory(broker));
    Ok(response)
}

/// `POST /authorize/consent`: what the user has decided.
pub(crate) async fn answer(broker: &Broker, headers: &HeaderMap, body: Body) -> Result<Response, Refusal> {
    txn::check_origin(broker, headers)?;
    let form = Form::body(headers, body).await?;
    let (locator, kept) = txn::under_way(broker, headers, &form).await?;
    if kept.record.stage != Stage::Asked {
        return Err(txn::stale());
    }
    let mut writes = vec![delete::<Txn>(&locator, kept.unchanged())];
    let asked = kept.record.request;
    if form.get("decision")? != Some("allow") {
        txn::commit(broker, writes).await?;
        let state = asked.state.as_deref();
        return Err(authorize::back(
            broker,
            &asked.redirect_uri,
            state,
            "access_denied",
            "the user has not agreed",
        ));
    }
    if let (Consent::Remember, Some(name)) = (broker.rules.consent, remembered_as(broker, headers, &asked)) {
        let consented = Consented { at: broker.clock.now() };
        writes.push(broker.shelf.put(&name, &consented, None, MEMORY, Expect::Anything));
    }
    let client = broker.clients.find(&asked.client).await?.ok_or_else(txn::stale)?;
    depart(broker, headers, &client, asked, writes).await
}

/// Goes on as if the user had just agreed.
pub(crate) async fn go_on(
    broker: &Broker,
    headers: &HeaderMap,
    client: &Client,
    asked: Request,
) -> Result<Response, Refusal> {
    depart(broker, headers, client, asked, Vec::new()).await
}

/// Whether the user has agreed to the same in this browser.
pub(crate) async fn is_remembered(
    broker: &Broker,
    headers: &HeaderMap,
    asked: &Request,
) -> Result<bool, Refusal> {
    let Some(name) = remembered_as(broker, headers, asked) else { return Ok(false) };
    Ok(broker.shelf.find::<Consented>(&name).await?.is_some())
}

/// Sets out for the place where the user signs in. Only now is anything made that could be answered.
async fn depart(
    broker: &Broker,
    headers: &HeaderMap,
    client: &Client,
    asked: Request,
    mut writes: Vec<Write>,
) -> Result<Response, Refusal> {
    let token = Token::mint(TokenKind::State, &broker.keyring);
    let locator = token.locator(&broker.keyring).ok_or_else(txn::stale)?;
    let cookie = random::secret();
    let departure = match broker.leg.depart(&token, &broker.endpoints).await {
        Ok(departure) => departure,
        Err(error) => {
            txn::commit(broker, writes).await?;
            return Err(txn::failed(broker, &asked, &error));
        }
    };
    let Some(departure) = departure else {
        let browser = cookie::browser(broker.cookies, headers);
        let under_way = Txn { browser: random::sha256(&browser), stage: Stage::Pasting(0), request: asked };
        txn::begin(broker, &token, &under_way, writes).await?;
        let mut response = paste::show(broker, client, &under_way.request, &token, None);
        broker.cookies.set(response.headers_mut(), Binding::Browser, &browser, memory(broker));
        return Ok(response);
    };
    let away = broker.keyring.seal("departure", &locator, departure.keep.as_bytes());
    let under_way = Txn { browser: random::sha256(&cookie), stage: Stage::Away(away), request: asked };
    writes.push(broker.shelf.put(&locator, &under_way, None, txn::PATIENCE, Expect::Absent));
    txn::commit(broker, writes).await?;
    let mut response = page::see_other(&departure.url);
    broker.cookies.set(response.headers_mut(), Binding::Agreed(&locator), &cookie, Some(txn::PATIENCE));
    Ok(response)
}

/// How long the browser keeps who it is: as long as anything is remembered of it.
fn memory(broker: &Broker) -> Option<Timestamp> {
    (broker.rules.consent == Consent::Remember).then_some(MEMORY)
}

fn remembered_as(broker: &Broker, headers: &HeaderMap, asked: &Request) -> Option<String> {
    let browser = broker.cookies.read(headers, Binding::Browser)?;
    let what = serde_json::json!([browser, asked.client, asked.redirect_uri, asked.scopes]);
    Some(random::sha256(&what.to_string()))
}

/// What the page is about.
struct Asking<'p> {
    client: &'p Client,
    asked: &'p Request,
    transaction: &'p Token,
    next: &'p str,
}

fn render(broker: &Broker, page: &Asking<'_>, destinations: &[String]) -> Response {
    let Asking { client, asked, transaction, next } = page;
    let nonce = random::identifier();
    let scopes = asked.scopes.iter().map(|name| {
        let known = broker.scopes.described(name);
        ScopeLine {
            name: name.clone(),
            description: known.map(|scope| scope.description.clone()).unwrap_or_default(),
            operations: known.map(|scope| scope.operations).unwrap_or_default(),
        }
    });
    let page = ConsentPage {
        nonce: &nonce,
        server: &broker.settings.name,
        client: client.name.as_deref().unwrap_or("an application without a name"),
        voucher: match &client.voucher {
            Voucher::Host(host) => Some(host),
            Voucher::Operator | Voucher::Nobody => None,
        },
        is_known: client.voucher == Voucher::Operator,
        destination: &redirect::destination(&asked.redirect_uri),
        is_loopback: redirect::is_loopback_uri(&asked.redirect_uri),
        scopes: scopes.collect(),
        operations: broker.settings.operations,
        next,
        action: &broker.endpoints.path(CONSENT),
        transaction: transaction.expose(),
    };
    page::render(&page, &nonce, destinations)
}
