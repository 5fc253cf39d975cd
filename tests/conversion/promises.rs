//! What the schema of the tables promises holds in the rows.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use ret::conversion::{ColumnType, Limits, Repeated};

use super::generate::{any_documents, any_options};
use super::{ReadTable, cases, convert_in};

fn cells<'t>(table: &'t ReadTable, name: &str) -> Option<Vec<&'t str>> {
    let column = table.table.columns.iter().position(|column| column.name == name)?;
    Some(table.rows.iter().map(|row| row[column].as_str()).collect())
}

fn prints_back_the_same(cell: &str, column_type: ColumnType) -> bool {
    match column_type {
        ColumnType::Integer => cell.parse::<i64>().is_ok_and(|number| number.to_string() == cell),
        ColumnType::Decimal => cell.parse::<f64>().is_ok_and(|number| {
            let decimals = cell.split_once('.').map_or(0, |(_, decimals)| decimals.len());
            format!("{number:.decimals$}") == cell
        }),
        ColumnType::Boolean => cell.parse::<bool>().is_ok(),
        ColumnType::Date => cell.len() == 10,
        ColumnType::DateTime => cell.contains('T'),
        ColumnType::Time => cell.contains(':'),
        ColumnType::Text => true,
    }
}

fn check_names(tables: &[ReadTable]) {
    let names: BTreeSet<String> = tables.iter().map(|table| table.table.name.to_lowercase()).collect();
    assert_eq!(names.len(), tables.len());
    for ReadTable { table, .. } in tables {
        let names: BTreeSet<String> = table.columns.iter().map(|column| column.name.to_lowercase()).collect();
        assert_eq!(names.len(), table.columns.len(), "{:?}", table.columns);
        assert!(table.name.chars().all(|c| c.is_alphanumeric() || "._-".contains(c)), "{}", table.name);
    }
}

fn check_columns(tables: &[ReadTable]) {
    for ReadTable { table, rows } in tables {
        for (place, column) in table.columns.iter().enumerate() {
            for row in rows {
                let cell = &row[place];
                assert!(!cell.is_empty() || column.nullable, "{} of {} is empty", column.name, table.name);
                let fits = cell.is_empty() || prints_back_the_same(cell, column.column_type);
                assert!(fits, "{cell:?} in {column:?}");
            }
        }
    }
}

fn check_keys(tables: &[ReadTable]) {
    let by_name: BTreeMap<&str, &ReadTable> = tables.iter().map(|table| (table.table.name.as_str(), table)).collect();
    for table in tables {
        if table.table.primary_key.is_some() {
            let ids: Vec<String> = (1..=table.rows.len()).map(|id| id.to_string()).collect();
            assert_eq!(cells(table, "_id").unwrap(), ids, "{}", table.table.name);
        }
        if let Some(parent) = &table.table.parent {
            let known: BTreeSet<&str> =
                cells(by_name[parent.table.as_str()], &parent.column).unwrap().into_iter().collect();
            let parents = cells(table, "_parent").unwrap();
            assert!(parents.iter().all(|id| id.is_empty() || known.contains(id)), "{}", table.table.name);
        }
    }
}

fn check_order(tables: &[ReadTable]) {
    for table in tables.iter().filter(|table| table.table.parent.is_some()) {
        let (Some(parents), Some(places)) = (cells(table, "_parent"), cells(table, "_ord")) else { continue };
        let documents = cells(table, "_document").unwrap_or_else(|| vec![""; parents.len()]);
        let elements = cells(table, "_element").unwrap_or_else(|| vec![""; parents.len()]);
        let mut last = BTreeMap::new();
        for (((parent, document), element), place) in parents.iter().zip(&documents).zip(&elements).zip(&places) {
            let place: u64 = place.parse().unwrap();
            let before = last.insert((parent, document, element), place).unwrap_or(0);
            // A wrapper that folds away may start the count again; otherwise it goes on by one.
            assert!(place == before + 1 || place == 1, "{}: {before} then {place}", table.table.name);
        }
    }
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn names_types_and_keys_hold(
        documents in any_documents(),
        options in any_options(),
    ) {
        let converted = convert_in(&documents, &options, &Limits::default(), usize::MAX).unwrap();
        let tables = converted.read();
        check_names(&tables);
        check_columns(&tables);
        check_keys(&tables);
        check_order(&tables);
        let rows: Vec<(u64, usize)> =
            tables.iter().map(|table| (table.table.rows_estimate, table.rows.len())).collect();
        let is_estimated = options.repeated != Repeated::Explode;
        prop_assert!(!is_estimated || rows.iter().all(|(estimate, rows)| *rows as u64 <= *estimate), "{rows:?}");
    }
}
