//! Path items and operations.

use serde_json::{Map, Value};

use super::path::{self, Written};
use super::{Lost, Reader, Rule, security};
use crate::store::Node;
use crate::{Dialect, Operation, Parameter, Place, Schema, Serialization, Server, Severity, Style};

const PATHS_INVALID: Rule =
    Rule { severity: Severity::Fatal, name: "paths-invalid", fix: "make `paths` an object of path items" };
const PATH_ITEM_BROKEN: Rule = Rule {
    severity: Severity::Error,
    name: "path-item-broken",
    fix: "make the path item an object, and its `$ref` point to one",
};
const OPERATION_INVALID: Rule =
    Rule { severity: Severity::Error, name: "operation-invalid", fix: "make the operation an object" };
const PATH_PARAMETER_UNDECLARED: Rule = Rule {
    severity: Severity::Warning,
    name: "path-parameter-undeclared",
    fix: "declare it under `parameters` with `in: path`",
};
const PATH_PARAMETER_RENAMED: Rule = Rule {
    severity: Severity::Note,
    name: "path-parameter-name-differs",
    fix: "use one spelling in the path and under `parameters`",
};
const PATH_PARAMETER_UNUSED: Rule = Rule {
    severity: Severity::Warning,
    name: "path-parameter-unused",
    fix: "put `{name}` into the path, or remove the parameter",
};

/// The fixed fields of a path item that hold an operation (OpenAPI 3.2, 4.9).
const METHODS: [&str; 9] = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

/// What a path item gives its operations.
struct Item<'a, 'd> {
    root: Node<'d>,
    path: &'d str,
    /// The path item, then what its `$ref` leads to.
    layers: Vec<Node<'d>>,
    servers: &'a [Server],
}

impl<'d> Item<'_, 'd> {
    /// A member of the path item, its own before those behind its `$ref`.
    fn get(&self, key: &str) -> Option<Node<'d>> {
        self.layers.iter().find_map(|layer| layer.get(key))
    }
}

