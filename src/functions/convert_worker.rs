//! `convert_worker`: does a job of any kind when its bell rings. The message names the job; the row is the job.

use serde::{Deserialize, Serialize};

use crate::{
    domain::JobId,
    http::AppState,
    runtime::{Invocation, Outcome, QueueMessage},
    services::jobs::OnTrouble,
};

/// The queue message.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct ConvertMessage {
    /// The job to take up.
    pub job_id: JobId,
}

pub(super) async fn work(state: AppState, message: QueueMessage<ConvertMessage>, _: Invocation) -> Outcome {
    let on_trouble = if message.is_last_delivery() { OnTrouble::GiveUp } else { OnTrouble::Retry };
    match state.services.jobs.work(message.payload.job_id, on_trouble).await {
        Ok(_) => Outcome::Done,
        Err(error) => Outcome::Retry(error.to_string()),
    }
}
