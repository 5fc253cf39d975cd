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
        let close = match end_of_marker(&text[open..]) {
            End::At(length) | End::AtLeast(length) => open + length - 2,
            End::Unknown => break,
        };
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

/// How far a text that begins with `[[` is a marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// So many bytes.
    At(usize),
    /// So many, or more if the brackets go on.
    AtLeast(usize),
    /// It has no end yet.
    Unknown,
}

/// Where a marker ends: at the first two brackets behind which those of its column's name are closed, as of `author[2]`, or else at the last two of
/// the first brackets that close.
#[must_use]
pub fn end_of_marker(text: &str) -> End {
    let Some(first) = text.get(2..).and_then(|inner| inner.find("]]")).map(|at| at + 2) else { return End::Unknown };
    let run = text[first..].bytes().take_while(|byte| *byte == b']').count();
    let last = first + run - 2;
    let is_closed = |end: &usize| {
        let inner = &text[2..*end];
        inner.matches('[').count() == inner.matches(']').count()
    };
    match (first..=last).find(is_closed) {
        Some(end) => End::At(end + 2),
        None if last + 2 == text.len() => End::AtLeast(last + 2),
        None => End::At(last + 2),
    }
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
    fn columns_may_end_in_brackets() {
        assert_eq!(
            pieces("A02 [[q1:1:author[3]]], [see [[q1:2:n]]] [[q1:1:a]]] [[q1:1:b[2].c[1]]]"),
            [
                Piece::Text("A02 "),
                cell("q1", 1, "author[3]"),
                Piece::Text(", [see "),
                cell("q1", 2, "n"),
                Piece::Text("] "),
                cell("q1", 1, "a"),
                Piece::Text("] "),
                cell("q1", 1, "b[2].c[1]"),
            ]
        );
        assert_eq!(end_of_marker("[[q1:1:author[3]]"), End::AtLeast(17));
        assert_eq!(end_of_marker("[[q1:1:author[3]]]"), End::At(18));
        assert_eq!(end_of_marker("[[q1:1:author[3]] "), End::At(17));
        assert_eq!(end_of_marker("[[q1:1:n]]"), End::At(10));
        assert_eq!(end_of_marker("[[q1:1:n]"), End::Unknown);
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
