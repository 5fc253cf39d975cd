//! The cleanup timer's work: idle sessions, interrupted removals, jobs left behind, whatever expired, and files nobody refers to.
//!
//! Every step may run twice, or at once in two processes; a step that fails does not keep the others from running.

use std::{collections::HashSet, sync::Arc};

use serde::Serialize;
use serde_json::json;

use super::{
    Policy, Stores, audit::AuditService, embedding::parts_of, session_end::SessionEnd, uploads::awaited_until,
    usage::UsageService,
};
use crate::{
    domain::{Actor, Area, AuditAction, JobId, SessionId, Timestamp},
    ports::StoreError,
};

/// How many rows a step takes at once; the next run goes on.
const BATCH: u32 = 500;
/// How often the files are looked at too.
const FILES_EVERY_SECONDS: i64 = 600;
/// How often the timer runs.
const TICK_SECONDS: i64 = 15;

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CleanupReport {
    /// Idle sessions that were ended.
    pub idle_sessions: u64,
    /// Interrupted removals that were finished.
    pub finished_removals: u64,
    /// Jobs that were rung for again.
    pub jobs_rung: u64,
    /// Refresh tokens, failed logins, cache entries, audit entries and usage of answers past their time.
    pub expired: u64,
    /// Files without a row, of killed uploads and conversions.
    pub orphaned_files: u64,
    /// Steps that failed; the log says why.
    pub failed_steps: u64,
}

/// Whether a run also looks for files without a row, which reads every session's folders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thoroughness {
    /// Rows only.
    Rows,
    /// Rows and files.
    RowsAndFiles,
}

/// Cleans up.
#[derive(Clone)]
pub struct CleanupService {
    stores: Stores,
    policy: Arc<Policy>,
    session_end: SessionEnd,
    audit: AuditService,
    usage: UsageService,
}

impl CleanupService {
    pub(super) fn new(
        stores: Stores,
        policy: Arc<Policy>,
        session_end: SessionEnd,
        audit: AuditService,
        usage: UsageService,
    ) -> Self {
        Self { stores, policy, session_end, audit, usage }
    }

    /// A run of the timer: rows every time, files every tenth minute.
    pub async fn run_scheduled(&self) -> CleanupReport {
        let now = self.stores.clock.now().as_seconds();
        let begins_tenth_minute = now.rem_euclid(FILES_EVERY_SECONDS) < TICK_SECONDS;
        self.run(if begins_tenth_minute { Thoroughness::RowsAndFiles } else { Thoroughness::Rows }).await
    }

