//! The compiler: each operation becomes one tool, or a problem that says why not.

mod accept;
mod arguments;
mod body;
mod credentials;
mod server;
mod target;
#[cfg(test)]
mod tests;
mod xml;

use std::cell::RefCell;
use std::sync::Arc;

use http::Method;
use oasgate_spec::{Api, Operation, Problem, Severity};
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use self::arguments::Arguments;
use crate::check::Check;
use crate::curate::Curation;
use crate::media::MediaType;
use crate::schema::{Keys, Library, Memo, Pool, Portable, View, listed, output, portable, view};
use crate::{Catalog, OperationRef, Options, Plan, Profile, Tool, describe, name};

/// Compiles every operation of an API. The problems say what was left out or changed, and why.
#[must_use]
pub fn compile(api: &Api, options: &Options) -> (Catalog, Vec<Problem>) {
    let pool = Pool::new(&api.definitions, View::Request);
    let answers = options.output_schemas.then(|| Pool::new(&api.definitions, View::Response));
    let library = Arc::new(Library::new(&pool));
    let compiler = Compiler { api, options, library, pool, answers, memo: RefCell::default() };
    let curated = api.operations.iter().map(|operation| (operation, Curation::of(operation)));
    let chosen: Vec<(&Operation, Curation)> =
        curated.filter(|(operation, curation)| is_chosen(options, operation, curation)).collect();
    let names = name::names(&chosen, options.prefix.as_deref(), options.name_limit);
    let mut problems = Vec::new();
    let mut tools = Vec::with_capacity(chosen.len());
    for ((operation, curation), name) in chosen.into_iter().zip(names) {
        match compiler.tool(operation, curation, name, &mut problems) {
            Ok(tool) => tools.push(tool),
            Err(problem) => problems.push(*problem),
        }
    }
    (Catalog::new(tools), problems)
}

/// Whether an operation becomes a tool: nobody hid it, and the operator takes it.
fn is_chosen(options: &Options, operation: &Operation, curation: &Curation) -> bool {
    let read_only = curation.annotations(&operation.method).read_only;
    curation.hidden != Some(true) && options.selection.takes(operation, read_only)
}

/// What all operations of an API share.
struct Compiler<'a> {
    api: &'a Api,
    options: &'a Options,
    pool: Pool,
    library: Arc<Library>,
    /// The definitions as answers have them, if output schemas are wanted.
    answers: Option<Pool>,
    /// What was listed for one tool and may be for the next.
    memo: RefCell<Memo>,
}

impl Compiler<'_> {
    fn tool(
        &self,
        operation: &Operation,
        curation: Curation,
        name: String,
        problems: &mut Vec<Problem>,
    ) -> Result<Tool, Box<Problem>> {
        let arguments = Arguments::of(self, operation, problems);
        let plan = self.plan(operation, &arguments)?;
        let (checked, mut listed, keys) = self.schemas(operation, &arguments, problems);
        for argument in curation.mark_headers(&mut listed) {
            let message = format!("`{argument}` cannot be repeated in a header field; it is left as it is");
            let fix =
                "name an argument that is text, an integer or a truth value, and a header field of its own";
            problems.push(problem(operation, Severity::Warning, "header-param-invalid", message, fix));
        }
        Ok(Tool {
            name,
            title: describe::title(operation, &curation),
            description: describe::description(operation, &curation),
            annotations: curation.annotations(&operation.method),
            confirm: curation.confirm.unwrap_or(false),
            keywords: curation.keywords,
            operation: OperationRef {
                id: operation.id.clone(),
                method: operation.method.clone(),
                path: operation.path.clone(),
                tags: operation.tags.clone(),
            },
            plan,
            listed: raw(operation, &listed)?,
            output: self.output(operation).map(|schema| raw(operation, &schema)).transpose()?,
            check: Check::new(raw(operation, &checked)?, Arc::clone(&self.library), keys),
        })
    }

    /// The schema to check by, the schema to list, and the names that differ between them.
    fn schemas(
        &self,
        operation: &Operation,
        arguments: &Arguments,
        problems: &mut Vec<Problem>,
    ) -> (Value, Value, Keys) {
        let budget = self.options.schema_budget;
        let (full, root) = match self.options.profile {
            Profile::Portable => (None, None),
            Profile::Full => {
                let root = arguments.root().into_schema();
                (listed(&self.pool, &self.library, root.clone(), budget), Some(root))
            }
        };
        let portable = || portable(&self.pool, &mut self.memo.borrow_mut(), &arguments.properties(), budget);
        let Portable { schema, keys, left_out } = match full {
            Some(schema) => Portable { schema, keys: Keys::default(), left_out: 0 },
            // What is too large to be listed in full is listed as far as it fits.
            None => portable(),
        };
        if left_out > 0 {
            let message =
                format!("{left_out} optional arguments are more than a tool may list; they are accepted");
            let fix = "give a larger schema budget, or split the operation";
            problems.push(problem(operation, Severity::Warning, "schema-over-budget", message, fix));
        }
        (root.unwrap_or_else(|| arguments.root().into_schema()), schema, keys)
    }

    /// The output schema, where all successful answers that are described are JSON of one schema.
    fn output(&self, operation: &Operation) -> Option<Value> {
        let pool = self.answers.as_ref()?;
        let successes = operation.responses.iter().filter(|response| response.status.is_success());
        let mut schemas = successes.flat_map(|response| &response.content).map(|media| {
            MediaType::parse(&media.name)
                .is_json()
                .then(|| view(&media.schema.0, &self.api.definitions, View::Response))
        });
        let first = schemas.next()??;
        if schemas.all(|schema| schema.as_ref() == Some(&first)) { output(pool, &first) } else { None }
    }

    fn plan(&self, operation: &Operation, arguments: &Arguments) -> Result<Plan, Box<Problem>> {
        let method = Method::from_bytes(operation.method.as_bytes()).map_err(|_| {
            let message = format!("`{}` is not an HTTP method; the operation is left out", operation.method);
            Box::new(problem(
                operation,
                Severity::Error,
                "method-invalid",
                message,
                "use a token (RFC 9110, 9.1)",
            ))
        })?;
        let slots = arguments.slots();
        Ok(Plan {
            method,
            server: server::base(&operation.servers, &self.api.servers, self.options.base_url.as_ref()),
            path: target::segments(&operation.template, &slots),
            fixed_query: operation.template.query.as_deref().map(target::literal_query),
            slots,
            body: arguments.body_plan(),
            accept: accept::accept(operation),
            security: credentials::alternatives(self.api, operation),
            responses: operation
                .responses
                .iter()
                .map(|response| {
                    let content = response.content.iter().map(|media| media.name.clone());
                    (response.status, content.collect())
                })
                .collect(),
        })
    }
}

/// A schema as text.
fn raw(operation: &Operation, schema: &Value) -> Result<Box<RawValue>, Box<Problem>> {
    to_raw_value(schema).map_err(|error| {
        let message = format!("the input schema cannot be written: {error}; the operation is left out");
        Box::new(problem(operation, Severity::Error, "schema-unwritable", message, ""))
    })
}

/// A problem of an operation as a whole.
fn problem(
    operation: &Operation,
    severity: Severity,
    rule: &'static str,
    message: String,
    fix: &str,
) -> Problem {
    Problem {
        severity,
        rule,
        location: operation.location.clone(),
        position: None,
        operation: Some(format!("{} {}", operation.method, operation.path)),
        message,
        fix: fix.to_owned(),
    }
}
