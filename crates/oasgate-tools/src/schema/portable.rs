//! The portable schema: what every known host and model API accepts.
//!
//! Root object, flat, closed; legal names; no references, no composition but `anyOf`, one type each, typed items, text
//! enums only, few formats. What is dropped is said in the description where that helps a model, and is enforced by
//! the full schema all the same. A schema too large for its budget is listed less deep, then with shorter
//! descriptions.

mod scalar;

use serde_json::{Map, Value, json};

use super::legal::legal_names;
use super::outline::outline;
use super::union::join;
use super::{Keys, Pool, Settled, merge, settle};
use crate::prose;

/// One argument to list.
#[derive(Debug)]
pub(crate) struct Property<'a> {
    pub(crate) name: &'a str,
    pub(crate) schema: &'a Value,
    pub(crate) required: bool,
}

/// How deep schemas are listed and how long descriptions may be, from the best to the least.
const LEVELS: [(usize, usize); 8] =
    [(6, 400), (5, 240), (4, 200), (3, 160), (2, 120), (1, 100), (1, 40), (0, 0)];

/// The schema to list, and the names that it changed.
pub(crate) fn portable(pool: &Pool, properties: &[Property<'_>], budget: usize) -> (Value, Keys) {
    let mut least = None;
    for (depth, prose) in LEVELS {
        let is_last = (depth, prose) == (0, 0);
        let mut listing =
            Listing { pool, depth, prose, left: if is_last { usize::MAX } else { budget }, open: Vec::new() };
        if let Ok(done) = listing.root(properties) {
            let length = done.0.to_string().len();
            if length <= budget || is_last {
                return done;
            }
            least = Some(done);
        }
    }
    least.unwrap_or_else(|| {
        (json!({"type": "object", "properties": {}, "additionalProperties": false}), Keys::default())
    })
}

/// The listing is longer than it may be.
struct OverBudget;

type Listed = Result<(Value, Keys), OverBudget>;

/// One attempt at a listing.
struct Listing<'p> {
    pool: &'p Pool,
    /// How many levels of objects and arrays below the root are listed.
    depth: usize,
    /// How many characters a description may have.
    prose: usize,
    /// How many bytes are left, roughly counted.
    left: usize,
    /// The definitions being listed, by which recursion shows.
    open: Vec<String>,
}

