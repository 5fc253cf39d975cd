//! A question as a row of items: signs, names, values, dates and numbers.

use std::{
    cell::Cell,
    collections::{HashMap, HashSet},
};

use tokio_util::sync::CancellationToken;

use super::{
    super::{
        index::{Named, WordId},
        lexicon::{self, Sign},
        schema::{Catalogue, ColumnId, phrase_words},
        wording::Language,
        words::{Word, fold, singular},
    },
    dates::{Period, period_at},
    names::Focus,
};

/// Longest name or value, in words.
pub(crate) const LONGEST_PHRASE: usize = 6;
/// How like two words are that may be one misspelt.
const ALIKE: f64 = 0.93;
/// Words of a question that are taken for misspelt ones at most: one with more is not understood anyway.
const MISSPELT: usize = 8;

/// Where values stand, and how they are written there.
type Places = Vec<(ColumnId, String)>;

/// Values that stand in the tables, by their text in lower case.
#[derive(Clone, Debug, Default)]
pub(crate) struct Values {
    places: HashMap<String, Places>,
    /// Values that words of the question may be in, or are but for their accents.
    near: Vec<Near>,
}

#[derive(Clone, Debug, PartialEq)]
struct Near {
    words: Vec<String>,
    column: ColumnId,
    value: String,
}

/// How a word stands for a longer value that it is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// It is written as a name is.
    Named,
    /// It may be any word.
    Guessed,
}

/// Longest value, in words, for which one of them may stand. More are prose.
const WORDS_OF_A_NAME: usize = 6;
/// Different values of which a word may be a part: more say nothing.
const VALUES_OF_A_PART: usize = 5;

impl Values {
    pub(crate) fn add(&mut self, column: ColumnId, value: &str) {
        let places = self.places.entry(value.to_lowercase()).or_default();
        if !places.iter().any(|(place, text)| *place == column && text == value) {
            places.push((column, value.to_owned()));
        }
    }

    pub(crate) fn add_near(&mut self, column: ColumnId, value: &str) {
        let near = Near { words: plain_words(value), column, value: value.to_owned() };
        if !self.near.contains(&near) {
            self.near.push(near);
        }
    }

    fn find(&self, text: &str) -> &[(ColumnId, String)] {
        self.places.get(&text.to_lowercase()).map_or(&[], Vec::as_slice)
    }

    /// The values that a phrase is but for accents and signs, or else those that it is a part of; whether it is only a part.
    fn find_near(&self, phrase: &str) -> Option<(Places, bool)> {
        let words = Some(plain_words(phrase)).filter(|words| !words.is_empty())?;
        let places = |near: Vec<&Near>| near.into_iter().map(|near| (near.column, near.value.clone())).collect();
        let same: Vec<&Near> = self.near.iter().filter(|near| near.words == words).collect();
        if !same.is_empty() {
            return Some((places(same), false));
        }
        let has_it = |near: &&Near| {
            near.words.len() <= WORDS_OF_A_NAME && near.words.windows(words.len()).any(|part| part == words)
        };
        let longer: Vec<&Near> = self.near.iter().filter(has_it).collect();
        let different: HashSet<&str> = longer.iter().map(|near| near.value.as_str()).collect();
        (1..=VALUES_OF_A_PART).contains(&different.len()).then(|| (places(longer), true))
    }
}

