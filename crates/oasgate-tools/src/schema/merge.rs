//! One schema out of references and `allOf`: what holds for a value, said in one place, one level deep.

use serde_json::{Map, Value, json};

use super::Pool;

/// How many references and `allOf`s may be nested in one place.
const DEPTH: usize = 40;

/// A schema without `$ref` and `allOf` at its top.
#[derive(Debug, Default)]
pub(crate) struct Settled {
    /// Its keywords; empty if any value fits.
    pub(crate) members: Map<String, Value>,
    /// Whether no value fits.
    pub(crate) never: bool,
    /// The definitions it was put together from.
    pub(crate) through: Vec<String>,
}

/// Follows references and merges `allOf`. What stands outside counts before what stands inside.
pub(crate) fn settle(pool: &Pool, schema: &Value) -> Settled {
    let mut settled = Settled::default();
    settled.absorb(pool, schema, 0);
    settled
}

impl Settled {
    fn absorb(&mut self, pool: &Pool, schema: &Value, depth: usize) {
        let members = match schema {
            Value::Object(members) => members,
            Value::Bool(false) => return self.never = true,
            _ => return,
        };
        if depth > DEPTH {
            return;
        }
        for (key, value) in members.iter().filter(|(key, _)| !matches!(key.as_str(), "$ref" | "allOf")) {
            combine(&mut self.members, key, value);
        }
        if let Some(name) =
            members.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix("#/$defs/"))
            && !self.through.iter().any(|other| other == name)
            && let Some(target) = pool.get(name)
        {
            self.through.push(name.to_owned());
            self.absorb(pool, target, depth + 1);
        }
        for part in members.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.absorb(pool, part, depth + 1);
        }
    }
}

/// Adds a keyword to those that hold already.
pub(crate) fn combine(out: &mut Map<String, Value>, key: &str, value: &Value) {
    let Some(held) = out.get_mut(key) else {
        out.insert(key.to_owned(), value.clone());
        return;
    };
    if held == value {
        return;
    }
    match (key, held, value) {
        ("properties", Value::Object(held), Value::Object(more)) => {
            for (name, schema) in more {
                match held.get_mut(name) {
                    None => {
                        held.insert(name.clone(), schema.clone());
                    }
                    Some(other) if other == schema => {}
                    Some(other) => *other = json!({"allOf": [other.take(), schema]}),
                }
            }
        }
        ("required", Value::Array(held), Value::Array(more)) => {
            for name in more {
                if !held.contains(name) {
                    held.push(name.clone());
                }
            }
        }
        ("enum", Value::Array(held), Value::Array(more)) => {
            let both: Vec<Value> = held.iter().filter(|value| more.contains(value)).cloned().collect();
            if !both.is_empty() {
                *held = both;
            }
        }
        ("type", held, more) => {
            let both = common_types(held, more);
            if !both.is_null() {
                *held = both;
            }
        }
        ("items" | "additionalProperties", held, more) if held.is_object() && more.is_object() => {
            *held = json!({"allOf": [held.take(), more]});
        }
        // Closed only if every part is: a part that is closed alone would forbid the others' properties.
        ("additionalProperties", held, more) if *held == json!(false) => *held = more.clone(),
        _ => {}
    }
}

/// The types in both; null if there is none.
fn common_types(a: &Value, b: &Value) -> Value {
    let list = |types: &Value| -> Vec<String> {
        match types {
            Value::String(name) => vec![name.clone()],
            Value::Array(names) => names.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        }
    };
    let (a, b) = (list(a), list(b));
    let both: Vec<&String> = a
        .iter()
        .filter(|name| b.contains(name) || (*name == "integer" && b.iter().any(|other| other == "number")))
        .chain(b.iter().filter(|name| *name == "integer" && a.iter().any(|other| other == "number")))
        .collect();
    match both.as_slice() {
        [] => Value::Null,
        [one] => json!(one),
        several => json!(several),
    }
}
