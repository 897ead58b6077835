//! One schema out of references and `allOf`: what holds for a value, said in one place, one level deep.
//!
//! Everything is borrowed that need not change, since a large description settles the same definitions many times.

use std::borrow::Cow;

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::{Pool, walk};

/// How many references and `allOf`s may be nested in one place.
const DEPTH: usize = 40;

/// A schema without `$ref` and `allOf` at its top.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settled<'s> {
    /// Its keywords but `properties`, in the order they were met.
    members: Vec<(&'s str, Cow<'s, Value>)>,
    /// Its properties.
    pub(crate) properties: IndexMap<&'s str, Cow<'s, Value>>,
    /// Whether no value fits.
    pub(crate) never: bool,
    /// The definitions it was put together from.
    pub(crate) through: Vec<&'s str>,
}

/// Follows references and merges `allOf`. What stands outside counts before what stands inside.
pub(crate) fn settle<'s>(pool: &'s Pool, schema: &'s Value) -> Settled<'s> {
    let mut settled = Settled::default();
    settled.absorb(pool, schema, 0);
    settled
}

/// Whether no value can ever fit a schema, told without putting it together.
pub(crate) fn is_impossible(pool: &Pool, schema: &Value) -> bool {
    forbids_all(pool, schema, &mut Vec::new(), 0)
}

fn forbids_all<'s>(pool: &'s Pool, schema: &'s Value, through: &mut Vec<&'s str>, depth: usize) -> bool {
    let Value::Object(members) = schema else { return *schema == Value::Bool(false) };
    if depth > DEPTH {
        return false;
    }
    let parts = members.get("allOf").and_then(Value::as_array).into_iter().flatten();
    let target = walk::reference(members).filter(|name| !through.contains(name)).and_then(|name| {
        through.push(name);
        pool.get(name)
    });
    members.get("not").is_some_and(is_anything)
        || target.into_iter().chain(parts).any(|part| forbids_all(pool, part, through, depth + 1))
}

impl<'s> Settled<'s> {
    /// The value of a keyword other than `properties`.
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.members.iter().find(|(own, _)| *own == key).map(|(_, value)| value.as_ref())
    }

    /// The keyword's text.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_str()
    }

    /// The keyword's items.
    pub(crate) fn list(&self, key: &str) -> Option<&[Value]> {
        self.get(key)?.as_array().map(Vec::as_slice)
    }

    /// Whether it has this keyword, `properties` not counted.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Its keywords; `properties` is among them if there are any.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        let properties = (!self.properties.is_empty()).then_some("properties");
        self.members.iter().map(|(key, _)| *key).chain(properties)
    }

    /// Whether any value fits.
    pub(crate) fn is_empty(&self) -> bool {
        self.members.is_empty() && self.properties.is_empty()
    }

    /// Whether no value can ever fit: an argument that can only be left out.
    pub(crate) fn is_impossible(&self) -> bool {
        self.never || self.get("not").is_some_and(is_anything)
    }

    /// The names under `required`.
    pub(crate) fn required(&self) -> impl Iterator<Item = &str> {
        self.list("required").unwrap_or_default().iter().filter_map(Value::as_str)
    }

    /// Takes a keyword out.
    pub(crate) fn take(&mut self, key: &str) -> Option<Cow<'s, Value>> {
        let at = self.members.iter().position(|(own, _)| *own == key)?;
        Some(self.members.remove(at).1)
    }

    /// Puts a keyword in place of what it held.
    pub(crate) fn put(&mut self, key: &'s str, value: Value) {
        self.take(key);
        self.members.push((key, Cow::Owned(value)));
    }

    /// Adds all that holds for `other`, but not what is only said about it.
    pub(crate) fn constrain(&mut self, other: &Self) {
        for (key, value) in other.members.iter().filter(|(key, _)| !is_about(key)) {
            self.combine(key, value.clone());
        }
        for (name, schema) in &other.properties {
            self.property(name, schema.clone());
        }
    }

    fn absorb(&mut self, pool: &'s Pool, schema: &'s Value, depth: usize) {
        let members = match schema {
            Value::Object(members) => members,
            Value::Bool(false) => {
                self.never = true;
                return;
            }
            _ => return,
        };
        if depth > DEPTH {
            return;
        }
        for (key, value) in members {
            match (key.as_str(), value) {
                ("$ref" | "allOf", _) => {}
                ("properties", Value::Object(properties)) => {
                    self.properties.reserve(properties.len());
                    for (name, schema) in properties {
                        self.property(name, Cow::Borrowed(schema));
                    }
                }
                (key, value) => self.combine(key, Cow::Borrowed(value)),
            }
        }
        if let Some(name) = walk::reference(members)
            && !self.through.contains(&name)
            && let Some(target) = pool.get(name)
        {
            self.through.push(name);
            self.absorb(pool, target, depth + 1);
        }
        for part in members.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.absorb(pool, part, depth + 1);
        }
    }

    /// Adds a property; where there is one of that name already, both hold.
    fn property(&mut self, name: &'s str, schema: Cow<'s, Value>) {
        match self.properties.get_mut(name) {
            None => {
                self.properties.insert(name, schema);
            }
            Some(held) if **held == *schema => {}
            Some(held) => *held = Cow::Owned(json!({"allOf": [held.as_ref(), schema.as_ref()]})),
        }
    }

    /// Adds a keyword to those that hold already.
    fn combine(&mut self, key: &'s str, value: Cow<'s, Value>) {
        let Some((_, held)) = self.members.iter_mut().find(|(own, _)| *own == key) else {
            self.members.push((key, value));
            return;
        };
        if let Some(both) = both(key, held, &value) {
            *held = Cow::Owned(both);
        }
    }
}

