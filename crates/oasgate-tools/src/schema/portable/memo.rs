//! What was listed before: the tools of an API share definitions, and a large one is listed many times.
//!
//! How a definition is listed depends on the level, on how deep it stands, and on which definitions are open around
//! it, since one that recurs is cut. So what is held is right wherever none of the definitions that it met is open.

use std::collections::HashMap;

use serde_json::Value;

use super::{Listed, Listing, OverBudget};
use crate::schema::{Keys, settle, walk};

/// How many bytes of listings are held, roughly counted.
const LIMIT: usize = 1 << 20;

/// The listings of definitions, by definition, level and depth.
#[derive(Debug, Default)]
pub(crate) struct Memo {
    held: HashMap<(usize, usize, usize), Entry>,
    bytes: usize,
}

#[derive(Debug)]
struct Entry {
    /// What it costs; without a listing, a budget that is too small for it.
    cost: usize,
    listed: Option<(Value, Keys)>,
    /// The definitions that it met, in order.
    met: Vec<usize>,
}

impl Memo {
    fn put(&mut self, key: (usize, usize, usize), entry: Entry) {
        if entry.listed.is_some() {
            self.bytes = self.bytes.saturating_add(entry.cost);
        }
        if self.bytes > LIMIT {
            self.held.clear();
            self.bytes = 0;
        }
        self.held.insert(key, entry);
    }
}

impl Listing<'_> {
    /// One schema at this depth.
    pub(super) fn schema(&mut self, schema: &Value, depth: usize) -> Listed {
        let Some(definition) = self.shared(schema, depth) else {
            return self.place(settle(self.pool, schema), depth);
        };
        let key = (definition, self.index, depth);
        if let Some(entry) = self.memo.held.get(&key)
            && !entry.met.iter().any(|met| self.open.contains(met))
        {
            match &entry.listed {
                Some((schema, keys)) => {
                    let listed = (schema.clone(), keys.clone());
                    self.left = self.left.checked_sub(entry.cost).ok_or(OverBudget)?;
                    self.met.extend(&entry.met);
                    return Ok(listed);
                }
                None if self.left <= entry.cost => return Err(OverBudget),
                None => {}
            }
        }
        self.list_and_hold(schema, key)
    }

    fn list_and_hold(&mut self, schema: &Value, key: (usize, usize, usize)) -> Listed {
        let (before, left) = (self.met.len(), self.left);
        let listed = self.place(settle(self.pool, schema), key.2);
        let mut met = self.met.split_off(before);
        met.sort_unstable();
        met.dedup();
        self.met.extend(&met);
        if !met.iter().any(|met| self.open.contains(met)) {
            let entry = match &listed {
                Ok(listed) => Entry { cost: left - self.left, listed: Some(listed.clone()), met },
                Err(OverBudget) => Entry { cost: left, listed: None, met },
            };
            self.memo.put(key, entry);
        }
        listed
    }

    /// The definition that a schema is, if there is more to list of it than a stub.
    fn shared(&self, schema: &Value, depth: usize) -> Option<usize> {
        let members = schema.as_object().filter(|members| members.len() == 1)?;
        let listed_whole = depth < self.level.depth && !self.file;
        self.pool.position(walk::reference(members)?).filter(|_| listed_whole)
    }
}
