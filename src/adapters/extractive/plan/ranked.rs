//! Questions for the greatest and the smallest.

use super::{
    super::{
        lexicon::About,
        question::{Asks, Condition, Doubt, Function, Group, Superlative, Target, Test},
        schema::{ColumnId, Kind},
    },
    Dimension, Measure, Order, Refusal,
    decide::{Decision, Planner},
};

impl Planner<'_> {
    /// `top five by quantity` names what is ranked, not a group.
    pub(super) fn take_ranked_group(&mut self) {
        if self.reading.superlative.is_none() {
            return;
        }
        let ranked = self.reading.groups.iter().find_map(|group| match group {
            Group::Column(column) if self.kind(*column) == Kind::Number => Some(*column),
            _ => None,
        });
        if let Some(column) = ranked {
            self.reading.groups.retain(|group| *group != Group::Column(column));
            self.reading.columns.insert(0, column);
        }
    }

    pub(super) fn ranked(&mut self, superlative: Superlative, dimensions: Vec<Dimension>) -> Result<Decision, Refusal> {
        let column = self.ranked_column(superlative.about);
        // The highest of texts is none, and how often each is there was not asked for.
        let is_told =
            |text: ColumnId| self.reading.asks != Some(Asks::What) && self.reading.target == Some(Target::Column(text));
        let is_ranked = |text: &ColumnId| self.kind(*text) == Kind::Text && !is_told(*text);
        if column.is_none()
            && superlative.about == About::Anything
            && let Some(text) = self.reading.columns.iter().copied().find(is_ranked)
        {
            return Err(Refusal::OnlyText(text));
        }
        if let Some(measure) = column.and_then(|column| self.counted_extreme(superlative, column, &dimensions)) {
            return Ok((measure, dimensions, None));
        }
        let decision = self.ranked_by(column, superlative, dimensions)?;
        let (measure, _, order) = &decision;
        let function = self.reading.function.or(Some(Function::Sum).filter(|_| self.reading.is_total));
        if let Some(function) = function
            && !matches!(measure, Measure::Aggregate(computed, _) if *computed == function)
        {
            self.doubts.push(Doubt::NotComputed(function));
        }
        if self.reading.asks == Some(Asks::HowMany)
            && (matches!(measure, Measure::Rows(..)) || order.is_none() && !self.asks_for_number())
        {
            self.doubts.push(Doubt::NotCounted);
        }
        Ok(decision)
    }

    fn asks_for_number(&self) -> bool {
        matches!(self.reading.target, Some(Target::Column(column)) if self.kind(column) == Kind::Number)
    }

    /// How many rows have the greatest: those in which the column is as great as in any.
    fn counted_extreme(
        &mut self,
        superlative: Superlative,
        column: ColumnId,
        dimensions: &[Dimension],
    ) -> Option<Measure> {
        let measure = match self.reading.target? {
            Target::Table(table) => Measure::Count(table),
            Target::Column(target) if self.kind(target) == Kind::Text => Measure::Distinct(target),
            Target::Column(_) => return None,
        };
        // With conditions, or the last days: the greatest of all, or of those?
        let is_plain = self.reading.asks == Some(Asks::HowMany)
            && superlative.about != About::Time
            && measure.table() == column.table
            && dimensions.is_empty()
            && self.reading.conditions.is_empty()
            && self.reading.periods.is_empty()
            && self.reading.limit.is_none()
            && self.reading.function.is_none();
        if !is_plain {
            return None;
        }
        let test = Test::Extreme {
            is_greatest: superlative.is_greatest,
            table: self.catalogue.table(column).name.clone(),
            column: self.catalogue.column(column).name.clone(),
        };
        self.reading.columns.retain(|known| *known != column);
        self.reading.conditions.push(Condition { column, test });
        Some(measure)
    }

    fn ranked_by(
        &mut self,
        column: Option<ColumnId>,
        superlative: Superlative,
        mut dimensions: Vec<Dimension>,
    ) -> Result<Decision, Refusal> {
        let limit = self.reading.limit.unwrap_or(1);
        let order = |column| Some(Order { column, is_descending: superlative.is_greatest, limit });
        let extreme = if superlative.is_greatest { Function::Greatest } else { Function::Least };
        let asks_for_rows = self.reading.limit.is_some() || matches!(self.reading.asks, Some(Asks::Which | Asks::Who));
        // What is the cheapest product?
        let names_target = self.reading.asks == Some(Asks::What)
            && matches!(self.reading.target, Some(Target::Column(target)) if self.kind(target) == Kind::Text);
        let asks_for_rows = asks_for_rows || names_target;
        if let Some(Target::Column(dimension)) = self.reading.target.filter(|_| asks_for_rows)
            && matches!(self.kind(dimension), Kind::Text | Kind::Boolean)
        {
            let is_label = column.is_some_and(|column| self.catalogue.label(column.table) == Some(dimension));
            let measure = match (column, self.reading.function) {
                (Some(column), Some(function)) => Measure::Aggregate(function, column),
                (Some(column), None) if self.is_rate(column) => Measure::Aggregate(extreme, column),
                (Some(column), None) => {
                    if !is_label {
                        self.doubts.push(Doubt::AddedUp(self.catalogue.column(column).name.clone()));
                    }
                    Measure::Aggregate(Function::Sum, column)
                }
                (None, _) => Measure::Count(self.reading.tables.first().copied().ok_or(Refusal::NothingNamed)?),
            };
            dimensions.insert(0, Dimension { column: dimension, unit: None });
            return Ok((measure, dimensions, order(None)));
        }
        if !dimensions.is_empty() {
            if asks_for_rows || self.reading.function.is_some() {
                let measure = match (column, self.reading.function) {
                    (Some(column), function) => Measure::Aggregate(function.unwrap_or(extreme), column),
                    (None, _) => Measure::Count(self.entity().ok_or(Refusal::NothingNamed)?),
                };
                return Ok((measure, dimensions, order(None)));
            }
            let column = column.ok_or_else(|| self.no_number())?;
            return Ok((Measure::Aggregate(extreme, column), dimensions, None));
        }
        let is_of_date = column.is_some_and(|column| self.kind(column) == Kind::Date)
            && self.reading.asks != Some(Asks::Who)
            && (self.reading.asks == Some(Asks::When) || self.reading.target == column.map(Target::Column));
        let asks_for_rows = asks_for_rows || matches!(self.reading.target, Some(Target::Table(_)));
        if let Some(column) = column.filter(|_| is_of_date || !asks_for_rows) {
            return Ok((Measure::Aggregate(extreme, column), dimensions, None));
        }
        if column.is_none() && self.reading.tables.len() > 1 {
            let (row, counted) = (self.reading.tables[0], self.reading.tables[1]);
            let label = self.catalogue.label(row).ok_or(Refusal::NothingNamed)?;
            return Ok((Measure::Count(counted), vec![Dimension { column: label, unit: None }], order(None)));
        }
        let column = column.ok_or_else(|| self.no_number())?;
        Ok((Measure::Rows(column.table, self.shown(column.table, Some(column))), dimensions, order(Some(column))))
    }

    /// Whether adding the column up makes no sense.
    pub(super) fn is_rate(&self, column: ColumnId) -> bool {
        let words = &self.catalogue.column(column).words;
        words
            .iter()
            .any(|word| matches!(word.as_str(), "price" | "rate" | "age" | "year" | "salary" | "score" | "rating"))
            || self.kind(column) != Kind::Number
    }

    pub(super) fn ranked_column(&mut self, about: About) -> Option<ColumnId> {
        if about == About::Time {
            return self.date_column(true).map(|(column, _)| column);
        }
        let named = self.first_of(Kind::Number).or_else(|| self.first_of(Kind::Date));
        let words: &[&str] = match about {
            About::Price => &["price", "amount", "cost"],
            About::Length => &["length", "page", "duration"],
            _ => &[],
        };
        let table = self.entity().or_else(|| self.reading.touched().first().copied());
        named.or_else(|| {
            let columns: Vec<(ColumnId, Vec<String>)> =
                self.catalogue.columns(table?).map(|(id, column)| (id, column.words.clone())).collect();
            words.iter().find_map(|word| {
                let found = columns
                    .iter()
                    .find(|(id, names)| names.iter().any(|name| name == word) && self.kind(*id) == Kind::Number);
                found.map(|(id, _)| *id)
            })
        })
    }
}
