//! Gemini's API, and Gemini CLI, which leaves out tools that the API would refuse.

use oasgate_spec::Severity;
use serde_json::Value;

use super::walk::Node;
use super::{ALL_ELSE, Objections, Rule, Seen, has_type};

const HOST: &str = "Gemini";
const NAME: Rule = Rule {
    host: HOST,
    name: "gemini-name",
    severity: Severity::Warning,
    fix: "give another `operationId`, or a name by `x-oasgate`, or let `--name-limit` be 64",
};
const REFERENCE: Rule =
    Rule { host: HOST, name: "gemini-reference", severity: Severity::Warning, fix: ALL_ELSE };
const KEYWORD: Rule = Rule { host: HOST, name: "gemini-keyword", severity: Severity::Warning, fix: ALL_ELSE };
const TYPE: Rule = Rule { host: HOST, name: "gemini-type", severity: Severity::Warning, fix: ALL_ELSE };
const VALUE: Rule = Rule { host: HOST, name: "gemini-value", severity: Severity::Warning, fix: ALL_ELSE };

/// What its schemas are made of. Any other keyword has the request refused.
const KEYWORDS: [&str; 22] = [
    "type",
    "format",
    "title",
    "description",
    "nullable",
    "enum",
    "items",
    "minItems",
    "maxItems",
    "properties",
    "required",
    "additionalProperties",
    "minProperties",
    "maxProperties",
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "anyOf",
    "default",
    "example",
];

pub(super) fn look(tool: &Seen<'_>, found: &mut Objections) {
    found.name(&NAME, tool, 64);
    if !tool.name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        found.say(&NAME, "", "the name must begin with a letter or `_`");
    }
    for node in &tool.nodes {
        keywords(node, found);
        if !node.members.contains_key("type") && !node.members.contains_key("anyOf") {
            found.say(&TYPE, &node.pointer, "there is no `type`");
        }
        if node.members.get("type").is_some_and(Value::is_array) {
            found.say(&TYPE, &node.pointer, "there is more than one `type`");
        }
        values(node, found);
    }
}

fn keywords(node: &Node<'_>, found: &mut Objections) {
    for keyword in node.members.keys() {
        match keyword.as_str() {
            "$ref" | "$defs" | "definitions" => {
                found.say(&REFERENCE, &node.pointer, format!("`{keyword}` is not followed"));
            }
            known if KEYWORDS.contains(&known) || known.starts_with("x-") => {}
            _ => found.say(&KEYWORD, &node.pointer, format!("`{keyword}` is not known")),
        }
    }
}

/// Formats of strings, values of enums, and items of arrays.
fn values(node: &Node<'_>, found: &mut Objections) {
    let format = node.members.get("format").and_then(Value::as_str);
    if has_type(node, "string")
        && let Some(format) = format.filter(|format| !matches!(*format, "enum" | "date-time"))
    {
        found.say(&VALUE, &node.pointer, format!("a string's format cannot be `{format}`"));
    }
    let values = node.members.get("enum").and_then(Value::as_array);
    if values.is_some_and(|values| !values.iter().all(Value::is_string)) {
        found.say(&VALUE, &node.pointer, "the values of an enum must be strings");
    }
    if has_type(node, "array") && !node.members.get("items").is_some_and(Value::is_object) {
        found.say(&VALUE, &node.pointer, "an array must say what its `items` are");
    }
}
