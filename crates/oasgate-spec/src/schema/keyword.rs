//! The keywords of JSON Schema 2020-12 and of OpenAPI's schemas: what each may hold, and how to mend it.

use std::collections::HashSet;

use serde_json::{Map, Number, Value, json};

/// What a keyword holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Reference,
    Discriminator,
    Schema,
    Items,
    Schemas,
    SchemaMap,
    Type,
    Enum,
    Names,
    NameLists,
    Text,
    Flag,
    Count,
    Positive,
    Number,
    /// A limit, or (before 2020-12) whether a limit is exclusive.
    Exclusive,
    List,
    Object,
    Any,
}

impl Kind {
    /// The kind of a keyword; `None` for what a schema of ours does not carry: identifiers, own definitions,
    /// extensions, and what no version knows.
    pub(super) fn of(key: &str) -> Option<Self> {
        Some(match key {
            // What a dynamic reference leads to depends on the way there (JSON Schema 2020-12, 8.2.3.2); its first target is
            // the only one that a description can rely on.
            "$ref" | "$dynamicRef" | "$recursiveRef" => Self::Reference,
            "discriminator" => Self::Discriminator,
            "additionalProperties"
            | "not"
            | "contains"
            | "propertyNames"
            | "if"
            | "then"
            | "else"
            | "unevaluatedItems"
            | "unevaluatedProperties"
            | "contentSchema" => Self::Schema,
            "items" => Self::Items,
            "allOf" | "anyOf" | "oneOf" | "prefixItems" => Self::Schemas,
            "properties" | "patternProperties" | "dependentSchemas" => Self::SchemaMap,
            "type" => Self::Type,
            "enum" => Self::Enum,
            "required" => Self::Names,
            "dependentRequired" => Self::NameLists,
            "title" | "description" | "format" | "pattern" | "contentEncoding" | "contentMediaType" => {
                Self::Text
            }
            "uniqueItems" | "readOnly" | "writeOnly" | "deprecated" => Self::Flag,
            "maxLength" | "minLength" | "maxItems" | "minItems" | "maxProperties" | "minProperties"
            | "maxContains" | "minContains" => Self::Count,
            "multipleOf" => Self::Positive,
            "minimum" | "maximum" => Self::Number,
            "exclusiveMinimum" | "exclusiveMaximum" => Self::Exclusive,
            "examples" => Self::List,
            "xml" => Self::Object,
            "default" | "const" | "example" => Self::Any,
            _ => return None,
        })
    }

    /// The value in a form that JSON Schema 2020-12 allows; `None` if there is none.
    pub(super) fn mend(self, value: &Value) -> Option<Value> {
        match (self, value) {
            (Self::Type, _) => mend_type(value),
            // One value alone is often not put into a list.
            (Self::Enum, Value::String(_) | Value::Number(_) | Value::Bool(_)) => Some(json!([value])),
            (Self::Enum, Value::Array(values)) => {
                let mut met = HashSet::new();
                let unique = values.iter().filter(|value| met.insert(value.to_string()));
                Some(unique.cloned().collect())
            }
            (Self::Names, Value::Array(names)) => Some(unique_texts(names).into()),
            (Self::NameLists, Value::Object(lists)) => {
                let mend = |(name, list): (&String, &Value)| {
                    Some((name.clone(), unique_texts(list.as_array()?).into()))
                };
                Some(lists.iter().filter_map(mend).collect::<Map<String, Value>>().into())
            }
            (Self::Text, Value::String(_)) => Some(value.clone()),
            (Self::Text, Value::Number(_)) => Some(value.to_string().into()),
            (Self::Flag, Value::Bool(_))
            | (Self::List, Value::Array(_))
            | (Self::Object, Value::Object(_)) => Some(value.clone()),
            (Self::Flag, Value::String(text)) => flag(text).map(Value::Bool),
            (Self::Count, _) => {
                // Some descriptions write 10.0, "10", or 1e3.
                let count = number(value)?.as_f64()?;
                (count >= 0.0 && count.fract() == 0.0).then(|| value_of(number(value), count))
            }
            (Self::Positive, _) => {
                number(value).filter(|n| n.as_f64().is_some_and(|n| n > 0.0)).map(Value::Number)
            }
            (Self::Exclusive, Value::Bool(_)) => Some(value.clone()),
            (Self::Exclusive, Value::String(text)) if flag(text).is_some() => flag(text).map(Value::Bool),
            (Self::Number | Self::Exclusive, _) => number(value).map(Value::Number),
            (Self::Any, _) => Some(value.clone()),
            _ => None,
        }
    }

    /// Whether only a number or truth value is right.
    pub(super) const fn is_never_text(self) -> bool {
        matches!(self, Self::Flag | Self::Count | Self::Positive | Self::Number | Self::Exclusive)
    }

