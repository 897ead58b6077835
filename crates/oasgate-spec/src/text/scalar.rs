//! Plain scalars by the YAML 1.2 core schema (YAML 1.2.2, 10.3), except that what cannot be told back exactly stays
//! text: `0108` is a postal code, not a number, and JSON has no infinity.

use serde_json::{Number, Value};

/// The value of a plain (unquoted, untagged) scalar.
pub(super) fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => number(text).map_or_else(|| Value::String(text.to_owned()), Value::Number),
    }
}

/// The number that a plain scalar denotes, if it denotes one.
fn number(text: &str) -> Option<Number> {
    if let Some(digits) = text.strip_prefix("0x") {
        return u128::from_str_radix(digits, 16)
            .ok()
            .filter(|_| unsigned(digits))
            .and_then(Number::from_u128);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return u128::from_str_radix(digits, 8).ok().filter(|_| unsigned(digits)).and_then(Number::from_u128);
    }
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    if !rest.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (rest, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    if whole.is_empty() && fraction.is_none_or(str::is_empty) {
        return None;
    }
    let whole = if whole.is_empty() { "0" } else { whole };
    let fraction =
        fraction.filter(|digits| !digits.is_empty()).map(|digits| format!(".{digits}")).unwrap_or_default();
    let exponent = exponent.map(|digits| format!("e{digits}")).unwrap_or_default();
    // What is not a JSON number by now (leading zeros, underscores, two dots) is text.
    format!("{sign}{whole}{fraction}{exponent}").parse().ok()
}

/// Whether these digits carry no sign, which `from_str_radix` would accept.
fn unsigned(digits: &str) -> bool {
    !digits.starts_with(['+', '-'])
}