    /// Runs every step once.
    pub async fn run(&self, thoroughness: Thoroughness) -> CleanupReport {
        let now = self.stores.clock.now();
        let mut failed_steps = 0;
        let mut counted = |step: &'static str, outcome: Result<u64, StoreError>| {
            outcome.unwrap_or_else(|error| {
                tracing::error!(step, %error, "a step of the cleanup failed");
                failed_steps += 1;
                0
            })
        };
        let idle_sessions = counted("idle sessions", self.end_idle(now).await);
        let finished_removals = counted("interrupted removals", self.finish_removals().await);
        let jobs_rung = counted("jobs left behind", self.ring_for_jobs(now).await);
        let expired = counted("refresh tokens", self.stores.refresh_tokens.remove_expired(now).await)
            + counted("failed logins", self.stores.login_throttle.remove_expired(now).await)
            + counted("cache", self.stores.session_cache.remove_expired().await)
            + counted("audit entries", self.audit.remove_old().await)
            + counted("usage", self.usage.remove_old().await);
        let orphaned_files = match thoroughness {
            Thoroughness::Rows => 0,
            Thoroughness::RowsAndFiles => counted("orphaned files", self.sweep_files(now).await),
        };
        // Last, so that what went in this run goes from the files too.
        counted("what deleted rows left", self.erase_remains().await);
        CleanupReport { idle_sessions, finished_removals, jobs_rung, expired, orphaned_files, failed_steps }
    }

    async fn erase_remains(&self) -> Result<u64, StoreError> {
        if let Some(remains) = &self.stores.remains {
            remains.erase().await?;
        }
        Ok(0)
    }

    async fn end_idle(&self, now: Timestamp) -> Result<u64, StoreError> {
        let idle_since = now.minus(self.policy.session_idle);
        let mut ended = 0;
        for session in self.stores.sessions.list_idle(idle_since, BATCH).await? {
            let whose = self.stores.sessions.authenticate(session).await?.map(|(_, user)| user);
            if self.stores.sessions.close_if_idle(session, idle_since, now).await? {
                tracing::info!(session_id = %session, "ended an idle session");
                let of = json!({ "user_id": whose.as_ref().map(|user| user.id), "username": whose.map(|user| user.username) });
                let entry = self.audit.entry(&Actor::service("the cleanup"), AuditAction::SessionIdleEnded);
                self.audit.record(entry.about(session).with(of)).await;
                ended += self.purge(session).await;
            }
        }
        Ok(ended)
    }

    async fn finish_removals(&self) -> Result<u64, StoreError> {
        let mut finished = 0;
        for session in self.stores.sessions.list_closed(BATCH).await? {
            finished += self.purge(session).await;
        }
        Ok(finished)
    }

    /// Removes what a closed session left: 1, or 0 if that failed. One session that cannot be removed must not keep the others.
    async fn purge(&self, session: SessionId) -> u64 {
        match self.session_end.purge(session).await {
            Ok(_) => 1,
            Err(error) => {
                tracing::error!(session_id = %session, %error, "a closed session could not be removed yet");
                0
            }
        }
    }

    async fn ring_for_jobs(&self, now: Timestamp) -> Result<u64, StoreError> {
        let (waiting_since, lost_since) =
            (now.minus(self.policy.job_ring_after), now.minus(self.policy.job_lost_after));
        let left_behind = self.stores.jobs.list_left_behind(waiting_since, lost_since, BATCH).await?;
        for job in &left_behind {
            self.stores.job_queue.ring(*job).await?;
        }
        Ok(left_behind.len() as u64)
    }

    async fn sweep_files(&self, now: Timestamp) -> Result<u64, StoreError> {
        let untouched_since = now.minus(self.policy.orphan_age);
        let mut removed = 0;
        for session in self.stores.session_files.list_sessions().await? {
            removed += self.sweep_of(session, untouched_since, now).await.unwrap_or_else(|error| {
                tracing::error!(session_id = %session, %error, "the files of a session could not be swept");
                0
            });
        }
        Ok(removed)
    }

    async fn sweep_of(
        &self,
        session: SessionId,
        untouched_since: Timestamp,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        match self.stores.sessions.get(session).await? {
            // Uploads and conversions under way show their presence every second: what they have written is nobody's orphan.
            Some(row) if row.last_seen_at >= untouched_since => Ok(0),
            Some(row) if row.closed_at.is_none() => self.sweep_session(session, untouched_since, now).await,
            Some(_) => Ok(0),
            // A login adds the row before the files, so files without a row belong to nobody.
            None => Ok(self.stores.session_files.remove_session(session).await?.files),
        }
    }

    /// Removes folders of uploads and conversions that no row refers to, no ticket waits for, and nobody has touched for a while.
    async fn sweep_session(
        &self,
        session: SessionId,
        untouched_since: Timestamp,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let files = &self.stores.session_files;
        let mut removed = files.remove_abandoned(session, untouched_since).await?.files;
        let mut in_use = None;
        for area in ["input", "extracted", "output", "ai_index"] {
            for folder in files.list_folders(session, area).await? {
                let awaited = awaited_until(&folder.name, self.policy.upload_ticket_lifetime);
                if folder.modified_at >= untouched_since || awaited.is_some_and(|until| until > now) {
                    continue;
                }
                let in_use = match &in_use {
                    Some(known) => known,
                    None => &*in_use.insert(self.folders_in_use(session).await?),
                };
                if !in_use.contains(&folder.name) {
                    removed += files.remove_folder(session, &format!("{area}/{}", folder.name)).await?.files;
                } else if area == "ai_index"
                    && let Some((job, parts)) = parts_of(&folder.name)
                    && !in_use.jobs.contains(&job.to_string())
                {
                    // Its worker was killed between its success and this.
                    removed += files.remove_folder(session, &parts).await?.files;
                }
            }
        }
        Ok(removed)
    }

    /// The folders that have visible files, or may still get some.
    async fn folders_in_use(&self, session: SessionId) -> Result<FoldersInUse, StoreError> {
        let mut in_use = FoldersInUse::default();
        let mut after: Option<(Area, String)> = None;
        loop {
            let files = self.stores.catalog.list_files(session, None, after, BATCH).await?;
            in_use.names.extend(files.iter().filter_map(|file| folder_in_key(&file.key)));
            match files.last() {
                Some(last) if files.len() == BATCH as usize => after = Some((last.area, last.path.clone())),
                _ => break,
            }
        }
        let mut before: Option<JobId> = None;
        loop {
            let jobs = self.stores.jobs.list(session, before, BATCH).await?;
            in_use.jobs.extend(jobs.iter().filter(|job| !job.state.is_final()).map(|job| job.id.to_string()));
            match jobs.last() {
                Some(last) if jobs.len() == BATCH as usize => before = Some(last.id),
                _ => return Ok(in_use),
            }
        }
    }
}

/// What the folders of a session are in use for.
#[derive(Default)]
struct FoldersInUse {
    /// Folders of visible files. What lies in another area under the same name belongs to them.
    names: HashSet<String>,
    /// Jobs that have not ended: all their attempts' folders are in use.
    jobs: HashSet<String>,
}

impl FoldersInUse {
    fn contains(&self, folder: &str) -> bool {
        let owner = folder.split('.').next().unwrap_or_default();
        self.names.contains(folder) || self.jobs.contains(owner)
    }
}

/// The folder in a key such as `input/{upload}/a.xml` or `output/{job}.{attempt}/b.csv`.
fn folder_in_key(key: &str) -> Option<String> {
    key.split('/').nth(1).map(str::to_owned)
}
