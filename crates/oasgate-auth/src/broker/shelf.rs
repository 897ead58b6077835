//! The store, by the types of what is kept in it. Knows no more of them than that they are records.

use std::sync::Arc;

use crate::clock::{Clock, Timestamp};
use crate::records::Record;
use crate::{Commit, Expect, Store, StoreError, Write};

/// The store and the time, which records run out by.
#[derive(Debug, Clone)]
pub(crate) struct Shelf {
    store: Arc<dyn Store>,
    clock: Clock,
}

/// A record as it was found.
#[derive(Debug, Clone)]
pub(crate) struct Kept<R> {
    pub(crate) record: R,
    pub(crate) version: u64,
    pub(crate) expires: Timestamp,
}

impl<R> Kept<R> {
    /// That nobody has changed it since.
    pub(crate) fn unchanged(&self) -> Expect {
        Expect::Version(self.version)
    }
}

impl Shelf {
    pub(crate) fn new(store: Arc<dyn Store>, clock: Clock) -> Self {
        Self { store, clock }
    }

    /// A record, if it is there and can be read.
    pub(crate) async fn find<R: Record>(&self, name: &str) -> Result<Option<Kept<R>>, StoreError> {
        let key = R::KIND.key(name);
        let Some(entry) = self.store.get(&key).await? else { return Ok(None) };
        let record = R::decode(&entry.value);
        if record.is_none() {
            tracing::warn!(
                key,
                "a record is written in a way that this version cannot read; it counts as absent"
            );
        }
        Ok(record.map(|record| Kept { record, version: entry.version, expires: entry.expires }))
    }

    /// Makes all changes or none.
    pub(crate) async fn commit(&self, writes: Vec<Write>) -> Result<Commit, StoreError> {
        self.store.commit(writes).await
    }

    /// The change that sets a record for so many seconds.
    pub(crate) fn put<R: Record>(
        &self,
        name: &str,
        record: &R,
        group: Option<&str>,
        seconds: Timestamp,
        expect: Expect,
    ) -> Write {
        put_until(name, record, group, self.clock.now().saturating_add(seconds), expect)
    }
}

/// The change that sets a record until then.
pub(crate) fn put_until<R: Record>(
    name: &str,
    record: &R,
    group: Option<&str>,
    expires: Timestamp,
    expect: Expect,
) -> Write {
    let (key, group) = (R::KIND.key(name), group.map(str::to_owned));
    Write::Put { key, group, value: record.encode(), expires, expect }
}

/// The change that removes a record.
pub(crate) fn delete<R: Record>(name: &str, expect: Expect) -> Write {
    Write::Delete { key: R::KIND.key(name), expect }
}
