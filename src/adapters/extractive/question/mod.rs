//! What a question says, as far as it can be told from its words.

mod collect;
mod dates;
mod follow_up;
mod items;
mod names;
mod negations;
mod numbers;
mod unclear;

pub(crate) use self::{
    collect::read,
    dates::{Period, day_before},
    follow_up::{begins_like_one, go_on, points_back, says_too_little},
    items::{Found, Item, LONGEST_PHRASE, Values, items_of},
};

use super::{
    lexicon::About,
    schema::{Catalogue, ColumnId},
};

/// What is computed of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    Sum,
    Average,
    Least,
    Greatest,
}

/// A test of a column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Test {
    /// One of these values.
    Is(Vec<String>),
    IsNot(Vec<String>),
    /// An operator of SQL and a number.
    Compare(&'static str, String),
    Range(String, String),
    Contains(Vec<String>),
    /// The greatest or the smallest that the column of this table has.
    Extreme {
        is_greatest: bool,
        table: String,
        column: String,
    },
    Missing,
    Present,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Condition {
    pub(crate) column: ColumnId,
    pub(crate) test: Test,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Year,
    Quarter,
    Month,
    Day,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    Column(ColumnId),
    Table(usize),
    Time(Unit),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Table(usize),
    Column(ColumnId),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Superlative {
    pub(crate) is_greatest: bool,
    pub(crate) about: About,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asks {
    Which,
    Who,
    When,
    What,
    HowMany,
}

/// Why an answer may be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// A word was taken for another one: the word, the name that it was taken for. An assumption, as it is read so most of the time.
    TakenFor(String, String),
    /// A name or value is in several columns, and this one was taken.
    Ambiguous(String, String),
    /// A word was not understood.
    LeftOut(String),
    /// Something was added up, for the question does not say what to do.
    AddedUp(String),
    /// Several values of something below: any of them was enough.
    AnyOf(String),
    /// A condition on rows below: one such row was enough.
    SomeBelow(String),
    /// What a row above has was asked for, and each row below counts by itself.
    EachRow(String),
    /// Rows were counted in which this is given.
    Given(String),
    /// The conditions of the question before hold on.
    Kept,
    /// The question points back, and is answered by itself.
    Aside,
    /// A word of the question may be meant in another way.
    MayMean(String),
    /// A name in a condition was taken for another one: the word, the name that it was taken for.
    Guessed(String, String),
    /// A word is a part of several values, and all were taken: the word, the values.
    Several(String, Vec<String>),
    /// A function is asked for besides, and was not computed.
    NotComputed(Function),
    /// Rows are told where a count is asked for.
    NotCounted,
    /// Times of several zones stand in this column, and are put in order as they are written.
    AsWritten(String),
}

/// What a question says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Reading {
    pub(crate) asks: Option<Asks>,
    pub(crate) function: Option<Function>,
    pub(crate) is_total: bool,
    pub(crate) is_distinct: bool,
    /// Whether it says `or`.
    pub(crate) is_any: bool,
    pub(crate) superlative: Option<Superlative>,
    pub(crate) limit: Option<usize>,
    pub(crate) target: Option<Target>,
    pub(crate) tables: Vec<usize>,
    pub(crate) columns: Vec<ColumnId>,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) periods: Vec<Period>,
    pub(crate) groups: Vec<Group>,
    pub(crate) search: Vec<String>,
    pub(crate) wants_tables: bool,
    pub(crate) wants_columns: bool,
    pub(crate) unknown: Vec<String>,
    /// Whether it goes on from a question that was not understood.
    pub(crate) is_lost: bool,
    pub(crate) beyond: Vec<String>,
    pub(crate) doubts: Vec<Doubt>,
}

impl Reading {
    /// All tables that it touches, the most important first.
    pub(crate) fn touched(&self) -> Vec<usize> {
        let groups = self.groups.iter().filter_map(|group| match group {
            Group::Column(column) => Some(column.table),
            Group::Table(table) => Some(*table),
            Group::Time(_) => None,
        });
        let columns = self.columns.iter().map(|column| column.table);
        let conditions = self.conditions.iter().map(|condition| condition.column.table);
        let mut touched = Vec::new();
        for table in columns.chain(self.tables.iter().copied()).chain(conditions).chain(groups) {
            if !touched.contains(&table) {
                touched.push(table);
            }
        }
        touched
    }

    /// The tables whose types must be known: those touched and, for dates, those above them.
    pub(crate) fn tables_to_describe(&self, catalogue: &Catalogue) -> Vec<usize> {
        let touched = self.touched();
        let needs_date = !self.periods.is_empty()
            || self.groups.iter().any(|group| matches!(group, Group::Time(_)))
            || matches!(self.asks, Some(Asks::When))
            || self.superlative.is_some();
        let above = touched.iter().flat_map(|table| catalogue.upwards(*table)).filter(|_| needs_date);
        let mut wanted = Vec::new();
        for table in touched.iter().copied().chain(above.collect::<Vec<_>>()) {
            if !wanted.contains(&table) {
                wanted.push(table);
            }
        }
        wanted
    }
}
