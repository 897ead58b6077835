//! Request bodies, media types, encodings and responses of OpenAPI 3.x (3.2, 4.13 to 4.17).

use indexmap::IndexMap;

use super::parameter::{example, named_style};
use super::{Lost, Reader, Rule, v2};
use crate::store::Node;
use crate::{Body, Dialect, Encoding, MediaType, Response, Schema, Severity, Status, Style};

const BODY_BROKEN: Rule = Rule {
    severity: Severity::Error,
    name: "body-ref-broken",
    fix: "make the `$ref` point to a request body",
};
const BODY_WITHOUT_CONTENT: Rule = Rule {
    severity: Severity::Warning,
    name: "body-without-content",
    fix: "give the request body a `content` with at least one media type",
};
const RESPONSE_BROKEN: Rule = Rule {
    severity: Severity::Note,
    name: "response-ref-broken",
    fix: "make the `$ref` point to a response",
};
pub(super) const MEDIA_TYPE_INVALID: Rule = Rule {
    severity: Severity::Warning,
    name: "media-type-invalid",
    fix: "write a media type such as `application/json`",
};

impl<'d> Reader<'d> {
    pub(super) fn body(&mut self, operation: Node<'d>) -> Result<Option<Body>, Lost> {
        let Some(node) = operation.get("requestBody").filter(|body| !body.value.is_null()) else {
            return Ok(None);
        };
        let target = self.deref(node).map_err(|message| {
            self.note(node, &BODY_BROKEN, format!("{message}; the operation is left out"));
            Lost
        })?;
        let content: Vec<MediaType> = match target.get("content") {
            Some(content) => content.members().map(|(name, media)| self.media_type(name, media)).collect(),
            None => Vec::new(),
        };
        if content.is_empty() {
            self.note(target, &BODY_WITHOUT_CONTENT, "the request body has no content; no body is sent");
            return Ok(None);
        }
        let description = target.text("description").map(str::to_owned);
        Ok(Some(Body { required: target.flag("required"), description, content }))
    }

    fn media_type(&mut self, name: &str, node: Node<'d>) -> MediaType {
        let target = match self.deref(node) {
            Ok(target) => target,
            Err(message) => {
                self.note(node, &MEDIA_TYPE_INVALID, message);
                node
            }
        };
        let name = self.media_type_name(name, node);
        let encodings = target.get("encoding").into_iter().flat_map(Node::members);
        MediaType {
            name,
            schema: target.get("schema").map_or_else(Schema::any, |schema| self.schema(schema)),
            item_schema: target.get("itemSchema").map(|schema| self.schema(schema)),
            encoding: encodings
                .map(|(field, encoding)| (field.to_owned(), self.encoding(encoding)))
                .collect(),
            example: example(target),
        }
    }

    /// The name as written, or JSON for what is no media type at all.
    pub(super) fn media_type_name(&mut self, name: &str, at: Node<'d>) -> String {
        let trimmed = name.trim();
        let legal = trimmed.split_once('/').is_some_and(|(kind, rest)| !kind.is_empty() && !rest.is_empty());
        if legal && trimmed.bytes().all(|byte| (0x20..0x7F).contains(&byte)) {
            return trimmed.to_owned();
        }
        let message = format!("`{name}` is not a media type; it is taken to be application/json");
        self.note(at, &MEDIA_TYPE_INVALID, message);
        "application/json".to_owned()
    }

    fn encoding(&mut self, node: Node<'d>) -> Encoding {
        let styled = ["style", "explode", "allowReserved"].iter().any(|key| node.get(key).is_some());
        let style = node.text("style").and_then(named_style).unwrap_or(Style::Form);
        let explode = if node.get("explode").is_some() {
            node.flag("explode")
        } else {
            matches!(style, Style::Form | Style::DeepObject)
        };
        let headers = node.get("headers").into_iter().flat_map(Node::members);
        let headers: IndexMap<String, Schema> = headers
            .filter_map(|(name, header)| {
                let header = self.deref(header).ok()?;
                Some((name.to_owned(), self.schema(header.get("schema")?)))
            })
            .collect();
        Encoding {
            content_type: node.text("contentType").map(str::to_owned),
            style: styled.then_some(style),
            explode,
            allow_reserved: node.flag("allowReserved"),
            headers,
        }
    }

    pub(super) fn responses(&mut self, root: Node<'d>, operation: Node<'d>) -> Vec<Response> {
        let responses: Vec<(&str, Node<'d>)> =
            operation.get("responses").into_iter().flat_map(Node::members).collect();
        let mut read = Vec::new();
        for (key, node) in responses {
            let Some(status) = status(key) else { continue };
            match self.deref(node) {
                Ok(target) => read.push(self.response(root, operation, status, target)),
                Err(message) => self.note(node, &RESPONSE_BROKEN, message),
            }
        }
        read
    }

    fn response(&mut self, root: Node<'d>, operation: Node<'d>, status: Status, node: Node<'d>) -> Response {
        let content = if self.dialect == Dialect::V2_0 {
            let schema = node.get("schema");
            let names =
                if schema.is_some() { v2::media_types("produces", operation, root) } else { Vec::new() };
            names.into_iter().map(|name| self.response_media(name, schema, None)).collect()
        } else {
            let content = node.get("content").into_iter().flat_map(Node::members);
            let content = content.map(|(name, media)| {
                let media = self.deref(media).unwrap_or(media);
                self.response_media(name.to_owned(), media.get("schema"), media.get("itemSchema"))
            });
            content.collect()
        };
        Response { status, description: node.text("description").map(str::to_owned), content }
    }

    fn response_media(
        &mut self,
        name: String,
        schema: Option<Node<'d>>,
        items: Option<Node<'d>>,
    ) -> MediaType {
        let wanted = self.response_schemas;
        MediaType {
            name,
            schema: schema.filter(|_| wanted).map_or_else(Schema::any, |schema| self.schema(schema)),
            item_schema: items.filter(|_| wanted).map(|schema| self.schema(schema)),
            encoding: IndexMap::new(),
            example: None,
        }
    }
}

/// The statuses that a key of `responses` stands for.
fn status(key: &str) -> Option<Status> {
    match key.as_bytes() {
        b"default" => Some(Status::Default),
        [class @ b'1'..=b'5', b'x' | b'X', b'x' | b'X'] => Some(Status::Class(class - b'0')),
        [b'1'..=b'5', _, _] => key.parse().ok().map(Status::Code),
        _ => None,
    }
}
