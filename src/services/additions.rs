//! What the jobs have in common that add something to a conversion once it is done: its index, and the vectors of its rows.

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Stores,
    conversions::index_key,
    jobs::{CANCEL, Ending, LOST, Pulse},
};
use crate::{
    domain::{FileKey, Job, JobId, SessionId},
    ports::{StoreError, catalog::Published, jobs::Success, session_files::LocalCopy},
};

/// How often a worker looks whether another conversion has taken the place of the one it works for.
const LOOK_FOR_ANOTHER: Duration = Duration::from_secs(2);

/// What such a job is asked for: the attempt of a conversion whose tables it reads.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Addition {
    pub(super) conversion: JobId,
    pub(super) attempt: u32,
}

impl Addition {
    /// An error if the session does not show the conversion any more.
    pub(super) async fn check_current(self, stores: &Stores, session: SessionId) -> Result<(), Ending> {
        if is_current(stores, session, self.conversion).await? { Ok(()) } else { Err(Ending::Lost) }
    }

    /// The tables of the conversion.
    pub(super) async fn tables(self, stores: &Stores, session: SessionId) -> Result<LocalCopy, Ending> {
        let key = FileKey::new(session, index_key(self.conversion, self.attempt));
        stores.session_files.local_copy(&key).await?.ok_or(Ending::Lost)
    }

    /// Waits for the work, which is told to stop once another conversion has taken the place of this one.
    pub(super) async fn while_current<T>(
        self,
        stores: &Stores,
        session: SessionId,
        pulse: &Arc<Pulse>,
        work: impl Future<Output = T>,
    ) -> T {
        // The watch only tells the work to stop; its end is waited for, since it still writes.
        tokio::pin!(work);
        tokio::select! {
            made = &mut work => made,
            () = stop_when_replaced(stores, session, self.conversion, pulse) => work.await,
        }
    }
}

/// Why the work came to no end.
pub(super) fn stopped(pulse: &Pulse) -> Ending {
    if pulse.signal() == CANCEL { Ending::Cancelled } else { Ending::Lost }
}

/// Says with what result the job has succeeded.
pub(super) async fn succeed(stores: &Stores, job: &Job, pulse: &Pulse, report: &impl Serialize) -> Result<(), Ending> {
    let (result, progress, at) = (json!(report), pulse.progress(), stores.clock.now());
    let success = Success { job: job.id, attempt: job.attempt, result: &result, progress, at };
    match stores.jobs.succeed_alone(success).await? {
        Published::Done { .. } => Ok(()),
        Published::SessionClosed | Published::PathTaken => Err(Ending::Lost),
    }
}

/// Comes back once another conversion has taken the place of this one, and has told the work so.
async fn stop_when_replaced(stores: &Stores, session: SessionId, conversion: JobId, pulse: &Pulse) {
    loop {
        tokio::time::sleep(LOOK_FOR_ANOTHER).await;
        // Should the store be away, the work goes on.
        if let Ok(false) = is_current(stores, session, conversion).await {
            return pulse.stop(LOST);
        }
    }
}

/// Whether the session still shows the conversion.
async fn is_current(stores: &Stores, session: SessionId, conversion: JobId) -> Result<bool, StoreError> {
    let row = stores.sessions.get(session).await?;
    Ok(row.is_some_and(|row| row.conversion == Some(conversion)))
}
