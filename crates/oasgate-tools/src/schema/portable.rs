//! The portable schema: what every known host and model API accepts.
//!
//! Root object, flat, closed; legal names; no references, no composition but `anyOf`, one type each, typed items, text
//! enums only, few formats. What is dropped is said in the description where that helps a model, and is enforced by
//! the full schema all the same. A schema too large for its budget is listed less deep, then with shorter
//! descriptions, then without optional arguments.

mod container;
mod memo;
mod scalar;
mod types;
mod value;
mod words;

use serde_json::{Map, Value};

use super::legal::legal_names;
use super::{Keys, Pool, is_impossible};

pub(crate) use memo::Memo;

/// One argument to list.
#[derive(Debug)]
pub(crate) struct Property<'a> {
    pub(crate) name: &'a str,
    pub(crate) schema: &'a Value,
    pub(crate) required: bool,
    /// Whether its text is read as a file, or the texts in it are.
    pub(crate) file: bool,
}

/// What is listed.
#[derive(Debug)]
pub(crate) struct Portable {
    pub(crate) schema: Value,
    /// The names that it changed.
    pub(crate) keys: Keys,
    /// How many optional arguments it leaves out, since all would be more than the budget.
    pub(crate) left_out: usize,
}

/// How much of a schema is listed.
#[derive(Debug, Clone, Copy)]
struct Level {
    /// How many levels of objects and arrays below the root.
    depth: usize,
    /// How many characters a description may have.
    prose: usize,
    /// How many characters the outline of what lies deeper may have.
    form: usize,
    /// How many values an enum may have.
    values: usize,
}

/// The levels from the best to the least, but for two below: everything in words, and nothing but types.
const LEVELS: [Level; 7] = [
    Level { depth: 6, prose: 400, form: 240, values: 250 },
    Level { depth: 5, prose: 240, form: 240, values: 250 },
    Level { depth: 4, prose: 200, form: 240, values: 250 },
    Level { depth: 3, prose: 160, form: 240, values: 250 },
    Level { depth: 2, prose: 120, form: 240, values: 250 },
    Level { depth: 1, prose: 100, form: 240, values: 250 },
    Level { depth: 1, prose: 40, form: 240, values: 60 },
];

/// The schema to list, in at most this many bytes unless what every call must have is more.
pub(crate) fn portable(pool: &Pool, memo: &mut Memo, properties: &[Property<'_>], budget: usize) -> Portable {
    let in_words = Level { depth: 0, prose: 40, form: budget / (2 * properties.len().max(1)), values: 20 };
    for (index, level) in LEVELS.into_iter().chain([in_words]).enumerate() {
        let mut listing = Listing::new(pool, memo, (index, level), budget);
        if let Ok((schema, keys)) = listing.root(properties)
            && schema.to_string().len() <= budget
        {
            return Portable { schema, keys, left_out: 0 };
        }
    }
    let bare = Level { depth: 0, prose: 0, form: 0, values: 5 };
    let mut listing = Listing::new(pool, memo, (LEVELS.len() + 1, bare), usize::MAX);
    let (mut schema, keys) = listing.root(properties).unwrap_or_default();
    let left_out = leave_out(&mut schema, budget);
    Portable { schema, keys, left_out }
}

/// Takes optional arguments out, the last first, until the rest is within the budget; says how many.
fn leave_out(schema: &mut Value, budget: usize) -> usize {
    let mut length = schema.to_string().len();
    let required = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let Some(Value::Object(properties)) = schema.get_mut("properties") else { return 0 };
    let before = properties.len();
    let is_required = |name: &str| required.iter().any(|own| own == name);
    let optional: Vec<String> = properties.keys().filter(|name| !is_required(name)).cloned().collect();
    for name in optional.iter().rev() {
        if length <= budget {
            break;
        }
        let removed = properties.shift_remove(name).unwrap_or_default();
        // The name is legal, so nothing in it is escaped.
        length -= (name.len() + removed.to_string().len() + r#""":,"#.len()).min(length);
    }
    before - properties.len()
}

/// The listing is longer than it may be.
struct OverBudget;

type Listed = Result<(Value, Keys), OverBudget>;

/// One attempt at a listing.
struct Listing<'p> {
    pool: &'p Pool,
    memo: &'p mut Memo,
    level: Level,
    /// Which level it is.
    index: usize,
    /// How many bytes are left, roughly counted.
    left: usize,
    /// Whether text is read as a file here.
    file: bool,
    /// The definitions being listed, by which recursion shows.
    open: Vec<usize>,
    /// The definitions that were met since the outermost one that is remembered.
    met: Vec<usize>,
}

impl<'p> Listing<'p> {
    const fn new(pool: &'p Pool, memo: &'p mut Memo, (index, level): (usize, Level), budget: usize) -> Self {
        Self { pool, memo, level, index, left: budget, file: false, open: Vec::new(), met: Vec::new() }
    }

    fn root(&mut self, properties: &[Property<'_>]) -> Listed {
        let possible =
            |property: &&Property<'_>| property.required || !is_impossible(self.pool, property.schema);
        let properties: Vec<&Property<'_>> = properties.iter().filter(possible).collect();
        let names = legal_names(properties.iter().map(|property| property.name));
        let mut keys = Keys::default();
        let mut listed = Map::new();
        let mut required = Vec::new();
        for (property, name) in properties.iter().zip(names) {
            self.file = property.file;
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
