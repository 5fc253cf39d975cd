//! Every limit and duration that the services hold to, with its default. The configuration may change each.

use std::{num::NonZero, str::FromStr, time::Duration};

use super::intake::ArchiveLimits;
use crate::{
    conversion::{Limits, ParserOptions},
    domain::rate::Quota,
    ports::{language_model::ModelLimits, tables::QueryLimits, temporary_conversations::Room},
};

/// Limits and durations of the service.
#[derive(Clone, Debug)]
pub struct Policy {
    /// How long an access token holds.
    pub access_token_lifetime: Duration,
    /// How long a refresh token holds.
    pub refresh_token_lifetime: Duration,
    /// How long after its first use a refresh token is taken once more.
    pub refresh_grace: Duration,
    /// How long a session may be idle.
    pub session_idle: Duration,
    /// Requests of one client address.
    pub rate: Quota,
    /// Bytes of one uploaded file.
    pub upload_bytes: u64,
    /// Files of one upload request.
    pub upload_files: usize,
    /// How long a ticket for an upload holds.
    pub upload_ticket_lifetime: Duration,
    /// What an archive may hold.
    pub archive: ArchiveLimits,
    /// What a document may ask of the engine.
    pub engine: Limits,
    /// How documents are parsed.
    pub parser: ParserOptions,
    /// Threads that work on one conversion.
    pub conversion_threads: NonZero<usize>,
    /// What a query may cost.
    pub query: QueryLimits,
    /// What an answer of the chat may take.
    pub chat: ChatPolicy,
    /// How long a model may take, and what its answer may hold.
    pub model: ModelLimits,
    /// How rows become searchable by what they mean.
    pub embedding: EmbeddingPolicy,
    /// How long a worker may be silent before its job is taken up by another.
    pub job_lease: Duration,
    /// How often a worker shows that it is alive and learns of cancellation.
    pub job_heartbeat: Duration,
    /// How often a worker shows how far it is, between that.
    pub job_progress_pause: Duration,
    /// How often a job is taken up before it is given up.
    pub job_attempts: u32,
    /// How long a job waits before the timer rings for it again.
    pub job_ring_after: Duration,
    /// How long after the end of its lease the timer rings for a job. A queue that brings messages back by itself gets the time
    /// for that, so that its count of deliveries stands for the tries.
    pub job_lost_after: Duration,
    /// How long derived data (merged shapes) stays in the session cache.
    pub cache_ttl: Duration,
    /// How old a file without a row must be before it counts as left behind.
    pub orphan_age: Duration,
    /// How long entries of the audit log are kept; `None` keeps them.
    pub audit_retention: Option<Duration>,
    /// How long it is kept what answers took; for ever if `None`.
    pub usage_retention: Option<Duration>,
    /// How conversations are kept.
    pub history: HistoryPolicy,
}

/// What an answer of the chat may take.
#[derive(Clone, Copy, Debug)]
pub struct ChatPolicy {
    /// What one statement of a model may cost.
    pub query: QueryLimits,
    /// Calls of tools in one turn.
    pub calls: usize,
    /// Tokens of the conversation that a model is told, the question and what was summed up included.
    pub context_tokens: usize,
    /// Tokens of one request to a model: its task, the conversation and the results of tools.
    pub prompt_tokens: u64,
    /// Tokens of one result of a tool.
    pub result_tokens: u64,
    /// Tokens of one reply of a model.
    pub answer_tokens: u32,
    /// Tokens of all requests and replies of a turn.
    pub turn_tokens: u64,
    /// Time of a turn.
    pub turn: Duration,
    /// Time of a summary within it; the turn goes on without one that takes longer.
    pub summary: Duration,
    /// How often what was said so far is kept.
    pub checkpoint: Duration,
    /// How long after its end the events of an answer are there for who comes back.
    pub resumable: Duration,
    /// Answers of one person that are written at once.
    pub answers_at_once: usize,
}

impl Default for ChatPolicy {
    fn default() -> Self {
        Self {
            query: QueryLimits { time: Duration::from_secs(2), rows: 1_000, bytes: 1 << 20 },
            calls: 8,
            context_tokens: 12_000,
            prompt_tokens: 24_000,
            result_tokens: 6_000,
            answer_tokens: 2_000,
            turn_tokens: 80_000,
            turn: Duration::from_secs(180),
            summary: Duration::from_secs(30),
            checkpoint: Duration::from_millis(500),
            resumable: Duration::from_secs(60),
            answers_at_once: 3,
        }
    }
}

