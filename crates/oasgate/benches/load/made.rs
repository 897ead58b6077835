//! Descriptions as large as the largest that services publish, of the three shapes these have.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

/// The shape of a description.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// JSON, a thousand operations that share a thousand schemas, with long examples.
    References,
    /// YAML, what operations share written out in each.
    Repeated,
    /// YAML, bodies that are forms and nest deeply, schemas that refer to each other in rings.
    Deep,
}

/// The text of a description.
pub(crate) fn text(kind: Kind) -> String {
    match kind {
        Kind::References => format!("{:#}", description(310, reference, 9)),
        Kind::Repeated => yaml(&description(250, |n| thing(n, &leaf), 9)),
        Kind::Deep => yaml(&description(110, |n| thing(n, &|n| thing(n, &reference)), 1)),
    }
}

/// Four operations on each of so many things, whose schema is as given, with examples of so many items.
fn description(things: usize, schema: impl Fn(usize) -> Value, examples: usize) -> Value {
    let mut paths = Map::new();
    let mut schemas = Map::new();
    for n in 0..things {
        paths.insert(format!("/areas/{{area}}/things-{n}"), collection(n, &schema, examples));
        paths.insert(format!("/areas/{{area}}/things-{n}/{{id}}"), item(n, &schema));
        for part in 0..3 {
            schemas.insert(format!("thing-{}", 3 * n + part), thing(3 * n + part, &reference));
        }
    }
    json!({
        "openapi": "3.0.3",
        "info": {"title": "Things", "version": "1"},
        "servers": [{"url": "https://things.example/v1"}],
        "paths": paths,
        "components": {"schemas": schemas},
    })
}

fn collection(n: usize, schema: &impl Fn(usize) -> Value, examples: usize) -> Value {
    let list = json!({"type": "array", "items": schema(3 * n)});
    let items: Vec<Value> = (0..examples).map(example).collect();
    json!({
        "get": {
            "operationId": format!("things-{n}/list"),
            "summary": format!("List things of kind {n}"),
            "description": prose(n, 3),
            "tags": [format!("kind-{}", n % 40)],
            "parameters": [parameter("area", "path"), parameter("page", "query"), parameter("sort", "query")],
            "responses": {"200": {
                "description": "Things",
                "content": {"application/json": {"schema": list, "examples": {"default": {"value": items}}}},
            }},
        },
        "post": {
            "operationId": format!("things-{n}/create"),
            "summary": format!("Create a thing of kind {n}"),
            "description": prose(n, 2),
            "parameters": [parameter("area", "path")],
            "requestBody": {"required": true, "content": {"application/json": {"schema": schema(3 * n + 1)}}},
            "responses": {"201": {
                "description": "The thing",
                "content": {"application/json": {"schema": schema(3 * n), "example": example(n)}},
            }},
        },
    })
}

fn item(n: usize, schema: &impl Fn(usize) -> Value) -> Value {
    let answer = json!({"200": {
        "description": "The thing",
        "content": {"application/json": {"schema": schema(3 * n), "example": example(n)}},
    }});
    json!({
        "parameters": [parameter("area", "path"), parameter("id", "path")],
        "get": {"operationId": format!("things-{n}/get"), "summary": "Show a thing", "responses": answer},
        "patch": {
            "operationId": format!("things-{n}/update"),
            "summary": "Change a thing",
            "description": prose(n, 4),
            "requestBody": {"content": {"application/json": {"schema": schema(3 * n + 2)}}},
            "responses": answer,
        },
    })
}

/// An object that has others in it as given.
fn thing(n: usize, inner: &dyn Fn(usize) -> Value) -> Value {
    let mut properties = Map::new();
    for m in 0..8 {
        let text =
            json!({"type": "string", "description": prose(n + m, 1), "maxLength": 100 + m, "nullable": true});
        properties.insert(format!("text_{m}"), text);
        let choice =
            json!({"type": "string", "enum": ["all", "some", "none"], "default": "all", "example": "some"});
        properties.insert(format!("choice_{m}"), choice);
    }
    for m in 1..4 {
        properties.insert(format!("part_{m}"), inner(n * 7 + m));
        properties.insert(format!("parts_{m}"), json!({"type": "array", "items": inner(n * 5 + m)}));
    }
    json!({"type": "object", "required": ["text_0", "choice_1"], "properties": properties})
}

fn leaf(n: usize) -> Value {
    json!({"type": "object", "title": format!("Leaf {n}"), "properties": {
        "id": {"type": "integer", "format": "int64", "example": n},
        "url": {"type": "string", "format": "uri", "description": prose(n, 1)},
    }})
}

/// Any of the shared schemas, so that they refer to each other in rings.
fn reference(n: usize) -> Value {
    json!({"$ref": format!("#/components/schemas/thing-{}", n % 330)})
}

fn parameter(name: &str, place: &str) -> Value {
    let about = format!("The {name} that things are asked for by.");
    json!({"name": name, "in": place, "required": place == "path", "description": about, "schema": {"type": "string"}})
}

fn example(n: usize) -> Value {
    (0..12).map(|m| (format!("text_{m}"), json!({"value": m * n, "said": prose(n + m, 1)}))).collect()
}

fn prose(n: usize, sentences: usize) -> String {
    const WORDS: [&str; 8] = [
        "Gives",
        "the thing's",
        "own",
        "colour, or",
        "\"none\";",
        "see",
        "[the guide](https://things.example/g)",
        "for",
    ];
    let word = |m: usize| WORDS.get((n + m * m) % WORDS.len()).copied().unwrap_or_default();
    let sentence = |s: usize| (0..9).map(|m| word(m + s)).collect::<Vec<_>>().join(" ");
    (0..sentences).map(sentence).collect::<Vec<_>>().join(".\n\n")
}

/// YAML in block style, strings in double quotes where they need any: JSON's are YAML's (YAML 1.2.2, 7.3.1).
fn yaml(value: &Value) -> String {
    let mut out = String::new();
    block(&mut out, value, 0);
    out
}

fn block(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (key, member) in members {
                let _ = write!(out, "\n{:indent$}{}:", "", scalar(key));
                block(out, member, indent + 2);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                let _ = write!(out, "\n{:indent$}-", "");
                block(out, item, indent + 2);
            }
        }
        Value::String(text) => {
            let _ = write!(out, " {}", scalar(text));
        }
        other => {
            let _ = write!(out, " {other}");
        }
    }
}

fn scalar(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "/-_{}. ".contains(c));
    if is_plain { text.to_owned() } else { Value::from(text).to_string() }
}
