//! Builds a store and asks it things, most of them hostile.

mod build;
mod cost;
mod differences;
mod gate;
mod memory;
mod pages;
mod search;
mod vectors;

use std::{collections::BTreeSet, path::PathBuf, sync::atomic::Ordering, thread, time::Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::ports::{
    error::StoreErrorKind,
    tables::{Comparison, Direction, SqlColumn, SqlTable, SqlType},
};

const LIMITS: QueryLimits = QueryLimits { time: Duration::from_secs(1), rows: 1_000, bytes: 1 << 20 };

/// Between the deadline and the end of a query may lie one step of SQLite, on a busy machine.
const GRACE: Duration = Duration::from_millis(1_500);

struct Store {
    folder: TempDir,
    path: PathBuf,
}

fn column(name: &str, sql_type: SqlType) -> SqlColumn {
    SqlColumn { name: name.to_owned(), sql_type }
}

fn table(name: &str, columns: Vec<SqlColumn>, keys: [Option<&str>; 2]) -> SqlTable {
    let [primary_key, parent_key] = keys.map(|key| key.map(str::to_owned));
    SqlTable { name: name.to_owned(), columns, primary_key, parent_key }
}

fn orders_table() -> SqlTable {
    let columns = vec![
        column("_id", SqlType::Integer),
        column("name", SqlType::Text),
        column("price", SqlType::Decimal),
        column("count", SqlType::Integer),
    ];
    table("orders", columns, [Some("_id"), None])
}

fn lines_table() -> SqlTable {
    let columns =
        vec![column("_id", SqlType::Integer), column("_parent", SqlType::Integer), column("sku", SqlType::Text)];
    table("order.line", columns, [Some("_id"), Some("_parent")])
}

impl Store {
    /// A store that is built by `fill`.
    fn built(fill: impl FnOnce(&mut dyn TablesWriter)) -> Self {
        // The name needs escaping in an address, which the gate uses.
        let folder = tempfile::Builder::new().prefix("a b%?#é").tempdir().unwrap();
        let path = folder.path().join("tables #1?.sqlite");
        let mut writer = SqliteTables.create(&path).unwrap();
        fill(writer.as_mut());
        writer.finish().unwrap();
        Self { folder, path }
    }

    fn orders() -> Self {
        Self::built(|writer| {
            writer.add_table(&orders_table()).unwrap();
            writer.add_table(&lines_table()).unwrap();
            let rows = [
                ["1", "bolt", "1.50", "10"],
                ["2", "Größe \"x\"", "12345678901234567890.5", "007"],
                ["3", "nut; DROP TABLE orders", "2", "9223372036854775807"],
            ];
            for row in rows {
                writer.insert(0, &mut row.into_iter().map(Some)).unwrap();
                for line in 0..2 {
                    let id = (row[0].parse::<i32>().unwrap() * 2 + line).to_string();
                    writer.insert(1, &mut [Some(id.as_str()), Some(row[0]), Some("s")].into_iter()).unwrap();
                }
            }
            writer.insert(0, &mut [Some("4"), None, None, None].into_iter()).unwrap();
        })
    }

    fn ask(&self, sql: &str) -> Result<QueryRows, QueryError> {
        SqliteTables.query(&self.path, sql, &[], &LIMITS, Arc::default())
    }

    #[track_caller]
    fn rows(&self, sql: &str) -> Value {
        match self.ask(sql) {
            Ok(result) => json!(result.rows),
            Err(error) => panic!("{sql}: {error}"),
        }
    }

    /// Everything in the folder, and the bytes of the store.
    fn traces(&self) -> (BTreeSet<PathBuf>, Vec<u8>) {
        let files = self.folder.path().read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
        (files, std::fs::read(&self.path).unwrap())
    }

    fn page(&self, request: &PageRequest) -> Result<QueryRows, QueryError> {
        SqliteTables.page(&self.path, request, &LIMITS)
    }
}

fn request(table: &str) -> PageRequest {
    PageRequest { table: table.to_owned(), sort: None, filters: Vec::new(), offset: 0, limit: 100 }
}

fn filter(column: &str, comparison: Comparison, value: &str) -> Filter {
    Filter { column: column.to_owned(), comparison, value: value.to_owned() }
}
