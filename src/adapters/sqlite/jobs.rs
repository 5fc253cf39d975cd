//! Jobs in SQLite.

use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;
use sqlx::{Row, Sqlite, Transaction, sqlite::SqliteRow};

use super::{
    SqliteDatabase,
    catalog::{insert_file, path_taken, publish_one, session_is_open},
    failed, rows,
};
use crate::{
    domain::{Job, JobFailure, JobId, JobState, Progress, SessionId, Timestamp},
    ports::{
        Jobs, StoreError,
        catalog::Published,
        jobs::{CancelRequest, FinishedConversion, FinishedUpload, Heartbeat, JobOutline, Success},
    },
};

#[async_trait]
impl Jobs for SqliteDatabase {
    async fn add(&self, job: &Job) -> Result<bool, StoreError> {
        self.add_job(job).await.map_err(failed("add job"))
    }

    async fn get(&self, session: SessionId, id: JobId) -> Result<Option<Job>, StoreError> {
        sqlx::query("SELECT * FROM jobs WHERE id = ? AND session_id = ?")
            .bind(id.to_string())
            .bind(session.to_string())
            .try_map(|row: SqliteRow| job(&row))
            .fetch_optional(&self.pool)
            .await
            .map_err(failed("get job"))
    }

    async fn list(&self, session: SessionId, before: Option<JobId>, limit: u32) -> Result<Vec<Job>, StoreError> {
        sqlx::query("SELECT * FROM jobs WHERE session_id = ? AND (? IS NULL OR id < ?) ORDER BY id DESC LIMIT ?")
            .bind(session.to_string())
            .bind(before.map(|id| id.to_string()))
            .bind(before.map(|id| id.to_string()))
            .bind(limit)
            .try_map(|row: SqliteRow| job(&row))
            .fetch_all(&self.pool)
            .await
            .map_err(failed("list jobs"))
    }

    async fn list_all(
        &self,
        state: Option<JobState>,
        before: Option<JobId>,
        limit: u32,
    ) -> Result<Vec<JobOutline>, StoreError> {
        let (state, before) = (state.map(JobState::as_str), before.map(|id| id.to_string()));
        sqlx::query(
            "SELECT j.id, j.session_id, s.user_id, u.username, j.kind, j.state, j.attempt, j.progress, j.error,
                 j.created_at, j.started_at, j.finished_at
             FROM jobs j JOIN sessions s ON s.id = j.session_id JOIN users u ON u.id = s.user_id
             WHERE (? IS NULL OR j.state = ?) AND (? IS NULL OR j.id < ?) ORDER BY j.id DESC LIMIT ?",
        )
        .bind(state)
        .bind(state)
        .bind(before.clone())
        .bind(before)
        .bind(limit)
        .try_map(|row: SqliteRow| outline(&row))
        .fetch_all(&self.pool)
        .await
        .map_err(failed("list all jobs"))
    }

    async fn session_of(&self, id: JobId) -> Result<Option<SessionId>, StoreError> {
        sqlx::query("SELECT session_id FROM jobs WHERE id = ?")
            .bind(id.to_string())
            .try_map(|row: SqliteRow| rows::parsed(&row, "session_id"))
            .fetch_optional(&self.pool)
            .await
            .map_err(failed("find session of job"))
    }

    async fn claim(&self, id: JobId, now: Timestamp, lease: Duration) -> Result<Option<Job>, StoreError> {
        sqlx::query(
            "UPDATE jobs SET state = 'running', attempt = attempt + 1, lease_until = ?,
                 started_at = coalesce(started_at, ?)
             WHERE id = ? AND (state = 'queued' OR (state = 'running' AND lease_until < ?))
               AND EXISTS (SELECT 1 FROM sessions s WHERE s.id = jobs.session_id AND s.closed_at IS NULL)
             RETURNING *",
        )
        .bind(now.plus(lease).as_millis())
        .bind(now.as_millis())
        .bind(id.to_string())
        .bind(now.as_millis())
        .try_map(|row: SqliteRow| job(&row))
        .fetch_optional(&self.pool)
        .await
        .map_err(failed("claim job"))
    }

