//! Records in this process: for tests, for one machine, and for who does not mind signing in again after a restart.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::clock::{Clock, Timestamp};
use crate::store::{Commit, Done, Entry, Store, Write};

/// A store that ends with the process.
pub struct Memory {
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    records: BTreeMap<String, Row>,
    groups: BTreeMap<String, BTreeSet<String>>,
    /// The latest version given to any record.
    version: u64,
}

struct Row {
    group: Option<String>,
    entry: Entry,
}

impl Memory {
    /// An empty store.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self { clock, state: Mutex::default() }
    }

    /// No change stops halfway, so that what a thread has left behind when it panicked is whole.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for Memory {
    fn get<'s>(&'s self, key: &'s str) -> Done<'s, Option<Entry>> {
        let entry = self.state().live(key, self.clock.now()).cloned();
        Box::pin(std::future::ready(Ok(entry)))
    }

    fn commit(&self, writes: Vec<Write>) -> Done<'_, Commit> {
        let commit = self.state().commit(writes, self.clock.now());
        Box::pin(std::future::ready(Ok(commit)))
    }

    fn list<'s>(&'s self, prefix: &'s str, after: &'s str, limit: usize) -> Done<'s, Vec<(String, Entry)>> {
        let listed = self.state().list(prefix, after, limit, self.clock.now());
        Box::pin(std::future::ready(Ok(listed)))
    }

    fn sweep(&self) -> Done<'_, u64> {
        let swept = self.state().sweep(self.clock.now());
        Box::pin(std::future::ready(Ok(swept)))
    }

    fn is_shared(&self) -> bool {
        false
    }
}

impl State {
    fn live(&self, key: &str, now: Timestamp) -> Option<&Entry> {
        self.records.get(key).map(|row| &row.entry).filter(|entry| entry.expires > now)
    }

    fn commit(&mut self, writes: Vec<Write>, now: Timestamp) -> Commit {
        if !writes.iter().all(|write| self.allows(write, now)) {
            return Commit::Conflict;
        }
        for write in writes {
            self.apply(write);
        }
        Commit::Made
    }

    fn allows(&self, write: &Write, now: Timestamp) -> bool {
        let Some((key, expect)) = write.expectation() else { return true };
        expect.is_met_by(self.live(key, now).map(|entry| entry.version))
    }

    fn apply(&mut self, write: Write) {
        match write {
            Write::Put { key, group, value, expires, .. } => {
                self.remove(&key);
                self.version += 1;
                if let Some(group) = &group {
                    self.groups.entry(group.clone()).or_default().insert(key.clone());
                }
                let entry = Entry { value, version: self.version, expires };
                self.records.insert(key, Row { group, entry });
            }
            Write::Delete { key, .. } => {
                self.remove(&key);
            }
            Write::DeleteGroup(group) => {
                for key in self.groups.remove(&group).unwrap_or_default() {
                    self.records.remove(&key);
                }
            }
        }
    }

    fn remove(&mut self, key: &str) {
        let group = self.records.remove(key).and_then(|row| row.group);
        if let Some((group, keys)) =
            group.and_then(|group| self.groups.get_mut(&group).map(|keys| (group, keys)))
        {
            keys.remove(key);
            if keys.is_empty() {
                self.groups.remove(&group);
            }
        }
    }

    fn list(&self, prefix: &str, after: &str, limit: usize, now: Timestamp) -> Vec<(String, Entry)> {
        let start = if after < prefix { Bound::Included(prefix) } else { Bound::Excluded(after) };
        let from = self.records.range::<str, _>((start, Bound::Unbounded));
        from.take_while(|(key, _)| key.starts_with(prefix))
            .filter(|(_, row)| row.entry.expires > now)
            .take(limit)
            .map(|(key, row)| (key.clone(), row.entry.clone()))
            .collect()
    }

    fn sweep(&mut self, now: Timestamp) -> u64 {
        let stale = self.records.iter().filter(|(_, row)| row.entry.expires <= now);
        let stale: Vec<String> = stale.map(|(key, _)| key.clone()).collect();
        for key in &stale {
            self.remove(key);
        }
        stale.len() as u64
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("records", &self.state().records.len()).finish()
    }
}
