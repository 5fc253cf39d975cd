//! Sessions in PostgreSQL.

use async_trait::async_trait;
use sqlx::{Row, postgres::PgRow, query};

use super::{PostgresDatabase, fault, portions::OF_A_CLOSED_SESSION, rows};
use crate::{
    domain::{JobId, Session, SessionId, Timestamp, User, UserId},
    ports::{Sessions, StoreError, sessions::SessionOutline},
};

#[async_trait]
impl Sessions for PostgresDatabase {
    async fn open(&self, session: &Session, password_hash: &str) -> Result<bool, StoreError> {
        // The lock has a login come before a new password, whose author then ends this session too, or after it.
        let sql = "INSERT INTO sessions (id, user_id, created_at, last_seen_at)
                   SELECT $1, id, $2, $3 FROM users WHERE id = $4 AND password_hash = $5 AND disabled_at IS NULL
                   FOR SHARE";
        let statement = || {
            query(sql)
                .bind(session.id.0)
                .bind(session.created_at.as_millis())
                .bind(session.last_seen_at.as_millis())
                .bind(session.user_id.0)
                .bind(password_hash)
        };
        Ok(self.execute("open session", statement).await? > 0)
    }

    async fn get(&self, id: SessionId) -> Result<Option<Session>, StoreError> {
        let sql = "SELECT id, user_id, created_at, last_seen_at, closed_at, conversion_job FROM sessions WHERE id = $1";
        self.find_one("get session", || query(sql).bind(id.0), session).await
    }

    async fn authenticate(&self, id: SessionId) -> Result<Option<(Session, User)>, StoreError> {
        let sql = "SELECT s.id, s.user_id, s.created_at, s.last_seen_at, s.closed_at, s.conversion_job,
                       u.username, u.role, u.created_at AS user_created_at
                   FROM sessions s JOIN users u ON u.id = s.user_id
                   WHERE s.id = $1 AND s.closed_at IS NULL AND u.disabled_at IS NULL";
        let read = |row: &PgRow| {
            let session = session(row)?;
            let user = User {
                id: session.user_id,
                username: row.try_get("username")?,
                role: rows::parsed(row, "role")?,
                disabled_at: None,
                created_at: rows::time(row, "user_created_at")?,
            };
            Ok((session, user))
        };
        self.find_one("authenticate session", || query(sql).bind(id.0), read).await
    }

    async fn touch(&self, id: SessionId, at: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE sessions SET last_seen_at = $1 WHERE id = $2 AND closed_at IS NULL AND last_seen_at < $1";
        self.execute("touch session", || query(sql).bind(at.as_millis()).bind(id.0)).await?;
        Ok(())
    }

    async fn close(&self, id: SessionId, at: Timestamp) -> Result<bool, StoreError> {
        let sql = "UPDATE sessions SET closed_at = $1 WHERE id = $2 AND closed_at IS NULL";
        Ok(self.execute("close session", || query(sql).bind(at.as_millis()).bind(id.0)).await? > 0)
    }

    async fn close_if_idle(&self, id: SessionId, idle_since: Timestamp, at: Timestamp) -> Result<bool, StoreError> {
        self.write("close idle session", || self.close_idle(id, idle_since, at)).await
    }

