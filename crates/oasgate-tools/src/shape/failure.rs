//! What an upstream error looks like: the status, the body as it came, and one line on what to do.
//!
//! Owns that advice; it is for a model, so it says what another call would need to differ in.

use bytes::Bytes;
use http::header::RETRY_AFTER;
use http::{HeaderMap, StatusCode};

use super::content::{Shaped, verbatim};
use super::{Limits, status_line};
use crate::outcome::{Outcome, Part};

/// Shapes a 4xx or 5xx answer.
pub(super) fn shape(status: StatusCode, headers: &HeaderMap, body: Bytes, limits: &Limits) -> Outcome {
    let mut text = format!("HTTP {}", status_line(status));
    let mut parts = Vec::new();
    let verbatim = verbatim(headers, &body, limits.max_characters);
    let shaped = Shaped::of(headers, body, limits.max_characters);
    match verbatim {
        Some(verbatim) => push_line(&mut text, &verbatim),
        None => parts.extend(shaped.parts),
    }
    if let Some(advice) = advice(status, headers) {
        push_line(&mut text, &advice);
    }
    parts.insert(0, Part::Text(text));
    Outcome { parts, structured: shaped.structured, is_error: true }
}

fn push_line(text: &mut String, line: &str) {
    if !line.is_empty() {
        text.push('\n');
        text.push_str(line);
    }
}

/// What to do about it.
fn advice(status: StatusCode, headers: &HeaderMap) -> Option<String> {
    let wait = retry_after(headers);
    let text = match status {
        StatusCode::UNAUTHORIZED => {
            "The API did not accept the credential of this call. Other arguments will not help: the user must sign in \
             again, or the operator must configure a valid credential."
        }
        StatusCode::FORBIDDEN => {
            "The API accepted the credential but does not allow it this operation or resource. Ask the user for \
             another resource or for the permission."
        }
        StatusCode::NOT_FOUND => {
            "Nothing was found under these arguments. Check the identifiers, for example with a tool that lists or \
             searches them."
        }
        StatusCode::CONFLICT => {
            "The call conflicts with the present state of the resource. Read it again and adapt the call before \
             repeating it."
        }
        StatusCode::UNPROCESSABLE_ENTITY => {
            "The API understood the call but did not accept its values. Correct those that the answer names and call \
             again."
        }
        StatusCode::TOO_MANY_REQUESTS => match &wait {
            Some(wait) => return Some(format!("Too many requests. Call again after {wait}, not before.")),
            None => "Too many requests. Wait before calling again, and make fewer calls.",
        },
        StatusCode::SERVICE_UNAVAILABLE => {
            return wait.map(|wait| format!("The API is not available now. Call again after {wait}."));
        }
        _ => return None,
    };
    Some(text.to_owned())
}

/// `Retry-After` in words: seconds or a date (RFC 9110, 10.2.3); anything else is not repeated.
fn retry_after(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if value.is_empty() || value.len() > 40 {
        return None;
    }
    let number = value.bytes().all(|byte| byte.is_ascii_digit());
    let date =
        value.ends_with(" GMT") && value.bytes().all(|b| b.is_ascii_alphanumeric() || b" ,:-".contains(&b));
    match (number, date) {
        (true, _) => Some(format!("{value} seconds")),
        (_, true) => Some(value.to_owned()),
        _ => None,
    }
}
