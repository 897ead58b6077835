//! The schemas directly inside a schema: what is a schema, what is a name, and what is data that may look like one.

use serde_json::{Map, Value};

/// What a keyword holds, as far as schemas are inside it (JSON Schema 2020-12, 10 and 11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    /// One schema.
    Schema,
    /// A list of schemas.
    Schemas,
    /// Schemas by name; the names are no keywords.
    Named,
    /// Data.
    Data,
}

/// What this keyword holds.
pub(crate) fn holds(keyword: &str) -> Holds {
    match keyword {
        "additionalProperties"
        | "items"
        | "not"
        | "contains"
        | "propertyNames"
        | "if"
        | "then"
        | "else"
        | "unevaluatedItems"
        | "unevaluatedProperties"
        | "contentSchema" => Holds::Schema,
        "allOf" | "anyOf" | "oneOf" | "prefixItems" => Holds::Schemas,
        "properties" | "patternProperties" | "dependentSchemas" | "$defs" => Holds::Named,
        _ => Holds::Data,
    }
}

/// Calls `visit` with each schema directly inside this one.
pub(crate) fn each<'s>(members: &'s Map<String, Value>, mut visit: impl FnMut(&'s Value)) {
    for (keyword, value) in members {
        match (holds(keyword), value) {
            (Holds::Schema, schema) => visit(schema),
            (Holds::Schemas, Value::Array(schemas)) => schemas.iter().for_each(&mut visit),
            (Holds::Named, Value::Object(schemas)) => schemas.values().for_each(&mut visit),
            _ => {}
        }
    }
}

/// The same, to change them.
pub(crate) fn each_mut(members: &mut Map<String, Value>, mut visit: impl FnMut(&mut Value)) {
    for (keyword, value) in members {
        match (holds(keyword), value) {
            (Holds::Schema, schema) => visit(schema),
            (Holds::Schemas, Value::Array(schemas)) => schemas.iter_mut().for_each(&mut visit),
            (Holds::Named, Value::Object(schemas)) => schemas.values_mut().for_each(&mut visit),
            _ => {}
        }
    }
}

/// The name of the definition that a schema refers to.
pub(crate) fn reference(members: &Map<String, Value>) -> Option<&str> {
    members.get("$ref")?.as_str()?.strip_prefix("#/$defs/")
}
