//! JSON without its white space.
//!
//! Owns validity and compaction, in one pass each and without building values: numbers keep their digits, keys their
//! order and duplicates, and megabytes cost milliseconds.

use bytes::Bytes;
use serde_json::value::RawValue;

/// How deep a document may nest to be passed on as JSON: below the 128 levels at which common parsers stop, with
/// room for the protocol message around it.
const MAX_DEPTH: usize = 100;

/// A JSON document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Document {
    /// Its text, compact.
    pub(super) text: String,
    /// Whether parsers of limited depth can read it inside a message.
    pub(super) fit: bool,
}

/// Compacts a document; `None` if it is not valid JSON.
pub(super) fn compact(body: &Bytes) -> Option<Document> {
    let text = std::str::from_utf8(body).ok()?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    valid(text).then(|| strip(text))
}

/// Compacts many documents into one array.
pub(super) fn array<'t>(documents: impl IntoIterator<Item = &'t str>) -> Option<Document> {
    let mut out = Document { text: "[".to_owned(), fit: true };
    for document in documents {
        if !valid(document) {
            return None;
        }
        let item = strip(document);
        if out.text.len() > 1 {
            out.text.push(',');
        }
        out.text.push_str(&item.text);
        out.fit &= item.fit;
    }
    out.text.push(']');
    Some(out)
}

/// Whether the text is one JSON value (RFC 8259, 2).
pub(super) fn valid(text: &str) -> bool {
    serde_json::from_str::<&RawValue>(text).is_ok()
}

/// A valid document without white space between its tokens.
fn strip(text: &str) -> Document {
    let mut out = String::with_capacity(text.len());
    let (mut depth, mut deepest) = (0_usize, 0_usize);
    let mut rest = text;
    while !rest.is_empty() {
        let (between, string) = rest.split_at(rest.find('"').unwrap_or(rest.len()));
        for character in between.chars().filter(|c| !matches!(c, ' ' | '\t' | '\n' | '\r')) {
            match character {
                '{' | '[' => depth += 1,
                '}' | ']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            deepest = deepest.max(depth);
            out.push(character);
        }
        rest = push_string(&mut out, string);
    }
    Document { text: out, fit: deepest <= MAX_DEPTH }
}

/// Copies the string at the start of this text, if there is one, and returns what stands behind it.
fn push_string<'t>(out: &mut String, text: &'t str) -> &'t str {
    let Some(mut rest) = text.strip_prefix('"') else { return text };
    out.push('"');
    loop {
        let (plain, special) = rest.split_at(rest.find(['"', '\\']).unwrap_or(rest.len()));
        out.push_str(plain);
        if let Some(behind) = special.strip_prefix('"') {
            out.push('"');
            return behind;
        }
        if special.is_empty() {
            return special;
        }
        rest = push_escape(out, special);
    }
}

/// Copies one escape. Half of a surrogate pair is U+FFFD: parsers refuse the whole message it is in (RFC 8259, 8.2).
fn push_escape<'t>(out: &mut String, text: &'t str) -> &'t str {
    let unit = |text: &str| {
        let digits = text.strip_prefix("\\u")?.get(..4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    let (length, sound) = match (unit(text), text.get(6..).and_then(unit)) {
        (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => (12, true),
        (Some(0xd800..=0xdfff), _) => (6, false),
        (Some(_), _) => (6, true),
        (None, _) => (2, true),
    };
    let (escape, rest) = text.split_at_checked(length).unwrap_or((text, ""));
    out.push_str(if sound { escape } else { "\\ufffd" });
    rest
}