/// The words of a text, folded, without any signs and without the `s` of an owner.
fn plain_words(text: &str) -> Vec<String> {
    let folded = fold(text);
    let words = folded.split(|character: char| !character.is_alphanumeric() && character != '\'');
    let plain = words.map(|word| word.strip_suffix("'s").unwrap_or(word).replace('\'', ""));
    plain.filter(|word| !word.is_empty()).collect()
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Item {
    Signs(&'static [Sign]),
    /// A name: tables and columns that it fits.
    Name {
        tables: Vec<usize>,
        columns: Vec<ColumnId>,
        is_guess: bool,
    },
    Value(Vec<(ColumnId, String)>),
    Date(Period),
    Number(String),
    Unknown,
}

/// An item with the words that it is made of.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) item: Item,
    pub(crate) text: String,
    pub(crate) folded: String,
    pub(crate) small: Option<usize>,
    /// How a value was found, of which only a part is said.
    pub(crate) part: Option<Part>,
    /// Whether it is a number that is another one in another language.
    pub(crate) is_ambiguous: bool,
}

/// The items of a question. Words that say nothing are left out, and all that come after a stop.
pub(crate) fn items_of(
    question: &str,
    words: &[Word],
    language: Language,
    catalogue: &Catalogue,
    values: &Values,
    stop: &CancellationToken,
) -> Vec<Found> {
    let forms = words.iter().map(|word| {
        let common = phrase_words([word.folded.as_str()].into_iter());
        common.iter().map(|word| catalogue.index.word(word)).collect()
    });
    let forms = forms.collect();
    let lexer = Lexer { question, words, forms, language, catalogue, values, misspelt: Cell::new(0) };
    let (mut found, mut like_signs): (Vec<Found>, Vec<(usize, Vec<ColumnId>)>) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at < words.len() && !stop.is_cancelled() {
        let is_compared = found.last().is_some_and(|last| is_comparison(&last.item) || is_numbered(last));
        let (mut item, mut length) = lexer.item_at(at, is_compared);
        let mut part = None;
        if item == Item::Unknown
            && let Some((places, is_part, taken)) = lexer.near(at)
        {
            (item, length) = (Item::Value(places), taken);
            part = is_part.then(|| lexer.part(at));
        }
        if item != Item::Signs(&[Sign::Nothing]) {
            let taken = &words[at..at + length];
            let folded: Vec<&str> = taken.iter().map(|word| word.folded.as_str()).collect();
            let small = words[at].small_number().filter(|_| length == 1 && !lexer.is_negative(at));
            let is_ambiguous = matches!(item, Item::Number(_)) && words[at].is_ambiguous(language);
            let text = lexer.text(at, length).to_owned();
            if let Some(columns) = lexer.called_like_a_sign(at, length).filter(|_| matches!(item, Item::Signs(_))) {
                like_signs.push((found.len(), columns));
            }
            found.push(Found { item, text, folded: folded.join(" "), small, part, is_ambiguous });
        }
        at += length;
    }
    take_names(&mut found, &like_signs, catalogue);
    leave_out_rows(&mut found);
    found
}

/// What rows of any table are called.
const ROWS: [&str; 6] = ["row", "rows", "record", "records", "zeile", "zeilen"];

/// The rows of a table that is named are rows, and not another table, or a column of another, that is called so.
fn leave_out_rows(found: &mut Vec<Found>) {
    let are_rows = |found: &Found| ROWS.contains(&found.folded.as_str());
    let tables_of = |found: &Found| match &found.item {
        Item::Name { tables, .. } => tables.clone(),
        _ => Vec::new(),
    };
    let named: HashSet<usize> = found.iter().filter(|found| !are_rows(found)).flat_map(tables_of).collect();
    let is_of_named = |item: &Item| match item {
        Item::Name { tables, columns, .. } => {
            tables.iter().chain(columns.iter().map(|column| &column.table)).any(|table| named.contains(table))
        }
        _ => true,
    };
    found.retain(|found| named.is_empty() || !are_rows(found) || is_of_named(&found.item));
}

/// Takes signs for the columns that are called like them, where the question is about their table, or names nothing else.
fn take_names(found: &mut [Found], like_signs: &[(usize, Vec<ColumnId>)], catalogue: &Catalogue) {
    let focus = Focus::of(found, catalogue, &[]);
    let are_near = |column: &ColumnId| focus.tables.is_empty() || focus.tables.contains(&column.table);
    for (at, columns) in like_signs {
        let is_column = |item: &Item| matches!(item, Item::Name { columns, .. } if !columns.is_empty());
        let next = at + 1;
        let is_of_column = found.get(next).is_some_and(|found| is_column(&found.item))
            || like_signs.iter().any(|(place, _)| *place == next);
        // The sum of the total.
        if is_of_column && found[*at].folded.contains(' ') {
            continue;
        }
        let columns: Vec<ColumnId> = columns.iter().copied().filter(are_near).collect();
        if !columns.is_empty() {
            found[*at].item = Item::Name { tables: Vec::new(), columns, is_guess: false };
        }
    }
}

/// Order number 2023: no year.
fn is_numbered(found: &Found) -> bool {
    let is_name = matches!(found.item, Item::Name { .. });
    is_name
        && phrase_words([found.folded.as_str()].into_iter())
            .iter()
            .any(|word| matches!(word.as_str(), "number" | "id" | "code"))
}

fn is_comparison(item: &Item) -> bool {
    let compares = |sign: &Sign| matches!(sign, Sign::More | Sign::Less | Sign::AtLeast | Sign::AtMost);
    matches!(item, Item::Signs(signs) if signs.iter().any(compares))
}

struct Lexer<'a> {
    question: &'a str,
    words: &'a [Word],
    /// The words in their common forms, where names have them.
    forms: Vec<Option<Vec<WordId>>>,
    language: Language,
    catalogue: &'a Catalogue,
    values: &'a Values,
    /// How many words were held against names that they are like.
    misspelt: Cell<usize>,
}

