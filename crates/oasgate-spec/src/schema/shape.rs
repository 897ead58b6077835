//! Keywords that hold several schemas: lists, and maps by name.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::SCHEMA_INVALID;
use crate::read::Reader;
use crate::store::Node;

impl<'d> Reader<'d> {
    /// A list of schemas; an empty one says nothing, and one schema alone is a list of one.
    pub(super) fn schemas(&mut self, node: Node<'d>) -> Option<Value> {
        let list = match self.deref(node) {
            // A list kept in another file, which JSON Schema does not have, but descriptions do.
            Ok(list) if list.is_array() => list,
            _ => node,
        };
        if list.is_object() {
            self.note(
                node,
                &SCHEMA_INVALID,
                "a list of schemas is expected; this one schema is taken for one",
            );
            return Some(json!([self.lower(node)]));
        }
        if !list.is_array() {
            if !list.is_null() {
                self.note(node, &SCHEMA_INVALID, "a list of schemas is expected; it is left out");
            }
            return None;
        }
        let mut schemas = Vec::new();
        for item in list.items() {
            // An item that nobody filled in is no schema; taken for `true` it would undo the others.
            if item.is_null() {
                self.note(item, &SCHEMA_INVALID, "the schema in the list is empty; it is left out");
            } else {
                schemas.push(self.lower(item));
            }
        }
        (!schemas.is_empty()).then(|| schemas.into())
    }

    /// Schemas by name. A property that says of itself `required: true`, as JSON Schema 3 had it, is heard.
    pub(super) fn schema_map(
        &mut self,
        key: &str,
        node: Node<'d>,
        out: &mut Map<String, Value>,
    ) -> Option<Value> {
        let mut layers = vec![node];
        if node.text("$ref").is_some() {
            // A map kept in another file, which JSON Schema does not have, but descriptions do.
            match self.deref(node) {
                Ok(target) => layers.insert(0, target),
                Err(message) => {
                    self.note(node, &SCHEMA_INVALID, format!("{message}; the rest of `{key}` is read"));
                }
            }
        }
        if !layers.iter().all(|layer| layer.is_object()) {
            if !node.is_null() {
                let message = format!("`{key}` must be an object of schemas; it is left out");
                self.note(node, &SCHEMA_INVALID, message);
            }
            return None;
        }
        let mut map = Map::new();
        let mut required = Vec::new();
        for (name, child) in layers.into_iter().flat_map(Node::members) {
            // `x-` members among the properties are extensions by mistake, unless they are schemas.
            let is_extension = name.starts_with("x-") && !child.is_object();
            if is_extension || name == "$ref" && child.as_text().is_some() {
                continue;
            }
            if key == "properties" && child.flag("required") {
                required.push(Value::from(name));
            }
            let name = match key {
                "patternProperties" => self.mended_pattern(child, name),
                _ => Some(name.to_owned()),
            };
            let Some(name) = name else { continue };
            map.insert(name, self.lower(child));
        }
        if !required.is_empty() {
            require(required, out);
        }
        Some(map.into())
    }
}

/// Adds names to those that are required.
pub(super) fn require(names: Vec<Value>, out: &mut Map<String, Value>) {
    let before = out.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut met = HashSet::new();
    let all = before.into_iter().chain(names).filter(|name| met.insert(name.to_string()));
    out.insert("required".to_owned(), all.collect());
}
