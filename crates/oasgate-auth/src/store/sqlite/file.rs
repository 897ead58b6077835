//! The file: made for its owner only, and opened the same way every time.

use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use crate::store::StoreError;

/// How long to wait for other processes: longer than any commit takes, shorter than a client waits.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How often, and after how long, another process that prepares the same file is waited for.
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(50);

/// `oasg`: what kind of file this is (`PRAGMA application_id`).
const APPLICATION: i32 = 0x6f61_7367;
/// The tables as they are in this version of the program (`PRAGMA user_version`).
const SCHEMA: i32 = 1;
/// Keys are compared byte by byte, which is the order of `Store::list`.
const TABLES: &str = "
    CREATE TABLE records (
        key TEXT NOT NULL PRIMARY KEY,
        grp TEXT,
        version INTEGER NOT NULL,
        value BLOB NOT NULL,
        expires INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX records_grp ON records (grp) WHERE grp IS NOT NULL;
    CREATE INDEX records_expires ON records (expires);
    CREATE TABLE versions (latest INTEGER NOT NULL) STRICT;
    INSERT INTO versions VALUES (0);";

/// Makes what is missing: the file, and the tables in it.
pub(super) fn prepare(path: &Path) -> Result<Connection, StoreError> {
    make(path).map_err(|error| StoreError(format!("{}: {error}", path.display())))?;
    is_private(path)?;
    let mut tries = 0;
    let mut connection = loop {
        match connect(path) {
            Ok(connection) => break connection,
            // The change to WAL does not wait for whoever is about to do the same.
            Err(error) if tries < TRIES && error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                tries += 1;
                std::thread::sleep(PAUSE);
            }
            Err(error) => return Err(failed(path, &error)),
        }
    };
    let is_ours = make_tables(&mut connection).map_err(|error| failed(path, &error))?;
    is_ours.then_some(connection).ok_or_else(|| {
        StoreError(format!(
            "{} is no store of this version of oasgate: name another file, or use the version that made it",
            path.display()
        ))
    })
}

/// Opens the file as it must be used.
pub(super) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0))?;
    Ok(connection)
}

/// What an error of SQLite's is to who reads it. It names no record.
pub(super) fn failed(path: &Path, error: &rusqlite::Error) -> StoreError {
    StoreError(format!("{}: {error}", path.display()))
}

fn make(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    // The files beside it (`-wal`, `-shm`) get the same mode from SQLite.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

#[cfg(unix)]
fn is_private(path: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = std::fs::metadata(path).map_err(|error| StoreError(format!("{}: {error}", path.display())))?;
    if mode.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    Err(StoreError(format!("{0} may be read by others: run `chmod 600 {0}`", path.display())))
}

#[cfg(not(unix))]
fn is_private(_: &Path) -> Result<(), StoreError> {
    Ok(())
}

/// Makes the tables in an empty file. False if the file is something else.
fn make_tables(connection: &mut Connection) -> rusqlite::Result<bool> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let number = |name| transaction.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    match (number("application_id")?, number("user_version")?) {
        (APPLICATION, SCHEMA) => Ok(true),
        (0, 0) => {
            let tables: u32 =
                transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
            if tables > 0 {
                return Ok(false);
            }
            transaction.execute_batch(TABLES)?;
            transaction.pragma_update(None, "application_id", APPLICATION)?;
            transaction.pragma_update(None, "user_version", SCHEMA)?;
            transaction.commit()?;
            Ok(true)
        }
        _ => Ok(false),
    }
}
