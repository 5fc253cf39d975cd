//! All figures of the service: of what is stored, which every process tells alike, and of what this process has done.

use std::time::Duration;

use super::{Services, StoreError, conversations::ConversationService, usage::UsageService};
use crate::domain::Metric;

impl Services {
    /// The figures now.
    pub async fn metrics(&self) -> Result<Vec<Metric>, StoreError> {
        let figures = self.health.figures().await?;
        let cache = figures.cache;
        let by_state = |metric: Metric, (state, number): &(String, u64)| metric.with(&[("state", state)], *number);
        let jobs = figures.jobs.iter().fold(Metric::gauge("ret_jobs", "Jobs by state."), by_state);
        let lookups = Metric::counter("ret_cache_lookups_total", "Look-ups in the session cache by outcome.")
            .with(&[("outcome", "hit_memory")], cache.hits_memory)
            .with(&[("outcome", "hit_shared")], cache.hits_shared)
            .with(&[("outcome", "hit_durable")], cache.hits_durable)
            .with(&[("outcome", "miss")], cache.misses);
        let cache_failures = Metric::counter(
            "ret_cache_shared_failures_total",
            "Calls of the shared tier of the session cache that failed.",
        );
        let progress_failures = Metric::counter(
            "ret_job_progress_failures_total",
            "Progress of jobs that could not be shown or seen besides their rows.",
        );
        let mut metrics = vec![
            Metric::gauge("ret_open_sessions", "Open sessions.").of(figures.open_sessions),
            Metric::gauge("ret_accounts", "Accounts.").of(figures.accounts),
            Metric::gauge("ret_file_bytes", "Bytes of all visible files.").of(figures.file_bytes),
            jobs,
            lookups,
            cache_failures.of(cache.shared_failures),
            progress_failures.of(self.jobs.progress_failures()),
        ];
        metrics.extend(of_models(&self.usage));
        metrics.extend(of_history(&self.conversations).await);
        Ok(metrics)
    }
}

/// What models took in this process. There are as many as the settings name, so as many values.
fn of_models(usage: &UsageService) -> [Metric; 4] {
    let mut answers = Metric::counter("ret_chat_answers_total", "Answers of the chat that were begun.");
    let mut tokens = Metric::counter("ret_chat_tokens_total", "Tokens of requests to models and of their replies.");
    for (model, counted) in usage.counts() {
        answers = answers.with(&[("model", &model)], counted.turns);
        for (direction, number) in [("input", counted.input_tokens), ("output", counted.output_tokens)] {
            tokens = tokens.with(&[("model", &model), ("direction", direction)], number);
        }
    }
    let help = "Searches, and attempts at jobs, that had a model make vectors.";
    let mut uses = Metric::counter("ret_vectors_uses_total", help);
    let mut texts = Metric::counter("ret_vectors_tokens_total", "Tokens of texts that models made vectors of.");
    for (model, counted) in usage.counts_of_vectors() {
        uses = uses.with(&[("model", &model)], counted.turns);
        texts = texts.with(&[("model", &model)], counted.input_tokens);
    }
    [answers, tokens, uses, texts]
}

/// Figures of the conversations.
async fn of_history(conversations: &ConversationService) -> Vec<Metric> {
    let (counts, backlog) = (conversations.counts(), conversations.backlog().await);
    let mut metrics = vec![
        Metric::counter("ret_history_reads_total", "Reads of conversations by the tier that answered.")
            .with(&[("tier", "process")], counts.hits_process)
            .with(&[("tier", "redis")], counts.hits_shared)
            .with(&[("tier", "database")], counts.misses),
    ];
    if let Some(percent) = counts.hit_percent() {
        let help = "Reads of conversations, of 100, that the database did not have to answer.";
        metrics.push(Metric::gauge("ret_history_hit_percent", help).of_percent(percent));
    }
    let counters = [
        ("ret_history_joins_total", "Transactions that wrote changes of conversations.", counts.joins),
        ("ret_history_joined_changes_total", "Changes of conversations in them.", counts.joined_changes),
        ("ret_history_join_milliseconds_total", "Time they took together.", millis(counts.join_time)),
        ("ret_history_swept_total", "Conversations written from the journal of another process.", counts.swept),
        ("ret_history_past_redis_total", "Writes of conversations past Redis.", counts.past_hot_tier),
        ("ret_history_forgotten_total", "Copies dropped because of a write past Redis.", counts.forgotten),
        ("ret_history_refused_total", "Changes of conversations that the database refused.", counts.refused),
        ("ret_history_degraded_seconds_total", "Time without Redis.", backlog.degraded.as_secs()),
    ];
    metrics.extend(counters.map(|(name, help, value)| Metric::counter(name, help).of(value)));
    let pending = [
        ("ret_history_pending_changes", "Changes of this process that wait for the database.", backlog.changes),
        ("ret_history_oldest_pending_seconds", "How long the oldest has waited.", backlog.oldest.as_secs()),
    ];
    metrics.extend(pending.map(|(name, help, value)| Metric::gauge(name, help).of(value)));
    if let Some(journal) = backlog.journal {
        let shared = [
            ("ret_history_journaled_conversations", "Conversations in the journal.", journal.conversations),
            ("ret_history_oldest_journaled_seconds", "How long the oldest is there.", journal.oldest.as_secs()),
            ("ret_history_dead_letters", "Changes that the database refused, set aside.", journal.dead_letters),
            ("ret_redis_memory_bytes", "Memory that Redis has taken.", journal.bytes),
            ("ret_redis_memory_limit_bytes", "Memory that it may take; 0: all.", journal.bytes_at_most),
        ];
        metrics.extend(shared.map(|(name, help, value)| Metric::gauge(name, help).of(value)));
    }
    metrics
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
