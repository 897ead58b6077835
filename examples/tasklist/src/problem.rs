//! Errors as `application/problem+json` (RFC 9457).
//!
//! Owns the form of every refusal. Refuses to know why a request is refused: callers say that.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

/// One refusal. Its `type` is `about:blank`, so its title is the phrase of the status (RFC 9457 §4.2.1).
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    detail: String,
    faults: Vec<Fault>,
    header: Option<(header::HeaderName, &'static str)>,
}

/// One thing to mend in the request: in its body (`pointer`) or in its query (`parameter`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Fault {
    pub(crate) detail: String,
    #[serde(flatten)]
    pub(crate) place: Place,
}

/// Where a [`Fault`] is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Place {
    /// A query parameter, by name.
    Parameter(String),
    /// A place in the JSON body, as a JSON Pointer (RFC 6901).
    Pointer(String),
}

impl Problem {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), faults: Vec::new(), header: None }
    }

    /// 401 with the challenge of RFC 6750 §3; `invalid_token` only where a token was sent (§3.1).
    pub(crate) fn unauthorized(detail: &str, token_sent: bool) -> Self {
        let challenge = if token_sent {
            r#"Bearer realm="tasklist", error="invalid_token""#
        } else {
            r#"Bearer realm="tasklist""#
        };
        Self {
            header: Some((header::WWW_AUTHENTICATE, challenge)),
            ..Self::new(StatusCode::UNAUTHORIZED, detail)
        }
    }

    pub(crate) fn not_found(what: &str, id: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("There is no {what} {id}."))
    }

    /// 415, naming the media type that would do.
    pub(crate) fn unsupported_media_type(expected: &'static str) -> Self {
        Self {
            header: Some((header::ACCEPT, expected)),
            ..Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, format!("Send the body as {expected}."))
        }
    }

    /// 422 with every fault found, so that one answer is enough to mend the request.
    pub(crate) fn unprocessable(faults: Vec<Fault>) -> Self {
        let detail = match faults.as_slice() {
            [only] => only.detail.clone(),
            several => format!("{} things in the request must be mended.", several.len()),
        };
        Self { faults, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail) }
    }

    /// 500. The cause is logged, not sent: it is of no use to the caller.
    pub(crate) fn internal(cause: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(cause, "a request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "The task list failed; its log says why.")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Document {
            r#type: &'static str,
            title: &'static str,
            status: u16,
            detail: String,
            #[serde(skip_serializing_if = "Vec::is_empty")]
            errors: Vec<Fault>,
        }
        let document = Document {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: self.detail,
            errors: self.faults,
        };
        let mut response = (self.status, Json(document)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some((name, value)) = self.header {
            headers.insert(name, HeaderValue::from_static(value));
        }
        response
    }
}
