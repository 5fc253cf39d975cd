//! `run_sql`: one read-only statement in the sandbox.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    CELL_CHARACTERS, Caller, ShownQuery, ToolBox, ToolFault, cut,
    fit::{size, that_fit},
    read,
};
use crate::{domain::chat::visible, ports::language_model::ToolSpecification};

/// Rows that a model sees of a result.
const ROWS_SHOWN: usize = 50;

/// Characters of a cell where whole ones do not fit, and where those do not either.
const SHORT_CELL: usize = 200;
const SHORTEST_CELL: usize = 40;

/// Bytes of a note on what was left out, and on what the statement read.
const NOTE_BYTES: usize = 320;

/// What is told of a statement without tables.
const NO_TABLE: &str = "this statement reads no table, so nothing of its result can be cited";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SqlArguments {
    sql: String,
}

pub(super) fn specification(caller: Caller) -> ToolSpecification {
    let citing = match caller {
        Caller::Chat => " The result has a name (q1, q2, …) for citations: [[q1:ROW:COLUMN]].",
        Caller::Agent => "",
    };
    let description = "Runs one read-only SQLite SELECT over the tables; at most 50 rows are shown. Use it for every count, sum or \
                       comparison; never calculate yourself.";
    ToolSpecification {
        name: "run_sql".into(),
        description: format!("{description}{citing}"),
        parameters: json!({
            "type": "object", "required": ["sql"], "additionalProperties": false,
            "properties": { "sql": { "type": "string" } },
        }),
    }
}

impl ToolBox {
    pub(super) async fn run_sql(&mut self, arguments: &str, room: usize) -> Result<Value, ToolFault> {
        let SqlArguments { sql } = read(arguments)?;
        let limits = self.policy.chat.query;
        let found = self.tables.query_within(self.asker, sql.clone(), limits, &self.scope).await?;
        let columns: Vec<String> =
            found.columns.iter().map(|column| visible(column, usize::MAX).into_owned()).collect();
        let first = &found.rows[..found.rows.len().min(ROWS_SHOWN)];
        let (rows, note) = rows_that_fit(&columns, first, room)?;
        let truncated = found.truncated || found.rows.len() > rows.len();
        let name = self.evidence.next_query();
        let mut result = json!({ "query": name, "columns": columns, "rows": rows, "truncated": truncated });
        let notes: Vec<&str> = (!found.reads_tables).then_some(NO_TABLE).into_iter().chain(note.as_deref()).collect();
        if !notes.is_empty() {
            result["note"] = notes.join("; ").into();
        }
        // What was not shown is no evidence.
        self.evidence.add_query(ShownQuery { name, sql, columns, rows, reads_tables: found.reads_tables });
        if !self.evidence.knows_names() {
            self.in_scope().await?;
        }
        Ok(result)
    }
}

/// The rows as a model sees them, as far as they fit: first with shorter cells, then the first rows only.
fn rows_that_fit(
    columns: &[String],
    found: &[Vec<Value>],
    room: usize,
) -> Result<(Vec<Vec<Value>>, Option<String>), ToolFault> {
    let around = size(&json!({ "query": "q000", "columns": columns, "rows": [], "truncated": false, "note": "" }));
    let room = room.saturating_sub(around + NOTE_BYTES);
    for characters in [CELL_CHARACTERS, SHORT_CELL, SHORTEST_CELL] {
        let rows: Vec<Vec<Value>> =
            found.iter().map(|row| row.iter().map(|cell| cut(cell, characters)).collect()).collect();
        let told: Vec<Value> = rows.iter().map(|row| json!(row)).collect();
        let fitting = that_fit(&told, room);
        let is_short = characters < CELL_CHARACTERS;
        if fitting < rows.len() && (!is_short || fitting == 0) {
            continue;
        }
        let cells = is_short.then(|| format!("cells are cut after {characters} characters"));
        let missing =
            (fitting < rows.len()).then(|| format!("the result is large, and its first {fitting} rows are shown"));
        let parts: Vec<String> = missing.into_iter().chain(cells).collect();
        let note = (!parts.is_empty()).then(|| {
            format!(
                "{}; ask for fewer columns, for parts of texts by substr(), or for less by WHERE, LIMIT and OFFSET",
                parts.join("; ")
            )
        });
        return Ok((rows.into_iter().take(fitting).collect(), note));
    }
    let what = format!("a row of {} columns is more than fits; name the few columns that you need", columns.len());
    Err(ToolFault::Wrong(what))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitted(cells: &[&str], rows: usize, room: usize) -> Option<(Vec<Vec<Value>>, Option<String>)> {
        let columns: Vec<String> = (0..cells.len()).map(|number| format!("c{number}")).collect();
        let row: Vec<Value> = cells.iter().map(|cell| json!(cell)).collect();
        let (rows, note) = rows_that_fit(&columns, &vec![row; rows], room).ok()?;
        let told = json!({ "query": "q1", "columns": columns, "rows": rows, "truncated": true, "note": note });
        assert!(size(&told) <= room, "{} of {room}", size(&told));
        Some((rows, note))
    }

    #[test]
    fn what_is_large_is_cut_and_says_so() {
        let long = "ä".repeat(1_000);
        assert_eq!(fitted(&["a", &long], 2, 10_000).unwrap(), (vec![vec![json!("a"), json!(long)]; 2], None));
        let (rows, note) = fitted(&["a", &long], 20, 10_000).unwrap();
        assert_eq!((rows.len(), rows[0][1].as_str().unwrap().chars().count()), (20, SHORT_CELL + 1));
        assert!(note.unwrap().starts_with("cells are cut after 200 characters; ask for fewer columns"));
        let (rows, note) = fitted(&["a", &long], 50, 4_000).unwrap();
        assert_eq!(rows.len(), 8);
        assert!(
            note.unwrap().starts_with("the result is large, and its first 8 rows are shown; cells are cut after 200")
        );
        let wide = vec![long.as_str(); 20];
        assert_eq!(fitted(&wide, 5, 3_000).unwrap().0.len(), 1);
        assert!(fitted(&wide, 5, 1_000).is_none());
        assert_eq!(fitted(&[], 0, 1_000).unwrap(), (Vec::new(), None));
    }
}
