//! Jobs in PostgreSQL.

use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;
use sqlx::{Row, postgres::PgRow, query};

use super::{
    PostgresDatabase,
    catalog::{insert_files, path_taken, publish_one},
    fault,
    lease::Lease,
    locks::{lock_open_session, lock_open_session_of},
    rows,
};
use crate::{
    domain::{Job, JobFailure, JobId, JobState, Progress, SessionId, Timestamp, UserId},
    ports::{
        Jobs, StoreError,
        catalog::Published,
        jobs::{CancelRequest, FinishedConversion, FinishedUpload, Heartbeat, JobOutline, Success},
    },
};

/// The columns of a job, after what begins the statement and before what ends it. Each by its name: a statement that the server keeps
/// ready would fail once a newer version has added a column.
macro_rules! job_columns {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            " id, session_id, kind, state, request, progress, result, error, attempt, created_at, started_at, finished_at ",
            $after
        )
    };
}

#[async_trait]
impl Jobs for PostgresDatabase {
    async fn add(&self, job: &Job) -> Result<bool, StoreError> {
        self.write("add job", || self.add_job(job)).await
    }

    async fn get(&self, session: SessionId, id: JobId) -> Result<Option<Job>, StoreError> {
        let sql = job_columns!("SELECT", "FROM jobs WHERE id = $1 AND session_id = $2");
        self.find_one("get job", || query(sql).bind(id.0).bind(session.0), job).await
    }

    async fn list(&self, session: SessionId, before: Option<JobId>, limit: u32) -> Result<Vec<Job>, StoreError> {
        let sql = job_columns!(
            "SELECT",
            "FROM jobs WHERE session_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3"
        );
        let statement = || query(sql).bind(session.0).bind(before.map(|id| id.0)).bind(i64::from(limit));
        self.find_all("list jobs", statement, job).await
    }

    async fn list_all(
        &self,
        state: Option<JobState>,
        before: Option<JobId>,
        limit: u32,
    ) -> Result<Vec<JobOutline>, StoreError> {
        let sql = "SELECT j.id, j.session_id, s.user_id, u.username, j.kind, j.state, j.attempt, j.progress, j.error,
                       j.created_at, j.started_at, j.finished_at
                   FROM jobs j JOIN sessions s ON s.id = j.session_id JOIN users u ON u.id = s.user_id
                   WHERE ($1::text IS NULL OR j.state = $1) AND ($2::uuid IS NULL OR j.id < $2)
                   ORDER BY j.id DESC LIMIT $3";
        let statement =
            || query(sql).bind(state.map(JobState::as_str)).bind(before.map(|id| id.0)).bind(i64::from(limit));
        self.find_all("list all jobs", statement, outline).await
    }

    async fn session_of(&self, id: JobId) -> Result<Option<SessionId>, StoreError> {
        let sql = "SELECT session_id FROM jobs WHERE id = $1";
        let read = |row: &PgRow| rows::id(row, "session_id").map(SessionId);
        self.find_one("find session of job", || query(sql).bind(id.0), read).await
    }

    async fn claim(&self, id: JobId, now: Timestamp, lease: Duration) -> Result<Option<Job>, StoreError> {
        self.write("claim job", || self.claim_job(id, now, lease)).await
    }

