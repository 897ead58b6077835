//! A schema and all schemas in it (JSON Schema 2020-12, 10 and 8.2.4), each with the pointer to it.

use serde_json::{Map, Value};

/// A schema that is an object.
pub(super) struct Node<'s> {
    pub(super) pointer: String,
    pub(super) members: &'s Map<String, Value>,
}

/// Keywords whose value is a schema, or a list of them.
const SCHEMAS: [&str; 14] = [
    "items",
    "additionalProperties",
    "anyOf",
    "oneOf",
    "allOf",
    "prefixItems",
    "not",
    "if",
    "then",
    "else",
    "contains",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
];

/// Keywords whose value is a map of schemas.
const MAPS: [&str; 5] = ["properties", "patternProperties", "dependentSchemas", "$defs", "definitions"];

/// The schema and all in it, from the outside to the inside.
pub(super) fn nodes(schema: &Value) -> Vec<Node<'_>> {
    let mut found = Vec::new();
    visit(schema, String::new(), &mut found);
    found
}

fn visit<'s>(schema: &'s Value, pointer: String, found: &mut Vec<Node<'s>>) {
    let Some(members) = schema.as_object() else { return };
    let mut inner: Vec<(String, &Value)> = Vec::new();
    for keyword in SCHEMAS {
        match members.get(keyword) {
            Some(Value::Array(list)) => {
                let item = |(index, one)| (format!("{pointer}/{keyword}/{index}"), one);
                inner.extend(list.iter().enumerate().map(item));
            }
            Some(one) => inner.push((format!("{pointer}/{keyword}"), one)),
            None => {}
        }
    }
    for keyword in MAPS {
        for (name, one) in members.get(keyword).and_then(Value::as_object).into_iter().flatten() {
            let name = name.replace('~', "~0").replace('/', "~1");
            inner.push((format!("{pointer}/{keyword}/{name}"), one));
        }
    }
    found.push(Node { pointer, members });
    for (pointer, schema) in inner {
        visit(schema, pointer, found);
    }
}
