//! Bodies by media type: the bytes of a request as JSON, or a refusal.
//!
//! Owns 400, 413 and 415. Refuses to know what the JSON says.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, StatusCode, header},
};
use serde_json::Value;

use crate::problem::Problem;

/// A body of `application/json`.
#[derive(Debug)]
pub(crate) struct JsonBody(pub(crate) Value);

/// A body of `application/merge-patch+json` (RFC 7396). Plain JSON is refused: it would not say that an absent
/// member is to be kept.
#[derive(Debug)]
pub(crate) struct PatchBody(pub(crate) Value);

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        read(request, state, "application/json").await.map(Self)
    }
}

impl<S: Send + Sync> FromRequest<S> for PatchBody {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        read(request, state, "application/merge-patch+json").await.map(Self)
    }
}

async fn read<S: Send + Sync>(request: Request, state: &S, expected: &'static str) -> Result<Value, Problem> {
    if !is(request.headers(), expected) {
        return Err(Problem::unsupported_media_type(expected));
    }
    let bytes = Bytes::from_request(request, state)
        .await
        .map_err(|refusal| Problem::new(refusal.status(), "The body is too long or broke off."))?;
    serde_json::from_slice(&bytes)
        .map_err(|error| Problem::new(StatusCode::BAD_REQUEST, format!("The body is not JSON: {error}.")))
}

/// Whether the body is of this media type, whatever its parameters (RFC 9110 §8.3.1).
fn is(headers: &HeaderMap, expected: &str) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|media_type| media_type.trim().eq_ignore_ascii_case(expected))
}
