//! A request and an outcome, for a terminal or a pipe.

use std::io::{self, IsTerminal as _, Write};

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderName, Request};
use oasgate_tools::{Outcome, Part};
use serde_json::Value;

use crate::exit::Failure;

/// `METHOD URL`, the header, an empty line, the body.
pub(super) fn request(request: &Request<Bytes>, out: &mut impl Write) -> Result<(), Failure> {
    writeln!(out, "{} {}", request.method(), request.uri())?;
    for (name, value) in request.headers() {
        writeln!(out, "{}: {}", title_case(name), String::from_utf8_lossy(value.as_bytes()))?;
    }
    if !request.body().is_empty() {
        writeln!(out)?;
        body(request, out)?;
    }
    Ok(())
}

/// The parts of an outcome: text as it is; a single file as its bytes, unless that would go to a terminal.
pub(super) fn outcome(outcome: &Outcome, out: &mut impl Write) -> Result<(), Failure> {
    if let [Part::Image { data, .. } | Part::Audio { data, .. } | Part::File { data, .. }] =
        outcome.parts.as_slice()
        && !io::stdout().is_terminal()
    {
        out.write_all(data)?;
        return Ok(());
    }
    for part in &outcome.parts {
        match part {
            Part::Text(text) => writeln!(out, "{}", text.trim_end_matches('\n'))?,
            Part::Image { media_type, data } | Part::Audio { media_type, data } => {
                writeln!(out, "({} bytes of {media_type})", data.len())?;
            }
            Part::File { media_type, name, data } => {
                let name = name.as_deref().unwrap_or("a file");
                writeln!(out, "({name}: {} bytes of {media_type})", data.len())?;
            }
        }
    }
    Ok(())
}

/// JSON in lines, other text as it is, bytes counted.
fn body(request: &Request<Bytes>, out: &mut impl Write) -> Result<(), Failure> {
    let body = request.body();
    let media_type =
        request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_json = media_type.split(';').next().is_some_and(|essence| essence.trim_end().ends_with("json"));
    if is_json && let Ok(value) = serde_json::from_slice::<Value>(body) {
        writeln!(out, "{value:#}")?;
    } else if let Ok(text) = std::str::from_utf8(body) {
        writeln!(out, "{}", text.trim_end_matches(['\r', '\n']))?;
    } else {
        writeln!(out, "({} bytes of {media_type})", body.len())?;
    }
    Ok(())
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
