//! The body that parameters are in Swagger 2.0: one of `in: body`, or fields of `in: formData` (Parameter Object).

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::{Reader, style};
use crate::store::Node;
use crate::{Body, Encoding, MediaType, Place, Schema};

const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data";

/// One `in: formData` parameter.
pub(super) struct FormField {
    pub(super) name: String,
    required: bool,
    schema: Value,
    is_file: bool,
    encoding: Option<Encoding>,
}

impl<'d> Reader<'d> {
    /// The body of an `in: body` parameter, in every media type that the operation consumes.
    pub(super) fn v2_body(&mut self, node: Node<'d>, consumes: &[String]) -> Option<Body> {
        let names = self.media_type_names(consumes.iter().map(|name| (name.as_str(), node)).collect());
        let schema = match node.get("schema") {
            Some(schema) => self.schema(schema),
            None if node.get("type").is_some() => self.inline_schema(node),
            None => Schema::any(),
        };
        // Each media type has a copy of the schema.
        if !self.spend(node, node.size().saturating_mul(names.len())) {
            return None;
        }
        let media = |(name, _)| MediaType {
            name,
            schema: schema.clone(),
            item_schema: None,
            encoding: IndexMap::new(),
            example: None,
        };
        Some(Body {
            required: self.flag(node, "required"),
            description: node.text("description").map(str::to_owned),
            content: names.into_iter().map(media).collect(),
        })
        .filter(|body| !body.content.is_empty())
    }

    pub(super) fn form_field(&mut self, name: &str, written: Node<'d>, node: Node<'d>) -> FormField {
        let Schema(mut schema) = match node.get("schema") {
            Some(schema) => self.schema(schema),
            None => self.inline_schema(node),
        };
        if let (Some(description), Some(members)) = (self.description(written, node), schema.as_object_mut())
        {
            members.insert("description".to_owned(), description.into());
        }
        let is_array = node.text("type") == Some("array");
        let (style, explode) = style::of_collection(node, Place::Query);
        let encoding = is_array.then(|| Encoding { style: Some(style), explode, ..Encoding::default() });
        FormField {
            name: name.to_owned(),
            required: self.flag(node, "required"),
            schema,
            is_file: node.text("type") == Some("file"),
            encoding,
        }
    }
}

/// One object body of all form fields.
pub(super) fn body(fields: Vec<FormField>, consumes: &[String]) -> Option<Body> {
    if fields.is_empty() {
        return None;
    }
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
    Some(Body { required: is_required, description: None, content: vec![media] })
}

/// `consumes` or `produces` of the operation, else of the root, else JSON.
pub(super) fn media_types(key: &str, operation: Node<'_>, root: Node<'_>) -> Vec<String> {
    let list = |node: Node<'_>| -> Vec<String> {
        let Some(names) = node.get(key) else { return Vec::new() };
        // One media type alone is often not put into a list.
        let alone = names.as_text().map(str::to_owned);
        alone.into_iter().chain(names.items().filter_map(Node::as_text).map(str::to_owned)).collect()
    };
    let own = list(operation);
    let names = if own.is_empty() { list(root) } else { own };
    if names.is_empty() { vec!["application/json".to_owned()] } else { names }
}
