//! OpenAPI schemas of every version, lowered to JSON Schema 2020-12.
//!
//! What older versions say in their own way (`nullable`, boolean `exclusiveMinimum`, `type: file`, array `items`) is
//! said in the new one; a keyword whose value the standard does not allow is mended or dropped, never passed on; each
//! `$ref` becomes a name in one pool, lowered once, however often and however circularly it is used.

mod discriminator;
mod keyword;
mod loops;
mod pattern;
mod pool;
mod shape;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};

use self::keyword::Kind;
pub(crate) use self::pool::Pool;
use crate::read::{Reader, Rule, WRITTEN_AS_TEXT};
use crate::store::Node;
use crate::tree::View;
use crate::{Definitions, Schema, Severity};

const SCHEMA_REF_BROKEN: Rule =
    Rule { severity: Severity::Warning, name: "schema-ref-broken", fix: "make the `$ref` point to a schema" };
const SCHEMA_INVALID: Rule = Rule {
    severity: Severity::Warning,
    name: "schema-invalid",
    fix: "write a value that JSON Schema 2020-12 allows for this keyword",
};
const WRITTEN_AS_VALUE: Rule = Rule {
    severity: Severity::Note,
    name: "written-as-value",
    fix: "write texts that look like numbers or truth values in quotes",
};
const SCHEMA_LOOP: Rule = Rule {
    severity: Severity::Note,
    name: "schema-loop",
    fix: "let either the base list its kinds or the kinds extend the base, not both",
};

/// What of a Swagger 2.0 parameter is not its schema.
const OF_PARAMETER: [&str; 8] =
    ["name", "in", "required", "description", "example", "collectionFormat", "allowEmptyValue", "deprecated"];

impl<'d> Reader<'d> {
    /// Lowers a schema.
    pub(crate) fn schema(&mut self, node: Node<'d>) -> Schema {
        Schema(self.lower(node))
    }

    /// Lowers the schema that a Swagger 2.0 parameter is itself.
    pub(crate) fn inline_schema(&mut self, node: Node<'d>) -> Schema {
        Schema(self.lower_members(node, &OF_PARAMETER))
    }

    /// Lowers every schema that has been referred to, and whatever those refer to.
    pub(crate) fn definitions(&mut self) -> Definitions {
        let mut definitions = Definitions::default();
        while let Some((name, node)) = self.pool().next() {
            let schema = self.schema(node);
            definitions.0.insert(name, schema);
        }
        for name in loops::cut(&mut definitions) {
            if let Some(node) = self.pool().node(&name) {
                let message = format!("schema `{name}` leads back to itself; there it is taken without that");
                self.note(node, &SCHEMA_LOOP, message);
            }
        }
        definitions
    }

    fn lower(&mut self, node: Node<'d>) -> Value {
        if !self.spend(node, 1) {
            return Value::Bool(true);
        }
        match node.view() {
            View::Bool(any) => Value::Bool(any),
            View::Object => self.lower_members(node, &[]),
            View::Text(text) => self.lower_text(node, text),
            // Nothing is said: a key that nobody filled in.
            View::Null => {
                self.note(node, &SCHEMA_INVALID, "the schema is empty; any value is taken");
                Value::Bool(true)
            }
            View::Number(_) | View::Array => {
                self.note(
                    node,
                    &SCHEMA_INVALID,
                    "a schema is an object or a truth value; any value is taken",
                );
                Value::Bool(true)
            }
        }
    }

    fn lower_members(&mut self, node: Node<'d>, without: &[&str]) -> Value {
        let mut out = Map::new();
        let only_text = node.get("type").is_some_and(|name| keyword::is_only_text(&name.value()));
        for (key, child) in node.members().filter(|(key, _)| !without.contains(key)) {
            self.keyword(key, child, only_text, &mut out);
        }
        keyword::settle(&mut out, node.flag("nullable") || node.flag("x-nullable"));
        out.into()
    }

    /// Text where a schema is expected: a type, a truth value, or a reference.
    fn lower_text(&mut self, node: Node<'d>, text: &str) -> Value {
        let (meant, schema) = if let Some(flag) = keyword::flag(text) {
            ("a truth value", Some(Value::Bool(flag)))
        } else if let Some(name) = Kind::Type.mend(&text.into()) {
            ("a type", Some(json!({"type": name})))
        } else if text.contains('#') {
            ("a reference", self.refer(node).map(|name| json!({"$ref": name})))
        } else {
            ("any value", Some(Value::Bool(true)))
        };
        self.note(node, &SCHEMA_INVALID, format!("`{text}` is no schema; it is taken to be {meant}"));
        schema.unwrap_or(Value::Bool(true))
    }

