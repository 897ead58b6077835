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

/// A valid document without white space between its tokens. Copies the runs between them, not bytes one by one.
fn strip(text: &str) -> Document {
    let mut out = String::with_capacity(text.len());
    let slice = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let (mut depth, mut deepest, mut inside, mut run) = (0_usize, 0_usize, false, 0);
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => inside = !inside,
            b'\\' => match escape(text.get(at..).unwrap_or_default()) {
                Escape::Sound(length) => drop(bytes.nth(length - 2)),
                Escape::HalfPair => {
                    out.push_str(slice(run, at));
                    // Parsers refuse the whole message that such a string is in (RFC 8259, 8.2).
                    out.push_str("\\ufffd");
                    run = at + 6;
                    bytes.nth(4);
                }
            },
            _ if inside => {}
            b' ' | b'\t' | b'\n' | b'\r' => {
                out.push_str(slice(run, at));
                run = at + 1;
            }
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    out.push_str(slice(run, text.len()));
    Document { text: out, fit: deepest <= MAX_DEPTH }
}

/// The escape at the start of a text.
enum Escape {
    /// One, or a pair of surrogates, of this many bytes.
    Sound(usize),
    /// One half of a surrogate pair without the other.
    HalfPair,
}

fn escape(text: &str) -> Escape {
    let unit = |text: &str| {
        let digits = text.strip_prefix("\\u")?.get(..4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    match (unit(text), text.get(6..).and_then(unit)) {
        (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => Escape::Sound(12),
        (Some(0xd800..=0xdfff), _) => Escape::HalfPair,
        _ => Escape::Sound(2),
    }
}
