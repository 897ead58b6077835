//! The form of a value in a few words, for where a schema is too large or too deep to be listed.

use serde_json::{Map, Value};

use super::{Pool, settle};

/// How long an outline may be, in characters.
const LIMIT: usize = 240;

/// The form of a value: `{id: string, tags: [string], owner: {…}}`; a question mark after what may be left out.
pub(super) fn outline(pool: &Pool, schema: &Value) -> String {
    let text = form(pool, schema, 2);
    match text.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

fn form(pool: &Pool, schema: &Value, depth: usize) -> String {
    let settled = settle(pool, schema).members;
    if let Some(values) = settled.get("enum").and_then(Value::as_array) {
        return values.iter().take(6).map(Value::to_string).collect::<Vec<_>>().join("|");
    }
    if let Some(branches) = settled.get("anyOf").or_else(|| settled.get("oneOf")).and_then(Value::as_array) {
        let mut forms: Vec<String> =
            branches.iter().take(4).map(|branch| form(pool, branch, depth)).collect();
        forms.dedup();
        return forms.join("|");
    }
    match kind(&settled) {
        "object" => object(pool, &settled, depth),
        "array" => match settled.get("items") {
            Some(items) if depth > 0 => format!("[{}]", form(pool, items, depth - 1)),
            _ => "[…]".to_owned(),
        },
        other => other.to_owned(),
    }
}

fn object(pool: &Pool, settled: &Map<String, Value>, depth: usize) -> String {
    let Some(properties) = settled.get("properties").and_then(Value::as_object).filter(|map| !map.is_empty())
    else {
        return "{…}".to_owned();
    };
    if depth == 0 {
        return "{…}".to_owned();
    }
    let required = settled.get("required").and_then(Value::as_array);
    let is_required = |name: &str| required.is_some_and(|names| names.iter().any(|own| own == name));
    let mut fields = Vec::new();
    let mut length = 0;
    for (name, schema) in properties {
        if length > LIMIT {
            fields.push("…".to_owned());
            break;
        }
        let mark = if is_required(name) { "" } else { "?" };
        let field = format!("{name}{mark}: {}", form(pool, schema, depth - 1));
        length += field.len();
        fields.push(field);
    }
    format!("{{{}}}", fields.join(", "))
}

/// The first type that is not null, or what the keywords tell.
fn kind(settled: &Map<String, Value>) -> &str {
    let named = match settled.get("type") {
        Some(Value::String(name)) => Some(name.as_str()),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).find(|name| *name != "null"),
        _ => None,
    };
    let told = || if settled.contains_key("properties") { "object" } else { "any" };
    named.unwrap_or_else(told)
}
