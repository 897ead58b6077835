//! Objects and arrays made portable: legal names, closed nowhere but at the root, items of one schema.

use serde_json::{Map, Value};

use super::{Listing, OverBudget, note_key};
use crate::schema::legal::legal_names;
use crate::schema::union::join;
use crate::schema::{Keys, Settled, is_impossible};

impl Listing<'_> {
    pub(super) fn object(
        &mut self,
        members: &Settled<'_>,
        depth: usize,
        keys: &mut Keys,
    ) -> Result<Value, OverBudget> {
        let mut listed = Map::new();
        listed.insert("type".to_owned(), "object".into());
        if members.properties.is_empty() {
            let pattern = || members.get("patternProperties")?.as_object()?.values().next();
            let values =
                members.get("additionalProperties").filter(|schema| schema.is_object()).or_else(pattern);
            if let Some(values) =
                values.filter(|schema| schema.as_object().is_some_and(|map| !map.is_empty()))
            {
                let (schema, below) = self.schema(values, depth + 1)?;
                listed.insert("additionalProperties".to_owned(), schema);
                keys.values = (!below.is_empty()).then(|| Box::new(below));
            }
            return Ok(listed.into());
        }
        let pool = self.pool;
        let possible = || members.properties.iter().filter(|(_, schema)| !is_impossible(pool, schema));
        let names = legal_names(possible().map(|(name, _)| *name));
        let mut schemas = Map::new();
        let mut required = Vec::new();
        for ((wire, schema), name) in possible().zip(names) {
            self.spend(name.len() + 5)?;
            let (schema, below) = self.schema(schema, depth + 1)?;
            note_key(keys, wire, &name, below);
            if members.required().any(|other| other == *wire) {
                required.push(Value::String(name.clone()));
            }
            schemas.insert(name, schema);
        }
        listed.insert("properties".to_owned(), schemas.into());
        if !required.is_empty() {
            listed.insert("required".to_owned(), required.into());
        }
        Ok(listed.into())
    }

    pub(super) fn array(
        &mut self,
        members: &Settled<'_>,
        depth: usize,
        keys: &mut Keys,
    ) -> Result<Value, OverBudget> {
        let items = match (members.get("items"), members.get("prefixItems")) {
            (Some(Value::Object(_)), None) => {
                self.schema(members.get("items").unwrap_or(&Value::Null), depth + 1)?
            }
            (_, Some(Value::Array(several))) => {
                // A tuple: each place could be any of the kinds.
                let mut below = Keys::default();
                let mut kinds = Vec::new();
                for schema in several.iter().take(8) {
                    let (kind, more) = self.schema(schema, depth + 1)?;
                    below.merge(more);
                    kinds.push(kind);
                }
                (join(kinds), below)
            }
            _ => (self.anything(&Settled::default())?, Keys::default()),
        };
        let (items, below) = items;
        keys.items = (!below.is_empty()).then(|| Box::new(below));
        let mut listed = Map::new();
        listed.insert("type".to_owned(), "array".into());
        listed.insert("items".to_owned(), items);
        for key in ["minItems", "maxItems"] {
            if let Some(limit) = members.get(key) {
                listed.insert(key.to_owned(), limit.clone());
            }
        }
        Ok(listed.into())
    }
}
