//! Path items: which operations a path has, and what it gives to all of them (OpenAPI 3.2, 4.8 and 4.9).

use indexmap::IndexMap;

use super::{Reader, Rule};
use crate::store::Node;
use crate::{Operation, Server, Severity};

const PATHS_INVALID: Rule =
    Rule { severity: Severity::Fatal, name: "paths-invalid", fix: "make `paths` an object of path items" };
const PATH_ITEM_BROKEN: Rule = Rule {
    severity: Severity::Error,
    name: "path-item-broken",
    fix: "make the path item an object, and its `$ref` point to one",
};
const METHOD_CASE: Rule =
    Rule { severity: Severity::Note, name: "method-case", fix: "write the method in lower case" };

/// The fixed fields of a path item that hold an operation (OpenAPI 3.2, 4.9).
const METHODS: [&str; 9] = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

/// What a path item gives its operations.
pub(super) struct Item<'a, 'd> {
    pub(super) root: Node<'d>,
    pub(super) path: &'d str,
    /// The path item, then what its `$ref` leads to.
    pub(super) layers: Vec<Node<'d>>,
    pub(super) servers: &'a [Server],
}

impl<'d> Item<'_, 'd> {
    /// A member of the path item, its own before those behind its `$ref`.
    pub(super) fn get(&self, key: &str) -> Option<Node<'d>> {
        self.layers.iter().find_map(|layer| layer.get(key).filter(|member| !member.is_null()))
    }

    /// This member of each layer, those behind the `$ref` first.
    pub(super) fn all(&self, key: &str) -> Vec<Node<'d>> {
        self.layers.iter().rev().filter_map(|layer| layer.get(key)).collect()
    }
}

impl<'d> Reader<'d> {
    pub(super) fn operations(&mut self, root: Node<'d>, servers: &[Server]) -> Vec<Operation> {
        let Some(paths) = root.get("paths").filter(|paths| !paths.is_null()) else { return Vec::new() };
        let paths = match self.deref(paths) {
            Ok(target) if target.is_object() => target,
            _ => {
                self.note(paths, &PATHS_INVALID, "`paths` is not an object");
                return Vec::new();
            }
        };
        let mut operations = Vec::new();
        for (path, node) in paths.members().filter(|(path, _)| !path.starts_with("x-")) {
            self.operation = Some(path.to_owned());
            if let Some(layers) = self.layers(node) {
                self.path_item(&Item { root, path, layers, servers }, &mut operations);
            }
            self.operation = None;
        }
        operations
    }

    /// The path item and what its `$ref` leads to; members beside the `$ref` count (OpenAPI 3.2, 4.9).
    fn layers(&mut self, node: Node<'d>) -> Option<Vec<Node<'d>>> {
        if node.is_null() {
            return None;
        }
        let message = match self.deref(node) {
            Ok(target) if target.id() == node.id() && target.is_object() => return Some(vec![node]),
            Ok(target) if target.is_object() => return Some(vec![node, target]),
            Ok(_) => "the path item is not an object".to_owned(),
            Err(message) => message,
        };
        // What stands beside a broken reference is still there.
        let beside = node.members().any(|(key, _)| METHODS.contains(&key));
        let cost =
            if beside { "only those beside it are read" } else { "the operations behind it are left out" };
        self.note(node, &PATH_ITEM_BROKEN, format!("{message}; {cost}"));
        beside.then(|| vec![node])
    }

    fn path_item(&mut self, item: &Item<'_, 'd>, operations: &mut Vec<Operation>) {
        for (method, node) in self.methods(item) {
            self.operation = Some(format!("{method} {}", item.path));
            if let Ok(operation) = self.one_operation(item, method, node) {
                operations.push(operation);
            }
        }
    }

    /// The methods of a path item and their operations; the first of each method counts.
    fn methods(&mut self, item: &Item<'_, 'd>) -> IndexMap<String, Node<'d>> {
        let mut found: IndexMap<String, Node<'d>> = IndexMap::new();
        for layer in &item.layers {
            for (key, node) in layer.members() {
                let Some(method) = METHODS.iter().find(|method| key.eq_ignore_ascii_case(method)) else {
                    continue;
                };
                if key != *method {
                    self.note(node, &METHOD_CASE, format!("`{key}` is taken to be `{method}`"));
                }
                found.entry(method.to_ascii_uppercase()).or_insert(node);
            }
            let more = self.member(*layer, "additionalOperations");
            for (method, node) in more.into_iter().flat_map(Node::members) {
                found.entry(method.to_owned()).or_insert(node);
            }
        }
        found
    }
}
