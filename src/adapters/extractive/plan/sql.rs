//! Writes the statement. Names are identifiers in quotation marks, values are literals; nothing of a question goes in as it is.

use std::collections::BTreeMap;

use super::{
    super::{
        question::{Condition, Function, Test, Unit},
        schema::{Catalogue, ColumnId, Kind},
        words::singular,
    },
    Dimension, Measure, Output, Plan, Span, What,
    output::Selection,
};
use crate::ports::tables::quoted;

/// Rows that a list may have; the tool shows no more.
const ROWS: usize = 50;
/// Characters of a cell that is an example.
const EXAMPLE_CHARACTERS: usize = 40;
/// Characters of a cell in a list.
const CELL_CHARACTERS: usize = 300;

pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\0', "").replace('\'', "''"))
}

/// A cell of a column of texts: one that shows best why it is no number.
pub(crate) fn example_of(column: ColumnId, catalogue: &Catalogue) -> String {
    let (table, name) = (quoted(&catalogue.table(column).name), &catalogue.column(column).name);
    let (cell, name) = (quoted(name), alias(name));
    format!(
        "SELECT substr({cell}, 1, {EXAMPLE_CHARACTERS}) AS {name} FROM {table} WHERE {cell} <> '' \
         ORDER BY {cell} GLOB '*[^0-9.-]*' DESC LIMIT 1"
    )
}

/// A name for a column of the result, fit for a citation.
fn alias(name: &str) -> String {
    quoted(&name.replace(['[', ']', ':', '\n', '"'], "_"))
}

/// The statement and the columns of its result; `None` if what is told cannot be divided so.
pub(super) fn statement(plan: &Plan, catalogue: &Catalogue) -> Option<(String, Vec<Output>)> {
    let deepest = |columns: &mut dyn Iterator<Item = ColumnId>| {
        columns.map(|column| column.table).max_by_key(|table| catalogue.upwards(*table).len())
    };
    let measured = plan.measure.table();
    let mut cells: Vec<ColumnId> = plan.dimensions.iter().map(|dimension| dimension.column).collect();
    match &plan.measure {
        Measure::Rows(_, columns) | Measure::Cells(columns) => cells.extend(columns),
        _ => {}
    }
    let deepest = deepest(&mut cells.iter().copied()).unwrap_or(measured);
    let is_below = catalogue.upwards(deepest).contains(&measured);
    let base = if is_below { deepest } else { measured };
    // Where a row would be told once for each row below it, only a count can be set right.
    if base != measured && !matches!(plan.measure, Measure::Count(_) | Measure::Cells(_)) {
        return None;
    }
    let above = catalogue.upwards(base);
    if cells.iter().any(|column| !above.contains(&column.table)) {
        return None;
    }
    Writer { catalogue, above }.write(plan, base)
}

/// A value, or nothing: an empty element is an empty text, which is greater than any number and counts as none in an average.
fn filled(column: &str) -> String {
    format!("nullif({column}, '')")
}

/// One row more than is shown tells whether it is as great as the last.
fn shown_and_next(limit: usize) -> usize {
    (limit + 1).min(ROWS)
}

struct Writer<'a> {
    catalogue: &'a Catalogue,
    /// The table of the rows and those above it, which are joined.
    above: Vec<usize>,
}

