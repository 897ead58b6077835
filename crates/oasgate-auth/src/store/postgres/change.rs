//! A commit as sets: what to lock, what to look at, what to remove, and what to set then.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::clock::Timestamp;
use crate::store::{Expect, Write};

#[cfg(test)]
mod tests;

/// What a commit comes to, whatever the order in which it is told to the server.
#[derive(Debug, Default)]
pub(super) struct Change<'w> {
    expected: Vec<(&'w str, Expect)>,
    /// The names of what nobody else may change meanwhile: every key, and every group.
    pub(super) locks: BTreeSet<String>,
    pub(super) removed_groups: BTreeSet<&'w str>,
    pub(super) removed_keys: BTreeSet<&'w str>,
    /// Set after everything else has been removed.
    pub(super) set: BTreeMap<&'w str, Row<'w>>,
}

/// What a record is to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row<'w> {
    pub(super) group: Option<&'w str>,
    pub(super) value: &'w [u8],
    pub(super) expires: Timestamp,
}

impl<'w> Change<'w> {
    /// Follows the writes one after the other.
    pub(super) fn of(writes: &'w [Write]) -> Self {
        let mut change = Self::default();
        for write in writes {
            change.expected.extend(write.expectation());
            change.add(write);
        }
        change
    }

    /// The keys of which something is expected.
    pub(super) fn keys(&self) -> Vec<&'w str> {
        self.expected.iter().map(|(key, _)| *key).collect()
    }

    /// Whether the versions that were found are those expected.
    pub(super) fn is_met_by(&self, found: &HashMap<String, u64>) -> bool {
        self.expected.iter().all(|(key, expect)| expect.is_met_by(found.get(*key).copied()))
    }

    fn add(&mut self, write: &'w Write) {
        match write {
            Write::Put { key, group, value, expires, .. } => {
                self.locks.insert(format!("record {key}"));
                self.locks.extend(group.as_ref().map(|group| format!("group {group}")));
                self.set.insert(key, Row { group: group.as_deref(), value, expires: *expires });
            }
            Write::Delete { key, .. } => {
                self.locks.insert(format!("record {key}"));
                self.set.remove(key.as_str());
                self.removed_keys.insert(key);
            }
            Write::DeleteGroup(group) => {
                self.locks.insert(format!("group {group}"));
                self.removed_groups.insert(group);
                // What was there before a record that goes with its group is gone as well: the record had replaced it.
                let gone = self.set.extract_if(.., |_, row| row.group == Some(group)).map(|(key, _)| key);
                self.removed_keys.extend(gone);
            }
        }
    }
}
