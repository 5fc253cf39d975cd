//! Estimates from the text of a statement how far SQLite's planner could blow it up, before SQLite sees it.
//!
//! A common table expression is copied for each reference, and the expression behind a column of a subquery for each use of that column,
//! level over level, and a condition for each part of a union below it: a few hundred bytes can ask for gigabytes while they are
//! prepared, where SQLite looks at no deadline. The estimate is meant to be too high rather than too low: a query counts its own words,
//! for each part of the unions below it, and the words of each subquery and of each reference to a common table expression, all times
//! the greatest number of uses of one name in the query.

use std::collections::HashMap;

/// References that are followed before a statement counts as too complex, whatever its size.
const MAX_STEPS: u32 = 10_000;

/// Words that can never be the name of a column, so that their number means nothing.
const RESERVED: &[&str] = &[
    "all",
    "and",
    "as",
    "between",
    "case",
    "collate",
    "distinct",
    "else",
    "escape",
    "except",
    "exists",
    "from",
    "group",
    "having",
    "in",
    "intersect",
    "is",
    "isnull",
    "join",
    "limit",
    "not",
    "notnull",
    "null",
    "on",
    "or",
    "order",
    "select",
    "then",
    "union",
    "using",
    "values",
    "when",
    "where",
];

/// How large a statement is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Growth {
    /// Words as they are written, signs included.
    pub(super) written: usize,
    /// Words after all expansion, at most; `None` if there is no telling.
    pub(super) expanded: Option<u64>,
}

/// Measures a statement.
pub(super) fn measure(sql: &str) -> Growth {
    let words = words(sql);
    let mut steps = MAX_STEPS;
    let size = Outline::of(&words).size(0, &mut Vec::new(), &mut steps);
    Growth { written: words.len(), expanded: size.map(|size| size.words) }
}

#[derive(Debug, PartialEq, Eq)]
enum Word {
    /// A name, a quoted one included, in lower case; also a text, which may stand for a name of a table.
    Name(String),
    Open,
    Close,
    /// Any other single character.
    Sign(char),
}

impl Word {
    fn is(&self, name: &str) -> bool {
        matches!(self, Self::Name(word) if word == name)
    }
}

fn words(sql: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let (word, length) = match first {
            '\'' | '"' | '`' => quoted_name(rest, first),
            '[' => quoted_name(rest, ']'),
            '-' if rest.starts_with("--") => (None, rest.find('\n').unwrap_or(rest.len())),
            '/' if rest.starts_with("/*") => (None, rest[2..].find("*/").map_or(rest.len(), |at| at + 4)),
            '(' => (Some(Word::Open), 1),
            ')' => (Some(Word::Close), 1),
            _ if is_name_character(first) => {
                let length = rest.find(|c| !is_name_character(c)).unwrap_or(rest.len());
                (Some(Word::Name(rest[..length].to_lowercase())), length)
            }
            _ if first.is_whitespace() => (None, first.len_utf8()),
            _ => (Some(Word::Sign(first)), first.len_utf8()),
        };
        words.extend(word);
        rest = &rest[length..];
    }
    words
}

fn is_name_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '$') || !c.is_ascii()
}

/// The name at the start of `rest` up to `end`, and its length with the quotes. A quote stands for itself when doubled, a bracket never.
fn quoted_name(rest: &str, end: char) -> (Option<Word>, usize) {
    let mut name = String::new();
    let mut characters = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = characters.next() {
        let is_doubled = |(_, next): &(usize, char)| *next == end && end != ']';
        if c == end && characters.next_if(is_doubled).is_none() {
            return (Some(Word::Name(name.to_lowercase())), at + 1);
        }
        name.push(c);
    }
    (Some(Word::Name(name.to_lowercase())), rest.len())
}

/// The queries of a statement, the outermost first, and which of them have a name.
struct Outline {
    queries: Vec<Query>,
    named: HashMap<String, Vec<usize>>,
}

#[derive(Default)]
struct Query {
    words: u64,
    /// Uses of each name, qualifiers and functions left out.
    uses: HashMap<String, u64>,
    stars: u64,
    /// How often it says `SELECT` itself.
    arms: u64,
    subqueries: Vec<usize>,
}

