//! What is wrong with arguments, in words a model can act on: where, what was expected, what was got.

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use crate::Fault;
use crate::nearest::nearest;
use crate::schema::Keys;

/// How many faults are told at once.
const LIMIT: usize = 20;

/// Every fault, by the names that were listed.
pub(super) fn faults(validator: &Validator, arguments: &Value, schema: &Value, keys: &Keys) -> Vec<Fault> {
    let mut faults = Vec::new();
    for error in validator.iter_errors(arguments) {
        explain(&error, arguments, schema, keys, &mut faults);
        if faults.len() >= LIMIT {
            break;
        }
    }
    let mut unique: Vec<Fault> = Vec::new();
    for fault in faults {
        if !unique.contains(&fault) {
            unique.push(fault);
        }
    }
    unique
}

fn explain(
    error: &ValidationError<'_>,
    arguments: &Value,
    schema: &Value,
    keys: &Keys,
    faults: &mut Vec<Fault>,
) {
    let pointer = error.instance_path().as_str().to_owned();
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            for name in unexpected {
                faults.push(unknown(&pointer, name, schema, keys));
            }
        }
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            let message = if pointer.is_empty()
                && arguments.as_object().is_some_and(|all| !all.is_empty())
                && is_dependent(error)
            {
                "required together with the other arguments of the request body".to_owned()
            } else {
                match described(schema, &pointer, name) {
                    Some(what) => format!("required, and missing: {what}"),
                    None => "required, and missing".to_owned(),
                }
            };
            faults.push(Fault { pointer: keys.listed_pointer(&child(&pointer, name)), message });
        }
        ValidationErrorKind::AnyOf { context }
        | ValidationErrorKind::OneOfNotValid { context }
        | ValidationErrorKind::OneOfMultipleValid { context } => {
            nearest_branch(error, context, &pointer, arguments, schema, keys, faults);
        }
        _ => faults.push(Fault { pointer: keys.listed_pointer(&pointer), message: message(error) }),
    }
}

/// Of several branches the one that fits best speaks: the one whose faults lie deepest, or are fewest.
fn nearest_branch(
    error: &ValidationError<'_>,
    context: &[Vec<ValidationError<'static>>],
    pointer: &str,
    arguments: &Value,
    schema: &Value,
    keys: &Keys,
    faults: &mut Vec<Fault>,
) {
    let is_type = |error: &ValidationError<'_>| {
        error.instance_path().as_str() == pointer && matches!(error.kind(), ValidationErrorKind::Type { .. })
    };
    let fitting: Vec<&Vec<ValidationError<'static>>> =
        context.iter().filter(|branch| !branch.is_empty() && !branch.iter().any(is_type)).collect();
    match fitting.as_slice() {
        [] => {
            let expected: Vec<String> = context.iter().flatten().take(6).map(message).collect();
            let message = format!("{}; got {}", either(&expected), brief(error.instance()));
            faults.push(Fault { pointer: keys.listed_pointer(pointer), message });
        }
        branches => {
            let best = branches.iter().min_by_key(|branch| branch.len());
            for error in best.into_iter().flat_map(|branch| branch.iter()) {
                explain(error, arguments, schema, keys, faults);
            }
        }
    }
}

fn either(expected: &[String]) -> String {
    let mut parts: Vec<&str> = expected.iter().filter_map(|text| text.split("; got").next()).collect();
    parts.dedup();
    parts.join(", or ")
}

/// An argument that does not exist, and the one that was perhaps meant.
fn unknown(pointer: &str, name: &str, schema: &Value, keys: &Keys) -> Fault {
    let known = properties(schema, pointer);
    let listed = |name: &str| {
        let pointer = keys.listed_pointer(&child(pointer, name));
        pointer.rsplit('/').next().unwrap_or_default().replace("~1", "/").replace("~0", "~")
    };
    let names: Vec<String> = known.iter().map(|name| listed(name)).collect();
    let meant = nearest(name, names.iter().map(String::as_str));
    let message = match (meant, names.as_slice()) {
        (Some(meant), _) => format!("there is no such argument; did you mean `{meant}`?"),
        (None, []) => "there is no such argument; leave it out".to_owned(),
        (None, names) => {
            let shown: Vec<&str> = names.iter().take(20).map(String::as_str).collect();
            let more = if names.len() > shown.len() { ", …" } else { "" };
            format!("there is no such argument; there are: {}{more}", shown.join(", "))
        }
    };
    Fault { pointer: child(&keys.listed_pointer(pointer), name), message }
}

