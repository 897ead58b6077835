//! Consent: a user sees who asks for what, each client anew, before anything is asked of anybody else.
//!
//! Without it a client that somebody else has registered would get what the user has agreed to give another
//! (MCP 2026-07-28, basic/authorization, "Confused Deputy Problem").

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::ORIGIN;
use axum::response::Response;

use super::client::{Client, Voucher};
use super::cookie::{self, Binding};
use super::endpoints::CONSENT;
use super::form::Form;
use super::leg::LegError;
use super::page::{self, ConsentPage, Refusal, ScopeLine};
use super::records::{Consented, Request, Stage, Txn};
use super::shelf::{Kept, delete};
use super::{Broker, authorize, paste, random, redirect};
use crate::clock::Timestamp;
use crate::settings::Consent;
use crate::token::{Token, TokenKind};
use crate::{Commit, Expect, Write};

/// How long an authorization may be under way.
pub(crate) const PATIENCE: Timestamp = 600;
/// How long a consent is remembered.
const MEMORY: Timestamp = 30 * 86_400;

/// Shows who asks for what.
pub(crate) async fn show(
    broker: &Broker,
    headers: &HeaderMap,
    client: &Client,
    asked: Request,
) -> Result<Response, Refusal> {
    let destinations: Vec<String> = match broker.leg.origin().await {
        Ok(provider) => {
            provider.into_iter().chain(redirect::source_expression(&asked.redirect_uri)).collect()
        }
        Err(error) => return Err(failed(broker, &asked, &error)),
    };
    let browser = cookie::browser(broker.cookies, headers);
    let transaction = Token::mint(TokenKind::State, &broker.keyring);
    let txn = Txn { browser: random::sha256(&browser), stage: Stage::Asked, request: asked };
    begin(broker, &transaction, &txn, Vec::new()).await?;
    let mut response = render(broker, client, &txn.request, &transaction, &destinations);
    let age = (broker.rules.consent == Consent::Remember).then_some(MEMORY);
    broker.cookies.set(response.headers_mut(), Binding::Browser, &browser, age);
    Ok(response)
}

/// `POST /authorize/consent`: what the user has decided.
pub(crate) async fn answer(broker: &Broker, headers: &HeaderMap, body: Body) -> Result<Response, Refusal> {
    check_origin(broker, headers)?;
    let form = Form::body(headers, body).await?;
    let (locator, kept) = under_way(broker, headers, &form).await?;
    if kept.record.stage != Stage::Asked {
        return Err(stale());
    }
    let mut writes = vec![delete::<Txn>(&locator, kept.unchanged())];
    let asked = kept.record.request;
    if form.get("decision")? != Some("allow") {
        commit(broker, writes).await?;
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
    let client = broker.clients.find(&asked.client).await?.ok_or_else(stale)?;
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

/// Sets out for the place where the user signs in. Only now is anything made that could be answered.
async fn depart(
    broker: &Broker,
    headers: &HeaderMap,
    client: &Client,
    asked: Request,
    mut writes: Vec<Write>,
) -> Result<Response, Refusal> {
    let token = Token::mint(TokenKind::State, &broker.keyring);
    let locator = token.locator(&broker.keyring).ok_or_else(stale)?;
    let cookie = random::secret();
    let departure = match broker.leg.depart(&token, &broker.endpoints).await {
        Ok(departure) => departure,
        Err(error) => {
            commit(broker, writes).await?;
            return Err(failed(broker, &asked, &error));
        }
    };
    let Some(departure) = departure else {
        let browser = cookie::browser(broker.cookies, headers);
        let txn = Txn { browser: random::sha256(&browser), stage: Stage::Pasting(0), request: asked };
        begin(broker, &token, &txn, writes).await?;
        let mut response = paste::show(broker, client, &txn.request, &token, None);
        broker.cookies.set(response.headers_mut(), Binding::Browser, &browser, None);
        return Ok(response);
    };
    let away = broker.keyring.seal("departure", &locator, departure.keep.as_bytes());
    let txn = Txn { browser: random::sha256(&cookie), stage: Stage::Away(away), request: asked };
    writes.push(broker.shelf.put(&locator, &txn, None, PATIENCE, Expect::Absent));
    commit(broker, writes).await?;
    let mut response = page::see_other(&departure.url);
    broker.cookies.set(response.headers_mut(), Binding::Agreed(&locator), &cookie, Some(PATIENCE));
    Ok(response)
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

fn stranger() -> Refusal {
    Refusal::page(
        "This was not begun in this browser. Cookies must be allowed for this site while you sign in.",
    )
}

fn remembered_as(broker: &Broker, headers: &HeaderMap, asked: &Request) -> Option<String> {
    let browser = broker.cookies.read(headers, Binding::Browser)?;
    let what = serde_json::json!([browser, asked.client, asked.redirect_uri, asked.scopes]);
    Some(random::sha256(&what.to_string()))
}

fn render(
    broker: &Broker,
    client: &Client,
    asked: &Request,
    transaction: &Token,
    destinations: &[String],
) -> Response {
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
        provider: &broker.leg.announcement(&broker.settings.name),
        action: &broker.endpoints.path(CONSENT),
        transaction: transaction.expose(),
    };
    page::render(&page, &nonce, destinations)
}
