//! Reads rows of one table, filtered, sorted and in pages. Names are looked up, values are bound; no text of a request becomes SQL.

use std::{
    path::Path,
    sync::{Arc, atomic::AtomicBool},
    time::{Duration, Instant},
};

use rusqlite::{Connection, ErrorCode, Result, ToSql, types::ToSqlOutput};

use super::{
    cells::to_comparable,
    errors::running_error,
    gate,
    query::{Take, collect},
    row_number::row_number,
};
use crate::ports::tables::{
    Comparison, Counted, Direction, Filter, PageRequest, QueryError, QueryLimits, QueryRows, quoted,
};

/// Filters in one request; more make no sense and cost depth of the expression.
const MAX_FILTERS: usize = 32;

/// A column of a store.
#[derive(Clone)]
pub(super) struct Column {
    pub(super) name: String,
    /// Its type as the store declares it.
    pub(super) declared: String,
}

/// Reads the page: as many rows as the request says, cut only at the limit of bytes; at least one comes, whatever its size.
pub(super) fn read(path: &Path, request: &PageRequest, limits: &QueryLimits) -> Result<QueryRows, QueryError> {
    let started = Instant::now();
    let connection = gate::open(path)?;
    gate::limit_time(&connection, limits.time, Arc::new(AtomicBool::new(false)))?;
    let (table, columns) = find_table(&connection, &request.table)?;
    let (sql, values) = compose(&table, &columns, request)?;
    let mut statement = connection.prepare(&sql).map_err(running_error)?;
    let parameters: Vec<&dyn ToSql> = values.iter().map(|value| value as &dyn ToSql).collect();
    // The statement itself has the limit of rows, which the caller chose.
    collect(&mut statement, &parameters, &Take { rows: usize::MAX, bytes: limits.bytes, at_least: 1 }, started)
}

/// Counts rows one by one: what was seen until the time is over is told then, which `count(*)` would keep to itself.
pub(super) fn count(path: &Path, table: &str, filters: &[Filter], time: Duration) -> Result<Counted, QueryError> {
    let connection = gate::open(path)?;
    let (table, columns) = find_table(&connection, table)?;
    let (conditions, values) = conditions(&columns, filters)?;
    let parameters: Vec<&dyn ToSql> = values.iter().map(|value| value as &dyn ToSql).collect();
    let sql = format!("SELECT 1 FROM {}{conditions}", quoted(&table));
    let mut statement = connection.prepare(&sql).map_err(running_error)?;
    gate::limit_time(&connection, time, Arc::new(AtomicBool::new(false)))?;
    let mut found = statement.query(parameters.as_slice()).map_err(running_error)?;
    let mut rows = 0;
    loop {
        match found.next() {
            Ok(Some(_)) => rows += 1,
            Ok(None) => return Ok(Counted { rows, complete: true }),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => {
                return Ok(Counted { rows, complete: false });
            }
            Err(error) => return Err(running_error(error)),
        }
    }
}

fn find_table(connection: &Connection, table: &str) -> Result<(String, Vec<Column>), QueryError> {
    let (name, columns) = look_up(connection, table).map_err(running_error)?;
    if columns.is_empty() {
        return Err(QueryError::Rejected(format!("there is no table '{table}'")));
    }
    Ok((name, columns))
}

/// The table's name as it is written in the store, and its columns; none if there is no such table.
pub(super) fn look_up(connection: &Connection, table: &str) -> Result<(String, Vec<Column>)> {
    let mut statement = connection.prepare(
        "SELECT s.name, c.name, c.type FROM sqlite_schema AS s, pragma_table_info(s.name) AS c \
         WHERE s.type = 'table' AND s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND s.name = ?1 COLLATE NOCASE ORDER BY c.cid",
    )?;
    let mut name = table.to_owned();
    let mut columns = Vec::new();
    let mut rows = statement.query([table])?;
    while let Some(row) = rows.next()? {
        name = row.get(0)?;
        columns.push(Column { name: row.get(1)?, declared: row.get(2)? });
    }
    Ok((name, columns))
}

/// The statement and its values in order.
fn compose<'r>(
    table: &str,
    columns: &[Column],
    request: &'r PageRequest,
) -> Result<(String, Vec<ToSqlOutput<'r>>), QueryError> {
    let (conditions, mut values) = conditions(columns, &request.filters)?;
    let selected: Vec<String> = columns.iter().map(|column| quoted(&column.name)).collect();
    let mut sql = format!("SELECT {} FROM {}{conditions}", selected.join(", "), quoted(table));
    let order = order(columns, request)?;
    if !order.is_empty() {
        sql.push_str(&format!(" ORDER BY {}", order.join(", ")));
    }
    sql.push_str(" LIMIT ? OFFSET ?");
    values.push(ToSqlOutput::from(i64::from(request.limit)));
    values.push(ToSqlOutput::from(i64::try_from(request.offset).unwrap_or(i64::MAX)));
    Ok((sql, values))
}

/// The condition of a statement, nothing without filters, and its values in order.
fn conditions<'f>(columns: &[Column], filters: &'f [Filter]) -> Result<(String, Vec<ToSqlOutput<'f>>), QueryError> {
    if filters.len() > MAX_FILTERS {
        return Err(QueryError::Rejected(format!("at most {MAX_FILTERS} filters are allowed")));
    }
    let mut conditions = Vec::new();
    let mut values = Vec::new();
    for filter in filters {
        let column = find(columns, &filter.column)?;
        conditions.push(condition(filter.comparison, &quoted(&column.name)));
        values.push(value_of(filter, column));
    }
    let sql = if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) };
    Ok((sql, values))
}

/// The column asked for, then the order of the document, so that pages never overlap.
fn order(columns: &[Column], request: &PageRequest) -> Result<Vec<String>, QueryError> {
    let mut terms = Vec::new();
    if let Some((name, direction)) = &request.sort {
        let direction = match direction {
            Direction::Ascending => "ASC",
            Direction::Descending => "DESC",
        };
        terms.push(format!("{} {direction}", quoted(&find(columns, name)?.name)));
    }
    let is_column = |name: &str| columns.iter().any(|column| column.name.eq_ignore_ascii_case(name));
    terms.extend(row_number(is_column).map(ToOwned::to_owned));
    Ok(terms)
}

fn condition(comparison: Comparison, column: &str) -> String {
    match comparison {
        Comparison::Equal => format!("{column} = ?"),
        Comparison::NotEqual => format!("{column} IS NOT ?"),
        Comparison::Less => format!("{column} < ?"),
        Comparison::LessOrEqual => format!("{column} <= ?"),
        Comparison::Greater => format!("{column} > ?"),
        Comparison::GreaterOrEqual => format!("{column} >= ?"),
        Comparison::Contains => format!("instr(lower({column}), lower(?)) > 0"),
    }
}

/// Text columns compare as text, the others as numbers where the value is one.
fn value_of<'r>(filter: &'r Filter, column: &Column) -> ToSqlOutput<'r> {
    if column.declared == "TEXT" || filter.comparison == Comparison::Contains {
        ToSqlOutput::from(filter.value.as_str())
    } else {
        to_comparable(&filter.value)
    }
}

pub(super) fn find<'c>(columns: &'c [Column], name: &str) -> Result<&'c Column, QueryError> {
    columns
        .iter()
        .find(|column| column.name.eq_ignore_ascii_case(name))
        .ok_or_else(|| QueryError::Rejected(format!("there is no column '{name}'")))
}
