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

/// Whether a question speaks of what the one before found: `how many pages does it have?`
pub(crate) fn points_back(folded_words: &[&str]) -> bool {
    const BACK: &str = "it|its|they|them|their|those|these|this|he|she|his|her|him|er|sie|es|ihn|ihm|ihr|ihre|davon|darin|deren|dessen|diese|dieser|dieses|diesem|diesen";
    let is_back = |word: &str| BACK.split('|').any(|back| back == word);
    folded_words.iter().enumerate().any(|(at, word)| {
        let beside = [at.checked_sub(1), Some(at + 1)].into_iter().flatten().filter_map(|at| folded_words.get(at));
        // Wie viele gibt es: that is nobody.
        is_back(word) && !beside.into_iter().any(|beside| matches!(*beside, "gibt" | "gab"))
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
    let changes_table = counts_another_table(earlier, &later);
    if asks_anew && earlier.superlative.is_some() && later.superlative.is_none() {
        whole.doubts.push(Doubt::Aside);
    }
    if !changes_table && names_only_a_table(&later) && (earlier.function.is_some() || earlier.superlative.is_some()) {
        whole.doubts.push(Doubt::NotCounted);
    }
    if changes_table {
        whole.target = later.target;
        whole.columns.clear();
        // Only what holds for rows of the tables before keeps them.
        if earlier.conditions.is_empty() && earlier.periods.is_empty() && earlier.groups.is_empty() {
            whole.tables.clear();
        }
    }
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
    if changes_table && let Some(Target::Table(table)) = whole.target {
        whole.tables.retain(|known| *known != table);
        whole.tables.insert(0, table);
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

/// `How many orders were shipped?` `And lines?`
fn counts_another_table(earlier: &Reading, later: &Reading) -> bool {
    let is_other = matches!(later.target, Some(Target::Table(_))) && later.target != earlier.target;
    let counts = |reading: &Reading| reading.function.is_none() && reading.superlative.is_none() && !reading.is_total;
    let lists_or_counts = matches!(earlier.asks, Some(Asks::HowMany | Asks::Which));
    is_other && lists_or_counts && counts(earlier) && counts(later)
}

/// `And lines?`
fn names_only_a_table(later: &Reading) -> bool {
    matches!(later.target, Some(Target::Table(_)))
        && later.asks.is_none()
        && later.function.is_none()
        && later.superlative.is_none()
        && !later.is_total
        && later.columns.is_empty()
        && later.conditions.is_empty()
        && later.periods.is_empty()
        && later.groups.is_empty()
        && later.search.is_empty()
}
