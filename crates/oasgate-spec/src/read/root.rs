//! The root object: version, info, tags, and what holds for all operations.

use indexmap::IndexMap;
use serde_json::Value;

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

impl<'d> Reader<'d> {
    pub(super) fn root(&mut self, root: Node<'d>) -> Api {
        let Some(dialect) = self.dialect_of(root) else { return Api::default() };
        self.dialect = dialect;
        let servers = self.root_servers(root);
        let security_schemes = self.security_schemes(root);
        let operations = self.operations(root, &servers);
        if operations.is_empty() && !self.drafts.iter().any(|draft| draft.problem.severity >= Severity::Error)
        {
            self.note(root, &NO_OPERATIONS, "the description has no operations");
        }
        let info = root.get("info").unwrap_or(root);
        Api {
            title: info.text("title").unwrap_or_default().to_owned(),
            version: scalar(info.value.get("version")),
            description: info.text("description").or_else(|| info.text("summary")).map(str::to_owned),
            dialect,
            servers,
            operations,
            security_schemes,
            tags: tags(root),
            ..Api::default()
        }
    }

    /// The version family; `None` if this is no description at all.
    fn dialect_of(&mut self, root: Node<'d>) -> Option<Dialect> {
        let written = root.value.get("openapi").or_else(|| root.value.get("swagger"));
        let version = scalar(written);
        let known = match version.get(..3).unwrap_or(&version) {
            "2.0" | "2" | "1.2" => Some(Dialect::V2_0),
            "3.0" | "3" => Some(Dialect::V3_0),
            "3.1" => Some(Dialect::V3_1),
            "3.2" => Some(Dialect::V3_2),
            _ => None,
        };
        if known.is_some() {
            return known;
        }
        if written.is_none() && root.get("paths").is_none() {
            self.note(
                root,
                &NOT_OPENAPI,
                "this is not an OpenAPI description: neither `openapi` nor `swagger` is given",
            );
            return None;
        }
        let assumed = if root.get("definitions").is_some() { Dialect::V2_0 } else { Dialect::V3_2 };
        self.note(
            root,
            &VERSION_UNKNOWN,
            format!("version `{version}` is not known; it is read as {assumed:?}"),
        );
        Some(assumed)
    }
}

fn tags(root: Node<'_>) -> IndexMap<String, Option<String>> {
    let tags = root.get("tags").into_iter().flat_map(Node::items);
    tags.filter_map(|tag| Some((tag.text("name")?.to_owned(), tag.text("description").map(str::to_owned))))
        .collect()
}

/// Text as it is, a number as it is written.
fn scalar(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}