impl Listing<'_> {
    fn root(&mut self, properties: &[Property<'_>]) -> Listed {
        let names = legal_names(properties.iter().map(|property| property.name));
        let mut keys = Keys::default();
        let mut listed = Map::new();
        let mut required = Vec::new();
        for (property, name) in properties.iter().zip(names) {
            let (schema, below) = self.schema(property.schema, 0)?;
            note_key(&mut keys, property.name, &name, below);
            self.spend(name.len() + 5)?;
            if property.required {
                required.push(Value::String(name.clone()));
            }
            listed.insert(name, schema);
        }
        let mut root = Map::new();
        root.insert("type".to_owned(), "object".into());
        root.insert("properties".to_owned(), listed.into());
        if !required.is_empty() {
            root.insert("required".to_owned(), required.into());
        }
        root.insert("additionalProperties".to_owned(), false.into());
        Ok((root.into(), keys))
    }

    fn spend(&mut self, bytes: usize) -> Result<(), OverBudget> {
        self.left = self.left.checked_sub(bytes).ok_or(OverBudget)?;
        Ok(())
    }

    /// One schema at this depth.
    fn schema(&mut self, schema: &Value, depth: usize) -> Listed {
        self.place(settle(self.pool, schema), depth)
    }

    /// The same, references followed: listed, or cut where it recurs or lies too deep.
    fn place(&mut self, settled: Settled, depth: usize) -> Listed {
        let recurs = settled.through.iter().any(|name| self.open.contains(name));
        if recurs || (depth >= self.depth && is_structured(&settled.members)) {
            return Ok((self.stub(&settled, recurs)?, Keys::default()));
        }
        let open = self.open.len();
        self.open.extend(settled.through);
        let listed = self.settled(settled.members, depth);
        self.open.truncate(open);
        listed
    }

    fn settled(&mut self, mut members: Map<String, Value>, depth: usize) -> Listed {
        if let Some(value) = members.shift_remove("const") {
            members.insert("enum".to_owned(), json!([value]));
        }
        for key in ["oneOf", "anyOf"] {
            if let Some(Value::Array(branches)) = members.shift_remove(key)
                && let Some(listed) = self.choice(&members, &branches, depth)?
            {
                return Ok(listed);
            }
        }
        let (types, nullable) = types_of(&members);
        match types.as_slice() {
            [one] => self.typed(one, &members, nullable, depth),
            [] => Ok((self.anything(&members)?, Keys::default())),
            several => {
                let mut keys = Keys::default();
                let mut branches = Vec::new();
                let mut plain = members.clone();
                plain.shift_remove("description");
                for name in several {
                    let (branch, below) = self.typed(name, &plain, false, depth)?;
                    keys.merge(below);
                    branches.push(branch);
                }
                let mut listed = join(branches);
                self.describe(&mut listed, &members, nullable, Vec::new())?;
                Ok((listed, keys))
            }
        }
    }

    /// The alternatives of a value; `None` if they only constrain what is listed anyway.
    fn choice(
        &mut self,
        base: &Map<String, Value>,
        branches: &[Value],
        depth: usize,
    ) -> Result<Option<(Value, Keys)>, OverBudget> {
        let mut keys = Keys::default();
        let mut listed = Vec::new();
        let mut nullable = false;
        for branch in branches {
            let mut branch = settle(self.pool, branch);
            if branch.never || (base.contains_key("properties") && only_constrains(&branch.members)) {
                continue;
            }
            if is_null(&branch.members) {
                nullable = true;
                continue;
            }
            for (key, value) in base.iter().filter(|(key, _)| !is_about(key)) {
                merge::combine(&mut branch.members, key, value);
            }
            let (value, below) = self.place(branch, depth)?;
            keys.merge(below);
            listed.push(value);
        }
        if listed.is_empty() {
            return Ok(None);
        }
        let mut joined = join(listed);
        self.describe(&mut joined, base, nullable, Vec::new())?;
        Ok(Some((joined, keys)))
    }

    /// A schema of one type.
    fn typed(&mut self, kind: &str, members: &Map<String, Value>, nullable: bool, depth: usize) -> Listed {
        let mut keys = Keys::default();
        let mut notes = Vec::new();
        let mut listed = match kind {
            "object" => self.object(members, depth, &mut keys)?,
            "array" => self.array(members, depth, &mut keys)?,
            "string" => scalar::text(members, &mut notes),
            "boolean" => scalar::flag(members, &mut notes),
            number => scalar::number(number, members, &mut notes),
        };
        self.describe(&mut listed, members, nullable, notes)?;
        Ok((listed, keys))
    }

    fn object(
        &mut self,
        members: &Map<String, Value>,
        depth: usize,
        keys: &mut Keys,
    ) -> Result<Value, OverBudget> {
        let mut listed = Map::new();
        listed.insert("type".to_owned(), "object".into());
        let properties = members.get("properties").and_then(Value::as_object).filter(|map| !map.is_empty());
        let Some(properties) = properties else {
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
        };
        let possible = || properties.iter().filter(|(_, schema)| **schema != Value::Bool(false));
        let names = legal_names(possible().map(|(name, _)| name.as_str()));
        let mut schemas = Map::new();
        let mut required = Vec::new();
        let demanded = members.get("required").and_then(Value::as_array);
        for ((wire, schema), name) in possible().zip(names) {
            self.spend(name.len() + 5)?;
            let (schema, below) = self.schema(schema, depth + 1)?;
            note_key(keys, wire, &name, below);
            if demanded.is_some_and(|names| names.iter().any(|other| other == wire)) {
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

    fn array(
        &mut self,
        members: &Map<String, Value>,
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
            _ => (self.anything(&Map::new())?, Keys::default()),
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

    /// What any JSON value fits, with a type in every place.
    fn anything(&mut self, members: &Map<String, Value>) -> Result<Value, OverBudget> {
        self.spend(200)?;
        let plain = json!([{"type": "string"}, {"type": "number"}, {"type": "boolean"}, {"type": "object"}]);
        let mut branches = plain.as_array().cloned().unwrap_or_default();
        branches.push(json!({"type": "array", "items": {"anyOf": plain}}));
        let mut listed = json!({"anyOf": branches});
        self.describe(&mut listed, members, false, Vec::new())?;
        Ok(listed)
    }

    /// What is too deep, or recurs: its type, and its form in words.
    fn stub(&mut self, settled: &Settled, recurs: bool) -> Result<Value, OverBudget> {
        let whole = Value::Object(settled.members.clone());
        let (types, nullable) = types_of(&settled.members);
        let is_array = types.iter().all(|name| *name == "array") && !types.is_empty();
        let mut listed = if is_array {
            json!({"type": "array", "items": {"type": "object"}})
        } else {
            json!({"type": "object"})
        };
        let mut notes = Vec::new();
        if self.prose > 0 {
            let again = settled.through.first().filter(|_| recurs);
            notes.push(match again {
                Some(name) => format!("(recursive {name})"),
                None => format!("Form: {}", outline(self.pool, &whole)),
            });
        }
        self.describe(&mut listed, &settled.members, nullable, notes)?;
        Ok(listed)
    }

    /// Adds the description: what the schema says, and what the listing could not keep.
    fn describe(
        &mut self,
        listed: &mut Value,
        members: &Map<String, Value>,
        nullable: bool,
        mut notes: Vec<String>,
    ) -> Result<(), OverBudget> {
        let Some(listed) = listed.as_object_mut() else { return Ok(()) };
        let said = members.get("description").or_else(|| members.get("title")).and_then(Value::as_str);
        let own = listed.get("description").and_then(Value::as_str).map(str::to_owned);
        let mut text = match (said, own) {
            (Some(said), _) => prose::clean(said, self.prose),
            (None, Some(own)) => own,
            (None, None) => String::new(),
        };
        if nullable {
            notes.push("May be null.".to_owned());
        }
        if self.prose > 40 {
            scalar::remark(members, listed, &mut notes);
        }
        for note in notes.iter().filter(|_| self.prose > 0) {
            if !text.is_empty() {
                text.push(if text.ends_with(['.', '!', '?', '…', ':', ')']) { ' ' } else { '.' });
                text.push_str(if text.ends_with('.') { " " } else { "" });
            }
            text.push_str(note);
        }
        self.spend(32 + text.len() + listed.get("enum").map_or(0, |values| values.to_string().len()))?;
        listed.shift_remove("description");
        if !text.is_empty() {
            listed.insert("description".to_owned(), text.into());
        }
        Ok(())
    }
}

/// Notes what became of a name, and what is below it.
fn note_key(keys: &mut Keys, wire: &str, listed: &str, below: Keys) {
    if wire != listed {
        keys.renamed.push((listed.to_owned(), wire.to_owned()));
    }
    if !below.is_empty() {
        keys.members.push((wire.to_owned(), below));
    }
}

/// The types but null, told by the keywords where none is named, and whether null is one of them.
fn types_of(members: &Map<String, Value>) -> (Vec<&str>, bool) {
    let mut types: Vec<&str> = match members.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => told_types(members),
    };
    let listed_null =
        members.get("enum").and_then(Value::as_array).is_some_and(|values| values.contains(&Value::Null));
    let nullable = types.contains(&"null") || (types.is_empty() && listed_null);
    types.retain(|name| *name != "null");
    // Every integer is a number.
    if types.contains(&"number") {
        types.retain(|name| *name != "integer");
    }
    types.sort_unstable_by_key(|name| {
        ["string", "integer", "number", "boolean", "array", "object"].iter().position(|o| o == name)
    });
    types.dedup();
    (types, nullable)
}

/// The types that the keywords tell.
fn told_types(members: &Map<String, Value>) -> Vec<&str> {
    if let Some(Value::Array(values)) = members.get("enum") {
        return values
            .iter()
            .map(|value| match value {
                Value::Null => "null",
                Value::Bool(_) => "boolean",
                Value::Number(_) => "number",
                Value::String(_) => "string",
                Value::Array(_) => "array",
                Value::Object(_) => "object",
            })
            .collect();
    }
    let has = |keys: &[&str]| keys.iter().any(|key| members.contains_key(*key));
    if has(&[
        "properties",
        "additionalProperties",
        "patternProperties",
        "required",
        "minProperties",
        "maxProperties",
    ]) {
        vec!["object"]
    } else if has(&["items", "prefixItems", "minItems", "maxItems", "uniqueItems"]) {
        vec!["array"]
    } else if has(&["pattern", "format", "minLength", "maxLength", "contentEncoding", "contentMediaType"]) {
        vec!["string"]
    } else if has(&["minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum"]) {
        vec!["number"]
    } else {
        Vec::new()
    }
}

/// Whether listing it lists further schemas.
fn is_structured(members: &Map<String, Value>) -> bool {
    let (types, _) = types_of(members);
    let holds = |key: &str| members.get(key).is_some();
    types.contains(&"object")
        && (holds("properties") || holds("additionalProperties") || holds("patternProperties"))
        || types.contains(&"array") && members.get("items").is_none_or(|items| is_structured_item(items))
        || holds("oneOf")
        || holds("anyOf")
}

/// Whether the items of an array are more than plain values.
fn is_structured_item(items: &Value) -> bool {
    items
        .as_object()
        .is_none_or(|items| items.contains_key("$ref") || items.contains_key("allOf") || is_structured(items))
}

/// Whether a branch only demands what the base describes already.
fn only_constrains(members: &Map<String, Value>) -> bool {
    !members.is_empty()
        && members.keys().all(|key| matches!(key.as_str(), "required" | "not" | "title" | "description"))
}

fn is_null(members: &Map<String, Value>) -> bool {
    members.get("type").is_some_and(|kind| kind == "null")
        || members.get("const") == Some(&Value::Null)
        || members.get("enum") == Some(&json!([null]))
}

/// Whether a keyword says something about a value and does not constrain it.
fn is_about(key: &str) -> bool {
    matches!(key, "title" | "description" | "default" | "examples" | "deprecated" | "$comment")
}
