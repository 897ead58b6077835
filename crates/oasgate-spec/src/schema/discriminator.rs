//! Discriminators (OpenAPI 3.2, 4.25), their mapping led into the pool.

use serde_json::{Map, Value};

use super::{SCHEMA_INVALID, SCHEMA_REF_BROKEN};
use crate::read::Reader;
use crate::store::Node;

impl<'d> Reader<'d> {
    /// The discriminator; Swagger 2.0 gives the property's name alone.
    pub(super) fn discriminator(&mut self, node: Node<'d>) -> Option<Value> {
        let Some(property) = node.as_text().or_else(|| node.text("propertyName")) else {
            self.note(node, &SCHEMA_INVALID, "a discriminator needs a `propertyName`; it is left out");
            return None;
        };
        let mut mapping = Map::new();
        for (value, target) in node.members_of("mapping") {
            if let Some(name) = self.mapped(target) {
                mapping.insert(value.to_owned(), name);
            }
        }
        let mut discriminator = Map::new();
        discriminator.insert("propertyName".to_owned(), property.into());
        discriminator.insert("mapping".to_owned(), mapping.into());
        if let Some(default) = node.get("defaultMapping").and_then(|target| self.mapped(target)) {
            discriminator.insert("defaultMapping".to_owned(), default);
        }
        Some(discriminator.into())
    }

    /// What a mapping leads to: the name of a schema, or a reference (OpenAPI 3.2, 4.25.3).
    fn mapped(&mut self, target: Node<'d>) -> Option<Value> {
        let written = target.as_text()?;
        let by_name = format!("#/components/schemas/{}", written.replace('~', "~0").replace('/', "~1"));
        let is_name = self.store.resolve(target, &by_name).is_ok_and(|found| !found.repaired);
        match self.definition(target, if is_name { &by_name } else { written }) {
            Ok(name) => Some(format!("#/$defs/{name}").into()),
            Err(message) => {
                self.note(target, &SCHEMA_REF_BROKEN, format!("{message}; this mapping is left out"));
                None
            }
        }
    }
}
