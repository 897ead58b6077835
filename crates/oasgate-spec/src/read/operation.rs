//! Operations (OpenAPI 3.2, 4.10).

use serde_json::{Map, Value};

use super::item::Item;
use super::{Lost, Reader, Rule, form, path};
use crate::store::Node;
use crate::{Body, Dialect, Operation, Parameter, Server, Severity};

const OPERATION_INVALID: Rule =
    Rule { severity: Severity::Error, name: "operation-invalid", fix: "make the operation an object" };

const OPERATION_ID_TWICE: Rule = Rule {
    severity: Severity::Warning,
    name: "operation-id-twice",
    fix: "give each operation an operationId of its own",
};

/// Where an operationId stands first.
pub(super) struct FirstId<'d> {
    node: Node<'d>,
    /// The operation, as `METHOD /path`.
    operation: String,
    /// Whether it has been said that it stands again.
    is_told: bool,
}

impl<'d> Reader<'d> {
    pub(super) fn one_operation(
        &mut self,
        item: &Item<'_, 'd>,
        method: String,
        written: Node<'d>,
    ) -> Result<Operation, Lost> {
        let node = self.operation_target(written)?;
        if !self.spend(node, node.size()) {
            return Err(Lost);
        }
        let (mut parameters, body) = self.input(item, node)?;
        let template = self.template(node, item.path, &mut parameters);
        Ok(Operation {
            location: node.location(),
            path: item.path.to_owned(),
            template,
            id: self.id(node),
            summary: self.said(item, node, "summary"),
            description: self.said(item, node, "description"),
            tags: self.texts(node, "tags"),
            deprecated: self.flag(node, "deprecated") || self.flag(node, "x-deprecated"),
            servers: self.servers_of(item, node),
            parameters,
            body,
            responses: self.responses(item.root, node),
            security: self.requirements(node, item.root),
            extensions: self.extensions(item, node),
            method,
        })
    }

    /// The operation itself. The standard has no `$ref` here, but descriptions split over many files do.
    fn operation_target(&mut self, written: Node<'d>) -> Result<Node<'d>, Lost> {
        let message = match self.deref(written) {
            Ok(target) if target.is_object() => return Ok(target),
            Ok(_) => "the operation is not an object".to_owned(),
            Err(message) => message,
        };
        self.note(written, &OPERATION_INVALID, format!("{message}; it is left out"));
        Err(Lost)
    }

    /// The operationId, which is to be unique (OpenAPI 3.2, 4.10.1).
    fn id(&mut self, node: Node<'d>) -> Option<String> {
        let written = node.get("operationId")?;
        let id = filled(written.as_scalar()?.trim())?;
        let here = self.operation.clone().unwrap_or_default();
        match self.ids.remove(&id) {
            None => self.ids.insert(id.clone(), FirstId { node: written, operation: here, is_told: false }),
            Some(first) => {
                let message = format!("operationId `{id}` is that of {} as well", first.operation);
                self.note(written, &OPERATION_ID_TWICE, message);
                if !first.is_told {
                    self.operation = Some(first.operation.clone());
                    let message = format!("operationId `{id}` is that of {here} as well");
                    self.note(first.node, &OPERATION_ID_TWICE, message);
                    self.operation = Some(here);
                }
                self.ids.insert(id.clone(), FirstId { is_told: true, ..first })
            }
        };
        Some(id)
    }

    /// Parameters and body.
    fn input(&mut self, item: &Item<'_, 'd>, node: Node<'d>) -> Result<(Vec<Parameter>, Option<Body>), Lost> {
        let mut lists = item.all("parameters");
        lists.extend(node.get("parameters"));
        let read = self.parameters(&lists)?;
        let consumes = form::media_types("consumes", node, item.root);
        let (parameters, from_parameters) = self.parameter_body(read, &consumes);
        let body = match self.dialect {
            Dialect::V2_0 if from_parameters.is_some() => from_parameters,
            _ => self.body(node)?.or(from_parameters),
        };
        Ok((parameters, body))
    }

    /// The path key taken apart, in agreement with the parameters.
    fn template(&mut self, node: Node<'d>, key: &str, parameters: &mut Vec<Parameter>) -> crate::Template {
        let mut written = path::parse(key, parameters);
        self.reconcile(node, key, &mut written, parameters);
        written.template
    }

    /// The servers in force: the operation's, else the path item's, else the API's. In Swagger 2.0 an operation has no
    /// more than schemes of its own.
    fn servers_of(&mut self, item: &Item<'_, 'd>, node: Node<'d>) -> Vec<Server> {
        let mut owners = vec![node];
        owners.extend(item.layers.iter().copied());
        for owner in owners {
            let size = owner.get("servers").map_or(0, Node::size);
            if size > 0
                && self.spend(owner, size)
                && let Some(servers) = self.servers(owner)
            {
                return servers;
            }
        }
        if self.dialect == Dialect::V2_0 && node.get("schemes").is_some() {
            return self.v2_servers(item.root, node);
        }
        self.spend(node, item.servers.len());
        item.servers.to_vec()
    }

    /// A text of the operation, or else of the path item.
    fn said(&mut self, item: &Item<'_, 'd>, node: Node<'d>, key: &str) -> Option<String> {
        let is_filled = |text: &Node<'_>| text.as_text().is_some_and(|text| !text.trim().is_empty());
        let text = node.get(key).filter(is_filled).or_else(|| item.get(key).filter(is_filled))?;
        self.copy_text(text)
    }

    /// The extensions of the operation, then of the path item and root where the operation has none of that name.
    fn extensions(&mut self, item: &Item<'_, 'd>, node: Node<'d>) -> Map<String, Value> {
        let mut extensions = Map::new();
        let owners = std::iter::once(node).chain(item.layers.iter().copied());
        for (key, value) in owners.flat_map(Node::members).filter(|(key, _)| key.starts_with("x-")) {
            if !extensions.contains_key(key)
                && let Some(value) = self.copy(value)
            {
                extensions.insert(key.to_owned(), value);
            }
        }
        extensions
    }

    /// The texts in a list, or one text alone.
    fn texts(&mut self, node: Node<'d>, key: &str) -> Vec<String> {
        let Some(list) = self.member(node, key) else { return Vec::new() };
        let alone = list.as_scalar();
        alone.into_iter().chain(list.items().filter_map(Node::as_scalar)).collect()
    }
}

/// The text, unless it is blank.
fn filled(text: &str) -> Option<String> {
    (!text.trim().is_empty()).then(|| text.to_owned())
}
