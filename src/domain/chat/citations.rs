//! Citations as a model writes them: `[[q1:2:amount]]`, a cell of a query's result, and `[[orders#17]]`, a row of a table.

/// What a citation points to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Marker {
    /// A cell of a result of this turn.
    Cell {
        /// The query: `q1`, `q2`, …
        query: String,
        /// The row, from 1.
        row: usize,
        /// The name of the column.
        column: String,
    },
    /// A row that a search of this turn found.
    Row {
        /// The table.
        table: String,
        /// The key of the row.
        row: String,
    },
}

/// A part of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece<'t> {
    /// Words.
    Text(&'t str),
    /// A citation.
    Citation(Marker),
}

/// Divides an answer. Brackets that hold no citation are words.
#[must_use]
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut words, mut from) = (0, 0);
    while let Some(open) = text[from..].find("[[").map(|at| from + at) {
        let Some(close) = text[open..].find("]]").map(|at| open + at) else { break };
        let Some(marker) = marker(&text[open + 2..close]) else {
            from = open + 2;
            continue;
        };
        if words < open {
            pieces.push(Piece::Text(&text[words..open]));
        }
        pieces.push(Piece::Citation(marker));
        (words, from) = (close + 2, close + 2);
    }
    if words < text.len() {
        pieces.push(Piece::Text(&text[words..]));
    }
    pieces
}

fn marker(inner: &str) -> Option<Marker> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if let Some((query, rest)) = inner.split_once(':')
        && query.strip_prefix('q').is_some_and(is_number)
    {
        let (row, column) = rest.split_once(':')?;
        let row = row.parse().ok().filter(|row| *row > 0)?;
        return Some(Marker::Cell { query: query.to_owned(), row, column: column.to_owned() });
    }
    let (table, row) = inner.rsplit_once('#')?;
    let is_given = !table.is_empty() && !row.is_empty() && !inner.contains(['[', '\n']);
    is_given.then(|| Marker::Row { table: table.to_owned(), row: row.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(query: &str, row: usize, column: &str) -> Piece<'static> {
        Piece::Citation(Marker::Cell { query: query.into(), row, column: column.into() })
    }

    #[test]
    fn citations_are_told_from_words() {
        let row = Piece::Citation(Marker::Row { table: "line#1".into(), row: "17".into() });
        assert_eq!(
            pieces("It is 5 [[q1:1:sum(a:b)]], see [[line#1#17]]."),
            [Piece::Text("It is 5 "), cell("q1", 1, "sum(a:b)"), Piece::Text(", see "), row, Piece::Text(".")]
        );
        assert_eq!(pieces("[[q12:3:n]][[q1:1:n]]"), [cell("q12", 3, "n"), cell("q1", 1, "n")]);
    }

    #[test]
    fn other_brackets_are_words() {
        for text in ["", "[[", "a [[b]] c", "[[q1:0:a]]", "[[q1:1]]", "[[#1]]", "[[a#]]", "[[a\n#1]]", "]] [["] {
            let words: Vec<_> = pieces(text);
            assert!(words.iter().all(|piece| matches!(piece, Piece::Text(_))), "{text}: {words:?}");
        }
        assert_eq!(pieces("[[x [[q1:1:a]]"), [Piece::Text("[[x "), cell("q1", 1, "a")]);
    }
}
