//! The durable tier of the session cache in PostgreSQL. Keys of up to 2 KiB.

use async_trait::async_trait;
use sqlx::{Row, postgres::PgRow, query};

use super::{PostgresDatabase, portions::OF_WHAT_ENDED, rows};
use crate::{
    domain::Timestamp,
    ports::{
        CacheTier, StoreError,
        cache_tier::{CacheEntry, prefix_end},
    },
};

#[async_trait]
impl CacheTier for PostgresDatabase {
    async fn get(&self, key: &str, now: Timestamp) -> Result<Option<CacheEntry>, StoreError> {
        let sql = "SELECT value, expires_at FROM session_cache WHERE key = $1 AND expires_at > $2";
        let statement = || query(sql).bind(key.as_bytes()).bind(now.as_millis());
        self.find_one("get cache entry", statement, |row| {
            let value = row.try_get::<Vec<u8>, _>("value")?.into();
            Ok(CacheEntry { value, expires_at: rows::time(row, "expires_at")? })
        })
        .await
    }

    async fn set(&self, key: &str, entry: &CacheEntry, _now: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO session_cache (key, value, expires_at) VALUES ($1, $2, $3)
                   ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at";
        let statement = || query(sql).bind(key.as_bytes()).bind(&*entry.value).bind(entry.expires_at.as_millis());
        self.execute("set cache entry", statement).await?;
        Ok(())
    }

    async fn delete(&self, key: &str, now: Timestamp) -> Result<bool, StoreError> {
        let sql = "DELETE FROM session_cache WHERE key = $1 RETURNING expires_at";
        let statement = || query(sql).bind(key.as_bytes());
        let ended =
            self.execute_returning("delete cache entry", statement, |row| rows::time(row, "expires_at")).await?;
        Ok(ended.is_some_and(|at| at > now))
    }

    async fn clear_prefix(&self, prefix: &str, now: Timestamp) -> Result<u64, StoreError> {
        // What is counted as found may be removed by another at once: that there was nothing left to remove would not say that all is gone.
        let sql = "WITH found AS (
                       SELECT ARRAY(SELECT key FROM session_cache WHERE key >= $1 AND ($2::bytea IS NULL OR key < $2)
                                    ORDER BY key LIMIT $4) AS keys
                   ), removed AS (
                       DELETE FROM session_cache WHERE key = ANY((SELECT keys FROM found)::bytea[]) RETURNING expires_at
                   ) SELECT (SELECT cardinality(keys)::bigint FROM found) AS found,
                            (SELECT count(*) FROM removed WHERE expires_at > $3) AS alive";
        let end = prefix_end(prefix);
        let statement =
            || query(sql).bind(prefix.as_bytes()).bind(end.as_deref()).bind(now.as_millis()).bind(OF_WHAT_ENDED.rows);
        let read = |row: &PgRow| Ok((row.try_get::<i64, _>("found")?, rows::unsigned::<u64>(row, "alive")?));
        let mut removed = 0;
        loop {
            let portion = self.execute_returning("clear cache prefix", statement, read).await?;
            let (found, alive) = portion.unwrap_or_default();
            removed += alive;
            if found < OF_WHAT_ENDED.rows {
                return Ok(removed);
            }
        }
    }

    async fn remove_expired(&self, now: Timestamp) -> Result<u64, StoreError> {
        let sql = "DELETE FROM session_cache WHERE expires_at <= $1 AND key = ANY(ARRAY(
                       SELECT key FROM session_cache WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2))";
        let statement = |rows| query(sql).bind(now.as_millis()).bind(rows);
        self.remove_in_portions("remove expired cache entries", OF_WHAT_ENDED, statement).await
    }
}
