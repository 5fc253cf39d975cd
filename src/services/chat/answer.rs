//! From what a model writes to what a person reads: citations are numbered and checked, addresses are taken out, while it comes.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::tools::Evidence;
use crate::domain::chat::{
    AnswerFilter, Claim, End, ListNumbers, Marker, Piece, end_of_marker, figures_of, may_be_scale, pieces,
    says_something, stands_in, visible,
};

/// A citation that does not close within so many bytes is none.
const MARKER_BYTES: usize = 300;
/// Behind a citation no more is waited for, to see a word like `million`.
const BEHIND_BYTES: usize = 24;
/// Characters of a cell that a citation shows.
const EXCERPT_CHARACTERS: usize = 300;

/// Where a statement of an answer comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Citation {
    /// Its number in the text: `[1]`.
    pub number: usize,
    /// Whether what is said right before it is what stands there.
    pub supported: bool,
    /// The query whose result it points to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// The table whose row it points to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// The row: of the query's result from 1, or the key of the table's row.
    pub row: String,
    /// The column of the query's result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What stands there; null if there is no such place.
    pub excerpt: Option<String>,
}

/// A part of an answer that may leave.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Part {
    /// Words.
    Text(String),
    /// A citation, whose number is in the words before.
    Citation(Citation),
}

/// Turns what a model writes into parts.
#[derive(Debug, Default)]
pub(super) struct AnswerWriter {
    /// What came and may be the beginning of a citation.
    held: String,
    /// What was said since the last citation.
    said: String,
    /// What the last citation of a row was said with, which may go on to the next.
    said_of_row: Option<String>,
    /// What is answered, whose words may be said again.
    question: String,
    filter: AnswerFilter,
    lists: ListNumbers,
    /// What stands between whole and decimals, as far as a cell has told.
    point: Option<char>,
    citations: Vec<Citation>,
    unsupported: Vec<String>,
}

impl AnswerWriter {
    /// Writes the answer to a question.
    pub(super) fn to(question: &str) -> Self {
        Self { question: question.to_owned(), ..Self::default() }
    }

    /// Takes words of the model in.
    pub(super) fn push(&mut self, words: &str, evidence: &Evidence) -> Vec<Part> {
        self.held.push_str(words);
        let end = complete_end(&self.held);
        let ready: String = self.held.drain(..end).collect();
        self.written(&ready, evidence)
    }

    /// The rest.
    pub(super) fn finish(&mut self, evidence: &Evidence) -> Vec<Part> {
        let rest = std::mem::take(&mut self.held);
        let mut parts = self.written(&rest, evidence);
        self.leave_out_list_numbers();
        self.note_uncited(evidence);
        let text = self.filter.finish();
        if !text.is_empty() {
            parts.push(Part::Text(text));
        }
        parts
    }

    /// The citations so far.
    #[must_use]
    pub(super) fn citations(&self) -> &[Citation] {
        &self.citations
    }

    /// Figures that nothing supports.
    #[must_use]
    pub(super) fn unsupported(&self) -> &[String] {
        &self.unsupported
    }

    fn written(&mut self, text: &str, evidence: &Evidence) -> Vec<Part> {
        let mut parts = Vec::new();
        let pieces = pieces(text);
        for (number, piece) in pieces.iter().enumerate() {
            match piece {
                Piece::Text(words) => {
                    self.said.push_str(words);
                    let words = self.filter.push(&visible(words, usize::MAX));
                    if !words.is_empty() {
                        parts.push(Part::Text(words));
                    }
                }
                Piece::Citation(marker) => {
                    let behind = match pieces.get(number + 1) {
                        Some(Piece::Text(words)) => *words,
                        _ => "",
                    };
                    let citation = self.citation(marker, behind, evidence);
                    self.note_uncited(evidence);
                    let words = self.filter.push_mark(citation.number, citation.supported);
                    if !words.is_empty() {
                        parts.push(Part::Text(words));
                    }
                    self.citations.push(citation.clone());
                    parts.push(Part::Citation(citation));
                }
            }
        }
        parts
    }

