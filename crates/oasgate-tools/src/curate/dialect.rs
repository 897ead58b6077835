//! The extensions that curate tools, each read into the same words: one table, one small reader for each.

use serde_json::{Map, Value};

use super::{Curation, Hints};

/// An extension that is understood.
pub(super) struct Dialect {
    pub(super) extension: &'static str,
    pub(super) read: fn(&Value) -> Curation,
}

/// The extensions that are understood, ours first.
pub(super) const TABLE: [Dialect; 6] = [
    Dialect { extension: "x-oasgate", read: ours },
    Dialect { extension: "x-mcp", read: mcp },
    Dialect { extension: "x-speakeasy-mcp", read: speakeasy },
    Dialect { extension: "x-mcp-hidden", read: hidden },
    Dialect { extension: "x-mcp-annotations", read: annotations },
    Dialect { extension: "x-zuplo-route", read: zuplo },
];

/// `x-oasgate`: false hides; an object says each thing by name.
fn ours(value: &Value) -> Curation {
    let Some(members) = value.as_object() else { return switch(value) };
    let header_params = members.get("header-param").and_then(Value::as_object).into_iter().flatten();
    Curation {
        name: text(members, "name"),
        title: text(members, "title"),
        description: text(members, "description"),
        hidden: flag(members, "hidden"),
        confirm: flag(members, "confirm"),
        hints: members.get("annotations").map(hints).unwrap_or_default(),
        keywords: texts(members, "keywords"),
        header_params: header_params
            .filter_map(|(argument, header)| Some((argument.clone(), header.as_str()?.to_owned())))
            .collect(),
    }
}

/// `x-mcp`: a truth value, or an object.
fn mcp(value: &Value) -> Curation {
    let Some(members) = value.as_object() else { return switch(value) };
    let enabled = flag(members, "enabled").map(|enabled| !enabled);
    Curation {
        name: text(members, "name"),
        title: text(members, "title"),
        description: text(members, "description"),
        hidden: flag(members, "hidden").or_else(|| flag(members, "disabled")).or(enabled),
        hints: members.get("annotations").map_or_else(|| hints(value), hints),
        ..Curation::default()
    }
}

/// `x-speakeasy-mcp`: `disabled`, `name`, `description`, and the hints beside them.
fn speakeasy(value: &Value) -> Curation {
    let Some(members) = value.as_object() else { return switch(value) };
    Curation {
        name: text(members, "name"),
        title: text(members, "title"),
        description: text(members, "description"),
        hidden: flag(members, "disabled"),
        hints: hints(value),
        ..Curation::default()
    }
}

/// `x-mcp-hidden: true`.
fn hidden(value: &Value) -> Curation {
    Curation { hidden: value.as_bool(), ..Curation::default() }
}

/// `x-mcp-annotations`: MCP's annotations as they are.
fn annotations(value: &Value) -> Curation {
    let title = value.as_object().and_then(|members| text(members, "title"));
    Curation { title, hints: hints(value), ..Curation::default() }
}

/// `x-zuplo-route.mcp`: an object of a route.
fn zuplo(value: &Value) -> Curation {
    value.get("mcp").map(mcp).unwrap_or_default()
}

/// `false` hides, `true` shows.
fn switch(value: &Value) -> Curation {
    Curation { hidden: value.as_bool().map(|shown| !shown), ..Curation::default() }
}

/// MCP's hints by their own names, or without `Hint`.
fn hints(value: &Value) -> Hints {
    let hint =
        |name: &str, short: &str| value.get(name).or_else(|| value.get(short)).and_then(Value::as_bool);
    Hints {
        read_only: hint("readOnlyHint", "readOnly"),
        destructive: hint("destructiveHint", "destructive"),
        idempotent: hint("idempotentHint", "idempotent"),
        open_world: hint("openWorldHint", "openWorld"),
    }
}

fn text(members: &Map<String, Value>, key: &str) -> Option<String> {
    members.get(key)?.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn flag(members: &Map<String, Value>, key: &str) -> Option<bool> {
    members.get(key)?.as_bool()
}

fn texts(members: &Map<String, Value>, key: &str) -> Vec<String> {
    members
        .get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}
