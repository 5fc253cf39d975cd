//! Searching rows for words, with an index or without, and with vectors for what they mean. No text of a request becomes SQL, nor the language of FTS5.

mod excerpt;
mod fuse;
mod index;
mod lookup;
mod ranked;
mod scan;
mod source;
mod texts;
mod vectors;
mod words;

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use rusqlite::{Error, ErrorCode};

use self::{
    fuse::{Ranked, fuse},
    lookup::Index,
    ranked::{Rows, rank},
    scan::hit,
    vectors::nearest,
    words::Wanted,
};
use super::{
    errors::{misuse, running_error},
    gate,
};
use crate::ports::{
    search::{Hit, SearchRequest},
    tables::QueryError,
};

pub(super) use self::{index::build, source::Source, texts::texts, vectors::vectors};

/// Rows of either ranking that are fused, if not more are wanted.
const RANKS: usize = 100;

/// What was found in the index in time is read within this.
const READING_TIME: Duration = Duration::from_secs(1);

/// Looks the words up in the store at `path`, by its index if it has one, and what they mean if that is asked for.
pub(super) fn run(path: &Path, index: Option<&Path>, request: &SearchRequest) -> Result<Vec<Hit>, QueryError> {
    let reason = "there is no word to search for; a word has letters or digits";
    let wanted = Wanted::of(&request.words).ok_or_else(|| QueryError::Rejected(reason.to_owned()))?;
    let store = gate::open(path)?;
    let all = Source::all(&store).map_err(running_error)?;
    let is_asked_for = |name: &String| request.tables.iter().any(|table| table.eq_ignore_ascii_case(name));
    let asked = all.iter().filter(|source| request.tables.is_empty() || is_asked_for(&source.table));
    let sources: Vec<&Source> = asked.collect();
    let Some(index) = index else {
        gate::limit_time(&store, request.time, Arc::clone(&request.cancelled))?;
        return scan::scan(&store, &sources, &wanted, request).map_err(running_error);
    };
    gate::limit_time(&store, request.time + READING_TIME, Arc::clone(&request.cancelled))?;
    let connection = gate::open(index)?;
    gate::limit_time(&connection, request.time, Arc::clone(&request.cancelled))?;
    let index = Index::read(&connection, &all).map_err(running_error)?;
    let index = index.ok_or_else(|| misuse("search", "the index is that of other tables".to_owned()))?;
    let deadline = Instant::now() + request.time;
    let mut rows = Rows::of(&store, &sources);
    let ranked = match &request.meaning {
        None => {
            let ranked = rank(&mut rows, &index, &sources, &wanted, request.limit, deadline).map_err(running_error)?;
            let by_words = |(score, entry)| Ranked { entry, score, by_words: true, by_meaning: false };
            ranked.into_iter().map(by_words).collect()
        }
        Some(meaning) => {
            let limit = request.limit.max(RANKS);
            // First what takes as long whatever the words are.
            let near = nearest(meaning, &sources, limit, deadline, &request.cancelled)?;
            let ranked = rank(&mut rows, &index, &sources, &wanted, limit, deadline).map_err(running_error)?;
            let by_words: Vec<i64> = ranked.into_iter().map(|(_, entry)| entry).collect();
            fuse(&by_words, &near)
        }
    };
    let mut hits = Vec::new();
    for Ranked { entry, score, by_words, by_meaning } in ranked.into_iter().take(request.limit) {
        let found = rows.read(entry, |row, source| hit(row, source, &wanted, score));
        let Some(found) = unless_stopped(found).map_err(running_error)? else { break };
        hits.extend(found.map(|hit| Hit { by_words, by_meaning, ..hit }));
    }
    Ok(hits)
}

/// `None` if it was stopped, at the end of its time or from outside: then what was found until then counts.
fn unless_stopped<T>(outcome: Result<T, Error>) -> Result<Option<T>, Error> {
    match outcome {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => Ok(None),
        other => other.map(Some),
    }
}