    /// Lowers one keyword of a schema, of which only text may be right, into `out`.
    fn keyword(&mut self, key: &str, node: Node<'d>, only_text: bool, out: &mut Map<String, Value>) {
        let Some(kind) = Kind::of(key) else { return };
        let value = match kind {
            Kind::Reference => return self.reference(node, out),
            Kind::Discriminator => self.discriminator(node),
            Kind::Items if node.is_array() => {
                // Before 2020-12 an array of schemas stood here for what is now `prefixItems`.
                let Some(items) = self.schemas(node) else { return };
                out.insert("prefixItems".to_owned(), items);
                return;
            }
            Kind::Schema | Kind::Items => Some(self.lower(node)),
            Kind::Schemas => self.schemas(node),
            Kind::SchemaMap => self.schema_map(key, node, out),
            Kind::Text if key == "pattern" => self.pattern(node),
            Kind::Enum | Kind::List | Kind::Any if only_text => {
                self.leaf(kind, key, node, unquoted(key, node))
            }
            leaf => self.leaf(leaf, key, node, None),
        };
        let Some(value) = value else { return };
        if key == "type" && node.as_text() == Some("file") {
            // Swagger 2.0's file is text of any bytes.
            out.entry("format").or_insert_with(|| "binary".into());
        }
        match (key, value) {
            ("required", Value::Array(names)) => shape::require(names, out),
            ("example", value) => {
                out.entry("examples").or_insert_with(|| json!([value]));
            }
            (_, value) => {
                out.insert(key.to_owned(), value);
            }
        }
    }

    /// A keyword without schemas within.
    fn leaf(&mut self, kind: Kind, key: &str, node: Node<'d>, texts: Option<Value>) -> Option<Value> {
        let copied = self.copy(node)?;
        if texts.is_some() && matches!(key, "enum" | "const" | "default") {
            let message =
                format!("the type is string; what stands without quotes under `{key}` is read as text");
            self.note(node, &WRITTEN_AS_VALUE, message);
        }
        let written = texts.unwrap_or(copied);
        let value = kind.mend(&written);
        if let Some(value) = &value
            && kind.is_never_text()
            && written.is_string()
        {
            self.note(node, &WRITTEN_AS_TEXT, format!("`{key}` is text; it is read as {value}"));
        }
        if value.is_none() && !Kind::is_silent(key, &written) {
            let message = format!("`{key}` cannot be {}; it is left out", brief(&written));
            self.note(node, &SCHEMA_INVALID, message);
        }
        if kind == Kind::Enum && value.as_ref().and_then(Value::as_array).is_some_and(Vec::is_empty) {
            self.note(
                node,
                &SCHEMA_INVALID,
                "`enum` lists no value; none would be right, and all are let through",
            );
        }
        value
    }

    /// A reference; a second one in the same schema (`$dynamicRef` beside `$ref`) applies as well.
    fn reference(&mut self, node: Node<'d>, out: &mut Map<String, Value>) {
        let Some(name) = self.refer(node) else { return };
        if out.contains_key("$ref") {
            let all = out.entry("allOf").or_insert_with(|| json!([]));
            if let Some(all) = all.as_array_mut() {
                all.push(json!({"$ref": name}));
            }
        } else {
            out.insert("$ref".to_owned(), name);
        }
    }

    /// What a reference is called in the pool, as `#/$defs/NAME`.
    fn refer(&mut self, node: Node<'d>) -> Option<Value> {
        let Some(reference) = node.as_text() else {
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
        let found = self.resolve(node, reference)?;
        let target = self.end_of(found);
        let is_whole = target.id() == target.document.root().id();
        if is_whole && ["openapi", "swagger"].iter().any(|key| target.get(key).is_some()) {
            return Err(format!("`{reference}` points to a whole description"));
        }
        if let Some(name) = self.pool().name(target) {
            return Ok(name.to_owned());
        }
        let (own, entry) = (self.own_schema(&pool::last_word(target)), self.store.entry());
        Ok(self.pool().add(target, own, entry))
    }

    /// The schema that the description itself has under a name.
    fn own_schema(&self, name: &str) -> Option<Node<'d>> {
        let root = self.store.entry()?.root();
        let schemas = root.get("components").and_then(|components| components.get("schemas"));
        let own = schemas.or_else(|| root.get("definitions"))?.get(name)?;
        Some(self.end_of(own))
    }

    /// What schemas that are only a reference lead to: they need no definition of their own.
    fn end_of(&self, schema: Node<'d>) -> Node<'d> {
        let mut at = schema;
        for _ in 0..64 {
            let mut members = at.members();
            let (Some(("$ref", reference)), None) = (members.next(), members.next()) else { return at };
            match reference.as_text().map(|text| self.store.resolve(reference, text)) {
                Some(Ok(found)) if !found.repaired => at = found.node,
                // What is wrong with it is told when it is lowered.
                _ => return at,
            }
        }
        schema
    }
}

/// The values of a string, where some are not quoted and so are no text to YAML: `enum: [1.10, true, 1e3]`.
fn unquoted(key: &str, node: Node<'_>) -> Option<Value> {
    let text = |value: Node<'_>| match value.view() {
        View::Number(_) | View::Bool(_) => value.as_scalar().map(Value::String),
        _ => None,
    };
    if !matches!(key, "enum" | "examples") {
        return text(node);
    }
    let texts: Vec<Option<Value>> = node.items().map(text).collect();
    let is_any = texts.iter().any(Option::is_some);
    let values = node.items().zip(texts).map(|(item, text)| text.unwrap_or_else(|| item.value()));
    is_any.then(|| values.collect())
}

/// A value as a message shows it: short.
fn brief(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("`{}…`", text.get(..end).unwrap_or_default()),
        None => format!("`{text}`"),
    }
}
