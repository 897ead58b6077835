//! The root object: version, info, tags, and what holds for all operations.

use indexmap::IndexMap;

use super::{Reader, Rule};
use crate::store::Node;
use crate::{Api, Dialect, Severity};

const NOT_OPENAPI: Rule = Rule {
    severity: Severity::Fatal,
    name: "not-openapi",
    fix: "the root must be an object with `openapi: 3.x.y` or `swagger: \"2.0\"`",
};
const VERSION_UNKNOWN: Rule = Rule {
    severity: Severity::Warning,
    name: "version-unknown",
    fix: "write `swagger: \"2.0\"` or `openapi: 3.0.x`, `3.1.x` or `3.2.x`",
};
const NO_OPERATIONS: Rule = Rule {
    severity: Severity::Fatal,
    name: "no-operations",
    fix: "describe at least one operation under `paths`",
};

/// How something is recognised by its root, and what to tell whoever took it for a description.
type Stranger = (fn(Node<'_>) -> bool, &'static str);

/// What else people take for a description.
const STRANGERS: [Stranger; 5] = [
    (
        |root| root.get("swaggerVersion").is_some(),
        "this is a Swagger 1 description, which is not supported: convert it to a later version",
    ),
    (
        |root| root.get("asyncapi").is_some(),
        "this is an AsyncAPI description, of messages and not of HTTP operations",
    ),
    (
        |root| root.get("overlay").is_some() && root.get("actions").is_some(),
        "this is an overlay, which changes a description and is none",
    ),
    (|root| root.get("arazzo").is_some(), "this is an Arazzo description, of workflows over descriptions"),
    (
        |root| root.get("info").is_some_and(|info| info.get("_postman_id").is_some()) || is_postman(root),
        "this is a Postman collection: export the API as OpenAPI instead",
    ),
];

/// Whether it names Postman's schema as its own.
fn is_postman(root: Node<'_>) -> bool {
    root.get("info")
        .and_then(|info| info.text("schema"))
        .is_some_and(|schema| schema.contains("getpostman.com"))
}

impl<'d> Reader<'d> {
    pub(super) fn root(&mut self, root: Node<'d>) -> Api {
        let Some(dialect) = self.dialect_of(root) else { return Api::default() };
        self.dialect = dialect;
        let servers = self.root_servers(root);
        self.security_schemes = self.security_schemes(root);
        let operations = self.operations(root, &servers);
        if operations.is_empty() && !self.drafts.iter().any(|draft| draft.problem.severity >= Severity::Error)
        {
            let only = if root.get("webhooks").is_some() { ", only webhooks" } else { "" };
            self.note(root, &NO_OPERATIONS, format!("the description has no operations{only}"));
        }
        let info = self.member(root, "info").unwrap_or(root);
        let (tags, tag_parents) = self.tags(root);
        Api {
            title: info.get("title").and_then(Node::as_scalar).unwrap_or_default(),
            version: info.get("version").and_then(Node::as_scalar).unwrap_or_default(),
            description: info.text("description").or_else(|| info.text("summary")).map(str::to_owned),
            dialect,
            servers,
            operations,
            security_schemes: std::mem::take(&mut self.security_schemes),
            tags,
            tag_parents,
            ..Api::default()
        }
    }

    /// The version family; `None` if this is no description at all.
    fn dialect_of(&mut self, root: Node<'d>) -> Option<Dialect> {
        let written = root.get("openapi").or_else(|| root.get("swagger"));
        let version = written.and_then(Node::as_scalar).unwrap_or_default();
        if let Some(dialect) = dialect(&version) {
            return Some(dialect);
        }
        if written.is_none() && root.get("paths").is_none() {
            let message = if root.is_null() {
                "the description is empty"
            } else {
                let stranger = STRANGERS.iter().find(|(is_it, _)| is_it(root));
                stranger.map_or(
                    "this is not an OpenAPI description: neither `openapi` nor `swagger` is given",
                    |(_, what)| what,
                )
            };
            self.note(root, &NOT_OPENAPI, message);
            return None;
        }
        let assumed = if root.get("definitions").is_some() { Dialect::V2_0 } else { Dialect::V3_2 };
        let message = format!("version `{version}` is not known; it is read as {}", name(assumed));
        self.note(written.unwrap_or(root), &VERSION_UNKNOWN, message);
        Some(assumed)
    }

    /// Tags with what is said of them, and which tag stands below which (OpenAPI 3.2, 4.22).
    fn tags(&mut self, root: Node<'d>) -> (IndexMap<String, Option<String>>, IndexMap<String, String>) {
        let mut tags = IndexMap::new();
        let mut parents = IndexMap::new();
        for written in self.member(root, "tags").into_iter().flat_map(Node::items) {
            let tag = self.deref(written).unwrap_or(written);
            let Some(name) = tag.get("name").or(Some(tag)).and_then(Node::as_scalar) else { continue };
            if let Some(parent) = tag.text("parent") {
                parents.insert(name.clone(), parent.to_owned());
            }
            tags.insert(name, tag.text("description").or_else(|| tag.text("summary")).map(str::to_owned));
        }
        (tags, parents)
    }
}

/// The version family of `major.minor.patch`, of which people leave out the end.
fn dialect(version: &str) -> Option<Dialect> {
    let mut numbers = version.trim().split('.');
    match (numbers.next(), numbers.next()) {
        (Some("2"), None | Some("0")) => Some(Dialect::V2_0),
        (Some("3"), None | Some("0")) => Some(Dialect::V3_0),
        (Some("3"), Some("1")) => Some(Dialect::V3_1),
        (Some("3"), Some("2")) => Some(Dialect::V3_2),
        _ => None,
    }
}

const fn name(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::V2_0 => "Swagger 2.0",
        Dialect::V3_0 => "OpenAPI 3.0",
        Dialect::V3_1 => "OpenAPI 3.1",
        Dialect::V3_2 => "OpenAPI 3.2",
    }
}
