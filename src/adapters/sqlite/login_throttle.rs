//! Failed logins in SQLite.

use async_trait::async_trait;
use sqlx::{Row, sqlite::SqliteRow};

use super::{SqliteDatabase, failed, rows};
use crate::{
    domain::{Timestamp, backoff},
    ports::{LoginThrottle, StoreError},
};

#[async_trait]
impl LoginThrottle for SqliteDatabase {
    async fn locked_until(&self, key: &str, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        sqlx::query("SELECT locked_until FROM login_failures WHERE key = ? AND locked_until > ?")
            .bind(key)
            .bind(now.as_millis())
            .try_map(|row: SqliteRow| rows::time(&row, "locked_until"))
            .fetch_optional(&self.pool)
            .await
            .map_err(failed("read failed logins"))
    }

    async fn record_failure(&self, key: &str, free: u32, now: Timestamp) -> Result<(), StoreError> {
        self.record(key, free, now).await.map_err(failed("record failed login"))
    }

    async fn forget(&self, key: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM login_failures WHERE key = ?")
            .bind(key)
            .execute(&self.pool)
            .await
            .map_err(failed("forget failed logins"))?;
        Ok(())
    }

    async fn remove_expired(&self, now: Timestamp) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM login_failures WHERE last_failure_at < ? AND locked_until < ?")
            .bind(now.minus(backoff::FORGOTTEN_AFTER).as_millis())
            .bind(now.as_millis())
            .execute(&self.pool)
            .await
            .map_err(failed("remove old failed logins"))?;
        Ok(done.rows_affected())
    }
}

impl SqliteDatabase {
    async fn record(&self, key: &str, free: u32, now: Timestamp) -> Result<(), sqlx::Error> {
        let mut transaction = self.write().await?;
        let before = sqlx::query("SELECT failures FROM login_failures WHERE key = ? AND last_failure_at >= ?")
            .bind(key)
            .bind(now.minus(backoff::FORGOTTEN_AFTER).as_millis())
            .try_map(|row: SqliteRow| row.try_get::<u32, _>("failures"))
            .fetch_optional(&mut *transaction)
            .await?
            .unwrap_or(0);
        let failures = before.saturating_add(1);
        let locked_until = now.plus(backoff::wait_after(failures, free));
        sqlx::query(
            "INSERT INTO login_failures (key, failures, last_failure_at, locked_until) VALUES (?, ?, ?, ?)
             ON CONFLICT (key) DO UPDATE SET failures = excluded.failures,
                 last_failure_at = excluded.last_failure_at, locked_until = excluded.locked_until",
        )
        .bind(key)
        .bind(failures)
        .bind(now.as_millis())
        .bind(locked_until.as_millis())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await
    }
}