impl Outline {
    fn of(words: &[Word]) -> Self {
        let mut outline = Self { queries: vec![Query::default()], named: HashMap::new() };
        let mut open = Vec::new();
        let mut current = 0;
        // Where the last bracket that was closed had been opened, for the columns of a common table expression.
        let mut opened_at: HashMap<usize, usize> = HashMap::new();
        for (at, word) in words.iter().enumerate() {
            outline.queries[current].words += 1;
            match word {
                Word::Open => {
                    open.push((at, current));
                    if words.get(at + 1).is_some_and(starts_query) {
                        current = outline.enter(current, name_of_query(&words[..at], &opened_at));
                    }
                }
                Word::Close => {
                    if let Some((start, outer)) = open.pop() {
                        opened_at.insert(at, start);
                        current = outer;
                    }
                }
                Word::Name(name) => {
                    let is_use = !matches!(words.get(at + 1), Some(Word::Open | Word::Sign('.')));
                    outline.queries[current].arms += u64::from(name == "select");
                    if is_use && !RESERVED.contains(&name.as_str()) {
                        *outline.queries[current].uses.entry(name.clone()).or_default() += 1;
                    }
                }
                Word::Sign('*') => {
                    let before = at.checked_sub(1).and_then(|before| words.get(before));
                    let is_all = before.is_some_and(|word| {
                        word.is("select")
                            || word.is("distinct")
                            || word.is("all")
                            || matches!(word, Word::Sign(',' | '.'))
                    });
                    outline.queries[current].stars += u64::from(is_all);
                }
                Word::Sign(_) => {}
            }
        }
        outline
    }

    /// Adds a query inside another one, or one that is known by a name.
    fn enter(&mut self, outer: usize, name: Option<String>) -> usize {
        let index = self.queries.len();
        self.queries.push(Query::default());
        match name {
            Some(name) => self.named.entry(name).or_default().push(index),
            None => self.queries[outer].subqueries.push(index),
        }
        index
    }

    /// The size of a query after expansion. A name that is used inside its own query means a step of a recursion, which is not copied; of
    /// several queries of one name all are counted.
    fn size(&self, index: usize, path: &mut Vec<usize>, steps: &mut u32) -> Option<Size> {
        *steps = steps.checked_sub(1)?;
        let query = &self.queries[index];
        path.push(index);
        let mut inner = Size { words: 0, arms: 0 };
        for subquery in &query.subqueries {
            inner.add(self.size(*subquery, path, steps)?, 1)?;
        }
        for (name, uses) in &query.uses {
            for named in self.named.get(name).into_iter().flatten() {
                if !path.contains(named) {
                    inner.add(self.size(*named, path, steps)?, *uses)?;
                }
            }
        }
        path.pop();
        let own_words = query.words.checked_mul(inner.arms.max(1))?;
        let most_uses = query.uses.values().max().copied().unwrap_or(0) + query.stars;
        let words = own_words.checked_add(inner.words)?.checked_mul(most_uses.max(1))?;
        Some(Size { words, arms: inner.arms.checked_add(query.arms)? })
    }
}

#[derive(Clone, Copy)]
struct Size {
    words: u64,
    /// Parts that are joined by `UNION` and its like; conditions from outside are copied into each.
    arms: u64,
}

impl Size {
    fn add(&mut self, other: Self, times: u64) -> Option<()> {
        self.words = self.words.checked_add(other.words.checked_mul(times)?)?;
        self.arms = self.arms.checked_add(other.arms.checked_mul(times)?)?;
        Some(())
    }
}

fn starts_query(word: &Word) -> bool {
    word.is("select") || word.is("with") || word.is("values")
}

