//! The form of a value in a few words, for where a schema is too large or too deep to be listed.

use serde_json::Value;

use super::{Pool, Settled, settle};

/// How long an outline may be, in characters.
const LIMIT: usize = 240;

/// The form of a value: `{id: string, tags: [string], owner: {…}}`; a question mark after what may be left out.
pub(super) fn outline(pool: &Pool, settled: &Settled<'_>) -> String {
    let text = form(pool, settled, 2);
    match text.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

fn form(pool: &Pool, settled: &Settled<'_>, depth: usize) -> String {
    if let Some(values) = settled.list("enum") {
        return values.iter().take(6).map(Value::to_string).collect::<Vec<_>>().join("|");
    }
    if let Some(branches) = settled.list("anyOf").or_else(|| settled.list("oneOf")) {
        let forms = branches.iter().take(4).map(|branch| form(pool, &settle(pool, branch), depth));
        let mut forms: Vec<String> = forms.collect();
        forms.dedup();
        return forms.join("|");
    }
    match kind(settled) {
        "object" => object(pool, settled, depth),
        "array" => match settled.get("items") {
            Some(items) if depth > 0 => format!("[{}]", form(pool, &settle(pool, items), depth - 1)),
            _ => "[…]".to_owned(),
        },
        other => other.to_owned(),
    }
}

fn object(pool: &Pool, settled: &Settled<'_>, depth: usize) -> String {
    if depth == 0 || settled.properties.is_empty() {
        return "{…}".to_owned();
    }
    let mut fields = Vec::new();
    let mut length = 0;
    for (name, schema) in &settled.properties {
        if length > LIMIT {
            fields.push("…".to_owned());
            break;
        }
        let mark = if settled.required().any(|own| own == *name) { "" } else { "?" };
        let field = format!("{name}{mark}: {}", form(pool, &settle(pool, schema), depth - 1));
        length += field.len();
        fields.push(field);
    }
    format!("{{{}}}", fields.join(", "))
}

/// The first type that is not null, or what the keywords tell.
fn kind<'a>(settled: &'a Settled<'_>) -> &'a str {
    let named = match settled.get("type") {
        Some(Value::String(name)) => Some(name.as_str()),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).find(|name| *name != "null"),
        _ => None,
    };
    let told = || if settled.properties.is_empty() { "any" } else { "object" };
    named.unwrap_or_else(told)
}
