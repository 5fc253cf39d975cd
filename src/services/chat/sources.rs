//! What an answer rests on, as text to be read beside it.

use super::{AnswerDetails, Citation};

impl AnswerDetails {
    /// The sources behind the numbers in the text, and the statements that they name, as Markdown; nothing if there are none. What stands in
    /// cells is somebody else's text, so all of it is shown as it is.
    #[must_use]
    pub fn sources(&self) -> String {
        let mut text = String::new();
        for citation in &self.citations {
            let Citation { number, supported, excerpt, .. } = citation;
            let doubt = if *supported { "" } else { "?" };
            let excerpt = excerpt.as_ref().map_or_else(|| "not there".to_owned(), |excerpt| code(excerpt));
            text += &format!("- [{number}{doubt}] {}: {excerpt}\n", place(citation));
        }
        let is_cited = |name: &str| self.citations.iter().any(|citation| citation.query.as_deref() == Some(name));
        for query in self.queries.iter().filter(|query| is_cited(&query.name)) {
            let fence = "`".repeat(longest_run(&query.sql).max(2) + 1);
            text += &format!("\n{}:\n\n{fence}sql\n{}\n{fence}\n", query.name, query.sql.trim());
        }
        if text.is_empty() { text } else { format!("Sources:\n\n{text}") }
    }
}

fn place(citation: &Citation) -> String {
    let Citation { query, table, row, column, .. } = citation;
    match (query, table) {
        (Some(query), _) => {
            let column = column.as_ref().map(|column| format!(", column {}", code(column)));
            format!("{query}, row {row}{}", column.unwrap_or_default())
        }
        (None, Some(table)) => code(&format!("{table}#{row}")),
        (None, None) => format!("row {row}"),
    }
}

/// The text in one line, letter by letter.
fn code(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mark = "`".repeat(longest_run(&line) + 1);
    // A mark right beside another would be one with it.
    let space = if line.starts_with('`') || line.ends_with('`') || line.trim().is_empty() { " " } else { "" };
    format!("{mark}{space}{line}{space}{mark}")
}

/// How many `` ` `` stand together at most.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::chat::AnswerQuery;

    fn citation(number: usize, query: Option<&str>, table: Option<&str>, excerpt: Option<&str>) -> Citation {
        Citation {
            number,
            supported: excerpt.is_some(),
            query: query.map(str::to_owned),
            table: table.map(str::to_owned),
            row: "2".into(),
            column: query.map(|_| "n".into()),
            excerpt: excerpt.map(str::to_owned),
        }
    }

    #[test]
    fn each_number_has_its_place_and_each_cited_query_its_statement() {
        let queries = ["q1", "q2"].map(|name| AnswerQuery { name: name.into(), sql: "SELECT '```'".into() });
        let citations = vec![
            citation(1, Some("q1"), None, Some("3")),
            citation(2, None, Some("orders"), Some("![x](https://example.org/`)\nB")),
            citation(3, Some("q9"), None, None),
        ];
        let details = AnswerDetails { citations, queries: queries.into(), ..AnswerDetails::default() };
        let wanted = "Sources:\n\n- [1] q1, row 2, column `n`: `3`\n- [2] `orders#2`: ``![x](https://example.org/`) B``\n\
                      - [3?] q9, row 2, column `n`: not there\n\nq1:\n\n````sql\nSELECT '```'\n````\n";
        assert_eq!(details.sources(), wanted);
        assert_eq!(AnswerDetails::default().sources(), "");
    }
}
