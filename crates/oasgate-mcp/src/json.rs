//! Appending JSON to a buffer, and reading the scalars of JSON that was left unparsed. Knows no field names.

use std::borrow::Cow;
use std::io::Write as _;

use base64::display::Base64Display;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize as _, Deserializer, Serialize};
use serde_json::value::RawValue;

/// Appends `value`. For types whose serialisation cannot fail (derived structs of strings, numbers and lists):
/// writing to a `Vec` doesn't fail either, so there is no error to pass on.
pub(crate) fn push(out: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
    let _ = serde_json::to_writer(out, value);
}

/// `value` as text, for the same types as [`push`].
pub(crate) fn text(value: &(impl Serialize + ?Sized)) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// Appends `data` in base64, as a JSON string.
pub(crate) fn push_base64(out: &mut Vec<u8>, data: &[u8]) {
    out.push(b'"');
    out.reserve(data.len().div_ceil(3) * 4 + 1);
    let _ = write!(out, "{}", Base64Display::new(data, &STANDARD));
    out.push(b'"');
}

/// The string a raw value is, if it is one; borrowed unless it holds escapes.
pub(crate) fn string(raw: &RawValue) -> Option<Cow<'_, str>> {
    let inner = raw.get().strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') {
        return serde_json::from_str::<String>(raw.get()).ok().map(Cow::Owned);
    }
    Some(Cow::Borrowed(inner))
}

/// Whether a raw value is a JSON object.
pub(crate) fn is_object(raw: &RawValue) -> bool {
    raw.get().starts_with('{')
}

/// Replaces the line breaks between tokens by spaces: inside strings JSON has only escaped ones (RFC 8259 §7).
pub(crate) fn on_one_line(bytes: &mut [u8]) {
    for byte in bytes.iter_mut().filter(|byte| matches!(byte, b'\n' | b'\r')) {
        *byte = b' ';
    }
}

/// Keeps a `null` that is there apart from a member that isn't.
pub(crate) fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}
