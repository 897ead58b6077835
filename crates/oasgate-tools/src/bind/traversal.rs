//! Dot segments in disguise.
//!
//! Owns one question: could a server, or a proxy before it, come to read `.` or `..` as a path segment of this text
//! (RFC 3986, 3.3), if it percent-decodes it any number of times, takes `\` for `/`, cuts off `;parameters`, or drops
//! control characters and spaces? Names like `v1..v2` and `...` are none.

/// Whether some reading of the text has a dot segment.
pub(super) fn has_dot_segment(text: &str) -> bool {
    let decoded = decode_fully(text);
    decoded.split(|byte| matches!(byte, b'/' | b'\\' | b'?' | b'#')).any(is_dots)
}

/// Whether a segment without its parameters, control characters and spaces is `.` or `..`.
fn is_dots(segment: &[u8]) -> bool {
    let mut bytes =
        segment.iter().take_while(|byte| **byte != b';').filter(|byte| **byte > b' ' && **byte != 0x7f);
    matches!((bytes.next(), bytes.next(), bytes.next()), (Some(b'.'), None | Some(b'.'), None))
}

/// Percent-decodes until no triplet is left, in one pass: a decoded byte may complete a triplet with those before it.
fn decode_fully(text: &str) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::with_capacity(text.len());
    for byte in text.bytes() {
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
