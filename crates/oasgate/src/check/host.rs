//! What hosts and model APIs refuse or change in the tools as they are listed, one module for each.
//!
//! The rules are those that hosts were seen to keep, beyond the protocol. Each objection names the host, the tool, and
//! a pointer into the tool's input schema; it stands at the operation that the tool is made of.

mod anthropic;
mod codex;
mod gemini;
mod openai;
mod walk;

use std::collections::HashMap;

use oasgate_spec::{Location, Problem, Severity};
use oasgate_tools::Tool;
use serde_json::Value;

use crate::description::Reading;
use walk::Node;

/// What a host demands.
struct Rule {
    host: &'static str,
    name: &'static str,
    severity: Severity,
    fix: &'static str,
}

/// A tool as a host sees it.
struct Seen<'t> {
    name: &'t str,
    schema: &'t Value,
    /// The schema and all schemas in it.
    nodes: Vec<Node<'t>>,
}

/// What one host says of one tool: the rule, a pointer, and words.
#[derive(Default)]
struct Objections(Vec<(&'static Rule, String, String)>);

/// What each host says of a tool.
const HOSTS: [fn(&Seen<'_>, &mut Objections); 4] = [anthropic::look, openai::look, gemini::look, codex::look];

const ALL_ELSE: &str = "leave `--profile` at `portable`, which lists nothing that this host refuses";

/// What all hosts say of all tools.
pub(super) fn lint(reading: &Reading) -> Vec<Problem> {
    let places: HashMap<(&str, &str), &Location> = reading
        .api
        .operations
        .iter()
        .map(|operation| ((operation.method.as_str(), operation.path.as_str()), &operation.location))
        .collect();
    let mut problems = Vec::new();
    for tool in reading.catalog.tools() {
        let place = places.get(&(tool.operation.method.as_str(), tool.operation.path.as_str()));
        let Some(place) = place else { continue };
        let Ok(schema) = serde_json::from_str::<Value>(tool.input_schema().get()) else { continue };
        problems.extend(grouped(&objections(&tool.name, &schema)).map(|text| problem(tool, place, text)));
    }
    problems
}

/// What all hosts say of one tool.
fn objections(name: &str, schema: &Value) -> Vec<(&'static Rule, String, String)> {
    let seen = Seen { name, schema, nodes: walk::nodes(schema) };
    let mut objections = Objections::default();
    for look in HOSTS {
        look(&seen, &mut objections);
    }
    objections.0
}

/// One line for each rule: the first objection, and how many there are beside it.
fn grouped(found: &[(&'static Rule, String, String)]) -> impl Iterator<Item = (&'static Rule, String)> {
    let mut lines: Vec<(&'static Rule, String, usize)> = Vec::new();
    for (rule, pointer, what) in found {
        match lines.iter_mut().find(|(known, ..)| known.name == rule.name) {
            Some((.., more)) => *more += 1,
            None if pointer.is_empty() => lines.push((rule, what.clone(), 0)),
            None => lines.push((rule, format!("{pointer}: {what}"), 0)),
        }
    }
    lines.into_iter().map(|(rule, line, more)| match more {
        0 => (rule, line),
        1 => (rule, format!("{line}; and in one more place")),
        more => (rule, format!("{line}; and in {more} more places")),
    })
}

fn problem(tool: &Tool, place: &Location, (rule, what): (&'static Rule, String)) -> Problem {
    Problem {
        severity: rule.severity,
        rule: rule.name,
        location: place.clone(),
        position: None,
        operation: Some(format!("{} {}", tool.operation.method, tool.operation.path)),
        message: format!("{}, tool {}: {what}", rule.host, tool.name),
        fix: rule.fix.to_owned(),
    }
}

impl Objections {
    fn say(&mut self, rule: &'static Rule, pointer: &str, what: impl Into<String>) {
        self.0.push((rule, pointer.to_owned(), what.into()));
    }

    /// Objects to a name that is not of ASCII letters, digits, `_` and `-`, or too long.
    fn name(&mut self, rule: &'static Rule, tool: &Seen<'_>, most: usize) {
        let legal = tool.name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        if !legal || tool.name.is_empty() || tool.name.len() > most {
            self.say(rule, "", format!("the name must be 1 to {most} letters, digits, `_` or `-`"));
        }
    }
}

/// Whether a schema is of this type, or may be.
fn has_type(node: &Node<'_>, name: &str) -> bool {
    match node.members.get("type") {
        Some(Value::String(own)) => own == name,
        Some(Value::Array(types)) => types.iter().any(|own| own == name),
        _ => false,
    }
}

/// The rules of this severity that a tool breaks, each once.
#[cfg(test)]
pub(super) fn rules(name: &str, schema: &Value, severity: Severity) -> Vec<&'static str> {
    let found = objections(name, schema);
    let lines: Vec<&'static Rule> = grouped(&found).map(|(rule, _)| rule).collect();
    lines.into_iter().filter(|rule| rule.severity == severity).map(|rule| rule.name).collect()
}
