//! A catalog as text whose differences can be read: one line for each thing that can change alone.

use std::fmt::Write as _;

use oasgate_tools::{Catalog, Plan, Tool};
use serde_json::Value;

pub(super) fn catalog(catalog: &Catalog) -> String {
    catalog.tools().iter().map(tool).collect::<Vec<_>>().join("\n")
}

fn tool(tool: &Tool) -> String {
    let mut out = String::new();
    let Tool { name, title, description, annotations, operation, plan, .. } = tool;
    writeln!(out, "== {name} | {title}").unwrap();
    writeln!(out, "{description}").unwrap();
    writeln!(out, "-- {annotations:?}").unwrap();
    writeln!(out, "-- {operation:?}").unwrap();
    let listed: Value = serde_json::from_str(tool.input_schema().get()).unwrap();
    schema(&mut out, "listed", &listed);
    let full = tool.full_schema();
    if full != listed {
        schema(&mut out, "full", &full);
    }
    self::plan(&mut out, plan);
    out
}

/// One line for each argument and definition.
fn schema(out: &mut String, label: &str, schema: &Value) {
    let rest: serde_json::Map<String, Value> = schema
        .as_object()
        .unwrap()
        .iter()
        .filter(|(key, _)| !matches!(key.as_str(), "properties" | "$defs"))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    writeln!(out, "{label} {}", Value::Object(rest)).unwrap();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        writeln!(out, "  {name}: {property}").unwrap();
    }
    for (name, definition) in schema["$defs"].as_object().into_iter().flatten() {
        writeln!(out, "  #{name}: {definition}").unwrap();
    }
}

fn plan(out: &mut String, plan: &Plan) {
    let Plan { method, server, path, fixed_query, slots, body, accept, security, responses } = plan;
    writeln!(out, "plan {method} {server:?} {path:?} {fixed_query:?}").unwrap();
    for slot in slots {
        writeln!(out, "  {slot:?}").unwrap();
    }
    if let Some(body) = body {
        writeln!(out, "  body {:?} required={} chooser={:?}", body.source, body.required, body.chooser)
            .unwrap();
        for recipe in &body.recipes {
            writeln!(out, "    {recipe:?}").unwrap();
        }
    }
    writeln!(out, "  accept {accept:?}").unwrap();
    writeln!(out, "  security {security:?}").unwrap();
    writeln!(out, "  responses {responses:?}").unwrap();
}
