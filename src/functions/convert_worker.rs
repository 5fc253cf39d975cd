//! `convert_worker`: does a conversion when its bell rings. The message names the job; the row is the job.

use serde::{Deserialize, Serialize};

use crate::{
    domain::JobId,
    http::AppState,
    runtime::{Invocation, Outcome, QueueMessage},
};

/// The queue message.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct ConvertMessage {
    /// The job to take up.
    pub job_id: JobId,
}

pub(super) async fn work(state: AppState, message: QueueMessage<ConvertMessage>, _: Invocation) -> Outcome {
    match state.services.conversions.work(message.payload.job_id).await {
        Ok(_) => Outcome::Done,
        Err(error) => Outcome::Retry(error.to_string()),
    }
}
