//! Values that arrive as JSON text where the schema has an object or array: several hosts send them so.

use serde_json::{Map, Value};

/// How many references and compositions are followed in one place.
const DEPTH: usize = 24;

/// A schema document with its definitions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Schemas<'s> {
    root: &'s Value,
}

/// What a schema accepts, as far as decoding needs to know.
#[derive(Debug, Clone, Copy, Default)]
struct Kinds {
    text: bool,
    object: bool,
    array: bool,
}

impl<'s> Schemas<'s> {
    pub(super) const fn new(root: &'s Value) -> Self {
        Self { root }
    }

    /// Decodes what is text but cannot be, at every level.
    pub(super) fn decode(&self, value: &mut Value) {
        self.visit(&[self.root], value, 0);
    }

    /// The parts of a schema that apply to one value: itself, what it refers to, what it is composed of.
    fn parts(&self, schema: &'s Value, parts: &mut Vec<&'s Map<String, Value>>, depth: usize) {
        let Some(members) = schema.as_object() else { return };
        if depth > DEPTH || parts.len() > 200 {
            return;
        }
        parts.push(members);
        if let Some(target) = self.target(members) {
            self.parts(target, parts, depth + 1);
        }
        for key in ["allOf", "anyOf", "oneOf"] {
            for part in members.get(key).and_then(Value::as_array).into_iter().flatten() {
                self.parts(part, parts, depth + 1);
            }
        }
    }

    /// What a reference leads to.
    pub(super) fn target(&self, members: &Map<String, Value>) -> Option<&'s Value> {
        let name = members.get("$ref")?.as_str()?.strip_prefix("#/$defs/")?;
        self.root.get("$defs")?.get(name)
    }

    fn visit(&self, schemas: &[&'s Value], value: &mut Value, depth: usize) {
        if depth > 100 || matches!(value, Value::Null | Value::Bool(_) | Value::Number(_)) {
            return;
        }
        let mut parts = Vec::new();
        for schema in schemas {
            self.parts(schema, &mut parts, 0);
        }
        if let Value::String(text) = value {
            match decoded(text, self.kinds(schemas, 0)) {
                Some(found) => *value = found,
                None => return,
            }
        }
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    let mut below: Vec<&Value> =
                        parts.iter().filter_map(|part| part.get("properties")?.get(name.as_str())).collect();
                    if below.is_empty() {
                        below.extend(parts.iter().filter_map(|part| part.get("additionalProperties")));
                    }
                    self.visit(&below, member, depth + 1);
                }
            }
            Value::Array(items) => {
                let below: Vec<&Value> = parts.iter().filter_map(|part| part.get("items")).collect();
                items.iter_mut().for_each(|item| self.visit(&below, item, depth + 1));
            }
            _ => {}
        }
    }

    /// What kinds of value these schemas together let through.
    fn kinds(&self, schemas: &[&'s Value], depth: usize) -> Kinds {
        let mut all = Kinds { text: true, object: true, array: true };
        for schema in schemas {
            all = all.and(self.kinds_of(schema, depth));
        }
        all
    }

    fn kinds_of(&self, schema: &'s Value, depth: usize) -> Kinds {
        let any = Kinds { text: true, object: true, array: true };
        let Some(members) = schema.as_object().filter(|_| depth <= DEPTH) else { return any };
        let mut kinds = own_kinds(members).unwrap_or(any);
        if let Some(target) = self.target(members) {
            kinds = kinds.and(self.kinds_of(target, depth + 1));
        }
        for part in members.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            kinds = kinds.and(self.kinds_of(part, depth + 1));
        }
        for key in ["anyOf", "oneOf"] {
            if let Some(branches) = members.get(key).and_then(Value::as_array) {
                let none = Kinds::default();
                let either =
                    branches.iter().fold(none, |kinds, branch| kinds.or(self.kinds_of(branch, depth + 1)));
                kinds = kinds.and(either);
            }
        }
        kinds
    }
}

impl Kinds {
    const fn and(self, other: Self) -> Self {
        Self {
            text: self.text && other.text,
            object: self.object && other.object,
            array: self.array && other.array,
        }
    }

    const fn or(self, other: Self) -> Self {
        Self {
            text: self.text || other.text,
            object: self.object || other.object,
            array: self.array || other.array,
        }
    }
}

/// What a schema's own `type`, `enum` or `const` lets through.
fn own_kinds(members: &Map<String, Value>) -> Option<Kinds> {
    let of = |name: &str| Kinds { text: name == "string", object: name == "object", array: name == "array" };
    match members.get("type") {
        Some(Value::String(name)) => Some(of(name)),
        Some(Value::Array(names)) => {
            Some(names.iter().filter_map(Value::as_str).map(of).fold(Kinds::default(), Kinds::or))
        }
        _ => {
            let values = members.get("enum").and_then(Value::as_array)?;
            let kinds = values.iter().map(|value| Kinds {
                text: value.is_string(),
                object: value.is_object(),
                array: value.is_array(),
            });
            Some(kinds.fold(Kinds::default(), Kinds::or))
        }
    }
}

/// The object or array that a text holds, where text itself is not wanted.
fn decoded(text: &str, kinds: Kinds) -> Option<Value> {
    if kinds.text || !(kinds.object || kinds.array) {
        return None;
    }
    let value: Value = serde_json::from_str(text.trim()).ok()?;
    let fits = (kinds.object && value.is_object()) || (kinds.array && value.is_array());
    fits.then_some(value)
}
