//! Parameters of every version (OpenAPI 3.2, 4.12; Swagger 2.0, Parameter Object).
//!
//! The places that only Swagger 2.0 has, `body` and `formData`, are heard in OpenAPI 3 as well: descriptions that were
//! converted by hand still have them.

use std::collections::HashSet;

use indexmap::IndexMap;

use super::form::{self, FormField};
use super::{Lost, Reader, Rule, style};
use crate::store::Node;
use crate::{Body, Dialect, Parameter, Place, Schema, Serialization, Severity};

const PARAMETER_BROKEN: Rule = Rule {
    severity: Severity::Error,
    name: "parameter-ref-broken",
    fix: "make the `$ref` point to a parameter",
};
const PARAMETER_INVALID: Rule = Rule {
    severity: Severity::Warning,
    name: "parameter-invalid",
    fix: "give the parameter a `name`, an `in` and a `schema`",
};
const PARAMETER_PLACE: Rule = Rule {
    severity: Severity::Warning,
    name: "parameter-place",
    fix: "OpenAPI 3 has `requestBody` for what Swagger 2.0 had `in: body` and `in: formData`",
};
const PARAMETER_TWICE: Rule =
    Rule { severity: Severity::Warning, name: "parameter-twice", fix: "remove one of the two" };
const PARAMETER_IGNORED: Rule = Rule {
    severity: Severity::Note,
    name: "parameter-ignored",
    fix: "say it by `security`, or by the media types of the body and the responses",
};
const PARAMETERS_NO_LIST: Rule = Rule {
    severity: Severity::Warning,
    name: "parameters-no-list",
    fix: "make `parameters` a list of parameters",
};

/// What the parameters of an operation say.
#[derive(Default)]
pub(super) struct Parameters<'d> {
    /// By place and name, names of header fields in lower case (RFC 9110, 5.1).
    list: IndexMap<(Place, String), Parameter>,
    /// The parameter that is the body.
    body: Option<Node<'d>>,
    /// The parameters that are fields of a form, by name.
    fields: IndexMap<String, FormField>,
}

