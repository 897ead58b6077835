//! Records in PostgreSQL, for any number of processes on any number of machines.
//!
//! A commit is one transaction, READ COMMITTED. Its first statement takes a lock on each key and each group that it is
//! about, in one order; what comes after sees all that was committed under those locks before. Commits about the same
//! records take turns, others do not meet, and none has to be tried again because of another, as SERIALIZABLE would ask
//! for. A commit takes two round trips to the server: lock and look, then change and commit.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::error::SqlState;

use crate::Secret;
use crate::clock::Clock;
use crate::store::{Commit, Done, Entry, Store, StoreError, Write};

use self::address::Address;
use self::change::Change;
use self::link::{Failure, Link, Links};
use self::session::Session;

mod address;
mod change;
mod link;
mod session;
mod tls;

/// How long anything may take, waiting for a connection included. The server gives up before that.
const PATIENCE: Duration = Duration::from_secs(15);
/// How often a commit is made that the server has taken back to let another one pass.
const TRIES: u32 = 5;

/// A store in a PostgreSQL database. Clones are the same store.
#[derive(Clone)]
pub struct Postgres {
    links: Arc<Links>,
    clock: Clock,
}

impl Postgres {
    /// Connects to the database at a URL, `postgres://user:password@host/database`, and makes its tables if they are
    /// missing: `oasgate_records` and two more, in the first schema of the search path.
    ///
    /// The connection is encrypted and the server's certificate checked, unless the server is on this machine or the URL
    /// says `sslmode=disable`. `sslrootcert=PATH` names the certificates to trust, in PEM, instead of the system's.
    ///
    /// # Errors
    /// The URL cannot be understood, the server not be reached, or the tables not be made.
    pub async fn open(url: &Secret, clock: Clock) -> Result<Self, StoreError> {
        let links = Links::to(Address::parse(url)?);
        let store = Self { links: Arc::new(links), clock };
        // The first connection makes the tables.
        let link = in_time(store.links.take()).await?;
        store.links.put_back(link);
        Ok(store)
    }

    async fn commit_once(&self, change: &Change<'_>) -> Result<Commit, Failure> {
        let now = self.clock.now();
        let (mut link, found) = self.ask(|session| async move { session.look(change, now).await }).await?;
        let session = link.session();
        let is_met = change.is_met_by(&found);
        if is_met {
            link.drive(session.finish(change)).await?;
        } else {
            link.drive(session.roll_back()).await?;
        }
        self.links.put_back(link);
        Ok(if is_met { Commit::Made } else { Commit::Conflict })
    }

    /// Asks something that has changed nothing unless the answer comes: over another connection if one turns out to
    /// have been closed while it was not used.
    async fn ask<T, F, A>(&self, ask: F) -> Result<(Link, T), Failure>
    where
        F: Fn(Arc<Session>) -> A,
        A: Future<Output = Result<T, tokio_postgres::Error>>,
    {
        loop {
            let mut link = self.links.take().await?;
            match link.drive(ask(link.session())).await {
                Ok(answer) => return Ok((link, answer)),
                Err(failure) if failure.is_closed() && link.is_used() => {}
                Err(failure) => return Err(failure),
            }
        }
    }

    async fn ask_once<T, F, A>(&self, ask: F) -> Result<T, StoreError>
    where
        F: Fn(Arc<Session>) -> A,
        A: Future<Output = Result<T, tokio_postgres::Error>>,
    {
        in_time(async {
            let (link, answer) = self.ask(ask).await?;
            self.links.put_back(link);
            Ok(answer)
        })
        .await
    }
}

impl Store for Postgres {
    fn get<'s>(&'s self, key: &'s str) -> Done<'s, Option<Entry>> {
        let now = self.clock.now();
        Box::pin(self.ask_once(move |session| async move { session.get(key, now).await }))
    }

    fn commit(&self, writes: Vec<Write>) -> Done<'_, Commit> {
        Box::pin(in_time(async move {
            let change = Change::of(&writes);
            let mut tries = 1;
            loop {
                match self.commit_once(&change).await {
                    Err(failure) if tries < TRIES && has_given_way(&failure) => tries += 1,
                    done => return done,
                }
            }
        }))
    }

    fn list<'s>(&'s self, prefix: &'s str, after: &'s str, limit: usize) -> Done<'s, Vec<(String, Entry)>> {
        let now = self.clock.now();
        Box::pin(self.ask_once(move |session| async move { session.list(prefix, after, limit, now).await }))
    }

    fn sweep(&self) -> Done<'_, u64> {
        let now = self.clock.now();
        Box::pin(async move {
            let mut swept = 0;
            loop {
                match self.ask_once(|session| async move { session.sweep(now).await }).await? {
                    0 => return Ok(swept),
                    count => swept += count,
                }
            }
        })
    }

    fn is_shared(&self) -> bool {
        true
    }
}

/// Whether the server has undone a transaction so that another could be finished: it can be tried again as it is.
fn has_given_way(failure: &Failure) -> bool {
    matches!(failure.code(), Some(code) if [SqlState::T_R_DEADLOCK_DETECTED, SqlState::T_R_SERIALIZATION_FAILURE].contains(code))
}

/// A server that has gone without a word is not waited for.
async fn in_time<T>(done: impl Future<Output = Result<T, Failure>>) -> Result<T, StoreError> {
    match tokio::time::timeout(PATIENCE, done).await {
        Ok(done) => done.map_err(StoreError::from),
        Err(_) => Err(StoreError("the database gave no answer in time".to_owned())),
    }
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postgres").finish_non_exhaustive()
    }
}
