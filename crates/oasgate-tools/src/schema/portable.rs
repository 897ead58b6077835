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
use super::{Keys, Pool, Settled, settle};
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
        let possible = |property: &&Property<'_>| {
            property.required || !settle(self.pool, property.schema).is_impossible()
        };
        let properties: Vec<&Property<'_>> = properties.iter().filter(possible).collect();
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
    fn place(&mut self, settled: Settled<'_>, depth: usize) -> Listed {
        let recurs = settled.through.iter().any(|name| self.open.iter().any(|open| open == name));
        if recurs || (depth >= self.depth && is_structured(&settled)) {
            return Ok((self.stub(&settled, recurs)?, Keys::default()));
        }
        let open = self.open.len();
        self.open.extend(settled.through.iter().map(|name| (*name).to_owned()));
        let listed = self.settled(settled, depth);
        self.open.truncate(open);
        listed
    }

    fn settled(&mut self, mut settled: Settled<'_>, depth: usize) -> Listed {
        if let Some(value) = settled.take("const") {
            settled.put("enum", json!([value.as_ref()]));
        }
        for key in ["oneOf", "anyOf"] {
            if let Some(branches) = settled.take(key)
                && let Some(listed) =
                    self.choice(&settled, branches.as_array().map(Vec::as_slice).unwrap_or_default(), depth)?
            {
                return Ok(listed);
            }
        }
        let (types, nullable) = types_of(&settled);
        match types.as_slice() {
            [one] => self.typed(one, &settled, nullable, depth),
            [] => Ok((self.anything(&settled)?, Keys::default())),
            several => {
                let mut keys = Keys::default();
                let mut branches = Vec::new();
                let mut plain = settled.clone();
                plain.take("description");
                for name in several {
                    let (branch, below) = self.typed(name, &plain, false, depth)?;
                    keys.merge(below);
                    branches.push(branch);
                }
                let mut listed = join(branches);
                self.describe(&mut listed, &settled, nullable, Vec::new())?;
                Ok((listed, keys))
            }
        }
    }

    /// The alternatives of a value; `None` if they only constrain what is listed anyway.
    fn choice(
        &mut self,
        base: &Settled<'_>,
        branches: &[Value],
        depth: usize,
    ) -> Result<Option<(Value, Keys)>, OverBudget> {
        let mut keys = Keys::default();
        let mut listed = Vec::new();
        let mut nullable = false;
        for branch in branches {
            let mut branch = settle(self.pool, branch);
            if branch.is_impossible() || (!base.properties.is_empty() && only_constrains(&branch)) {
                continue;
            }
            if is_null(&branch) {
                nullable = true;
                continue;
            }
            branch.constrain(base);
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
    fn typed(&mut self, kind: &str, members: &Settled<'_>, nullable: bool, depth: usize) -> Listed {
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

    fn object(&mut self, members: &Settled<'_>, depth: usize, keys: &mut Keys) -> Result<Value, OverBudget> {
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
        let possible =
            || members.properties.iter().filter(|(_, schema)| !settle(pool, schema).is_impossible());
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

    fn array(&mut self, members: &Settled<'_>, depth: usize, keys: &mut Keys) -> Result<Value, OverBudget> {
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

    /// What any JSON value fits, with a type in every place.
    fn anything(&mut self, members: &Settled<'_>) -> Result<Value, OverBudget> {
        self.spend(200)?;
        let plain = json!([{"type": "string"}, {"type": "number"}, {"type": "boolean"}, {"type": "object"}]);
        let mut branches = plain.as_array().cloned().unwrap_or_default();
        branches.push(json!({"type": "array", "items": {"anyOf": plain}}));
        let mut listed = json!({"anyOf": branches});
        self.describe(&mut listed, members, false, Vec::new())?;
        Ok(listed)
    }

    /// What is too deep, or recurs: its type, and its form in words.
    fn stub(&mut self, settled: &Settled<'_>, recurs: bool) -> Result<Value, OverBudget> {
        let (types, nullable) = types_of(settled);
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
                None => format!("Form: {}", outline(self.pool, settled)),
            });
        }
        self.describe(&mut listed, settled, nullable, notes)?;
        Ok(listed)
    }

    /// Adds the description: what the schema says, and what the listing could not keep.
    fn describe(
        &mut self,
        listed: &mut Value,
        members: &Settled<'_>,
        nullable: bool,
        mut notes: Vec<String>,
    ) -> Result<(), OverBudget> {
        let Some(listed) = listed.as_object_mut() else { return Ok(()) };
        let said = members.text("description").or_else(|| members.text("title"));
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
                let ended = text.trim_end_matches(['_', '*', '`', ')']).ends_with(['.', '!', '?', '…', ':']);
                text.push_str(if ended { " " } else { ". " });
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
fn types_of<'a>(members: &'a Settled<'_>) -> (Vec<&'a str>, bool) {
    const ORDER: [&str; 6] = ["string", "integer", "number", "boolean", "array", "object"];
    let mut types: Vec<&str> = match members.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => told_types(members),
    };
    let nullable = types.contains(&"null");
    types.retain(|name| *name != "null");
    // Every integer is a number.
    if types.contains(&"number") {
        types.retain(|name| *name != "integer");
    }
    types.sort_unstable_by_key(|name| ORDER.iter().position(|other| other == name));
    types.dedup();
    (types, nullable)
}

/// The types that the keywords tell.
fn told_types(members: &Settled<'_>) -> Vec<&'static str> {
    if let Some(values) = members.list("enum") {
        let kind = |value: &Value| match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        return values.iter().map(kind).collect();
    }
    const TELLING: [(&str, &[&str]); 4] = [
        (
            "object",
            &["additionalProperties", "patternProperties", "required", "minProperties", "maxProperties"],
        ),
        ("array", &["items", "prefixItems", "minItems", "maxItems", "uniqueItems"]),
        ("string", &["pattern", "format", "minLength", "maxLength", "contentEncoding", "contentMediaType"]),
        ("number", &["minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum"]),
    ];
    if !members.properties.is_empty() {
        return vec!["object"];
    }
    let told = TELLING.iter().find(|(_, keys)| keys.iter().any(|key| members.has(key)));
    told.map(|(kind, _)| *kind).into_iter().collect()
}

/// Whether listing it lists further schemas.
fn is_structured(members: &Settled<'_>) -> bool {
    let (types, _) = types_of(members);
    let is_map = || members.has("additionalProperties") || members.has("patternProperties");
    types.contains(&"object") && (!members.properties.is_empty() || is_map())
        || types.contains(&"array") && !members.get("items").is_some_and(is_plain)
        || members.has("oneOf")
        || members.has("anyOf")
}

/// Whether the items of an array are plain values.
fn is_plain(items: &Value) -> bool {
    let Some(items) = items.as_object() else { return false };
    let plain = |kind: &Value| matches!(kind.as_str(), Some("string" | "integer" | "number" | "boolean"));
    !["$ref", "allOf", "anyOf", "oneOf"].iter().any(|key| items.contains_key(*key))
        && items.get("type").is_some_and(plain)
}

/// Whether a branch only demands what the base describes already.
fn only_constrains(branch: &Settled<'_>) -> bool {
    !branch.is_empty() && branch.keys().all(|key| matches!(key, "required" | "not" | "title" | "description"))
}

fn is_null(members: &Settled<'_>) -> bool {
    members.get("type").is_some_and(|kind| kind == "null")
        || members.get("const") == Some(&Value::Null)
        || members.list("enum") == Some(&[Value::Null])
}
