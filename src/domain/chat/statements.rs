//! What is said with the citation of a row, and whether the row's cells hold it.

use super::{
    claims::{has_figure, is_whole_after, stands_in},
    figures::{Figure, figures_of},
    numbers::Number,
    words::{has_form, is_form, words},
};

/// What stands between the cells of an excerpt, and between a column and its value.
const BETWEEN_CELLS: &str = " · ";
const BEFORE_VALUE: &str = ": ";

/// Words that point to a row and say nothing of it.
const POINTERS: [&str; 32] = [
    "a", "an", "and", "also", "are", "as", "cf", "e", "from", "g", "in", "is", "no", "nr", "of", "or", "row", "rows",
    "see", "the", "auch", "b", "ist", "oder", "siehe", "sind", "und", "vgl", "von", "zeile", "zeilen", "z",
];

/// Words before the key of a row.
const KEY_WORDS: [&str; 8] = ["row", "no", "number", "id", "key", "nr", "nummer", "zeile"];

/// A row as it was shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ShownRow {
    excerpt: String,
    /// Values, one a line, and the names of their columns.
    values: String,
    columns: Vec<String>,
    /// The table and the row's key, which may be named beside its cells.
    table: String,
    key: String,
}

impl ShownRow {
    /// A row of a table with these columns, from an excerpt of `column: value` pairs.
    #[must_use]
    pub fn new(table: &str, key: &str, excerpt: &str, columns: &[String]) -> Self {
        let mut row =
            Self { excerpt: excerpt.to_owned(), table: table.to_lowercase(), key: key.to_owned(), ..Self::default() };
        for cell in excerpt.split(BETWEEN_CELLS) {
            let value = match named(cell, columns) {
                Some((name, value)) => {
                    row.columns.push(name.to_owned());
                    value
                }
                // The end of a value in which the mark stands, or of a pair whose beginning was cut off.
                None => cell,
            };
            row.values.push_str(value);
            row.values.push('\n');
        }
        row
    }

    /// What was shown.
    #[must_use]
    pub fn excerpt(&self) -> &str {
        &self.excerpt
    }

    /// The values that were shown, one a line.
    #[must_use]
    pub fn values(&self) -> &str {
        &self.values
    }

    /// Whether the cells hold what is said with a citation of the row. All figures, dates and codes have to stand there and all quotations,
    /// letter by letter; of the words of a statement without them one at least, and no name that is elsewhere among what was shown and not
    /// here. `is_elsewhere` tells that of a name, and for the first word of a statement only if it is all of a cell. Words that only point to
    /// the row say nothing, and hold.
    #[must_use]
    pub fn holds(&self, said: &str, question: &str, is_elsewhere: impl Fn(&str, bool) -> bool) -> bool {
        if self.before_excerpt(said).is_some() {
            return true;
        }
        let said = self.without_columns(said);
        let Some(statement) = statement(&said) else { return true };
        let values = self.values.to_lowercase();
        let has_figures = figures_of(&said).iter().try_fold(false, |_, figure| {
            let (text, before) = (&said[figure.place.clone()], &said[..figure.place.start]);
            let stands = figure.is_plain() && (stands_in(text, &self.values) || self.is_key(text, before));
            (stands || self.has_number(figure)).then_some(true)
        });
        let Some(has_figures) = has_figures else { return false };
        let quotations = quotations(&said);
        let values_in_a_line = in_a_line(&self.values);
        let is_name =
            |part: &str| self.columns.iter().any(|column| column == part) || part.to_lowercase() == self.table;
        if !quotations.iter().all(|part| stands_in(part, &values_in_a_line) || is_name(part)) {
            return false;
        }
        let asked: Vec<String> = words(question).map(|word| word.text.to_lowercase()).collect();
        let mut is_held = has_figures || !quotations.is_empty();
        for word in words(statement) {
            let folded = word.text.to_lowercase();
            let is_here = stands_in(&folded, &values);
            if word.is_code() {
                if !is_here && !word.amount().is_some_and(|amount| stands_in(amount, &values)) {
                    return false;
                }
                is_held = true;
            } else if word.is_name()
                && !is_here
                && !self.names(&folded)
                && !asked.contains(&folded)
                && is_elsewhere(word.text, word.is_first)
            {
                return false;
            }
            let is_all = || values.lines().any(|value| value == folded) || words(statement).nth(1).is_none();
            is_held |= !self.names(&folded)
                && (word.tells() && (is_here || has_form(&values, &folded)) || is_here && word.is_first && is_all());
        }
        is_held
    }

    /// If the excerpt stands right before the citation, what is said before that, in a line.
    #[must_use]
    pub fn before_excerpt(&self, said: &str) -> Option<String> {
        let plain = |text: &str| in_a_line(text).replace("[ [", "[[");
        let (said, excerpt) = (plain(said), plain(&self.excerpt));
        let before = said.strip_suffix(&excerpt).filter(|_| !self.values.trim().is_empty())?;
        is_whole_after(before, &excerpt).then(|| before.to_owned())
    }

