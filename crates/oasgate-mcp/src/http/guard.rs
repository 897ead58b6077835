//! What is checked of an HTTP request before its body is read: who is addressed, from which page, and in what form.

use axum::extract::Request;
use axum::http::header::{ACCEPT, CONTENT_TYPE, HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, StatusCode};

use crate::fault::Fault;
use crate::http::options::Options;
use crate::reply::Reply;

/// Checks `Host` and `Origin` against DNS rebinding (2026-07-28, basic/transports/streamable-http.mdx, "Security &
/// Endpoint").
///
/// # Errors
/// 403. Not 421 for the host: no retry on another connection would help.
pub(crate) fn admit(request: &Request, options: &Options) -> Result<(), Reply> {
    if !is_addressed(request, options) {
        return Err(forbidden(
            "this server is not known by the name in the Host header; add it to the allowed hosts",
        ));
    }
    let allowed = |origin: &HeaderValue| origin.to_str().is_ok_and(|origin| options.origins.allow(origin));
    if !request.headers().get_all(ORIGIN).iter().all(allowed) {
        return Err(forbidden(
            "pages of this origin may not call this server; add it to the allowed origins",
        ));
    }
    Ok(())
}

/// Checks that a message comes as JSON and may be answered in JSON. More lenient than the revisions, which have
/// clients accept JSON *and* event streams: what we send is JSON, so to accept that is enough.
///
/// # Errors
/// 406, 415.
pub(crate) fn negotiate(headers: &HeaderMap) -> Result<(), Reply> {
    if !accepts_ours(headers) {
        let reason = "the Accept header must allow application/json";
        return Err(refusal(StatusCode::NOT_ACCEPTABLE, reason));
    }
    // Besides its meaning, this type keeps pages from posting here without a preflight (Fetch, "CORS-safelisted").
    let is_json = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| essence(value).eq_ignore_ascii_case("application/json"));
    if is_json {
        return Ok(());
    }
    Err(refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, "the Content-Type must be application/json"))
}

/// A refusal by the transport, with what to do about it.
pub(crate) fn refusal(status: StatusCode, reason: &'static str) -> Reply {
    Reply::refusal(status, &Fault::InvalidRequest(reason.into()))
}

fn forbidden(reason: &'static str) -> Reply {
    refusal(StatusCode::FORBIDDEN, reason)
}

/// The name may stand in the request target, in the `Host` header, or in both (RFC 9112, section 3.2).
fn is_addressed(request: &Request, options: &Options) -> bool {
    let allowed = |host: &Authority| options.hosts.allow(host);
    let header = |value: &HeaderValue| Authority::try_from(value.as_bytes()).is_ok_and(|host| allowed(&host));
    let target = request.uri().authority();
    (target.is_some() || request.headers().contains_key(HOST))
        && target.is_none_or(allowed)
        && request.headers().get_all(HOST).iter().all(header)
}

/// Whether an answer may be an event stream. Whoever says nothing of them gets none.
pub(crate) fn accepts_events(headers: &HeaderMap) -> bool {
    let events = |range: &str| {
        ["*/*", "text/*", "text/event-stream"]
            .iter()
            .any(|events| essence(range).eq_ignore_ascii_case(events))
    };
    let values = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(events)
}

fn accepts_ours(headers: &HeaderMap) -> bool {
    let ours = |range: &str| {
        ["*/*", "application/*", "application/json", "text/*", "text/event-stream"]
            .iter()
            .any(|ours| essence(range).eq_ignore_ascii_case(ours))
    };
    !headers.contains_key(ACCEPT)
        || headers
            .get_all(ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .any(|value| value.trim().is_empty() || value.split(',').any(ours))
}

/// A media type or range without its parameters (RFC 9110, section 8.3.1).
fn essence(value: &str) -> &str {
    value.split(';').next().unwrap_or(value).trim()
}
