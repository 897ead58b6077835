//! A request as text, for people: `METHOD URL`, the header, an empty line, the body.
//!
//! Knows nothing of credentials: whoever shows a request has covered them.

use std::fmt::Write as _;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderName, Request};
use serde_json::Value;

/// The whole request; lines end with `\n`.
#[must_use]
pub fn written(request: &Request<Bytes>) -> String {
    // Writing to a string cannot fail.
    let mut text = format!("{} {}\n", request.method(), request.uri());
    for (name, value) in request.headers() {
        let _ = writeln!(text, "{}: {}", title_case(name), String::from_utf8_lossy(value.as_bytes()));
    }
    if !request.body().is_empty() {
        let _ = writeln!(text, "\n{}", body(request));
    }
    text
}

/// JSON in lines, other text as it is, bytes counted.
fn body(request: &Request<Bytes>) -> String {
    let body = request.body();
    let media_type =
        request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_json = media_type.split(';').next().is_some_and(|essence| essence.trim_end().ends_with("json"));
    if is_json && let Ok(value) = serde_json::from_slice::<Value>(body) {
        format!("{value:#}")
    } else if let Ok(text) = std::str::from_utf8(body) {
        text.trim_end_matches(['\r', '\n']).to_owned()
    } else {
        format!("({} bytes of {media_type})", body.len())
    }
}

/// Field names as people write them; on the wire case does not count (RFC 9110, 5.1).
fn title_case(name: &HeaderName) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters
            .next()
            .map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
            .unwrap_or_default()
    };
    name.as_str().split('-').map(word).collect::<Vec<_>>().join("-")
}
