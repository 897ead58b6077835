//! Media types and their encodings (OpenAPI 3.2, 4.14 and 4.15).

use indexmap::IndexMap;
use serde_json::Value;

use super::{Reader, Rule};
use crate::store::Node;
use crate::{Encoding, MediaType, Schema, Severity};

const MEDIA_TYPE_INVALID: Rule = Rule {
    severity: Severity::Warning,
    name: "media-type-invalid",
    fix: "write a media type such as `application/json`",
};
const MEDIA_TYPE_BROKEN: Rule = Rule {
    severity: Severity::Warning,
    name: "media-type-ref-broken",
    fix: "make the `$ref` point to a media type object",
};
const SCHEMA_EXPECTED: Rule =
    Rule { severity: Severity::Warning, name: "media-type-is-schema", fix: "put the schema under `schema`" };
const EXAMPLE_BROKEN: Rule =
    Rule { severity: Severity::Note, name: "example-ref-broken", fix: "make the `$ref` point to an example" };

impl<'d> Reader<'d> {
    /// The media types of a `content`.
    pub(super) fn content(&mut self, content: Node<'d>) -> Vec<MediaType> {
        let named = self.media_type_names(content.members().collect());
        named.into_iter().map(|(name, media)| self.media_type(name, media)).collect()
    }

    fn media_type(&mut self, name: String, written: Node<'d>) -> MediaType {
        let node = self.deref(written).unwrap_or_else(|message| {
            self.note(written, &MEDIA_TYPE_BROKEN, format!("{message}; any content is taken"));
            written
        });
        let encodings = self.member(node, "encoding");
        MediaType {
            name,
            schema: self.media_schema(node),
            item_schema: node.get("itemSchema").map(|schema| self.schema(schema)),
            encoding: encodings
                .into_iter()
                .flat_map(Node::members)
                .map(|(field, encoding)| (field.to_owned(), self.encoding(encoding)))
                .collect(),
            example: self.example(node),
        }
    }

    /// The schema of a media type; some write it in place of the media type object.
    pub(super) fn media_schema(&mut self, node: Node<'d>) -> Schema {
        if let Some(schema) = node.get("schema") {
            return self.schema(schema);
        }
        if !is_schema(node) {
            return Schema::any();
        }
        self.note(node, &SCHEMA_EXPECTED, "a schema stands in place of the media type object; it is taken");
        self.schema(node)
    }

    /// The names that can be sent. Of those that cannot, a bare word is taken to be JSON if there is no other.
    pub(super) fn media_type_names(&mut self, written: Vec<(&str, Node<'d>)>) -> Vec<(String, Node<'d>)> {
        let has_legal = written.iter().any(|(name, _)| is_media_type(name.trim()));
        let mut names: Vec<(String, Node<'d>)> = Vec::new();
        for (name, node) in written {
            let trimmed = name.trim();
            if is_media_type(trimmed) {
                names.push((trimmed.to_owned(), node));
            } else if has_legal || trimmed.contains(|c: char| !c.is_ascii_graphic()) {
                let message = format!("`{}` is not a media type; it is left out", name.escape_debug());
                self.note(node, &MEDIA_TYPE_INVALID, message);
            } else {
                let message = format!("`{name}` is not a media type; it is taken to be application/json");
                self.note(node, &MEDIA_TYPE_INVALID, message);
                let json = "application/json";
                if !names.iter().any(|(known, _)| known == json) {
                    names.push((json.to_owned(), node));
                }
            }
        }
        names
    }

    fn encoding(&mut self, node: Node<'d>) -> Encoding {
        let styled = self.encoding_style(node);
        let mut headers = IndexMap::new();
        for (name, written) in self.member(node, "headers").into_iter().flat_map(Node::members) {
            let Ok(header) = self.deref(written) else { continue };
            if let Some(schema) = header.get("schema") {
                headers.insert(name.to_owned(), self.schema(schema));
            }
        }
        Encoding {
            content_type: node.text("contentType").map(str::to_owned),
            style: styled.map(|(style, _)| style),
            explode: styled.is_none_or(|(_, explode)| explode),
            allow_reserved: self.flag(node, "allowReserved"),
            headers,
        }
    }

    /// The first example of a parameter or media type (OpenAPI 3.2, 4.19 Example Object; before, its `value` alone).
    pub(super) fn example(&mut self, node: Node<'d>) -> Option<Value> {
        let own = node.get("example").or_else(|| node.get("x-example"));
        if let Some(example) = own {
            return self.copy(example);
        }
        let examples = self.member(node, "examples")?;
        for (_, written) in examples.members() {
            let example = match self.deref(written) {
                Ok(example) => example,
                Err(message) => {
                    self.note(written, &EXAMPLE_BROKEN, message);
                    continue;
                }
            };
            if let Some(value) = example.get("value").or_else(|| example.get("dataValue")) {
                return self.copy(value);
            }
        }
        // Before OpenAPI 3 had Example Objects, and in schemas still, examples were a list.
        examples.items().next().and_then(|example| self.copy(example))
    }
}

/// Whether a text is a media type or range by its outward form (RFC 9110, 8.3.1): two tokens, and parameters.
fn is_media_type(name: &str) -> bool {
    let essence = name.split(';').next().unwrap_or_default().trim();
    let is_token = |text: &str| !text.is_empty() && text.bytes().all(is_token_byte);
    let legal = essence.split_once('/').is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype));
    legal && name.bytes().all(|byte| (0x20..0x7F).contains(&byte))
}

/// A character of a token (RFC 9110, 5.6.2).
const fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'.'
                | b'^'
                | b'_'
                | b'`'
                | b'|'
                | b'~'
        )
}

/// Whether an object says what only a schema says.
pub(super) fn is_schema(node: Node<'_>) -> bool {
    const KEYWORDS: [&str; 7] = ["type", "properties", "allOf", "anyOf", "oneOf", "items", "enum"];
    KEYWORDS.iter().any(|keyword| node.get(keyword).is_some())
}
