//! Which arguments a tool takes: parameters and body side by side, each under one name.
//!
//! A body that is an object is flattened unless that would lose something. Where names meet, the parameter yields:
//! `id` in the path beside `id` in the body is `id__path`; a property of the body is never renamed. Names that differ
//! only in case meet, too: there are hosts that make no difference.

use std::collections::HashSet;

use oasgate_spec::{Operation, Parameter, Place, Problem, Severity};
use serde_json::{Map, Value, json};

use super::body::{self, Shape};
use super::{Compiler, credentials, problem};
use crate::bind::is_settable;
use crate::prose;
use crate::schema::{PROSE, Property, Root, View, view};
use crate::{BodyPlan, BodySource, Slot};

/// The arguments of one tool, in the order they are listed.
#[derive(Debug, Default)]
pub(super) struct Arguments {
    list: Vec<Argument>,
    slots: Vec<Slot>,
    body: Option<BodyPlan>,
    /// Properties that a body has if it is sent at all, though it need not be.
    together: Vec<String>,
}

#[derive(Debug)]
struct Argument {
    name: String,
    schema: Value,
    required: bool,
    /// Whether it belongs to the body.
    in_body: bool,
    /// Whether its text is read as a file.
    file: bool,
}

impl Arguments {
    pub(super) fn of(compiler: &Compiler<'_>, operation: &Operation, problems: &mut Vec<Problem>) -> Self {
        let mut arguments = Self::default();
        let kept: Vec<&Parameter> = operation
            .parameters
            .iter()
            .filter(|parameter| arguments.keeps(compiler, operation, parameter, problems))
            .collect();
        let taken: HashSet<String> =
            kept.iter().map(|parameter| parameter.name.to_ascii_lowercase()).collect();
        let shape = operation.body.as_ref().map(|body| body::shape(compiler, body, &taken));
        let properties: HashSet<String> = shape.as_ref().map(Shape::names).unwrap_or_default();
        for parameter in &kept {
            arguments.parameter(compiler, parameter, &kept, &properties);
        }
        if let Some(shape) = shape {
            arguments.add_body(shape);
        }
        arguments
    }

    /// Whether a parameter becomes an argument: credentials and the connection's own header fields do not.
    fn keeps(
        &self,
        compiler: &Compiler<'_>,
        operation: &Operation,
        parameter: &Parameter,
        problems: &mut Vec<Problem>,
    ) -> bool {
        if credentials::carried(compiler.api, operation, parameter).is_some() {
            return false;
        }
        if parameter.place != Place::Header {
            return true;
        }
        if !is_settable(&parameter.name) {
            return false;
        }
        if http::HeaderName::from_bytes(parameter.name.as_bytes()).is_err() {
            let message =
                format!("`{}` cannot be the name of a header; the parameter is left out", parameter.name);
            problems.push(problem(
                operation,
                Severity::Warning,
                "header-name-invalid",
                message,
                "use a token (RFC 9110, 5.1)",
            ));
            return false;
        }
        true
    }

    fn parameter(
        &mut self,
        compiler: &Compiler<'_>,
        parameter: &Parameter,
        all: &[&Parameter],
        properties: &HashSet<String>,
    ) {
        let wanted = if parameter.name.is_empty() { "querystring" } else { parameter.name.as_str() };
        let first = all.iter().find(|other| other.name.eq_ignore_ascii_case(&parameter.name));
        let is_first = first.is_some_and(|first| std::ptr::eq(*first, parameter));
        let is_taken = |name: &str| properties.contains(&name.to_ascii_lowercase());
        let yields = is_taken(wanted) || !is_first;
        let mut name =
            if yields { format!("{wanted}__{}", place_name(parameter.place)) } else { wanted.to_owned() };
        while is_taken(&name) || self.list.iter().any(|other| other.name.eq_ignore_ascii_case(&name)) {
            name.push('_');
        }
        let schema = view(&parameter.schema.0, &compiler.api.definitions, View::Request);
        let slot = Slot {
            argument: name.clone(),
            name: parameter.name.clone(),
            place: parameter.place,
            required: parameter.required,
            serialization: parameter.serialization.clone(),
        };
        self.list.push(Argument {
            name,
            schema: described(
                schema,
                parameter.description.as_deref(),
                parameter.example.as_ref(),
                parameter.deprecated,
            ),
            // Whoever sends the request has a fresh one for every call.
            required: parameter.required && !slot.is_idempotency_key(),
            in_body: false,
            file: false,
        });
        self.slots.push(slot);
    }

