//! Which path answers what. Where nothing is, 404 says so in JSON: clients ask at all of these places, and take any other
//! answer for a way in.

use std::future::ready;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use bytes::Bytes;
use serde_json::json;

use super::metadata::Documents;
use super::{Auth, SetupError, cors, guard, metadata};
use crate::broker::endpoints::{AUTHORIZE, CALLBACK, CONSENT, KEY, REGISTER, REVOKE, TOKEN};
use crate::broker::page::Refusal;
use crate::limits::{LimitKind, RetryAfter, address};
use crate::settings::{KeyPlace, Settings};

/// RFC 9728, 3.
const RESOURCE: &str = "/.well-known/oauth-protected-resource";
/// RFC 8414, 3.
const SERVER: &str = "/.well-known/oauth-authorization-server";

/// The endpoints of a broker.
const ENDPOINTS: [&str; 7] = [AUTHORIZE, CONSENT, KEY, CALLBACK, TOKEN, REGISTER, REVOKE];
/// Those that clients look for even where there is none.
const ABSENT: [&str; 4] = [AUTHORIZE, TOKEN, REGISTER, REVOKE];

/// All of them.
pub(super) fn router(auth: &Arc<Auth>) -> Router {
    let settings = &auth.settings;
    let path = settings.public_url.path();
    let mut open = Router::new().route("/.well-known/{*rest}", any(nothing));
    if !path.is_empty() {
        open = open.route(&format!("{path}/.well-known/{{*rest}}"), any(nothing));
    }
    if let Some(document) =
        metadata::resource(settings, auth.broker.as_deref().map(|broker| &broker.endpoints))
    {
        // Where clients look that go by the URL, and those that do not (RFC 9728, 3.1).
        for place in
            [format!("{RESOURCE}{path}"), RESOURCE.to_owned()].iter().skip(usize::from(path.is_empty()))
        {
            let document = document.clone();
            open = open.route(place, get(move || ready(told(&document))));
        }
    }
    let Some(broker) = &auth.broker else {
        let advice = advice(settings);
        for endpoint in ABSENT {
            let advice = advice.clone();
            open = open.route(endpoint, any(move || ready(not_found(&advice))));
        }
        return open.layer(from_fn(cors::open));
    };
    if let Some(rules) = &settings.inbound.broker {
        let of = |documents| metadata::server(rules, &broker.endpoints, documents);
        let (fetched, out_of_reach) = (of(Documents::Fetched), of(Documents::OutOfReach));
        let reach = Arc::clone(&broker.reach);
        let now = move || ready(told(if reach.is_there() { &fetched } else { &out_of_reach }));
        open = open.route(&format!("{SERVER}{}", broker.endpoints.base()), get(now));
    }
    let counted = from_fn_with_state(Arc::clone(auth), count);
    let apis = broker.apis().layer(counted).layer(from_fn(cors::open));
    let pages = broker.pages().layer(from_fn_with_state(Arc::clone(auth), count_people));
    open.layer(from_fn(cors::open)).merge(apis).merge(pages)
}

/// Whether the paths that the operator has chosen can be routed: a segment must not look like a pattern of the router's.
///
/// # Errors
/// One cannot.
pub(super) fn are_routable(settings: &Settings) -> Result<(), SetupError> {
    let issuer = settings.inbound.broker.as_ref().and_then(|broker| broker.issuer.as_deref());
    let chosen = std::iter::once(settings.public_url.resource()).chain(issuer);
    for url in chosen {
        if url.contains("/:") || url.contains("/*") {
            return Err(SetupError(format!("{url}: no segment of its path may begin with `:` or `*`")));
        }
    }
    Ok(())
}

/// Whether a path is one of theirs. What is below well-known places is, whether it is there or not (RFC 8615, 3).
pub(super) fn has(auth: &Auth, path: &str) -> bool {
    let is_below = |base: &str| path.strip_prefix(base).is_some_and(|rest| rest.starts_with("/.well-known/"));
    let is_endpoint = match &auth.broker {
        Some(broker) => ENDPOINTS.iter().any(|endpoint| broker.endpoints.path(endpoint) == path),
        None => ABSENT.contains(&path),
    };
    is_below("") || is_below(auth.settings.public_url.path()) || is_endpoint
}

/// Counts requests of clients by address; to registration, twice.
async fn count(State(auth): State<Arc<Auth>>, request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    let address = address::of(&head, &auth.settings.trusted_proxies);
    let mut counted = auth.limiter.check(LimitKind::Address, &address);
    if auth.broker.as_ref().is_some_and(|broker| broker.endpoints.path(REGISTER) == head.uri.path()) {
        counted = counted.and_then(|()| auth.limiter.check(LimitKind::Registration, &address));
    }
    match counted {
        Ok(()) => next.run(Request::from_parts(head, body)).await,
        Err(retry_after) => guard::too_many(retry_after),
    }
}

/// Counts requests for pages by address, and says so on one.
async fn count_people(State(auth): State<Arc<Auth>>, request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    let address = address::of(&head, &auth.settings.trusted_proxies);
    match auth.limiter.check(LimitKind::Address, &address) {
        Ok(()) => next.run(Request::from_parts(head, body)).await,
        Err(RetryAfter(seconds)) => Refusal::too_many(seconds).into_response(),
    }
}

/// A document, as it is.
fn told(document: &Bytes) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
    ];
    (headers, document.clone()).into_response()
}

async fn nothing() -> Response {
    not_found("there is no such document here")
}

fn not_found(description: &str) -> Response {
    let body = json!({ "error": "not_found", "error_description": description });
    // What is there may change with the configuration (RFC 9111, 4.2.2: 404 may be kept by default).
    let headers = [(CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (StatusCode::NOT_FOUND, headers, axum::Json(body)).into_response()
}

/// What to do instead of signing in here.
fn advice(settings: &Settings) -> String {
    let issuers = metadata::issuers(&settings.inbound);
    if !issuers.is_empty() {
        return format!(
            "this server is no authorization server: sign in at {}, as {} says",
            issuers.join(" or "),
            format_args!("{}{RESOURCE}{}", settings.public_url.origin(), settings.public_url.path())
        );
    }
    let places = settings.inbound.api_key.iter().flat_map(|keys| &keys.places).map(|place| match place {
        KeyPlace::Authorization(scheme) => format!("`Authorization: {scheme} KEY`"),
        KeyPlace::Header(name) => format!("`{name}: KEY`"),
    });
    let places: Vec<String> = places.collect();
    if places.is_empty() {
        return "nobody signs in at this server".to_owned();
    }
    format!("nobody signs in at this server: send your API key as {}", places.join(" or "))
}
