//! From what a model writes to what a person reads: citations are numbered and checked, addresses are taken out, while it comes.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::tools::Evidence;
use crate::domain::chat::{AnswerFilter, Claim, Marker, Piece, figures_of, pieces, says_something, visible};

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
        match marker {
            Marker::Cell { query, row, column } => {
                self.said_of_row = None;
                let cell = evidence.cell(marker);
                let claim = Claim { said: &self.said, behind, column, point: self.point };
                let shown = cell.and_then(|cell| claim.shown_by(cell));
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
                    excerpt: cell.map(text_of),
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

    /// Figures said since the last citation that nothing shows.
    fn note_uncited(&mut self, evidence: &Evidence) {
        let said = std::mem::take(&mut self.said);
        for figure in figures_of(&said) {
            let text = said[figure.place.clone()].to_owned();
            let word = &said[figure.word.clone()];
            let is_shown = evidence.has_number(|number| figure.means(number))
                || evidence.has_figure(&text)
                || word != text && evidence.has_word(word);
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
        if rest.len() == 1 || (rest.starts_with("[[") && !rest.contains("]]") && rest.len() < MARKER_BYTES) {
            return open;
        }
        // The word behind a citation may tell what the figure before it means.
        let behind = rest.strip_prefix("[[").and_then(|rest| rest.split_once("]]")).map(|(_, behind)| behind);
        let is_open = |behind: &str| {
            let word = behind.trim_start_matches([' ', '\u{a0}']);
            behind.len() <= BEHIND_BYTES && word.chars().all(char::is_alphabetic)
        };
        if behind.is_some_and(is_open) {
            return open;
        }
        from = open + if rest.starts_with("[[") { rest.find("]]").map_or(2, |at| at + 2) } else { 1 };
    }
    text.len()
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

    use super::*;

    fn evidence() -> Evidence {
        let mut evidence = Evidence::default();
        let row = |city: &str, total: f64| vec![json!(city), json!(total)];
        let columns = vec!["city".to_owned(), "total".to_owned()];
        evidence.add_query("SELECT".into(), columns, vec![row("Berlin", 1234.5), row("Paris", 7.0)]);
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
        evidence.add_query("SELECT".into(), vec!["total2024".into()], vec![vec![json!("Model 4711-B")]]);
        let mut writer = AnswerWriter::default();
        writer.push("In total2024 the “Model 4711-B” [[q2:1:total2024]], 4711 and 4711-B.", &evidence);
        writer.finish(&evidence);
        assert!(writer.citations()[0].supported && writer.unsupported().is_empty(), "{writer:?}");
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