    fn add_body(&mut self, shape: Shape) {
        let files = shape.files();
        let Shape { source, properties, required, body_required, recipes, chooser } = shape;
        for (name, schema) in properties {
            let is_demanded = required.contains(&name);
            if is_demanded && !body_required {
                self.together.push(name.clone());
            }
            let file = files.contains(&name);
            let required = is_demanded && body_required;
            self.list.push(Argument { name, schema, required, in_body: true, file });
        }
        if let Some(chooser) = &chooser {
            let types: Vec<&str> = recipes.iter().map(|recipe| recipe.content_type.as_str()).collect();
            let description = "The media type of the body; the first is the default.";
            let schema = json!({"type": "string", "enum": types, "description": description});
            let name = chooser.clone();
            self.list.push(Argument { name, schema, required: false, in_body: false, file: false });
        }
        self.body = Some(BodyPlan { source, required: body_required, recipes, chooser });
    }

    pub(super) fn slots(&self) -> Vec<Slot> {
        self.slots.clone()
    }

    pub(super) fn body_plan(&self) -> Option<BodyPlan> {
        self.body.clone()
    }

    /// The arguments to list; those that every call must have come first, else in the description's order.
    pub(super) fn properties(&self) -> Vec<Property<'_>> {
        let mut sorted: Vec<&Argument> = self.list.iter().collect();
        sorted.sort_by_key(|argument| !argument.required);
        sorted
            .into_iter()
            .map(|argument| Property {
                name: &argument.name,
                schema: &argument.schema,
                required: argument.required,
                file: argument.file,
            })
            .collect()
    }

    /// The same for the full schema.
    pub(super) fn root(&self) -> Root {
        let mut root = Root::default();
        let flat = matches!(&self.body, Some(BodyPlan { source: BodySource::Properties(_), .. }));
        if flat && !self.together.is_empty() {
            for argument in self.list.iter().filter(|argument| argument.in_body) {
                let others: Vec<&String> =
                    self.together.iter().filter(|name| **name != argument.name).collect();
                if !others.is_empty() {
                    root.dependent.insert(argument.name.clone(), json!(others));
                }
            }
        }
        for Property { name, schema, required, .. } in self.properties() {
            if required {
                root.required.push(name.to_owned());
            }
            root.properties.insert(name.to_owned(), schema.clone());
        }
        root
    }
}

const fn place_name(place: Place) -> &'static str {
    match place {
        Place::Path => "path",
        Place::Query | Place::QueryString => "query",
        Place::Header => "header",
        Place::Cookie => "cookie",
    }
}

/// The schema with what its parameter says about it; a parameter's word counts before its schema's.
fn described(schema: Value, description: Option<&str>, example: Option<&Value>, deprecated: bool) -> Value {
    let mut members = match schema {
        Value::Object(members) => members,
        Value::Bool(true) => Map::new(),
        other => return other,
    };
    if let Some(description) = description.filter(|text| !text.trim().is_empty()) {
        members.insert("description".to_owned(), prose::clean(description, PROSE).into());
    }
    if let Some(example) = example.filter(|example| example.to_string().len() <= 200) {
        members.entry("examples").or_insert_with(|| json!([example]));
    }
    if deprecated {
        members.insert("deprecated".to_owned(), true.into());
    }
    members.into()
}
