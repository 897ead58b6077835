//! Parameters of OAuth requests, as RFC 6749, 3.1 and 3.2 have them: each at most once, and one without a value is as if
//! it were not there.

use std::time::Duration;

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use tokio::time::timeout;
use url::form_urlencoded;

use super::error::OAuthError;

#[cfg(test)]
mod tests;

/// The bytes of a request's body: several times what the longest honest request has.
const BODY_LIMIT: usize = 64 << 10;

/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// The parameters of one request, from a query or from a body.
#[derive(Clone)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a query.
    pub(crate) fn query(query: Option<&str>) -> Self {
        Self(form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect())
    }

    /// Reads a body, which must say that it is a form (RFC 6749, 3.2: and nothing else is).
    ///
    /// # Errors
    /// 400 or 413.
    pub(crate) async fn body(headers: &HeaderMap, body: Body) -> Result<Self, OAuthError> {
        let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (media_type, _) = media_type.split_once(';').unwrap_or((media_type, ""));
        if !media_type.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(OAuthError::invalid_request("send application/x-www-form-urlencoded"));
        }
        let bytes = read(body, BODY_LIMIT).await?;
        Ok(Self(form_urlencoded::parse(&bytes).into_owned().collect()))
    }

    /// A parameter.
    ///
    /// # Errors
    /// It is there twice (RFC 6749, 3.1).
    pub(crate) fn get(&self, name: &str) -> Result<Option<&str>, OAuthError> {
        let mut values = self.all(name);
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(OAuthError::invalid_request(format!("`{name}` is sent more than once"))),
            (value, None) => Ok(value),
        }
    }

    /// A parameter that must be there.
    ///
    /// # Errors
    /// It is not, or is there twice.
    pub(crate) fn need(&self, name: &str) -> Result<&str, OAuthError> {
        self.get(name)?.ok_or_else(|| OAuthError::invalid_request(format!("`{name}` is missing")))
    }

    /// A parameter that may be repeated: `resource` (RFC 8707, 2).
    pub(crate) fn all<'f>(&'f self, name: &str) -> impl Iterator<Item = &'f str> {
        let name = name.to_owned();
        self.0.iter().filter(move |(key, value)| *key == name && !value.is_empty()).map(|(_, v)| v.as_str())
    }
}

/// Reads a body of at most so many bytes.
///
/// # Errors
/// 413 if it is longer or ends early, 408 if it takes too long.
pub(crate) async fn read(body: Body, limit: usize) -> Result<Bytes, OAuthError> {
    let refused = |status, why: &str| OAuthError { status, ..OAuthError::invalid_request(why) };
    match timeout(PATIENCE, axum::body::to_bytes(body, limit)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => Err(refused(
            StatusCode::PAYLOAD_TOO_LARGE,
            "the body is longer than this server takes, or ended early",
        )),
        Err(_) => Err(refused(StatusCode::REQUEST_TIMEOUT, "the body took too long to arrive")),
    }
}
