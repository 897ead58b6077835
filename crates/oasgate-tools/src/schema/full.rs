//! The full schema of a tool's arguments: faithful JSON Schema 2020-12, definitions inlined where that is shorter.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::Pool;
use super::pool::references;

/// The arguments object before its definitions are settled.
#[derive(Debug, Default)]
pub(crate) struct Root {
    /// The arguments, by name.
    pub(crate) properties: Map<String, Value>,
    /// Which of them every call must have.
    pub(crate) required: Vec<String>,
    /// Arguments that must come together: a body that is optional as a whole.
    pub(crate) dependent: Map<String, Value>,
}

/// The schema as one self-contained document.
pub(crate) fn full(pool: &Pool, root: Root) -> Value {
    let mut properties = Value::Object(root.properties);
    let reachable = reachable(pool, &properties);
    let mut definitions = Map::new();
    if inlining_is_shorter(pool, &properties, &reachable) {
        properties = inline(pool, &properties);
    } else {
        for name in &reachable {
            definitions.insert(name.clone(), pool.get(name).cloned().unwrap_or(Value::Bool(true)));
        }
    }
    let mut schema = Map::new();
    schema.insert("type".to_owned(), "object".into());
    schema.insert("properties".to_owned(), properties);
    if !root.required.is_empty() {
        schema.insert("required".to_owned(), root.required.into());
    }
    if !root.dependent.is_empty() {
        schema.insert("dependentRequired".to_owned(), root.dependent.into());
    }
    schema.insert("additionalProperties".to_owned(), false.into());
    if !definitions.is_empty() {
        schema.insert("$defs".to_owned(), definitions.into());
    }
    schema.into()
}

/// The definitions that a schema needs, in the order of the description.
fn reachable(pool: &Pool, schema: &Value) -> Vec<String> {
    let mut open = Vec::new();
    references(schema, &mut open);
    let mut seen: HashMap<String, usize> = HashMap::new();
    while let Some(name) = open.pop() {
        let (Some(position), Some(definition)) = (pool.position(&name), pool.definition(&name)) else {
            continue;
        };
        if seen.insert(name, position).is_none() {
            open.extend(definition.references.iter().cloned());
        }
    }
    let mut names: Vec<(String, usize)> = seen.into_iter().collect();
    names.sort_unstable_by_key(|(_, position)| *position);
    names.into_iter().map(|(name, _)| name).collect()
}

/// Whether the schema with every reference replaced by its target is shorter than with definitions beside it.
fn inlining_is_shorter(pool: &Pool, properties: &Value, reachable: &[String]) -> bool {
    let mut sizes = Sizes { pool, known: HashMap::new() };
    let mut direct = Vec::new();
    references(properties, &mut direct);
    let referred: usize =
        reachable.iter().filter_map(|name| Some(pool.definition(name)?.bytes + name.len() + 4)).sum();
    let mut inlined = 0_usize;
    for name in &direct {
        match sizes.inlined(name) {
            Some(bytes) => inlined = inlined.saturating_add(bytes),
            None => return false,
        }
    }
    inlined <= referred
}

/// The lengths of definitions with all they refer to inlined.
struct Sizes<'p> {
    pool: &'p Pool,
    /// `None` while a definition is being measured, which is how a cycle shows, and for what is in a cycle.
    known: HashMap<String, Option<usize>>,
}

impl Sizes<'_> {
    /// `None` for a definition that leads back to itself.
    fn inlined(&mut self, name: &str) -> Option<usize> {
        if let Some(size) = self.known.get(name) {
            return *size;
        }
        self.known.insert(name.to_owned(), None);
        let definition = self.pool.definition(name)?;
        let mut size = definition.bytes;
        for reference in &definition.references {
            size = size.saturating_add(self.inlined(reference)?);
        }
        self.known.insert(name.to_owned(), Some(size));
        Some(size)
    }
}

/// A schema with every reference replaced by its target, which must not lead back to itself.
fn inline(pool: &Pool, schema: &Value) -> Value {
    match schema {
        Value::Object(members) => {
            let target = members
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|reference| pool.get(reference.strip_prefix("#/$defs/")?));
            let rest = members.iter().filter(|(key, _)| target.is_none() || *key != "$ref");
            let rest: Map<String, Value> = rest
                .map(|(key, value)| match key.as_str() {
                    "enum" | "const" | "default" | "examples" => (key.clone(), value.clone()),
                    _ => (key.clone(), inline(pool, value)),
                })
                .collect();
            match target {
                Some(target) => beside(inline(pool, target), rest),
                None => rest.into(),
            }
        }
        Value::Array(items) => items.iter().map(|item| inline(pool, item)).collect(),
        other => other.clone(),
    }
}

/// A target and what stood beside the reference to it: what is said about a value replaces, what constrains it adds.
fn beside(target: Value, mut siblings: Map<String, Value>) -> Value {
    const ABOUT: [&str; 6] = ["title", "description", "default", "examples", "deprecated", "$comment"];
    if siblings.is_empty() {
        return target;
    }
    let only_about = siblings.keys().all(|key| ABOUT.contains(&key.as_str()));
    match target {
        Value::Object(mut members) if only_about => {
            members.append(&mut siblings);
            members.into()
        }
        Value::Bool(true) => siblings.into(),
        target => {
            let all = siblings.entry("allOf").or_insert_with(|| json!([]));
            if let Some(parts) = all.as_array_mut() {
                parts.push(target);
            }
            siblings.into()
        }
    }
}
