//! Plain types and rules: ids, times, users, sessions, files, jobs, conversations, the audit log, vectors, figures. No I/O, no clock, no randomness.

pub mod audit;
pub mod backoff;
pub mod chat;
pub mod conversation;
pub mod document;
pub mod file;
pub mod groups;
pub mod ids;
pub mod job;
pub mod metric;
pub mod names;
pub mod rate;
pub mod session;
pub mod time;
pub mod usage;
pub mod user;
pub mod vectors;

pub use audit::{Actor, AuditAction, AuditEntry, AuditOutcome};
pub use document::{Document, DocumentProblem};
pub use file::{Area, FileKey, StoredFile};
pub use ids::{AuditEntryId, ConversationId, DocumentId, JobId, MessageId, SessionId, UploadId, UserId};
pub use job::{Job, JobFailure, JobKind, JobState, Progress};
pub use metric::{Metric, MetricKind, MetricNumber, MetricValue};
pub use session::Session;
pub use time::Timestamp;
pub use usage::{AnswerTook, Day, DayOfUsage, UsagePosition};
pub use user::{Role, User};
pub use vectors::VectorBatch;
