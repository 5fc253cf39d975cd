//! Tables as a model is told of them.

use serde_json::{Value, json};

use super::{ToolFault, shown};
use crate::{
    domain::SessionId,
    services::{
        conversions::TableReport,
        tables::{RowsRequest, TableService},
    },
};

/// Rows that are looked at for values.
const SAMPLE_ROWS: u32 = 50;
/// Values of a column that are shown.
const SAMPLES: usize = 5;

pub(super) fn summary(table: &TableReport) -> Value {
    let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    let parent = table.parent.as_ref().map(|parent| &parent.table);
    json!({ "name": table.name, "rows": table.rows, "columns": columns, "parent": parent })
}

pub(super) async fn table(tables: &TableService, session: SessionId, table: &TableReport) -> Result<Value, ToolFault> {
    let request = RowsRequest { limit: SAMPLE_ROWS, ..RowsRequest::default() };
    let (_, page) = tables.rows(session, &table.name, request).await?;
    let samples = |name: &str| {
        let at = page.columns.iter().position(|column| column == name);
        let mut samples: Vec<Value> = Vec::new();
        for value in page.rows.iter().filter_map(|row| row.get(at?)) {
            if samples.len() < SAMPLES && !value.is_null() && !samples.contains(&shown(value)) {
                samples.push(shown(value));
            }
        }
        samples
    };
    let columns: Vec<Value> = table
        .columns
        .iter()
        .map(|column| {
            json!({
                "name": column.name, "type": column.column_type, "nullable": column.nullable,
                "samples": samples(&column.name),
            })
        })
        .collect();
    Ok(json!({
        "table": table.name, "rows": table.rows, "primary_key": table.primary_key, "parent": table.parent, "columns": columns,
    }))
}
