//! Names and values in a question: which of several columns is meant, and what is asked.

use std::collections::{HashMap, HashSet};

use super::{
    super::{
        lexicon::{self, Sign},
        schema::{Catalogue, ColumnId},
    },
    Asks, Condition, Doubt, Target, Test,
    collect::Reader,
    items::{Found, Item, Part},
};

/// What a question is about, as far as its words alone tell.
#[derive(Debug, Default)]
pub(super) struct Focus {
    /// The tables that it surely touches.
    pub(super) tables: HashSet<usize>,
    /// The uppermost tables above those.
    tops: HashSet<usize>,
    /// How many of its words may name a column.
    named: HashMap<ColumnId, usize>,
}

impl Focus {
    pub(super) fn of(items: &[Found], catalogue: &Catalogue, context: &[usize]) -> Self {
        let mut focus = Self { tables: context.iter().copied().collect(), ..Self::default() };
        for found in items {
            let mut tables: Vec<usize> = match &found.item {
                Item::Name { tables, columns, .. } if tables.is_empty() => {
                    columns.iter().map(|column| column.table).collect()
                }
                Item::Name { tables, .. } => tables.clone(),
                Item::Value(places) => places.iter().map(|(column, _)| column.table).collect(),
                _ => continue,
            };
            tables.dedup();
            focus.tables.extend(tables.first().filter(|_| tables.len() == 1));
            if let Item::Name { columns, .. } = &found.item {
                columns.iter().for_each(|column| *focus.named.entry(*column).or_default() += 1);
            }
        }
        focus.tops = focus.tables.iter().filter_map(|table| catalogue.upwards(*table).last().copied()).collect();
        focus
    }
}