impl Writer<'_> {
    fn write(&self, plan: &Plan, base: usize) -> Option<(String, Vec<Output>)> {
        let mut needed = 0;
        let mut reach = |table: usize| {
            if let Some(at) = self.above.iter().position(|above| *above == table) {
                needed = needed.max(at);
            }
        };
        reach(plan.measure.table());
        plan.dimensions.iter().for_each(|dimension| reach(dimension.column.table));
        if let Measure::Rows(_, columns) | Measure::Cells(columns) = &plan.measure {
            columns.iter().for_each(|column| reach(column.table));
        }
        let selection = self.selection(plan, base);
        let tail = self.tail(plan)?;
        let mut tests = Vec::new();
        let mut below: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        let filters = plan.filters.iter().map(|filter| (filter.column, Filter::Condition(filter)));
        for (column, filter) in filters.chain(plan.span.iter().map(|span| (span.column, Filter::Span(span)))) {
            reach(column.table);
            if self.above.contains(&column.table) {
                tests.push(filter.written(&self.column(column)));
            } else if let Filter::Condition(Condition { test: Test::IsNot(values), .. }) = filter {
                // Without a Rake: there is no row below with it.
                let name = format!("b.{}", quoted(&self.catalogue.column(column).name));
                let (exists, joint) = self.exists(column.table, &[condition_of(&name, &Test::Is(values.clone()))])?;
                reach(joint);
                tests.push(format!("NOT {exists}"));
            } else {
                below
                    .entry(column.table)
                    .or_default()
                    .push(filter.written(&format!("b.{}", quoted(&self.catalogue.column(column).name))));
            }
        }
        for (table, of_table) in below {
            let (exists, joint) = self.exists(table, &of_table)?;
            reach(joint);
            tests.push(exists);
        }
        let mut from = format!("{} AS t0", quoted(&self.catalogue.tables[base].name));
        for at in 1..=needed {
            let (child, parent) = (&self.catalogue.tables[self.above[at - 1]], &self.catalogue.tables[self.above[at]]);
            from.push_str(&format!(
                " JOIN {} AS t{at} ON t{at}.{} = t{}.\"_parent\"",
                quoted(&parent.name),
                quoted(&child.parent_key),
                at - 1
            ));
        }
        let filter = if tests.is_empty() { String::new() } else { format!(" WHERE {}", tests.join(" AND ")) };
        let distinct = if matches!(plan.measure, Measure::Cells(_)) { "DISTINCT " } else { "" };
        let sql = format!("SELECT {distinct}{} FROM {from}{filter}{tail}", selection.written());
        Some((sql, selection.outputs))
    }

    fn selection(&self, plan: &Plan, base: usize) -> Selection {
        let mut selection = Selection::default();
        for dimension in &plan.dimensions {
            let expression = self.dimension(dimension);
            match dimension.unit {
                None => selection.cell(&expression, dimension.column, self.catalogue),
                Some(unit) => selection.computed(&expression, What::Time(unit), &plan.measure),
            }
        }
        match &plan.measure {
            Measure::Rows(_, columns) | Measure::Cells(columns) => {
                for column in columns {
                    selection.cell(&self.cell(*column), *column, self.catalogue);
                }
                if matches!(plan.measure, Measure::Rows(..)) {
                    selection.computed("count(*) OVER ()", What::Total, &plan.measure);
                }
            }
            measure => {
                selection.computed(&self.measured(measure, base), What::Figure, measure);
                if let Measure::Aggregate(_, column) | Measure::Distinct(column) = measure
                    && plan.dimensions.is_empty()
                {
                    // Where there is none, nothing was added up.
                    selection.computed(&format!("count({})", filled(&self.column(*column))), What::Basis, measure);
                }
            }
        }
        selection
    }

    /// How the rows are grouped and put in order, and how many there may be.
    fn tail(&self, plan: &Plan) -> Option<String> {
        let direction = |is_descending: bool| if is_descending { "DESC" } else { "ASC" };
        if let Measure::Rows(..) | Measure::Cells(_) = plan.measure {
            let Some(order) = plan.order else { return Some(format!(" LIMIT {ROWS}")) };
            let (column, direction) = (filled(&self.column(order.column?)), direction(order.is_descending));
            let limit = shown_and_next(order.limit);
            return Some(format!(" ORDER BY {column} IS NULL, {column} {direction} LIMIT {limit}"));
        }
        let Some(first) = plan.dimensions.first() else { return Some(String::new()) };
        let by: Vec<String> = (1..=plan.dimensions.len()).map(|at| at.to_string()).collect();
        let figure = plan.dimensions.len() + 1;
        let (order, limit) = match plan.order {
            Some(order) => (format!("{figure} {}", direction(order.is_descending)), shown_and_next(order.limit)),
            None if first.unit.is_some() => ("1".to_owned(), ROWS),
            None => (format!("{figure} DESC"), ROWS),
        };
        Some(format!(" GROUP BY {} ORDER BY {order}, 1 LIMIT {limit}", by.join(", ")))
    }

    fn column(&self, column: ColumnId) -> String {
        let at = self.above.iter().position(|table| *table == column.table).unwrap_or(0);
        format!("t{at}.{}", quoted(&self.catalogue.column(column).name))
    }

    fn cell(&self, column: ColumnId) -> String {
        let expression = self.column(column);
        match self.catalogue.column(column).kind {
            Kind::Text => format!("substr({expression}, 1, {CELL_CHARACTERS})"),
            _ => expression,
        }
    }

    fn dimension(&self, dimension: &Dimension) -> String {
        let column = self.column(dimension.column);
        match dimension.unit {
            None => column,
            Some(Unit::Year) => format!("substr({column}, 1, 4)"),
            Some(Unit::Month) => format!("substr({column}, 1, 7)"),
            Some(Unit::Day) => format!("substr({column}, 1, 10)"),
            Some(Unit::Quarter) => {
                format!("substr({column}, 1, 4) || '-Q' || ((CAST(substr({column}, 6, 2) AS INTEGER) + 2) / 3)")
            }
        }
    }

    fn measured(&self, measure: &Measure, base: usize) -> String {
        match measure {
            Measure::Count(table) if *table != base => {
                let at = self.above.iter().position(|above| above == table).unwrap_or(0);
                format!("count(DISTINCT t{at}.\"_id\")")
            }
            Measure::Distinct(column) => format!("count(DISTINCT {})", filled(&self.column(*column))),
            Measure::Aggregate(function, column) => {
                let name = match function {
                    Function::Sum => "sum",
                    Function::Average => "avg",
                    Function::Least => "min",
                    Function::Greatest => "max",
                };
                format!("{name}({})", filled(&self.column(*column)))
            }
            _ => "count(*)".into(),
        }
    }

    /// A row below, or beside, that passes the tests, and the table that both hang from.
    fn exists(&self, table: usize, tests: &[String]) -> Option<(String, usize)> {
        let path = self.catalogue.upwards(table);
        let length = path.iter().position(|step| self.above.contains(step))?;
        let joint = path[length];
        let at = self.above.iter().position(|above| *above == joint)?;
        let mut from = format!("{} AS b", quoted(&self.catalogue.tables[table].name));
        let (mut last, mut key) = ("b".to_owned(), &self.catalogue.tables[table].parent_key);
        for (step, parent) in path.iter().enumerate().take(length).skip(1) {
            let parent = &self.catalogue.tables[*parent];
            from.push_str(&format!(
                " JOIN {} AS b{step} ON b{step}.{} = {last}.\"_parent\"",
                quoted(&parent.name),
                quoted(key)
            ));
            (last, key) = (format!("b{step}"), &parent.parent_key);
        }
        let tests = tests.join(" AND ");
        Some((
            format!("EXISTS (SELECT 1 FROM {from} WHERE {last}.\"_parent\" = t{at}.{} AND {tests})", quoted(key)),
            joint,
        ))
    }
}

