//! Tables as a model is told of them.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{
    CELL_CHARACTERS, ToolFault, cut,
    fit::{contains, size, that_fit},
};
use crate::{
    domain::chat::visible,
    services::{
        conversions::TableReport,
        tables::{Asker, RowsRequest, TableService},
    },
};

/// Rows that are looked at for values.
const SAMPLE_ROWS: u32 = 50;
/// Values of a column that are shown.
const SAMPLES: usize = 5;

/// Characters of a value where whole ones do not fit.
const SHORT_SAMPLE: usize = 40;

/// Names of uploads that are told, and characters of each.
const OUTDATED: usize = 3;
const UPLOAD_CHARACTERS: usize = 80;

/// The tables whose names have the text in them, as far as they fit: first without their columns, then the first ones only. What is outdated of
/// them is told with them.
pub(super) fn list(tables: &[TableReport], outdated: &[String], containing: Option<&str>, room: usize) -> Value {
    let Some(outdated) = outdated_note(outdated) else { return tables_that_fit(tables, containing, room) };
    let mut told = tables_that_fit(tables, containing, room.saturating_sub(size(&json!({ "outdated": outdated }))));
    told["outdated"] = outdated.into();
    told
}

fn outdated_note(outdated: &[String]) -> Option<String> {
    let names: Vec<_> = outdated.iter().take(OUTDATED).map(|name| visible(name, UPLOAD_CHARACTERS)).collect();
    let further = outdated.len().saturating_sub(OUTDATED);
    let further = if further > 0 { format!(" and {further} more") } else { String::new() };
    (!names.is_empty()).then(|| {
        format!(
            "{}{further}: removed or replaced since the conversion, whose rows are told all the same; convert again",
            names.join(", ")
        )
    })
}

fn tables_that_fit(tables: &[TableReport], containing: Option<&str>, room: usize) -> Value {
    let tables: Vec<&TableReport> = tables.iter().filter(|table| contains(&table.name, containing)).collect();
    let whole = json!({ "tables": tables.iter().map(|table| summary(table)).collect::<Vec<_>>() });
    if size(&whole) <= room {
        return whole;
    }
    let brief: Vec<Value> = tables.iter().map(|table| brief(table)).collect();
    let note = "columns are left out, for they are too many; describe_table tells those of a table";
    let told = json!({ "tables": brief, "note": note });
    if size(&told) <= room {
        return told;
    }
    let note = |shown: usize| {
        format!(
            "{shown} of {} tables are shown, without their columns; call list_tables with `containing` for those whose names have a text in \
             them, or find rows with search_rows",
            brief.len()
        )
    };
    let around = size(&json!({ "tables": [], "note": note(brief.len()) }));
    let shown = that_fit(&brief, room.saturating_sub(around));
    json!({ "tables": &brief[..shown], "note": note(shown) })
}

fn summary(table: &TableReport) -> Value {
    let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    let mut summary = brief(table);
    summary["columns"] = json!(columns);
    summary
}

fn brief(table: &TableReport) -> Value {
    let parent = table.parent.as_ref().map(|parent| &parent.table);
    json!({ "name": table.name, "rows": table.rows, "parent": parent })
}

/// A table's columns whose names have the text in them, as far as they fit: first with shorter values, then without, then the first ones only.
pub(super) async fn table(
    tables: &TableService,
    asker: Asker,
    table: &TableReport,
    containing: Option<&str>,
    room: usize,
) -> Result<Value, ToolFault> {
    let request = RowsRequest { limit: SAMPLE_ROWS, ..RowsRequest::default() };
    let page = tables.rows(asker, &table.name, request).await?.rows;
    let places: HashMap<&str, usize> =
        page.columns.iter().enumerate().map(|(place, name)| (name.as_str(), place)).collect();
    let samples = |name: &str, characters: usize| {
        let place = places.get(name).copied();
        let mut samples: Vec<Value> = Vec::new();
        for value in page.rows.iter().filter_map(|row| row.get(place?)) {
            let value = cut(value, characters);
            if samples.len() < SAMPLES && !value.is_null() && !samples.contains(&value) {
                samples.push(value);
            }
        }
        samples
    };
    let wanted: Vec<_> = table.columns.iter().filter(|column| contains(&column.name, containing)).collect();
    let columns = |characters: Option<usize>| -> Vec<Value> {
        let told = wanted.iter().map(|column| {
            let mut told = json!({ "name": column.name, "type": column.column_type, "nullable": column.nullable });
            if let Some(characters) = characters {
                told["samples"] = json!(samples(&column.name, characters));
            }
            told
        });
        told.collect()
    };
    let told = |columns: &[Value], note: Option<String>| {
        let mut told = json!({
            "table": table.name, "rows": table.rows, "primary_key": table.primary_key, "parent": table.parent, "columns": columns,
        });
        if let Some(note) = note {
            told["note"] = note.into();
        }
        told
    };
    let whole = told(&columns(Some(CELL_CHARACTERS)), None);
    if size(&whole) <= room {
        return Ok(whole);
    }
    let short = told(&columns(Some(SHORT_SAMPLE)), Some(format!("values are cut after {SHORT_SAMPLE} characters")));
    if size(&short) <= room {
        return Ok(short);
    }
    let bare = columns(None);
    let note = |shown: usize| {
        Some(format!(
            "{shown} of {} columns are shown, without values; call describe_table with `containing` for those whose names have a text in them",
            bare.len()
        ))
    };
    let shown = that_fit(&bare, room.saturating_sub(size(&told(&[], note(bare.len())))));
    Ok(told(&bare[..shown], note(shown)))
}
