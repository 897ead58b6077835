//! Text to [`Tree`]: JSON and YAML as people really write them, within budgets.
//!
//! Owns encodings (UTF-8, UTF-16 by its mark), the choice between JSON and YAML, and the way back from a JSON pointer
//! to a line. Knows nothing of OpenAPI.

mod json;
mod lines;
mod scalar;
#[cfg(test)]
mod tests;
mod yaml;

pub(crate) use self::lines::Lines;

use crate::tree::{Builder, Parts, Replaced, Tree};
use crate::{Limits, Position};

/// Why a text could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TextError {
    /// Where reading stopped, if it got that far.
    pub(crate) position: Option<Position>,
    /// What is wrong.
    pub(crate) message: String,
}

/// How files begin that people give by mistake, and what they are.
const STRANGERS: [(&[u8], &str); 7] = [
    (b"\x1F\x8B", "this is compressed by gzip: decompress it first"),
    (b"PK\x03\x04", "this is a ZIP archive: unpack it first"),
    (b"%PDF", "this is a PDF: a description is JSON or YAML"),
    (b"<!", "this is a web page: give the JSON or YAML that it shows"),
    (b"<html", "this is a web page: give the JSON or YAML that it shows"),
    (b"<HTML", "this is a web page: give the JSON or YAML that it shows"),
    (b"<?xml", "this is XML: a description is JSON or YAML"),
];

/// Reads one JSON or YAML document. Keys stay in order, of duplicates the last counts, numbers stay exact.
pub(crate) fn parse(bytes: Vec<u8>, limits: &Limits) -> Result<Tree, TextError> {
    if bytes.len() > limits.bytes {
        let message = format!("the document has {} bytes, the limit is {}", bytes.len(), limits.bytes);
        return Err(TextError { position: None, message });
    }
    if let Some((_, what)) =
        STRANGERS.iter().find(|(beginning, _)| bytes.trim_ascii_start().starts_with(beginning))
    {
        let position = Some(Position { line: 1, column: 1 });
        return Err(TextError { position, message: (*what).to_owned() });
    }
    let (text, replaced) = decode(bytes);
    let mut not_json = None;
    if text.trim_start().starts_with(['{', '[', '/']) {
        match build(&text, limits, json::read) {
            Ok(parts) => return Ok(Tree::new(text, parts, replaced)),
            Err(error) => not_json = Some(error),
        }
    }
    let (text, forbidden) = printable(text);
    // It may be YAML in the style of JSON; what is neither is reported as the JSON it looks like.
    let parts = build(&text, limits, yaml::read).map_err(|error| not_json.unwrap_or(error))?;
    Ok(Tree::new(text, parts, replaced.or(forbidden)))
}

/// What a reader makes of a text, within limits.
fn build<'t>(
    text: &'t str,
    limits: &Limits,
    read: impl FnOnce(&'t str, &mut Builder<'t>) -> Result<(), TextError>,
) -> Result<Parts, TextError> {
    let mut builder = Builder::new(text, limits.nodes(text.len()), limits.depth);
    read(text, &mut builder)?;
    Ok(builder.finish())
}

/// Line and column of each JSON pointer, in the order asked: of the key for a member, of the value for an item.
pub(crate) fn locate(bytes: Vec<u8>, pointers: &[&str]) -> Vec<Option<Position>> {
    // The document has been within its limits once.
    let limits = Limits { bytes: usize::MAX, depth: usize::MAX, ..Limits::default() };
    let Ok(tree) = parse(bytes, &limits) else { return vec![None; pointers.len()] };
    // The whole begins somewhere even if there is nothing.
    let place =
        |pointer: &str| tree.root().map_or(pointer.is_empty().then_some(0), |root| root.place(pointer));
    let mut found: Vec<(usize, Option<usize>)> =
        pointers.iter().map(|pointer| place(pointer)).enumerate().collect();
    found.sort_unstable_by_key(|(_, offset)| *offset);
    let mut lines = Lines::new(tree.text());
    let mut positions = vec![None; pointers.len()];
    for (index, offset) in found {
        if let (Some(slot), Some(offset)) = (positions.get_mut(index), offset) {
            *slot = Some(lines.position(offset));
        }
    }
    positions
}

/// The text without byte order mark, and where the first character stands that could not be read.
fn decode(bytes: Vec<u8>) -> (String, Option<Replaced>) {
    match bytes.as_slice() {
        [0xFF, 0xFE, rest @ ..] => (utf16(rest, u16::from_le_bytes), None),
        [0xFE, 0xFF, rest @ ..] => (utf16(rest, u16::from_be_bytes), None),
        _ => {
            let (mut text, mut replaced) = match String::from_utf8(bytes) {
                Ok(text) => (text, None),
                Err(error) => {
                    let at = error.utf8_error().valid_up_to();
                    let what = "a byte that is not UTF-8".to_owned();
                    (String::from_utf8_lossy(error.as_bytes()).into_owned(), Some(Replaced { at, what }))
                }
            };
            if text.starts_with('\u{FEFF}') {
                let mark = '\u{FEFF}'.len_utf8();
                text.drain(..mark);
                if let Some(Replaced { at, .. }) = &mut replaced {
                    *at -= mark;
                }
            }
            (text, replaced)
        }
    }
}

/// The text with a space for each control character that YAML forbids (YAML 1.2.2, 5.1), so that columns stay; and
/// where the first stands.
fn printable(text: String) -> (String, Option<Replaced>) {
    match text.char_indices().find(|(_, c)| is_forbidden(*c)) {
        None => (text, None),
        Some((at, first)) => {
            let what = format!("U+{:04X}, which YAML forbids,", u32::from(first));
            let text = text.chars().map(|c| if is_forbidden(c) { ' ' } else { c }).collect();
            (text, Some(Replaced { at, what }))
        }
    }
}

fn is_forbidden(c: char) -> bool {
    c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}')
}

fn utf16(bytes: &[u8], unit: impl Fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).filter_map(|pair| pair.try_into().ok()).map(unit);
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}
