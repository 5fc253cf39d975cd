//! Searching without an index: rows are read in the order of the document, as many as the limits allow.

use std::{ops::ControlFlow, time::Instant};

use rusqlite::{Connection, Error, Row};

use super::{
    excerpt::excerpt,
    source::{Source, text_of},
    unless_stopped,
    words::{Wanted, each_word},
};
use crate::ports::search::{Hit, SearchRequest};

/// Rows that are read at most.
const MAX_ROWS: usize = 500_000;

/// Rows between two looks at the clock.
const ROWS_BETWEEN_CHECKS: usize = 64;

/// Rows with all words, or else those with the most.
pub(super) fn scan(
    connection: &Connection,
    sources: &[&Source],
    wanted: &Wanted,
    request: &SearchRequest,
) -> Result<Vec<Hit>, Error> {
    let deadline = Instant::now() + request.time;
    let mut best = Best { hits: Vec::new(), limit: request.limit };
    let (mut rows_read, mut buffer) = (0, String::new());
    'tables: for source in sources {
        let mut statement = connection.prepare(&source.select())?;
        let mut rows = statement.query([])?;
        while let Some(row) = unless_stopped(rows.next())?.flatten() {
            rows_read += 1;
            let is_late = rows_read % ROWS_BETWEEN_CHECKS == 0 && Instant::now() >= deadline;
            if is_late || rows_read > MAX_ROWS || best.has_enough(wanted) {
                break 'tables;
            }
            let found = words_in(row, source, wanted, &mut buffer)?.count_ones() as usize;
            if best.wants(found) {
                best.add(found, hit(row, source, wanted, found as f64 / wanted.words().len() as f64)?);
            }
        }
    }
    let most = best.hits.first().map_or(0, |(words, _)| *words);
    let has_all = most == wanted.words().len();
    Ok(best.hits.into_iter().filter(|(words, _)| !has_all || *words == most).map(|(_, hit)| hit).collect())
}

/// Bits of the wanted words that the row has.
fn words_in(row: &Row<'_>, source: &Source, wanted: &Wanted, buffer: &mut String) -> Result<u32, Error> {
    let mut found = 0;
    for column in 1..=source.columns.len() {
        if let Some(text) = text_of(row, column)? {
            let _ = each_word(&text, buffer, |_, word| {
                found |= wanted.matches(word);
                ControlFlow::Continue(())
            });
        }
    }
    Ok(found)
}

/// The row as it is shown.
pub(super) fn hit(row: &Row<'_>, source: &Source, wanted: &Wanted, score: f64) -> Result<Hit, Error> {
    let mut cells = Vec::with_capacity(source.columns.len());
    for (number, column) in source.columns.iter().enumerate() {
        if let Some(text) = text_of(row, number + 1)? {
            cells.push((column.as_str(), text));
        }
    }
    let key = text_of(row, 0)?.unwrap_or_default().into_owned();
    Ok(Hit {
        table: source.table.clone(),
        row: key,
        excerpt: excerpt(&cells, wanted),
        score,
        by_words: true,
        by_meaning: false,
    })
}

/// The best rows until now, with how many words they have; of equal ones those that came first.
struct Best {
    hits: Vec<(usize, Hit)>,
    limit: usize,
}

impl Best {
    fn wants(&self, found: usize) -> bool {
        found > 0 && (self.hits.len() < self.limit || self.hits.last().is_some_and(|(worst, _)| found > *worst))
    }

    fn add(&mut self, found: usize, hit: Hit) {
        let place = self.hits.partition_point(|(words, _)| *words >= found);
        self.hits.insert(place, (found, hit));
        self.hits.truncate(self.limit);
    }

    /// Whether nothing better can come.
    fn has_enough(&self, wanted: &Wanted) -> bool {
        let worst = self.hits.last().map_or(0, |(words, _)| *words);
        self.hits.len() >= self.limit && worst == wanted.words().len()
    }
}
