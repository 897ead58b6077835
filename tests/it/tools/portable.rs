//! The rules of the portable profile, checked by code that shares nothing with what keeps them.

use serde_json::Value;

/// The keywords that every known host and model API accepts; and the one that MCP itself adds (2026-07-28, Tools), which
/// stands only where somebody asked for it.
const KEYWORDS: [&str; 16] = [
    "type",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "anyOf",
    "enum",
    "description",
    "format",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "x-mcp-header",
];

/// What a listed schema breaks, and where.
pub(super) fn violations(schema: &Value) -> Vec<String> {
    let mut found = Vec::new();
    if schema["type"] != "object" || !schema["properties"].is_object() {
        found.push("the root is no object with properties".to_owned());
    }
    if schema["additionalProperties"] != false {
        found.push("the root is not closed".to_owned());
    }
    if schema.get("anyOf").is_some() {
        found.push("the root is composed".to_owned());
    }
    visit(schema, "", true, &mut found);
    found
}

fn visit(schema: &Value, place: &str, is_root: bool, found: &mut Vec<String>) {
    let Some(members) = schema.as_object() else {
        return found.push(format!("{place}: {schema} is no object"));
    };
    for key in members.keys().filter(|key| !KEYWORDS.contains(&key.as_str())) {
        found.push(format!("{place}: keyword {key}"));
    }
    match (members.get("type"), members.get("anyOf")) {
        (Some(Value::String(_)), None) => {}
        (None, Some(Value::Array(branches))) if branches.len() > 1 => {}
        _ => found.push(format!("{place}: neither one type nor a choice: {schema}")),
    }
    if members.get("format").is_some_and(|format| format != "date-time") {
        found.push(format!("{place}: format"));
    }
    if let Some(values) = members.get("enum") {
        let values = values.as_array().cloned().unwrap_or_default();
        if values.is_empty() || values.len() > 250 || !values.iter().all(Value::is_string) {
            found.push(format!("{place}: enum of {}", values.len()));
        }
    }
    if schema["type"] == "array" && !members.contains_key("items") {
        found.push(format!("{place}: no items"));
    }
    for name in schema["required"].as_array().into_iter().flatten() {
        if schema["properties"].get(name.as_str().unwrap_or_default()).is_none() {
            found.push(format!("{place}: {name} is required and not there"));
        }
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let legal = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'));
        if !legal || !(1..=64).contains(&name.len()) {
            found.push(format!("{place}: key {name}"));
        }
        visit(property, &format!("{place}/{name}"), false, found);
    }
    for (index, branch) in schema["anyOf"].as_array().into_iter().flatten().enumerate() {
        visit(branch, &format!("{place}|{index}"), false, found);
    }
    if let Some(items) = members.get("items") {
        visit(items, &format!("{place}/*"), false, found);
    }
    if let Some(values) = members.get("additionalProperties").filter(|_| !is_root) {
        visit(values, &format!("{place}/?"), false, found);
    }
}
