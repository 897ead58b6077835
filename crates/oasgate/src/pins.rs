//! Tools as somebody has looked at them and found them good, and what has become of them since.
//!
//! The file is what `oasgate tools --json` prints. A description can change its words at any time, and a model does what
//! words say: who pins its tools serves no others before somebody has looked again.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;

use oasgate_tools::Catalog;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::exit::Failure;
use crate::server;

#[cfg(test)]
mod tests;

/// How many differences a message tells.
const TOLD: usize = 5;

/// Tools by name, as `tools/list` had them.
#[derive(Debug)]
pub struct Pins(BTreeMap<String, Map<String, Value>>);

/// What is different about a catalog. Tools are named.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// Tools that were not there.
    pub added: Vec<String>,
    /// Tools that are no longer there.
    pub removed: Vec<String>,
    /// Tools that say something else.
    pub changed: Vec<Changed>,
}

/// A tool that says something else.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// Its name.
    pub name: String,
    /// Which of its members (2026-07-28, schema, `Tool`) are not as they were.
    pub members: Vec<String>,
}

impl Pins {
    /// Reads a file of `oasgate tools --json`.
    ///
    /// # Errors
    /// It cannot be read, or is no such file: the operator's to mend.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let wrong = |why: &dyn fmt::Display| {
            Failure::Usage(format!(
                "{}: {why}; `oasgate tools SPEC --json` writes such a file",
                path.display()
            ))
        };
        let text = fs::read_to_string(path).map_err(|error| wrong(&error))?;
        let tools: Vec<Map<String, Value>> = serde_json::from_str(&text).map_err(|error| wrong(&error))?;
        let name = |tool: &Map<String, Value>| tool.get("name").and_then(Value::as_str).map(str::to_owned);
        let named = tools.into_iter().map(|tool| Some((name(&tool)?, tool))).collect::<Option<_>>();
        named.map(Self).ok_or_else(|| wrong(&"a tool in it has no name"))
    }

    /// What is different about a catalog.
    ///
    /// # Errors
    /// When a tool cannot be written as JSON, which would be a defect of ours.
    pub fn drift(&self, catalog: &Catalog) -> Result<Drift, Failure> {
        let mut drift = Drift::default();
        let mut gone: BTreeMap<&str, _> = self.0.iter().map(|(name, tool)| (name.as_str(), tool)).collect();
        for tool in catalog.tools() {
            let listed = server::listed(tool).and_then(|json| serde_json::from_str(json.get()));
            let listed: Map<String, Value> = listed.map_err(std::io::Error::from)?;
            match gone.remove(tool.name.as_str()) {
                None => drift.added.push(tool.name.clone()),
                Some(before) if *before != listed => {
                    drift
                        .changed
                        .push(Changed { name: tool.name.clone(), members: members(before, &listed) });
                }
                Some(_) => {}
            }
        }
        drift.removed = gone.into_keys().map(str::to_owned).collect();
        Ok(drift)
    }
}

/// The members that are not the same in both.
fn members(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<String> {
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().filter(|name| before.get(*name) != after.get(*name)).cloned().collect()
}

impl Drift {
    /// Whether there is none.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Nothing, if there is none.
    ///
    /// # Errors
    /// What is different, and what to do: nothing of it is served.
    pub fn refuse(&self, file: &Path) -> Result<(), Failure> {
        if self.is_none() {
            return Ok(());
        }
        let all: Vec<String> = self.lines().collect();
        let told = all.iter().take(TOLD).map(String::as_str).collect::<Vec<_>>().join("; ");
        let more = all.len().checked_sub(TOLD).filter(|more| *more > 0);
        let more = more.map(|more| format!("; and {more} more")).unwrap_or_default();
        Err(Failure::Description(format!(
            "the tools are not those of {file}: {told}{more}. Look at them with `oasgate tools SPEC --diff {file}`, and if they \
             are good, write the file anew with `oasgate tools SPEC --json`",
            file = file.display()
        )))
    }

    /// One line for each tool.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        let added = self.added.iter().map(|name| format!("+ {name}"));
        let removed = self.removed.iter().map(|name| format!("- {name}"));
        let changed = self.changed.iter().map(|tool| format!("~ {}: {}", tool.name, tool.members.join(", ")));
        added.chain(removed).chain(changed)
    }
}
