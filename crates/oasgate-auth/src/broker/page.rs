//! What people see: who asks for what, where to paste a key, and what went wrong. Plain documents that read well without
//! their style, without script, in no other page's frame (RFC 9700, 4.16).

use askama::Template;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::error::OAuthError;
use crate::StoreError;
use crate::random;

/// The page of consent.
#[derive(Template)]
#[template(path = "consent.html")]
pub(crate) struct ConsentPage<'p> {
    pub(crate) nonce: &'p str,
    /// What the server calls itself.
    pub(crate) server: &'p str,
    /// What the client calls itself.
    pub(crate) client: &'p str,
    /// The host that stands for it; none if nobody does.
    pub(crate) voucher: Option<&'p str>,
    /// Whether the operator stands for it.
    pub(crate) is_known: bool,
    /// Where the browser goes in the end.
    pub(crate) destination: &'p str,
    /// Whether that is this machine.
    pub(crate) is_loopback: bool,
    pub(crate) scopes: Vec<ScopeLine>,
    /// How many operations there are in all.
    pub(crate) operations: usize,
    /// What comes next: where the user will sign in.
    pub(crate) next: &'p str,
    pub(crate) action: &'p str,
    /// The transaction, known to this page only.
    pub(crate) transaction: &'p str,
}

/// A scope as a person reads it.
pub(crate) struct ScopeLine {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) operations: usize,
}

/// The page for pasting a key.
#[derive(Template)]
#[template(path = "key.html")]
pub(crate) struct KeyPage<'p> {
    pub(crate) nonce: &'p str,
    pub(crate) server: &'p str,
    pub(crate) client: &'p str,
    pub(crate) label: &'p str,
    pub(crate) help: Option<&'p str>,
    /// What was wrong with the last one.
    pub(crate) complaint: Option<&'p str>,
    pub(crate) action: &'p str,
    pub(crate) transaction: &'p str,
}

/// The page that says why there is no other.
#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'p> {
    nonce: &'p str,
    title: &'p str,
    text: &'p str,
}

/// Why a browser gets no further.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// It is told so, and goes nowhere: nobody has proven where it should.
    Page {
        /// The status of the answer.
        status: StatusCode,
        /// For the person in front of it.
        text: String,
        /// When to try again, in seconds.
        retry_after: Option<u64>,
    },
    /// It goes back to the client, which is told by its address.
    Back(String),
}

impl Refusal {
    /// 400, for the person in front of the browser.
    pub(crate) fn page(text: impl Into<String>) -> Self {
        Self::Page { status: StatusCode::BAD_REQUEST, text: text.into(), retry_after: None }
    }

    /// 429 (RFC 6585, 4).
    pub(crate) fn too_many(retry_after: u64) -> Self {
        Self::Page {
            status: StatusCode::TOO_MANY_REQUESTS,
            text: format!("Too many requests have come from your network. Wait {retry_after} s."),
            retry_after: Some(retry_after),
        }
    }

    pub(crate) fn into_response(self) -> Response {
        match self {
            Self::Back(location) => see_other(&location),
            Self::Page { status, text, retry_after } => {
                let nonce = random::identifier();
                let title = "This sign-in cannot go on";
                let mut response = render(&ErrorPage { nonce: &nonce, title, text: &text }, &nonce, &[]);
                *response.status_mut() = status;
                if let Some(seconds) = retry_after {
                    response.headers_mut().insert(http::header::RETRY_AFTER, HeaderValue::from(seconds));
                }
                response
            }
        }
    }
}

impl From<OAuthError> for Refusal {
    fn from(error: OAuthError) -> Self {
        // A browser has no use for an authentication challenge of OAuth.
        let status =
            if error.status == StatusCode::UNAUTHORIZED { StatusCode::BAD_REQUEST } else { error.status };
        Self::Page { status, text: error.description, retry_after: error.retry_after }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        OAuthError::from(error).into()
    }
}

/// A page, whose forms may lead to these places (CSP sources), and to us.
pub(crate) fn render(page: &impl Template, nonce: &str, forms_to: &[String]) -> Response {
    let Ok(text) = page.render() else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let mut response = (StatusCode::OK, text).into_response();
    let headers = response.headers_mut();
    guard(headers);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self' {}; base-uri 'none'; frame-ancestors 'none'",
        forms_to.join(" ")
    );
    // Without a policy there is no page.
    match HeaderValue::from_str(&policy) {
        Ok(policy) => drop(headers.insert(CONTENT_SECURITY_POLICY, policy)),
        Err(_) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
    response
}

/// Sends the browser elsewhere by 303: a form that was posted to us is never posted on (RFC 9700, 4.12).
pub(crate) fn see_other(location: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(location) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = StatusCode::SEE_OTHER.into_response();
    guard(response.headers_mut());
    response.headers_mut().insert(LOCATION, location);
    response
}

/// What holds for all that browsers get: kept nowhere, told nowhere, taken for nothing else.
fn guard(headers: &mut HeaderMap) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}