    /// What is said without the names of columns that stand before values, as in the excerpt.
    fn without_columns(&self, said: &str) -> String {
        let mut told = String::with_capacity(said.len());
        for (number, cell) in said.split(BETWEEN_CELLS).enumerate() {
            if number > 0 {
                told.push_str(BETWEEN_CELLS);
            }
            let named = cell.split_once(BEFORE_VALUE).and_then(|(before, value)| {
                let ends = self.columns.iter().filter_map(|column| before.strip_suffix(column.as_str()));
                let before =
                    ends.filter(|before| !before.ends_with(char::is_alphanumeric)).min_by_key(|before| before.len())?;
                Some((before, value))
            });
            let (before, value) = named.unwrap_or(("", cell));
            told.push_str(before);
            told.push_str(value);
        }
        told
    }

    /// Whether a value is the number that is meant, or has a figure that is written alike.
    fn has_number(&self, figure: &Figure) -> bool {
        let means = |cell: &str| {
            let (column, value) = named(cell, &self.columns).unwrap_or(("", cell));
            numbers(value).any(|number| figure.means_in(&number, column))
        };
        self.excerpt.split(BETWEEN_CELLS).any(means) || has_figure(&self.values, figure)
    }

    /// Whether the figure is the row's key, and named as such: `row 17`, `order 17`.
    fn is_key(&self, figure: &str, before: &str) -> bool {
        let word = before.trim_end_matches([' ', '#', '.', ':', '*', '\u{a0}']);
        let word = words(word).last().map(|word| word.text.to_lowercase()).unwrap_or_default();
        figure == self.key
            && (before.ends_with('#') || KEY_WORDS.contains(&word.as_str()) || is_form(&word, &self.table))
    }

    /// Whether a word is the name of the table or of a column.
    fn names(&self, folded: &str) -> bool {
        is_form(folded, &self.table) || self.columns.iter().any(|column| column.to_lowercase() == folded)
    }
}

/// The column and the value of a cell.
fn named<'c>(cell: &'c str, columns: &[String]) -> Option<(&'c str, &'c str)> {
    cell.split_once(BEFORE_VALUE).filter(|(name, _)| columns.iter().any(|column| column == name))
}

/// The last sentence or line that says something.
fn statement(said: &str) -> Option<&str> {
    let mut sentences = Vec::new();
    let (mut start, mut is_after_end) = (0, false);
    let mut characters = said.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let next = characters.peek().map(|(_, next)| *next);
        let ends = matches!(c, '\n' | '。' | '！' | '？')
            || (is_after_end
                && c.is_whitespace()
                && !next.is_some_and(|next| next.is_lowercase() || next.is_ascii_digit()));
        is_after_end = matches!(c, '.' | '!' | '?');
        if ends {
            sentences.push(&said[start..at]);
            start = at + c.len_utf8();
        }
    }
    sentences.push(&said[start..]);
    let says = |sentence: &&str| {
        !figures_of(sentence).is_empty()
            || words(sentence).any(|word| !POINTERS.contains(&word.text.to_lowercase().as_str()))
    };
    sentences.into_iter().rev().find(says)
}

/// Whether something is said at all, and not only pointed to.
#[must_use]
pub fn says_something(said: &str) -> bool {
    statement(said).is_some()
}

/// What stands in quotation marks, without the stops within them; the parts of what is shortened.
fn quotations(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find(['"', '“', '„', '«', '»', '`']) {
        let mark = rest[open..].chars().next().unwrap_or('"');
        let inner = &rest[open + mark.len_utf8()..];
        let closes: &[char] = match mark {
            '“' => &['”', '"'],
            '„' => &['“', '”', '"'],
            '«' => &['»'],
            '»' => &['«'],
            '`' => &['`'],
            _ => &['"'],
        };
        let Some(end) = inner.find(closes) else {
            rest = inner;
            continue;
        };
        let stops = |c: char| c.is_whitespace() || matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | '*');
        let quoted = in_a_line(&inner[..end]).replace("...", "…");
        parts.extend(quoted.split('…').map(|part| part.trim_matches(stops).to_owned()).filter(|part| !part.is_empty()));
        rest = inner[end..].char_indices().nth(1).map_or("", |(next, _)| &inner[end + next..]);
    }
    parts
}

/// The numbers that stand in values as a computer writes them.
fn numbers(values: &str) -> impl Iterator<Item = Number> + '_ {
    values.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')')).filter_map(Number::written)
}

