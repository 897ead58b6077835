//! What is asked of the database, in SQL.

use std::collections::HashMap;

use futures_util::future::{try_join, try_join3};
use tokio_postgres::{Client, Error, Row, Statement};

use super::change::Change;
use super::link::Failure;
use crate::clock::Timestamp;
use crate::store::{Entry, StoreError};

/// The tables as they are in this version of the program.
const FORMAT: i32 = 1;

/// The server gives up before the program does, so that nothing is locked by who no longer waits. A database that may
/// forget its last commits in a crash must not forget ours: a used code would be good again.
const SETTINGS: &str = "
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
    SET statement_timeout = '10s';
    SET idle_in_transaction_session_timeout = '10s';
    SET default_transaction_isolation = 'read committed';";

/// Keys are compared byte by byte, which is the order of `Store::list`. Replicas that start at once make the tables one
/// after the other.
const TABLES: &str = "
    BEGIN;
    SELECT pg_advisory_xact_lock(hashtextextended('oasgate tables', 0));
    CREATE TABLE IF NOT EXISTS oasgate_records (
        key text COLLATE \"C\" PRIMARY KEY,
        grp text COLLATE \"C\",
        version bigint NOT NULL,
        value bytea NOT NULL,
        expires bigint NOT NULL
    );
    CREATE INDEX IF NOT EXISTS oasgate_records_grp ON oasgate_records (grp) WHERE grp IS NOT NULL;
    CREATE INDEX IF NOT EXISTS oasgate_records_expires ON oasgate_records (expires);
    CREATE SEQUENCE IF NOT EXISTS oasgate_versions;
    CREATE TABLE IF NOT EXISTS oasgate_store (one boolean PRIMARY KEY CHECK (one), format integer NOT NULL);
    INSERT INTO oasgate_store VALUES (true, 1) ON CONFLICT DO NOTHING;
    COMMIT;";

const GET: &str = "SELECT value, version, expires FROM oasgate_records WHERE key = $1 AND expires > $2";
const LIST: &str = "SELECT value, version, expires, key FROM oasgate_records
    WHERE key >= $1 AND key > $2 AND expires > $3 ORDER BY key LIMIT $4";
/// In parts, so that none takes long; replicas that sweep at once do not wait for each other.
const SWEEP: &str = "DELETE FROM oasgate_records WHERE key IN (
    SELECT key FROM oasgate_records WHERE expires <= $1 ORDER BY expires LIMIT 1000 FOR UPDATE SKIP LOCKED)";
/// In one order, so that nobody waits for who waits for them.
const LOCK: &str = "SELECT pg_advisory_xact_lock(name)
    FROM (SELECT DISTINCT hashtextextended(text, 0) AS name FROM unnest($1::text[]) AS text ORDER BY 1) AS names";
const LOOK: &str = "SELECT key, version FROM oasgate_records WHERE key = ANY($1) AND expires > $2";
const REMOVE: &str = "DELETE FROM oasgate_records WHERE key = ANY($1) OR grp = ANY($2)";
const SET: &str = "INSERT INTO oasgate_records (key, grp, version, value, expires)
    SELECT key, grp, nextval('oasgate_versions'), value, expires
    FROM unnest($1::text[], $2::text[], $3::bytea[], $4::bigint[]) AS new (key, grp, value, expires)
    ON CONFLICT (key) DO UPDATE
    SET grp = excluded.grp, version = excluded.version, value = excluded.value, expires = excluded.expires";

/// A connection on which everything has been prepared.
pub(super) struct Session {
    client: Client,
    get: Statement,
    list: Statement,
    sweep: Statement,
    lock: Statement,
    look: Statement,
    remove: Statement,
    set: Statement,
}

