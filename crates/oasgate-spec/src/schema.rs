//! OpenAPI schemas of every version, lowered to JSON Schema 2020-12.
//!
//! What older versions say in their own way (`nullable`, boolean `exclusiveMinimum`, `type: file`, array `items`) is
//! said in the new one; a keyword whose value the standard does not allow is mended or dropped, never passed on; each
//! `$ref` becomes a name in one pool, lowered once, however often and however circularly it is used.

mod keyword;
mod loops;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet, VecDeque};

use serde_json::{Map, Value, json};

use self::keyword::Kind;
use crate::read::{Reader, Rule};
use crate::store::Node;
use crate::{Definitions, Schema, Severity};

const SCHEMA_REF_BROKEN: Rule =
    Rule { severity: Severity::Warning, name: "schema-ref-broken", fix: "make the `$ref` point to a schema" };
const SCHEMA_INVALID: Rule = Rule {
    severity: Severity::Warning,
    name: "schema-invalid",
    fix: "write a value that JSON Schema 2020-12 allows for this keyword",
};
const SCHEMA_LOOP: Rule = Rule {
    severity: Severity::Note,
    name: "schema-loop",
    fix: "let either the base list its kinds or the kinds extend the base, not both",
};

/// The schemas referred to by name.
#[derive(Default)]
pub(crate) struct Pool<'d> {
    /// The name of each target, by its address.
    names: HashMap<*const Value, String>,
    taken: HashSet<String>,
    /// Targets that have a name and are not lowered yet.
    waiting: VecDeque<(String, Node<'d>)>,
    nodes: HashMap<String, Node<'d>>,
}

impl<'d> Reader<'d> {
    /// Lowers a schema.
    pub(crate) fn schema(&mut self, node: Node<'d>) -> Schema {
        Schema(self.lower(node))
    }

    /// Lowers the schema that a Swagger 2.0 parameter is itself.
    pub(crate) fn inline_schema(&mut self, node: Node<'d>) -> Schema {
        let mut out = Map::new();
        for (key, child) in
            node.members().filter(|(key, _)| !matches!(*key, "required" | "description" | "example"))
        {
            self.keyword(key, child, &mut out);
        }
        keyword::settle(&mut out, node.flag("x-nullable") || node.flag("nullable"));
        Schema(out.into())
    }

    /// Lowers every schema that has been referred to, and whatever those refer to.
    pub(crate) fn definitions(&mut self) -> Definitions {
        let mut definitions = Definitions::default();
        while let Some((name, node)) = self.pool().waiting.pop_front() {
            let schema = self.schema(node);
            self.pool().nodes.insert(name.clone(), node);
            definitions.0.insert(name, schema);
        }
        for name in loops::cut(&mut definitions) {
            if let Some(node) = self.pool().nodes.get(&name).copied() {
                self.note(
                    node,
                    &SCHEMA_LOOP,
                    format!(
                        "schema `{name}` leads back to itself; there it is taken without what it leads to"
                    ),
                );
            }
        }
        definitions
    }

    fn lower(&mut self, node: Node<'d>) -> Value {
        match node.value {
            Value::Bool(any) => Value::Bool(*any),
            Value::Object(_) => self.lower_object(node),
            _ => {
                self.note(
                    node,
                    &SCHEMA_INVALID,
                    "a schema is an object or a truth value; any value is taken",
                );
                Value::Bool(true)
            }
        }
    }

    fn lower_object(&mut self, node: Node<'d>) -> Value {
        let mut out = Map::new();
        for (key, child) in node.members() {
            self.keyword(key, child, &mut out);
        }
        keyword::settle(&mut out, node.flag("nullable") || node.flag("x-nullable"));
        out.into()
    }

    /// Lowers one keyword into `out`.
    fn keyword(&mut self, key: &str, node: Node<'d>, out: &mut Map<String, Value>) {
        let Some(kind) = Kind::of(key) else { return };
        let value = match kind {
            Kind::Reference => self.refer(node),
            Kind::Discriminator => self.discriminator(node),
            Kind::Schema => Some(self.lower(node)),
            Kind::Items => match node.value {
                Value::Array(_) => {
                    // Before 2020-12 an array of schemas stood here for what is now `prefixItems`.
                    let items: Vec<Value> = node.items().map(|item| self.lower(item)).collect();
                    if !items.is_empty() {
                        out.insert("prefixItems".to_owned(), items.into());
                    }
                    return;
                }
                _ => Some(self.lower(node)),
            },
            Kind::Schemas => self.schemas(node),
            Kind::SchemaMap => self.schema_map(key, node, out),
            other => {
                let value = other.mend(key, node.value);
                if value.is_none() && !Kind::is_silent(key, node.value) {
                    self.note(
                        node,
                        &SCHEMA_INVALID,
                        format!("`{key}` cannot be {}; it is left out", brief(node.value)),
                    );
                }
                value
            }
        };
        let Some(value) = value else { return };
        if key == "type" && node.value == "file" {
            // Swagger 2.0's file is text of any bytes.
            out.entry("format").or_insert_with(|| "binary".into());
        }
        match (key, out.get_mut("required")) {
            ("required", Some(Value::Array(names))) => {
                names.extend(value.as_array().into_iter().flatten().cloned())
            }
            ("example", _) => {
                out.entry("examples").or_insert_with(|| json!([value]));
            }
            _ => {
                out.insert(key.to_owned(), value);
            }
        }
    }

