//! How a value is written as XML: the XML Objects of a schema as one tree (OpenAPI 3.2, 4.26).

use oasgate_spec::Definitions;
use serde_json::Value;

use crate::XmlNode;

/// How deep elements may be nested; a schema that recurs is written by names alone below that.
const DEPTH: usize = 12;

/// How many schemas are read for one document; what the rest would say is written by names alone.
const NODES: usize = 4_000;

/// The tree for a schema; the root element takes its name from the schema's `xml.name` or its definition.
pub(super) fn node(definitions: &Definitions, schema: &Value) -> XmlNode {
    let mut left = NODES;
    let mut root = build(definitions, schema, DEPTH, &mut left);
    if root.name.is_empty() {
        let name =
            schema.get("$ref").and_then(Value::as_str).and_then(|reference| reference.rsplit('/').next());
        name.unwrap_or("root").clone_into(&mut root.name);
    }
    root
}

fn build(definitions: &Definitions, schema: &Value, depth: usize, left: &mut usize) -> XmlNode {
    let mut node = XmlNode::default();
    fill(&mut node, definitions, schema, depth, left);
    node
}

/// What a schema says, then what its references and parts say, as far as nothing was said before.
fn fill(node: &mut XmlNode, definitions: &Definitions, schema: &Value, depth: usize, left: &mut usize) {
    if let Some(xml) = schema.get("xml") {
        let text = |key: &str| xml.get(key).and_then(Value::as_str).map(str::to_owned);
        let flag = |key: &str| xml.get(key) == Some(&Value::Bool(true));
        let kind = text("nodeType");
        if node.name.is_empty() {
            node.name = text("name").unwrap_or_default();
        }
        node.namespace = node.namespace.take().or_else(|| text("namespace"));
        node.prefix = node.prefix.take().or_else(|| text("prefix"));
        node.attribute |= flag("attribute") || kind.as_deref() == Some("attribute");
        node.wrapped |=
            flag("wrapped") || kind.as_deref() == Some("element") && schema.get("items").is_some();
    }
    *left = left.saturating_sub(1);
    let Some(depth) = depth.checked_sub(1).filter(|_| *left > 0) else { return };
    for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        if !node.properties.iter().any(|(known, _)| known == name) {
            node.properties.push((name.clone(), build(definitions, property, depth, left)));
        }
    }
    if let Some(items) = schema.get("items").filter(|_| node.items.is_none()) {
        node.items = Some(Box::new(build(definitions, items, depth, left)));
    }
    let target = definitions.follow(schema);
    if !std::ptr::eq(target, schema) {
        fill(node, definitions, target, depth, left);
    }
    for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        fill(node, definitions, part, depth, left);
    }
}