/// What a keyword says when two schemas hold at once; `None` if it is what it was.
fn both(key: &str, held: &Value, more: &Value) -> Option<Value> {
    if held == more {
        return None;
    }
    match (key, held, more) {
        ("required", Value::Array(held), Value::Array(more)) => {
            let new = more.iter().filter(|name| !held.contains(name));
            Some(held.iter().chain(new).cloned().collect())
        }
        ("enum", Value::Array(held), Value::Array(more)) => {
            let both: Vec<Value> = held.iter().filter(|value| more.contains(value)).cloned().collect();
            (!both.is_empty()).then(|| both.into())
        }
        ("type", held, more) => common_types(held, more),
        ("items" | "additionalProperties", Value::Object(_), Value::Object(_)) => {
            Some(json!({"allOf": [held, more]}))
        }
        // Closed only if every part is: a part that is closed alone would forbid the others' properties.
        ("additionalProperties", Value::Bool(false), more) => Some(more.clone()),
        _ => None,
    }
}

/// The types in both; `None` if there is none.
fn common_types(a: &Value, b: &Value) -> Option<Value> {
    fn list(types: &Value) -> Vec<&str> {
        match types {
            Value::String(name) => vec![name.as_str()],
            Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }
    let (a, b) = (list(a), list(b));
    // Every integer is a number.
    let fits = |name: &str, other: &[&str]| {
        other.contains(&name) || (name == "integer" && other.contains(&"number"))
    };
    let mut both: Vec<&str> = a.iter().copied().filter(|name| fits(name, &b)).collect();
    both.extend(b.iter().copied().filter(|name| fits(name, &a) && !a.contains(name)));
    match both.as_slice() {
        [] => None,
        [one] => Some(json!(one)),
        several => Some(json!(several)),
    }
}

/// Whether every value fits a schema, by its own word.
fn is_anything(schema: &Value) -> bool {
    *schema == Value::Bool(true) || schema.as_object().is_some_and(Map::is_empty)
}

/// Whether a keyword says something about a value and does not constrain it.
fn is_about(key: &str) -> bool {
    matches!(key, "title" | "description" | "default" | "examples" | "deprecated" | "$comment")
}
