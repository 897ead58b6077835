//! Header fields from header parameters.
//!
//! Owns which fields an argument may set, and what a field value may hold. Values are sent as they are: they are not
//! percent-encoded (OpenAPI 3.2, 4.12.2.2, Appendix D), so what a field cannot carry is refused. Text beyond ASCII is
//! sent as its UTF-8 octets, which RFC 9110, 5.5 lets pass as opaque data.

use http::{HeaderMap, HeaderName, HeaderValue};
use oasgate_spec::{Place, Serialization};
use serde_json::{Map, Value};

use super::faults::Faults;
use super::given;
use crate::body;
use crate::media::MediaType;
use crate::plan::{Plan, Slot};
use crate::refusal::Refusal;
use crate::style::{Escape, Shape, list};

/// Fields that frame the message, route it, or carry credentials and cookies: no argument may set them.
const RESERVED: [&str; 19] = [
    "connection",
    "content-length",
    "cookie",
    "cookie2",
    "expect",
    "forwarded",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "x-real-ip",
];

/// Fields that a description cannot define as parameters, so that these are ignored (OpenAPI 3.2, 4.12.2.1 `name`).
const IGNORED: [&str; 3] = ["accept", "authorization", "content-type"];

/// Whether an argument may set the header field of this name.
pub(crate) fn is_settable(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    !IGNORED.contains(&lower.as_str()) && !is_reserved(&lower)
}

/// Whether no argument may set the field of this lower-case name.
fn is_reserved(lower: &str) -> bool {
    RESERVED.contains(&lower) || lower.starts_with("x-forwarded-")
}

/// A field for every header parameter given.
pub(super) fn fields(plan: &Plan, arguments: &Map<String, Value>, faults: &mut Faults) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (slot, value) in given(plan, Place::Header, arguments) {
        let lower = slot.name.to_ascii_lowercase();
        if IGNORED.contains(&lower.as_str()) {
            continue;
        }
        if let Some(text) = field_text(slot, value) {
            let field = name(slot, &lower).and_then(|name| Ok((name, field_value(&slot.argument, &text)?)));
            if let Some((name, value)) = faults.note(field) {
                headers.append(name, value);
            }
        }
    }
    headers
}

/// The text as a field value.
pub(super) fn field_value(argument: &str, text: &str) -> Result<HeaderValue, Refusal> {
    let refuse = |message| Err(Refusal::argument(argument, message));
    // A recipient strips white space at the ends (RFC 9110, 5.5): it would not arrive.
    if text.starts_with([' ', '\t']) || text.ends_with([' ', '\t']) {
        return refuse("a header field cannot begin or end with white space; send the value without it.");
    }
    match HeaderValue::from_bytes(text.as_bytes()) {
        Ok(value) => Ok(value),
        Err(_) => refuse(
            "a header field cannot hold line breaks or other control characters; send the value without them.",
        ),
    }
}

/// The value as text; `None` if there is nothing to send.
fn field_text(slot: &Slot, value: &Value) -> Option<String> {
    match &slot.serialization {
        Serialization::Content(_) if value.is_null() => None,
        Serialization::Content(media_type) if MediaType::parse(media_type).is_json() => {
            Some(ascii_json(value))
        }
        Serialization::Content(media_type) => Some(body::content_text(media_type, value).into_owned()),
        Serialization::Style { explode, .. } => match Shape::of(value) {
            Shape::Undefined => None,
            shape => Some(list(&shape, *explode, Escape::Raw, ",")),
        },
    }
}

/// JSON with every character beyond ASCII escaped (RFC 8259, 7), for a field is no place for them.
fn ascii_json(value: &Value) -> String {
    let mut out = String::new();
    for character in value.to_string().chars() {
        if character.is_ascii() {
            out.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}

fn name(slot: &Slot, lower: &str) -> Result<HeaderName, Refusal> {
    if is_reserved(lower) {
        let message = format!("the header field {} cannot be set by an argument; leave it out.", slot.name);
        return Err(Refusal::argument(&slot.argument, message));
    }
    HeaderName::from_bytes(lower.as_bytes()).map_err(|_| {
        let message = format!(
            "the description calls this header field {:?}, which is no field name; leave the argument out.",
            slot.name
        );
        Refusal::argument(&slot.argument, message)
    })
}
