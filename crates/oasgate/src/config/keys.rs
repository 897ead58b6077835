//! Keys that mean nothing: each is told with its place, and the nearest key that means something.

use std::ops::Range;

use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A key that means nothing.
pub(super) struct Unknown {
    pub(super) span: Range<usize>,
    pub(super) message: String,
}

/// All keys of a file that its schema does not have.
pub(super) fn unknown(table: &DeTable<'_>, schema: &Value) -> Vec<Unknown> {
    let mut found = Vec::new();
    visit(table, schema, schema, "", &mut found);
    found.sort_by_key(|unknown| unknown.span.start);
    found
}

fn visit(table: &DeTable<'_>, schema: &Value, root: &Value, path: &str, found: &mut Vec<Unknown>) {
    let tables = tables(schema, root);
    if tables.is_empty() {
        // No table belongs here at all: its type is what is wrong.
        return;
    }
    let free =
        tables.iter().find_map(|schema| schema.get("additionalProperties").filter(|free| free.is_object()));
    for (key, value) in table {
        let name: &str = key.get_ref();
        let known = tables.iter().find_map(|schema| properties(schema).and_then(|members| members.get(name)));
        match known.or(free) {
            Some(schema) => into(value, schema, root, &format!("{path}{name}."), found),
            None => found.push(Unknown { span: key.span(), message: message(name, path, &tables) }),
        }
    }
}

fn into(value: &Spanned<DeValue<'_>>, schema: &Value, root: &Value, path: &str, found: &mut Vec<Unknown>) {
    match value.get_ref() {
        DeValue::Table(table) => visit(table, schema, root, path, found),
        DeValue::Array(items) => {
            let schema = alternatives(schema, root).into_iter().find_map(|schema| schema.get("items"));
            for item in items.iter() {
                if let Some(schema) = schema {
                    into(item, schema, root, path, found);
                }
            }
        }
        _ => {}
    }
}

fn message(name: &str, path: &str, tables: &[&Value]) -> String {
    let known = || tables.iter().filter_map(|schema| properties(schema)).flat_map(Map::keys);
    let likeness = |known: &str| strsim::jaro_winkler(known, name);
    let nearest = known().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    let place = match path.strip_suffix('.') {
        None => "there is no key".to_owned(),
        Some(path) => format!("`{path}` has no key"),
    };
    match nearest {
        Some(nearest) if likeness(nearest) > 0.68 => format!("{place} `{name}`; there is `{nearest}`"),
        _ => {
            let mut known: Vec<&str> = known().map(String::as_str).collect();
            known.dedup();
            format!("{place} `{name}`; there are {}", known.join(", "))
        }
    }
}

/// The schemas of tables that a value may be one of.
fn tables<'s>(schema: &'s Value, root: &'s Value) -> Vec<&'s Value> {
    let is_table =
        |schema: &&Value| schema.get("properties").is_some() || schema.get("additionalProperties").is_some();
    alternatives(schema, root).into_iter().filter(is_table).collect()
}

/// A schema, what it refers to, and what it offers to choose from.
fn alternatives<'s>(schema: &'s Value, root: &'s Value) -> Vec<&'s Value> {
    let mut found = vec![schema];
    let mut next = 0;
    while let Some(schema) = found.get(next).copied() {
        next += 1;
        let target = schema
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|target| root.pointer(target.strip_prefix('#')?));
        let choices =
            ["anyOf", "oneOf", "allOf"].iter().filter_map(|word| schema.get(word)?.as_array()).flatten();
        let more: Vec<&Value> = target.into_iter().chain(choices).collect();
        found.extend(more);
    }
    found
}

fn properties(schema: &Value) -> Option<&Map<String, Value>> {
    schema.get("properties")?.as_object()
}
