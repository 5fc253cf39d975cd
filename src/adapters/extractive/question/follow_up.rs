//! Questions that go on from the one before: `and for 2023?`

use super::{
    super::lexicon::{self, Sign},
    Asks, Doubt, Reading, Target,
    items::{Found, Item},
};

/// Whether a question begins like one that goes on.
pub(crate) fn begins_like_one(folded_words: &[&str]) -> bool {
    (1..=4.min(folded_words.len())).any(|length| {
        lexicon::signs(&folded_words[..length].join(" "))
            .iter()
            .any(|sign| matches!(sign, Sign::FollowUp | Sign::GroupBy | Sign::Top))
    })
}

/// Whether a question says too little to stand alone.
pub(crate) fn says_too_little(reading: &Reading, items: &[Found]) -> bool {
    let has_names = items.iter().any(|found| matches!(found.item, Item::Name { .. }));
    !has_names && reading.search.is_empty() && !reading.wants_tables && !reading.wants_columns
}

/// The earlier question with what the later one changes of it.
pub(crate) fn go_on(earlier: &Reading, later: Reading) -> Reading {
    let mut whole = earlier.clone();
    let asks_anew = later.function.is_some() || later.asks == Some(Asks::HowMany);
    if asks_anew {
        whole.asks = later.asks.or(Some(Asks::What));
        whole.function = later.function;
        whole.superlative = None;
        whole.limit = None;
        whole.is_distinct = later.is_distinct;
        if later.target.is_some() {
            whole.target = later.target;
        }
    }
    if later.asks == Some(Asks::Which) && later.function.is_none() && later.superlative.is_none() {
        // Which of those: the rows that were counted.
        whole.asks = later.asks;
        whole.function = None;
        whole.target = later.target.or(whole.tables.first().copied().map(Target::Table));
    }
    if let Some(superlative) = later.superlative {
        whole.superlative = Some(superlative);
        whole.function = earlier.function.filter(|_| !earlier.groups.is_empty() || earlier.superlative.is_some());
    }
    whole.limit = later.limit.or(whole.limit);
    if later.is_total && !earlier.conditions.is_empty() {
        whole.doubts.push(Doubt::Kept);
    }
    whole.is_total |= later.is_total;
    if !later.periods.is_empty() {
        whole.periods = later.periods;
    }
    if !later.groups.is_empty() {
        whole.groups = later.groups;
    }
    if !later.columns.is_empty() {
        whole.columns = later.columns;
        whole.target = later.target;
    }
    for table in later.tables {
        if !whole.tables.contains(&table) {
            whole.tables.push(table);
        }
    }
    for condition in later.conditions {
        whole.conditions.retain(|known| known.column != condition.column);
        whole.conditions.push(condition);
    }
    if !later.search.is_empty() {
        whole.search = later.search;
    }
    whole.unknown.extend(later.unknown);
    whole.beyond.extend(later.beyond);
    whole.doubts.extend(later.doubts);
    whole
}