    async fn heartbeat(
        &self,
        id: JobId,
        attempt: u32,
        progress: Progress,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Heartbeat, StoreError> {
        self.beat(id, attempt, progress, now, lease).await.map_err(failed("renew lease"))
    }

    async fn succeed(&self, finished: &FinishedConversion) -> Result<Published, StoreError> {
        self.publish_conversion(finished).await.map_err(failed("publish conversion"))
    }

    async fn succeed_upload(&self, finished: &FinishedUpload) -> Result<Published, StoreError> {
        path_taken(self.publish_upload(finished).await).map_err(failed("publish upload"))
    }

    async fn succeed_alone(&self, success: Success<'_>) -> Result<Published, StoreError> {
        self.publish_report(success).await.map_err(failed("publish report"))
    }

    async fn lay_down(&self, id: JobId, attempt: u32, request: &Value, progress: Progress) -> Result<bool, StoreError> {
        let operation = "lay job down";
        let done = sqlx::query(
            "UPDATE jobs SET state = 'queued', request = ?, progress = ?, lease_until = 0
             WHERE id = ? AND attempt = ? AND state = 'running' AND cancel_requested = 0
               AND EXISTS (SELECT 1 FROM sessions s WHERE s.id = jobs.session_id AND s.closed_at IS NULL)",
        )
        .bind(rows::to_json(request).map_err(failed(operation))?)
        .bind(rows::to_json(&progress).map_err(failed(operation))?)
        .bind(id.to_string())
        .bind(attempt)
        .execute(&self.pool)
        .await
        .map_err(failed(operation))?;
        Ok(done.rows_affected() > 0)
    }

    async fn end(
        &self,
        id: JobId,
        attempt: u32,
        failure: Option<&JobFailure>,
        progress: Progress,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let state = if failure.is_some() { JobState::Failed } else { JobState::Cancelled };
        let error = failure.map(rows::to_json).transpose().map_err(failed("end job"))?;
        let done = sqlx::query(
            "UPDATE jobs SET state = ?, error = ?, progress = ?, finished_at = ?, lease_until = 0
             WHERE id = ? AND attempt = ? AND state = 'running'",
        )
        .bind(state.as_str())
        .bind(error)
        .bind(rows::to_json(&progress).map_err(failed("end job"))?)
        .bind(at.as_millis())
        .bind(id.to_string())
        .bind(attempt)
        .execute(&self.pool)
        .await
        .map_err(failed("end job"))?;
        Ok(done.rows_affected() > 0)
    }

    async fn request_cancel(&self, session: SessionId, id: JobId, at: Timestamp) -> Result<CancelRequest, StoreError> {
        let state = sqlx::query(
            "UPDATE jobs SET cancel_requested = 1,
                 finished_at = CASE state WHEN 'queued' THEN ? ELSE finished_at END,
                 state = CASE state WHEN 'queued' THEN 'cancelled' ELSE state END
             WHERE id = ? AND session_id = ? RETURNING state, finished_at",
        )
        .bind(at.as_millis())
        .bind(id.to_string())
        .bind(session.to_string())
        .try_map(|row: SqliteRow| {
            Ok((rows::parsed::<JobState>(&row, "state")?, rows::time_option(&row, "finished_at")?))
        })
        .fetch_optional(&self.pool)
        .await
        .map_err(failed("cancel job"))?;
        Ok(match state {
            None => CancelRequest::NotFound,
            Some((JobState::Running, _)) => CancelRequest::Requested,
            Some((JobState::Cancelled, Some(finished))) if finished == at => CancelRequest::Cancelled,
            Some(_) => CancelRequest::AlreadyFinal,
        })
    }

    async fn list_left_behind(
        &self,
        waiting_since: Timestamp,
        lost_since: Timestamp,
        limit: u32,
    ) -> Result<Vec<JobId>, StoreError> {
        sqlx::query(
            "SELECT id FROM jobs
             WHERE (state = 'queued' AND created_at < ?) OR (state = 'running' AND lease_until < ?)
             ORDER BY id LIMIT ?",
        )
        .bind(waiting_since.as_millis())
        .bind(lost_since.as_millis())
        .bind(limit)
        .try_map(|row: SqliteRow| rows::parsed(&row, "id"))
        .fetch_all(&self.pool)
        .await
        .map_err(failed("list jobs left behind"))
    }

    async fn any_running(&self, session: SessionId, now: Timestamp) -> Result<bool, StoreError> {
        let found =
            sqlx::query("SELECT 1 FROM jobs WHERE session_id = ? AND state = 'running' AND lease_until >= ? LIMIT 1")
                .bind(session.to_string())
                .bind(now.as_millis())
                .fetch_optional(&self.pool)
                .await
                .map_err(failed("look for running jobs"))?;
        Ok(found.is_some())
    }

    async fn count_by_state(&self) -> Result<Vec<(String, u64)>, StoreError> {
        sqlx::query("SELECT state, count(*) AS n FROM jobs GROUP BY state ORDER BY state")
            .try_map(|row: SqliteRow| Ok((row.try_get("state")?, rows::unsigned(&row, "n")?)))
            .fetch_all(&self.pool)
            .await
            .map_err(failed("count jobs"))
    }
}

impl SqliteDatabase {
    async fn add_job(&self, job: &Job) -> Result<bool, sqlx::Error> {
        let mut transaction = self.write().await?;
        if !session_is_open(&mut transaction, job.session).await? {
            return Ok(false);
        }
        sqlx::query(
            "INSERT INTO jobs (id, session_id, kind, state, request, progress, created_at)
             VALUES (?, ?, ?, 'queued', ?, ?, ?) ON CONFLICT (id) DO NOTHING",
        )
        .bind(job.id.to_string())
        .bind(job.session.to_string())
        .bind(job.kind.as_str())
        .bind(rows::to_json(&job.request)?)
        .bind(rows::to_json(&job.progress)?)
        .bind(job.created_at.as_millis())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(true)
    }

