//! The definitions as one side of a call sees them: requests without what only answers carry, and the other way round.

use indexmap::IndexMap;
use oasgate_spec::{Definitions, Schema};
use serde_json::{Map, Value, json};

use super::full::references;
use crate::prose;

/// How many characters a description of a value may have.
pub(crate) const PROSE: usize = 400;

/// Schemas by name, each with the names it refers to.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    definitions: IndexMap<String, Definition>,
}

#[derive(Debug)]
pub(crate) struct Definition {
    pub(crate) value: Value,
    /// The names referred to, as often as they are.
    pub(crate) references: Vec<String>,
    /// The length of its text.
    pub(crate) bytes: usize,
}

/// A side of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    /// Without `readOnly` properties.
    Request,
    /// Without `writeOnly` properties.
    Response,
}

impl View {
    /// The keyword of properties that this side does not carry.
    const fn hides(self) -> &'static str {
        match self {
            Self::Request => "readOnly",
            Self::Response => "writeOnly",
        }
    }
}

impl Pool {
    pub(crate) fn new(definitions: &Definitions, side: View) -> Self {
        let definition = |(name, Schema(schema)): (&String, &Schema)| {
            let value = view(schema, definitions, side);
            let mut found = Vec::new();
            references(&value, &mut found);
            let bytes = value.to_string().len();
            (name.clone(), Definition { value, references: found, bytes })
        };
        Self { definitions: definitions.0.iter().map(definition).collect() }
    }

    /// The schema of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.definitions.get(name).map(|definition| &definition.value)
    }

    /// The names, in the order of the description.
    pub(crate) fn names(&self) -> impl Iterator<Item = &String> {
        self.definitions.keys()
    }

    /// The definition of this name.
    pub(crate) fn definition(&self, name: &str) -> Option<&Definition> {
        self.definitions.get(name)
    }

    /// The position of a definition, by which lists of them are put in order.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.definitions.get_index_of(name)
    }
}

/// A schema as it holds for one side: no properties of the other side (OpenAPI 3.2, 4.24: `readOnly` "SHOULD NOT be
/// sent as part of the request"), no OpenAPI annotations; a discriminator becomes a value that each branch demands.
pub(crate) fn view(schema: &Value, definitions: &Definitions, side: View) -> Value {
    let Value::Object(members) = schema else { return schema.clone() };
    let mut out = Map::with_capacity(members.len());
    for (key, value) in members {
        let value = match (key.as_str(), value) {
            ("xml" | "discriminator" | "readOnly" | "writeOnly" | "$comment", _) => continue,
            ("title" | "description", Value::String(text)) => match prose::clean(text, PROSE) {
                text if text.is_empty() => continue,
                text => text.into(),
            },
            ("examples", Value::Array(examples)) => match examples.first() {
                Some(example) if example.to_string().len() <= 200 => json!([example]),
                _ => continue,
            },
            // A list of no values, which some validators refuse, is said as what it means: nothing is right.
            ("enum", Value::Array(values)) if values.is_empty() => {
                out.insert("not".to_owned(), json!({}));
                continue;
            }
            ("enum" | "const" | "default" | "required" | "dependentRequired", _) => value.clone(),
            ("properties", Value::Object(properties)) => {
                let kept = properties.iter().filter(|(_, schema)| !is_hidden(schema, definitions, side));
                kept.map(|(name, schema)| (name.clone(), view(schema, definitions, side))).collect()
            }
            ("patternProperties" | "dependentSchemas", Value::Object(schemas)) => {
                schemas.iter().map(|(name, schema)| (name.clone(), view(schema, definitions, side))).collect()
            }
            (_, Value::Array(schemas)) => {
                schemas.iter().map(|schema| view(schema, definitions, side)).collect()
            }
            _ => view(value, definitions, side),
        };
        out.insert(key.clone(), value);
    }
    drop_hidden_requirements(&mut out, members, definitions, side);
    discriminate(&mut out, members, definitions);
    out.into()
}

/// Whether a property belongs to the other side, by itself or by what it refers to.
fn is_hidden(schema: &Value, definitions: &Definitions, side: View) -> bool {
    let keyword = side.hides();
    let says = |schema: &Value| schema.get(keyword) == Some(&Value::Bool(true));
    if schema.get(keyword).is_some() { says(schema) } else { says(definitions.follow(schema)) }
}

/// A `readOnly` property that is required is required of answers only, a `writeOnly` one of requests (OpenAPI 3.2,
/// 4.24).
fn drop_hidden_requirements(
    out: &mut Map<String, Value>,
    original: &Map<String, Value>,
    definitions: &Definitions,
    side: View,
) {
    let Some(properties) = original.get("properties").and_then(Value::as_object) else { return };
    let Some(Value::Array(required)) = out.get_mut("required") else { return };
    let hidden = |name: &str| properties.get(name).is_some_and(|schema| is_hidden(schema, definitions, side));
    required.retain(|name| !name.as_str().is_some_and(hidden));
    if required.is_empty() {
        out.shift_remove("required");
    }
}

/// Lets each branch of a discriminated composition demand the value that selects it (OpenAPI 3.2, 4.25), unless the
/// branch says itself which values it takes.
fn discriminate(out: &mut Map<String, Value>, original: &Map<String, Value>, definitions: &Definitions) {
    let Some(discriminator) = original.get("discriminator") else { return };
    let Some(property) = discriminator.get("propertyName").and_then(Value::as_str) else { return };
    for key in ["oneOf", "anyOf"] {
        let Some(Value::Array(branches)) = out.get_mut(key) else { continue };
        for branch in branches {
            let Some(reference) = branch.get("$ref").and_then(Value::as_str) else { continue };
            let mapped = discriminator.get("mapping").and_then(Value::as_object).into_iter().flatten();
            let values: Vec<&str> = mapped
                .filter(|(_, target)| target.as_str() == Some(reference))
                .map(|(value, _)| value.as_str())
                .collect();
            if values.is_empty() || says_itself(definitions.follow(branch), property, definitions, 0) {
                continue;
            }
            let selects = json!({"properties": {property: {"enum": values}}, "required": [property]});
            *branch = json!({"allOf": [branch.take(), selects]});
        }
    }
}

/// Whether a schema fixes this property to certain values.
fn says_itself(schema: &Value, property: &str, definitions: &Definitions, depth: usize) -> bool {
    let own = schema.get("properties").and_then(|properties| properties.get(property));
    let fixed = own
        .map(|own| definitions.follow(own))
        .is_some_and(|own| own.get("enum").is_some() || own.get("const").is_some());
    let parts = schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
    let mut parts = parts.map(|part| definitions.follow(part));
    fixed || (depth < 8 && parts.any(|part| says_itself(part, property, definitions, depth + 1)))
}
