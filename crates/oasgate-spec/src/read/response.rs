//! Responses of every version (OpenAPI 3.2, 4.16 and 4.17; Swagger 2.0, Response Object).

use indexmap::IndexMap;

use super::{Reader, Rule, form};
use crate::store::Node;
use crate::{Dialect, MediaType, Response, Schema, Severity, Status};

const RESPONSE_BROKEN: Rule = Rule {
    severity: Severity::Note,
    name: "response-ref-broken",
    fix: "make the `$ref` point to a response",
};
const RESPONSE_INVALID: Rule = Rule {
    severity: Severity::Note,
    name: "response-invalid",
    fix: "describe responses by status: `200`, `2XX` or `default`, each an object",
};

impl<'d> Reader<'d> {
    pub(super) fn responses(&mut self, root: Node<'d>, operation: Node<'d>) -> Vec<Response> {
        let Some(responses) = self.member(operation, "responses") else {
            // OpenAPI 3.1 does without.
            if self.dialect < Dialect::V3_1 {
                self.note(
                    operation,
                    &RESPONSE_INVALID,
                    "the operation has no responses; any answer is taken",
                );
            }
            return Vec::new();
        };
        if responses.is_empty() {
            self.note(responses, &RESPONSE_INVALID, "no responses are described; any answer is taken");
        }
        let mut read = Vec::new();
        for (key, written) in responses.members().filter(|(key, _)| !key.starts_with("x-")) {
            let Some(status) = status(key) else {
                self.note(written, &RESPONSE_INVALID, format!("`{key}` is not a status; it is left out"));
                continue;
            };
            if !self.spend(written, 1) {
                return read;
            }
            match self.deref(written) {
                Ok(node) => read.push(self.response(root, operation, status, written, node)),
                Err(message) => self.note(written, &RESPONSE_BROKEN, message),
            }
        }
        read
    }

    fn response(
        &mut self,
        root: Node<'d>,
        operation: Node<'d>,
        status: Status,
        written: Node<'d>,
        node: Node<'d>,
    ) -> Response {
        if !node.is_object() {
            self.note(written, &RESPONSE_INVALID, "the response is not an object; any content is taken");
        }
        let content = match self.dialect {
            Dialect::V2_0 => self.v2_content(root, operation, node),
            _ => self.response_content(node),
        };
        let description = self.description(written, node).or_else(|| node.text("summary").map(str::to_owned));
        Response { status, description, content }
    }

    /// The schema of a 2.0 response, in every media type that the operation produces.
    fn v2_content(&mut self, root: Node<'d>, operation: Node<'d>, node: Node<'d>) -> Vec<MediaType> {
        let Some(schema) = node.get("schema") else { return Vec::new() };
        let names = form::media_types("produces", operation, root);
        if !self.spend(node, names.len()) {
            return Vec::new();
        }
        let schema = if self.response_schemas { self.schema(schema) } else { Schema::any() };
        names.into_iter().map(|name| media_type(name, schema.clone(), None)).collect()
    }

    fn response_content(&mut self, node: Node<'d>) -> Vec<MediaType> {
        let Some(content) = self.member(node, "content") else { return Vec::new() };
        let mut read = Vec::new();
        for (name, written) in content.members() {
            if !self.response_schemas {
                read.push(media_type(name.to_owned(), Schema::any(), None));
                continue;
            }
            let media = self.deref(written).unwrap_or(written);
            let schema = self.media_schema(media);
            let items = media.get("itemSchema").map(|schema| self.schema(schema));
            read.push(media_type(name.to_owned(), schema, items));
        }
        read
    }
}

fn media_type(name: String, schema: Schema, item_schema: Option<Schema>) -> MediaType {
    MediaType { name, schema, item_schema, encoding: IndexMap::new(), example: None }
}

/// The statuses that a key of `responses` stands for.
fn status(key: &str) -> Option<Status> {
    match key.trim().as_bytes() {
        b"default" => Some(Status::Default),
        [class @ b'1'..=b'5', b'x' | b'X', b'x' | b'X'] => Some(Status::Class(class - b'0')),
        [b'1'..=b'5', b'0'..=b'9', b'0'..=b'9'] => key.trim().parse().ok().map(Status::Code),
        _ => None,
    }
}
