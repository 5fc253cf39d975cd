//! How much memory the temporary tables of a statement may take: SQLite makes one for each `DISTINCT`, `UNION`, subquery after `IN`, window and the
//! like, each with a cache of its own, and knows no limit for their number. What it would make is read from its program for the statement.
//!
//! For an `OR` over two indexes it keeps the numbers of all rows that it has found, and these in memory only.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, Result};

/// What a table or an index takes in memory before it goes to a file: SQLite's default cache, and what it is described by.
const TABLE_BYTES: usize = 2_300_000;
/// The same of a sorter.
const SORTER_BYTES: usize = 1_500_000;

/// What the number of a row takes in a set of them: 24 bytes, in pieces of a kilobyte.
const NUMBER_BYTES: usize = 25;

/// Operations that fill the list behind an `IN`, which is as short as it was written.
const LIST: [&str; 12] = [
    "Affinity",
    "Blob",
    "Copy",
    "IdxInsert",
    "Int64",
    "Integer",
    "MakeRecord",
    "Null",
    "Real",
    "SCopy",
    "String",
    "String8",
];

/// Counts the temporary tables of a statement, which SQLite must have prepared before.
pub(super) fn count(connection: &Connection, sql: &str) -> Result<Counted> {
    let mut program = connection.prepare(&format!("EXPLAIN {}", without_empty_ones(sql)))?;
    let mut lines = program.query([])?;
    let mut counted = Counted::default();
    while let Some(line) = lines.next()? {
        counted.count(line.get_ref(1)?.as_str()?, line.get(2)?);
    }
    Ok(counted)
}

/// The text without empty statements before the first.
fn without_empty_ones(sql: &str) -> &str {
    let mut rest = sql;
    loop {
        rest = rest.trim_start_matches([';', ' ', '\t', '\n', '\r', '\u{c}', '\u{feff}']);
        let comment = match rest.get(..2) {
            Some("--") => rest.find('\n').map(|at| at + 1),
            Some("/*") => rest.get(2..).and_then(|inside| inside.find("*/")).map(|at| at + 4),
            _ => return rest,
        };
        rest = comment.map_or("", |end| &rest[end..]);
    }
}

/// What a statement makes for itself.
#[derive(Default)]
pub(super) struct Counted {
    /// Tables by their cursors; `true` if it is only the list behind an `IN`.
    tables: HashMap<i64, bool>,
    sorters: usize,
    /// Sets of numbers of rows, by the places where they are kept.
    row_sets: HashSet<i64>,
    /// Filters of joins, whose size stands in the program.
    filters: usize,
    reads_tables: bool,
    /// The table that was opened last, as long as nothing followed but what fills a list.
    filling: Option<i64>,
}

impl Counted {
    fn count(&mut self, operation: &str, first: i64) {
        match operation {
            "OpenEphemeral" | "OpenAutoindex" => {
                // Opened in two places, it is a list only if it is one in both.
                let is_new = !self.tables.contains_key(&first);
                self.tables.entry(first).or_insert(false);
                self.filling = is_new.then_some(first);
            }
            "SorterOpen" => self.sorters += 1,
            "RowSetTest" | "RowSetAdd" => {
                self.row_sets.insert(first);
            }
            "OpenRead" => self.reads_tables = true,
            "Blob" => self.filters = self.filters.saturating_add(usize::try_from(first).unwrap_or_default()),
            _ => {}
        }
        match (operation, self.filling) {
            ("IdxInsert", Some(filling)) if filling == first => {
                self.tables.insert(first, true);
            }
            ("OpenEphemeral", _) => {}
            (other, Some(_)) if !LIST.contains(&other) => self.filling = None,
            // Whatever is put in later is no list.
            ("IdxInsert" | "Insert", _) => {
                self.tables.entry(first).and_modify(|is_list| *is_list = false);
            }
            _ => {}
        }
    }

    fn large_tables(&self) -> usize {
        self.tables.values().filter(|is_list| !**is_list).count()
    }

    /// Bytes that its tables may take.
    pub(super) fn bytes(&self) -> usize {
        let tables = self.large_tables();
        let sum = tables.saturating_mul(TABLE_BYTES).saturating_add(self.sorters.saturating_mul(SORTER_BYTES));
        sum.saturating_add(self.filters)
    }

