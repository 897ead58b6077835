//! The form of a value in a few words, for where a schema is too large or too deep to be listed.

use serde_json::Value;

use super::{Pool, Settled, settle};

/// How many levels of objects and arrays are shown, and how many alternatives within alternatives.
const DEPTH: usize = 2;

/// The form of a value in at most about `limit` characters: `{id: string, tags: [string], owner: {…}}`; a question
/// mark after what may be left out.
pub(super) fn outline(pool: &Pool, settled: &Settled<'_>, limit: usize) -> String {
    let text = Outline { pool, limit }.form(settled, DEPTH, DEPTH);
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

struct Outline<'p> {
    pool: &'p Pool,
    limit: usize,
}

impl Outline<'_> {
    fn form(&self, settled: &Settled<'_>, depth: usize, choices: usize) -> String {
        if let Some(values) = settled.list("enum") {
            return values.iter().take(6).map(Value::to_string).collect::<Vec<_>>().join("|");
        }
        if let Some(branches) = settled.list("anyOf").or_else(|| settled.list("oneOf")) {
            return self.choice(branches, depth, choices);
        }
        match kind(settled) {
            "object" => self.object(settled, depth, choices),
            "array" => self.array(settled, depth, choices),
            other => other.to_owned(),
        }
    }

    /// Alternatives, of which each could be such alternatives again without end.
    fn choice(&self, branches: &[Value], depth: usize, choices: usize) -> String {
        let Some(choices) = choices.checked_sub(1) else { return "any".to_owned() };
        let forms = branches.iter().take(4).map(|branch| self.nested(branch, depth, choices));
        let mut forms: Vec<String> = forms.collect();
        forms.dedup();
        forms.join("|")
    }

    fn array(&self, settled: &Settled<'_>, depth: usize, choices: usize) -> String {
        let Some(depth) = depth.checked_sub(1) else { return "[…]".to_owned() };
        if let Some(places) = settled.list("prefixItems") {
            let places = places.iter().take(8).map(|place| self.nested(place, depth, choices));
            return format!("[{}]", places.collect::<Vec<_>>().join(", "));
        }
        match settled.get("items") {
            Some(items) => format!("[{}]", self.nested(items, depth, choices)),
            None => "[…]".to_owned(),
        }
    }

    fn object(&self, settled: &Settled<'_>, depth: usize, choices: usize) -> String {
        if depth == 0 || settled.properties.is_empty() {
            return "{…}".to_owned();
        }
        let mut fields = Vec::new();
        let mut length = 0;
        for (name, schema) in &settled.properties {
            if length > self.limit {
                fields.push("…".to_owned());
                break;
            }
            let mark = if settled.required().any(|own| own == *name) { "" } else { "?" };
            let field = format!("{name}{mark}: {}", self.nested(schema, depth - 1, choices));
            length += field.len();
            fields.push(field);
        }
        format!("{{{}}}", fields.join(", "))
    }

    fn nested(&self, schema: &Value, depth: usize, choices: usize) -> String {
        self.form(&settle(self.pool, schema), depth, choices)
    }
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
