//! The schema to check by, where it differs from the schema to show.

use serde_json::{Value, json};

use crate::schema::walk;

/// `oneOf` becomes `anyOf`, added to one that is there already; what lets nothing through says nothing.
pub(super) fn relax(schema: &mut Value) {
    let Value::Object(members) = schema else { return };
    if members.get("not").is_some_and(|not| *not == json!({})) {
        members.shift_remove("not");
    }
    if let Some(branches) = members.shift_remove("oneOf") {
        if members.contains_key("anyOf") {
            if let Value::Array(parts) = members.entry("allOf").or_insert_with(|| json!([])) {
                parts.push(json!({"anyOf": branches}));
            }
        } else {
            members.insert("anyOf".to_owned(), branches);
        }
    }
    walk::each_mut(members, relax);
}

/// Removes the patterns that are no regular expressions.
pub(super) fn drop_patterns(schema: &mut Value) {
    let Value::Object(members) = schema else { return };
    if members.get("pattern").and_then(Value::as_str).is_some_and(|pattern| !compiles(pattern)) {
        members.shift_remove("pattern");
    }
    if let Some(Value::Object(patterns)) = members.get_mut("patternProperties") {
        patterns.retain(|pattern, _| compiles(pattern));
    }
    walk::each_mut(members, drop_patterns);
}

fn compiles(pattern: &str) -> bool {
    super::build(&json!({"pattern": pattern})).is_some()
}
