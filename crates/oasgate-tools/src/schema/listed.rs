//! The full schema as it is listed: with `$defs`, or with every reference replaced by its target where that is
//! shorter; with shorter descriptions where it would be more than the budget.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::full::references;
use super::{Library, Pool, walk};
use crate::prose;

/// How many characters descriptions keep, from the best to the least.
const PROSE: [usize; 2] = [160, 60];

/// How many times the budget a schema may be for shorter descriptions to be worth a try.
const HOPELESS: usize = 8;

/// How many references deep definitions are inlined.
const DEPTH: usize = 64;

/// The schema to list in the full profile; `None` if even with short descriptions it is more than this many bytes.
pub(crate) fn listed(pool: &Pool, library: &Library, schema: Value, budget: usize) -> Option<Value> {
    let own = schema.to_string().len();
    let referred = library.bytes(&schema);
    let inlined = inlined_bytes(pool, &schema).filter(|inlined| *inlined <= referred);
    let length = own.saturating_add(inlined.unwrap_or(referred));
    if length / HOPELESS > budget {
        return None;
    }
    let mut schema = if inlined.is_some() { inline(pool, &schema) } else { library.complete(schema) };
    if schema.to_string().len() <= budget {
        return Some(schema);
    }
    PROSE.into_iter().find_map(|limit| {
        abridge(&mut schema, limit);
        (schema.to_string().len() <= budget).then(|| schema.take())
    })
}

/// Shortens what is said about values; titles and examples go.
fn abridge(schema: &mut Value, limit: usize) {
    let Value::Object(members) = schema else { return };
    members.shift_remove("title");
    members.shift_remove("examples");
    if let Some(Value::String(text)) = members.get_mut("description") {
        *text = prose::shorten(text, limit);
    }
    walk::each_mut(members, |schema| abridge(schema, limit));
}

/// How many bytes the definitions that a schema refers to have when each is written where it is referred to; `None` if
/// one leads back to itself.
fn inlined_bytes(pool: &Pool, schema: &Value) -> Option<usize> {
    let mut sizes = Sizes { pool, known: HashMap::new() };
    let mut direct = Vec::new();
    references(schema, &mut direct);
    direct.iter().try_fold(0_usize, |sum, name| Some(sum.saturating_add(sizes.inlined(name, 0)?)))
}

/// The lengths of definitions with all they refer to inlined.
struct Sizes<'p> {
    pool: &'p Pool,
    /// `None` while a definition is being measured, which is how a cycle shows, and for what is in a cycle.
    known: HashMap<String, Option<usize>>,
}

impl Sizes<'_> {
    /// `None` for a definition that leads back to itself, or too far.
    fn inlined(&mut self, name: &str, depth: usize) -> Option<usize> {
        if let Some(size) = self.known.get(name) {
            return *size;
        }
        self.known.insert(name.to_owned(), None);
        let definition = self.pool.definition(name).filter(|_| depth < DEPTH)?;
        let mut size = definition.bytes;
        for reference in &definition.references {
            size = size.saturating_add(self.inlined(reference, depth + 1)?);
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
