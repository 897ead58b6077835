//! What is asked of the file, in SQL.

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, TransactionBehavior, params};

use crate::clock::Timestamp;
use crate::store::{Commit, Entry, Write};

/// The records that one sweep removes at once.
const SWEPT_AT_ONCE: u32 = 1000;

pub(super) fn get(connection: &Connection, key: &str, now: Timestamp) -> rusqlite::Result<Option<Entry>> {
    let sql = "SELECT value, version, expires FROM records WHERE key = ?1 AND expires > ?2";
    connection.prepare_cached(sql)?.query_row(params![key, now], |row| entry(row, 0)).optional()
}

pub(super) fn list(
    connection: &Connection,
    prefix: &str,
    after: &str,
    limit: usize,
    now: Timestamp,
) -> rusqlite::Result<Vec<(String, Entry)>> {
    let sql = "SELECT key, value, version, expires FROM records
               WHERE key >= ?1 AND key > ?2 AND expires > ?3 ORDER BY key LIMIT ?4";
    let mut statement = connection.prepare_cached(sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows =
        statement.query_map(params![prefix, after, now, limit], |row| Ok((row.get(0)?, entry(row, 1)?)))?;
    // Whatever begins with the prefix comes first, and without a gap.
    rows.take_while(|row| !row.as_ref().is_ok_and(|(key, _): &(String, _)| !key.starts_with(prefix)))
        .collect()
}

pub(super) fn commit(
    connection: &mut Connection,
    writes: &[Write],
    now: Timestamp,
) -> rusqlite::Result<Commit> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for write in writes {
        if !allows(&transaction, write, now)? {
            return Ok(Commit::Conflict);
        }
    }
    for write in writes {
        apply(&transaction, write)?;
    }
    transaction.commit()?;
    Ok(Commit::Made)
}

pub(super) fn sweep(connection: &Connection, now: Timestamp) -> rusqlite::Result<u64> {
    let sql = "DELETE FROM records
               WHERE key IN (SELECT key FROM records WHERE expires <= ?1 ORDER BY expires LIMIT ?2)";
    connection.prepare_cached(sql)?.execute(params![now, SWEPT_AT_ONCE]).map(|count| count as u64)
}

fn allows(transaction: &Transaction<'_>, write: &Write, now: Timestamp) -> rusqlite::Result<bool> {
    let Some((key, expect)) = write.expectation() else { return Ok(true) };
    let sql = "SELECT version FROM records WHERE key = ?1 AND expires > ?2";
    let version =
        transaction.prepare_cached(sql)?.query_row(params![key, now], |row| row.get(0)).optional()?;
    Ok(expect.is_met_by(version.map(i64::cast_unsigned)))
}

fn apply(transaction: &Transaction<'_>, write: &Write) -> rusqlite::Result<()> {
    match write {
        Write::Put { key, group, value, expires, .. } => {
            // Counted here, and not in the record: one that is removed and made again goes on counting.
            let count = "UPDATE versions SET latest = latest + 1 RETURNING latest";
            let version: i64 = transaction.prepare_cached(count)?.query_row([], |row| row.get(0))?;
            let put = "INSERT OR REPLACE INTO records (key, grp, version, value, expires) VALUES (?1, ?2, ?3, ?4, ?5)";
            transaction.prepare_cached(put)?.execute(params![key, group, version, value, expires])
        }
        Write::Delete { key, .. } => {
            transaction.prepare_cached("DELETE FROM records WHERE key = ?1")?.execute([key])
        }
        Write::DeleteGroup(group) => {
            transaction.prepare_cached("DELETE FROM records WHERE grp = ?1")?.execute([group])
        }
    }
    .map(drop)
}

fn entry(row: &Row<'_>, from: usize) -> rusqlite::Result<Entry> {
    let version: i64 = row.get(from + 1)?;
    Ok(Entry { value: row.get(from)?, version: version.cast_unsigned(), expires: row.get(from + 2)? })
}
