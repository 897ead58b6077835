//! Plain values made portable, and what is said in words because it cannot be said in the schema.

use serde_json::{Map, Value};

use crate::schema::Settled;

/// Text: an enum of at most this many values, lengths, `date-time`; everything else is said.
pub(super) fn text(members: &Settled<'_>, values: usize, file: bool, notes: &mut Vec<String>) -> Value {
    let mut listed = of_type("string");
    if let Some(all) = members.list("enum") {
        let texts: Vec<Value> = all.iter().filter(|value| value.is_string()).cloned().collect();
        if texts.len() > values {
            notes.push(one_of(&texts));
        } else if !texts.is_empty() {
            listed.insert("enum".to_owned(), texts.into());
        }
    }
    copy(members, &mut listed, &["minLength", "maxLength"]);
    match members.text("format") {
        Some("date-time") => {
            listed.insert("format".to_owned(), "date-time".into());
        }
        Some("binary" | "byte" | "base64") if file => {
            notes.push("A file: its bytes in base64, or a `data:` URL.".to_owned())
        }
        // What is no part or body by itself goes as it is given (OpenAPI 3.2, 4.2.3: Working with Binary Data).
        Some("byte" | "base64") => notes.push("Bytes in base64.".to_owned()),
        Some("date") => notes.push("Format: date, as 2024-01-31.".to_owned()),
        Some(format) => notes.push(format!("Format: {format}.")),
        None => {}
    }
    if let Some(encoding) = members.text("contentEncoding") {
        notes.push(format!("Encoded as {encoding}."));
    }
    if let Some(pattern) = members.text("pattern").filter(|pattern| pattern.len() <= 120) {
        notes.push(format!("Pattern: {pattern}"));
    }
    listed.into()
}

/// `integer` or `number`: inclusive limits; everything else is said.
pub(super) fn number(kind: &str, members: &Settled<'_>, notes: &mut Vec<String>) -> Value {
    let mut listed = of_type(kind);
    copy(members, &mut listed, &["minimum", "maximum"]);
    for (key, limit, step, word) in
        [("exclusiveMinimum", "minimum", 1, "greater than"), ("exclusiveMaximum", "maximum", -1, "less than")]
    {
        let Some(bound) = members.get(key) else { continue };
        match bound.as_i64().and_then(|bound| bound.checked_add(step)).filter(|_| kind == "integer") {
            Some(bound) => {
                listed.insert(limit.to_owned(), bound.into());
            }
            None => notes.push(format!("Must be {word} {bound}.")),
        }
    }
    if let Some(step) = members.get("multipleOf") {
        notes.push(format!("A multiple of {step}."));
    }
    if let Some(values) = members.list("enum") {
        let numbers: Vec<Value> = values.iter().filter(|value| value.is_number()).cloned().collect();
        notes.push(one_of(&numbers));
    }
    listed.into()
}

/// `boolean`.
pub(super) fn flag(members: &Settled<'_>, notes: &mut Vec<String>) -> Value {
    if let Some([value @ Value::Bool(_)]) = members.list("enum") {
        notes.push(format!("Must be {value}."));
    }
    of_type("boolean").into()
}

/// What helps to fill an argument: default, example, uniqueness.
pub(super) fn remark(members: &Settled<'_>, listed: &Map<String, Value>, notes: &mut Vec<String>) {
    if members.get("uniqueItems") == Some(&Value::Bool(true)) {
        notes.push("No item twice.".to_owned());
    }
    let short = |value: &Value| -> Option<String> {
        let text = match value {
            Value::String(text) if text.is_empty() => return None,
            Value::Null => return None,
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        (text.chars().count() <= 60 && !text.contains('\n')).then_some(text)
    };
    if let Some(default) = members.get("default").and_then(short) {
        notes.push(format!("Default: {default}."));
        return;
    }
    let example = members.get("examples").and_then(|examples| examples.get(0)).and_then(short);
    if let Some(example) = example.filter(|_| !listed.contains_key("enum")) {
        notes.push(format!("Example: {example}"));
    }
}

fn of_type(kind: &str) -> Map<String, Value> {
    let mut listed = Map::new();
    listed.insert("type".to_owned(), kind.into());
    listed
}

fn copy(members: &Settled<'_>, listed: &mut Map<String, Value>, keys: &[&str]) {
    for key in keys {
        if let Some(value) = members.get(key) {
            listed.insert((*key).to_owned(), value.clone());
        }
    }
}

/// The values in words, as many as are worth it.
fn one_of(values: &[Value]) -> String {
    if let [value] = values {
        return format!("Must be {value}.");
    }
    let shown: Vec<String> = values.iter().take(20).map(Value::to_string).collect();
    let more = if values.len() > shown.len() { ", …" } else { "" };
    format!("One of {}{more}.", shown.join(", "))
}
