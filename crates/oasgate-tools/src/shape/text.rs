//! Bytes as text, by charset.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// Decodes text. A byte order mark says the encoding, else the charset, else it is UTF-8, or what the Web reads where
/// nothing is said and it is not (WHATWG Encoding, 4.2 and 6.1). Malformed sequences become U+FFFD.
pub(super) fn decode(bytes: &[u8], charset: Option<&str>) -> String {
    let (encoding, mark) = Encoding::for_bom(bytes).unwrap_or_else(|| {
        let told = charset.and_then(|charset| Encoding::for_label(charset.as_bytes()));
        let valid = std::str::from_utf8(bytes).is_ok();
        (told.unwrap_or(if valid { UTF_8 } else { WINDOWS_1252 }), 0)
    });
    let (text, _) = encoding.decode_without_bom_handling(bytes.get(mark..).unwrap_or(bytes));
    text.into_owned()
}

/// Whether the bytes are UTF-8 without control characters that no text has.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    let control =
        |byte: &u8| *byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b) || *byte == 0x7f;
    std::str::from_utf8(bytes).is_ok() && !bytes.iter().any(control)
}
