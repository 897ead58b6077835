//! Dot segments in disguise.
//!
//! Owns one question: could a server, or a proxy before it, come to read `.` or `..` as a path segment of this text
//! (RFC 3986, 3.3), if it percent-decodes it any number of times, takes `\` for `/`, cuts off `;parameters`, or drops
//! control characters and spaces? Names like `v1..v2` and `...` are none. A slash that stands in a value as it is
//! separates nothing: it is sent as `%2F`, inside its segment.

/// Whether some reading of the text has a dot segment.
pub(super) fn has_dot_segment(text: &str) -> bool {
    let decoded = decode_fully(text.bytes());
    decoded.split(|byte| matches!(byte, b'/' | b'\\' | b'?' | b'#')).any(is_dots)
}

/// The same for a value that becomes one segment: its own slashes are sent encoded.
pub(super) fn has_hidden_dot_segment(value: &str) -> bool {
    // No byte of UTF-8 is 0xFF, so it stands for a slash without being taken for anything else.
    let inert = value.bytes().map(|byte| if byte == b'/' { 0xFF } else { byte });
    decode_fully(inert).split(|byte| matches!(byte, b'/' | b'\\' | b'?' | b'#')).any(is_dots)
}

/// Whether a finished segment is, as a whole, a dot segment in some reading.
pub(super) fn is_dot_segment(segment: &str) -> bool {
    is_dots(&decode_fully(segment.bytes()))
}

/// Whether a segment without its parameters, control characters and spaces is `.` or `..`.
fn is_dots(segment: &[u8]) -> bool {
    let mut bytes =
        segment.iter().take_while(|byte| **byte != b';').filter(|byte| **byte > b' ' && **byte != 0x7f);
    matches!((bytes.next(), bytes.next(), bytes.next()), (Some(b'.'), None | Some(b'.'), None))
}

/// Percent-decodes until no triplet is left, in one pass: a decoded byte may complete a triplet with those before it.
fn decode_fully(bytes: impl Iterator<Item = u8>) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::new();
    for byte in bytes {
        out.push(byte);
        while let [.., b'%', high, low] = out.as_slice()
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            out.truncate(out.len() - 3);
            out.push(high << 4 | low);
        }
    }
    out
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
