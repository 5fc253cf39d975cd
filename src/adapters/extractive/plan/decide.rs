//! Decides what is told, and of which columns.

use super::{
    super::{
        question::{Asks, Condition, Doubt, Function, Group, Reading, Target, Test},
        schema::{Catalogue, ColumnId, Kind},
    },
    Dimension, Measure, Order, Plan, Refusal,
    doubts::doubts_of,
    sql::statement,
};

/// Columns of a row that is told with all it has.
pub(crate) const COLUMNS: usize = 60;

/// The statement for a question, or why there is none.
pub(crate) fn plan(reading: &Reading, catalogue: &Catalogue) -> Result<Plan, Refusal> {
    if let Some(word) = reading.beyond.first() {
        return Err(Refusal::Beyond(word.clone()));
    }
    let mut planner = Planner { catalogue, reading: reading.clone(), doubts: reading.doubts.clone() };
    planner.take_flags();
    let span = planner.span()?;
    planner.take_ranked_group();
    let (measure, dimensions, order) = planner.decide()?;
    planner.account_for_columns(&measure, &dimensions);
    let Planner { mut reading, doubts, .. } = planner;
    let filters = std::mem::take(&mut reading.conditions);
    let mut plan = Plan { measure, dimensions, order, filters, span, doubts, sql: String::new(), outputs: Vec::new() };
    if plan.touched().any(|table| !catalogue.are_related(table, plan.measure.table()))
        || reading.tables.iter().any(|table| !catalogue.are_related(*table, plan.measure.table()))
    {
        return Err(Refusal::Unrelated);
    }
    let compares = |condition: &&Condition| matches!(condition.test, Test::Compare(..) | Test::Range(..));
    let kind = |condition: &&Condition| catalogue.column(condition.column).kind;
    if let Some(condition) = plan.filters.iter().filter(compares).find(|condition| kind(condition) != Kind::Number) {
        let is_text = kind(&condition) == Kind::Text;
        return Err(if is_text { Refusal::OnlyText(condition.column) } else { Refusal::NoNumber });
    }
    let doubts = doubts_of(&plan, &reading, catalogue);
    plan.doubts.extend(doubts);
    (plan.sql, plan.outputs) = statement(&plan, catalogue).ok_or(Refusal::Unrelated)?;
    Ok(plan)
}

impl Measure {
    pub(crate) fn table(&self) -> usize {
        match self {
            Self::Count(table) | Self::Rows(table, _) => *table,
            Self::Distinct(column) | Self::Aggregate(_, column) => column.table,
            Self::Cells(columns) => columns.first().map_or(0, |column| column.table),
        }
    }

    /// What its figures are called, in English.
    pub(crate) fn title(&self) -> &'static str {
        match self {
            Self::Aggregate(Function::Sum, _) => "sum",
            Self::Aggregate(Function::Average, _) => "average",
            Self::Aggregate(Function::Least, _) => "smallest",
            Self::Aggregate(Function::Greatest, _) => "greatest",
            _ => "count",
        }
    }
}

impl Plan {
    fn touched(&self) -> impl Iterator<Item = usize> {
        let filters = self.filters.iter().map(|filter| filter.column.table);
        let dimensions = self.dimensions.iter().map(|dimension| dimension.column.table);
        filters.chain(dimensions).chain(self.span.iter().map(|span| span.column.table))
    }
}

/// A question while it becomes a plan.
pub(super) struct Planner<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) reading: Reading,
    pub(super) doubts: Vec<Doubt>,
}

pub(super) type Decision = (Measure, Vec<Dimension>, Option<Order>);

