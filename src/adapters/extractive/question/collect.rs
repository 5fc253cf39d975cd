//! From the items of a question to what it says.

use super::{
    super::{
        lexicon::{About, Sign},
        schema::Catalogue,
    },
    Asks, Condition, Doubt, Function, Group, Reading, Superlative, Target, Test, Unit,
    items::{Found, Item},
    names::Focus,
};

/// What the items say; `context` are tables that the question before was about. Each item is used once; what nothing uses is told as unknown.
pub(crate) fn read(items: &[Found], catalogue: &Catalogue, context: &[usize]) -> Reading {
    let mut reader = Reader {
        items,
        catalogue,
        focus: Focus::of(items, catalogue, context),
        used: vec![false; items.len()],
        negated: Vec::new(),
        free: Vec::new(),
        reading: Reading::default(),
    };
    reader.read_signs();
    reader.read_dates();
    reader.read_numbers();
    reader.read_groups();
    reader.read_negations();
    reader.read_texts();
    reader.read_values();
    reader.read_names();
    reader.read_rest();
    reader.read_unclear();
    reader.reading
}

/// A question while it is read.
pub(super) struct Reader<'a> {
    pub(super) items: &'a [Found],
    pub(super) catalogue: &'a Catalogue,
    pub(super) focus: Focus,
    pub(super) used: Vec<bool>,
    /// Values that must not be.
    pub(super) negated: Vec<usize>,
    /// Names that say what is asked, with their places.
    pub(super) free: Vec<(usize, Target)>,
    pub(super) reading: Reading,
}

