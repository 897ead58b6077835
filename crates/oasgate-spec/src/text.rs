//! Text to [`Value`]: JSON and YAML as people really write them, within budgets.
//!
//! Owns encodings (UTF-8, UTF-16 by its mark), the choice between JSON and YAML, and the way back from a JSON pointer
//! to a line. Knows nothing of OpenAPI.

mod locate;
mod scalar;
#[cfg(test)]
mod tests;
mod yaml;

use std::borrow::Cow;

use serde_json::Value;

use crate::{Limits, Position};

/// Why a text could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TextError {
    /// Where reading stopped, if it got that far.
    pub(crate) position: Option<Position>,
    /// What is wrong.
    pub(crate) message: String,
}

/// Reads one JSON or YAML document. Keys stay in order, of duplicates the last counts, numbers stay exact.
pub(crate) fn parse(bytes: &[u8], limits: &Limits) -> Result<Value, TextError> {
    if bytes.len() > limits.bytes {
        let message = format!("the document has {} bytes, the limit is {}", bytes.len(), limits.bytes);
        return Err(TextError { position: None, message });
    }
    if is_json(bytes) {
        let json = strip_mark(bytes);
        match serde_json::from_slice(json) {
            Ok(value) => return Ok(value),
            Err(error) => {
                // JSON with comments or trailing commas is YAML; anything else is reported as JSON.
                return yaml::parse(&decode(json), limits).map_err(|_| json_error(&error));
            }
        }
    }
    yaml::parse(&decode(bytes), limits)
}

/// Line and column of each JSON pointer, in the order asked: of the key for a member, of the value for an item.
pub(crate) fn locate(bytes: &[u8], pointers: &[&str]) -> Vec<Option<Position>> {
    let text = decode(bytes);
    let wanted = locate::Wanted::new(pointers);
    if is_json(bytes) && serde_json::from_slice::<serde::de::IgnoredAny>(strip_mark(bytes)).is_ok() {
        locate::json(&text, wanted)
    } else {
        locate::yaml(&text, wanted)
    }
}

/// Whether the first thing in it, after a byte order mark and white space, opens a JSON object or array.
fn is_json(bytes: &[u8]) -> bool {
    matches!(strip_mark(bytes).trim_ascii_start().first(), Some(b'{' | b'['))
}

fn strip_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)
}

/// The text without byte order mark and without the control characters that YAML forbids (YAML 1.2.2, 5.1), each
/// replaced by a space so that columns stay.
fn decode(bytes: &[u8]) -> Cow<'_, str> {
    let text = match bytes {
        [0xFF, 0xFE, rest @ ..] => Cow::Owned(utf16(rest, u16::from_le_bytes)),
        [0xFE, 0xFF, rest @ ..] => Cow::Owned(utf16(rest, u16::from_be_bytes)),
        _ => String::from_utf8_lossy(strip_mark(bytes)),
    };
    if text.contains(is_forbidden) {
        Cow::Owned(text.chars().map(|c| if is_forbidden(c) { ' ' } else { c }).collect())
    } else {
        text
    }
}

fn utf16(bytes: &[u8], unit: impl Fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).filter_map(|pair| pair.try_into().ok()).map(unit);
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

fn is_forbidden(c: char) -> bool {
    c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}')
}

fn json_error(error: &serde_json::Error) -> TextError {
    let position = Position { line: error.line().max(1), column: error.column().max(1) };
    let text = error.to_string();
    let message = text.split(" at line ").next().unwrap_or(&text).to_owned();
    TextError { position: Some(position), message: format!("not JSON: {message}") }
}