fn in_a_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> ShownRow {
        let columns = ["city", "qty", "note", "sku", "day", "line[2].tax"].map(str::to_owned);
        let excerpt = "city: New York · qty: 5 · sku: A-4 · day: 2024-01-31 · note: The blue lamp came late · line[2].tax: 1234.5";
        ShownRow::new("orders", "17", excerpt, &columns)
    }

    fn holds(said: &str) -> bool {
        row().holds(said, "Which orders went to Paris?", |name, _| ["Paris", "Berlin"].contains(&name))
    }

    #[test]
    fn figures_dates_and_codes_have_to_stand_in_the_row() {
        for said in [
            "It has 5 pieces",
            "5 of A-4 on 2024-01-31",
            "Order 17 has 5",
            "row #17: 5kg",
            "the tax is 1,234.50 €",
            "the 1st has 5",
        ] {
            assert!(holds(said), "{said}");
        }
        for said in [
            "It has 6 pieces",
            "5 of A-5",
            "5 on 2024-02-01",
            "17 lamps",
            "6kg of lamps",
            "the tax is 1,234.60",
            "2 lamps",
        ] {
            assert!(!holds(said), "{said}");
        }
    }

    #[test]
    fn quotations_have_to_stand_in_the_row_letter_by_letter() {
        for said in [
            "it says “blue lamp came late.”",
            "es heißt „The blue … late“",
            "the note \"The blue\nlamp\"",
            "«New York»",
            "the column `qty` has 5",
        ] {
            assert!(holds(said), "{said}");
        }
        for said in [
            "it says “green lamp”",
            "it says “Blue lamp”",
            "“amp came late”",
            "\"blue lamp\" and \"red lamp\"",
            "„Lampe“",
        ] {
            assert!(!holds(said), "{said}");
        }
    }

    #[test]
    fn of_other_statements_a_word_has_to_stand_there_and_no_name_of_another_row() {
        for said in
            ["New York", "The lamps were late", "It went to New York", "Eine Lampe nach New York", "- city: New York"]
        {
            assert!(holds(said), "{said}");
        }
        for said in [
            "Boston",
            "The city is Boston",
            "It is green",
            "Yes, it went to Paris",
            "The lamp went to Berlin",
            "city: Boston",
            "the orders",
        ] {
            assert!(!holds(said), "{said}");
        }
    }

    #[test]
    fn what_only_points_to_the_row_says_nothing() {
        for said in ["", " ", "see ", " and ", "; siehe auch ", "- ", "e.g. "] {
            assert!(!says_something(said) && holds(said), "{said}");
        }
        assert!(!holds("It was Boston. See "), "the sentence before is meant");
        assert!(!holds("It was Boston.\n\n"), "the line before is meant");
        assert!(holds("There was talk of Boston. It was late in New York "));
    }

    #[test]
    fn the_excerpt_itself_holds() {
        assert!(holds(
            "I am not sure, but these may help:\n- city: New York · qty: 5 · sku: A-4 · day: 2024-01-31 · note: The blue lamp came late · line[2].tax: 1234.5 "
        ));
        let strange = ShownRow::new("t", "1", "a: x · b: [[q1:1:a]] · y", &["a".to_owned()]);
        assert_eq!(strange.values(), "x\nb: [[q1:1:a]]\ny\n");
        assert_eq!(
            strange.before_excerpt("It was 5 in 2019.\na: x · b: [ [q1:1:a]] · y ").as_deref(),
            Some("It was 5 in 2019. ")
        );
        assert_eq!(strange.before_excerpt("za: x · b: [[q1:1:a]] · y "), None);
        assert!(strange.holds("a: x · b: [ [q1:1:a]] · y ", "", |_, _| false));
        assert!(!ShownRow::new("t", "1", "", &[]).holds("a thing", "", |_, _| false));
    }

    #[test]
    fn scripts_without_spaces_have_parts_of_words() {
        let row = ShownRow::new("t", "1", "city: 東京都", &["city".to_owned()]);
        assert!(row.holds("都市は東京です", "", |_, _| false) && !row.holds("都市は大阪です", "", |_, _| false));
    }

    #[test]
    fn figures_of_a_row_are_compared_digit_by_digit_and_with_their_signs() {
        let columns = ["gtin", "loss", "mileage", "revenue_mio", "note"].map(str::to_owned);
        let excerpt = "gtin: 4006381333931 · loss: 5000 · mileage: 7 · revenue_mio: 8 · note: of 3 million";
        let row = ShownRow::new("orders", "17", excerpt, &columns);
        let holds = |said: &str| row.holds(said, "", |_, _| false);
        for said in ["GTIN 4006381333931", "a loss of $5,000", "7 miles", "8 million", "8", "of 3 million", "order 17"]
        {
            assert!(holds(said), "{said}");
        }
        for said in [
            "GTIN 4006381333935",
            "a loss of -$5,000",
            "minus 5000",
            "7 million",
            "8 trillion",
            "3 billion",
            "order -17",
        ] {
            assert!(!holds(said), "{said}");
        }
    }
}
