//! Numbers and times in a question: conditions, and how many rows are wanted.

use super::{
    super::lexicon::Sign,
    Condition, Test,
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
            } else if has(Sign::GroupBy) {
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
                    if at == 0 || !self.is_column(at - 1) {
                        continue;
                    }
                    (Test::Compare("=", number), at)
                }
            };
            let start = at.saturating_sub(1);
            let column_at = [last + 1].into_iter().chain((0..=start).rev()).find(|place| self.is_column(*place));
            let Some(column_at) = column_at else { continue };
            let Some(column) = self.column(column_at) else { continue };
            self.used[at] = true;
            self.used[last] = true;
            self.used[column_at] = true;
            self.reading.conditions.push(Condition { column, test });
        }
    }

    pub(super) fn next_is_superlative(&self, at: usize) -> bool {
        let is = |found: &Found| matches!(found.item, Item::Signs([Sign::Greatest(_) | Sign::Smallest(_), ..]));
        self.items.get(at + 1).is_some_and(is) || at > 0 && is(&self.items[at - 1])
    }
}