/// What was expected and what was got.
fn message(error: &ValidationError<'_>) -> String {
    let got = brief(error.instance());
    match error.kind() {
        ValidationErrorKind::Type { kind } => {
            let expected = match kind {
                jsonschema::error::TypeKind::Single(one) => one.to_string(),
                jsonschema::error::TypeKind::Multiple(several) => {
                    several.into_iter().map(|one| one.to_string()).collect::<Vec<_>>().join(" or ")
                }
            };
            format!("expected {}; got {got}", with_article(&expected))
        }
        ValidationErrorKind::Enum { options } => {
            let values = options.as_array().map(Vec::as_slice).unwrap_or_default();
            let shown: Vec<String> = values.iter().take(30).map(Value::to_string).collect();
            let more = if values.len() > shown.len() { ", …" } else { "" };
            format!("expected one of {}{more}; got {got}", shown.join(", "))
        }
        ValidationErrorKind::Constant { expected_value } => format!("expected {expected_value}; got {got}"),
        ValidationErrorKind::Pattern { pattern } => format!("expected text matching {pattern}; got {got}"),
        ValidationErrorKind::MinLength { limit } => {
            format!("expected at least {limit} characters; got {got}")
        }
        ValidationErrorKind::MaxLength { limit } => format!("expected at most {limit} characters; got {got}"),
        ValidationErrorKind::MinItems { limit } => format!("expected at least {limit} items; got {got}"),
        ValidationErrorKind::MaxItems { limit } => format!("expected at most {limit} items; got {got}"),
        ValidationErrorKind::Minimum { limit } => format!("expected at least {limit}; got {got}"),
        ValidationErrorKind::Maximum { limit } => format!("expected at most {limit}; got {got}"),
        ValidationErrorKind::ExclusiveMinimum { limit } => format!("expected more than {limit}; got {got}"),
        ValidationErrorKind::ExclusiveMaximum { limit } => format!("expected less than {limit}; got {got}"),
        ValidationErrorKind::FalseSchema => "expected nothing here; leave it out".to_owned(),
        _ => error.to_string(),
    }
}

fn with_article(kind: &str) -> String {
    let article = if kind.starts_with(['a', 'o', 'i']) { "an" } else { "a" };
    match kind {
        "null" => "null".to_owned(),
        "string" => "text".to_owned(),
        _ => format!("{article} {kind}"),
    }
}

/// Whether something is required only because something else is there.
fn is_dependent(error: &ValidationError<'_>) -> bool {
    error.schema_path().as_str().contains("dependentRequired")
}

/// The names of the properties at a pointer, as far as plain properties and items lead there.
fn properties(schema: &Value, pointer: &str) -> Vec<String> {
    let Some(at) = at(schema, pointer) else { return Vec::new() };
    at.get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(name, _)| name.clone())
        .collect()
}

/// What the schema says about a property.
fn described(schema: &Value, pointer: &str, name: &str) -> Option<String> {
    let property = at(schema, pointer)?.get("properties")?.get(name)?;
    let text = property.get("description")?.as_str()?;
    Some(crate::prose::clean(text, 160))
}

fn at<'s>(schema: &'s Value, pointer: &str) -> Option<&'s Value> {
    let follow =
        |at: &'s Value| match at.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix("#/$defs/"))
        {
            Some(name) => schema.get("$defs").and_then(|definitions| definitions.get(name)).unwrap_or(at),
            None => at,
        };
    pointer.split('/').skip(1).try_fold(schema, |at, token| {
        let name = token.replace("~1", "/").replace("~0", "~");
        let at = follow(at);
        let next = at.get("properties").and_then(|map| map.get(&name)).or_else(|| at.get("items"));
        next.map(follow)
    })
}

fn child(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// A value as a message shows it: short.
fn brief(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
