//! The full schema of a tool's arguments: faithful JSON Schema 2020-12.
//!
//! It is put together when it is asked for, from the tool's own properties and a library of definitions that all
//! tools share: together, the full schemas of a large API are many times its description.

use indexmap::IndexMap;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

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
        let needed = self.needed(&schema);
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

    /// How many bytes the definitions that a schema needs have under `$defs`.
    pub(super) fn bytes(&self, schema: &Value) -> usize {
        let needed = self.needed(schema);
        let chosen = self.definitions.iter().zip(&needed).filter(|(_, needed)| **needed);
        // Between the name and its definition, and to the next one: `"":,`.
        chosen.map(|((name, entry), _)| name.len() + entry.text.get().len() + 4).sum()
    }

    /// For each definition whether a schema needs it.
    fn needed(&self, schema: &Value) -> Vec<bool> {
        let mut named = Vec::new();
        references(schema, &mut named);
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
        needed
    }
}

/// The names of the definitions that a schema refers to, as often as it does.
pub(super) fn references(schema: &Value, found: &mut Vec<String>) {
    let Value::Object(members) = schema else { return };
    found.extend(walk::reference(members).map(str::to_owned));
    walk::each(members, |schema| references(schema, found));
}