impl Reader<'_> {
    pub(super) fn is_column(&self, at: usize) -> bool {
        let is_free = self.used.get(at) == Some(&false);
        is_free && matches!(&self.items[at].item, Item::Name { columns, .. } if !columns.is_empty())
    }

    /// The column of several that is meant: of a table that the question touches, or of one related to it.
    pub(super) fn choose(&mut self, at: usize, columns: &[ColumnId]) -> Option<ColumnId> {
        let within = |test: &dyn Fn(usize) -> bool| {
            columns.iter().copied().filter(|column| test(column.table)).collect::<Vec<_>>()
        };
        let mut left = within(&|table| self.focus.tables.contains(&table));
        if left.is_empty() {
            left =
                within(&|table| self.catalogue.upwards(table).last().is_some_and(|top| self.focus.tops.contains(top)));
        }
        if left.is_empty() {
            left = columns.to_vec();
        }
        let own = match &self.items[at].item {
            Item::Name { columns, .. } => &columns[..],
            _ => &[],
        };
        // Another word names it too.
        let qualified = |column: &&ColumnId| {
            self.focus.named.get(column).is_some_and(|times| *times > usize::from(own.binary_search(column).is_ok()))
        };
        let chosen = left.iter().find(qualified).or(left.first()).copied()?;
        if left.len() > 1 && !qualified(&&chosen) {
            let name = format!("{}.{}", self.catalogue.table(chosen).name, self.catalogue.column(chosen).name);
            self.reading.doubts.push(Doubt::Ambiguous(self.items[at].text.clone(), name));
        }
        Some(chosen)
    }

    pub(super) fn column(&mut self, at: usize) -> Option<ColumnId> {
        let Item::Name { columns, .. } = &self.items[at].item else { return None };
        let columns = columns.clone();
        self.column_of(at, &columns)
    }

    fn column_of(&mut self, at: usize, columns: &[ColumnId]) -> Option<ColumnId> {
        let column = self.choose(at, columns)?;
        if matches!(self.items[at].item, Item::Name { is_guess: true, .. }) {
            let name = format!("{}.{}", self.catalogue.table(column).name, self.catalogue.column(column).name);
            self.reading.doubts.push(Doubt::TakenFor(self.items[at].text.clone(), name));
        }
        Some(column)
    }

    pub(super) fn read_values(&mut self) {
        for at in 0..self.items.len() {
            let Item::Value(places) = &self.items[at].item else { continue };
            if self.used[at] {
                continue;
            }
            let places = places.clone();
            self.used[at] = true;
            if lexicon::signs(&self.items[at].folded) == [Sign::Nothing] && self.items[at].text != "A" {
                // How many were sold: those of this state, or all?
                self.reading.doubts.push(Doubt::MayMean(self.items[at].text.clone()));
            }
            let mut columns: Vec<ColumnId> = Vec::new();
            for (column, _) in &places {
                if !columns.contains(column) {
                    columns.push(*column);
                }
            }
            let Some(column) = self.choose(at, &columns) else { continue };
            let values: Vec<String> =
                places.into_iter().filter(|(place, _)| *place == column).map(|(_, value)| value).collect();
            if let Some(part) = self.items[at].part {
                self.tell_part(at, part, column, &values);
            }
            let is_negated = self.negated.contains(&at);
            let same = self.reading.conditions.iter_mut().find_map(|condition| match &mut condition.test {
                Test::Is(known) if !is_negated && condition.column == column => Some(known),
                Test::IsNot(known) if is_negated && condition.column == column => Some(known),
                _ => None,
            });
            match same {
                Some(known) => known.extend(values),
                None => {
                    let test = if is_negated { Test::IsNot(values) } else { Test::Is(values) };
                    self.reading.conditions.push(Condition { column, test });
                }
            }
        }
    }

    /// A word was taken for the values that it is a part of. Figures are not told: they would look like findings.
    fn tell_part(&mut self, at: usize, part: Part, column: ColumnId, values: &[String]) {
        let word = self.items[at].text.clone();
        let name = format!("{}.{}", self.catalogue.table(column).name, self.catalogue.column(column).name);
        let is_told = |value: &&String| !value.contains(|character: char| character.is_ascii_digit());
        let told: Vec<String> =
            values.iter().filter(is_told).map(|value| value.replace(['*', '[', ']', '\n'], " ")).collect();
        let doubt = match (values, &told[..]) {
            ([_], [value]) if part == Part::Named => Doubt::TakenFor(word, format!("{name}: {value}")),
            ([_], [value]) => Doubt::Guessed(word, format!("{name}: {value}")),
            ([_], _) => Doubt::Guessed(word, name),
            _ => Doubt::Several(word, told),
        };
        self.reading.doubts.push(doubt);
    }

    /// Name and price of things in Rome: columns of this name in which no value of the question stands, unless the name is beside that value.
    fn others(&self, at: usize, columns: &[ColumnId]) -> Option<Vec<ColumnId>> {
        let is_value = |place: usize| match self.items.get(place).map(|found| &found.item) {
            Some(Item::Value(places)) => places.iter().any(|(column, _)| columns.contains(column)),
            _ => false,
        };
        // The city is Rome; Rome is the city; the cities Rome and Oslo.
        let is_beside = is_value(at + 1) || at.checked_sub(1).is_some_and(is_value);
        let is_condition = |column: &ColumnId| self.reading.conditions.iter().any(|known| known.column == *column);
        let is_other = |column: &&ColumnId| self.focus.tables.contains(&column.table) && !is_condition(column);
        let others: Vec<ColumnId> = columns.iter().filter(is_other).copied().collect();
        (!is_beside && !others.is_empty()).then_some(others)
    }

    /// The names that are left say what is asked, unless they only say whose value another word is.
    pub(super) fn read_names(&mut self) {
        for at in 0..self.items.len() {
            let Item::Name { tables, columns, is_guess } = &self.items[at].item else { continue };
            if self.used[at] {
                continue;
            }
            self.used[at] = true;
            let (tables, mut columns, is_guess) = (tables.clone(), columns.clone(), *is_guess);
            let qualifies =
                |column: &ColumnId| self.reading.conditions.iter().any(|condition| condition.column == *column);
            if columns.iter().any(qualifies) && self.reading.asks != Some(Asks::Who) {
                match self.others(at, &columns) {
                    Some(others) => columns = others,
                    None => continue,
                }
            }
            // A table of one column is what that column tells: authors, not rows of authors.
            let only = |table: &usize| {
                columns
                    .iter()
                    .copied()
                    .find(|column| column.table == *table && self.catalogue.columns(*table).count() == 1)
            };
            let target = match tables.first() {
                Some(table) => only(table).map_or(Target::Table(*table), Target::Column),
                None => match self.column_of(at, &columns) {
                    Some(column) => Target::Column(column),
                    None => continue,
                },
            };
            if is_guess && let Target::Table(table) = target {
                let name = self.catalogue.tables[table].name.clone();
                self.reading.doubts.push(Doubt::TakenFor(self.items[at].text.clone(), name));
            }
            let follows_table = at > 1
                && self.free.last().is_some_and(|(place, last)| *place == at - 2 && matches!(last, Target::Table(_)));
            if follows_table && self.is(at - 1, Sign::And) && matches!(target, Target::Table(_)) {
                // How many orders and lines: one of them is counted.
                self.reading.doubts.push(Doubt::LeftOut(self.items[at].text.clone()));
            }
            self.free.push((at, target));
        }
        let asked_at = self
            .signs()
            .find(|(_, signs)| matches!(signs[0], Sign::HowMany | Sign::Which | Sign::Top | Sign::Bottom | Sign::What));
        let asked_at = asked_at.map_or(0, |(at, _)| at);
        self.reading.target =
            self.free.iter().find(|(at, _)| *at >= asked_at).or(self.free.first()).map(|(_, target)| *target);
        for (_, target) in &self.free {
            match target {
                Target::Table(table) if !self.reading.tables.contains(table) => self.reading.tables.push(*table),
                Target::Column(column) if !self.reading.columns.contains(column) => self.reading.columns.push(*column),
                _ => {}
            }
        }
    }
}
