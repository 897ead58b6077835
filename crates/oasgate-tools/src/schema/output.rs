//! Output schemas: what an answer has, said so that no answer can fail it.
//!
//! Clients refuse a whole result that does not conform to its output schema, and upstreams drift from their
//! descriptions. So the listed schema is an object whose properties are named and described, their form in words; it
//! demands nothing.

use serde_json::{Map, Value, json};

use super::{Pool, outline::outline, settle};
use crate::prose;

/// How many properties are listed, and how long each is described, in characters.
const PROPERTIES: usize = 60;
const PROSE: usize = 120;
/// How long its form is said, in characters.
const FORM: usize = 240;

/// The schema to list for answers of this schema, if they are objects with known properties.
pub(crate) fn output(pool: &Pool, schema: &Value) -> Option<Value> {
    let settled = settle(pool, schema);
    let is_object = settled.get("type").is_none_or(|kind| kind == "object");
    if !is_object || settled.properties.is_empty() {
        return None;
    }
    let property = |(name, schema): (&&str, &std::borrow::Cow<'_, Value>)| {
        let settled = settle(pool, schema);
        let form = outline(pool, &settled, FORM);
        let text = settled.text("description").map(|text| prose::clean(text, PROSE)).unwrap_or_default();
        let separator = if text.is_empty() { "" } else { ". " };
        ((*name).to_owned(), json!({"description": format!("{form}{separator}{text}")}))
    };
    let properties: Map<String, Value> = settled.properties.iter().take(PROPERTIES).map(property).collect();
    Some(json!({"type": "object", "properties": properties}))
}
