//! Searching rows for words. No text of a request becomes SQL.

mod excerpt;
mod scan;
mod source;
mod words;

use std::path::Path;

use self::{source::Source, words::Wanted};
use super::{errors::running_error, gate};
use crate::ports::{
    search::{Hit, SearchRequest},
    tables::QueryError,
};

/// Looks the words up in the store at `path`.
pub(super) fn run(path: &Path, request: &SearchRequest) -> Result<Vec<Hit>, QueryError> {
    let reason = "there is no word to search for; a word has letters or digits";
    let wanted = Wanted::of(&request.words).ok_or_else(|| QueryError::Rejected(reason.to_owned()))?;
    let connection = gate::open(path)?;
    let mut sources = Source::all(&connection).map_err(running_error)?;
    let is_asked_for = |name: &String| request.tables.iter().any(|table| table.eq_ignore_ascii_case(name));
    sources.retain(|source| request.tables.is_empty() || is_asked_for(&source.table));
    scan::scan(&connection, &sources, &wanted, request).map_err(running_error)
}
