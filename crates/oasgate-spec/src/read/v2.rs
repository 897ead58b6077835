//! What Swagger 2.0 says in its own way: parameters that are schemas, body and form parameters, media types.

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::parameter::{PARAMETER_INVALID, insert};
use super::{Lost, Reader};
use crate::store::Node;
use crate::{Body, Encoding, MediaType, Parameter, Place, Schema, Serialization, Style};

const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data";

/// One `in: formData` parameter.
struct FormField {
    name: String,
    required: bool,
    schema: Value,
    is_file: bool,
    encoding: Option<Encoding>,
}

impl<'d> Reader<'d> {
    /// Parameters and body of a 2.0 operation (Swagger 2.0, Parameter Object).
    pub(super) fn v2_parameters(
        &mut self,
        root: Node<'d>,
        operation: Node<'d>,
        lists: [Option<Node<'d>>; 2],
    ) -> Result<(Vec<Parameter>, Option<Body>), Lost> {
        let mut parameters = Vec::new();
        let mut body = None;
        let mut fields: Vec<FormField> = Vec::new();
        for node in lists.into_iter().flatten().flat_map(Node::items) {
            let target = self.parameter_target(node)?;
            let Some(name) = target.text("name").filter(|name| !name.is_empty()) else {
                self.note(target, &PARAMETER_INVALID, "the parameter has no name; it is left out");
                continue;
            };
            let place = match target.text("in") {
                Some("path") => Place::Path,
                Some("query") => Place::Query,
                Some("header") => Place::Header,
                Some("body") => {
                    body = Some(target);
                    continue;
                }
                Some("formData" | "form") => {
                    let field = self.form_field(name, target);
                    fields.retain(|other| other.name != field.name);
                    fields.push(field);
                    continue;
                }
                other => {
                    let message = format!(
                        "`in: {}` is not a place of a parameter; it is left out",
                        other.unwrap_or("")
                    );
                    self.note(target, &PARAMETER_INVALID, message);
                    continue;
                }
            };
            let parameter = self.v2_parameter(name, place, target);
            insert(&mut parameters, parameter);
        }
        let consumes = media_types("consumes", operation, root);
        let body = match body {
            Some(node) => Some(self.v2_body(node, &consumes)),
            None => (!fields.is_empty()).then(|| form_body(fields, &consumes)),
        };
        Ok((parameters, body))
    }

    fn v2_parameter(&mut self, name: &str, place: Place, node: Node<'d>) -> Parameter {
        let schema = match node.get("schema") {
            Some(schema) => self.schema(schema),
            None => self.inline_schema(node),
        };
        let (style, explode) = collection(node, place);
        let allow_empty = place == Place::Query && node.flag("allowEmptyValue");
        Parameter {
            name: name.to_owned(),
            place,
            required: place == Place::Path || node.flag("required"),
            deprecated: node.flag("deprecated") || node.flag("x-deprecated"),
            description: node.text("description").map(str::to_owned),
            serialization: Serialization::Style { style, explode, allow_reserved: false, allow_empty },
            schema,
            example: node.value.get("x-example").cloned(),
        }
    }

    fn v2_body(&mut self, node: Node<'d>, consumes: &[String]) -> Body {
        let schema = node.get("schema").map_or_else(Schema::any, |schema| self.schema(schema));
        let names: Vec<String> = consumes.iter().map(|name| self.media_type_name(name, node)).collect();
        let media = |name| MediaType {
            name,
            schema: schema.clone(),
            item_schema: None,
            encoding: IndexMap::new(),
            example: None,
        };
        Body {
            required: node.flag("required"),
            description: node.text("description").map(str::to_owned),
            content: names.into_iter().map(media).collect(),
        }
    }

    fn form_field(&mut self, name: &str, node: Node<'d>) -> FormField {
        let Schema(mut schema) = self.inline_schema(node);
        if let (Some(description), Some(members)) = (node.text("description"), schema.as_object_mut()) {
            members.insert("description".to_owned(), description.into());
        }
        let is_array = node.text("type") == Some("array");
        let (style, explode) = collection(node, Place::Query);
        let encoding = is_array.then(|| Encoding { style: Some(style), explode, ..Encoding::default() });
        FormField {
            name: name.to_owned(),
            required: node.flag("required"),
            schema,
            is_file: node.text("type") == Some("file"),
            encoding,
        }
    }
}

/// One object body of all form fields.
fn form_body(fields: Vec<FormField>, consumes: &[String]) -> Body {
    let has_file = fields.iter().any(|field| field.is_file);
    let accepts = |wanted: &str| consumes.iter().any(|name| name.starts_with(wanted));
    let name = if has_file || accepts(MULTIPART) && !accepts(FORM) { MULTIPART } else { FORM };
    let required: Vec<Value> =
        fields.iter().filter(|field| field.required).map(|field| field.name.clone().into()).collect();
    let encoding =
        fields.iter().filter_map(|field| Some((field.name.clone(), field.encoding.clone()?))).collect();
    let is_required = !required.is_empty();
    let properties: Map<String, Value> = fields.into_iter().map(|field| (field.name, field.schema)).collect();
    let mut schema = Map::new();
    schema.insert("type".to_owned(), "object".into());
    schema.insert("properties".to_owned(), properties.into());
    if is_required {
        schema.insert("required".to_owned(), required.into());
    }
    let schema = Schema(schema.into());
    let media = MediaType { name: name.to_owned(), schema, item_schema: None, encoding, example: None };
    Body { required: is_required, description: None, content: vec![media] }
}

/// `consumes` or `produces` of the operation, else of the root, else JSON.
pub(super) fn media_types(key: &str, operation: Node<'_>, root: Node<'_>) -> Vec<String> {
    let list = |node: Node<'_>| -> Vec<String> {
        node.get(key)
            .into_iter()
            .flat_map(Node::items)
            .filter_map(|name| name.value.as_str())
            .map(str::to_owned)
            .collect()
    };
    let own = list(operation);
    let names = if own.is_empty() { list(root) } else { own };
    if names.is_empty() { vec!["application/json".to_owned()] } else { names }
}

/// `collectionFormat` as style and explode.
fn collection(node: Node<'_>, place: Place) -> (Style, bool) {
    let plain = if place == Place::Query { Style::Form } else { Style::Simple };
    match (node.text("collectionFormat"), place) {
        (Some("multi"), Place::Query) => (Style::Form, true),
        (Some("ssv"), Place::Query) => (Style::SpaceDelimited, false),
        (Some("pipes"), Place::Query) => (Style::PipeDelimited, false),
        (Some("tsv"), Place::Query) => (Style::TabDelimited, false),
        _ => (plain, false),
    }
}
