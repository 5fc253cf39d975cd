//! What hosts remember of timers beyond their own lives, and who of them ticks.

use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use tokio::sync::OwnedMutexGuard;

/// When a timer ran, and when it is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleStatus {
    /// `None` if it never ran.
    #[serde(with = "time::serde::rfc3339::option")]
    pub last: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339")]
    pub next: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub updated: OffsetDateTime,
}

/// Statuses and leases of timers by their names; in memory, and in a file if there is one.
#[derive(Default)]
pub struct TimerStore {
    file: Option<PathBuf>,
    statuses: Mutex<BTreeMap<String, ScheduleStatus>>,
    leases: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl TimerStore {
    /// A store that reads a file, if it is there, and writes it at every change.
    pub fn in_file(file: PathBuf) -> Self {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let statuses = Mutex::new(serde_json::from_str(&text).unwrap_or_default());
        Self { file: Some(file), statuses, leases: Mutex::default() }
    }

    pub fn status(&self, timer: &str) -> Option<ScheduleStatus> {
        self.statuses().get(timer).cloned()
    }

    pub fn set_status(&self, timer: &str, status: ScheduleStatus) {
        let mut statuses = self.statuses();
        statuses.insert(timer.to_owned(), status);
        if let (Some(file), Ok(text)) = (&self.file, serde_json::to_string_pretty(&*statuses)) {
            // What was not written is a tick past due that the next host does not notice.
            let _ = std::fs::write(file, text);
        }
    }

    /// Returns when this host alone may tick the timer, until the guard is dropped.
    pub async fn lease(&self, timer: &str) -> OwnedMutexGuard<()> {
        let mutex = {
            let mut leases = self.leases.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(leases.entry(timer.to_owned()).or_default())
        };
        mutex.lock_owned().await
    }

    fn statuses(&self) -> MutexGuard<'_, BTreeMap<String, ScheduleStatus>> {
        self.statuses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
