//! `anyOf` and `oneOf` made portable: branches converted, those that say the same joined.

use serde_json::{Map, Value};

/// Joins the alternatives of a value into one schema: plain text beside text, one enum of several, one branch alone.
pub(super) fn join(branches: Vec<Value>) -> Value {
    let mut kept: Vec<Value> = Vec::new();
    for branch in branches {
        match kept.iter_mut().find(|other| joins(other, &branch)) {
            Some(other) => absorb(other, branch),
            None => kept.push(branch),
        }
    }
    if kept.len() == 1 {
        return kept.pop().unwrap_or_default();
    }
    // A branch that is itself a choice becomes part of this one.
    let flat = kept.into_iter().flat_map(|branch| match branch {
        Value::Object(mut members) if members.len() == 1 && members.contains_key("anyOf") => {
            match members.shift_remove("anyOf") {
                Some(Value::Array(branches)) => branches,
                _ => Vec::new(),
            }
        }
        other => vec![other],
    });
    let mut choice = Map::new();
    choice.insert("anyOf".to_owned(), flat.collect::<Vec<_>>().into());
    choice.into()
}

/// Whether two branches can be one: the same but for what is said about them, or text of listed values.
fn joins(a: &Value, b: &Value) -> bool {
    let (Some(a), Some(b)) = (a.as_object(), b.as_object()) else { return false };
    if a.get("type") != b.get("type") {
        return false;
    }
    let both_listed = a.contains_key("enum") && b.contains_key("enum");
    let other = |map: &Map<String, Value>| -> Vec<(String, Value)> {
        let counts = |key: &str| key != "description" && !(both_listed && key == "enum") && key != "default";
        let kept = map.iter().filter(|(key, _)| counts(key));
        kept.map(|(key, value)| (key.clone(), value.clone())).collect()
    };
    other(a) == other(b)
}

fn absorb(into: &mut Value, from: Value) {
    let (Some(into), Value::Object(from)) = (into.as_object_mut(), from) else { return };
    if let (Some(Value::Array(held)), Some(Value::Array(more))) = (into.get_mut("enum"), from.get("enum")) {
        for value in more {
            if !held.contains(value) {
                held.push(value.clone());
            }
        }
    }
    let about = from.get("description").and_then(Value::as_str);
    match (into.get("description").and_then(Value::as_str), about) {
        (None, Some(more)) => {
            into.insert("description".to_owned(), more.into());
        }
        (Some(own), Some(more)) if own != more && own.len() + more.len() < 300 => {
            let both = format!("{own} Or: {more}");
            into.insert("description".to_owned(), both.into());
        }
        _ => {}
    }
}