    /// A list of schemas; an empty one says nothing.
    fn schemas(&mut self, node: Node<'d>) -> Option<Value> {
        if !node.value.is_array() {
            self.note(node, &SCHEMA_INVALID, "a list of schemas is expected; it is left out");
            return None;
        }
        let schemas: Vec<Value> = node.items().map(|item| self.lower(item)).collect();
        (!schemas.is_empty()).then(|| schemas.into())
    }

    /// Schemas by name. A property that says of itself `required: true`, as JSON Schema 3 had it, is heard.
    fn schema_map(&mut self, key: &str, node: Node<'d>, out: &mut Map<String, Value>) -> Option<Value> {
        if !node.value.is_object() {
            if !node.value.is_null() {
                self.note(
                    node,
                    &SCHEMA_INVALID,
                    format!("`{key}` must be an object of schemas; it is left out"),
                );
            }
            return None;
        }
        let mut map = Map::new();
        for (name, child) in node.members() {
            // `x-` members among the properties are extensions by mistake, unless they are schemas.
            if name.starts_with("x-") && !child.value.is_object() {
                continue;
            }
            if key == "properties" && child.flag("required") {
                let required = out.entry("required").or_insert_with(|| json!([]));
                if let Some(names) = required.as_array_mut() {
                    names.push(name.into());
                }
            }
            map.insert(name.to_owned(), self.lower(child));
        }
        Some(map.into())
    }

    fn refer(&mut self, node: Node<'d>) -> Option<Value> {
        let Some(reference) = node.value.as_str() else {
            self.note(node, &SCHEMA_REF_BROKEN, "`$ref` must be text; any value is taken");
            return None;
        };
        match self.definition(node, reference) {
            Ok(name) => Some(format!("#/$defs/{name}").into()),
            Err(message) => {
                self.note(node, &SCHEMA_REF_BROKEN, format!("{message}; any value is taken"));
                None
            }
        }
    }

    /// The name of the schema that is referred to; it is lowered later.
    fn definition(&mut self, node: Node<'d>, reference: &str) -> Result<String, String> {
        let target = self.store().resolve(node.document, reference)?;
        let address = std::ptr::from_ref(target.value);
        if let Some(name) = self.pool().names.get(&address) {
            return Ok(name.clone());
        }
        let name = self.pool().new_name(reference, &target);
        self.pool().names.insert(address, name.clone());
        self.pool().waiting.push_back((name.clone(), target));
        Ok(name)
    }

    /// The discriminator with its mapping led into the pool.
    fn discriminator(&mut self, node: Node<'d>) -> Option<Value> {
        // Swagger 2.0 gives the property's name alone.
        let Some(property) = node.value.as_str().or_else(|| node.text("propertyName")) else {
            self.note(node, &SCHEMA_INVALID, "a discriminator needs a `propertyName`; it is left out");
            return None;
        };
        let mut mapping = Map::new();
        for (value, target) in node.get("mapping").into_iter().flat_map(Node::members) {
            let Some(reference) = target.value.as_str() else { continue };
            let by_name =
                || self.store().resolve(node.document, &format!("#/components/schemas/{reference}")).is_ok();
            let reference = if !reference.contains(['/', '#']) && by_name() {
                format!("#/components/schemas/{reference}")
            } else {
                reference.to_owned()
            };
            match self.definition(node, &reference) {
                Ok(name) => {
                    mapping.insert(value.to_owned(), format!("#/$defs/{name}").into());
                }
                Err(message) => {
                    self.note(node, &SCHEMA_REF_BROKEN, format!("{message}; this mapping is left out"))
                }
            }
        }
        Some(json!({"propertyName": property, "mapping": mapping}))
    }
}

impl Pool<'_> {
    /// A name for a target: the last token of the reference, made legal in a `$ref`, with a hash of the whole where
    /// that is taken, so that it does not depend on what else is in the description.
    fn new_name(&mut self, reference: &str, target: &Node<'_>) -> String {
        let last = reference.rsplit(['/', '#']).find(|token| !token.is_empty()).unwrap_or("schema");
        let stem = last
            .strip_suffix(".yaml")
            .or_else(|| last.strip_suffix(".yml"))
            .or_else(|| last.strip_suffix(".json"));
        let legal = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.') { c } else { '_' };
        let mut name: String = stem.unwrap_or(last).chars().map(legal).collect();
        let whole = format!("{}#{reference}", target.document.uri);
        while !self.taken.insert(name.clone()) {
            name = format!("{name}_{:06x}", fingerprint(whole.as_bytes()) & 0xFF_FFFF);
        }
        name
    }
}

/// FNV-1a, 64 bit: stable across runs and platforms.
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3))
}

/// A value as a message shows it: short.
fn brief(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("`{}…`", text.get(..end).unwrap_or_default()),
        None => format!("`{text}`"),
    }
}
