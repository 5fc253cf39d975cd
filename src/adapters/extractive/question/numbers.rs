//! Numbers and times in a question: conditions, and how many rows are wanted.

use super::{
    super::{
        lexicon::Sign,
        schema::{ColumnId, Kind},
    },
    Condition, Doubt, Test,
    collect::Reader,
    dates::Period,
    items::{Found, Item},
};

impl Reader<'_> {
    pub(super) fn read_dates(&mut self) {
        for at in 0..self.items.len() {
            let Item::Date(mut period) = self.items[at].item else { continue };
            if self.used[at] {
                continue;
            }
            self.used[at] = true;
            let before = (0..at).rev().find(|before| !self.is(*before, Sign::ForYear));
            let has = |sign: Sign| before.is_some_and(|before| self.is(before, sign));
            let second = match self.items.get(at + 2).map(|found| &found.item) {
                Some(Item::Date(second)) => Some(*second),
                _ => None,
            };
            let is_joined = (has(Sign::Between) && self.is(at + 1, Sign::And)) || self.is(at + 1, Sign::Until);
            if let Some(second) = second.filter(|_| is_joined) {
                period.to = second.to;
                self.used[at + 2] = true;
            } else if has(Sign::Before) {
                period = Period { from: None, to: period.from };
            } else if has(Sign::After) {
                period = Period { from: period.to, to: None };
            } else if has(Sign::Since) && !has(Sign::Between)
                || before.is_some_and(|before| self.items[before].folded == "from")
            {
                period.to = None;
            } else if has(Sign::Until) {
                period.from = None;
            } else if has(Sign::GroupBy) && !is_unit_of_groups(&self.items[at - 1]) {
                // By 2023 may be until then, or in that year.
                self.reading.beyond.push(self.items[at].text.clone());
            }
            self.reading.periods.push(period);
        }
        // Since 2018 and before 2021 is one stretch of time; other open ones may mean anything together.
        match self.reading.periods[..] {
            [Period { from: Some(from), to: None }, Period { from: None, to: Some(to) }]
            | [Period { from: None, to: Some(to) }, Period { from: Some(from), to: None }] => {
                self.reading.periods = vec![Period { from: Some(from), to: Some(to) }];
            }
            [_, _, ..] if self.reading.periods.iter().any(|period| period.from.is_none() || period.to.is_none()) => {
                let texts = self.items.iter().filter(|found| matches!(found.item, Item::Date(_)));
                self.reading.beyond.extend(texts.map(|found| found.text.clone()));
            }
            _ => {}
        }
        // After 2023 and before 2022: nothing is.
        if self.reading.periods.iter().any(|period| period.from.zip(period.to).is_some_and(|(from, to)| from >= to)) {
            let texts = self.items.iter().filter(|found| matches!(found.item, Item::Date(_)));
            self.reading.beyond.extend(texts.map(|found| found.text.clone()));
        }
    }

    pub(super) fn number(&self, at: usize) -> Option<String> {
        match &self.items.get(at)?.item {
            Item::Number(number) => {
                Some(self.items[at].small.map_or_else(|| number.clone(), |small| small.to_string()))
            }
            _ => None,
        }
    }

    pub(super) fn read_numbers(&mut self) {
        for at in 0..self.items.len() {
            let Some(number) = self.number(at).filter(|_| !self.used[at]) else { continue };
            let before = |sign: Sign| at > 0 && self.is(at - 1, sign);
            let comparison =
                [(Sign::AtLeast, ">="), (Sign::AtMost, "<="), (Sign::More, ">"), (Sign::Less, "<"), (Sign::Equal, "=")];
            let comparison = comparison.into_iter().find(|(sign, _)| before(*sign)).map(|(_, operator)| operator);
            let second = self
                .number(at + 2)
                .filter(|_| before(Sign::Between) && (self.is(at + 1, Sign::And) || self.is(at + 1, Sign::Until)));
            let (test, last) = match (second, comparison) {
                (Some(second), _) => (Test::Range(number, second), at + 2),
                (None, Some(operator)) => (Test::Compare(operator, number), at),
                (None, None) => {
                    let is_limit = before(Sign::Top)
                        || before(Sign::Bottom)
                        || before(Sign::Which)
                        || self.next_is_superlative(at);
                    if let Some(small) = self.items[at].small.filter(|_| is_limit) {
                        self.used[at] = true;
                        self.reading.limit = Some(small);
                        continue;
                    }
                    if let Some(condition) = at.checked_sub(1).and_then(|before| self.numbered_row(before, &number)) {
                        self.used[at] = true;
                        self.reading.conditions.push(condition);
                        continue;
                    }
                    if at == 0 || !self.is_column(at - 1) {
                        continue;
                    }
                    (Test::Compare("=", number), at)
                }
            };
            let Some(column_at) = self.compared_column(at, last) else { continue };
            let Some(column) = self.compared(column_at) else { continue };
            if [at, last].into_iter().any(|place| self.items[place].is_ambiguous) {
                self.reading.doubts.push(Doubt::MayMean(self.items[at].text.clone()));
            }
            self.used[at] = true;
            self.used[last] = true;
            self.used[column_at] = true;
            self.reading.conditions.push(Condition { column, test });
        }
    }

    /// `order 3`: the row of a table that has this number, in the column that numbers its rows.
    fn numbered_row(&self, at: usize, number: &str) -> Option<Condition> {
        let Item::Name { tables, is_guess: false, .. } = &self.items[at].item else { return None };
        let table = *tables.first().filter(|_| !self.used[at])?;
        let numbers = |words: &[String], by: &str| {
            let is_name = words.len() == 1 || words[..words.len() - 1] == self.catalogue.tables[table].words[..];
            is_name && words.last().is_some_and(|last| last == by)
        };
        let columns = || self.catalogue.columns(table);
        let (column, about) =
            ["number", "id", "code"].iter().find_map(|by| columns().find(|(_, column)| numbers(&column.words, by)))?;
        let test = match about.kind {
            Kind::Number => Test::Compare("=", number.to_owned()),
            _ => Test::Is(vec![number.to_owned()]),
        };
        Some(Condition { column, test })
    }

    /// Where the column is that a comparison is about: `amount over 100`, `over 100 pages`.
    fn compared_column(&mut self, at: usize, last: usize) -> Option<usize> {
        let start = at.saturating_sub(1);
        let before = start.checked_sub(1).filter(|place| self.may_be_compared(*place));
        let after = Some(last + 1).filter(|place| self.is_column(*place));
        if let (Some(before), Some(after)) = (before, after.filter(|place| self.may_be_compared(*place))) {
            // Amount over 100, quantity under 5: each goes with what stands before it.
            let is_compared_too = matches!(self.items.get(after + 1).map(|found| &found.item), Some(Item::Number(_)))
                || matches!(self.items.get(after + 2).map(|found| &found.item), Some(Item::Number(_)))
                    && [Sign::AtLeast, Sign::AtMost, Sign::More, Sign::Less, Sign::Equal, Sign::Between]
                        .into_iter()
                        .any(|sign| self.is(after + 1, sign));
            if is_compared_too {
                return Some(before);
            }
            self.reading.doubts.push(Doubt::MayMean(self.items[after].text.clone()));
        }
        after.or_else(|| (0..=start).rev().find(|place| self.is_column(*place)))
    }

    /// Whether it names a column that may hold numbers.
    fn may_be_compared(&self, at: usize) -> bool {
        self.is_column(at)
            && matches!(&self.items[at].item, Item::Name { columns, .. } if columns.iter().any(|column| {
                matches!(self.catalogue.column(*column).kind, Kind::Number | Kind::Unknown)
            }))
    }

    /// The column of a condition. A guess would be wrong in silence: the condition would hold for other rows.
    fn compared(&mut self, at: usize) -> Option<ColumnId> {
        let column = self.column(at)?;
        for doubt in &mut self.reading.doubts {
            if let Doubt::TakenFor(word, name) = doubt
                && *word == self.items[at].text
            {
                *doubt = Doubt::Guessed(word.clone(), name.clone());
            }
        }
        Some(column)
    }

    pub(super) fn next_is_superlative(&self, at: usize) -> bool {
        let is = |found: &Found| matches!(found.item, Item::Signs([Sign::Greatest(_) | Sign::Smallest(_), ..]));
        self.items.get(at + 1).is_some_and(is) || at > 0 && is(&self.items[at - 1])
    }
}

/// Per month in 2023: the year is no part of what is grouped by.
fn is_unit_of_groups(found: &Found) -> bool {
    matches!(found.folded.as_str(), "month" | "monat" | "quarter" | "quartal" | "day" | "tag")
}
