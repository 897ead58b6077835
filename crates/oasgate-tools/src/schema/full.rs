//! The full schema of a tool's arguments: faithful JSON Schema 2020-12.
//!
//! It is put together when it is asked for, from the tool's own properties and a library of definitions that all
//! tools share: together, the full schemas of a large API are many times its description.

use std::collections::HashMap;

use indexmap::IndexMap;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::{Pool, walk};

/// The arguments object without the definitions that it refers to.
#[derive(Debug, Default)]
pub(crate) struct Root {
    /// The arguments, by name.
    pub(crate) properties: Map<String, Value>,
    /// Which of them every call must have.
    pub(crate) required: Vec<String>,
    /// Arguments that must come together: a body that is optional as a whole.
    pub(crate) dependent: Map<String, Value>,
}

impl Root {
    /// The arguments object as a schema.
    pub(crate) fn into_schema(self) -> Value {
        let mut schema = Map::new();
        schema.insert("type".to_owned(), "object".into());
        schema.insert("properties".to_owned(), self.properties.into());
        if !self.required.is_empty() {
            schema.insert("required".to_owned(), self.required.into());
        }
        if !self.dependent.is_empty() {
            schema.insert("dependentRequired".to_owned(), self.dependent.into());
        }
        schema.insert("additionalProperties".to_owned(), false.into());
        schema.into()
    }
}

/// The definitions as text, once the catalog is compiled.
#[derive(Debug, Default)]
pub(crate) struct Library {
    definitions: IndexMap<String, Entry>,
}

#[derive(Debug)]
struct Entry {
    text: Box<RawValue>,
    /// Where the definitions it refers to stand.
    references: Vec<usize>,
}

impl Library {
    /// The definitions of a pool.
    pub(crate) fn new(pool: &Pool) -> Self {
        let entry = |name: &String| {
            let definition = pool.definition(name)?;
            let text = serde_json::value::to_raw_value(&definition.value).ok()?;
            let references = definition.references.iter().filter_map(|name| pool.position(name)).collect();
            Some((name.clone(), Entry { text, references }))
        };
        Self { definitions: pool.names().filter_map(entry).collect() }
    }

    /// The schema with every definition that it needs under `$defs`, in the order of the description.
    pub(crate) fn complete(&self, mut schema: Value) -> Value {
        let mut named = Vec::new();
        references(&schema, &mut named);
        let mut open: Vec<usize> =
            named.iter().filter_map(|name| self.definitions.get_index_of(name)).collect();
        let mut needed = vec![false; self.definitions.len()];
        while let Some(index) = open.pop() {
            let (Some(seen), Some((_, entry))) = (needed.get_mut(index), self.definitions.get_index(index))
            else {
                continue;
            };
            if !std::mem::replace(seen, true) {
                open.extend(&entry.references);
            }
        }
        let chosen = self.definitions.iter().zip(&needed).filter(|(_, needed)| **needed);
        let definitions: Map<String, Value> = chosen
            .map(|((name, entry), _)| {
                (name.clone(), serde_json::from_str(entry.text.get()).unwrap_or(Value::Bool(true)))
            })
            .collect();
        if let Value::Object(members) = &mut schema
            && !definitions.is_empty()
        {
            members.insert("$defs".to_owned(), definitions.into());
        }
        schema
    }
}

/// The names of the definitions that a schema refers to, as often as it does.
pub(super) fn references(schema: &Value, found: &mut Vec<String>) {
    let Value::Object(members) = schema else { return };
    found.extend(walk::reference(members).map(str::to_owned));
    walk::each(members, |schema| references(schema, found));
}

/// The schema to list in the full profile: with `$defs`, or with every reference replaced by its target where that is
/// shorter.
pub(crate) fn listed(pool: &Pool, library: &Library, schema: Value) -> Value {
    if inlining_is_shorter(pool, &schema) { inline(pool, &schema) } else { library.complete(schema) }
}

fn inlining_is_shorter(pool: &Pool, schema: &Value) -> bool {
    let mut sizes = Sizes { pool, known: HashMap::new() };
    let mut direct = Vec::new();
    references(schema, &mut direct);
    let mut inlined = 0_usize;
    for name in &direct {
        match sizes.inlined(name) {
            Some(bytes) => inlined = inlined.saturating_add(bytes),
            None => return false,
        }
    }
    let referred: usize =
        sizes.known.keys().filter_map(|name| Some(pool.definition(name)?.bytes + name.len() + 4)).sum();
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
    let Value::Object(members) = schema else { return schema.clone() };
    let mut members = members.clone();
    walk::each_mut(&mut members, |schema| *schema = inline(pool, schema));
    let Some(target) =
        walk::reference(&members).and_then(|name| pool.get(name)).map(|target| inline(pool, target))
    else {
        return members.into();
    };
    members.shift_remove("$ref");
    beside(target, members)
}

/// A target and what stood beside the reference to it: what is said about a value replaces, what constrains it adds.
fn beside(target: Value, mut siblings: Map<String, Value>) -> Value {
    const ABOUT: [&str; 5] = ["title", "description", "default", "examples", "deprecated"];
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
            if let Value::Array(parts) = siblings.entry("allOf").or_insert_with(|| json!([])) {
                parts.push(target);
            }
            siblings.into()
        }
    }
}
