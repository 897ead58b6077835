//! What browsers must be told so that pages of an allowed origin may call (Fetch, "CORS protocol"). Decides nothing:
//! whoever gets here has been admitted.

use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, ORIGIN, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

/// The answer to a preflight. Any header is allowed, for `Mcp-Param-*` and those that say who calls have names that
/// can't be listed; credentials the browser adds by itself are not.
pub(crate) fn preflight(headers: &HeaderMap, has_sessions: bool) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let out = response.headers_mut();
    out.insert(
        ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static(if has_sessions { "POST, GET, DELETE" } else { "POST" }),
    );
    out.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("7200"));
    if let Some(requested) = headers.get(ACCESS_CONTROL_REQUEST_HEADERS) {
        out.insert(ACCESS_CONTROL_ALLOW_HEADERS, requested.clone());
    }
    response
}

/// Lets the page that asked read the answer.
pub(crate) fn expose(origin: Option<&HeaderValue>, response: &mut Response) {
    let Some(origin) = origin else { return };
    let out = response.headers_mut();
    out.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    out.insert(
        ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("WWW-Authenticate, Retry-After, Mcp-Session-Id"),
    );
    out.append(VARY, HeaderValue::from(ORIGIN));
}
