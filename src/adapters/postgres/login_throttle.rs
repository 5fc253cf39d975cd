//! Failed logins in PostgreSQL.

use async_trait::async_trait;
use sqlx::query;

use super::{PostgresDatabase, calls::always, fault, portions::OF_WHAT_ENDED, rows};
use crate::{
    domain::{Timestamp, backoff},
    ports::{LoginThrottle, StoreError},
};

#[async_trait]
impl LoginThrottle for PostgresDatabase {
    async fn locked_until(&self, key: &str, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT locked_until FROM login_failures WHERE key = $1 AND locked_until > $2";
        let statement = || query(sql).bind(key.as_bytes()).bind(now.as_millis());
        self.find_one("read failed logins", statement, |row| rows::time(row, "locked_until")).await
    }

    async fn record_failure(&self, key: &str, free: u32, now: Timestamp) -> Result<(), StoreError> {
        self.write("record failed login", || self.record(key, free, now)).await
    }

    async fn forget(&self, key: &str) -> Result<(), StoreError> {
        let statement = || query("DELETE FROM login_failures WHERE key = $1").bind(key.as_bytes());
        self.execute("forget failed logins", statement).await?;
        Ok(())
    }

    async fn remove_expired(&self, now: Timestamp) -> Result<u64, StoreError> {
        let sql = "DELETE FROM login_failures WHERE last_failure_at < $1 AND locked_until < $2 AND key = ANY(ARRAY(
                       SELECT key FROM login_failures WHERE last_failure_at < $1 AND locked_until < $2 LIMIT $3))";
        let forgotten = now.minus(backoff::FORGOTTEN_AFTER).as_millis();
        let statement = |rows| query(sql).bind(forgotten).bind(now.as_millis()).bind(rows);
        self.remove_in_portions("remove old failed logins", OF_WHAT_ENDED, statement).await
    }
}

impl PostgresDatabase {
    /// The first statement counts and holds the row, so that of two failures at once each counts.
    async fn record(&self, key: &str, free: u32, now: Timestamp) -> fault::Result<()> {
        let mut transaction = self.connections.begin().await?;
        let count = query(
            "INSERT INTO login_failures AS known (key, failures, last_failure_at, locked_until) VALUES ($1, 1, $2, $2)
             ON CONFLICT (key) DO UPDATE SET last_failure_at = excluded.last_failure_at,
                 failures = CASE WHEN known.last_failure_at >= $3 THEN known.failures + 1 ELSE 1 END
             RETURNING failures",
        )
        .bind(key.as_bytes())
        .bind(now.as_millis())
        .bind(now.minus(backoff::FORGOTTEN_AFTER).as_millis());
        let failures = always(transaction.optional(count, |row| rows::unsigned::<u64>(row, "failures")).await?)?;
        let failures = u32::try_from(failures).unwrap_or(u32::MAX);
        let locked_until = now.plus(backoff::wait_after(failures, free));
        let lock = query("UPDATE login_failures SET locked_until = $1 WHERE key = $2");
        transaction.execute(lock.bind(locked_until.as_millis()).bind(key.as_bytes())).await?;
        transaction.commit().await
    }
}
