//! The database: one SQLite connection, used by one blocking thread at a time.
//!
//! Owns the tables and how they are opened. Refuses to know HTTP: a row that is not there is `None`.

pub(crate) mod lists;
pub(crate) mod tasks;

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rusqlite::Connection;

use crate::problem::Problem;

/// The version of the tables, kept in SQLite's `user_version`.
const VERSION: i64 = 1;

const TABLES: &str = "
    CREATE TABLE lists (
        id          INTEGER PRIMARY KEY AUTOINCREMENT,
        title       TEXT NOT NULL,
        description TEXT,
        created_at  TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
    ) STRICT;
    CREATE TABLE tasks (
        id           INTEGER PRIMARY KEY AUTOINCREMENT,
        list_id      INTEGER NOT NULL REFERENCES lists (id) ON DELETE CASCADE,
        title        TEXT NOT NULL,
        notes        TEXT,
        due          TEXT,
        priority     TEXT NOT NULL,
        tags         TEXT NOT NULL, -- a JSON array of strings
        created_at   TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
        completed_at TEXT           -- null while the task is open
    ) STRICT;
    CREATE INDEX tasks_of_list ON tasks (list_id, id);
    PRAGMA user_version = 1;
";

/// The database, shared by all requests.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    connection: Arc<Mutex<Connection>>,
}

impl Store {
    /// Opens the file, or a database in memory.
    pub(crate) fn open(database: Option<&Path>) -> rusqlite::Result<Self> {
        let mut connection = match database {
            Some(path) => Connection::open(path)?,
            None => Connection::open_in_memory()?,
        };
        if database.is_some() {
            connection.busy_timeout(Duration::from_secs(5))?;
            connection.pragma_update(None, "journal_mode", "WAL")?;
        }
        connection.pragma_update(None, "foreign_keys", true)?;
        prepare(&mut connection)?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)) })
    }

    /// Does `work` on a thread where waiting for the disk holds up nobody else.
    pub(crate) async fn run<T, F>(&self, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let connection = Arc::clone(&self.connection);
        let done = tokio::task::spawn_blocking(move || {
            // A panic elsewhere rolled its transaction back: the connection is sound.
            work(&mut connection.lock().unwrap_or_else(PoisonError::into_inner))
        });
        match done.await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(Problem::internal(&error)),
            Err(error) => Err(Problem::internal(&error)),
        }
    }
}

/// Creates the tables in a new database; refuses one whose tables are of another version.
fn prepare(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    let version: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if version == 0 {
        transaction.execute_batch(TABLES)?;
    } else if version != VERSION {
        return Err(rusqlite::Error::IntegralValueOutOfRange(0, version));
    }
    transaction.commit()
}