    /// Whether a keyword that could not be mended needs no mention: `null` says nothing, and neither does a
    /// `required: true` that the object around has heard.
    pub(super) fn is_silent(key: &str, value: &Value) -> bool {
        value.is_null() || matches!((key, value), ("required", Value::Bool(_)) | ("examples" | "xml", _))
    }
}

/// A truth value written as text.
pub(super) fn flag(text: &str) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// Settles what several keywords say together: exclusive limits, and `nullable`.
pub(super) fn settle(out: &mut Map<String, Value>, nullable: bool) {
    for (exclusive, limit) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        if let Some(Value::Bool(is_exclusive)) = out.get(exclusive) {
            let is_exclusive = *is_exclusive;
            out.shift_remove(exclusive);
            if is_exclusive && let Some(value) = out.shift_remove(limit) {
                out.insert(exclusive.to_owned(), value);
            }
        }
    }
    if out.get("required").and_then(Value::as_array).is_some_and(Vec::is_empty) {
        out.shift_remove("required");
    }
    if nullable {
        allow_null(out);
    }
}

/// Whether a type leaves only text, or text and null.
pub(super) fn is_only_text(written: &Value) -> bool {
    match mend_type(written) {
        Some(Value::String(name)) => name == "string",
        Some(Value::Array(names)) => names.iter().all(|name| name == "string" || name == "null"),
        _ => false,
    }
}

/// `nullable: true` (OpenAPI 3.0.4, 4.7.24.1), also where it stands beside `$ref` or a composition, as many have it.
fn allow_null(out: &mut Map<String, Value>) {
    if let Some(Value::Array(values)) = out.get_mut("enum")
        && !values.is_empty()
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
    match out.get_mut("type") {
        Some(Value::String(name)) if name != "null" => {
            let name = std::mem::take(name);
            out.insert("type".to_owned(), json!([name, "null"]));
        }
        Some(Value::Array(names)) if !names.iter().any(|name| name == "null") => names.push("null".into()),
        Some(_) => return,
        None => {}
    }
    let null = json!({"type": "null"});
    for key in ["anyOf", "oneOf"] {
        if let Some(Value::Array(branches)) = out.get_mut(key)
            && !branches.contains(&null)
        {
            branches.push(null.clone());
        }
    }
    if out.contains_key("$ref") || out.contains_key("allOf") {
        wrap_nullable(out, null);
    }
}

/// Puts what holds for the value into one branch beside `null`; what is said about it stays outside.
fn wrap_nullable(out: &mut Map<String, Value>, null: Value) {
    const ABOUT: [&str; 7] =
        ["title", "description", "default", "examples", "readOnly", "writeOnly", "deprecated"];
    let (about, inner): (Map<String, Value>, Map<String, Value>) =
        std::mem::take(out).into_iter().partition(|(key, _)| ABOUT.contains(&key.as_str()));
    *out = about;
    out.insert("anyOf".to_owned(), Value::Array(vec![inner.into(), null]));
}

/// A type by the standard; several common names from elsewhere are understood.
fn mend_type(value: &Value) -> Option<Value> {
    match value {
        Value::String(name) => Some(match name.as_str() {
            "string" | "number" | "integer" | "boolean" | "object" | "array" | "null" => name.as_str().into(),
            other => match other.to_ascii_lowercase().as_str() {
                "string" | "str" | "text" | "date" | "datetime" | "date-time" | "uuid" | "uri" | "email"
                | "file" | "binary" | "byte" | "password" | "char" | "enum" => "string".into(),
                "number" | "float" | "double" | "decimal" => "number".into(),
                "integer" | "int" | "int32" | "int64" | "long" | "timestamp" => "integer".into(),
                "boolean" | "bool" => "boolean".into(),
                "object" | "map" | "dict" | "hash" | "json" => "object".into(),
                "array" | "list" => "array".into(),
                "null" | "none" => "null".into(),
                _ => return None,
            },
        }),
        Value::Array(names) => {
            let mut types: Vec<Value> = Vec::new();
            for name in names {
                // A name that is not known could be anything, and then so could the whole.
                let name = if name.is_null() { "null".into() } else { mend_type(name)? };
                if !types.contains(&name) {
                    types.push(name);
                }
            }
            match types.len() {
                0 => None,
                1 => types.pop(),
                _ => Some(types.into()),
            }
        }
        _ => None,
    }
}

fn unique_texts(values: &[Value]) -> Vec<Value> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    };
    let mut met = HashSet::new();
    values.iter().filter_map(text).filter(|text| met.insert(text.clone())).map(Value::String).collect()
}

/// A number, also one written as text.
fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Number(number) => Some(number.clone()),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A whole number in its plainest form; one too large for that as it was written.
fn value_of(written: Option<Number>, count: f64) -> Value {
    match (written, format!("{count:.0}").parse::<Number>()) {
        (_, Ok(plain)) if count < 1e15 => Value::Number(plain),
        (Some(written), _) => Value::Number(written),
        (None, _) => Value::Null,
    }
}
