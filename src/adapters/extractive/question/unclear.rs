//! What a question says that may be meant in more than one way, or that no rule takes in.

use super::{
    super::lexicon::{self, Sign},
    Doubt, Test,
    collect::Reader,
    items::{Found, Item},
};

impl Reader<'_> {
    pub(super) fn read_unclear(&mut self) {
        let is_any = self.signs().any(|(_, signs)| signs.contains(&Sign::Or));
        self.reading.is_any = is_any;
        self.tell_words_that_bind();
        self.tell_names_like_signs();
        self.tell_alternatives();
        self.tell_joined_figures();
        self.tell_lists();
        self.tell_uneven_times();
    }

    /// `only`, `same`, `also`: at the beginning they go on from the question before; elsewhere they say what no condition does.
    fn tell_words_that_bind(&mut self) {
        let shows = |found: &Found| {
            let is_wish = ["list", "show", "give", "display", "find", "zeig", "liste", "nenne"];
            is_wish.iter().any(|wish| found.folded.starts_with(wish))
        };
        let is_opening = |found: &Found| match found.item {
            Item::Signs(signs) => {
                signs.contains(&Sign::FollowUp) && !signs.contains(&Sign::Which)
                    || signs.contains(&Sign::And)
                    || signs.contains(&Sign::Which) && shows(found)
            }
            _ => false,
        };
        let opening = self.items.iter().take_while(|found| is_opening(found)).count();
        for found in &self.items[opening..] {
            match found.folded.as_str() {
                "only" | "only those" | "just" | "nur" | "nur die" | "nur noch" | "same" | "the same" | "instead"
                | "stattdessen" => self.reading.beyond.push(found.text.clone()),
                "also" | "auch" => self.reading.doubts.push(Doubt::MayMean(found.text.clone())),
                _ => {}
            }
        }
    }

    /// The total of Rome, where a column is called `total`: what stands there, or a sum? The highest total can only be that column's.
    fn tell_names_like_signs(&mut self) {
        let is_any = |at: usize, test: fn(&Sign) -> bool| {
            let item = self.items.get(at).map(|found| &found.item);
            matches!(item, Some(Item::Signs(signs)) if signs.iter().any(test))
        };
        for (at, found) in self.items.iter().enumerate() {
            let is_name = matches!(found.item, Item::Name { .. });
            let is_ranked = at > 0
                && is_any(at - 1, |sign| {
                    matches!(sign, Sign::Greatest(_) | Sign::Smallest(_) | Sign::Sum | Sign::Average | Sign::GroupBy)
                });
            let is_compared = is_any(at + 1, |sign| {
                matches!(sign, Sign::More | Sign::Less | Sign::AtLeast | Sign::AtMost | Sign::Equal | Sign::Between)
            });
            if is_name && lexicon::may_be_name(lexicon::signs(&found.folded)) && !is_ranked && !is_compared {
                self.reading.doubts.push(Doubt::MayMean(found.text.clone()));
            }
        }
    }

    /// `or` is understood between values of one column and between times.
    fn tell_alternatives(&mut self) {
        let says = |at: &usize| {
            let is_negation = self.is(*at, Sign::Not) || self.is(*at, Sign::Without);
            is_negation || matches!(self.items[*at].item, Item::Value(_) | Item::Date(_) | Item::Number(_))
        };
        let is_understood = |at: usize| {
            let before = (0..at).rev().find(says);
            let after = (at + 1..self.items.len()).find(says);
            before.zip(after).is_some_and(|(before, after)| {
                let is_date = |place: usize| matches!(self.items[place].item, Item::Date(_));
                is_date(before) && is_date(after) || self.are_alike(before, after)
            })
        };
        let beyond: Vec<String> = (0..self.items.len())
            .filter(|at| self.is(*at, Sign::Or) && !is_understood(*at))
            .map(|at| self.items[at].text.clone())
            .collect();
        self.reading.beyond.extend(beyond);
    }

    /// `the average and maximum`: one figure is told.
    fn tell_joined_figures(&mut self) {
        let is_figure = |found: &Found| {
            let figures = |sign: &Sign| {
                matches!(sign, Sign::Sum | Sign::Total | Sign::Average | Sign::Greatest(_) | Sign::Smallest(_))
            };
            matches!(found.item, Item::Signs(signs) if signs.first().is_some_and(figures))
        };
        for at in 2..self.items.len() {
            let joins = self.is(at - 1, Sign::And) && is_figure(&self.items[at]);
            if joins && self.items[..at - 1].iter().any(is_figure) {
                self.reading.doubts.push(Doubt::MayMean(self.items[at].text.clone()));
            }
        }
    }

    /// In 2022 from Berlin and in 2023 from Rome: which belong together is not kept.
    fn tell_lists(&mut self) {
        let is_list = |test: &Test| matches!(test, Test::Is(values) if values.len() > 1);
        let conditions = &self.reading.conditions;
        let lists = conditions.iter().filter(|condition| is_list(&condition.test)).count()
            + usize::from(self.reading.periods.len() > 1);
        let is_crossed = conditions.iter().any(|condition| {
            matches!(condition.test, Test::IsNot(_))
                && conditions.iter().any(|other| other.column == condition.column && matches!(other.test, Test::Is(_)))
        });
        if lists > 1 || is_crossed {
            let joint =
                self.items.iter().enumerate().rev().find(|(at, _)| self.is(*at, Sign::And) || self.is(*at, Sign::Or));
            let text = joint.map_or("?", |(_, found)| found.text.as_str()).to_owned();
            self.reading.doubts.push(Doubt::MayMean(text));
        }
    }

    /// In January 2022 and 2023: the whole year, or its January?
    fn tell_uneven_times(&mut self) {
        let days = self.reading.periods.iter().filter_map(|period| Some((period.to? - period.from?).whole_days()));
        let months: Vec<i64> = days.map(|days| days / 28).collect();
        if months.iter().any(|length| *length != months[0]) {
            let mut dates = self.items.iter().filter(|found| matches!(found.item, Item::Date(_)));
            let last = dates.next_back().map(|found| Doubt::MayMean(found.text.clone()));
            self.reading.doubts.extend(last);
        }
    }
}
