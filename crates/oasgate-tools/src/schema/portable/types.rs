//! What kind of value a schema is for, told by its keywords where it does not say.

use serde_json::Value;

use crate::schema::Settled;

/// The types but null, told by the keywords where none is named, and whether null is one of them.
pub(super) fn types_of<'a>(members: &'a Settled<'_>) -> (Vec<&'a str>, bool) {
    const ORDER: [&str; 6] = ["string", "integer", "number", "boolean", "array", "object"];
    let mut types: Vec<&str> = match members.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => told_types(members),
    };
    let nullable = types.contains(&"null");
    types.retain(|name| *name != "null");
    // Every integer is a number.
    if types.contains(&"number") {
        types.retain(|name| *name != "integer");
    }
    types.sort_unstable_by_key(|name| ORDER.iter().position(|other| other == name));
    types.dedup();
    (types, nullable)
}

/// The types that the keywords tell.
fn told_types(members: &Settled<'_>) -> Vec<&'static str> {
    if let Some(values) = members.list("enum") {
        let kind = |value: &Value| match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        return values.iter().map(kind).collect();
    }
    const TELLING: [(&str, &[&str]); 4] = [
        (
            "object",
            &["additionalProperties", "patternProperties", "required", "minProperties", "maxProperties"],
        ),
        ("array", &["items", "prefixItems", "minItems", "maxItems", "uniqueItems"]),
        ("string", &["pattern", "format", "minLength", "maxLength", "contentEncoding", "contentMediaType"]),
        ("number", &["minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum"]),
    ];
    if !members.properties.is_empty() {
        return vec!["object"];
    }
    let told = TELLING.iter().find(|(_, keys)| keys.iter().any(|key| members.has(key)));
    told.map(|(kind, _)| *kind).into_iter().collect()
}

/// Whether listing it lists further schemas.
pub(super) fn is_structured(members: &Settled<'_>) -> bool {
    let (types, _) = types_of(members);
    let is_map = || members.has("additionalProperties") || members.has("patternProperties");
    types.contains(&"object") && (!members.properties.is_empty() || is_map())
        || types.contains(&"array") && !members.get("items").is_some_and(is_plain)
        || members.has("oneOf")
        || members.has("anyOf")
}

/// Whether the items of an array are plain values.
fn is_plain(items: &Value) -> bool {
    let Some(items) = items.as_object() else { return false };
    let plain = |kind: &Value| matches!(kind.as_str(), Some("string" | "integer" | "number" | "boolean"));
    !["$ref", "allOf", "anyOf", "oneOf"].iter().any(|key| items.contains_key(*key))
        && items.get("type").is_some_and(plain)
}

/// Whether a branch only demands what the base describes already.
pub(super) fn only_constrains(branch: &Settled<'_>) -> bool {
    !branch.is_empty() && branch.keys().all(|key| matches!(key, "required" | "not" | "title" | "description"))
}

pub(super) fn is_null(members: &Settled<'_>) -> bool {
    members.get("type").is_some_and(|kind| kind == "null")
        || members.get("const") == Some(&Value::Null)
        || members.list("enum") == Some(&[Value::Null])
}