impl<'d> Reader<'d> {
    pub(super) fn operations(&mut self, root: Node<'d>, servers: &[Server]) -> Vec<Operation> {
        let Some(paths) = root.get("paths") else { return Vec::new() };
        let paths = match self.deref(paths) {
            Ok(target) if target.value.is_object() => target,
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
        if node.value.is_null() {
            return None;
        }
        match self.deref(node) {
            Ok(target) if target.value.is_object() => Some(vec![node, target]),
            Ok(_) => {
                self.note(
                    node,
                    &PATH_ITEM_BROKEN,
                    "the path item is not an object; its operations are left out",
                );
                None
            }
            Err(message) => {
                self.note(
                    node,
                    &PATH_ITEM_BROKEN,
                    format!("{message}; the operations behind it are left out"),
                );
                None
            }
        }
    }

    fn path_item(&mut self, item: &Item<'_, 'd>, operations: &mut Vec<Operation>) {
        let [own, .., target] = item.layers.as_slice() else { return };
        let mut found: Vec<(String, Node<'d>)> = Vec::new();
        for layer in [own, target] {
            let methods = layer.members().filter(|(key, _)| METHODS.contains(key));
            let methods = methods.map(|(key, node)| (key.to_ascii_uppercase(), node));
            let more = layer.get("additionalOperations").into_iter().flat_map(Node::members);
            for (method, node) in methods.chain(more.map(|(method, node)| (method.to_owned(), node))) {
                if !found.iter().any(|(known, _)| *known == method) {
                    found.push((method, node));
                }
            }
        }
        for (method, node) in found.into_iter().filter(|(_, node)| !node.value.is_null()) {
            self.operation = Some(format!("{method} {}", item.path));
            if let Ok(operation) = self.one_operation(item, method, node) {
                operations.push(operation);
            }
        }
    }

    fn one_operation(
        &mut self,
        item: &Item<'_, 'd>,
        method: String,
        node: Node<'d>,
    ) -> Result<Operation, Lost> {
        // The standard has no `$ref` here, but descriptions split over many files do.
        let node = match self.deref(node) {
            Ok(target) if target.value.is_object() => target,
            Ok(_) => {
                self.note(node, &OPERATION_INVALID, "the operation is not an object; it is left out");
                return Err(Lost);
            }
            Err(message) => {
                self.note(node, &OPERATION_INVALID, format!("{message}; the operation is left out"));
                return Err(Lost);
            }
        };
        let lists = [item.get("parameters"), node.get("parameters")];
        let (mut parameters, body) = match self.dialect {
            Dialect::V2_0 => self.v2_parameters(item.root, node, lists)?,
            _ => (self.parameters(lists)?, self.body(node)?),
        };
        let mut written = path::parse(item.path);
        self.reconcile(node, &mut written, &mut parameters);
        let own_servers = self.servers(node);
        let item_servers = match own_servers {
            None => {
                item.get("servers").and_then(|_| item.layers.iter().find_map(|layer| self.servers(*layer)))
            }
            own => own,
        };
        let token = |text: &str| text.replace('~', "~0").replace('/', "~1");
        Ok(Operation {
            location: item.root.document.location(format!(
                "/paths/{}/{}",
                token(item.path),
                self.member(&method)
            )),
            path: item.path.to_owned(),
            template: written.template,
            id: node.text("operationId").map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned),
            summary: text(node, "summary").or_else(|| item.get("summary").and_then(own_text)),
            description: text(node, "description").or_else(|| item.get("description").and_then(own_text)),
            tags: node.get("tags").into_iter().flat_map(Node::items).filter_map(own_text).collect(),
            deprecated: node.flag("deprecated"),
            servers: item_servers.unwrap_or_else(|| item.servers.to_vec()),
            parameters,
            body,
            responses: self.responses(item.root, node),
            security: security::requirements(node, item.root),
            extensions: extensions(&item.layers, node),
            method,
        })
    }

    /// The path item's member that holds the operation of this method.
    fn member(&self, method: &str) -> String {
        let lower = method.to_ascii_lowercase();
        if METHODS.contains(&lower.as_str()) { lower } else { format!("additionalOperations/{method}") }
    }

    /// Makes the templates of the path and the parameters declared for it agree, so that each has the other.
    fn reconcile(&mut self, at: Node<'d>, written: &mut Written, parameters: &mut Vec<Parameter>) {
        for (name, template) in std::mem::take(&mut written.query) {
            let declared =
                |p: &&mut Parameter| p.name == template && matches!(p.place, Place::Path | Place::Query);
            match parameters.iter_mut().find(declared) {
                Some(parameter) => {
                    parameter.name.clone_from(&name);
                    parameter.place = Place::Query;
                    parameter.serialization = form();
                }
                None => parameters.push(undeclared(&name, Place::Query)),
            }
        }
        let names: Vec<String> = written.names().map(str::to_owned).collect();
        let is_declared = |parameters: &[Parameter], name: &str| {
            parameters.iter().any(|parameter| parameter.place == Place::Path && parameter.name == name)
        };
        for name in names.iter().filter(|name| !is_declared(parameters, name)).cloned().collect::<Vec<_>>() {
            let similar = |p: &&Parameter| {
                p.place == Place::Path && !names.contains(&p.name) && path::alike(&p.name, &name)
            };
            if let Some(parameter) = parameters.iter().find(similar) {
                let message =
                    format!("`{{{name}}}` in the path is taken to be the parameter `{}`", parameter.name);
                written.rename(&name, &parameter.name.clone());
                self.note(at, &PATH_PARAMETER_RENAMED, message);
            } else if !is_declared(parameters, &name) {
                let message = format!("`{{{name}}}` in the path is not declared; it is taken to be text");
                self.note(at, &PATH_PARAMETER_UNDECLARED, message);
                parameters.push(undeclared(&name, Place::Path));
            }
        }
        let used: Vec<String> = written.names().map(str::to_owned).collect();
        parameters.retain(|parameter| {
            let keep = parameter.place != Place::Path || used.contains(&parameter.name);
            if !keep {
                let message =
                    format!("path parameter `{}` is not in the path; it is left out", parameter.name);
                self.note(at, &PATH_PARAMETER_UNUSED, message);
            }
            keep
        });
    }
}

const fn form() -> Serialization {
    Serialization::Style { style: Style::Form, explode: true, allow_reserved: false, allow_empty: false }
}

/// A parameter that the path names and nobody declares: text, and required.
fn undeclared(name: &str, place: Place) -> Parameter {
    let serialization = match place {
        Place::Path => Serialization::Style {
            style: Style::Simple,
            explode: false,
            allow_reserved: false,
            allow_empty: false,
        },
        _ => form(),
    };
    Parameter {
        name: name.to_owned(),
        place,
        required: true,
        deprecated: false,
        description: None,
        serialization,
        schema: Schema(serde_json::json!({"type": "string"})),
        example: None,
    }
}

fn extensions(layers: &[Node<'_>], operation: Node<'_>) -> Map<String, Value> {
    let mut extensions = Map::new();
    for node in std::iter::once(&operation).chain(layers) {
        for (key, value) in node.members().filter(|(key, _)| key.starts_with("x-")) {
            extensions.entry(key).or_insert_with(|| value.value.clone());
        }
    }
    extensions
}

fn text(node: Node<'_>, key: &str) -> Option<String> {
    node.get(key).and_then(own_text)
}

fn own_text(node: Node<'_>) -> Option<String> {
    node.value.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned)
}
