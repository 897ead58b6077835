//! The headers that repeat parts of a modern request (2026-07-28, basic/transports/streamable-http.mdx, "Request
//! Metadata"). They must agree with the body: whoever routes by the one must not be fooled by the other.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::fault::Fault;

/// "Protocol Version Header".
pub(crate) const VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
const METHOD: HeaderName = HeaderName::from_static("mcp-method");
const NAME: HeaderName = HeaderName::from_static("mcp-name");

/// What the body says.
pub(crate) struct Mirrored<'a> {
    pub(crate) version: &'a str,
    pub(crate) method: &'a str,
    /// `params.name`, `params.uri` or `params.taskId`, if the body has one.
    pub(crate) name: Option<&'a str>,
}

/// Compares headers and body.
///
/// # Errors
/// -32020 when a required header is missing, given with different values, unreadable, or differs from the body.
pub(crate) fn check(headers: &HeaderMap, body: &Mirrored<'_>) -> Result<(), Fault> {
    equal(headers, &VERSION, body.version, plain)?;
    equal(headers, &METHOD, body.method, plain)?;
    match (body.method, body.name) {
        (
            "tools/call" | "prompts/get" | "resources/read" | "tasks/get" | "tasks/update" | "tasks/cancel",
            Some(name),
        ) => equal(headers, &NAME, name, decoded),
        _ => Ok(()),
    }
}

fn equal(
    headers: &HeaderMap,
    header: &HeaderName,
    expected: &str,
    read: fn(&HeaderValue) -> Option<Cow<'_, str>>,
) -> Result<(), Fault> {
    let mut values = headers.get_all(header).iter().peekable();
    if values.peek().is_none() {
        return Err(Fault::HeaderMismatch(format!("Header mismatch: the header {header} is missing")));
    }
    if values.all(|value| read(value).as_deref() == Some(expected)) {
        return Ok(());
    }
    Err(Fault::HeaderMismatch(format!("Header mismatch: {header} is not what the body says")))
}

/// Values are case-sensitive ("Case Sensitivity") and of visible ASCII, space and tab ("Value Encoding").
fn plain(value: &HeaderValue) -> Option<Cow<'_, str>> {
    value.to_str().ok().map(Cow::Borrowed)
}

/// A value that may be wrapped in `=?base64?…?=` ("Value Encoding").
pub(crate) fn decoded(value: &HeaderValue) -> Option<Cow<'_, str>> {
    let text = value.to_str().ok()?;
    let Some(wrapped) = text.strip_prefix("=?base64?").and_then(|rest| rest.strip_suffix("?=")) else {
        return Some(Cow::Borrowed(text));
    };
    let bytes = STANDARD.decode(wrapped).ok()?;
    String::from_utf8(bytes).ok().map(Cow::Owned)
}
