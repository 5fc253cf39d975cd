//! Finds in which columns the words of a question stand as values: a question names values that no sample shows.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use super::{
    lexicon::{self, Sign},
    plan::literal,
    question::{LONGEST_PHRASE, Values},
    schema::{Catalogue, ColumnId},
    words::{Word, common_forms, fold, singular},
};
use crate::ports::tables::quoted;

/// Columns that one statement looks into: SQLite joins no more parts.
const COLUMNS_AT_ONCE: usize = 15;
/// Statements of a turn.
pub(super) const STATEMENTS: usize = 2;
/// Phrases that are looked for.
const PHRASES: usize = 60;
/// Characters of a value that a person would name.
const VALUE_CHARACTERS: usize = 80;

/// The statements that look for phrases of these questions; none if they can hold no value.
pub(super) fn statements(questions: &[(&str, Vec<Word>)], catalogue: &Catalogue) -> Vec<String> {
    let phrases = phrases(questions);
    if phrases.is_empty() {
        return Vec::new();
    }
    let list = phrases.iter().map(|phrase| literal(phrase)).collect::<Vec<_>>().join(", ");
    let columns = columns_in_order(questions, catalogue);
    let part = |id: &ColumnId| {
        let (table, column) = (quoted(&catalogue.table(*id).name), quoted(&catalogue.column(*id).name));
        format!(
            "SELECT {} AS t, {} AS c, {column} AS v FROM {table} WHERE {column} COLLATE NOCASE IN ({list})",
            id.table, id.column
        )
    };
    // One table of different values for all parts: each `DISTINCT` would have its own, and a statement may have few.
    let statement = |parts: &[ColumnId]| {
        let parts = parts.iter().map(part).collect::<Vec<_>>().join(" UNION ALL ");
        format!("SELECT DISTINCT t, c, v FROM ({parts})")
    };
    columns.chunks(COLUMNS_AT_ONCE).take(STATEMENTS).map(statement).collect()
}

/// All columns. Tables and columns that are named come first, for not all may be looked into.
fn columns_in_order(questions: &[(&str, Vec<Word>)], catalogue: &Catalogue) -> Vec<ColumnId> {
    let named: HashSet<String> =
        questions.iter().flat_map(|(_, words)| words).flat_map(|word| common_forms(&word.folded)).collect();
    let mut columns: Vec<ColumnId> = catalogue.all_columns().map(|(id, _)| id).collect();
    let is_named = |words: &[String]| words.iter().any(|word| named.contains(word));
    let with_named_column: HashSet<usize> =
        catalogue.all_columns().filter(|(_, column)| is_named(&column.words)).map(|(id, _)| id.table).collect();
    columns.sort_by_cached_key(|id| {
        let has_named_column = with_named_column.contains(&id.table);
        (!is_named(&catalogue.table(*id).words), !has_named_column, !is_named(&catalogue.column(*id).words))
    });
    columns
}

/// Words that are looked for in longer values.
const NEAR_WORDS: usize = 6;

/// The statement that looks for values that have these words in them, with other accents or among other words; none if no word can be found so.
pub(super) fn near_statement(words: &[&str], questions: &[(&str, Vec<Word>)], catalogue: &Catalogue) -> Option<String> {
    let mut patterns: Vec<String> = Vec::new();
    for pattern in words.iter().flat_map(|word| near_patterns(word)).take(2 * NEAR_WORDS) {
        if !patterns.contains(&pattern) {
            patterns.push(pattern);
        }
    }
    if patterns.is_empty() {
        return None;
    }
    let part = |id: &ColumnId| {
        let (table, column) = (quoted(&catalogue.table(*id).name), quoted(&catalogue.column(*id).name));
        let tests: Vec<String> =
            patterns.iter().map(|pattern| format!("{column} LIKE {}", literal(&format!("%{pattern}%")))).collect();
        format!(
            "SELECT {} AS t, {} AS c, {column} AS v FROM {table} WHERE length({column}) <= {VALUE_CHARACTERS} AND ({})",
            id.table,
            id.column,
            tests.join(" OR ")
        )
    };
    let columns = columns_in_order(questions, catalogue);
    let parts = columns.iter().take(COLUMNS_AT_ONCE).map(part).collect::<Vec<_>>().join(" UNION ALL ");
    Some(format!("SELECT DISTINCT t, c, v FROM ({parts})"))
}

