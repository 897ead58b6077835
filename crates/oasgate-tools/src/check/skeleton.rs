//! Arguments of the form that would be accepted: what was given and is known, and a placeholder for what is missing.

use serde_json::{Map, Value, json};

use super::coerce::Schemas;
use crate::schema::Keys;

/// How long a skeleton may be, in bytes; a longer one shows only what is required.
const LIMIT: usize = 1_500;

/// The skeleton as JSON text, by the names that were listed.
pub(super) fn skeleton(schema: &Value, given: &Value, keys: &Keys) -> String {
    let properties = schema.get("properties").and_then(Value::as_object);
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let schemas = Schemas::new(schema);
    let build = |all: bool| {
        let mut out = Map::new();
        for (name, property) in properties.into_iter().flatten() {
            let is_given = given.get(name).is_some();
            if required.contains(&name.as_str()) || (all && is_given) {
                let value =
                    given.get(name).filter(|value| all && is_short(value) && fits(&schemas, property, value));
                let listed =
                    keys.renamed.iter().find(|(_, wire)| wire == name).map_or(name, |(listed, _)| listed);
                out.insert(
                    listed.clone(),
                    value.cloned().unwrap_or_else(|| placeholder(&schemas, property, 0)),
                );
            }
        }
        Value::Object(out).to_string()
    };
    let whole = build(true);
    if whole.len() <= LIMIT { whole } else { build(false) }
}

fn is_short(value: &Value) -> bool {
    value.to_string().len() <= 200
}

/// Whether a value given has the type that is wanted, as far as the schema names one.
fn fits(schemas: &Schemas<'_>, schema: &Value, value: &Value) -> bool {
    let schema = schema.as_object().and_then(|members| schemas.target(members)).unwrap_or(schema);
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return values.contains(value);
    }
    let named = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_i64() || number.is_u64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    match schema.get("type") {
        Some(Value::String(kind)) => kind == named || (kind == "number" && named == "integer"),
        Some(Value::Array(kinds)) => {
            kinds.iter().any(|kind| kind == named || (kind == "number" && named == "integer"))
        }
        _ => true,
    }
}

/// A value that shows what is wanted: an example, a default, the first of an enum, or the type's name.
fn placeholder(schemas: &Schemas<'_>, schema: &Value, depth: usize) -> Value {
    if let Some(target) = schema.as_object().and_then(|members| schemas.target(members)).filter(|_| depth < 4)
    {
        return placeholder(schemas, target, depth + 1);
    }
    let known = schema.get("const").or_else(|| schema.get("default"));
    let known = known.or_else(|| schema.get("enum")?.get(0)).or_else(|| schema.get("examples")?.get(0));
    if let Some(known) = known.filter(|value| is_short(value)) {
        return known.clone();
    }
    for key in ["anyOf", "oneOf", "allOf"] {
        if let Some(branch) = schema.get(key).and_then(|branches| branches.get(0)).filter(|_| depth < 4) {
            return placeholder(schemas, branch, depth + 1);
        }
    }
    let kind = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.first().and_then(Value::as_str),
        kind => kind.and_then(Value::as_str),
    };
    match kind {
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or_else(|| json!(0)),
        Some("boolean") => json!(true),
        Some("null") => Value::Null,
        Some("array") => match schema.get("items").filter(|_| depth < 3) {
            Some(items) => json!([placeholder(schemas, items, depth + 1)]),
            None => json!([]),
        },
        Some("object") => object(schemas, schema, depth),
        Some(_) => json!("<text>"),
        None if schema.get("properties").is_some() => object(schemas, schema, depth),
        None => json!("<value>"),
    }
}

fn object(schemas: &Schemas<'_>, schema: &Value, depth: usize) -> Value {
    if depth >= 3 {
        return json!({});
    }
    let required =
        schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let members = required.take(12).filter_map(|name| {
        let property = schema.get("properties")?.get(name)?;
        Some((name.to_owned(), placeholder(schemas, property, depth + 1)))
    });
    Value::Object(members.collect())
}
