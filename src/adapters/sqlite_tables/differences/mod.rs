//! What differs between two sets of rows: both are read in the order of their key, side by side, so that memory does not grow with them.

mod order;
mod statement;

use std::{
    cmp::Ordering,
    path::Path,
    sync::{Arc, atomic::AtomicBool},
};

use rusqlite::{Row, Rows, fallible_streaming_iterator::FallibleStreamingIterator as _, types::ValueRef};

use self::{order::compared, statement::Reading};
use super::{
    cells::{json_bytes, to_json},
    errors::running_error,
    gate,
};
use crate::ports::{
    differences::{CellDifference, DifferenceRequest, Differences, RowDifference, RowKey, RowsOf},
    tables::{QueryError, QueryLimits},
};

/// Whether every row has a key, and no two have the same.
pub(super) fn is_key(path: &Path, rows: &RowsOf, key: &RowKey, limits: &QueryLimits) -> Result<bool, QueryError> {
    let connection = gate::open(path)?;
    gate::limit_time(&connection, limits.time, Arc::default())?;
    let sql = Reading::new(&connection, rows, &[], key)?.repeated_key();
    let mut statement = connection.prepare(&sql).map_err(running_error)?;
    statement.exists([statement::documents(rows)]).map(|repeats| !repeats).map_err(running_error)
}

/// Reads both sides and tells what differs.
pub(super) fn find(
    path: &Path,
    request: &DifferenceRequest,
    limits: &QueryLimits,
    cancelled: Arc<AtomicBool>,
) -> Result<Differences, QueryError> {
    let connection = gate::open(path)?;
    gate::limit_time(&connection, limits.time, cancelled)?;
    let [left, right] =
        [&request.left, &request.right].map(|rows| Reading::new(&connection, rows, &request.columns, &request.key));
    let (left, right) = (left?, right?);
    let as_text = left.differing_types(&right);
    let prepare = |sql: String| connection.prepare(&sql).map_err(running_error);
    let mut of_left = prepare(left.in_order(&as_text))?;
    let mut of_right = prepare(right.in_order(&as_text))?;
    let sides = [
        Side::start(of_left.query([statement::documents(&request.left)]).map_err(running_error)?, &request.left)?,
        Side::start(of_right.query([statement::documents(&request.right)]).map_err(running_error)?, &request.right)?,
    ];
    Merge { sides, request, key: left.key_places(), bytes: limits.bytes, found: Differences::default() }.run()
}

/// The rows of one side, of which one is looked at.
struct Side<'s> {
    rows: Rows<'s>,
    table: &'s str,
}

impl<'s> Side<'s> {
    fn start(mut rows: Rows<'s>, of: &'s RowsOf) -> Result<Self, QueryError> {
        rows.advance().map_err(running_error)?;
        Ok(Self { rows, table: &of.table })
    }

    fn row(&self) -> Option<&Row<'s>> {
        self.rows.get()
    }
}

struct Merge<'s> {
    sides: [Side<'s>; 2],
    request: &'s DifferenceRequest,
    /// Places of the key's values in a row.
    key: Vec<usize>,
    /// As many may be told.
    bytes: usize,
    found: Differences,
}

const LEFT: usize = 0;
const RIGHT: usize = 1;

