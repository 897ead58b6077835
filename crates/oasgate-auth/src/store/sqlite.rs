//! Records in one file, for any number of processes on one machine.
//!
//! The file is an SQLite database in WAL mode: readers and the writer do not wait for each other. There is one writer at
//! a time whatever the processes (`BEGIN IMMEDIATE`), so that a commit sees everything that was committed before it.
//!
//! `synchronous = FULL`: a commit is on the disk before it is answered. With NORMAL, a power cut could take back the last
//! ones, and a used code, a rotated refresh token or a revoked grant would be good again.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;

use crate::clock::Clock;
use crate::store::{Commit, Done, Entry, Store, StoreError, Write};

mod file;
mod statements;

/// The connections that are kept for later. One that is needed beyond these is opened for once.
const IDLE_CONNECTIONS: usize = 4;

/// A store in a file. Clones are the same store.
#[derive(Clone)]
pub struct Sqlite(Arc<Inner>);

struct Inner {
    path: PathBuf,
    clock: Clock,
    idle: Mutex<Vec<Connection>>,
    /// Lets the commits of this process wait in turn, rather than poll for the lock of the file.
    turn: Mutex<()>,
}

impl Sqlite {
    /// Opens the file, or makes it, readable and writable by its owner only.
    ///
    /// # Errors
    /// The file cannot be made or used, others may read it, or it is no store of this version.
    pub async fn open(path: impl Into<PathBuf>, clock: Clock) -> Result<Self, StoreError> {
        let inner = Inner { path: path.into(), clock, idle: Mutex::default(), turn: Mutex::default() };
        let store = Self(Arc::new(inner));
        let prepare = |inner: &Inner| file::prepare(&inner.path).map(|connection| inner.put_back(connection));
        store.run(prepare).await?;
        Ok(store)
    }

    /// SQLite blocks, on the disk and on other processes, and so gets a thread that may.
    async fn run<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Inner) -> Result<T, StoreError> + Send + 'static,
    {
        let inner = Arc::clone(&self.0);
        let done = tokio::task::spawn_blocking(move || work(&inner)).await;
        done.unwrap_or_else(|_| Err(StoreError("the thread that used the file has ended early".to_owned())))
    }
}

impl Store for Sqlite {
    fn get<'s>(&'s self, key: &'s str) -> Done<'s, Option<Entry>> {
        let (key, now) = (key.to_owned(), self.0.clock.now());
        Box::pin(self.run(move |inner| inner.with(|connection| statements::get(connection, &key, now))))
    }

    fn commit(&self, writes: Vec<Write>) -> Done<'_, Commit> {
        let now = self.0.clock.now();
        Box::pin(
            self.run(move |inner| inner.write(|connection| statements::commit(connection, &writes, now))),
        )
    }

    fn list<'s>(&'s self, prefix: &'s str, after: &'s str, limit: usize) -> Done<'s, Vec<(String, Entry)>> {
        let (prefix, after, now) = (prefix.to_owned(), after.to_owned(), self.0.clock.now());
        Box::pin(self.run(move |inner| {
            inner.with(|connection| statements::list(connection, &prefix, &after, limit, now))
        }))
    }

    fn sweep(&self) -> Done<'_, u64> {
        let now = self.0.clock.now();
        Box::pin(self.run(move |inner| {
            let mut swept = 0;
            loop {
                // In parts, so that commits of requests come in between.
                match inner.write(|connection| statements::sweep(connection, now))? {
                    0 => return Ok(swept),
                    count => swept += count,
                }
            }
        }))
    }

    fn is_shared(&self) -> bool {
        false
    }
}

impl Inner {
    fn write<T>(&self, work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.with(work)
    }

    fn with<T>(&self, work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => file::connect(&self.path).map_err(|error| file::failed(&self.path, &error))?,
        };
        // A connection that has failed is closed, and takes with it whatever it has begun.
        let done = work(&mut connection).map_err(|error| file::failed(&self.path, &error))?;
        self.put_back(connection);
        Ok(done)
    }

    fn put_back(&self, connection: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_CONNECTIONS {
            idle.push(connection);
        }
    }
}

impl fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sqlite").field("path", &self.0.path).finish_non_exhaustive()
    }
}