/// The name of a common table expression whose bracket comes after `before`: `name [(columns)] AS [[NOT] MATERIALIZED]`.
fn name_of_query(before: &[Word], opened_at: &HashMap<usize, usize>) -> Option<String> {
    let mut before = before;
    for word in ["materialized", "not"] {
        before = before.split_last().filter(|(last, _)| last.is(word)).map_or(before, |(_, rest)| rest);
    }
    let (_, mut before) = before.split_last().filter(|(last, _)| last.is("as"))?;
    if matches!(before.last(), Some(Word::Close)) {
        before = &before[..*opened_at.get(&(before.len() - 1))?];
    }
    match before.last()? {
        Word::Name(name) => Some(name.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded_words(sql: &str) -> Option<u64> {
        measure(sql).expanded
    }

    /// What ordinary questions may come to.
    const ORDINARY: u64 = 20_000;

    #[test]
    fn ordinary_statements_stay_small() {
        for sql in [
            "",
            "SELECT 1",
            "SELECT * FROM orders WHERE a LIKE '%x%' AND b LIKE '%x%' AND c LIKE '%x%' ORDER BY a, b, c",
            "WITH sales AS (SELECT o.customer, sum(l.amount) AS amount FROM orders o JOIN line l ON l._parent = o._id GROUP BY o.customer),
                ranked AS (SELECT customer, amount, rank() OVER (ORDER BY amount DESC) AS place FROM sales),
                top AS MATERIALIZED (SELECT * FROM ranked WHERE place <= 10)
             SELECT t.customer, t.amount, round(100.0 * t.amount / (SELECT sum(amount) FROM sales), 1) AS share FROM top t ORDER BY t.amount DESC",
            "WITH RECURSIVE tree(id, depth) AS (SELECT _id, 0 FROM node WHERE _parent IS NULL UNION ALL
             SELECT n._id, t.depth + 1 FROM node n JOIN tree t ON n._parent = t.id) SELECT depth, count(*) FROM tree GROUP BY depth",
        ] {
            let words = expanded_words(sql).unwrap();
            assert!(words < ORDINARY, "{words}: {sql}");
        }
    }

    #[test]
    fn what_multiplies_is_found_in_every_spelling() {
        let chain = |with: &str, first: &str, next: fn(String) -> String, last: &str| {
            let levels: String =
                (1..40).map(|level| next(level.to_string()).replace('^', &(level - 1).to_string())).collect();
            format!("{with} {first}{levels} {last}")
        };
        for sql in [
            chain(
                "WITH",
                "t0 AS (SELECT 1 AS a)",
                |n| format!(", t{n} AS (SELECT x.a FROM t^ x, t^ y)"),
                "SELECT 1 FROM t39",
            ),
            chain(
                "WITH",
                "t0(a) AS (SELECT 1)",
                |n| format!(", \"T{n}\"(a) AS NOT MATERIALIZED (SELECT 1 FROM 't^', [t^] y)"),
                "SELECT 1 FROM `t39`",
            ),
            chain(
                "with",
                "t0 as (values (1))",
                |n| format!(", t{n} as/**/(select 1 from t^ x, --)\n t^)"),
                "select 1 from t39",
            ),
            chain(
                "WITH",
                "t0 AS (SELECT 1 AS a)",
                |n| format!(", t{n} AS (SELECT a + a AS a FROM t^)"),
                "SELECT a FROM t39",
            ),
            chain(
                "WITH",
                "t0 AS (SELECT 1 AS a)",
                |n| format!(", t{n} AS (SELECT * FROM (SELECT *, * FROM t^))"),
                "SELECT 1 FROM t39",
            ),
            (0..40).fold("SELECT 1 AS a".to_owned(), |inner, _| format!("SELECT a + a AS b FROM ({inner})")),
            (0..40).fold("SELECT 1".to_owned(), |inner, _| format!("WITH a AS ({inner}) SELECT 1 FROM a x, a y")),
            format!("SELECT {} ", "(SELECT a + a FROM ".repeat(40)),
            (0..40)
                .fold("SELECT 1 AS a".to_owned(), |inner, _| format!("SELECT [a]]+a AS a FROM ({inner})"))
                .replace("]]", "]"),
        ] {
            assert!(expanded_words(&sql).is_none_or(|words| words > 1 << 30), "{:?}: {sql}", expanded_words(&sql));
        }
    }

    #[test]
    fn conditions_count_for_each_part_of_a_union() {
        let union = ["SELECT a FROM t"; 10].join(" UNION ALL ");
        let nested = [format!("SELECT * FROM ({union})").as_str(); 10].join(" UNION ALL ");
        let condition = "a OR concat(1, 2, 3)";
        let alone = expanded_words(&format!("SELECT 1 FROM t WHERE {condition}")).unwrap();
        assert!(expanded_words(&format!("SELECT 1 FROM ({nested}) WHERE {condition}")).unwrap() > 100 * alone);
    }

    #[test]
    fn texts_and_comments_hold_no_queries() {
        let plain = expanded_words("SELECT 'x', 1").unwrap();
        assert_eq!(expanded_words("SELECT '(SELECT a FROM (SELECT ''a'' ', 1"), Some(plain));
        assert_eq!(expanded_words("SELECT /* (SELECT a, a */ 'x', 1 -- (SELECT a, a"), Some(plain));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_measured(sql in "[a-c()'\"\\[\\]`*/. ,\n-]{0,60}|[(SELECTWHAFROM ab)]{0,80}|\\PC{0,40}") {
            let _ = expanded_words(&sql);
        }
    }
}
