//! Whether all processes on one store are set up alike: each tells the others what it has, by a record in the store.
//!
//! A process whose master keys would sign users out does not start beside others. What else differs is told, and no more
//! than that: while replicas are replaced one by one, some do differ for a time.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::{Clock, Timestamp};
use crate::records::{Record, RecordKind};
use crate::store::{Expect, Store, StoreError, Write};
use crate::{Keyring, random};

#[cfg(test)]
mod tests;

/// How often a replica says that it is there.
const INTERVAL: Duration = Duration::from_secs(60);
/// How many seconds it is believed after that.
const LIFE: Timestamp = 150;
/// More replicas than there are.
const MOST: usize = 1000;

/// One process of several on a store.
#[derive(Debug, Clone)]
pub struct Replica {
    name: String,
    kids: Vec<String>,
    clock: Clock,
}

/// What a replica has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Has {
    /// The identifiers of its master keys, newest first.
    kids: Vec<String>,
    /// A digest of what it offers.
    offer: String,
}

impl Record for Has {
    const KIND: RecordKind = RecordKind::Replica;
}

/// What is not alike, and what comes of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difference {
    /// Another replica writes by a master key that this one does not have: its users are nobody here.
    KeyMissingHere(String),
    /// This replica writes by a master key that another one does not have: its users are nobody there.
    KeyMissingThere(String),
    /// Another replica offers something else: clients see tools come and go.
    Offer,
}

impl Replica {
    /// This process, with these master keys.
    #[must_use]
    pub fn new(keyring: &Keyring, clock: Clock) -> Self {
        Self { name: random::identifier(), kids: keyring.kids(), clock }
    }

    /// Tells the others, and finds out in what they differ. `offer` is any text that is the same for two replicas if, and
    /// only if, they offer the same.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn compare(&self, store: &dyn Store, offer: &str) -> Result<BTreeSet<Difference>, StoreError> {
        let has = Has { kids: self.kids.clone(), offer: offer.to_owned() };
        let write = Write::Put {
            key: self.key(),
            group: None,
            value: has.encode(),
            expires: self.clock.now().saturating_add(LIFE),
            expect: Expect::Anything,
        };
        // Nobody else writes this record: there is nothing that it could conflict with.
        let _made = store.commit(vec![write]).await?;
        let all = store.list(RecordKind::Replica.prefix(), "", MOST).await?;
        let others = all.iter().filter_map(|(_, entry)| Has::decode(&entry.value));
        Ok(others.flat_map(|other| has.differences(&other)).collect())
    }

    /// Compares about once a minute, until it is dropped. What differs is logged once, and again when it has changed.
    pub async fn stay(&self, store: &dyn Store, offer: impl Fn() -> String) -> Infallible {
        let mut known = BTreeSet::new();
        loop {
            match self.compare(store, &offer()).await {
                Ok(differences) => {
                    for difference in differences.difference(&known) {
                        tracing::warn!("{difference}");
                    }
                    known = differences;
                }
                Err(error) => tracing::warn!(%error, "the replicas of this server could not be compared"),
            }
            tokio::time::sleep(INTERVAL).await;
        }
    }

    /// Is no longer there for the others. If that fails, they find out in time.
    pub async fn leave(&self, store: &dyn Store) {
        drop(store.commit(vec![Write::Delete { key: self.key(), expect: Expect::Anything }]).await);
    }

    fn key(&self) -> String {
        RecordKind::Replica.key(&self.name)
    }
}

impl Difference {
    /// Whether users would be signed out.
    #[must_use]
    pub fn is_fatal(&self) -> bool {
        matches!(self, Self::KeyMissingHere(_) | Self::KeyMissingThere(_))
    }
}

impl Has {
    fn differences(&self, other: &Self) -> impl Iterator<Item = Difference> + use<> {
        let lacks =
            |has: &Self, newest: Option<&String>| newest.filter(|kid| !has.kids.contains(kid)).cloned();
        let here = lacks(self, other.kids.first()).map(Difference::KeyMissingHere);
        let there = lacks(other, self.kids.first()).map(Difference::KeyMissingThere);
        let offer = (self.offer != other.offer).then_some(Difference::Offer);
        here.into_iter().chain(there).chain(offer)
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyMissingHere(kid) => write!(
                f,
                "another replica makes tokens under master key {kid}, which this one does not have, so that its users \
                 would be signed out here: give all replicas a new key as an older one before any of them has it first"
            ),
            Self::KeyMissingThere(kid) => write!(
                f,
                "this replica makes tokens under master key {kid}, which another one does not have, so that its \
                 users would be signed out there: give all replicas a new key as an older one before any of them has it first"
            ),
            Self::Offer => f.write_str(
                "another replica offers other tools: give all of them the same description and the same settings",
            ),
        }
    }
}
