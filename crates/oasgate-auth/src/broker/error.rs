//! What endpoints that are no pages say when they refuse: the errors of RFC 6749, 5.2 and its relatives, as JSON.

use axum::http::header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::StoreError;

/// An answer that grants nothing. Its description is for who develops the client; nothing of the request is repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OAuthError {
    pub(crate) status: StatusCode,
    /// The code of a standard.
    pub(crate) code: &'static str,
    pub(crate) description: String,
    /// When to try again, in seconds.
    pub(crate) retry_after: Option<u64>,
}

impl OAuthError {
    /// 400 with a code.
    pub(crate) fn new(code: &'static str, description: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code, description: description.into(), retry_after: None }
    }

    /// The request is not well-formed (RFC 6749, 5.2).
    pub(crate) fn invalid_request(description: impl Into<String>) -> Self {
        Self::new("invalid_request", description)
    }

    /// A code, token or assertion that is good for nothing (RFC 6749, 5.2).
    pub(crate) fn invalid_grant(description: impl Into<String>) -> Self {
        Self::new("invalid_grant", description)
    }

    /// The client is unknown or has not proven who it is: 401 (RFC 6749, 5.2).
    pub(crate) fn invalid_client(description: impl Into<String>) -> Self {
        Self { status: StatusCode::UNAUTHORIZED, ..Self::new("invalid_client", description) }
    }

    /// Somebody we need does not answer: 503, and nothing has been lost.
    pub(crate) fn later(description: impl Into<String>, retry_after: u64) -> Self {
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            retry_after: Some(retry_after),
            ..Self::new("temporarily_unavailable", description)
        }
    }

    /// Too many requests.
    pub(crate) fn too_many(retry_after: u64) -> Self {
        Self {
            status: StatusCode::TOO_MANY_REQUESTS,
            ..Self::later("too many requests; wait as long as Retry-After says", retry_after)
        }
    }
}

/// How long to wait for a store that fails, in seconds.
pub(crate) const STORE_RETRY: u64 = 5;

impl From<StoreError> for OAuthError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store failed");
        Self::later("the server cannot keep anything now; try again", STORE_RETRY)
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let mut headers = HeaderMap::new();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status == StatusCode::UNAUTHORIZED {
            // RFC 6749, 5.2: the scheme the client has used, or could have used. RFC 6750, 3: a token is a bearer's.
            let scheme = match self.code {
                "invalid_token" => "Bearer error=\"invalid_token\"",
                _ => "Basic realm=\"oauth\"",
            };
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(scheme));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        let body = json!({ "error": self.code, "error_description": self.description });
        (self.status, headers, axum::Json(body)).into_response()
    }
}
