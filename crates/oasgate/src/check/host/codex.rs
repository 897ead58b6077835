//! Codex, which rewrites schemas to a few keywords before a model sees them.

use oasgate_spec::Severity;
use serde_json::Value;

use super::{ALL_ELSE, Objections, Rule, Seen};

const HOST: &str = "Codex";
const NAME: Rule = Rule {
    host: HOST,
    name: "codex-name",
    severity: Severity::Warning,
    fix: "give a shorter `operationId`, or a name by `x-oasgate`, or let `--name-limit` be 64",
};
const CHOICE: Rule = Rule { host: HOST, name: "codex-choice", severity: Severity::Warning, fix: ALL_ELSE };
const DROPPED: Rule = Rule {
    host: HOST,
    name: "codex-dropped",
    severity: Severity::Note,
    fix: "nothing: what the model does not see is still checked, and it is told what to mend",
};

/// What the model sees. References are followed, constants become enums.
const KEPT: [&str; 12] = [
    "type",
    "description",
    "enum",
    "items",
    "properties",
    "required",
    "additionalProperties",
    "anyOf",
    "$ref",
    "$defs",
    "definitions",
    "const",
];

pub(super) fn look(tool: &Seen<'_>, found: &mut Objections) {
    found.name(&NAME, tool, 64);
    for node in &tool.nodes {
        let mut choices = ["oneOf", "allOf"].into_iter().filter(|keyword| {
            node.members.get(*keyword).and_then(Value::as_array).is_some_and(|branches| branches.len() > 1)
        });
        if let Some(keyword) = choices.next()
            && !node.members.contains_key("type")
        {
            found.say(&CHOICE, &node.pointer, format!("`{keyword}` without `type` becomes a string"));
        }
        for keyword in node.members.keys() {
            let is_kept = KEPT.contains(&keyword.as_str()) || matches!(keyword.as_str(), "oneOf" | "allOf");
            if !is_kept {
                found.say(&DROPPED, &node.pointer, format!("the model does not see `{keyword}`"));
            }
        }
    }
}