    async fn beat(
        &self,
        id: JobId,
        attempt: u32,
        progress: Progress,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Heartbeat, sqlx::Error> {
        let mut transaction = self.write().await?;
        let found = sqlx::query(
            "UPDATE jobs SET progress = ?, lease_until = ?
             WHERE id = ? AND attempt = ? AND state = 'running'
               AND EXISTS (SELECT 1 FROM sessions s WHERE s.id = jobs.session_id AND s.closed_at IS NULL)
             RETURNING cancel_requested, session_id",
        )
        .bind(rows::to_json(&progress)?)
        .bind(now.plus(lease).as_millis())
        .bind(id.to_string())
        .bind(attempt)
        .try_map(|row: SqliteRow| {
            Ok((row.try_get::<bool, _>("cancel_requested")?, row.try_get::<String, _>("session_id")?))
        })
        .fetch_optional(&mut *transaction)
        .await?;
        let Some((cancel, session)) = found else { return Ok(Heartbeat::Lost) };
        // Somebody waits for the result: the session is not idle.
        sqlx::query("UPDATE sessions SET last_seen_at = max(last_seen_at, ?) WHERE id = ?")
            .bind(now.as_millis())
            .bind(session)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(if cancel { Heartbeat::Cancel } else { Heartbeat::Continue })
    }

    async fn publish_conversion(&self, finished: &FinishedConversion) -> Result<Published, sqlx::Error> {
        let mut transaction = self.write().await?;
        let Some(session) = mark_succeeded(&mut transaction, finished.into()).await? else {
            return Ok(Published::SessionClosed);
        };
        let obsolete = sqlx::query("DELETE FROM files WHERE session_id = ? AND area = 'output' RETURNING key")
            .bind(session.to_string())
            .try_map(|row: SqliteRow| row.try_get::<String, _>("key"))
            .fetch_all(&mut *transaction)
            .await?;
        let owner = finished.job.to_string();
        for output in &finished.outputs {
            insert_file(&mut transaction, session, &owner, output).await?;
        }
        sqlx::query("UPDATE sessions SET conversion_job = ? WHERE id = ?")
            .bind(&owner)
            .bind(session.to_string())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Published::Done { obsolete })
    }

