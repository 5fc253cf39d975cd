//! What must not be: `not shipped`, `without note`, `not from Berlin and Hamburg`.

use super::{
    super::{lexicon::Sign, schema::Kind},
    Condition, Doubt, Test,
    collect::Reader,
    items::{Found, Item},
};

impl Reader<'_> {
    pub(super) fn read_negations(&mut self) {
        for at in 0..self.items.len() {
            if !self.is(at, Sign::Not) && !self.is(at, Sign::Without) {
                continue;
            }
            // Not from Berlin: what is between says nothing here. What is used already (not in 2023) is not stepped over.
            let is_sign = |next: &usize| matches!(self.items[*next].item, Item::Signs(_));
            let next = [at + 1, at + 2].into_iter().filter(|next| *next < self.items.len()).find(|next| !is_sign(next));
            let Some(next) = next.filter(|next| !self.used[*next]) else {
                self.reading.beyond.push(self.items[at].text.clone());
                continue;
            };
            match &self.items[next].item {
                Item::Value(_) => self.negate(next),
                Item::Name { columns, .. } if !columns.is_empty() => {
                    if let Some(column) = self.column(next) {
                        // No shipping cost: none is given, or it is nothing?
                        if self.catalogue.column(column).kind == Kind::Number {
                            self.reading.doubts.push(Doubt::MayMean(self.items[at].text.clone()));
                        }
                        self.reading.conditions.push(Condition { column, test: Test::Missing });
                        self.used[next] = true;
                    }
                }
                _ => self.reading.beyond.push(self.items[at].text.clone()),
            }
        }
    }

    /// A value that must not be, and those listed with it: `not novels, essays and histories`.
    fn negate(&mut self, first: usize) {
        self.negated.push(first);
        let mut last = first;
        loop {
            let is_listed = (self.is(last + 1, Sign::And) || self.is(last + 1, Sign::Or))
                && !matches!(self.items[last + 1].folded.as_str(), "but" | "aber");
            let next = if is_listed { last + 2 } else { last + 1 };
            if !self.are_alike(last, next) {
                return;
            }
            self.negated.push(next);
            last = next;
        }
    }

    /// Whether both are values that stand in one column.
    pub(super) fn are_alike(&self, one: usize, other: usize) -> bool {
        let places = |at: usize| match self.items.get(at) {
            Some(Found { item: Item::Value(places), .. }) => &places[..],
            _ => &[],
        };
        places(one).iter().any(|(column, _)| places(other).iter().any(|(known, _)| known == column))
    }
}