impl Merge<'_> {
    fn run(mut self) -> Result<Differences, QueryError> {
        loop {
            let order = match (self.sides[LEFT].row(), self.sides[RIGHT].row()) {
                (None, None) => return Ok(self.found),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(left), Some(right)) => compared(&self.key_of(left)?, &self.key_of(right)?),
            };
            let (kind, present): (_, &[usize]) = match order {
                Ordering::Less => (&mut self.found.counts.removed, &[LEFT]),
                Ordering::Greater => (&mut self.found.counts.added, &[RIGHT]),
                Ordering::Equal => (&mut self.found.counts.unchanged, &[LEFT, RIGHT]),
            };
            *kind += 1;
            self.look_at(present)?;
            for side in present {
                self.step(*side)?;
            }
        }
    }

    /// Tells of the row if its sides differ.
    fn look_at(&mut self, present: &[usize]) -> Result<(), QueryError> {
        let [left, right] = [LEFT, RIGHT].map(|side| present.contains(&side).then(|| self.sides[side].row()).flatten());
        let differing = differing_cells(left, right, self.request.columns.len())?;
        if let (Some(_), Some(_)) = (left, right) {
            if differing.is_empty() {
                return Ok(());
            }
            self.found.counts.unchanged -= 1;
            self.found.counts.changed += 1;
        }
        let told = self.found.rows.len() < self.request.limit && !self.found.truncated;
        let Some(shown) = left.or(right).filter(|_| told) else {
            self.found.truncated = true;
            return Ok(());
        };
        let key = self.key_of(shown)?;
        let bytes: usize =
            differing.iter().flat_map(|(_, cells)| cells).chain(&key).map(|cell| json_bytes(*cell)).sum();
        // One is told whatever its size, so that the next question can be about it.
        if self.found.bytes + bytes > self.bytes && !self.found.rows.is_empty() {
            self.found.truncated = true;
            return Ok(());
        }
        let row = RowDifference {
            left: left.map(number_of).transpose()?.flatten(),
            right: right.map(number_of).transpose()?.flatten(),
            key: key.into_iter().map(to_json).collect(),
            cells: differing
                .into_iter()
                .map(|(column, [left, right])| CellDifference { column, left: to_json(left), right: to_json(right) })
                .collect(),
        };
        self.found.bytes += bytes;
        self.found.rows.push(row);
        Ok(())
    }

    /// Goes to the next row of a side, whose key must be another.
    fn step(&mut self, side: usize) -> Result<(), QueryError> {
        let owned = |values: Vec<ValueRef<'_>>| {
            values.into_iter().map(rusqlite::types::Value::try_from).collect::<Result<Vec<_>, _>>()
        };
        let before = match self.sides[side].row() {
            Some(row) if !self.request.may_repeat => Some(self.key_of(row)?),
            _ => None,
        };
        let before = before.map(owned).transpose().map_err(|error| QueryError::Failed(error.to_string()))?;
        self.sides[side].rows.advance().map_err(running_error)?;
        let (Some(before), Some(row)) = (before, self.sides[side].row()) else { return Ok(()) };
        let before: Vec<ValueRef<'_>> = before.iter().map(ValueRef::from).collect();
        if compared(&before, &self.key_of(row)?) == Ordering::Equal {
            let values: Vec<String> = before.into_iter().map(|value| to_json(value).to_string()).collect();
            let RowKey { of_parent, own } = &self.request.key;
            let columns: Vec<&str> = of_parent.iter().chain(own).map(String::as_str).collect();
            return Err(QueryError::Rejected(format!(
                "key {} does not tell the rows of '{}' apart: more than one row has {}",
                columns.join(", "),
                self.sides[side].table,
                values.join(", ")
            )));
        }
        Ok(())
    }

    fn key_of<'r>(&self, row: &'r Row<'_>) -> Result<Vec<ValueRef<'r>>, QueryError> {
        self.key.iter().map(|place| row.get_ref(*place).map_err(running_error)).collect()
    }
}

/// The row's own number.
fn number_of(row: &Row<'_>) -> Result<Option<i64>, QueryError> {
    row.get(statement::NUMBER).map_err(running_error)
}

/// The columns whose cells are not the same, with both cells; a row that is not there has empty ones.
fn differing_cells<'r>(
    left: Option<&'r Row<'_>>,
    right: Option<&'r Row<'_>>,
    columns: usize,
) -> Result<Vec<(usize, [ValueRef<'r>; 2])>, QueryError> {
    let mut differing = Vec::new();
    for column in 0..columns {
        let cell = |row: Option<&'r Row<'_>>| match row {
            Some(row) => row.get_ref(statement::FIRST_COLUMN + column).map_err(running_error),
            None => Ok(ValueRef::Null),
        };
        let cells = [cell(left)?, cell(right)?];
        if compared(&cells[..1], &cells[1..]) != Ordering::Equal {
            differing.push((column, cells));
        }
    }
    Ok(differing)
}
