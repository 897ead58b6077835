//! Plain scalars by the YAML 1.2 core schema (YAML 1.2.2, 10.3), except that what cannot be told back exactly stays
//! text: `0108` is a postal code, not a number, and JSON has no infinity.

use std::borrow::Cow;

use super::json;

/// What a plain (unquoted, untagged) scalar is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Plain<'t> {
    Null,
    Bool(bool),
    /// By JSON's grammar.
    Number(Cow<'t, str>),
    Text,
}

/// Tells what a plain scalar is.
pub(super) fn plain(text: &str) -> Plain<'_> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Plain::Null,
        "true" | "True" | "TRUE" => Plain::Bool(true),
        "false" | "False" | "FALSE" => Plain::Bool(false),
        _ => number(text).map_or(Plain::Text, Plain::Number),
    }
}

/// The number that a plain scalar denotes, if it denotes one.
fn number(text: &str) -> Option<Cow<'_, str>> {
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')) {
        return None;
    }
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            let signed = digits.starts_with(['+', '-']);
            return u128::from_str_radix(digits, radix)
                .ok()
                .filter(|_| !signed)
                .map(|n| n.to_string().into());
        }
    }
    if json::is_number(text) {
        return Some(text.into());
    }
    // `+1`, `.5` and `1.` are numbers of YAML, not of JSON. What is neither (leading zeros, underscores, two dots) is text.
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(unsigned) => ("-", unsigned),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => unsigned.split_at(at),
        None => (unsigned, ""),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let whole = if whole.is_empty() { "0" } else { whole };
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!("{sign}{whole}{point}{fraction}{exponent}"))
        .filter(|text| json::is_number(text))
        .map(Cow::Owned)
}
