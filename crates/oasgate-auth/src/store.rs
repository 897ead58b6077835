//! The one place where anything is kept: records under keys, changed by compare-and-swap.
//!
//! A store knows no OAuth. It has one way to read and one to change: [`Store::commit`] makes all of its changes or none,
//! and none if a record is not as its writer believes it to be. A code that is used once, a refresh token that is rotated
//! once and a grant that is revoked for good are each one commit, whoever else tries at the same moment, in this process
//! or in another.

use std::fmt::Debug;

use futures_util::future::BoxFuture;

use crate::clock::Timestamp;

mod memory;
mod postgres;
mod sqlite;
// They start processes, and look at the modes of files.
#[cfg(unix)]
#[cfg(test)]
mod tests;

pub use memory::Memory;
pub use postgres::Postgres;
pub use sqlite::Sqlite;

/// What a store gives back, in time.
pub type Done<'s, T> = BoxFuture<'s, Result<T, StoreError>>;

/// A store. Every method may be called from any task at any time.
pub trait Store: Debug + Send + Sync {
    /// A record, unless it is absent or past its time.
    fn get<'s>(&'s self, key: &'s str) -> Done<'s, Option<Entry>>;

    /// Makes all of the changes, or none.
    fn commit(&self, writes: Vec<Write>) -> Done<'_, Commit>;

    /// All records whose key begins with `prefix`, by key, at most `limit` of them beginning after `after`: for the
    /// operator's commands, not for requests.
    fn list<'s>(&'s self, prefix: &'s str, after: &'s str, limit: usize) -> Done<'s, Vec<(String, Entry)>>;

    /// Removes what is past its time, and tells how many records that were.
    fn sweep(&self) -> Done<'_, u64>;

    /// Whether other machines can use the same store.
    fn is_shared(&self) -> bool;
}

/// A record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it holds. Whatever is secret in it has been hashed or sealed before it came here.
    pub value: Vec<u8>,
    /// Changes with every change of the record, and is never used again for the same key.
    pub version: u64,
    /// From when on it is as if absent.
    pub expires: Timestamp,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// Sets a record.
    Put {
        /// Its key.
        key: String,
        /// What it is removed with: the grant it belongs to.
        group: Option<String>,
        /// What it holds.
        value: Vec<u8>,
        /// From when on it is as if absent.
        expires: Timestamp,
        /// What must be there.
        expect: Expect,
    },
    /// Removes a record. That it is absent is no error, unless expected otherwise.
    Delete {
        /// Its key.
        key: String,
        /// What must be there.
        expect: Expect,
    },
    /// Removes all records of a group, those written earlier in the same commit included.
    DeleteGroup(String),
}

/// What must be there for a commit to be made. A record past its time is absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// Whatever.
    Anything,
    /// No record.
    Absent,
    /// The record in this version.
    Version(u64),
}

/// What became of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a commit that conflicts has changed nothing"]
pub enum Commit {
    /// All of it was made, and outlives this process if the store does.
    Made,
    /// A record was not as expected: nothing was changed.
    Conflict,
}

/// The store cannot be used: at all, or now.
#[derive(Debug, thiserror::Error)]
#[error("the store failed: {0}")]
pub struct StoreError(pub String);

impl Write {
    /// The record that something is expected of, and what.
    pub(crate) fn expectation(&self) -> Option<(&str, Expect)> {
        match self {
            Self::Put { key, expect, .. } | Self::Delete { key, expect } => Some((key, *expect)),
            Self::DeleteGroup(_) => None,
        }
    }
}

impl Expect {
    /// Whether it is met by the version of a record, or by there being none.
    pub(crate) fn is_met_by(self, version: Option<u64>) -> bool {
        match self {
            Self::Anything => true,
            Self::Absent => version.is_none(),
            Self::Version(expected) => version == Some(expected),
        }
    }
}
