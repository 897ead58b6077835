//! The compiled tools, and how one is found.

use std::collections::HashMap;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::check::Check;
use crate::{Plan, Refusal};

/// All tools of an API, in the order of its operations.
#[derive(Debug, Default)]
pub struct Catalog {
    tools: Vec<Tool>,
    /// Tools by name, and by `operationId` where no tool has that name.
    by_name: HashMap<String, usize>,
}

/// One operation as a tool.
#[derive(Debug)]
pub struct Tool {
    /// Its name: legal for every host, unique without regard to case.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// What it does, for a model.
    pub description: String,
    /// What calling it may do.
    pub annotations: Annotations,
    /// Whether a person must agree to each call, by the description's own word.
    pub confirm: bool,
    /// Other words by which it should be found.
    pub keywords: Vec<String>,
    /// The operation behind it.
    pub operation: OperationRef,
    /// How a call becomes a request.
    pub plan: Plan,
    pub(crate) listed: Box<RawValue>,
    pub(crate) output: Option<Box<RawValue>>,
    pub(crate) check: Check,
}

/// What calling a tool may do, as far as its method tells (RFC 9110, 9.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Annotations {
    /// It changes nothing.
    pub read_only: bool,
    /// It may change or remove what is there.
    pub destructive: bool,
    /// Calling it twice is as calling it once.
    pub idempotent: bool,
    /// It reaches a world outside this server; true for every call to an API.
    pub open_world: bool,
}

/// The operation behind a tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationRef {
    /// `operationId` as written.
    pub id: Option<String>,
    /// The method.
    pub method: String,
    /// The path key as written.
    pub path: String,
    /// `tags`.
    pub tags: Vec<String>,
}

impl Catalog {
    pub(crate) fn new(tools: Vec<Tool>) -> Self {
        let mut by_name = HashMap::with_capacity(tools.len() * 2);
        for (index, tool) in tools.iter().enumerate() {
            by_name.insert(tool.name.clone(), index);
        }
        for (index, tool) in tools.iter().enumerate() {
            if let Some(id) = &tool.operation.id {
                by_name.entry(id.clone()).or_insert(index);
            }
        }
        Self { tools, by_name }
    }

    /// The tools, in the order of the description's operations.
    #[must_use]
    pub fn tools(&self) -> &[Tool] {
        &self.tools
    }

    /// The tool of this name, or else of this `operationId`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Tool> {
        self.tools.get(*self.by_name.get(name)?)
    }

    /// The tool name nearest to one that does not exist.
    #[must_use]
    pub fn nearest(&self, name: &str) -> Option<&str> {
        crate::nearest::nearest(name, self.tools.iter().map(|tool| tool.name.as_str()))
    }
}

impl Tool {
    /// The input schema to list, by the profile that the catalog was compiled for.
    #[must_use]
    pub fn input_schema(&self) -> &RawValue {
        &self.listed
    }

    /// The output schema to list, if that was asked for and answers are objects. It demands nothing, so that no answer
    /// fails it; but with it, every result must have structured content that is an object.
    #[must_use]
    pub fn output_schema(&self) -> Option<&RawValue> {
        self.output.as_deref()
    }

    /// The full input schema, which arguments are checked against (JSON Schema 2020-12). It is put together anew each
    /// time.
    #[must_use]
    pub fn full_schema(&self) -> Value {
        self.check.full()
    }

    /// Reads and checks arguments: names as listed or as in the description, objects and arrays also as JSON text.
    /// What comes back is named as the [`Plan`] names it.
    ///
    /// # Errors
    /// A [`Refusal`] that names every argument that is not as the description demands, and what to send instead.
    pub fn check(&self, arguments: Option<&RawValue>) -> Result<Map<String, Value>, Refusal> {
        self.check.arguments(arguments)
    }
}

impl Annotations {
    /// By the method's safety and idempotence. What is not known to be safe may destroy.
    #[must_use]
    pub fn of_method(method: &str) -> Self {
        let read_only = matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE" | "QUERY");
        let idempotent = read_only || matches!(method, "PUT" | "DELETE");
        Self { read_only, destructive: !read_only, idempotent, open_world: true }
    }
}
