//! Arguments checked against the full schema, and refused in words a model can act on.
//!
//! The validator is compiled when a tool is first called, once. What a schema demands is held exactly, but for two
//! things: `oneOf` is satisfied by one branch or more, since descriptions overlap where they do not mean to, and a
//! pattern that is no regular expression is not held.

mod coerce;
mod explain;
mod relax;
mod skeleton;
#[cfg(test)]
mod tests;

use std::sync::{Arc, OnceLock};

use jsonschema::{Draft, Validator};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use self::coerce::Schemas;
use crate::Refusal;
use crate::schema::{Keys, Library};

/// The check of one tool's arguments.
#[derive(Debug)]
pub(crate) struct Check {
    /// The arguments object, without the definitions that it refers to.
    root: Box<RawValue>,
    library: Arc<Library>,
    keys: Keys,
    compiled: OnceLock<Compiled>,
}

#[derive(Debug)]
struct Compiled {
    schema: Value,
    /// `None` if the schema cannot be compiled at all: then the upstream is the judge.
    validator: Option<Validator>,
}

impl Check {
    pub(crate) const fn new(root: Box<RawValue>, library: Arc<Library>, keys: Keys) -> Self {
        Self { root, library, keys, compiled: OnceLock::new() }
    }

    /// The full schema.
    pub(crate) fn full(&self) -> Value {
        self.library.complete(serde_json::from_str(self.root.get()).unwrap_or(Value::Bool(true)))
    }

    /// Reads, names, decodes and checks arguments.
    pub(crate) fn arguments(&self, given: Option<&RawValue>) -> Result<Map<String, Value>, Refusal> {
        let mut arguments = read(given)?;
        let compiled = self.compiled.get_or_init(|| Compiled::new(self.full()));
        if !self.keys.is_empty() {
            self.keys.decode_members(&mut arguments);
        }
        let mut whole = Value::Object(arguments);
        Schemas::new(&compiled.schema).decode(&mut whole);
        if let Some(validator) = &compiled.validator
            && !validator.is_valid(&whole)
        {
            let faults = explain::faults(validator, &whole, &compiled.schema, &self.keys);
            let skeleton = skeleton::skeleton(&compiled.schema, &whole, &self.keys);
            return Err(Refusal { faults, skeleton: Some(skeleton) });
        }
        match whole {
            Value::Object(arguments) => Ok(arguments),
            _ => Ok(Map::new()),
        }
    }
}

impl Compiled {
    fn new(schema: Value) -> Self {
        let mut relaxed = schema.clone();
        relax::relax(&mut relaxed);
        let validator = build(&relaxed).or_else(|| {
            relax::drop_patterns(&mut relaxed);
            build(&relaxed)
        });
        Self { schema, validator }
    }
}

fn build(schema: &Value) -> Option<Validator> {
    let mut options = jsonschema::options().with_draft(Draft::Draft202012).offline();
    options = options.should_validate_formats(false);
    options.build(schema).ok()
}

/// The arguments as an object: none at all is an empty one, and JSON text of an object is that object.
fn read(given: Option<&RawValue>) -> Result<Map<String, Value>, Refusal> {
    let Some(given) = given else { return Ok(Map::new()) };
    let wrong =
        |what: &str| Refusal::new("", format!("expected an object with the arguments by name, got {what}"));
    match serde_json::from_str(given.get()) {
        Ok(Value::Object(arguments)) => Ok(arguments),
        Ok(Value::Null) => Ok(Map::new()),
        Ok(Value::String(text)) => match serde_json::from_str(&text) {
            Ok(Value::Object(arguments)) => Ok(arguments),
            _ => Err(wrong("text")),
        },
        Ok(Value::Array(_)) => Err(wrong("an array")),
        Ok(_) => Err(wrong("a plain value")),
        Err(error) => Err(Refusal::new("", format!("the arguments are not JSON that can be read: {error}"))),
    }
}
