//! Definitions that are defined as themselves, through references and compositions alone.
//!
//! The usual one is a base that lists its kinds (`oneOf`) while each kind extends the base (`allOf`). No value could
//! be checked against that in finite time, so each loop is cut where it costs least: the kind gets what the base says
//! itself, without its list.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use crate::Definitions;

/// Cuts every loop and names the definitions in which a reference was replaced.
pub(super) fn cut(definitions: &mut Definitions) -> Vec<String> {
    let mut cut = Vec::new();
    loop {
        let loops = find(definitions);
        if loops.is_empty() {
            return cut;
        }
        for Edge { from, to, .. } in loops {
            let base = own_part(definitions.get(&to));
            if let Some(schema) = definitions.0.get_mut(&from) {
                replace(&mut schema.0, &format!("#/$defs/{to}"), &base);
                cut.push(from);
            }
        }
    }
}

/// A reference that applies in place.
#[derive(Debug, Clone)]
struct Edge {
    from: String,
    to: String,
    /// Whether it stands in an `allOf`, where it can be replaced by what the target says itself.
    extends: bool,
}

/// One edge of every loop that a depth-first search meets: one that extends, if there is any in the loop.
fn find(definitions: &Definitions) -> Vec<Edge> {
    let mut edges: HashMap<&str, Vec<Edge>> = HashMap::new();
    for (name, schema) in &definitions.0 {
        let mut found = Vec::new();
        in_place(name, &schema.0, false, &mut found);
        edges.insert(name, found);
    }
    let mut finished: HashSet<&str> = HashSet::new();
    let mut loops = Vec::new();
    for name in definitions.0.keys() {
        visit(name, &edges, &mut finished, &mut loops);
    }
    loops
}

/// A depth-first search with a stack of its own, since chains can be long.
fn visit<'e>(
    start: &'e str,
    edges: &'e HashMap<&str, Vec<Edge>>,
    finished: &mut HashSet<&'e str>,
    loops: &mut Vec<Edge>,
) {
    if finished.contains(start) {
        return;
    }
    let outgoing = |name: &str| edges.get(name).map(Vec::as_slice).unwrap_or_default().iter();
    // Each step: the edge that led here (none at the start), where it leads, and what is left to try from there.
    let mut path = vec![(None::<&Edge>, start, outgoing(start))];
    let mut open: HashMap<&str, usize> = HashMap::from([(start, 0)]);
    while let Some((_, name, rest)) = path.last_mut() {
        let Some(edge) = rest.next() else {
            open.remove(*name);
            finished.insert(*name);
            path.pop();
            continue;
        };
        if let Some(at) = open.get(edge.to.as_str()) {
            let around = path.iter().skip(at + 1).filter_map(|(edge, ..)| *edge).chain([edge]);
            let chosen = around.clone().find(|edge| edge.extends).unwrap_or(edge);
            loops.push(chosen.clone());
        } else if !finished.contains(edge.to.as_str()) {
            open.insert(&edge.to, path.len());
            path.push((Some(edge), &edge.to, outgoing(&edge.to)));
        }
    }
}

/// The references that apply to the very value this schema applies to (JSON Schema 2020-12, 10.2).
fn in_place(from: &str, schema: &Value, extends: bool, edges: &mut Vec<Edge>) {
    let Some(members) = schema.as_object() else { return };
    for (key, value) in members {
        match (key.as_str(), value) {
            ("$ref", Value::String(reference)) => {
                let to = reference.strip_prefix("#/$defs/").map(str::to_owned);
                edges.extend(to.map(|to| Edge { from: from.to_owned(), to, extends }));
            }
            ("allOf", Value::Array(schemas)) => {
                schemas.iter().for_each(|schema| in_place(from, schema, true, edges));
            }
            ("anyOf" | "oneOf", Value::Array(schemas)) => {
                schemas.iter().for_each(|schema| in_place(from, schema, false, edges));
            }
            ("not" | "if" | "then" | "else", schema) => in_place(from, schema, false, edges),
            ("dependentSchemas", Value::Object(schemas)) => {
                schemas.values().for_each(|schema| in_place(from, schema, false, edges));
            }
            _ => {}
        }
    }
}

/// What a schema says itself, without references and compositions.
fn own_part(schema: Option<&Value>) -> Map<String, Value> {
    const ELSEWHERE: [&str; 9] =
        ["$ref", "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas"];
    let members = schema.and_then(Value::as_object).into_iter().flatten();
    let own = members.filter(|(key, _)| !ELSEWHERE.contains(&key.as_str()) && *key != "discriminator");
    own.map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// Puts `base` in place of a reference wherever it applies in place.
fn replace(schema: &mut Value, reference: &str, base: &Map<String, Value>) {
    let Some(members) = schema.as_object_mut() else { return };
    if members.get("$ref").and_then(Value::as_str) == Some(reference) {
        members.shift_remove("$ref");
        for (key, value) in base {
            members.entry(key).or_insert_with(|| value.clone());
        }
    }
    for (key, value) in members {
        match (key.as_str(), value) {
            ("allOf" | "anyOf" | "oneOf", Value::Array(schemas)) => {
                schemas.iter_mut().for_each(|schema| replace(schema, reference, base));
            }
            ("not" | "if" | "then" | "else", schema) => replace(schema, reference, base),
            ("dependentSchemas", Value::Object(schemas)) => {
                schemas.values_mut().for_each(|schema| replace(schema, reference, base));
            }
            _ => {}
        }
    }
}