    async fn publish_report(&self, success: Success<'_>) -> Result<Published, sqlx::Error> {
        let mut transaction = self.write().await?;
        if mark_succeeded(&mut transaction, success).await?.is_none() {
            return Ok(Published::SessionClosed);
        }
        transaction.commit().await?;
        Ok(Published::Done { obsolete: Vec::new() })
    }

    async fn publish_upload(&self, finished: &FinishedUpload) -> Result<Published, sqlx::Error> {
        let mut transaction = self.write().await?;
        if mark_succeeded(&mut transaction, finished.into()).await?.is_none() {
            return Ok(Published::SessionClosed);
        }
        let obsolete = publish_one(&mut transaction, &finished.upload).await?;
        transaction.commit().await?;
        Ok(Published::Done { obsolete })
    }
}

/// Marks the job as succeeded; its session. `None` if the attempt is not the job's current one, cancellation was asked for, or the session is
/// closed.
async fn mark_succeeded(
    transaction: &mut Transaction<'static, Sqlite>,
    success: Success<'_>,
) -> Result<Option<SessionId>, sqlx::Error> {
    let session = sqlx::query(
        "UPDATE jobs SET state = 'succeeded', result = ?, progress = ?, finished_at = ?, lease_until = 0
         WHERE id = ? AND attempt = ? AND state = 'running' AND cancel_requested = 0
         RETURNING session_id",
    )
    .bind(rows::to_json(success.result)?)
    .bind(rows::to_json(&success.progress)?)
    .bind(success.at.as_millis())
    .bind(success.job.to_string())
    .bind(success.attempt)
    .try_map(|row: SqliteRow| rows::parsed::<SessionId>(&row, "session_id"))
    .fetch_optional(&mut **transaction)
    .await?;
    match session {
        Some(session) if session_is_open(transaction, session).await? => Ok(Some(session)),
        _ => Ok(None),
    }
}

fn outline(row: &SqliteRow) -> Result<JobOutline, sqlx::Error> {
    Ok(JobOutline {
        id: rows::parsed(row, "id")?,
        session: rows::parsed(row, "session_id")?,
        user: rows::parsed(row, "user_id")?,
        username: row.try_get("username")?,
        kind: rows::parsed(row, "kind")?,
        state: rows::parsed(row, "state")?,
        attempt: row.try_get("attempt")?,
        progress: rows::json(row, "progress")?,
        error: rows::json_option(row, "error")?,
        created_at: rows::time(row, "created_at")?,
        started_at: rows::time_option(row, "started_at")?,
        finished_at: rows::time_option(row, "finished_at")?,
    })
}

fn job(row: &SqliteRow) -> Result<Job, sqlx::Error> {
    Ok(Job {
        id: rows::parsed(row, "id")?,
        session: rows::parsed(row, "session_id")?,
        kind: rows::parsed(row, "kind")?,
        state: rows::parsed(row, "state")?,
        progress: rows::json(row, "progress")?,
        request: rows::json(row, "request")?,
        result: rows::json_option(row, "result")?,
        error: rows::json_option(row, "error")?,
        attempt: row.try_get("attempt")?,
        created_at: rows::time(row, "created_at")?,
        started_at: rows::time_option(row, "started_at")?,
        finished_at: rows::time_option(row, "finished_at")?,
    })
}
