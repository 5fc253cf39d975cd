//! What the index says: the rows of words, at most so many, in the order of the document.

use rusqlite::{Connection, Result};

use super::{
    index::{entry_of, row_of},
    source::Source,
    unless_stopped,
    words::Wanted,
};

/// Words that a beginning stands for; more are left out, in the order of the alphabet.
const MAX_COMPLETIONS: usize = 32;

/// Rows of a word that are counted; beyond that the number is taken from how close together they are.
const MAX_COUNTED: u64 = 2_000;

/// The index of a store.
pub(super) struct Index<'c> {
    connection: &'c Connection,
    /// Of each table in order: its number, its rows, and all rows of those before.
    tables: Vec<(usize, u64, u64)>,
    rows: u64,
    words: u64,
}

/// A word as the index has it.
pub(super) struct Term {
    /// In the language of FTS5.
    pub(super) query: String,
    /// In how many rows it is, about.
    pub(super) rows: u64,
}

impl<'c> Index<'c> {
    /// `None` if it is not the index of these tables.
    pub(super) fn read(connection: &'c Connection, sources: &[Source]) -> Result<Option<Self>> {
        let mut statement = connection.prepare("SELECT number, name, rows, words FROM sources ORDER BY number")?;
        let found = statement.query_map([], |row| {
            let (number, name, rows, words): (i64, String, i64, i64) =
                (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
            Ok((usize::try_from(number).unwrap_or(usize::MAX), name, rows.unsigned_abs(), words.unsigned_abs()))
        })?;
        let mut index = Self { connection, tables: Vec::new(), rows: 0, words: 0 };
        let mut is_theirs = true;
        for table in found {
            let (number, name, rows, words) = table?;
            let source = sources.get(index.tables.len());
            is_theirs &= source.is_some_and(|source| source.number == number && source.table == name);
            index.tables.push((number, rows, index.rows));
            index.rows += rows;
            index.words += words;
        }
        Ok((is_theirs && index.tables.len() == sources.len()).then_some(index))
    }

    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Rows of each table.
    pub(super) fn rows_of_tables(&self) -> Vec<u64> {
        self.tables.iter().map(|(_, rows, _)| *rows).collect()
    }

    /// Words of a row on the average.
    pub(super) fn words_of_a_row(&self) -> f64 {
        (self.words as f64 / self.rows.max(1) as f64).max(1.0)
    }

    /// Each wanted word as the index has it.
    pub(super) fn terms(&self, wanted: &Wanted) -> Result<Vec<Term>> {
        let last = wanted.words().len() - 1;
        let term = |(number, word): (usize, &String)| {
            let words = if number == last { self.completions(word)? } else { vec![word.clone()] };
            // Words have only letters, digits and marks, and quoted none of them is an operator.
            let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
            let query = quoted.join(" OR ");
            let rows = if words.is_empty() { 0 } else { self.rows_of(&query)? };
            Ok(Term { query, rows })
        };
        wanted.words().iter().enumerate().map(term).collect()
    }

    /// Words that begin so. Each is found from the one before it, since reading on would read all rows of each.
    fn completions(&self, beginning: &str) -> Result<Vec<String>> {
        let mut next = self.connection.prepare_cached("SELECT term FROM vocabulary WHERE term >= ?1 LIMIT 1")?;
        let mut words: Vec<String> = Vec::new();
        let mut from = beginning.to_owned();
        while words.len() < MAX_COMPLETIONS {
            let mut found = next.query_map([&from], |row| row.get::<_, String>(0))?;
            let Some(word) = found.next().transpose()?.filter(|word| word.starts_with(beginning)) else { break };
            from.clone_from(&word);
            // No word has this character, so nothing stands between.
            from.push('\u{1}');
            words.push(word);
        }
        Ok(words)
    }

    /// In how many rows the word is: exactly if in few.
    fn rows_of(&self, query: &str) -> Result<u64> {
        let mut statement = self.connection.prepare_cached(
            "SELECT count(*), max(entry) FROM (SELECT rowid AS entry FROM words WHERE words MATCH ?1 LIMIT ?2)",
        )?;
        let limit = i64::try_from(MAX_COUNTED).unwrap_or(i64::MAX);
        let (count, last): (i64, Option<i64>) =
            statement.query_row((query, limit), |row| Ok((row.get(0)?, row.get(1)?)))?;
        let count = count.unsigned_abs();
        let read = last.map_or(self.rows, |last| self.place_of(last)).clamp(count, self.rows.max(count));
        Ok(if count < MAX_COUNTED { count } else { count.saturating_mul(self.rows) / read.max(1) })
    }

    /// Which of all rows it is, about.
    fn place_of(&self, entry: i64) -> u64 {
        let (table, key) = row_of(entry);
        let found = self.tables.iter().find(|(number, ..)| *number == table);
        found.map_or(self.rows, |(_, rows, before)| before + key.unsigned_abs().min(*rows))
    }

    /// Adds the first rows that match, until there are `limit` in all or the time is over.
    pub(super) fn collect(&self, query: &str, sources: &[&Source], limit: usize, entries: &mut Vec<i64>) -> Result<()> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT rowid FROM words WHERE words MATCH ?1 AND rowid >= ?2 AND rowid <= ?3 LIMIT ?4")?;
        for (first, last) in stretches(sources) {
            let room = limit.saturating_sub(entries.len());
            if room == 0 {
                break;
            }
            let room = i64::try_from(room).unwrap_or(i64::MAX);
            for entry in statement.query_map((query, first, last, room), |row| row.get(0))? {
                match unless_stopped(entry)? {
                    Some(entry) => entries.push(entry),
                    None => return Ok(()),
                }
            }
        }
        Ok(())
    }
}

/// First and last possible entries of tables that follow each other.
pub(super) fn stretches(sources: &[&Source]) -> Vec<(i64, i64)> {
    let mut stretches: Vec<(i64, i64)> = Vec::new();
    for source in sources {
        let Some(first) = entry_of(source.number, 0) else { continue };
        let last = first + (entry_of(1, 0).unwrap_or_default() - 1);
        match stretches.last_mut() {
            Some((_, end)) if *end + 1 == first => *end = last,
            _ => stretches.push((first, last)),
        }
    }
    stretches
}
