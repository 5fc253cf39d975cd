//! The durable tier of the session cache in PostgreSQL. Keys of up to 2 KiB.

use async_trait::async_trait;
use sqlx::{Row, query};

use super::{PostgresDatabase, rows};
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
        let sql = "WITH removed AS (
                       DELETE FROM session_cache WHERE key >= $1 AND ($2::bytea IS NULL OR key < $2) RETURNING expires_at
                   ) SELECT count(*) AS n FROM removed WHERE expires_at > $3";
        let statement = || query(sql).bind(prefix.as_bytes()).bind(prefix_end(prefix)).bind(now.as_millis());
        let alive = self.execute_returning("clear cache prefix", statement, |row| rows::unsigned(row, "n")).await?;
        Ok(alive.unwrap_or(0))
    }

    async fn remove_expired(&self, now: Timestamp) -> Result<u64, StoreError> {
        let statement = || query("DELETE FROM session_cache WHERE expires_at <= $1").bind(now.as_millis());
        self.execute("remove expired cache entries", statement).await
    }
}
