//! Bodies that are sequences of documents, collected into one JSON array.
//!
//! Owns their framing: JSON Lines, JSON text sequences (RFC 7464) and server-sent events (WHATWG HTML, 9.2). A body
//! that does not keep to it is no sequence, and shown as it is.

use bytes::Bytes;
use serde_json::Value;

use super::json::{self, Document};

/// One value a line.
pub(super) fn lines(body: &Bytes) -> Option<Document> {
    let text = std::str::from_utf8(body).ok()?;
    json::array(text.lines().filter(|line| !line.trim().is_empty()))
}

/// One value after each record separator.
pub(super) fn sequence(body: &Bytes) -> Option<Document> {
    let text = std::str::from_utf8(body).ok()?;
    json::array(text.split('\u{1e}').filter(|record| !record.trim().is_empty()))
}

/// One event.
#[derive(Debug, Default)]
struct Event<'t> {
    name: Option<&'t str>,
    id: Option<&'t str>,
    data: Vec<&'t str>,
}

/// The data of each event: JSON where it is JSON, else a string. Where events have names or ids, each is an object of
/// `event`, `id` and `data`.
pub(super) fn events(body: &Bytes) -> Option<Document> {
    let text = std::str::from_utf8(body).ok()?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n").replace('\r', "\n");
    let mut events = Vec::new();
    // The last event counts even if no empty line ends it: the stream is over.
    for block in text.split("\n\n") {
        let event = event(block)?;
        if !event.data.is_empty() {
            events.push(event);
        }
    }
    let named = events.iter().any(|event| event.name.is_some() || event.id.is_some());
    let items: Vec<String> = events.iter().map(|event| event.to_json(named)).collect();
    if items.is_empty() { None } else { json::array(items.iter().map(String::as_str)) }
}

/// The event of one block of lines; `None` if a line is no field and no comment.
fn event(block: &str) -> Option<Event<'_>> {
    let mut event = Event::default();
    for line in block.lines().filter(|line| !line.is_empty()) {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => event.data.push(value),
            "event" => event.name = Some(value),
            "id" => event.id = Some(value),
            "" | "retry" => {}
            _ => return None,
        }
    }
    Some(event)
}

impl Event<'_> {
    fn to_json(&self, named: bool) -> String {
        let data = self.data.join("\n");
        let data = if json::valid(&data) { data } else { Value::from(data).to_string() };
        if !named {
            return data;
        }
        let member =
            |key: &str, value: Option<&str>| value.map(|value| format!("\"{key}\":{},", Value::from(value)));
        let name = member("event", self.name).unwrap_or_default();
        let id = member("id", self.id).unwrap_or_default();
        format!("{{{name}{id}\"data\":{data}}}")
    }
}
