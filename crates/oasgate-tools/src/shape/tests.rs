//! Answers as they come, and what becomes of them.

mod cuts;
mod kinds;
mod statuses;

use http::Method;
use serde_json::Value;

use super::*;
use crate::plan::Plan;

fn plan() -> Plan {
    Plan {
        method: Method::GET,
        server: None,
        path: Vec::new(),
        fixed_query: None,
        slots: Vec::new(),
        body: None,
        accept: "*/*".into(),
        security: Vec::new(),
        responses: Vec::new(),
    }
}

/// An answer of this status, with these fields and this body, shaped within `max` characters.
fn answer(status: u16, fields: &[(&str, &str)], body: &[u8], max: usize) -> Outcome {
    let mut response = Response::builder().status(status);
    for (name, value) in fields {
        response = response.header(*name, *value);
    }
    let response = response.body(Bytes::copy_from_slice(body)).expect("the row is a response");
    shape(&plan(), response, &Limits { max_characters: max })
}

/// A success of this media type; none if it is empty.
fn ok(media_type: &str, body: &[u8]) -> Outcome {
    let fields: &[(&str, &str)] = if media_type.is_empty() { &[] } else { &[("content-type", media_type)] };
    answer(200, fields, body, 100_000)
}

/// The only part, which is text.
fn only_text(outcome: &Outcome) -> &str {
    match outcome.parts.as_slice() {
        [Part::Text(text)] => text,
        parts => panic!("{parts:?}"),
    }
}

/// The JSON of the outcome; it must be valid.
fn structured(outcome: &Outcome) -> Option<Value> {
    let bytes = outcome.structured.as_ref()?;
    Some(serde_json::from_slice(bytes).unwrap_or_else(|error| panic!("{error}: {bytes:?}")))
}