impl<'d> Reader<'d> {
    /// The parameters of the path item and of the operation; the operation's win (OpenAPI 3.2, 4.10.1).
    pub(super) fn parameters(&mut self, lists: &[Node<'d>]) -> Result<Parameters<'d>, Lost> {
        let mut parameters = Parameters::default();
        for list in lists {
            let mut own: HashSet<(Place, String)> = HashSet::new();
            for node in self.entries(*list)? {
                let target = self.parameter_target(node)?;
                if !self.spend(target, target.size()) {
                    return Err(Lost);
                }
                let Some(parameter) = self.one_parameter(node, target, &mut parameters) else { continue };
                if !own.insert((parameter.place, parameter.name.clone())) {
                    let message = format!("parameter `{}` stands twice; the last counts", parameter.name);
                    self.note(node, &PARAMETER_TWICE, message);
                }
                if parameter.place == Place::Header
                    && is_ignored(&parameter.name)
                    && self.ignored.insert(target.id())
                {
                    let message = format!("a header parameter `{}` is to be ignored", parameter.name);
                    self.note(target, &PARAMETER_IGNORED, message);
                }
                let name = match parameter.place {
                    Place::Header => parameter.name.to_ascii_lowercase(),
                    _ => parameter.name.clone(),
                };
                parameters.list.insert((parameter.place, name), parameter);
            }
        }
        Ok(parameters)
    }

    /// The body that parameters make, as Swagger 2.0 has it.
    pub(super) fn parameter_body(
        &mut self,
        parameters: Parameters<'d>,
        consumes: &[String],
    ) -> (Vec<Parameter>, Option<Body>) {
        let Parameters { list, body, fields } = parameters;
        let list = list.into_values().collect();
        let fields: Vec<FormField> = fields.into_values().collect();
        let Some(node) = body else { return (list, form::body(fields, consumes)) };
        if !fields.is_empty() {
            self.note(node, &PARAMETER_INVALID, "there are form fields beside the body; they are left out");
        }
        (list, self.v2_body(node, consumes))
    }

    /// The entries of a parameter list, which some write as an object by name.
    fn entries(&mut self, list: Node<'d>) -> Result<Vec<Node<'d>>, Lost> {
        let target = self.parameter_target(list)?;
        if target.is_object() {
            self.note(list, &PARAMETERS_NO_LIST, "`parameters` is no list; its members are taken");
            return Ok(target.members().map(|(_, parameter)| parameter).collect());
        }
        Ok(target.items().collect())
    }

    /// What an entry of a parameter list stands for; a reference to nothing costs the operation.
    fn parameter_target(&mut self, node: Node<'d>) -> Result<Node<'d>, Lost> {
        self.deref(node).map_err(|message| {
            self.note(node, &PARAMETER_BROKEN, format!("{message}; the operation is left out"));
            Lost
        })
    }

    /// Reads one parameter; what belongs to the body is put aside.
    fn one_parameter(
        &mut self,
        written: Node<'d>,
        node: Node<'d>,
        parameters: &mut Parameters<'d>,
    ) -> Option<Parameter> {
        let name = node.get("name").and_then(Node::as_scalar).unwrap_or_default();
        let place = node.text("in").unwrap_or_default().to_ascii_lowercase();
        let is_v2 = self.dialect == Dialect::V2_0;
        let place = match place.as_str() {
            "path" => Place::Path,
            "query" => Place::Query,
            "querystring" => Place::QueryString,
            "header" => Place::Header,
            "cookie" => Place::Cookie,
            "body" | "formdata" | "form" => {
                if !is_v2 {
                    self.note(node, &PARAMETER_PLACE, format!("`in: {place}` is read as the body"));
                }
                if place == "body" {
                    parameters.body = Some(node);
                } else if self.has_name(node, &name) {
                    let field = self.form_field(&name, written, node);
                    parameters.fields.insert(name, field);
                }
                return None;
            }
            other => {
                let message = format!("`in: {other}` is not a place of a parameter; it is left out");
                self.note(node, &PARAMETER_INVALID, message);
                return None;
            }
        };
        if place != Place::QueryString && !self.has_name(node, &name) {
            return None;
        }
        Some(self.parameter(name, place, written, node))
    }

    fn has_name(&mut self, node: Node<'d>, name: &str) -> bool {
        if name.is_empty() {
            self.note(node, &PARAMETER_INVALID, "the parameter has no name; it is left out");
        }
        !name.is_empty()
    }

    fn parameter(&mut self, name: String, place: Place, written: Node<'d>, node: Node<'d>) -> Parameter {
        let content = self.member(node, "content").and_then(|content| content.members().next());
        let (serialization, schema) = match content {
            Some((media_type, media)) => {
                let media = self.deref(media).unwrap_or(media);
                let schema = media.get("schema").map_or_else(Schema::any, |schema| self.schema(schema));
                (Serialization::Content(media_type.to_owned()), schema)
            }
            None => (self.serialization(node, place), self.parameter_schema(node)),
        };
        Parameter {
            name,
            place,
            required: place == Place::Path || self.flag(node, "required"),
            deprecated: self.flag(node, "deprecated") || self.flag(node, "x-deprecated"),
            description: self.description(written, node),
            serialization,
            schema,
            example: self.example(node),
        }
    }

    fn serialization(&mut self, node: Node<'d>, place: Place) -> Serialization {
        let is_v2 = self.dialect == Dialect::V2_0;
        let (style, explode) =
            if is_v2 || node.get("style").is_none() && node.get("collectionFormat").is_some() {
                style::of_collection(node, place)
            } else {
                self.style(node, place)
            };
        Serialization::Style {
            style,
            explode,
            allow_reserved: self.flag(node, "allowReserved"),
            allow_empty: place == Place::Query && self.flag(node, "allowEmptyValue"),
        }
    }

    /// The schema, which Swagger 2.0 and some descriptions after it write into the parameter itself.
    fn parameter_schema(&mut self, node: Node<'d>) -> Schema {
        let says_nothing = |schema: &Node<'_>| schema.is_null() || schema.is_object() && schema.is_empty();
        let has_type =
            node.get("type").is_some() || node.get("enum").is_some() || node.get("items").is_some();
        match node.get("schema").filter(|schema| !(has_type && says_nothing(schema))) {
            Some(schema) => self.schema(schema),
            None if has_type => self.inline_schema(node),
            None => {
                self.note(node, &PARAMETER_INVALID, "the parameter has no schema; it is taken to be text");
                Schema(serde_json::json!({"type": "string"}))
            }
        }
    }
}

/// Whether other parts of a description say what goes into this header field (OpenAPI 3.2, 4.12.2.1).
fn is_ignored(header: &str) -> bool {
    ["Accept", "Authorization", "Content-Type"].iter().any(|name| header.eq_ignore_ascii_case(name))
}
