//! The file under the cache: one table, keys as bytes so that a prefix is a range.

use std::{path::Path, time::Duration};

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};

use crate::ports::cache_tier::prefix_end;

/// A value and when it ends.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) value: Bytes,
    /// Milliseconds since 1970.
    pub(super) expires_at: i64,
}

/// How long another process's commit is waited for.
const WAIT: Duration = Duration::from_secs(10);

pub(super) struct Durable {
    connection: Connection,
}

impl Durable {
    pub(super) fn open(path: &Path) -> rusqlite::Result<Self> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(WAIT)?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        // A commit survives the end of the process; only a power cut may lose the last ones, and this is a cache.
        connection.pragma_update(None, "synchronous", "normal")?;
        connection.pragma_update(None, "secure_delete", "on")?;
        connection.execute_batch(
            "CREATE TABLE IF NOT EXISTS cache (
                 key BLOB PRIMARY KEY, value BLOB NOT NULL, expires_at INTEGER NOT NULL
             ) STRICT, WITHOUT ROWID;
             CREATE INDEX IF NOT EXISTS cache_by_expiry ON cache (expires_at);",
        )?;
        Ok(Self { connection })
    }

    /// A number that changes when another connection, of this process or another, has committed.
    pub(super) fn data_version(&self) -> rusqlite::Result<i64> {
        self.connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))
    }

    pub(super) fn get(&self, key: &str, now: i64) -> rusqlite::Result<Option<Entry>> {
        self.connection
            .prepare_cached("SELECT value, expires_at FROM cache WHERE key = ? AND expires_at > ?")?
            .query_row(params![key.as_bytes(), now], |row| {
                Ok(Entry { value: Bytes::from(row.get::<_, Vec<u8>>(0)?), expires_at: row.get(1)? })
            })
            .optional()
    }

    pub(super) fn set(&self, key: &str, entry: &Entry) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO cache (key, value, expires_at) VALUES (?, ?, ?)
                 ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at",
            )?
            .execute(params![key.as_bytes(), entry.value.as_ref(), entry.expires_at])?;
        Ok(())
    }

    /// Deletes an entry; whether it was alive.
    pub(super) fn delete(&self, key: &str, now: i64) -> rusqlite::Result<bool> {
        let expires_at: Option<i64> = self
            .connection
            .prepare_cached("DELETE FROM cache WHERE key = ? RETURNING expires_at")?
            .query_row([key.as_bytes()], |row| row.get(0))
            .optional()?;
        Ok(expires_at.is_some_and(|at| at > now))
    }

    /// Deletes every entry that starts with the prefix; how many of them were alive.
    pub(super) fn clear_prefix(&self, prefix: &str, now: i64) -> rusqlite::Result<u64> {
        // Two statements: with the end as an alternative within one, SQLite would read to the end of the table.
        let end = prefix_end(prefix);
        let mut statement = self.connection.prepare_cached(match &end {
            Some(_) => "DELETE FROM cache WHERE key >= ? AND key < ? RETURNING expires_at",
            None => "DELETE FROM cache RETURNING expires_at",
        })?;
        let range = end.iter().flat_map(|end| [prefix.as_bytes(), end]);
        let rows = statement.query_map(params_from_iter(range), |row| row.get::<_, i64>(0))?;
        let mut alive = 0;
        for expires_at in rows {
            alive += u64::from(expires_at? > now);
        }
        Ok(alive)
    }

    /// Deletes what has expired; what was deleted before goes out of the log too, if nobody reads that just now.
    pub(super) fn remove_expired(&self, now: i64) -> rusqlite::Result<u64> {
        let removed = self.connection.execute("DELETE FROM cache WHERE expires_at <= ?", [now])?;
        self.connection.busy_timeout(Duration::ZERO)?;
        let emptied = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        self.connection.busy_timeout(WAIT)?;
        emptied?;
        Ok(removed as u64)
    }
}
