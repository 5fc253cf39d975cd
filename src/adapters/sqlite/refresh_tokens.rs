//! Refresh tokens in SQLite.

use async_trait::async_trait;
use sqlx::sqlite::SqliteRow;

use super::{SqliteDatabase, failed, rows};
use crate::{
    domain::{SessionId, Timestamp},
    ports::{
        RefreshTokens, StoreError,
        refresh_tokens::{Rotation, TokenHash},
    },
};

#[async_trait]
impl RefreshTokens for SqliteDatabase {
    async fn add(&self, hash: &TokenHash, session: SessionId, expires_at: Timestamp) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO refresh_tokens (hash, session_id, expires_at) VALUES (?, ?, ?)")
            .bind(hash.as_slice())
            .bind(session.to_string())
            .bind(expires_at.as_millis())
            .execute(&self.pool)
            .await
            .map_err(failed("add refresh token"))?;
        Ok(())
    }

    async fn rotate(
        &self,
        presented: &TokenHash,
        successor: &TokenHash,
        now: Timestamp,
        grace_ms: u64,
        expires_at: Timestamp,
    ) -> Result<Rotation, StoreError> {
        self.rotate_in_transaction(presented, successor, now, grace_ms, expires_at)
            .await
            .map_err(failed("rotate refresh token"))
    }

    async fn session_of(&self, hash: &TokenHash) -> Result<Option<SessionId>, StoreError> {
        sqlx::query("SELECT session_id FROM refresh_tokens WHERE hash = ?")
            .bind(hash.as_slice())
            .try_map(|row: SqliteRow| rows::parsed(&row, "session_id"))
            .fetch_optional(&self.pool)
            .await
            .map_err(failed("find session of refresh token"))
    }

    async fn revoke_family(&self, session: SessionId) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM refresh_tokens WHERE session_id = ?")
            .bind(session.to_string())
            .execute(&self.pool)
            .await
            .map_err(failed("revoke refresh tokens"))?;
        Ok(done.rows_affected())
    }

    async fn remove_expired(&self, now: Timestamp) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM refresh_tokens WHERE expires_at <= ?")
            .bind(now.as_millis())
            .execute(&self.pool)
            .await
            .map_err(failed("remove expired refresh tokens"))?;
        Ok(done.rows_affected())
    }
}

impl SqliteDatabase {
    async fn rotate_in_transaction(
        &self,
        presented: &TokenHash,
        successor: &TokenHash,
        now: Timestamp,
        grace_ms: u64,
        expires_at: Timestamp,
    ) -> Result<Rotation, sqlx::Error> {
        let mut transaction = self.write().await?;
        let found = sqlx::query("SELECT session_id, spent_at FROM refresh_tokens WHERE hash = ? AND expires_at > ?")
            .bind(presented.as_slice())
            .bind(now.as_millis())
            .try_map(|row: SqliteRow| Ok((rows::parsed(&row, "session_id")?, rows::time_option(&row, "spent_at")?)))
            .fetch_optional(&mut *transaction)
            .await?;
        let Some((session, spent_at)) = found else { return Ok(Rotation::Unknown) };
        let session: SessionId = session;
        let beyond_grace = |spent: Timestamp| now.since(spent).as_millis() > u128::from(grace_ms);
        if spent_at.is_some_and(beyond_grace) {
            sqlx::query("DELETE FROM refresh_tokens WHERE session_id = ?")
                .bind(session.to_string())
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await?;
            return Ok(Rotation::Reused { session });
        }
        sqlx::query("UPDATE refresh_tokens SET spent_at = coalesce(spent_at, ?) WHERE hash = ?")
            .bind(now.as_millis())
            .bind(presented.as_slice())
            .execute(&mut *transaction)
            .await?;
        sqlx::query("INSERT INTO refresh_tokens (hash, session_id, expires_at) VALUES (?, ?, ?)")
            .bind(successor.as_slice())
            .bind(session.to_string())
            .bind(expires_at.as_millis())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Rotation::Rotated { session })
    }
}
