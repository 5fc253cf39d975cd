//! The columns of a result. What each is goes by its place: a column of a table may be called like anything that is computed.

use super::{
    super::{
        question::Unit,
        schema::{Catalogue, ColumnId},
    },
    Measure,
};
use crate::ports::tables::quoted;

/// A column of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Output {
    /// What it is called. No two columns of a result are called the same, for a citation goes by it.
    pub(crate) name: String,
    pub(crate) what: What,
}

/// What stands in a column of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Cell(ColumnId),
    /// The year, quarter, month or day of a date.
    Time(Unit),
    /// What is measured.
    Figure,
    /// How many rows have what is measured.
    Basis,
    /// How many rows there are in all, of which some may be shown.
    Total,
}

impl Output {
    /// Whether it is a number of things or an amount, which is told with thousands; a year or the number of an order has none.
    pub(crate) fn is_amount(&self) -> bool {
        matches!(self.what, What::Figure | What::Basis | What::Total)
    }
}

/// What is selected, with the columns that it gives.
#[derive(Default)]
pub(super) struct Selection {
    parts: Vec<String>,
    pub(super) outputs: Vec<Output>,
}

impl Selection {
    /// Adds a cell. One that is called like another is called with its table.
    pub(super) fn cell(&mut self, expression: &str, column: ColumnId, catalogue: &Catalogue) {
        let name = &catalogue.column(column).name;
        let of_table = format!("{}.{name}", catalogue.table(column).name);
        self.add(expression, &[name, &of_table], What::Cell(column));
    }

    pub(super) fn computed(&mut self, expression: &str, what: What, measure: &Measure) {
        let name = match what {
            What::Time(Unit::Year) => "year",
            What::Time(Unit::Quarter) => "quarter",
            What::Time(Unit::Month) => "month",
            What::Time(Unit::Day) => "day",
            What::Basis => "rows",
            What::Total => "rows in all",
            What::Figure | What::Cell(_) => measure.title(),
        };
        self.add(expression, &[name], what);
    }

    fn add(&mut self, expression: &str, names: &[&str], what: What) {
        let fit = |name: &&str| name.replace(['[', ']', ':', '\n', '"'], "_");
        let is_free = |name: &String| {
            let folded = name.to_lowercase();
            self.outputs.iter().all(|output| output.name.to_lowercase() != folded)
        };
        let last = names.last().map(fit).unwrap_or_default();
        let numbered = (2..).map(|number| format!("{last} {number}"));
        let Some(name) = names.iter().map(fit).chain(numbered).find(is_free) else { return };
        self.parts.push(format!("{expression} AS {}", quoted(&name)));
        self.outputs.push(Output { name, what });
    }

    pub(super) fn written(&self) -> String {
        self.parts.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn no_two_columns_of_a_result_are_called_the_same() {
        let catalogue = Catalogue::new(&json!({ "tables": [
            { "name": "product", "columns": ["name", "count", "a:[b]"], "parent": null },
            { "name": "category", "columns": ["Name", "category.name"], "parent": null },
        ]}));
        let mut selection = Selection::default();
        for (table, column) in [(0, 0), (1, 1), (1, 0), (0, 1), (0, 2)] {
            selection.cell("x", ColumnId { table, column }, &catalogue);
        }
        selection.computed("count(*)", What::Figure, &Measure::Count(0));
        selection.computed("count(*) OVER ()", What::Total, &Measure::Count(0));
        let names: Vec<&str> = selection.outputs.iter().map(|output| output.name.as_str()).collect();
        assert_eq!(names, ["name", "category.name", "category.Name 2", "count", "a__b_", "count 2", "rows in all"]);
        assert!(selection.written().starts_with("x AS \"name\", x AS \"category.name\", "));
    }
}
