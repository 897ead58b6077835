//! An upstream's answer in, an [`Outcome`] out.
//!
//! Owns what becomes of each status: success shows the body, failure shows status, body and what to do, and nothing
//! of the header is passed on but a redirect's `Location` and a wait of `Retry-After`. Bodies are never checked
//! against schemas, so an answer that its description does not foresee is not lost. Shaping never fails: what is not
//! as its media type says is shown as it is.

mod content;
mod cut;
mod failure;
mod json;
mod multipart;
mod stream;
mod text;

#[cfg(test)]
mod tests;

use bytes::Bytes;
use http::header::LOCATION;
use http::{HeaderMap, Response, StatusCode};
use oasgate_spec::Status;

use self::content::Shaped;
use crate::outcome::{Outcome, Part};
use crate::plan::Plan;

/// How much of an answer is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most characters of text, and of JSON, that one answer may have. What is beyond is cut at the borders of
    /// JSON elements, with a note of what was cut; bytes of images and files are not counted.
    pub max_characters: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_characters: 100_000 }
    }
}

/// Shapes one answer.
#[must_use]
pub fn shape(plan: &Plan, answer: Response<Bytes>, limits: &Limits) -> Outcome {
    let (head, body) = answer.into_parts();
    let status = head.status;
    if status.is_client_error() || status.is_server_error() {
        return failure::shape(status, &head.headers, body, limits);
    }
    let mut shaped = Shaped::of(&head.headers, body, limits.max_characters);
    if status.is_redirection() {
        let text = redirect(status, &head.headers);
        shaped.parts.insert(0, Part::Text(text));
    } else if shaped.parts.is_empty() {
        shaped.parts.push(Part::Text(status_line(status)));
    }
    let is_error = status.is_redirection() && !described(plan, status);
    Outcome { parts: shaped.parts, structured: shaped.structured, is_error }
}

/// `204 No Content`.
fn status_line(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(reason) => format!("{} {reason}", status.as_u16()),
        None => status.as_u16().to_string(),
    }
}

/// A redirect is not followed here; where it leads may be the whole answer (a download link).
fn redirect(status: StatusCode, headers: &HeaderMap) -> String {
    let line = status_line(status);
    match headers.get(LOCATION).and_then(|location| location.to_str().ok()) {
        Some(location) => format!("HTTP {line}\nLocation: {location}"),
        None => format!("HTTP {line}"),
    }
}

/// Whether the description foresees this status.
fn described(plan: &Plan, status: StatusCode) -> bool {
    let code = status.as_u16();
    plan.responses.iter().any(|(described, _)| match described {
        Status::Code(own) => *own == code,
        Status::Class(class) => u16::from(*class) == code / 100,
        Status::Default => false,
    })
}
