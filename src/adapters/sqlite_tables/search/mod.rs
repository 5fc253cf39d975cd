//! Searching rows for words, with an index or without. No text of a request becomes SQL, nor the language of FTS5.

mod excerpt;
mod index;
mod lookup;
mod ranked;
mod scan;
mod source;
mod words;

use std::path::Path;

use self::{lookup::Index, source::Source, words::Wanted};
use super::{
    errors::{misuse, running_error},
    gate,
};
use crate::ports::{
    search::{Hit, SearchRequest},
    tables::QueryError,
};

pub(super) use self::index::build;

/// Looks the words up in the store at `path`, by its index if it has one.
pub(super) fn run(path: &Path, index: Option<&Path>, request: &SearchRequest) -> Result<Vec<Hit>, QueryError> {
    let reason = "there is no word to search for; a word has letters or digits";
    let wanted = Wanted::of(&request.words).ok_or_else(|| QueryError::Rejected(reason.to_owned()))?;
    let store = gate::open(path)?;
    let all = Source::all(&store).map_err(running_error)?;
    let is_asked_for = |name: &String| request.tables.iter().any(|table| table.eq_ignore_ascii_case(name));
    let asked = all.iter().filter(|source| request.tables.is_empty() || is_asked_for(&source.table));
    let sources: Vec<&Source> = asked.collect();
    let Some(index) = index else {
        return scan::scan(&store, &sources, &wanted, request).map_err(running_error);
    };
    let connection = gate::open(index)?;
    let index = Index::read(&connection, &all).map_err(running_error)?;
    let index = index.ok_or_else(|| misuse("search", "the index is that of other tables".to_owned()))?;
    ranked::search(&store, &index, &sources, &wanted, request).map_err(running_error)
}
