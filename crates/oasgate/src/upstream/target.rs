//! Where a request goes: what a URI may be to be sent at all, and how much of it messages have.

use http::Uri;

use super::Fault;

#[cfg(test)]
mod tests;

/// Refuses a URI that is not absolute, and a path that is not read alike by all: dot segments (also `%2E`), which
/// clients and servers take away, `\`, which some take for `/` (WHATWG URL, 4.4), and what no path has (RFC 3986, 3.3).
/// What leaves is sent byte by byte.
pub(super) fn check(uri: &Uri) -> Result<(), Fault> {
    let is_http = matches!(uri.scheme_str(), Some("http" | "https"));
    let path = uri.path();
    let is_sound = path.bytes().all(|byte| !matches!(byte, b'"' | b'\\' | b'{' | b'}' | 0x7f..));
    if is_http && uri.host().is_some() && is_sound && !path.split('/').any(is_dots) {
        return Ok(());
    }
    Err(Fault::Unsendable)
}

/// Scheme, host and port: the origin's name, and all of a URI that messages have, since path and query may hold what is
/// nobody's business.
pub(super) fn name(uri: &Uri) -> String {
    let (scheme, host) = (uri.scheme_str().unwrap_or_default(), uri.host().unwrap_or_default());
    match uri.port() {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    }
}

/// Whether a segment is `.` or `..`, plain or encoded.
fn is_dots(segment: &str) -> bool {
    let mut dots = 0;
    let mut rest = segment.as_bytes();
    while !rest.is_empty() {
        rest = match rest {
            [b'.', rest @ ..] | [b'%', b'2', b'e' | b'E', rest @ ..] => rest,
            _ => return false,
        };
        dots += 1;
    }
    matches!(dots, 1 | 2)
}
