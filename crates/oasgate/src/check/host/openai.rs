//! OpenAI's strict mode. What it cannot express is a warning; what a client can add for it by itself, as making every
//! property required, is a note.

use oasgate_spec::Severity;
use serde_json::Value;

use super::walk::Node;
use super::{ALL_ELSE, Objections, Rule, Seen, has_type};

const HOST: &str = "OpenAI strict";
const NAME: Rule = Rule {
    host: HOST,
    name: "openai-name",
    severity: Severity::Warning,
    fix: "give a shorter `operationId`, or a name by `x-oasgate`, or let `--name-limit` be 64",
};
const ROOT: Rule = Rule { host: HOST, name: "openai-root", severity: Severity::Warning, fix: ALL_ELSE };
const KEYWORD: Rule = Rule { host: HOST, name: "openai-keyword", severity: Severity::Warning, fix: ALL_ELSE };
const LIMIT: Rule = Rule {
    host: HOST,
    name: "openai-limit",
    severity: Severity::Warning,
    fix: "describe the operation's input with fewer properties, levels or choices",
};
const OPTIONAL: Rule = Rule {
    host: HOST,
    name: "openai-optional",
    severity: Severity::Note,
    fix: "nothing, if the client is not told to be strict or makes optional properties nullable",
};
const OPEN: Rule = Rule {
    host: HOST,
    name: "openai-open",
    severity: Severity::Note,
    fix: "nothing, if the client is not told to be strict; else describe the object's properties",
};

/// What strict mode does not know.
const UNKNOWN: [&str; 8] =
    ["allOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas", "patternProperties"];

pub(super) fn look(tool: &Seen<'_>, found: &mut Objections) {
    found.name(&NAME, tool, 64);
    if tool.schema.get("type").is_none_or(|own| own != "object") || tool.schema.get("anyOf").is_some() {
        found.say(&ROOT, "", "the root must be an object without `anyOf`");
    }
    for node in &tool.nodes {
        for keyword in UNKNOWN.into_iter().filter(|keyword| node.members.contains_key(*keyword)) {
            found.say(&KEYWORD, &node.pointer, format!("`{keyword}` is not known"));
        }
        if has_type(node, "object") || node.members.contains_key("properties") {
            objects(node, found);
        }
    }
    limits(tool, found);
}

/// Every property must be required, and no others allowed.
fn objects(node: &Node<'_>, found: &mut Objections) {
    if node.members.get("additionalProperties").is_none_or(|more| *more != Value::Bool(false)) {
        found.say(&OPEN, &node.pointer, "other properties are allowed");
    }
    let required = node.members.get("required").and_then(Value::as_array);
    let is_required = |name: &str| required.is_some_and(|names| names.iter().any(|own| own == name));
    let properties = node.members.get("properties").and_then(Value::as_object);
    for name in properties.into_iter().flat_map(|properties| properties.keys()) {
        if !is_required(name) {
            found.say(&OPTIONAL, &node.pointer, format!("`{name}` is not required"));
        }
    }
}

/// 5,000 properties, 10 levels of objects, 1,000 values of enums, 120,000 characters of names and values; 15,000
/// characters of an enum with more than 250 values.
fn limits(tool: &Seen<'_>, found: &mut Objections) {
    let (mut properties, mut values, mut characters) = (0, 0, 0);
    for node in &tool.nodes {
        for name in
            node.members.get("properties").and_then(Value::as_object).into_iter().flat_map(|all| all.keys())
        {
            properties += 1;
            characters += name.len();
        }
        let own = node.members.get("enum").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let length: usize = own.iter().map(|value| value.as_str().map_or(8, str::len)).sum();
        if own.len() > 250 && length > 15_000 {
            found.say(&LIMIT, &node.pointer, format!("an enum of {length} characters, 15,000 are taken"));
        }
        values += own.len();
        characters += length + node.members.get("const").and_then(Value::as_str).map_or(0, str::len);
    }
    // A level is what braces open: a property within a property.
    let levels =
        tool.nodes.iter().map(|node| node.pointer.matches("/properties/").count()).max().unwrap_or(0);
    let rows = [
        (properties, 5_000, "properties"),
        (levels, 10, "levels"),
        (values, 1_000, "values of enums"),
        (characters, 120_000, "characters of names and values"),
    ];
    for (count, most, what) in rows {
        if count > most {
            found.say(&LIMIT, "", format!("{count} {what}, {most} are taken"));
        }
    }
}