impl Reader<'_> {
    pub(super) fn is(&self, at: usize, sign: Sign) -> bool {
        self.items.get(at).is_some_and(|found| matches!(found.item, Item::Signs(signs) if signs.contains(&sign)))
    }

    pub(super) fn signs(&self) -> impl Iterator<Item = (usize, &'static [Sign])> {
        self.items.iter().enumerate().filter_map(|(at, found)| match found.item {
            Item::Signs(signs) => Some((at, signs)),
            _ => None,
        })
    }

    /// Signs that mean the same wherever they stand.
    fn read_signs(&mut self) {
        for (at, signs) in self.signs().collect::<Vec<_>>() {
            let reading = &mut self.reading;
            let first_ask = |asks: Asks| Some(reading.asks.unwrap_or(asks));
            match signs[0] {
                Sign::HowMany if reading.asks == Some(Asks::HowMany) => {
                    reading.doubts.push(Doubt::LeftOut(self.items[at].text.clone()));
                }
                Sign::HowMany => reading.asks = Some(Asks::HowMany),
                Sign::Sum => reading.function = reading.function.or(Some(Function::Sum)),
                Sign::Total => reading.is_total = true,
                Sign::Average if reading.function == Some(Function::Sum) => {
                    reading.doubts.push(Doubt::LeftOut(self.items[at].text.clone()));
                }
                Sign::Average => reading.function = Some(Function::Average),
                Sign::Distinct => reading.is_distinct = true,
                Sign::Which => reading.asks = first_ask(Asks::Which),
                Sign::Who => reading.asks = first_ask(Asks::Who),
                Sign::When => reading.asks = first_ask(Asks::When),
                Sign::What => reading.asks = first_ask(Asks::What),
                Sign::Greatest(about) => self.superlative(at, Superlative { is_greatest: true, about }),
                Sign::Smallest(about) => self.superlative(at, Superlative { is_greatest: false, about }),
                Sign::Top | Sign::Bottom => {
                    let is_greatest = signs[0] == Sign::Top;
                    reading.superlative =
                        reading.superlative.or(Some(Superlative { is_greatest, about: About::Anything }));
                    reading.limit = reading.limit.or(Some(10));
                }
                Sign::Tables => reading.wants_tables = true,
                Sign::Columns => reading.wants_columns = true,
                Sign::Beyond => reading.beyond.push(self.items[at].text.clone()),
                _ => {}
            }
        }
    }

    /// One superlative is understood; with a second one the answer is in doubt.
    pub(super) fn superlative(&mut self, at: usize, superlative: Superlative) {
        if self
            .reading
            .superlative
            .is_some_and(|known| known.about != About::Anything || known.is_greatest != superlative.is_greatest)
        {
            self.reading.doubts.push(Doubt::LeftOut(self.items[at].text.clone()));
            return;
        }
        self.reading.superlative = Some(superlative);
    }

    fn read_groups(&mut self) {
        for at in 0..self.items.len() {
            if self.is(at, Sign::Which)
                && let Some(unit) = self.items.get(at + 1).and_then(|next| unit(&next.folded))
            {
                // In which year, and which month had the most.
                self.used[at + 1] = true;
                match self.reading.superlative {
                    Some(_) => self.reading.groups.push(Group::Time(unit)),
                    None => self.reading.asks = Some(Asks::When),
                }
            }
            if !self.is(at, Sign::GroupBy) {
                continue;
            }
            let mut next = at + 1;
            while let Some(group) = self.group(next) {
                self.reading.groups.push(group);
                self.used[next] = true;
                let joins = self.is(next + 1, Sign::And);
                let again = if joins && self.is(next + 2, Sign::GroupBy) { next + 3 } else { next + 2 };
                if !joins || self.used.get(again) != Some(&false) {
                    break;
                }
                next = again;
            }
        }
    }

    fn group(&mut self, at: usize) -> Option<Group> {
        if self.used.get(at) != Some(&false) {
            return None;
        }
        match &self.items[at].item {
            Item::Name { columns, tables, .. } => {
                let table = tables.first().copied();
                if columns.is_empty() { table.map(Group::Table) } else { self.column(at).map(Group::Column) }
            }
            _ => unit(&self.items[at].folded).map(Group::Time),
        }
    }

    /// `whose note says damaged`, `about honeybees`.
    fn read_texts(&mut self) {
        for at in 0..self.items.len() {
            if !self.is(at, Sign::Contains) {
                continue;
            }
            let is_word = |place: &usize| {
                let found = &self.items[*place];
                !self.used[*place] && (found.item == Item::Unknown || found.part.is_some())
            };
            let places: Vec<usize> = (at + 1..self.items.len()).take_while(is_word).collect();
            let words: Vec<String> = places.iter().map(|place| self.items[*place].text.clone()).collect();
            if words.is_empty() {
                continue;
            }
            places.iter().for_each(|place| self.used[*place] = true);
            let before = (0..at).rev().find(|place| self.is_column(*place)).filter(|place| at - place <= 2);
            match before.and_then(|place| Some((place, self.column(place)?))) {
                Some((place, column)) => {
                    self.used[place] = true;
                    self.reading.conditions.push(Condition { column, test: Test::Contains(words) });
                }
                None => self.reading.search.extend(words),
            }
        }
    }

    fn read_rest(&mut self) {
        for (at, signs) in self.signs().collect::<Vec<_>>() {
            let is_alone = match signs {
                [Sign::More | Sign::Less | Sign::AtLeast | Sign::AtMost | Sign::Equal] => {
                    !matches!(self.items.get(at + 1), Some(Found { item: Item::Number(_), .. }))
                }
                [Sign::Before | Sign::After | Sign::Since] => self.reading.periods.is_empty(),
                _ => false,
            };
            if is_alone {
                self.reading.beyond.push(self.items[at].text.clone());
            }
        }
        for (at, found) in self.items.iter().enumerate() {
            if !self.used[at] && matches!(found.item, Item::Unknown | Item::Number(_)) {
                self.reading.unknown.push(found.text.clone());
            }
        }
    }
}

fn unit(folded: &str) -> Option<Unit> {
    Some(match folded {
        "year" | "jahr" => Unit::Year,
        "quarter" | "quartal" => Unit::Quarter,
        "month" | "monat" => Unit::Month,
        "day" | "tag" => Unit::Day,
        _ => return None,
    })
}
