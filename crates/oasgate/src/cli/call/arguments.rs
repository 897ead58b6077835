//! Arguments from a command line: what a person types, as the schema wants it.

use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};

#[cfg(test)]
mod tests;

/// The arguments object: that of `--args`, and the pairs on top of it.
///
/// # Errors
/// What is not as the command line has it; whether the tool takes it is not asked here.
pub(super) fn read(
    schema: &RawValue,
    whole: Option<&str>,
    pairs: &[String],
) -> Result<Box<RawValue>, String> {
    let mut arguments = match whole.map(serde_json::from_str::<Map<String, Value>>) {
        None => Map::new(),
        Some(Ok(arguments)) => arguments,
        Some(Err(error)) => return Err(format!("--args is not a JSON object: {error}")),
    };
    let schema: Value = serde_json::from_str(schema.get()).unwrap_or_default();
    for pair in pairs {
        let (key, value) = split(pair, &schema)?;
        arguments.insert(key.to_owned(), value);
    }
    to_raw_value(&arguments).map_err(|error| error.to_string())
}

/// One pair: `key=value`, or `key:=JSON`.
fn split<'p>(pair: &'p str, schema: &Value) -> Result<(&'p str, Value), String> {
    let (key, text) = pair
        .split_once('=')
        .filter(|(key, _)| !matches!(*key, "" | ":"))
        .ok_or_else(|| format!("`{pair}` is no argument: write key=value, or key:=JSON"))?;
    match key.strip_suffix(':') {
        Some(key) => match serde_json::from_str(text) {
            Ok(value) => Ok((key, value)),
            Err(error) => Err(format!("the value of `{key}` is not JSON: {error}; write {key}=… for text")),
        },
        None => Ok((key, typed(text, schema, key))),
    }
}

/// Text, unless the schema takes no text there and this can be read as what it takes.
fn typed(text: &str, schema: &Value, key: &str) -> Value {
    let expected = schema.get("properties").and_then(|properties| properties.get(key));
    if expected.is_none_or(|expected| takes_text(expected, schema, DEPTH)) {
        return text.into();
    }
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}

/// How many references and compositions deep a type is looked for.
const DEPTH: usize = 8;

/// Whether a schema takes strings, or does not say what it takes.
fn takes_text(schema: &Value, root: &Value, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return true };
    if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix("#/$defs/"))
    {
        let definition = root.get("$defs").and_then(|definitions| definitions.get(name));
        return definition.is_none_or(|definition| takes_text(definition, root, depth));
    }
    match schema.get("type") {
        Some(Value::String(one)) => return one == "string",
        Some(Value::Array(several)) => return several.iter().any(|one| one == "string"),
        _ => {}
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return values.iter().any(Value::is_string);
    }
    let branches = ["anyOf", "oneOf"].into_iter().find_map(|keyword| schema.get(keyword)?.as_array());
    let all = schema.get("allOf").and_then(Value::as_array);
    match (branches, all) {
        (Some(branches), _) => branches.iter().any(|branch| takes_text(branch, root, depth)),
        (None, Some(parts)) => parts.iter().all(|part| takes_text(part, root, depth)),
        (None, None) => true,
    }
}
