//! `application/x-www-form-urlencoded` (OpenAPI 3.2, 4.15.1.1 and 4.15.1.2; WHATWG URL, 5).
//!
//! Owns how each field becomes pairs. With `style`, `explode` or `allowReserved` a field is written as a query
//! parameter is; without, by content type: text as it is, an array as one pair an item, an object as JSON, and all
//! as JSON where that is the type given. A null is left out: a form has no word for it.

use std::borrow::Cow;

use serde_json::Value;

use crate::media::MediaType;
use crate::plan::{Field, FieldEncoding};
use crate::style::{Escape, pairs, text};

const ESCAPE: Escape = Escape::Form { reserved: false };

/// The form of these members.
pub(super) fn encode(fields: &[Field], members: &[(&str, &Value)]) -> String {
    let mut out = Vec::new();
    for (name, value) in members {
        let encoding = fields.iter().find(|field| field.name == *name).map(|field| &field.encoding);
        let pairs = match encoding {
            Some(FieldEncoding::Style { style, explode, allow_reserved }) => {
                pairs(*style, *explode, name, value, Escape::Form { reserved: *allow_reserved })
            }
            Some(FieldEncoding::Content(Some(media_type))) => by_content(name, value, is_json(media_type)),
            Some(FieldEncoding::Content(None)) | None => by_content(name, value, false),
        };
        out.extend(pairs.into_iter().map(|(name, value)| format!("{name}={value}")));
    }
    out.join("&")
}

/// The form of an object no field of which is described; nothing for any other value.
pub(crate) fn by_default(value: &Value) -> String {
    let members: Vec<(&str, &Value)> =
        value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value)).collect();
    encode(&[], &members)
}

fn by_content(name: &str, value: &Value, json: bool) -> Vec<(String, String)> {
    let pair = |text: Cow<'_, str>| (ESCAPE.name(name).into_owned(), ESCAPE.value(&text).into_owned());
    match value {
        Value::Null => Vec::new(),
        value if json => vec![pair(value.to_string().into())],
        Value::Array(items) => items.iter().map(|item| pair(text(item))).collect(),
        value => vec![pair(text(value))],
    }
}

/// Whether the first of a list of media types is JSON.
fn is_json(media_types: &str) -> bool {
    media_types.split(',').next().is_some_and(|first| MediaType::parse(first).is_json())
}