enum Filter<'a> {
    Condition(&'a Condition),
    Span(&'a Span),
}

impl Filter<'_> {
    fn written(&self, column: &str) -> String {
        match self {
            Self::Condition(condition) => condition_of(column, &condition.test),
            Self::Span(span) => {
                let periods: Vec<String> =
                    span.periods.iter().map(|period| period_of(column, span.holds_years, *period)).collect();
                if periods.len() == 1 { periods.concat() } else { format!("({})", periods.join(" OR ")) }
            }
        }
    }
}

fn condition_of(column: &str, test: &Test) -> String {
    let list = |values: &[String]| values.iter().map(|value| literal(value)).collect::<Vec<_>>().join(", ");
    match test {
        Test::Is(values) => format!("{column} IN ({})", list(values)),
        Test::IsNot(values) => format!("({column} IS NULL OR {column} NOT IN ({}))", list(values)),
        Test::Compare(operator, number) => format!("{} {operator} {number}", filled(column)),
        Test::Range(low, high) => format!("{} BETWEEN {low} AND {high}", filled(column)),
        Test::Contains(words) => {
            let tests: Vec<String> =
                words.iter().map(|word| format!("{column} LIKE {} ESCAPE '\\'", pattern(word))).collect();
            tests.join(" AND ")
        }
        Test::Extreme { is_greatest, table, column: name } => {
            let function = if *is_greatest { "max" } else { "min" };
            format!("{column} = (SELECT {function}({}) FROM {})", filled(&quoted(name)), quoted(table))
        }
        Test::Present => format!("{column} <> ''"),
        Test::Missing => format!("({column} IS NULL OR {column} = '')"),
    }
}

fn pattern(word: &str) -> String {
    let word = singular(word).replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    literal(&format!("%{word}%"))
}

fn period_of(column: &str, holds_years: bool, (from, to): (Option<time::Date>, Option<time::Date>)) -> String {
    let bound = |date: time::Date| if holds_years { date.year().to_string() } else { literal(&date.to_string()) };
    let column = if from.is_some() && to.is_some() { column.to_owned() } else { filled(column) };
    let mut tests = Vec::new();
    tests.extend(from.map(|from| format!("{column} >= {}", bound(from))));
    tests.extend(to.map(|to| format!("{column} < {}", bound(to))));
    tests.join(" AND ")
}