    /// Whether it reads a table of the store.
    pub(super) fn reads_tables(&self) -> bool {
        self.reads_tables
    }

    /// Whether it may write files, which take time to remove.
    pub(super) fn may_write_files(&self) -> bool {
        self.sorters > 0 || self.large_tables() > 0
    }

    pub(super) fn has_row_sets(&self) -> bool {
        !self.row_sets.is_empty()
    }

    /// Bytes that its sets of numbers may take, each with those of so many rows.
    pub(super) fn row_set_bytes(&self, rows: u64) -> usize {
        let each = usize::try_from(rows).unwrap_or(usize::MAX).saturating_mul(NUMBER_BYTES);
        self.row_sets.len().saturating_mul(each)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables_and_sorters(sql: &str) -> (usize, usize) {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE t (a INTEGER, b TEXT); CREATE TABLE u (a INTEGER, b TEXT);").unwrap();
        let counted = count(&connection, sql).unwrap();
        (counted.large_tables(), counted.sorters)
    }

    #[test]
    fn each_temporary_table_counts() {
        for (sql, tables, sorters) in [
            ("SELECT a FROM t", 0, 0),
            ("SELECT count(DISTINCT a), count(DISTINCT b) FROM t", 2, 0),
            ("SELECT a FROM t ORDER BY b", 0, 1),
            ("SELECT a FROM t UNION SELECT a FROM u", 1, 0),
            ("SELECT a FROM t WHERE a IN (SELECT a FROM u)", 1, 0),
            ("SELECT b, count(DISTINCT a) FROM t GROUP BY b ORDER BY 2", 1, 2),
            (" ; -- why\n/* ; */; SELECT sum(a) OVER (PARTITION BY b ORDER BY a) FROM t;", 1, 1),
        ] {
            assert_eq!(tables_and_sorters(sql), (tables, sorters), "{sql}");
        }
    }

    #[test]
    fn a_statement_without_tables_reads_none() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE t (a INTEGER, b TEXT);").unwrap();
        let reads = |sql: &str| count(&connection, sql).unwrap().reads_tables();
        for sql in ["SELECT a FROM t", "SELECT count(*) FROM t", "SELECT 1 WHERE EXISTS (SELECT a FROM t)"] {
            assert!(reads(sql), "{sql}");
        }
        for sql in [
            "SELECT 42 AS n -- FROM t",
            "SELECT 42 AS \"t\"",
            "WITH t AS (SELECT 42 AS a) SELECT count(*), max(a) FROM t",
            "WITH RECURSIVE t(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM t LIMIT 5) SELECT a FROM t",
            "VALUES (1), (2)",
        ] {
            assert!(!reads(sql), "{sql}");
        }
    }

    #[test]
    fn a_list_is_as_short_as_it_is_written() {
        let lists = "SELECT a FROM t WHERE a IN (1, 2, 5) AND b IN ('x', 'y', 'z') AND b || a NOT IN ('p', 'q', 'r')";
        assert_eq!(tables_and_sorters(lists), (0, 0));
        let query = "SELECT a, b IN ('x', 'y', NULL) FROM t WHERE a IN (SELECT a FROM u)";
        assert_eq!(tables_and_sorters(query), (1, 0));
    }
    #[test]
    fn an_or_over_two_indexes_keeps_numbers_of_rows() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE t (a INTEGER, b TEXT); CREATE INDEX i ON t (a);").unwrap();
        let sets = |sql: &str| count(&connection, sql).unwrap().row_sets.len();
        assert_eq!(sets("SELECT count(*) FROM t WHERE a = 1 OR rowid = 5"), 1);
        assert_eq!(
            sets("SELECT (SELECT b FROM t WHERE a = 1 OR rowid = 5), (SELECT b FROM t WHERE a = 2 OR rowid < 5)"),
            2
        );
        assert_eq!(sets("SELECT count(*) FROM t WHERE +a = 1 OR rowid = 5"), 0);
        assert_eq!(sets("SELECT count(*) FROM t WHERE a IN (1, 5) OR b = 'x'"), 0);
    }
}