impl Session {
    /// Prepares a new connection, and the database if it is empty.
    pub(super) async fn begin(client: Client) -> Result<Self, Failure> {
        client.batch_execute(SETTINGS).await?;
        // Who may not make tables may use those that are there.
        let is_empty = client.query_one("SELECT to_regclass('oasgate_store') IS NULL", &[]).await?;
        if is_empty.try_get(0)? {
            client.batch_execute(TABLES).await?;
        }
        let format: i32 = client.query_one("SELECT format FROM oasgate_store", &[]).await?.try_get(0)?;
        if format != FORMAT {
            let why = "the tables in the database are those of another version of oasgate";
            return Err(StoreError(why.to_owned()).into());
        }
        let (get, list, sweep) =
            try_join3(client.prepare(GET), client.prepare(LIST), client.prepare(SWEEP)).await?;
        let (lock, look) = try_join(client.prepare(LOCK), client.prepare(LOOK)).await?;
        let (remove, set) = try_join(client.prepare(REMOVE), client.prepare(SET)).await?;
        Ok(Self { get, list, sweep, lock, look, remove, set, client })
    }

    pub(super) async fn get(&self, key: &str, now: Timestamp) -> Result<Option<Entry>, Error> {
        // No text in PostgreSQL has a NUL, so that there is no such record; asking for it would be an error.
        if key.contains('\0') {
            return Ok(None);
        }
        self.client.query_opt(&self.get, &[&key, &now]).await?.as_ref().map(entry).transpose()
    }

    pub(super) async fn list(
        &self,
        prefix: &str,
        after: &str,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<(String, Entry)>, Error> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = self.client.query(&self.list, &[&prefix, &after, &now, &limit]).await?;
        let rows: Vec<_> = rows
            .iter()
            .map(|row| Ok((row.try_get::<_, String>(3)?, entry(row)?)))
            .collect::<Result<_, Error>>()?;
        // Whatever begins with the prefix comes first, and without a gap.
        Ok(rows.into_iter().take_while(|(key, _)| key.starts_with(prefix)).collect())
    }

    /// Removes some of what is past its time, and tells how many records that were.
    pub(super) async fn sweep(&self, now: Timestamp) -> Result<u64, Error> {
        self.client.execute(&self.sweep, &[&now]).await
    }

    /// Begins a transaction, locks, and gives the versions that are there. All is sent at once and done in turn: each
    /// statement sees what was committed before it began (PostgreSQL, "Read Committed Isolation Level").
    pub(super) async fn look(
        &self,
        change: &Change<'_>,
        now: Timestamp,
    ) -> Result<HashMap<String, u64>, Error> {
        let locks: Vec<&str> = change.locks.iter().map(String::as_str).collect();
        let keys = change.keys();
        let (_, _, found) = try_join3(
            self.client.batch_execute("BEGIN"),
            self.client.query(&self.lock, &[&locks]),
            self.client.query(&self.look, &[&keys, &now]),
        )
        .await?;
        found.iter().map(|row| Ok((row.try_get(0)?, row.try_get::<_, i64>(1)?.cast_unsigned()))).collect()
    }

    /// Makes the changes, and commits. Nothing is committed if any of it fails.
    pub(super) async fn finish(&self, change: &Change<'_>) -> Result<(), Error> {
        let removed_keys: Vec<&str> = change.removed_keys.iter().copied().collect();
        let removed_groups: Vec<&str> = change.removed_groups.iter().copied().collect();
        let keys: Vec<&str> = change.set.keys().copied().collect();
        let groups: Vec<Option<&str>> = change.set.values().map(|row| row.group).collect();
        let values: Vec<&[u8]> = change.set.values().map(|row| row.value).collect();
        let expires: Vec<Timestamp> = change.set.values().map(|row| row.expires).collect();
        try_join3(
            self.client.execute(&self.remove, &[&removed_keys, &removed_groups]),
            self.client.execute(&self.set, &[&keys, &groups, &values, &expires]),
            self.client.batch_execute("COMMIT"),
        )
        .await
        .map(drop)
    }

    pub(super) async fn roll_back(&self) -> Result<(), Error> {
        self.client.batch_execute("ROLLBACK").await
    }
}

fn entry(row: &Row) -> Result<Entry, Error> {
    let version: i64 = row.try_get(1)?;
    Ok(Entry { value: row.try_get(0)?, version: version.cast_unsigned(), expires: row.try_get(2)? })
}
