//! What the host has logged, kept for tests and shown by the example.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::watch;

/// How grave a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Information,
    Warning,
    Error,
}

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub level: Level,
    /// `Host.Function.Console` for what a handler prints; `Function.<name>` and `Function.<name>.User` for calls.
    pub category: String,
    pub text: String,
}

/// A log that all parts of a host write to; clones are the same log.
#[derive(Clone)]
pub struct Logs {
    records: Arc<Mutex<Vec<Record>>>,
    count: Arc<watch::Sender<usize>>,
}

impl Default for Logs {
    fn default() -> Self {
        Self { records: Arc::default(), count: Arc::new(watch::channel(0).0) }
    }
}

impl Logs {
    pub fn write(&self, level: Level, category: &str, text: impl Into<String>) {
        let record = Record { level, category: category.to_owned(), text: text.into() };
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        records.push(record);
        self.count.send_replace(records.len());
    }

    /// All records so far.
    pub fn records(&self) -> Vec<Record> {
        self.since(0)
    }

    /// The records after the first `count`.
    pub fn since(&self, count: usize) -> Vec<Record> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)[count..].to_vec()
    }

    /// Returns when there are more records than `count`.
    pub async fn more_than(&self, count: usize) {
        let mut counts = self.count.subscribe();
        let _ = counts.wait_for(|now| *now > count).await;
    }

    /// Waits for a record of this text in it; panics after ten seconds.
    pub async fn wait_for(&self, text: &str) -> Record {
        self.wait_for_many(text, 1).await.remove(0)
    }

    /// Waits for so many records with this text in them; panics after ten seconds.
    pub async fn wait_for_many(&self, text: &str, many: usize) -> Vec<Record> {
        let find = async {
            loop {
                let records = self.records();
                let found: Vec<_> = records.iter().filter(|record| record.text.contains(text)).cloned().collect();
                if found.len() >= many {
                    return found;
                }
                self.more_than(records.len()).await;
            }
        };
        match tokio::time::timeout(Duration::from_secs(10), find).await {
            Ok(found) => found,
            Err(_) => panic!("no {many} records with {text:?} in {:#?}", self.records()),
        }
    }
}