    /// A citation; what it shows of what was said is said with a source.
    fn citation(&mut self, marker: &Marker, behind: &str, evidence: &Evidence) -> Citation {
        let number = self.citations.len() + 1;
        self.leave_out_list_numbers();
        match marker {
            Marker::Cell { query, row, column } => {
                self.said_of_row = None;
                let cell = evidence.cell(marker);
                let claim = Claim { said: &self.said, behind, column, point: self.point };
                let shown = cell.filter(|cell| cell.is_of_tables).and_then(|cell| claim.shown_by(cell.value));
                if let Some(shown) = shown {
                    self.said.truncate(shown.from);
                    self.point = self.point.or(shown.point);
                }
                Citation {
                    number,
                    supported: shown.is_some(),
                    query: Some(query.clone()),
                    table: None,
                    row: row.to_string(),
                    column: Some(column.clone()),
                    excerpt: cell.map(|cell| text_of(cell.value)),
                }
            }
            Marker::Row { table, row } => {
                let found = evidence.row(marker);
                // Several rows may stand behind one statement.
                let said = match self.said_of_row.take() {
                    Some(before) if !says_something(&self.said) => before,
                    _ => self.said.clone(),
                };
                let is_elsewhere = |name: &str, is_all| evidence.has_name(name, is_all);
                let supported = found.is_some_and(|shown| shown.holds(&said, &self.question, is_elsewhere));
                if let Some(shown) = found.filter(|_| supported) {
                    // All figures stand in the row, but for those before its excerpt.
                    self.said = shown.before_excerpt(&self.said).unwrap_or_default();
                }
                self.said_of_row = Some(said);
                Citation {
                    number,
                    supported,
                    query: None,
                    table: Some(table.clone()),
                    row: row.clone(),
                    column: None,
                    excerpt: found.map(|shown| visible(shown.excerpt(), EXCERPT_CHARACTERS).into_owned()),
                }
            }
        }
    }

    /// Numbers of a list's items are no figures, of a line that began here or behind the last citation.
    fn leave_out_list_numbers(&mut self) {
        self.said = self.lists.left_out(&self.said, self.citations.is_empty());
    }

    /// Figures said since the last citation that nothing shows.
    fn note_uncited(&mut self, evidence: &Evidence) {
        let said = std::mem::take(&mut self.said);
        for figure in figures_of(&said) {
            let text = said[figure.place.clone()].to_owned();
            let word = &said[figure.word.clone()];
            let is_name = || evidence.has_word(word) || stands_in(word, &self.question);
            let is_shown = evidence.has_figure(&figure) || word != text && is_name();
            if !is_shown && !self.unsupported.contains(&text) {
                self.unsupported.push(text);
            }
        }
    }
}

/// Figures of a question may be said again without a source.
#[must_use]
pub(super) fn without_those_of(question: &str, unsupported: &[String]) -> Vec<String> {
    let asked: Vec<&str> = figures_of(question).into_iter().map(|figure| &question[figure.place]).collect();
    unsupported.iter().filter(|figure| !asked.contains(&figure.as_str())).cloned().collect()
}

/// How much of a text can hold no citation that goes on later.
fn complete_end(text: &str) -> usize {
    let mut from = 0;
    while let Some(open) = text[from..].find('[').map(|at| from + at) {
        let rest = &text[open..];
        if rest.len() == 1 {
            return open;
        }
        if !rest.starts_with("[[") {
            from = open + 1;
            continue;
        }
        let length = match end_of_marker(rest) {
            // The word behind a citation may tell what the figure before it means.
            End::At(length) if may_go_on(&rest[length..]) => return open,
            End::Unknown | End::AtLeast(_) if rest.len() < MARKER_BYTES => return open,
            End::At(length) | End::AtLeast(length) => length,
            End::Unknown => 2,
        };
        from = open + length;
    }
    text.len()
}

