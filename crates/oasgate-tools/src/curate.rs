//! What the description's author or the operator decided about a tool beyond what OpenAPI says.
//!
//! Owns the choice of operations (`--include`, `--exclude`, `--read-only`) and the extensions that curate one: our own
//! `x-oasgate`, and those of others, read through one table. Where several say something, ours counts first.

mod dialect;
mod select;
#[cfg(test)]
mod tests;

pub use select::{Selection, SelectionError};

use oasgate_spec::Operation;
use serde_json::{Map, Value};

use crate::Annotations;

/// What was decided about one operation. What is `None` was left to OpenAPI.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Curation {
    /// The tool's name, in place of the `operationId`.
    pub(crate) name: Option<String>,
    /// One line for people.
    pub(crate) title: Option<String>,
    /// What it does, for a model, in place of summary and description.
    pub(crate) description: Option<String>,
    /// Whether it is no tool at all.
    pub(crate) hidden: Option<bool>,
    /// Whether a person must agree to each call.
    pub(crate) confirm: Option<bool>,
    /// What calling it may do.
    pub(crate) hints: Hints,
    /// Other words by which it should be found.
    pub(crate) keywords: Vec<String>,
    /// Arguments that clients repeat in a header field: argument, and the name after `Mcp-Param-`.
    pub(crate) header_params: Vec<(String, String)>,
}

/// What calling a tool may do, as far as somebody said so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Hints {
    pub(crate) read_only: Option<bool>,
    pub(crate) destructive: Option<bool>,
    pub(crate) idempotent: Option<bool>,
    pub(crate) open_world: Option<bool>,
}

impl Curation {
    /// What the extensions of an operation say.
    pub(crate) fn of(operation: &Operation) -> Self {
        let mut curation = Self::default();
        for dialect in &dialect::TABLE {
            if let Some(value) = operation.extensions.get(dialect.extension) {
                curation.complete((dialect.read)(value));
            }
        }
        curation
    }

    /// Adds what was not said yet.
    fn complete(&mut self, other: Self) {
        self.name = self.name.take().or(other.name);
        self.title = self.title.take().or(other.title);
        self.description = self.description.take().or(other.description);
        self.hidden = self.hidden.or(other.hidden);
        self.confirm = self.confirm.or(other.confirm);
        self.hints = Hints {
            read_only: self.hints.read_only.or(other.hints.read_only),
            destructive: self.hints.destructive.or(other.hints.destructive),
            idempotent: self.hints.idempotent.or(other.hints.idempotent),
            open_world: self.hints.open_world.or(other.hints.open_world),
        };
        if self.keywords.is_empty() {
            self.keywords = other.keywords;
        }
        if self.header_params.is_empty() {
            self.header_params = other.header_params;
        }
    }

    /// The annotations by the method, with what was said instead. What only reads destroys nothing.
    pub(crate) fn annotations(&self, method: &str) -> Annotations {
        let plain = Annotations::of_method(method);
        let read_only = self.hints.read_only.unwrap_or(plain.read_only);
        let changed = read_only != plain.read_only;
        Annotations {
            read_only,
            destructive: self.hints.destructive.unwrap_or(if changed {
                !read_only
            } else {
                plain.destructive
            }),
            idempotent: self.hints.idempotent.unwrap_or(plain.idempotent || read_only),
            open_world: self.hints.open_world.unwrap_or(plain.open_world),
        }
    }

    /// Marks the arguments that clients repeat in a header field (MCP 2026-07-28, `x-mcp-header`): plain values at the
    /// root only. What cannot be marked is told.
    pub(crate) fn mark_headers(&self, listed: &mut Value) -> Vec<String> {
        let mut refused = Vec::new();
        let properties = listed.get_mut("properties").and_then(Value::as_object_mut);
        let mut none = Map::new();
        let properties = properties.unwrap_or(&mut none);
        let mut taken: Vec<String> = Vec::new();
        for (argument, header) in &self.header_params {
            let schema = properties.get_mut(argument).and_then(Value::as_object_mut);
            let is_plain = |schema: &Map<String, Value>| {
                matches!(schema.get("type").and_then(Value::as_str), Some("string" | "integer" | "boolean"))
            };
            let is_new = !taken.contains(&header.to_ascii_lowercase());
            let is_token = http::HeaderName::from_bytes(header.as_bytes()).is_ok();
            match schema.filter(|schema| is_plain(schema) && is_new && is_token) {
                Some(schema) => {
                    taken.push(header.to_ascii_lowercase());
                    schema.insert("x-mcp-header".to_owned(), header.as_str().into());
                }
                None => refused.push(argument.clone()),
            }
        }
        refused
    }
}
