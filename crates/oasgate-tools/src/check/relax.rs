//! The schema to check by, where it differs from the schema to show.

use serde_json::Value;

/// `oneOf` becomes `anyOf`, added to one that is there already.
pub(super) fn relax(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if let Some(branches) = members.shift_remove("oneOf") {
                if branches.is_array() && !members.contains_key("anyOf") {
                    members.insert("anyOf".to_owned(), branches);
                } else if let Value::Array(parts) =
                    members.entry("allOf").or_insert_with(|| Value::Array(Vec::new()))
                {
                    parts.push(serde_json::json!({"anyOf": branches}));
                }
            }
            for (key, value) in members.iter_mut() {
                if !is_data(key) {
                    relax(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(relax),
        _ => {}
    }
}

/// Removes the patterns that are no regular expressions.
pub(super) fn drop_patterns(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.get("pattern").and_then(Value::as_str).is_some_and(|pattern| !compiles(pattern)) {
                members.shift_remove("pattern");
            }
            if let Some(Value::Object(patterns)) = members.get_mut("patternProperties") {
                patterns.retain(|pattern, _| compiles(pattern));
            }
            for (key, value) in members.iter_mut() {
                if !is_data(key) {
                    drop_patterns(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(drop_patterns),
        _ => {}
    }
}

fn compiles(pattern: &str) -> bool {
    super::build(&serde_json::json!({"pattern": pattern})).is_some()
}

/// Whether what a keyword holds is data and no schema.
fn is_data(key: &str) -> bool {
    matches!(key, "enum" | "const" | "default" | "examples" | "required")
}