/// Whether a word behind a citation may not be whole.
fn may_go_on(behind: &str) -> bool {
    behind.len() <= BEHIND_BYTES && may_be_scale(behind)
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => visible(text, EXCERPT_CHARACTERS).into_owned(),
        Value::Null => "null".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::tools::ShownQuery, *};

    fn add_query(evidence: &mut Evidence, columns: &[&str], rows: Vec<Vec<Value>>, reads_tables: bool) {
        let columns = columns.iter().copied().map(str::to_owned).collect();
        let sql = "SELECT 1 -- EUR9,999".into();
        evidence.add_query(ShownQuery { name: evidence.next_query(), sql, columns, rows, reads_tables });
    }

    fn evidence() -> Evidence {
        let mut evidence = Evidence::default();
        let row = |city: &str, total: f64| vec![json!(city), json!(total)];
        add_query(&mut evidence, &["city", "total"], vec![row("Berlin", 1234.5), row("Paris", 7.0)], true);
        let columns = ["city".to_owned(), "qty".to_owned()];
        evidence.add_row("orders", "17", "city: Berlin · qty: 5", &columns);
        evidence.add_row("orders", "19", "city: Rome · qty: 5", &columns);
        evidence
    }

    fn written(text: &str, step: usize) -> (String, AnswerWriter) {
        let (evidence, mut writer) = (evidence(), AnswerWriter::default());
        let characters: Vec<char> = text.chars().collect();
        let mut parts = Vec::new();
        for chunk in characters.chunks(step) {
            parts.extend(writer.push(&chunk.iter().collect::<String>(), &evidence));
        }
        parts.extend(writer.finish(&evidence));
        let words = parts.into_iter().filter_map(|part| match part {
            Part::Text(text) => Some(text),
            Part::Citation(_) => None,
        });
        (words.collect(), writer)
    }

    #[test]
    fn citations_are_numbered_and_checked_however_the_words_come() {
        let text = "Berlin [[q1:1:city]] has 1,234.50 [[q1:1:total]], Paris 8 [[q1:2:total]]; see 5 [[orders#17]] and [[orders#18]].";
        for step in [1, 2, 3, 7, 1000] {
            let (words, writer) = written(text, step);
            assert_eq!(words, "Berlin [1] has 1,234.50 [2], Paris 8 [3?]; see 5 [4] and [5?].");
            let supported: Vec<bool> = writer.citations().iter().map(|citation| citation.supported).collect();
            assert_eq!(supported, [true, true, false, true, false]);
            assert_eq!(writer.citations()[2].excerpt.as_deref(), Some("7.0"));
            assert_eq!(writer.unsupported(), ["8"]);
        }
    }

    #[test]
    fn figures_without_a_source_are_noted() {
        let (_, writer) = written("There are 42 of them, and 7 more; 1,234.50 [[q1:1:total]].", 5);
        assert_eq!(writer.unsupported(), ["42"], "7 was in a result");
        assert!(without_those_of("Why 42?", writer.unsupported()).is_empty());
    }

    #[test]
    fn only_what_is_cited_has_its_source_from_a_citation() {
        let unsupported = |text: &str| written(text, 3).1.unsupported().to_vec();
        assert_eq!(unsupported("There are 9999 orders from Berlin [[q1:1:city]]."), ["9999"]);
        assert_eq!(
            unsupported("Revenue was 9,999,999 in 2019. city: Berlin · qty: 5 [[orders#17]]"),
            ["9,999,999", "2019"]
        );
        assert_eq!(unsupported("It is USD88, 77k, or 1,234.50 [[q1:1:total]]."), ["88", "77"]);
        // Names that were shown are no amounts.
        assert!(unsupported("In total2024 and Berlin [[q1:1:city]].").contains(&"2024".to_owned()));
        let mut evidence = evidence();
        add_query(&mut evidence, &["total2024"], vec![vec![json!("Model 4711-B")]], true);
        evidence.add_names(["total2024"].into_iter());
        let mut writer = AnswerWriter::default();
        writer.push("In total2024 the “Model 4711-B” [[q2:1:total2024]], 4711 and 4711-B.", &evidence);
        writer.finish(&evidence);
        assert!(writer.citations()[0].supported && writer.unsupported().is_empty(), "{writer:?}");
    }

    /// What is unsupported of an answer to a question, and which of its citations are.
    fn checked(text: &str, question: &str, evidence: &Evidence) -> (Vec<String>, Vec<bool>) {
        let mut writer = AnswerWriter::to(question);
        for c in text.chars() {
            writer.push(&c.to_string(), evidence);
        }
        writer.finish(evidence);
        let supported = writer.citations().iter().map(|citation| citation.supported).collect();
        (writer.unsupported().to_vec(), supported)
    }

    #[test]
    fn what_the_model_wrote_itself_shows_nothing() {
        let mut evidence = evidence();
        let unsupported = |text: &str, evidence: &Evidence| checked(text, "What of INV-2024-7?", evidence).0;
        assert_eq!(unsupported("And EUR9,999 more.", &evidence), ["9,999"], "a comment of the statement");
        add_query(&mut evidence, &["alias2019", "n"], vec![vec![json!("EUR9,998"), json!(42)]], false);
        assert_eq!(unsupported("In alias2019 EUR9,998, and 42.", &evidence), ["2019", "9,998", "42"]);
        assert_eq!(checked("It is 42 [[q2:1:n]].", "", &evidence), (vec!["42".into()], vec![false]));
        assert!(unsupported("Of INV-2024-7 nothing is known.", &evidence).is_empty());
        evidence.add_names(["Sales2024", "total"].into_iter());
        assert!(unsupported("The table sales2024 has it.", &evidence).is_empty());
        assert_eq!(unsupported("The table sales2025 has it.", &evidence), ["2025"]);
    }

    #[test]
    fn numbers_of_a_list_are_no_figures() {
        let text =
            "1. Berlin [[q1:1:city]]\n2. Paris [[q1:2:city]]\n3. Rome [[orders#19]]\n4. none\n\n1. 7 [[q1:2:total]]";
        assert_eq!(checked(text, "", &evidence()), (Vec::new(), vec![true; 4]));
        assert_eq!(checked("9. is it.\n1200. it is.", "", &evidence()).0, ["9", "1200"]);
    }

    #[test]
    fn signs_long_numbers_and_words_like_million_count_without_a_source_too() {
        let mut evidence = Evidence::default();
        let row = vec![json!(5), json!(4_006_381_333_931_i64), json!("-6,000")];
        add_query(&mut evidence, &["mileage", "gtin", "text"], vec![row], true);
        evidence.add_row("item", "1", "gtin: 4006381333938", &["gtin".to_owned()]);
        let unsupported = |text: &str| checked(text, "", &evidence).0;
        for text in ["5", "4006381333931", "-6,000", "4006381333938"] {
            assert!(unsupported(text).is_empty(), "{text}");
        }
        for (text, figure) in [
            ("5 million", "5"),
            ("5 trillion", "5"),
            ("-5", "5"),
            ("-$5", "5"),
            ("6,000", "6,000"),
            ("4006381333935", "4006381333935"),
            ("④", "④"),
            ("10⁶", "10⁶"),
        ] {
            assert_eq!(unsupported(text), [figure], "{text}");
        }
        let said = "GTIN 4006381333935 [[item#1]], GTIN 4006381333938 [[item#1]], 4006381333935 [[q1:1:gtin]], 5 [[q1:1:mileage]] million";
        assert_eq!(checked(said, "", &evidence).1, [false, true, false, false]);
    }

    #[test]
    fn columns_that_end_in_brackets_are_cited() {
        let mut evidence = Evidence::default();
        add_query(&mut evidence, &["author[2]", "author[3]"], vec![vec![json!("A01"), json!("A02")]], true);
        for step in [1, 2, 3, 1000] {
            let mut writer = AnswerWriter::default();
            let mut text = String::new();
            let said: Vec<char> = "It is A02 [[q1:1:author[3]]] and A01 [[q1:1:author[2]]].".chars().collect();
            let mut parts: Vec<Part> = Vec::new();
            for chunk in said.chunks(step) {
                parts.extend(writer.push(&chunk.iter().collect::<String>(), &evidence));
            }
            parts.extend(writer.finish(&evidence));
            for part in parts {
                if let Part::Text(words) = part {
                    text.push_str(&words);
                }
            }
            assert_eq!(text, "It is A02 [1] and A01 [2].");
            assert_eq!(writer.citations()[0].column.as_deref(), Some("author[3]"));
        }
    }

    #[test]
    fn a_word_behind_a_citation_counts_however_the_words_come() {
        for step in [1, 2, 5, 1000] {
            let (words, writer) = written("It is 1,234 [[q1:1:total]] million, or 1,234.5 [[q1:1:total]].", step);
            assert_eq!(words, "It is 1,234 [1?] million, or 1,234.5 [2].");
            assert_eq!(writer.unsupported(), [""; 0]);
        }
    }

    #[test]
    fn figures_of_a_row_that_was_found_have_a_source() {
        let (_, writer) = written("It has qty 5 and total 6, in Berlin [[orders#17]]. Again 5.", 5);
        assert!(!writer.citations()[0].supported);
        assert_eq!(writer.unsupported(), ["6"]);
    }

    #[test]
    fn what_is_said_with_a_row_has_to_stand_in_it() {
        let supported = |text: &str| {
            let (_, writer) = written(text, 3);
            writer.citations().iter().map(|citation| citation.supported).collect::<Vec<_>>()
        };
        assert_eq!(
            supported("Berlin [[orders#17]], Rome [[orders#19]], Rome [[orders#17]], “Ber” [[orders#17]]."),
            [true, true, false, false]
        );
        assert_eq!(supported("It went to Rome, not to Berlin [[orders#17]]. To Oslo [[orders#17]]."), [false, false]);
        // One statement with several rows, and a row that was never shown.
        assert_eq!(supported("Qty 5 [[orders#17]], [[orders#19]] and [[orders#18]]."), [true, true, false]);
        assert_eq!(supported("Berlin [[orders#17]] [[orders#19]]."), [true, false]);
        // However its figures are written.
        assert!(written("5.0 in Berlin, that is 5 [[orders#17]].", 3).1.unsupported().is_empty());
        // What a query showed is not said of the row.
        assert_eq!(supported("1,234.50 [[q1:1:total]], see [[orders#17]]."), [true, true]);
    }

    #[test]
    fn what_only_begins_like_a_citation_is_words() {
        for text in ["a [[b", "a [", "[[q1:1:x", "x [y] [[z]] "] {
            assert_eq!(written(text, 1).0, text);
        }
    }
}
