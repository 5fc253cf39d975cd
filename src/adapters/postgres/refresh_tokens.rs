//! Refresh tokens in PostgreSQL.

use async_trait::async_trait;
use sqlx::query;

use super::{PostgresDatabase, fault, locks::lock_session, portions::OF_WHAT_ENDED, rows};
use crate::{
    domain::{SessionId, Timestamp},
    ports::{
        RefreshTokens, StoreError,
        refresh_tokens::{Rotation, TokenHash},
    },
};

#[async_trait]
impl RefreshTokens for PostgresDatabase {
    async fn add(&self, hash: &TokenHash, session: SessionId, expires_at: Timestamp) -> Result<(), StoreError> {
        let statement = || insertion(hash, session, expires_at);
        self.execute("add refresh token", statement).await?;
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
        let work = || self.rotate_in_transaction(presented, successor, now, grace_ms, expires_at);
        self.write("rotate refresh token", work).await
    }

    async fn session_of(&self, hash: &TokenHash) -> Result<Option<SessionId>, StoreError> {
        self.find_one(
            "find session of refresh token",
            || family_of(hash),
            |row| rows::id(row, "session_id").map(SessionId),
        )
        .await
    }

    async fn revoke_family(&self, session: SessionId) -> Result<u64, StoreError> {
        self.write("revoke refresh tokens", || self.revoke(session)).await
    }

    async fn remove_expired(&self, now: Timestamp) -> Result<u64, StoreError> {
        let sql = "DELETE FROM refresh_tokens WHERE expires_at <= $1 AND hash = ANY(ARRAY(
                       SELECT hash FROM refresh_tokens WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2))";
        let statement = |rows| query(sql).bind(now.as_millis()).bind(rows);
        self.remove_in_portions("remove expired refresh tokens", OF_WHAT_ENDED, statement).await
    }
}

impl PostgresDatabase {
    /// A family's tokens change under the lock of its session only. Without it, a successor that another connection is just adding
    /// would outlive the revocation of its family.
    async fn rotate_in_transaction(
        &self,
        presented: &TokenHash,
        successor: &TokenHash,
        now: Timestamp,
        grace_ms: u64,
        expires_at: Timestamp,
    ) -> fault::Result<Rotation> {
        let mut transaction = self.connections.begin().await?;
        let family = transaction.optional(family_of(presented), |row| rows::id(row, "session_id")).await?;
        let Some(session) = family.map(SessionId) else { return Ok(Rotation::Unknown) };
        if !lock_session(&mut transaction, session).await? {
            return Ok(Rotation::Unknown);
        }
        let found = query("SELECT spent_at FROM refresh_tokens WHERE hash = $1 AND expires_at > $2")
            .bind(presented.as_slice())
            .bind(now.as_millis());
        let spent_at = transaction.optional(found, |row| rows::time_option(row, "spent_at")).await?;
        let Some(spent_at) = spent_at else { return Ok(Rotation::Unknown) };
        let beyond_grace = |spent: Timestamp| now.since(spent).as_millis() > u128::from(grace_ms);
        if spent_at.is_some_and(beyond_grace) {
            transaction.execute(removal(session)).await?;
            transaction.commit().await?;
            return Ok(Rotation::Reused { session });
        }
        let spend = query("UPDATE refresh_tokens SET spent_at = coalesce(spent_at, $1) WHERE hash = $2");
        transaction.execute(spend.bind(now.as_millis()).bind(presented.as_slice())).await?;
        transaction.execute(insertion(successor, session, expires_at)).await?;
        transaction.commit().await?;
        Ok(Rotation::Rotated { session })
    }

    async fn revoke(&self, session: SessionId) -> fault::Result<u64> {
        let mut transaction = self.connections.begin().await?;
        if !lock_session(&mut transaction, session).await? {
            return Ok(0);
        }
        let removed = transaction.execute(removal(session)).await?;
        transaction.commit().await?;
        Ok(removed)
    }
}

fn family_of(hash: &TokenHash) -> super::lease::Statement<'static> {
    query("SELECT session_id FROM refresh_tokens WHERE hash = $1").bind(hash.as_slice())
}

fn insertion(hash: &TokenHash, session: SessionId, expires_at: Timestamp) -> super::lease::Statement<'static> {
    query("INSERT INTO refresh_tokens (hash, session_id, expires_at) VALUES ($1, $2, $3)")
        .bind(hash.as_slice())
        .bind(session.0)
        .bind(expires_at.as_millis())
}

fn removal(session: SessionId) -> super::lease::Statement<'static> {
    query("DELETE FROM refresh_tokens WHERE session_id = $1").bind(session.0)
}