/// How rows become searchable by what they mean, where a model makes vectors.
#[derive(Clone, Copy, Debug)]
pub struct EmbeddingPolicy {
    /// Rows of one conversion that get a vector.
    pub rows: u64,
    /// How long a worker waits for a model that is away or busy before it leaves its job to a later attempt.
    pub patience: Duration,
    /// How long an attempt asks for vectors before it makes room for other jobs: the next one goes on where it was.
    pub attempt: Duration,
    /// How long a search waits for the vector of its words; after that it goes by words.
    pub question: Duration,
}

impl Default for EmbeddingPolicy {
    fn default() -> Self {
        Self {
            rows: 100_000,
            patience: Duration::from_secs(120),
            attempt: Duration::from_secs(120),
            question: Duration::from_secs(2),
        }
    }
}

/// How conversations are kept.
#[derive(Clone, Debug)]
pub struct HistoryPolicy {
    /// What an acknowledgement means, unless the writer asks for less.
    pub acknowledgement: Acknowledgement,
    /// How often an instance that serves looks for what others wrote past the hot tier.
    pub poll: Duration,
    /// How long a copy in the hot tier is kept.
    pub keep_copies: Duration,
    /// How long a writer waits for the database.
    pub wait: Duration,
    /// Changes that may wait for the database in one process.
    pub changes_waiting: usize,
    /// Bytes that may.
    pub bytes_waiting: usize,
    /// Whether there may be other instances with a hot tier, which have to be told of writes that it does not see.
    pub has_others: bool,
    /// Bytes of one message.
    pub message_bytes: usize,
    /// What temporary conversations may take.
    pub temporary: Room,
    /// After how long without use a conversation is deleted, if ever.
    pub retention: Option<Duration>,
}

/// What an acknowledged write has survived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acknowledgement {
    /// It is in the database.
    Durable,
    /// It is in two places that do not fail together: this process and the journal. Without a journal as durable.
    Fast,
}

impl FromStr for Acknowledgement {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "durable" => Ok(Self::Durable),
            "fast" => Ok(Self::Fast),
            other => Err(format!("'{other}' is neither 'durable' nor 'fast'")),
        }
    }
}

impl Default for HistoryPolicy {
    fn default() -> Self {
        Self {
            acknowledgement: Acknowledgement::Durable,
            poll: Duration::from_secs(1),
            keep_copies: Duration::from_secs(1800),
            wait: Duration::from_secs(5),
            changes_waiting: 20_000,
            bytes_waiting: 64 << 20,
            has_others: false,
            message_bytes: 1 << 20,
            temporary: Room { conversations: 50, session_bytes: 8 << 20, all_bytes: 64 << 20 },
            retention: None,
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            access_token_lifetime: Duration::from_secs(30 * 60),
            refresh_token_lifetime: Duration::from_secs(7 * 24 * 3600),
            refresh_grace: Duration::from_secs(10),
            session_idle: Duration::from_secs(3600),
            rate: Quota { requests: 100, period: Duration::from_secs(60) },
            upload_bytes: 2 << 30,
            upload_files: 100,
            upload_ticket_lifetime: Duration::from_secs(3600),
            archive: ArchiveLimits::default(),
            engine: Limits::default(),
            parser: ParserOptions::default(),
            conversion_threads: std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN),
            query: QueryLimits { time: Duration::from_secs(5), rows: 10_000, bytes: 8 << 20 },
            chat: ChatPolicy::default(),
            model: ModelLimits::default(),
            embedding: EmbeddingPolicy::default(),
            job_lease: Duration::from_secs(10),
            job_heartbeat: Duration::from_millis(500),
            job_progress_pause: Duration::from_millis(200),
            job_attempts: 5,
            job_ring_after: Duration::from_secs(5),
            job_lost_after: Duration::ZERO,
            cache_ttl: Duration::from_secs(3600),
            orphan_age: Duration::from_secs(600),
            audit_retention: Some(Duration::from_secs(90 * 24 * 3600)),
            usage_retention: Some(Duration::from_secs(400 * 24 * 3600)),
            history: HistoryPolicy::default(),
        }
    }
}