    async fn remove(&self, id: SessionId) -> Result<(), StoreError> {
        // What there may be very many of goes before, in portions; nobody changes rows of a closed session.
        let documents = "DELETE FROM documents WHERE ctid = ANY(ARRAY(
                             SELECT d.ctid FROM documents d JOIN sessions s ON s.id = d.session_id
                             WHERE d.session_id = $1 AND s.closed_at IS NOT NULL LIMIT $2))";
        let files = "DELETE FROM files WHERE ctid = ANY(ARRAY(
                         SELECT f.ctid FROM files f JOIN sessions s ON s.id = f.session_id
                         WHERE f.session_id = $1 AND s.closed_at IS NOT NULL LIMIT $2))";
        for sql in [documents, files] {
            let statement = |rows| query(sql).bind(id.0).bind(rows);
            self.remove_in_portions("remove rows of session", OF_A_CLOSED_SESSION, statement).await?;
        }
        let sql = "DELETE FROM sessions WHERE id = $1 AND closed_at IS NOT NULL";
        self.execute("remove session", || query(sql).bind(id.0)).await?;
        Ok(())
    }

    async fn list_idle(&self, idle_since: Timestamp, limit: u32) -> Result<Vec<SessionId>, StoreError> {
        let sql = "SELECT id FROM sessions WHERE closed_at IS NULL AND last_seen_at < $1
                   ORDER BY last_seen_at LIMIT $2";
        let statement = || query(sql).bind(idle_since.as_millis()).bind(i64::from(limit));
        self.find_all("list idle sessions", statement, session_id).await
    }

    async fn list_closed(&self, limit: u32) -> Result<Vec<SessionId>, StoreError> {
        let sql = "SELECT id FROM sessions WHERE closed_at IS NOT NULL ORDER BY closed_at LIMIT $1";
        self.find_all("list closed sessions", || query(sql).bind(i64::from(limit)), session_id).await
    }

    async fn list_of_user(&self, user: UserId) -> Result<Vec<SessionId>, StoreError> {
        let sql = "SELECT id FROM sessions WHERE user_id = $1 ORDER BY id";
        self.find_all("list sessions of user", || query(sql).bind(user.0), session_id).await
    }

    async fn list_open(&self, before: Option<SessionId>, limit: u32) -> Result<Vec<SessionOutline>, StoreError> {
        // Counted for the sessions of the page only, which the inner statement finds.
        let sql = "SELECT s.*, of_files.files, of_files.bytes, of_jobs.unfinished_jobs
                   FROM (SELECT s.id, s.user_id, s.created_at, s.last_seen_at, s.closed_at, s.conversion_job, u.username
                         FROM sessions s JOIN users u ON u.id = s.user_id
                         WHERE s.closed_at IS NULL AND ($1::uuid IS NULL OR s.id < $1) ORDER BY s.id DESC LIMIT $2) s
                   CROSS JOIN LATERAL (SELECT count(*) AS files, coalesce(sum(f.bytes), 0)::bigint AS bytes
                                       FROM files f WHERE f.session_id = s.id) of_files
                   CROSS JOIN LATERAL (SELECT count(*) AS unfinished_jobs FROM jobs j
                                       WHERE j.session_id = s.id AND j.state IN ('queued', 'running')) of_jobs
                   ORDER BY s.id DESC";
        let statement = || query(sql).bind(before.map(|id| id.0)).bind(i64::from(limit));
        self.find_all("list open sessions", statement, outline).await
    }

    async fn count_open(&self) -> Result<u64, StoreError> {
        let counted = || query("SELECT count(*) AS n FROM sessions WHERE closed_at IS NULL");
        Ok(self.find_one("count sessions", counted, |row| rows::unsigned(row, "n")).await?.unwrap_or(0))
    }
}

impl PostgresDatabase {
    async fn close_idle(&self, id: SessionId, idle_since: Timestamp, at: Timestamp) -> fault::Result<bool> {
        let mut transaction = self.connections.begin().await?;
        let locked = query(
            "SELECT id FROM sessions WHERE id = $1 AND closed_at IS NULL AND last_seen_at < $2 FOR NO KEY UPDATE",
        );
        let is_idle = transaction.optional(locked.bind(id.0).bind(idle_since.as_millis()), |_| Ok(())).await?;
        // Looked at only under the lock: a job that was added meanwhile is seen now, and no other can be.
        let working = query("SELECT id FROM jobs WHERE session_id = $1 AND state IN ('queued', 'running') LIMIT 1");
        if is_idle.is_none() || transaction.optional(working.bind(id.0), |_| Ok(())).await?.is_some() {
            return Ok(false);
        }
        let close = query("UPDATE sessions SET closed_at = $1 WHERE id = $2").bind(at.as_millis()).bind(id.0);
        transaction.execute(close).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

fn session_id(row: &PgRow) -> sqlx::Result<SessionId> {
    rows::id(row, "id").map(SessionId)
}

fn outline(row: &PgRow) -> sqlx::Result<SessionOutline> {
    Ok(SessionOutline {
        session: session(row)?,
        username: row.try_get("username")?,
        files: rows::unsigned(row, "files")?,
        bytes: rows::unsigned(row, "bytes")?,
        unfinished_jobs: rows::unsigned(row, "unfinished_jobs")?,
    })
}

fn session(row: &PgRow) -> sqlx::Result<Session> {
    Ok(Session {
        id: session_id(row)?,
        user_id: UserId(rows::id(row, "user_id")?),
        created_at: rows::time(row, "created_at")?,
        last_seen_at: rows::time(row, "last_seen_at")?,
        closed_at: rows::time_option(row, "closed_at")?,
        conversion: row.try_get::<Option<uuid::Uuid>, _>("conversion_job")?.map(JobId),
    })
}
