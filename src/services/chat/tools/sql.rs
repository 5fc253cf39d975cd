//! `run_sql`: one read-only statement in the sandbox.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Caller, ToolBox, ToolFault, read, shown};
use crate::ports::language_model::ToolSpecification;

/// Rows that a model sees of a result.
const ROWS_SHOWN: usize = 50;

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
    pub(super) async fn run_sql(&mut self, arguments: &str) -> Result<Value, ToolFault> {
        let SqlArguments { sql } = read(arguments)?;
        let limits = self.policy.chat.query;
        let found = self.tables.query_within(self.session, sql.clone(), limits, &self.scope).await?;
        let truncated = found.truncated || found.rows.len() > ROWS_SHOWN;
        let rows: Vec<Vec<Value>> =
            found.rows.iter().take(ROWS_SHOWN).map(|row| row.iter().map(shown).collect()).collect();
        let name = self.evidence.add_query(sql, found.columns.clone(), rows.clone());
        Ok(json!({ "query": name, "columns": found.columns, "rows": rows, "truncated": truncated }))
    }
}
