//! Taking a `multipart/*` body apart (RFC 2046, 5.1).

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use memchr::memmem;

/// More parts than these are not looked for.
const MAX_PARTS: usize = 256;

/// The parts, each with its header; `None` if the body does not keep to its boundary.
pub(super) fn parts(body: &Bytes, boundary: &str) -> Option<Vec<(HeaderMap, Bytes)>> {
    let delimiter = format!("--{boundary}");
    let mut parts = Vec::new();
    let mut from = delimiter_end(body, find(body, delimiter.as_bytes(), 0)?, &delimiter);
    while parts.len() < MAX_PARTS {
        let rest = body.get(from..)?;
        if rest.starts_with(b"--") {
            break;
        }
        let start = from + line_break(rest)?;
        let end = find(body, format!("\r\n{delimiter}").as_bytes(), start.saturating_sub(2))
            .or_else(|| find(body, format!("\n{delimiter}").as_bytes(), start.saturating_sub(1)))?;
        parts.push(part(&body.slice(start.min(end)..end)));
        from = delimiter_end(body, find(body, delimiter.as_bytes(), end)?, &delimiter);
    }
    (!parts.is_empty()).then_some(parts)
}

fn delimiter_end(body: &Bytes, at: usize, delimiter: &str) -> usize {
    (at + delimiter.len()).min(body.len())
}

/// Where `needle` begins, at `from` or later.
fn find(body: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    memmem::find(body.get(from..)?, needle).map(|at| from + at)
}

/// The length of the padding and line break that end a delimiter line.
fn line_break(rest: &[u8]) -> Option<usize> {
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    rest.get(..end)?.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r')).then_some(end + 1)
}

/// Header and body of one part.
fn part(bytes: &Bytes) -> (HeaderMap, Bytes) {
    let mut headers = HeaderMap::new();
    let mut at = 0;
    while let Some(rest) = bytes.get(at..) {
        let Some(end) = rest.iter().position(|byte| *byte == b'\n') else { break };
        let line = rest.get(..end).unwrap_or(rest).trim_ascii();
        at += end + 1;
        if line.is_empty() {
            return (headers, bytes.slice(at..));
        }
        let mut halves = line.splitn(2, |byte| *byte == b':');
        let name = halves.next().and_then(|name| HeaderName::from_bytes(name.trim_ascii()).ok());
        let value = halves.next().and_then(|value| HeaderValue::from_bytes(value.trim_ascii()).ok());
        if let (Some(name), Some(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    (headers, Bytes::new())
}
