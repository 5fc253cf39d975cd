//! Searching with the index: rows with all words, or else with all but one, or else with one, the rarest first.
//!
//! What is ranked is bounded, so that words that are in most rows answer in time too: the first [`MAX_RANKED`] rows that match, in the order
//! of the document, are read and ranked by BM25 over the text that they really have. Of a rare word that is all rows.

use std::{collections::HashMap, ops::ControlFlow, time::Instant};

use rusqlite::{Connection, Error, Row, Statement};

use super::{
    index::row_of,
    lookup::{Index, Term},
    source::{Source, text_of},
    unless_stopped,
    words::{Wanted, each_word},
};

/// Rows that are read and ranked.
const MAX_RANKED: usize = 1_000;

/// Rows between two looks at the clock.
const ROWS_BETWEEN_CHECKS: usize = 16;

/// How much a further occurrence of a word counts, and how much the length of the row.
const SATURATION: f64 = 1.2;
const LENGTH_WEIGHT: f64 = 0.75;

/// The best rows of these tables with their scores, at most so many.
pub(super) fn rank(
    rows: &mut Rows<'_>,
    index: &Index<'_>,
    sources: &[&Source],
    wanted: &Wanted,
    limit: usize,
    deadline: Instant,
) -> Result<Vec<(f64, i64)>, Error> {
    let Some(terms) = unless_stopped(index.terms(wanted))? else { return Ok(Vec::new()) };
    let candidates = candidates(index, &terms, sources, deadline)?;
    let weights: Vec<f64> = terms.iter().map(|term| weight(term.rows, index.rows())).collect();
    let scale = Scale { weights, length: index.words_of_a_row() };
    let mut ranked = Vec::with_capacity(candidates.len());
    let mut buffer = String::new();
    for (number, entry) in candidates.into_iter().enumerate() {
        if number % ROWS_BETWEEN_CHECKS == ROWS_BETWEEN_CHECKS - 1 && Instant::now() >= deadline {
            break;
        }
        let score = rows.read(entry, |row, source| scale.score(row, source, wanted, &mut buffer));
        match unless_stopped(score)? {
            Some(score) => ranked.extend(score.map(|score| (score, entry))),
            None => break,
        }
    }
    // Of equal rows the first in the document.
    ranked.sort_by(|(left, first), (right, second)| right.total_cmp(left).then(first.cmp(second)));
    ranked.truncate(limit);
    Ok(ranked)
}

/// Entries of rows that may be among the best, each once.
fn candidates(index: &Index<'_>, terms: &[Term], sources: &[&Source], deadline: Instant) -> Result<Vec<i64>, Error> {
    let mut entries = Vec::new();
    if terms.iter().all(|term| term.rows > 0) {
        index.collect(&all_of(terms.iter()), sources, MAX_RANKED, &mut entries)?;
    }
    if !entries.is_empty() {
        return Ok(entries);
    }
    let mut known: Vec<&Term> = terms.iter().filter(|term| term.rows > 0).collect();
    known.sort_by_key(|term| term.rows);
    let mut weaker: Vec<String> = Vec::new();
    if known.len() < terms.len() && known.len() > 1 {
        weaker.push(all_of(known.iter().copied()));
    }
    // What is left without the most frequent word says the most.
    if known.len() > 2 {
        let without = |left_out: usize| {
            known.iter().enumerate().filter(move |(number, _)| *number != left_out).map(|(_, term)| *term)
        };
        weaker.extend((0..known.len()).rev().map(|left_out| all_of(without(left_out))));
    }
    let of_several = weaker.len();
    weaker.extend(known.iter().map(|term| term.query.clone()));
    let queries = weaker.len();
    for (number, query) in weaker.into_iter().enumerate() {
        if Instant::now() >= deadline {
            break;
        }
        // Single words share what is left, so that a frequent one leaves room for the others.
        let left = MAX_RANKED - entries.len();
        let share = if number < of_several { left } else { left.div_ceil(queries - number) };
        let limit = entries.len() + share;
        index.collect(&query, sources, limit, &mut entries)?;
    }
    entries.sort_unstable();
    entries.dedup();
    Ok(entries)
}

fn all_of<'t>(terms: impl Iterator<Item = &'t Term>) -> String {
    let parts: Vec<String> = terms.map(|term| format!("({})", term.query)).collect();
    parts.join(" AND ")
}

/// What a word counts for: the more, the fewer rows have it.
fn weight(rows: u64, all: u64) -> f64 {
    let (rows, all) = (rows as f64, all.max(rows) as f64);
    (1.0 + (all - rows + 0.5) / (rows + 0.5)).ln()
}

/// How rows are measured.
struct Scale {
    weights: Vec<f64>,
    /// Words of a row on the average.
    length: f64,
}

impl Scale {
    fn score(&self, row: &Row<'_>, source: &Source, wanted: &Wanted, buffer: &mut String) -> Result<f64, Error> {
        let mut counts = vec![0_u32; self.weights.len()];
        let mut length = 0_u32;
        for column in 1..=source.columns.len() {
            let Some(text) = text_of(row, column)? else { continue };
            let _ = each_word(&text, buffer, |_, word| {
                length += 1;
                let mut matches = wanted.matches(word);
                while matches != 0 {
                    counts[matches.trailing_zeros() as usize] += 1;
                    matches &= matches - 1;
                }
                ControlFlow::Continue(())
            });
        }
        let damping = SATURATION * (1.0 - LENGTH_WEIGHT + LENGTH_WEIGHT * f64::from(length) / self.length);
        let parts = counts.iter().zip(&self.weights).map(|(count, weight)| {
            let count = f64::from(*count);
            weight * count * (SATURATION + 1.0) / (count + damping)
        });
        Ok(parts.sum())
    }
}

/// Rows of the store by their entries.
pub(super) struct Rows<'s> {
    store: &'s Connection,
    sources: HashMap<usize, &'s Source>,
    open: HashMap<usize, Statement<'s>>,
}

/// Tables that are kept open at once.
const MAX_OPEN: usize = 64;

impl<'s> Rows<'s> {
    pub(super) fn of(store: &'s Connection, sources: &[&'s Source]) -> Self {
        let sources = sources.iter().map(|source| (source.number, *source)).collect();
        Self { store, sources, open: HashMap::new() }
    }

    /// Reads the row; `None` if there is none.
    pub(super) fn read<T>(
        &mut self,
        entry: i64,
        read: impl FnOnce(&Row<'_>, &Source) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        let (table, key) = row_of(entry);
        let Some(source) = self.sources.get(&table) else { return Ok(None) };
        if self.open.len() >= MAX_OPEN && !self.open.contains_key(&table) {
            self.open.clear();
        }
        let statement = match self.open.entry(table) {
            std::collections::hash_map::Entry::Occupied(open) => open.into_mut(),
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(self.store.prepare(&format!("{} WHERE {} = ?", source.select(), source.key))?)
            }
        };
        let mut rows = statement.query([key])?;
        rows.next()?.map(|row| read(row, source)).transpose()
    }
}
