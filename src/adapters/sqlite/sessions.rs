//! Sessions in SQLite.

use async_trait::async_trait;
use sqlx::{Row, sqlite::SqliteRow};

use super::{SqliteDatabase, failed, rows};
use crate::{
    domain::{Session, SessionId, Timestamp, User, UserId},
    ports::{Sessions, StoreError, sessions::SessionOutline},
};

#[async_trait]
impl Sessions for SqliteDatabase {
    async fn open(&self, session: &Session, password_hash: &str) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "INSERT INTO sessions (id, user_id, created_at, last_seen_at)
             SELECT ?, id, ?, ? FROM users WHERE id = ? AND password_hash = ? AND disabled_at IS NULL",
        )
        .bind(session.id.to_string())
        .bind(session.created_at.as_millis())
        .bind(session.last_seen_at.as_millis())
        .bind(session.user_id.to_string())
        .bind(password_hash)
        .execute(&self.pool)
        .await
        .map_err(failed("open session"))?;
        Ok(done.rows_affected() > 0)
    }

    async fn get(&self, id: SessionId) -> Result<Option<Session>, StoreError> {
        sqlx::query("SELECT * FROM sessions WHERE id = ?")
            .bind(id.to_string())
            .try_map(|row: SqliteRow| session(&row))
            .fetch_optional(&self.pool)
            .await
            .map_err(failed("get session"))
    }

    async fn authenticate(&self, id: SessionId) -> Result<Option<(Session, User)>, StoreError> {
        sqlx::query(
            "SELECT s.*, u.username, u.role, u.created_at AS user_created_at
             FROM sessions s JOIN users u ON u.id = s.user_id
             WHERE s.id = ? AND s.closed_at IS NULL AND u.disabled_at IS NULL",
        )
        .bind(id.to_string())
        .try_map(|row: SqliteRow| {
            let session = session(&row)?;
            let user = User {
                id: session.user_id,
                username: row.try_get("username")?,
                role: rows::parsed(&row, "role")?,
                disabled_at: None,
                created_at: rows::time(&row, "user_created_at")?,
            };
            Ok((session, user))
        })
        .fetch_optional(&self.pool)
        .await
        .map_err(failed("authenticate session"))
    }

    async fn touch(&self, id: SessionId, at: Timestamp) -> Result<(), StoreError> {
        sqlx::query("UPDATE sessions SET last_seen_at = max(last_seen_at, ?) WHERE id = ? AND closed_at IS NULL")
            .bind(at.as_millis())
            .bind(id.to_string())
            .execute(&self.pool)
            .await
            .map_err(failed("touch session"))?;
        Ok(())
    }

    async fn close(&self, id: SessionId, at: Timestamp) -> Result<bool, StoreError> {
        let done = sqlx::query("UPDATE sessions SET closed_at = ? WHERE id = ? AND closed_at IS NULL")
            .bind(at.as_millis())
            .bind(id.to_string())
            .execute(&self.pool)
            .await
            .map_err(failed("close session"))?;
        Ok(done.rows_affected() > 0)
    }

    async fn close_if_idle(&self, id: SessionId, idle_since: Timestamp, at: Timestamp) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE sessions SET closed_at = ?
             WHERE id = ? AND closed_at IS NULL AND last_seen_at < ?
               AND NOT EXISTS (SELECT 1 FROM jobs WHERE session_id = sessions.id AND state IN ('queued', 'running'))",
        )
        .bind(at.as_millis())
        .bind(id.to_string())
        .bind(idle_since.as_millis())
        .execute(&self.pool)
        .await
        .map_err(failed("close idle session"))?;
        Ok(done.rows_affected() > 0)
    }

    async fn remove(&self, id: SessionId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM sessions WHERE id = ? AND closed_at IS NOT NULL")
            .bind(id.to_string())
            .execute(&self.pool)
            .await
            .map_err(failed("remove session"))?;
        Ok(())
    }

    async fn list_idle(&self, idle_since: Timestamp, limit: u32) -> Result<Vec<SessionId>, StoreError> {
        sqlx::query(
            "SELECT id FROM sessions WHERE closed_at IS NULL AND last_seen_at < ? ORDER BY last_seen_at LIMIT ?",
        )
        .bind(idle_since.as_millis())
        .bind(limit)
        .try_map(|row: SqliteRow| rows::parsed(&row, "id"))
        .fetch_all(&self.pool)
        .await
        .map_err(failed("list idle sessions"))
    }

    async fn list_closed(&self, limit: u32) -> Result<Vec<SessionId>, StoreError> {
        sqlx::query("SELECT id FROM sessions WHERE closed_at IS NOT NULL ORDER BY closed_at LIMIT ?")
            .bind(limit)
            .try_map(|row: SqliteRow| rows::parsed(&row, "id"))
            .fetch_all(&self.pool)
            .await
            .map_err(failed("list closed sessions"))
    }

    async fn list_of_user(&self, user: UserId) -> Result<Vec<SessionId>, StoreError> {
        sqlx::query("SELECT id FROM sessions WHERE user_id = ? ORDER BY id")
            .bind(user.to_string())
            .try_map(|row: SqliteRow| rows::parsed(&row, "id"))
            .fetch_all(&self.pool)
            .await
            .map_err(failed("list sessions of user"))
    }

    async fn list_open(&self, before: Option<SessionId>, limit: u32) -> Result<Vec<SessionOutline>, StoreError> {
        let before = before.map(|id| id.to_string());
        sqlx::query(
            "SELECT s.*, u.username,
                 (SELECT count(*) FROM files f WHERE f.session_id = s.id) AS files,
                 (SELECT coalesce(sum(f.bytes), 0) FROM files f WHERE f.session_id = s.id) AS bytes,
                 (SELECT count(*) FROM jobs j WHERE j.session_id = s.id AND j.state IN ('queued', 'running'))
                     AS unfinished_jobs
             FROM sessions s JOIN users u ON u.id = s.user_id
             WHERE s.closed_at IS NULL AND (? IS NULL OR s.id < ?) ORDER BY s.id DESC LIMIT ?",
        )
        .bind(before.clone())
        .bind(before)
        .bind(limit)
        .try_map(|row: SqliteRow| outline(&row))
        .fetch_all(&self.pool)
        .await
        .map_err(failed("list open sessions"))
    }

    async fn count_open(&self) -> Result<u64, StoreError> {
        sqlx::query("SELECT count(*) AS n FROM sessions WHERE closed_at IS NULL")
            .try_map(|row: SqliteRow| rows::unsigned(&row, "n"))
            .fetch_one(&self.pool)
            .await
            .map_err(failed("count sessions"))
    }
}

fn outline(row: &SqliteRow) -> Result<SessionOutline, sqlx::Error> {
    Ok(SessionOutline {
        session: session(row)?,
        username: row.try_get("username")?,
        files: rows::unsigned(row, "files")?,
        bytes: rows::unsigned(row, "bytes")?,
        unfinished_jobs: rows::unsigned(row, "unfinished_jobs")?,
    })
}

fn session(row: &SqliteRow) -> Result<Session, sqlx::Error> {
    Ok(Session {
        id: rows::parsed(row, "id")?,
        user_id: rows::parsed(row, "user_id")?,
        created_at: rows::time(row, "created_at")?,
        last_seen_at: rows::time(row, "last_seen_at")?,
        closed_at: rows::time_option(row, "closed_at")?,
        conversion: rows::parsed_option(row, "conversion_job")?,
    })
}