impl Planner<'_> {
    pub(super) fn kind(&self, column: ColumnId) -> Kind {
        self.catalogue.column(column).kind
    }

    pub(super) fn first_of(&self, kind: Kind) -> Option<ColumnId> {
        self.reading.columns.iter().copied().find(|column| self.kind(*column) == kind)
    }

    /// Why there is nothing to calculate with.
    pub(super) fn no_number(&self) -> Refusal {
        self.first_of(Kind::Text).map_or(Refusal::NoNumber, Refusal::OnlyText)
    }

    pub(super) fn entity(&self) -> Option<usize> {
        match self.reading.target {
            Some(Target::Table(table)) => Some(table),
            _ => self.reading.tables.first().copied(),
        }
    }

    /// `express orders`: a column of truth values is a condition.
    pub(super) fn take_flags(&mut self) {
        let is_flag = |column: &ColumnId| self.kind(*column) == Kind::Boolean;
        let flags: Vec<ColumnId> = self.reading.columns.iter().copied().filter(is_flag).collect();
        if self.reading.tables.is_empty() {
            return;
        }
        for condition in &mut self.reading.conditions {
            // Not express.
            if condition.test == Test::Missing && self.catalogue.column(condition.column).kind == Kind::Boolean {
                condition.test = Test::Is(vec!["false".into()]);
            }
        }
        for column in flags {
            self.reading.columns.retain(|other| *other != column);
            self.reading.conditions.push(Condition { column, test: Test::Is(vec!["true".into()]) });
            if self.reading.target == Some(Target::Column(column)) {
                self.reading.target = None;
            }
        }
    }

    pub(super) fn dimensions(&mut self) -> Result<Vec<Dimension>, Refusal> {
        // The average fee per order is that of all orders, where each has one.
        let each = self.first_of(Kind::Number).filter(|_| self.reading.function == Some(Function::Average));
        if let Some(column) = each {
            self.reading.groups.retain(|group| *group != Group::Table(column.table));
        }
        let groups = self.reading.groups.clone();
        groups
            .into_iter()
            .map(|group| match group {
                Group::Column(column) => Ok(Dimension { column, unit: None }),
                Group::Table(table) => self
                    .catalogue
                    .label(table)
                    .map(|column| Dimension { column, unit: None })
                    .ok_or(Refusal::NothingNamed),
                Group::Time(unit) => {
                    let (column, holds_years) = self.date_column(unit == super::Unit::Year).ok_or(Refusal::NoDate)?;
                    Ok(Dimension { column, unit: (!holds_years).then_some(unit) })
                }
            })
            .collect()
    }

    pub(super) fn decide(&mut self) -> Result<Decision, Refusal> {
        let dimensions = self.dimensions()?;
        self.reading.columns.retain(|column| dimensions.iter().all(|dimension| dimension.column != *column));
        if let Some(superlative) = self.reading.superlative {
            return self.ranked(superlative, dimensions);
        }
        let number = self.first_of(Kind::Number);
        let counts_rows =
            self.reading.asks == Some(Asks::HowMany) && matches!(self.reading.target, Some(Target::Table(_)));
        if counts_rows && number.is_none() && self.reading.function == Some(Function::Sum) {
            // The total number of orders.
            self.reading.function = None;
        } else if counts_rows && self.reading.function.is_some() {
            self.doubts.push(Doubt::LeftOut(self.catalogue.tables[self.reading.tables[0]].name.clone()));
        }
        if let Some(function) = self.reading.function {
            let column = number.ok_or_else(|| self.no_number())?;
            self.leave_out_other_numbers(column);
            return Ok((Measure::Aggregate(function, column), dimensions, None));
        }
        if let Some(column) = number.filter(|_| self.reading.is_total) {
            return Ok((Measure::Aggregate(Function::Sum, column), dimensions, None));
        }
        if self.reading.asks == Some(Asks::HowMany) {
            return Ok((self.counted()?, dimensions, None));
        }
        if !dimensions.is_empty() {
            if let Some(column) = number {
                self.doubts.push(Doubt::AddedUp(self.catalogue.column(column).name.clone()));
                return Ok((Measure::Aggregate(Function::Sum, column), dimensions, None));
            }
            let entity = self.entity().ok_or(Refusal::NothingNamed)?;
            return Ok((Measure::Count(entity), dimensions, None));
        }
        if self.reading.asks == Some(Asks::When) {
            let (column, _) = self.date_column(true).ok_or(Refusal::NoDate)?;
            return Ok((Measure::Cells(vec![column]), dimensions, None));
        }
        Ok((self.listed()?, dimensions, None))
    }

    /// No name of a column is passed over in silence.
    pub(super) fn account_for_columns(&mut self, measure: &Measure, dimensions: &[Dimension]) {
        let measured = match measure {
            Measure::Count(_) => None,
            Measure::Distinct(column) | Measure::Aggregate(_, column) => Some(*column),
            Measure::Rows(..) | Measure::Cells(_) => return,
        };
        let label = self.catalogue.label(measure.table());
        for column in self.reading.columns.clone() {
            let is_told = dimensions.iter().any(|dimension| dimension.column == column) || measured == Some(column);
            // Prices of products: what the rows are called anyway.
            let is_subject = measured.is_some() && label == Some(column);
            let name = self.catalogue.column(column).name.clone();
            if is_told || is_subject || self.doubts.contains(&Doubt::LeftOut(name.clone())) {
                continue;
            }
            if measured.is_none() && self.kind(column) == Kind::Text {
                self.reading.conditions.push(Condition { column, test: Test::Present });
                self.doubts.push(Doubt::Given(name));
            } else {
                self.doubts.push(Doubt::LeftOut(name));
            }
        }
    }

    pub(super) fn leave_out_other_numbers(&mut self, told: ColumnId) {
        let others: Vec<ColumnId> = self
            .reading
            .columns
            .iter()
            .copied()
            .filter(|column| *column != told && self.kind(*column) == Kind::Number)
            .collect();
        self.doubts.extend(others.into_iter().map(|column| Doubt::LeftOut(self.catalogue.column(column).name.clone())));
    }

    pub(super) fn counted(&mut self) -> Result<Measure, Refusal> {
        match self.reading.target {
            Some(Target::Column(column)) if self.kind(column) == Kind::Number => {
                if self.has_one_row(column.table) {
                    return Ok(Measure::Cells(vec![column]));
                }
                let name = self.catalogue.column(column).name.clone();
                // How many pages does a novel have: all novels, or each?
                self.doubts.push(Doubt::MayMean(name.clone()));
                self.doubts.push(Doubt::AddedUp(name));
                Ok(Measure::Aggregate(Function::Sum, column))
            }
            Some(Target::Column(column)) => Ok(Measure::Distinct(column)),
            _ => self.entity().map(Measure::Count).ok_or(Refusal::NothingNamed),
        }
    }

    /// Whether a condition says which row of the table is meant.
    pub(super) fn has_one_row(&self, table: usize) -> bool {
        // Rows below others have labels that come again.
        let label = self.catalogue.label(table).filter(|_| self.catalogue.tables[table].parent.is_none());
        let names_row =
            |condition: &Condition| Some(condition.column) == label && matches!(condition.test, Test::Is(_));
        self.reading.conditions.iter().any(names_row)
    }

    pub(super) fn listed(&mut self) -> Result<Measure, Refusal> {
        let target_table = match self.reading.target {
            Some(Target::Table(table)) if self.reading.asks == Some(Asks::Which) || self.reading.columns.is_empty() => {
                Some(table)
            }
            _ if self.reading.columns.is_empty() => self.entity(),
            _ => None,
        };
        let Some(table) = target_table else {
            if self.reading.columns.is_empty() {
                // A value alone, or somebody who is only described.
                let table = self
                    .reading
                    .conditions
                    .first()
                    .map(|condition| condition.column.table)
                    .ok_or(Refusal::NothingNamed)?;
                return Ok(Measure::Rows(table, self.shown(table, None)));
            }
            if let [column] = self.reading.columns[..]
                && self.kind(column) == Kind::Number
                && !self.is_rate(column)
                && (self.reading.asks == Some(Asks::What)
                    || !self.reading.conditions.is_empty()
                    || !self.reading.periods.is_empty())
                && !self.has_one_row(column.table)
            {
                self.doubts.push(Doubt::AddedUp(self.catalogue.column(column).name.clone()));
                return Ok(Measure::Aggregate(Function::Sum, column));
            }
            return Ok(Measure::Cells(self.reading.columns.clone()));
        };
        Ok(Measure::Rows(table, self.shown(table, None)))
    }

    /// Columns that tell a row: its label, what is asked for, what conditions on numbers are about; all of it if one row is meant.
    pub(super) fn shown(&self, table: usize, ranked: Option<ColumnId>) -> Vec<ColumnId> {
        if self.has_one_row(table) && self.reading.columns.is_empty() {
            return self.catalogue.columns(table).map(|(id, _)| id).take(COLUMNS).collect();
        }
        let compared = self.reading.conditions.iter().filter(|condition| !matches!(condition.test, Test::Is(_)));
        let compared = compared.map(|condition| condition.column);
        let wanted = self
            .catalogue
            .label(table)
            .into_iter()
            .chain(ranked)
            .chain(self.reading.columns.iter().copied())
            .chain(compared);
        let above = self.catalogue.upwards(table);
        let mut shown: Vec<ColumnId> = Vec::new();
        for column in wanted.filter(|column| above.contains(&column.table)) {
            if !shown.contains(&column) {
                shown.push(column);
            }
        }
        shown
    }
}
