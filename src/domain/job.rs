//! Jobs: work in the background. The row is the job; a queue message is only a bell.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{DocumentProblem, JobId, SessionId, Timestamp};

/// What kind of work a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
    /// Turns documents into tables.
    Convert,
    /// Opens and scans a file that came by a ticket. Its id is the upload's.
    Upload,
    /// Makes the tables of a conversion searchable by their words. Its id is made of the conversion's.
    Index,
    /// Makes them searchable by what they mean. Its id is made of the conversion's too.
    Embed,
}

impl JobKind {
    /// The kind as stored and sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Convert => "convert",
            Self::Upload => "upload",
            Self::Index => "index",
            Self::Embed => "embed",
        }
    }
}

impl FromStr for JobKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "convert" => Ok(Self::Convert),
            "upload" => Ok(Self::Upload),
            "index" => Ok(Self::Index),
            "embed" => Ok(Self::Embed),
            other => Err(format!("'{other}' is not a kind of job")),
        }
    }
}

/// Where a job stands. The last three are final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Waits for a worker.
    Queued,
    /// A worker holds a lease on it.
    Running,
    /// Done; `result` is there and its files are published.
    Succeeded,
    /// Ended without a result; `error` says why.
    Failed,
    /// Stopped at somebody's wish; nothing of it is left.
    Cancelled,
}

impl JobState {
    /// The state as stored and sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether the job will never change again.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
}

impl FromStr for JobState {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "queued" => Ok(Self::Queued),
            "running" => Ok(Self::Running),
            "succeeded" => Ok(Self::Succeeded),
            "failed" => Ok(Self::Failed),
            "cancelled" => Ok(Self::Cancelled),
            other => Err(format!("'{other}' is not a state of a job")),
        }
    }
}

/// How far a job is. Counts what was done, never an estimate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Progress {
    /// Source bytes read so far.
    pub bytes_done: u64,
    /// Source bytes in all.
    pub bytes_total: u64,
    /// Documents finished so far.
    pub documents_done: u64,
    /// Documents in all; of an upload those found so far.
    pub documents_total: u64,
    /// Rows written so far.
    pub rows: u64,
}

impl Progress {
    /// How far it is at least, if both are known of one attempt: what is done is never taken back.
    #[must_use]
    pub fn furthest(self, other: Self) -> Self {
        Self {
            bytes_done: self.bytes_done.max(other.bytes_done),
            bytes_total: self.bytes_total.max(other.bytes_total),
            documents_done: self.documents_done.max(other.documents_done),
            documents_total: self.documents_total.max(other.documents_total),
            rows: self.rows.max(other.rows),
        }
    }
}

/// Why a job failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct JobFailure {
    /// Stable code, snake_case.
    pub code: String,
    /// What is wrong and what would mend it.
    pub detail: String,
    /// One entry for each document at fault.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<DocumentProblem>,
}

/// One job with everything its owner may see.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Job {
    /// Identity of the job.
    pub id: JobId,
    /// The session it works for.
    #[serde(skip)]
    pub session: SessionId,
    /// What kind of work.
    pub kind: JobKind,
    /// Where it stands.
    pub state: JobState,
    /// How far it is.
    pub progress: Progress,
    /// The request as it was made.
    #[serde(skip)]
    pub request: Value,
    /// What came out, once succeeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub result: Option<Value>,
    /// What went wrong, once failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<JobFailure>,
    /// How often a worker has taken it up; fences off a worker that lost its lease.
    #[serde(skip)]
    pub attempt: u32,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When a worker first took it up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
}

impl Job {
    /// A job that waits for its first worker.
    #[must_use]
    pub fn queued(
        id: JobId,
        session: SessionId,
        kind: JobKind,
        request: Value,
        progress: Progress,
        created_at: Timestamp,
    ) -> Self {
        Self {
            id,
            session,
            kind,
            state: JobState::Queued,
            progress,
            request,
            result: None,
            error: None,
            attempt: 0,
            created_at,
            started_at: None,
            finished_at: None,
        }
    }
}
