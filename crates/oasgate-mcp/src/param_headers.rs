//! The headers that repeat arguments of tools (2026-07-28, basic/transports/streamable-http.mdx, "Custom Headers from
//! Tool Parameters"): which a tool wants, learned from its schema, and whether a request has them right.
//! Knows of a schema only the chain of `properties` by which an argument is reached.

use std::collections::HashMap;

use http::{HeaderMap, HeaderName};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::fault::Fault;
use crate::mirror;

#[cfg(test)]
mod tests;

/// For each tool that has any, its arguments that travel in headers, too.
#[derive(Debug, Clone, Default)]
pub(crate) struct ParamHeaders {
    tools: HashMap<Box<str>, Vec<Param>>,
}

/// One argument and its header.
#[derive(Debug, Clone)]
struct Param {
    header: HeaderName,
    /// The keys by which the argument is reached from the root of the arguments.
    path: Vec<String>,
}

const ANNOTATION: &str = "x-mcp-header";

impl ParamHeaders {
    /// Reads the annotations of one tool. Those that break the rules are left alone: clients drop such a tool
    /// ("Schema Extension"), so nobody sends headers for it.
    pub(crate) fn learn(&mut self, tool: &RawValue) {
        // Nearly no tool has any, and this is far cheaper than reading schemas.
        if !tool.get().contains(ANNOTATION) {
            return;
        }
        let Ok(Value::Object(tool)) = serde_json::from_str(tool.get()) else { return };
        let (Some(name), Some(schema)) = (tool.get("name").and_then(Value::as_str), tool.get("inputSchema"))
        else {
            return;
        };
        let mut params = Vec::new();
        if collect(schema, &mut Vec::new(), &mut params).is_none() {
            tracing::warn!(tool = name, "an x-mcp-header breaks the rules: clients will leave the tool out");
            return;
        }
        if !params.is_empty() {
            self.tools.insert(name.into(), params);
        }
    }

    /// Compares the headers of a call with its arguments ("Server Behavior for Custom Headers").
    ///
    /// # Errors
    /// -32020 when an argument is there and its header isn't, or the reverse, or when they differ.
    pub(crate) fn check(
        &self,
        tool: &str,
        headers: &HeaderMap,
        arguments: Option<&RawValue>,
    ) -> Result<(), Fault> {
        let Some(params) = self.tools.get(tool) else { return Ok(()) };
        let arguments = arguments.and_then(|arguments| serde_json::from_str::<Value>(arguments.get()).ok());
        for param in params {
            param.check(headers, arguments.as_ref())?;
        }
        Ok(())
    }
}

impl Param {
    fn check(&self, headers: &HeaderMap, arguments: Option<&Value>) -> Result<(), Fault> {
        let header = &self.header;
        let reached = self.path.iter().try_fold(arguments, |at, key| at.map(|value| value.get(key)));
        let value = reached.flatten().filter(|value| !value.is_null());
        let mut given = headers.get_all(header).iter().peekable();
        let refused =
            |reason: &str| Err(Fault::HeaderMismatch(format!("Header mismatch: {header} {reason}")));
        match value {
            None if given.peek().is_none() => Ok(()),
            None => refused("is there, but the argument it stands for is not"),
            Some(_) if given.peek().is_none() => refused("is missing"),
            Some(value)
                if given.all(|given| mirror::decoded(given).is_some_and(|given| equal(&given, value))) =>
            {
                Ok(())
            }
            Some(_) => refused("is not what the body says"),
        }
    }
}

/// Walks the chain of `properties`. None if an annotation stands where it may not, or is one that may not be.
fn collect(schema: &Value, path: &mut Vec<String>, params: &mut Vec<Param>) -> Option<()> {
    let Some(schema) = schema.as_object() else { return Some(()) };
    for (keyword, value) in schema {
        match (keyword.as_str(), value) {
            ("properties", Value::Object(properties)) => properties_of(properties, path, params)?,
            (ANNOTATION, _) => params.push(param(schema, path, params)?),
            // Anywhere else it would be reached by more than `properties`.
            (_, value) if mentions(value) => return None,
            _ => {}
        }
    }
    Some(())
}

fn properties_of(
    properties: &Map<String, Value>,
    path: &mut Vec<String>,
    params: &mut Vec<Param>,
) -> Option<()> {
    for (name, schema) in properties {
        path.push(name.clone());
        collect(schema, path, params)?;
        path.pop();
    }
    Some(())
}

/// A token, unique without regard to case, on an argument of a type that has one text ("Schema Extension").
fn param(schema: &Map<String, Value>, path: &[String], others: &[Param]) -> Option<Param> {
    let name = schema.get(ANNOTATION)?.as_str().filter(|name| !name.is_empty())?;
    let header = HeaderName::try_from(format!("mcp-param-{name}")).ok()?;
    let is_scalar = matches!(schema.get("type")?.as_str()?, "string" | "integer" | "boolean");
    let is_new = others.iter().all(|other| other.header != header);
    (is_scalar && is_new && !path.is_empty()).then(|| Param { header, path: path.to_vec() })
}

/// Whether the annotation is used as a keyword somewhere below. Bounded by what the JSON parser lets nest.
fn mentions(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(mentions),
        Value::Object(members) => members.contains_key(ANNOTATION) || members.values().any(mentions),
        _ => false,
    }
}

/// Whether a header says the same as an argument ("Value Encoding"). Integers are compared as numbers ("Server
/// Validation", note): both are in the range in which a float is exact.
fn equal(given: &str, value: &Value) -> bool {
    match value {
        Value::String(text) => given == text,
        Value::Bool(truth) => given == if *truth { "true" } else { "false" },
        Value::Number(number) => match (given.parse::<f64>(), number.as_f64()) {
            (Ok(given), Some(number)) => given == number,
            _ => false,
        },
        _ => false,
    }
}
