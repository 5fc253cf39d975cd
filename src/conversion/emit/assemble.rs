//! Rows of a record whose elements repeat: all values in one cell, or a row for each repetition.

use super::finished::Span;
use super::row::{Segment, Value, unplanned};
use crate::conversion::error::Error;

/// Stands between joined values.
const SEPARATOR: char = '|';
/// Stands before a separator, or itself, that belongs to a value.
const ESCAPE: char = '\\';

/// Puts the values of each column into its cell, those of `joined` columns with separators.
pub(super) fn join(text: &mut String, cells: &mut [Span], values: &mut [Value], joined: &[bool]) -> Result<(), Error> {
    values.sort_by_key(|value| value.column);
    for same_column in values.chunk_by(|left, right| left.column == right.column) {
        let column = same_column[0].column as usize;
        let cell = match same_column {
            [only] if !joined[column] => only.span,
            _ if !joined[column] => return Err(unplanned("an element or attribute occurs more often")),
            several => joined_cell(text, several),
        };
        cells[column] = cell;
    }
    Ok(())
}

fn joined_cell(text: &mut String, values: &[Value]) -> Span {
    let mut cell = String::new();
    for (place, value) in values.iter().enumerate() {
        if place > 0 {
            cell.push(SEPARATOR);
        }
        for character in text[value.span.start..value.span.end].chars() {
            if matches!(character, SEPARATOR | ESCAPE) {
                cell.push(ESCAPE);
            }
            cell.push(character);
        }
    }
    let start = text.len();
    text.push_str(&cell);
    Span { start, end: text.len() }
}

/// Fills in the values of a segment and of all around it. `values` are sorted by segment.
pub(super) fn row_of_segment(
    innermost: u32,
    segments: &[Segment],
    values: &[Value],
    cells: &mut [Span],
) -> Result<(), Error> {
    let mut at = innermost;
    loop {
        let start = values.partition_point(|value| value.segment < at);
        for value in values[start..].iter().take_while(|value| value.segment == at) {
            let cell = &mut cells[value.column as usize];
            if *cell != Span::ABSENT {
                return Err(unplanned("an element or attribute occurs more often"));
            }
            *cell = value.span;
        }
        if at == 0 {
            return Ok(());
        }
        at = segments[at as usize].around;
    }
}