/// What `LIKE` takes for the word, and for the word with accents anywhere.
fn near_patterns(word: &str) -> Vec<String> {
    let folded = fold(word);
    let plain = |text: &str| text.replace(|character: char| !character.is_alphanumeric(), "_");
    if folded.chars().count() < 3 || !folded.contains(char::is_alphabetic) {
        return Vec::new();
    }
    let may_have_accents = |character: char| !character.is_ascii_alphanumeric() || "aceinosuyz".contains(character);
    let with_accents = plain(&folded).replace("ss", "%").replace(may_have_accents, "_");
    // Too few letters would be in every value.
    let letters = with_accents.chars().filter(|character| *character != '_').count();
    [Some(plain(word)), Some(with_accents).filter(|_| letters > 1)].into_iter().flatten().collect()
}

/// Takes in what that statement found; nothing, if there is more than it shows.
pub(super) fn take_in_near(values: &mut Values, result: &Value, catalogue: &Catalogue) {
    if result["truncated"] != true {
        each_value(result, catalogue, |column, text| values.add_near(column, text));
    }
}

/// Takes in what a statement found.
pub(super) fn take_in(values: &mut Values, result: &Value, catalogue: &Catalogue) {
    each_value(result, catalogue, |column, text| values.add(column, text));
}

fn each_value(result: &Value, catalogue: &Catalogue, mut take: impl FnMut(ColumnId, &str)) {
    for row in result["rows"].as_array().into_iter().flatten() {
        let number = |at: usize| row[at].as_u64().and_then(|number| usize::try_from(number).ok());
        let Some((table, column)) = number(0).zip(number(1)) else { continue };
        let is_there = catalogue.tables.get(table).is_some_and(|table| column < table.columns.len());
        if let Some(text) = row[2].as_str().filter(|_| is_there) {
            take(ColumnId { table, column }, text);
        }
    }
}

/// Phrases that may be values, those of the last question first.
fn phrases(questions: &[(&str, Vec<Word>)]) -> Vec<String> {
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    for (question, words) in questions.iter().rev() {
        for length in 1..=LONGEST_PHRASE.min(words.len()) {
            for at in 0..=words.len() - length {
                // Those that come later are not looked for.
                if found.len() >= PHRASES {
                    break;
                }
                let taken = &words[at..at + length];
                let text = &question[taken[0].start..taken[length - 1].end];
                if !may_be_value(taken) || text.chars().count() > VALUE_CHARACTERS {
                    continue;
                }
                let place = found.len();
                found.entry(text.to_owned()).or_insert(place);
                let one = singular(&text.to_lowercase());
                let others = if length == 1 { lexicon::common(&taken[0].folded).map(str::to_owned) } else { None };
                for other in [Some(one).filter(|one| *one != text.to_lowercase()), others].into_iter().flatten() {
                    let place = found.len();
                    found.entry(other).or_insert(place);
                }
            }
        }
    }
    let mut phrases: Vec<(String, usize)> = found.into_iter().collect();
    phrases.sort_by_key(|(_, place)| *place);
    phrases.into_iter().map(|(phrase, _)| phrase).take(PHRASES).collect()
}

fn may_be_value(words: &[Word]) -> bool {
    let is_plain = |word: &Word| !word.quoted && !lexicon::signs(&word.folded).is_empty();
    let is_capital = |word: &Word| word.text.starts_with(char::is_uppercase);
    let is_nothing = |word: &Word| lexicon::signs(&word.folded).contains(&Sign::Nothing) && !word.quoted;
    match words {
        [] => false,
        [word] if lexicon::may_be_state(&word.text, word.start) => true,
        [word] => !is_plain(word) && (!word.is_number() || word.quoted),
        [first, .., last] => {
            let starts = !is_plain(first) || (is_capital(first) && words[1..].iter().any(is_capital));
            starts && !is_nothing(last) && words.iter().any(|word| !is_plain(word))
        }
    }
}
