//! `convert_worker`: does a job of any kind when its bell rings. The message names the job; the row is the job.

use serde::{Deserialize, Serialize};
use tracing::{Instrument as _, Span};

use crate::{
    domain::JobId,
    http::AppState,
    runtime::{Invocation, Outcome, QueueMessage, follow, trace_parent},
    services::jobs::OnTrouble,
};

/// The queue message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ConvertMessage {
    /// The job to take up.
    pub job_id: JobId,
    /// W3C trace context of whoever rang, where traces are exported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
}

impl ConvertMessage {
    /// Rings for the job on behalf of the current span.
    #[must_use]
    pub fn ringing_for(job_id: JobId) -> Self {
        Self { job_id, traceparent: trace_parent() }
    }

    /// The span of the work, in the trace of whoever rang.
    #[must_use]
    pub fn span(&self) -> Span {
        let span = tracing::info_span!("job", job_id = %self.job_id);
        if let Some(traceparent) = &self.traceparent {
            follow(&span, traceparent);
        }
        span
    }
}

pub(super) async fn work(state: AppState, message: QueueMessage<ConvertMessage>, _: Invocation) -> Outcome {
    let on_trouble = if message.is_last_delivery() { OnTrouble::GiveUp } else { OnTrouble::Retry };
    let work = state.services.jobs.work(message.payload.job_id, on_trouble);
    match work.instrument(message.payload.span()).await {
        Ok(_) => Outcome::Done,
        Err(error) => Outcome::Retry(error.to_string()),
    }
}
