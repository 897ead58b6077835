//! Parameters of OpenAPI 3.x (3.2, 4.12).

use serde_json::Value;

use super::{Lost, Reader, Rule};
use crate::store::Node;
use crate::{Parameter, Place, Schema, Serialization, Severity, Style};

const PARAMETER_BROKEN: Rule = Rule {
    severity: Severity::Error,
    name: "parameter-ref-broken",
    fix: "make the `$ref` point to a parameter",
};
pub(super) const PARAMETER_INVALID: Rule = Rule {
    severity: Severity::Warning,
    name: "parameter-invalid",
    fix: "give the parameter a `name`, an `in` and a `schema`",
};

impl<'d> Reader<'d> {
    /// The parameters of the path item and of the operation; the operation's win (OpenAPI 3.2, 4.10.1).
    pub(super) fn parameters(&mut self, lists: [Option<Node<'d>>; 2]) -> Result<Vec<Parameter>, Lost> {
        let mut parameters = Vec::new();
        for node in lists.into_iter().flatten().flat_map(Node::items) {
            let target = self.parameter_target(node)?;
            if let Some(parameter) = self.parameter(target) {
                insert(&mut parameters, parameter);
            }
        }
        Ok(parameters)
    }

    /// What an entry of a parameter list stands for; a reference to nothing costs the operation.
    pub(super) fn parameter_target(&mut self, node: Node<'d>) -> Result<Node<'d>, Lost> {
        self.deref(node).map_err(|message| {
            self.note(node, &PARAMETER_BROKEN, format!("{message}; the operation is left out"));
            Lost
        })
    }

    fn parameter(&mut self, node: Node<'d>) -> Option<Parameter> {
        let place = match node.text("in").map(str::to_ascii_lowercase).as_deref() {
            Some("path") => Place::Path,
            Some("query") => Place::Query,
            Some("querystring") => Place::QueryString,
            Some("header") => Place::Header,
            Some("cookie") => Place::Cookie,
            other => {
                let message = format!(
                    "`in: {}` is not a place of a parameter; it is left out",
                    other.unwrap_or_default()
                );
                self.note(node, &PARAMETER_INVALID, message);
                return None;
            }
        };
        let Some(name) = node.text("name").filter(|name| !name.is_empty() || place == Place::QueryString)
        else {
            self.note(node, &PARAMETER_INVALID, "the parameter has no name; it is left out");
            return None;
        };
        let (serialization, schema) = match content(node) {
            Some((media_type, media)) => {
                let schema = media.get("schema").map_or_else(Schema::any, |schema| self.schema(schema));
                (Serialization::Content(media_type.to_owned()), schema)
            }
            None => (style(node, place), self.parameter_schema(node)),
        };
        Some(Parameter {
            name: name.to_owned(),
            place,
            required: place == Place::Path || node.flag("required"),
            deprecated: node.flag("deprecated"),
            description: node.text("description").map(str::to_owned),
            serialization,
            schema,
            example: example(node),
        })
    }

    /// The schema, which some descriptions write into the parameter itself as Swagger 2.0 did.
    fn parameter_schema(&mut self, node: Node<'d>) -> Schema {
        match node.get("schema") {
            Some(schema) => self.schema(schema),
            None if node.get("type").is_some() => self.inline_schema(node),
            None => {
                self.note(node, &PARAMETER_INVALID, "the parameter has no schema; any value is taken");
                Schema::any()
            }
        }
    }
}

/// Adds a parameter, in place of one of the same name and place.
pub(super) fn insert(parameters: &mut Vec<Parameter>, parameter: Parameter) {
    let same = |other: &&mut Parameter| {
        other.place == parameter.place
            && (other.name == parameter.name
                || parameter.place == Place::Header && other.name.eq_ignore_ascii_case(&parameter.name))
    };
    match parameters.iter_mut().find(same) {
        Some(other) => *other = parameter,
        None => parameters.push(parameter),
    }
}

/// The one entry of `content`, if the parameter has any.
fn content<'d>(node: Node<'d>) -> Option<(&'d str, Node<'d>)> {
    node.get("content")?.members().next()
}

/// Style and its companions, with the defaults of OpenAPI 3.2, 4.12.2.2.
fn style(node: Node<'_>, place: Place) -> Serialization {
    let default = match place {
        Place::Path | Place::Header => Style::Simple,
        Place::Query | Place::QueryString | Place::Cookie => Style::Form,
    };
    let written = node.text("style").and_then(named_style);
    let style = written.filter(|style| fits(*style, place)).unwrap_or(default);
    let explode = match node.value.get("explode") {
        None | Some(Value::Null) => matches!(style, Style::Form | Style::Cookie | Style::DeepObject),
        Some(_) => node.flag("explode"),
    };
    let allow_empty = place == Place::Query && node.flag("allowEmptyValue");
    Serialization::Style { style, explode, allow_reserved: node.flag("allowReserved"), allow_empty }
}

/// The style of this name.
pub(super) fn named_style(name: &str) -> Option<Style> {
    Some(match name {
        "matrix" => Style::Matrix,
        "label" => Style::Label,
        "simple" => Style::Simple,
        "form" => Style::Form,
        "spaceDelimited" => Style::SpaceDelimited,
        "pipeDelimited" => Style::PipeDelimited,
        "deepObject" => Style::DeepObject,
        "cookie" => Style::Cookie,
        _ => return None,
    })
}

/// Whether the standard has this style at this place (OpenAPI 3.2, 4.12.3).
const fn fits(style: Style, place: Place) -> bool {
    match place {
        Place::Path => matches!(style, Style::Matrix | Style::Label | Style::Simple),
        Place::Query | Place::QueryString => {
            matches!(style, Style::Form | Style::SpaceDelimited | Style::PipeDelimited | Style::DeepObject)
        }
        Place::Header => matches!(style, Style::Simple),
        Place::Cookie => matches!(style, Style::Form | Style::Cookie),
    }
}

/// The first example of a parameter or media type.
pub(super) fn example(node: Node<'_>) -> Option<Value> {
    let several = || node.get("examples")?.members().find_map(|(_, example)| example.value.get("value"));
    node.value.get("example").or_else(several).cloned()
}
