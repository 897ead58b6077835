//! Anthropic's API, and Claude Code: one bad key of one tool has the whole request refused.

use oasgate_spec::Severity;
use serde_json::Value;

use super::{ALL_ELSE, Objections, Rule, Seen};

const NAME: Rule = Rule {
    host: "Anthropic",
    name: "anthropic-name",
    severity: Severity::Warning,
    fix: "give a shorter `operationId`, or a name by `x-oasgate`",
};
const KEY: Rule =
    Rule { host: "Anthropic", name: "anthropic-key", severity: Severity::Warning, fix: ALL_ELSE };
const ROOT: Rule =
    Rule { host: "Anthropic", name: "anthropic-root", severity: Severity::Warning, fix: ALL_ELSE };

pub(super) fn look(tool: &Seen<'_>, found: &mut Objections) {
    found.name(&NAME, tool, 128);
    for keyword in ["oneOf", "allOf", "anyOf"] {
        if tool.schema.get(keyword).is_some() {
            found.say(&ROOT, &format!("/{keyword}"), "the root cannot be composed");
        }
    }
    let properties = tool.schema.get("properties").and_then(Value::as_object);
    for key in properties.into_iter().flat_map(|properties| properties.keys()) {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
        if !key.bytes().all(legal) || !(1..=64).contains(&key.len()) {
            let pointer = format!("/properties/{}", key.replace('~', "~0").replace('/', "~1"));
            found.say(&KEY, &pointer, "a key must be 1 to 64 letters, digits, `_`, `.` or `-`");
        }
    }
}