    async fn heartbeat(
        &self,
        id: JobId,
        attempt: u32,
        progress: Progress,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Heartbeat, StoreError> {
        self.write("renew lease", || self.beat(id, attempt, progress, now, lease)).await
    }

    async fn succeed(&self, finished: &FinishedConversion) -> Result<Published, StoreError> {
        self.write("publish conversion", || self.publish_conversion(finished)).await
    }

    async fn succeed_upload(&self, finished: &FinishedUpload) -> Result<Published, StoreError> {
        self.write("publish upload", async || path_taken(self.publish_upload(finished).await)).await
    }

    async fn succeed_alone(&self, success: Success<'_>) -> Result<Published, StoreError> {
        self.write("publish report", || self.publish_report(success)).await
    }

    async fn lay_down(&self, id: JobId, attempt: u32, request: &Value, progress: Progress) -> Result<bool, StoreError> {
        self.write("lay job down", || self.lay_job_down(id, attempt, request, progress)).await
    }

    async fn end(
        &self,
        id: JobId,
        attempt: u32,
        failure: Option<&JobFailure>,
        progress: Progress,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.write("end job", || self.end_job(id, attempt, failure, progress, at)).await
    }

    async fn request_cancel(&self, session: SessionId, id: JobId, at: Timestamp) -> Result<CancelRequest, StoreError> {
        let sql = "UPDATE jobs SET cancel_requested = true,
                       finished_at = CASE state WHEN 'queued' THEN $1 ELSE finished_at END,
                       state = CASE state WHEN 'queued' THEN 'cancelled' ELSE state END
                   WHERE id = $2 AND session_id = $3 RETURNING state, finished_at";
        let statement = || query(sql).bind(at.as_millis()).bind(id.0).bind(session.0);
        let read = |row: &PgRow| Ok((rows::parsed::<JobState>(row, "state")?, rows::time_option(row, "finished_at")?));
        Ok(match self.execute_returning("cancel job", statement, read).await? {
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
        let sql = "SELECT id FROM jobs
                   WHERE (state = 'queued' AND created_at < $1) OR (state = 'running' AND lease_until < $2)
                   ORDER BY id LIMIT $3";
        let statement =
            || query(sql).bind(waiting_since.as_millis()).bind(lost_since.as_millis()).bind(i64::from(limit));
        self.find_all("list jobs left behind", statement, |row| rows::id(row, "id").map(JobId)).await
    }

    async fn any_running(&self, session: SessionId, now: Timestamp) -> Result<bool, StoreError> {
        let sql = "SELECT id FROM jobs WHERE session_id = $1 AND state = 'running' AND lease_until >= $2 LIMIT 1";
        let statement = || query(sql).bind(session.0).bind(now.as_millis());
        Ok(self.find_one("look for running jobs", statement, |_| Ok(())).await?.is_some())
    }

    async fn count_by_state(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let counted = || query("SELECT state, count(*) AS n FROM jobs GROUP BY state ORDER BY state");
        self.find_all("count jobs", counted, |row| Ok((row.try_get("state")?, rows::unsigned(row, "n")?))).await
    }
}

impl PostgresDatabase {
    async fn add_job(&self, job: &Job) -> fault::Result<bool> {
        let mut transaction = self.connections.begin().await?;
        if !lock_open_session(&mut transaction, job.session).await? {
            return Ok(false);
        }
        let statement = query(
            "INSERT INTO jobs (id, session_id, kind, state, request, progress, created_at)
             VALUES ($1, $2, $3, 'queued', $4, $5, $6) ON CONFLICT (id) DO NOTHING",
        )
        .bind(job.id.0)
        .bind(job.session.0)
        .bind(job.kind.as_str())
        .bind(rows::to_json(&job.request)?)
        .bind(rows::to_json(&job.progress)?)
        .bind(job.created_at.as_millis());
        transaction.execute(statement).await?;
        transaction.commit().await?;
        Ok(true)
    }

    async fn claim_job(&self, id: JobId, now: Timestamp, lease: Duration) -> fault::Result<Option<Job>> {
        let mut transaction = self.connections.begin().await?;
        // Whoever ends the session waits for this, and then sees that a worker has begun.
        if lock_open_session_of(&mut transaction, id).await?.is_none() {
            return Ok(None);
        }
        let statement = query(job_columns!(
            "UPDATE jobs SET state = 'running', attempt = attempt + 1, lease_until = $1,
                 started_at = coalesce(started_at, $2)
             WHERE id = $3 AND (state = 'queued' OR (state = 'running' AND lease_until < $2)) RETURNING",
            ""
        ))
        .bind(now.plus(lease).as_millis())
        .bind(now.as_millis())
        .bind(id.0);
        let claimed = transaction.optional(statement, job).await?;
        transaction.commit().await?;
        Ok(claimed)
    }

    async fn beat(
        &self,
        id: JobId,
        attempt: u32,
        progress: Progress,
        now: Timestamp,
        lease: Duration,
    ) -> fault::Result<Heartbeat> {
        let mut transaction = self.connections.begin().await?;
        let Some(session) = lock_open_session_of(&mut transaction, id).await? else { return Ok(Heartbeat::Lost) };
        let statement = query(
            "UPDATE jobs SET progress = $1, lease_until = $2
             WHERE id = $3 AND attempt = $4 AND state = 'running' RETURNING cancel_requested",
        )
        .bind(rows::to_json(&progress)?)
        .bind(now.plus(lease).as_millis())
        .bind(id.0)
        .bind(i64::from(attempt));
        let cancel = transaction.optional(statement, |row| row.try_get("cancel_requested")).await?;
        let Some(cancel) = cancel else { return Ok(Heartbeat::Lost) };
        // Somebody waits for the result: the session is not idle.
        let seen = query("UPDATE sessions SET last_seen_at = $1 WHERE id = $2 AND last_seen_at < $1");
        transaction.execute(seen.bind(now.as_millis()).bind(session.0)).await?;
        transaction.commit().await?;
        Ok(if cancel { Heartbeat::Cancel } else { Heartbeat::Continue })
    }

    async fn publish_conversion(&self, finished: &FinishedConversion) -> fault::Result<Published> {
        let mut transaction = self.connections.begin().await?;
        let Some(session) = mark_succeeded(&mut transaction, finished.into()).await? else {
            return Ok(Published::SessionClosed);
        };
        let replaced =
            query("DELETE FROM files WHERE session_id = $1 AND area = 'output' RETURNING key").bind(session.0);
        let obsolete = transaction.all(replaced, |row| row.try_get("key")).await?;
        let outputs: Vec<_> = finished.outputs.iter().collect();
        insert_files(&mut transaction, session, finished.job.0, &outputs).await?;
        let shown = query("UPDATE sessions SET conversion_job = $1 WHERE id = $2").bind(finished.job.0).bind(session.0);
        transaction.execute(shown).await?;
        transaction.commit().await?;
        Ok(Published::Done { obsolete })
    }

    async fn publish_report(&self, success: Success<'_>) -> fault::Result<Published> {
        let mut transaction = self.connections.begin().await?;
        if mark_succeeded(&mut transaction, success).await?.is_none() {
            return Ok(Published::SessionClosed);
        }
        transaction.commit().await?;
        Ok(Published::Done { obsolete: Vec::new() })
    }

    async fn publish_upload(&self, finished: &FinishedUpload) -> fault::Result<Published> {
        let mut transaction = self.connections.begin().await?;
        if mark_succeeded(&mut transaction, finished.into()).await?.is_none() {
            return Ok(Published::SessionClosed);
        }
        let obsolete = publish_one(&mut transaction, &finished.upload).await?;
        transaction.commit().await?;
        Ok(Published::Done { obsolete })
    }

    async fn lay_job_down(&self, id: JobId, attempt: u32, request: &Value, progress: Progress) -> fault::Result<bool> {
        let mut transaction = self.connections.begin().await?;
        if lock_open_session_of(&mut transaction, id).await?.is_none() {
            return Ok(false);
        }
        let statement = query(
            "UPDATE jobs SET state = 'queued', request = $1, progress = $2, lease_until = 0
             WHERE id = $3 AND attempt = $4 AND state = 'running' AND NOT cancel_requested",
        )
        .bind(rows::to_json(request)?)
        .bind(rows::to_json(&progress)?)
        .bind(id.0)
        .bind(i64::from(attempt));
        let laid_down = transaction.execute(statement).await?;
        transaction.commit().await?;
        Ok(laid_down > 0)
    }

    async fn end_job(
        &self,
        id: JobId,
        attempt: u32,
        failure: Option<&JobFailure>,
        progress: Progress,
        at: Timestamp,
    ) -> fault::Result<bool> {
        let state = if failure.is_some() { JobState::Failed } else { JobState::Cancelled };
        let statement = query(
            "UPDATE jobs SET state = $1, error = $2, progress = $3, finished_at = $4, lease_until = 0
             WHERE id = $5 AND attempt = $6 AND state = 'running'",
        )
        .bind(state.as_str())
        .bind(failure.map(rows::to_json).transpose()?)
        .bind(rows::to_json(&progress)?)
        .bind(at.as_millis())
        .bind(id.0)
        .bind(i64::from(attempt));
        let mut lease = self.connections.single().await?;
        let ended = lease.execute(statement).await?;
        lease.commit().await?;
        Ok(ended > 0)
    }
}

/// Marks the job as succeeded and holds its session; the session. `None` if the attempt is not the job's current one, cancellation was asked
/// for, or the session is closed.
async fn mark_succeeded(transaction: &mut Lease, success: Success<'_>) -> fault::Result<Option<SessionId>> {
    let Some(session) = lock_open_session_of(transaction, success.job).await? else { return Ok(None) };
    let statement = query(
        "UPDATE jobs SET state = 'succeeded', result = $1, progress = $2, finished_at = $3, lease_until = 0
         WHERE id = $4 AND attempt = $5 AND state = 'running' AND NOT cancel_requested",
    )
    .bind(rows::to_json(success.result)?)
    .bind(rows::to_json(&success.progress)?)
    .bind(success.at.as_millis())
    .bind(success.job.0)
    .bind(i64::from(success.attempt));
    Ok((transaction.execute(statement).await? > 0).then_some(session))
}

fn outline(row: &PgRow) -> sqlx::Result<JobOutline> {
    Ok(JobOutline {
        id: JobId(rows::id(row, "id")?),
        session: SessionId(rows::id(row, "session_id")?),
        user: UserId(rows::id(row, "user_id")?),
        username: row.try_get("username")?,
        kind: rows::parsed(row, "kind")?,
        state: rows::parsed(row, "state")?,
        attempt: rows::unsigned(row, "attempt")?,
        progress: rows::json(row, "progress")?,
        error: rows::json_option(row, "error")?,
        created_at: rows::time(row, "created_at")?,
        started_at: rows::time_option(row, "started_at")?,
        finished_at: rows::time_option(row, "finished_at")?,
    })
}

fn job(row: &PgRow) -> sqlx::Result<Job> {
    Ok(Job {
        id: JobId(rows::id(row, "id")?),
        session: SessionId(rows::id(row, "session_id")?),
        kind: rows::parsed(row, "kind")?,
        state: rows::parsed(row, "state")?,
        progress: rows::json(row, "progress")?,
        request: rows::json(row, "request")?,
        result: rows::json_option(row, "result")?,
        error: rows::json_option(row, "error")?,
        attempt: rows::unsigned(row, "attempt")?,
        created_at: rows::time(row, "created_at")?,
        started_at: rows::time_option(row, "started_at")?,
        finished_at: rows::time_option(row, "finished_at")?,
    })
}
