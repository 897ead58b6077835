//! Request bodies of OpenAPI 3.x (3.2, 4.13).

use indexmap::IndexMap;

use super::media::is_schema;
use super::{Lost, Reader, Rule};
use crate::store::Node;
use crate::{Body, MediaType, Severity};

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

impl<'d> Reader<'d> {
    pub(super) fn body(&mut self, operation: Node<'d>) -> Result<Option<Body>, Lost> {
        let Some(written) = operation.get("requestBody").filter(|body| !body.is_null()) else {
            return Ok(None);
        };
        let node = self.deref(written).map_err(|message| {
            self.note(written, &BODY_BROKEN, format!("{message}; the operation is left out"));
            Lost
        })?;
        let mut content = match self.member(node, "content") {
            Some(content) => self.content(content),
            None => Vec::new(),
        };
        if content.is_empty() {
            content.extend(self.bare_body(node));
        }
        if content.is_empty() {
            self.note(node, &BODY_WITHOUT_CONTENT, "the request body has no content; no body is sent");
            return Ok(None);
        }
        let description = self.description(written, node);
        Ok(Some(Body { required: self.flag(node, "required"), description, content }))
    }

    /// A schema that stands where `content` should be: as JSON.
    fn bare_body(&mut self, node: Node<'d>) -> Option<MediaType> {
        let schema = node.get("schema").or_else(|| is_schema(node).then_some(node))?;
        self.note(
            node,
            &BODY_WITHOUT_CONTENT,
            "the request body has a schema and no content; it is taken as JSON",
        );
        Some(MediaType {
            name: "application/json".to_owned(),
            schema: self.schema(schema),
            item_schema: None,
            encoding: IndexMap::new(),
            example: self.example(node),
        })
    }
}
