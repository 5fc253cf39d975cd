//! The column of dates that a question is about.

use super::{
    super::{
        question::{Asks, Doubt, Period},
        schema::{ColumnId, Kind},
    },
    Refusal, Span,
    decide::Planner,
};

impl Planner<'_> {
    /// The column of dates that the stretches of time are about.
    pub(super) fn span(&mut self) -> Result<Option<Span>, Refusal> {
        if self.reading.periods.is_empty() {
            return Ok(None);
        }
        let (column, holds_years) = self.date_column(true).ok_or(Refusal::NoDate)?;
        let periods: Vec<Period> = self.reading.periods.clone();
        if holds_years && periods.iter().any(|period| period.years().is_none()) {
            return Err(Refusal::NoDate);
        }
        if self.reading.asks != Some(Asks::When) {
            self.reading.columns.retain(|other| *other != column);
        }
        let periods = periods.iter().map(|period| (period.from, period.to)).collect();
        Ok(Some(Span { column, holds_years, periods }))
    }

    /// The column of dates nearest to what is asked; of years, if those will do.
    pub(super) fn date_column(&mut self, years_do: bool) -> Option<(ColumnId, bool)> {
        let is_year = |column: ColumnId| {
            years_do
                && self.kind(column) == Kind::Number
                && self.catalogue.column(column).words.iter().any(|word| word == "year")
        };
        let asked = self.reading.columns.iter().copied();
        let asked = asked.chain(self.reading.conditions.iter().map(|condition| condition.column));
        let suits = |column: &ColumnId| self.kind(*column) == Kind::Date || is_year(*column);
        if let Some(column) = asked.clone().find(suits) {
            return Some((column, is_year(column)));
        }
        let start = self.measure_table()?;
        for table in self.catalogue.upwards(start) {
            let columns: Vec<ColumnId> = self.catalogue.columns(table).map(|(id, _)| id).collect();
            let dates: Vec<ColumnId> =
                columns.iter().copied().filter(|column| self.kind(*column) == Kind::Date).collect();
            let found = dates.first().copied().or_else(|| columns.into_iter().find(|column| is_year(*column)));
            let Some(column) = found else { continue };
            let holds_years = is_year(column);
            if dates.len() > 1 {
                let column = self.catalogue.column(column);
                self.doubts.push(Doubt::Ambiguous(self.catalogue.tables[table].name.clone(), column.name.clone()));
            }
            return Some((column, holds_years));
        }
        None
    }

    pub(super) fn measure_table(&self) -> Option<usize> {
        let number = self.first_of(Kind::Number).map(|column| column.table);
        let number = number.filter(|_| self.reading.function.is_some() || self.reading.is_total);
        number.or(self.entity()).or_else(|| self.reading.touched().first().copied())
    }
}
