//! The JSON-RPC envelope: bytes in, borrowed messages out. Knows no method and no parameter; `params` stay text.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::fault::Fault;
use crate::json;

#[cfg(test)]
mod tests;

/// How deep a message may nest: the limit `serde_json` puts on parsing into a tree. Checked here because raw
/// values are skipped without recursion, so that no handler meets JSON it can't parse safely.
pub(crate) const MAX_DEPTH: usize = 127;

/// What one HTTP body or one line of stdio holds.
#[derive(Debug)]
pub(crate) enum Payload<'a> {
    Single(Message<'a>),
    /// JSON-RPC 2.0, section 6. The items are parsed one by one with [`message`]: each has its own error.
    Batch(Vec<&'a RawValue>),
}

/// One message from a client.
#[derive(Debug)]
pub(crate) enum Message<'a> {
    Request(Request<'a>),
    Notification {
        method: Cow<'a, str>,
        params: Option<&'a RawValue>,
    },
    /// An answer to a request of the server.
    Response(Response<'a>),
}

/// A request: its id is a string or an integer, kept as it was written.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    pub(crate) id: &'a RawValue,
    pub(crate) method: Cow<'a, str>,
    pub(crate) params: Option<&'a RawValue>,
}

/// A response: what a legacy client answers to a request of the server.
#[derive(Debug)]
pub(crate) struct Response<'a> {
    pub(crate) id: Option<&'a RawValue>,
    result: Option<&'a RawValue>,
    error: Option<&'a RawValue>,
}

impl Response<'_> {
    /// The result: the text of a JSON object. Or what an error, or a response that is none, says.
    pub(crate) fn outcome(&self) -> Result<Box<RawValue>, String> {
        // Some clients send a `null` for the member that isn't there.
        if let Some(error) = self.error.filter(|error| error.get() != "null") {
            let message = serde_json::from_str::<ErrorObject>(error.get()).map(|error| error.message);
            return Err(message.unwrap_or_default());
        }
        let result = self.result.filter(|result| json::is_object(result));
        result.map(ToOwned::to_owned).ok_or_else(|| "its result is no object".to_owned())
    }
}

#[derive(Deserialize)]
struct ErrorObject {
    #[serde(default)]
    message: String,
}

/// A message that could not be read, with its id where that could be.
#[derive(Debug)]
pub(crate) struct Unreadable<'a> {
    pub(crate) id: Option<&'a RawValue>,
    pub(crate) fault: Fault,
}

/// Reads a body or a line.
///
/// # Errors
/// -32700 when it is not JSON or nests too deep, -32600 when it is JSON but no JSON-RPC message.
pub(crate) fn payload(bytes: &[u8]) -> Result<Payload<'_>, Unreadable<'_>> {
    let text: &RawValue = serde_json::from_slice(bytes).map_err(|error| parse_fault(&error.to_string()))?;
    if depth(bytes) > MAX_DEPTH {
        return Err(parse_fault("nested too deep"));
    }
    if !text.get().starts_with('[') {
        return message(text).map(Payload::Single);
    }
    let items: Vec<&RawValue> =
        serde_json::from_str(text.get()).map_err(|error| parse_fault(&error.to_string()))?;
    if items.is_empty() {
        return Err(invalid(None, "Invalid request: an empty batch"));
    }
    Ok(Payload::Batch(items))
}

/// Reads one message.
///
/// # Errors
/// -32600 when it is no JSON-RPC message.
pub(crate) fn message(text: &RawValue) -> Result<Message<'_>, Unreadable<'_>> {
    // The check is ours because serde reads structs from arrays, too.
    if !json::is_object(text) {
        return Err(invalid(None, "Invalid request: a message is a JSON object"));
    }
    let Ok(fields) = serde_json::from_str::<Fields<'_>>(text.get()) else {
        return Err(invalid(None, "Invalid request: a member occurs twice"));
    };
    let id = fields.id.filter(|id| is_id(id));
    if fields.jsonrpc.and_then(json::string).as_deref() != Some("2.0") {
        return Err(invalid(id, "Invalid request: `jsonrpc` must be \"2.0\""));
    }
    if fields.id.is_some() && id.is_none() {
        return Err(invalid(None, "Invalid request: `id` must be a string or an integer"));
    }
    let Some(method) = fields.method else {
        return if fields.result.is_some() || fields.error.is_some() {
            Ok(Message::Response(Response { id, result: fields.result, error: fields.error }))
        } else {
            Err(invalid(id, "Invalid request: `method` is missing"))
        };
    };
    let Some(method) = json::string(method) else {
        return Err(invalid(id, "Invalid request: `method` must be a string"));
    };
    let params = fields.params.filter(|params| params.get() != "null");
    Ok(match id {
        Some(id) => Message::Request(Request { id, method, params }),
        None => Message::Notification { method, params },
    })
}

/// The members of a message, all unparsed: a wrong type in one must not hide the id.
#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow, default, deserialize_with = "json::present")]
    jsonrpc: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "json::present")]
    id: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "json::present")]
    method: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "json::present")]
    params: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "json::present")]
    result: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "json::present")]
    error: Option<&'a RawValue>,
}

/// 2026-07-28, basic/index.mdx, "Requests": a string or an integer, never null.
pub(crate) fn is_id(raw: &RawValue) -> bool {
    let text = raw.get();
    let digits = text.strip_prefix('-').unwrap_or(text);
    text.starts_with('"') || digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The deepest nesting of arrays and objects in valid JSON.
fn depth(json: &[u8]) -> usize {
    let (mut open, mut deepest) = (0_usize, 0);
    let mut bytes = json.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'{' | b'[' => {
                open += 1;
                deepest = deepest.max(open);
            }
            b'}' | b']' => open = open.saturating_sub(1),
            b'"' => skip_string(&mut bytes),
            _ => {}
        }
    }
    deepest
}

fn skip_string(bytes: &mut std::slice::Iter<'_, u8>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return,
            b'\\' => {
                bytes.next();
            }
            _ => {}
        }
    }
}

fn parse_fault(reason: &str) -> Unreadable<'static> {
    Unreadable { id: None, fault: Fault::Parse(format!("Parse error: {reason}")) }
}

fn invalid<'a>(id: Option<&'a RawValue>, reason: &'static str) -> Unreadable<'a> {
    Unreadable { id, fault: Fault::InvalidRequest(reason.into()) }
}
