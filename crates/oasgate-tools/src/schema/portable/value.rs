//! One value made portable: references followed, alternatives joined, one type each.

use serde_json::{Value, json};

use super::types::{is_null, is_structured, only_constrains, types_of};
use super::{Listed, Listing, OverBudget, scalar};
use crate::schema::outline::outline;
use crate::schema::union::join;
use crate::schema::{Keys, Settled, settle};

impl Listing<'_> {
    /// A schema whose references are followed: listed, or cut where it recurs or lies too deep.
    pub(super) fn place(&mut self, settled: Settled<'_>, depth: usize) -> Listed {
        let through: Vec<usize> =
            settled.through.iter().filter_map(|name| self.pool.position(name)).collect();
        self.met.extend(&through);
        let recurs = through.iter().any(|definition| self.open.contains(definition));
        if recurs || (depth >= self.level.depth && is_structured(&settled)) {
            return Ok((self.stub(&settled, recurs)?, Keys::default()));
        }
        let open = self.open.len();
        self.open.extend(through);
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
        if kind == "array" && members.has("prefixItems") {
            notes.push(format!("In order: {}", outline(self.pool, members, self.level.form)));
        }
        let mut listed = match kind {
            "object" => self.object(members, depth, &mut keys)?,
            "array" => self.array(members, depth, &mut keys)?,
            "string" => scalar::text(members, self.level.values, self.file, &mut notes),
            "boolean" => scalar::flag(members, &mut notes),
            number => scalar::number(number, members, &mut notes),
        };
        self.describe(&mut listed, members, nullable, notes)?;
        Ok((listed, keys))
    }
}