impl Lexer<'_> {
    fn item_at(&self, at: usize, is_compared: bool) -> (Item, usize) {
        let word = &self.words[at];
        if word.quoted {
            let item = match self.values.find(&word.text) {
                [] => self.quoted_name(word).unwrap_or(Item::Unknown),
                places => Item::Value(places.to_vec()),
            };
            return (item, 1);
        }
        let lengths = || (2..=LONGEST_PHRASE.min(self.words.len() - at)).rev();
        if let Some(found) = lengths().find_map(|length| Some((self.value(at, length)?, length))) {
            return found;
        }
        if !is_compared && let Some((period, length)) = period_at(self.words, at) {
            return (Item::Date(period), length);
        }
        if let Some(found) = lengths().find_map(|length| Some((self.name(at, length, true)?, length))) {
            return found;
        }
        if let Some(found) = lengths().find_map(|length| Some((self.signs(at, length)?, length))) {
            return found;
        }
        (self.single(at), 1)
    }

    /// The columns that are called `total`, or like another word that says what is computed.
    fn called_like_a_sign(&self, at: usize, length: usize) -> Option<Vec<ColumnId>> {
        let folded = &self.words[at].folded;
        let is_rest = length == 1 || length == 2 && matches!(self.words[at + 1].folded.as_str(), "of" | "der" | "von");
        let may_be = is_rest && lexicon::may_be_name(lexicon::signs(folded)) && !self.words[at].quoted;
        let named = self.catalogue.index.exactly(folded).filter(|_| may_be)?;
        (!named.columns.is_empty()).then(|| named.columns.clone())
    }

    fn single(&self, at: usize) -> Item {
        let word = &self.words[at];
        let signs = self.signs(at, 1);
        let gives_way = |item: &Item| matches!(item, Item::Signs([Sign::ForYear | Sign::Columns | Sign::Tables]));
        if let Some(signs) = signs.clone().filter(|item| !gives_way(item) && *item != Item::Signs(&[Sign::Nothing])) {
            return signs;
        }
        // A column may be called `at`, but hardly any question that says so means it.
        let is_particle = signs == Some(Item::Signs(&[Sign::Nothing])) && word.folded.len() <= 2;
        if let Some(name) = self.name(at, 1, true).filter(|_| !is_particle) {
            return name;
        }
        if lexicon::may_be_state(&word.text, word.start)
            && let Some(value) = self.value(at, 1)
        {
            return value;
        }
        if let Some(signs) = signs {
            return signs;
        }
        if let Some(value) = self.value(at, 1) {
            return value;
        }
        if let Some(number) = word.number(self.language) {
            return Item::Number(if self.is_negative(at) { format!("-{number}") } else { number });
        }
        if lexicon::number_word(&word.folded).is_some() {
            return Item::Number(word.folded.clone());
        }
        self.name(at, 1, false).or_else(|| self.party(word)).or_else(|| self.misspelt(word)).unwrap_or(Item::Unknown)
    }

    /// Whether a minus stands right before it, and no word before that: -5, not O-5.
    fn is_negative(&self, at: usize) -> bool {
        let before = self.question[..self.words[at].start].strip_suffix(['-', '−']);
        before.is_some_and(|before| !before.ends_with(char::is_alphanumeric))
    }

    fn text(&self, at: usize, length: usize) -> &str {
        &self.question[self.words[at].start..self.words[at + length - 1].end]
    }

    fn folded(&self, at: usize, length: usize) -> impl Iterator<Item = &str> {
        self.words[at..at + length].iter().map(|word| word.folded.as_str())
    }

    fn signs(&self, at: usize, length: usize) -> Option<Item> {
        let phrase: Vec<&str> = self.folded(at, length).collect();
        let signs = lexicon::signs(&phrase.join(" "));
        (!signs.is_empty()).then_some(Item::Signs(signs))
    }

    fn value(&self, at: usize, length: usize) -> Option<Item> {
        let text = self.text(at, length);
        let found = self.values.find(text);
        if !found.is_empty() {
            return Some(Item::Value(found.to_vec()));
        }
        let found = self.values.find(&singular(&text.to_lowercase()));
        let common = || if length == 1 { lexicon::common(&self.words[at].folded) } else { None };
        let found = if found.is_empty() { common().map_or(&[][..], |common| self.values.find(common)) } else { found };
        (!found.is_empty()).then(|| Item::Value(found.to_vec()))
    }

    /// Values that the words from here are nearly, or are a part of: as many words as may be.
    fn near(&self, at: usize) -> Option<(Places, bool, usize)> {
        (1..=LONGEST_PHRASE.min(self.words.len() - at)).rev().find_map(|length| {
            let is_plain = self.words[at..at + length].iter().all(|word| !word.quoted);
            let (places, is_part) = self.values.find_near(self.text(at, length)).filter(|_| is_plain)?;
            Some((places, is_part, length))
        })
    }

    /// A capital where no sentence begins marks a name.
    fn part(&self, at: usize) -> Part {
        let is_name = at > 0 && self.words[at].text.starts_with(char::is_uppercase);
        if is_name { Part::Named } else { Part::Guessed }
    }

    /// Tables and columns that the phrase names: wholly, or as well as any does.
    fn name(&self, at: usize, length: usize, wholly: bool) -> Option<Item> {
        if self.words[at..at + length].iter().any(|word| word.quoted) {
            return None;
        }
        let index = &self.catalogue.index;
        let forms = self.forms[at..at + length].iter().map(Option::as_deref);
        let words = forms.collect::<Option<Vec<_>>>().map(|forms| forms.concat());
        let named = match words {
            Some(words) if wholly => index.wholly(words),
            Some(words) => index.partly(words),
            None => Named::default(),
        };
        // unitPrice, as the column is written.
        let written = index.exactly(&self.words[at].folded).filter(|_| wholly && length == 1 && named.is_empty());
        named_item(written.cloned().unwrap_or(named), !wholly)
    }

    /// A table or a column whose whole name stands in quotation marks.
    fn quoted_name(&self, word: &Word) -> Option<Item> {
        let name = word.folded.trim_start_matches('@');
        let named = self.catalogue.index.exactly(&word.folded).or_else(|| self.catalogue.index.exactly(name))?;
        named_item(named.clone(), false)
    }

    /// Somebody, whose name stands in a column that is only called `name`.
    fn party(&self, word: &Word) -> Option<Item> {
        let common = phrase_words([word.folded.as_str()].into_iter());
        common.first().filter(|common| lexicon::is_party(common))?;
        let columns = self.catalogue.index.wholly(vec![self.catalogue.index.word("name")?]).columns;
        named_item(Named { tables: Vec::new(), columns }, true)
    }

    fn misspelt(&self, word: &Word) -> Option<Item> {
        let has_digits = word.text.contains(|character: char| character.is_ascii_digit());
        if word.folded.len() < 5 || has_digits || self.misspelt.get() >= MISSPELT {
            return None;
        }
        self.misspelt.set(self.misspelt.get() + 1);
        let phrase = singular(&word.folded);
        let named = self.catalogue.index.like(&phrase, |other| strsim::jaro_winkler(other, &phrase) >= ALIKE);
        named_item(named, true)
    }
}

fn named_item(named: Named, is_guess: bool) -> Option<Item> {
    (!named.is_empty()).then_some(Item::Name { tables: named.tables, columns: named.columns, is_guess })
}
