//! One suite for all stores. PostgreSQL is started for it, from wherever Debian and its like install it.

use std::any::Any;
use std::sync::Arc;

use super::{Commit, Entry, Expect, Memory, Postgres, Sqlite, Store, Write};
use crate::Secret;
use crate::clock::{Clock, Hand, Timestamp};

mod contract;
mod model;
mod postgres;
mod postgres_tls;
mod processes;
mod races;
mod sqlite_file;

use postgres_server::Server;

/// The time at which every test begins.
const NOW: Timestamp = 1_000_000;

/// A store to be tested, and the clock it goes by.
struct Subject {
    name: &'static str,
    store: Arc<dyn Store>,
    clock: Clock,
    hand: Hand,
    _home: Box<dyn Any>,
}

/// Runs a test on every kind of store, each of them empty.
async fn on_each(test: impl AsyncFn(&Subject)) {
    for subject in [memory(), sqlite().await].into_iter().chain(postgres().await) {
        test(&subject).await;
    }
}

fn memory() -> Subject {
    let (clock, hand) = Clock::standing(NOW);
    Subject { name: "memory", store: Arc::new(Memory::new(clock.clone())), clock, hand, _home: Box::new(()) }
}

async fn sqlite() -> Subject {
    let (clock, hand) = Clock::standing(NOW);
    let home = tempfile::tempdir().unwrap();
    let store = Sqlite::open(home.path().join("store.db"), clock.clone()).await.unwrap();
    Subject { name: "sqlite", store: Arc::new(store), clock, hand, _home: Box::new(home) }
}

async fn postgres() -> Option<Subject> {
    let (clock, hand) = Clock::standing(NOW);
    let url = Secret::new(Server::shared()?.new_database());
    let store = Postgres::open(&url, clock.clone()).await.unwrap();
    Some(Subject { name: "postgres", store: Arc::new(store), clock, hand, _home: Box::new(()) })
}

impl Subject {
    async fn get(&self, key: &str) -> Option<Entry> {
        self.store.get(key).await.unwrap()
    }

    /// The text of a record.
    async fn text(&self, key: &str) -> Option<String> {
        self.get(key).await.map(|entry| String::from_utf8(entry.value).unwrap())
    }

    async fn version(&self, key: &str) -> u64 {
        self.get(key).await.unwrap().version
    }

    /// Whether a commit is made.
    async fn commit(&self, writes: &[Write]) -> bool {
        self.store.commit(writes.to_vec()).await.unwrap() == Commit::Made
    }

    async fn keys(&self, prefix: &str, after: &str, limit: usize) -> Vec<String> {
        let listed = self.store.list(prefix, after, limit).await.unwrap();
        listed.into_iter().map(|(key, _)| key).collect()
    }
}

/// A record for a minute, whatever is there.
fn put(key: &str, text: &str) -> Write {
    put_if(key, text, Expect::Anything)
}

fn put_if(key: &str, text: &str, expect: Expect) -> Write {
    Write::Put { key: key.to_owned(), group: None, value: text.into(), expires: NOW + 60, expect }
}

/// The same in a group.
fn grouped(group: &str, write: Write) -> Write {
    match write {
        Write::Put { key, value, expires, expect, .. } => {
            Write::Put { key, group: Some(group.to_owned()), value, expires, expect }
        }
        other => other,
    }
}

fn until(time: Timestamp, write: Write) -> Write {
    match write {
        Write::Put { key, group, value, expect, .. } => {
            Write::Put { key, group, value, expires: time, expect }
        }
        other => other,
    }
}

fn delete(key: &str, expect: Expect) -> Write {
    Write::Delete { key: key.to_owned(), expect }
}

fn delete_group(group: &str) -> Write {
    Write::DeleteGroup(group.to_owned())
}
