//! Documents built again from their tables and the schema, and from nothing else.

use std::collections::BTreeMap;

use roxmltree::Document;

use super::reference::with_markup;
use super::tree::{Content, Element, Likeness, Part, parts, prose, visible};

/// A table as the rebuilder knows it, from a plan or from `datapackage.json`. A cell may be absent.
#[derive(Debug)]
pub(crate) struct StoredTable {
    pub(crate) source_path: String,
    pub(crate) recursion_paths: Vec<String>,
    pub(crate) columns: Vec<StoredColumn>,
    pub(crate) rows: Vec<Vec<Option<String>>>,
}

#[derive(Debug)]
pub(crate) struct StoredColumn {
    pub(crate) name: String,
    /// Empty for keys.
    pub(crate) source_path: String,
    pub(crate) markup: bool,
}

/// Builds the root element of the document that the rows with this label come from; of all rows without `_document`.
pub(crate) fn rebuild(tables: &[StoredTable], label: &str, likeness: Likeness) -> Element {
    let mut rebuilder = Rebuilder { tables, inner: BTreeMap::new() };
    let outermost = rebuilder.sort_rows(label);
    let root = steps(&tables[0].source_path).swap_remove(0);
    let mut draft = Draft { name: root, ..Draft::default() };
    for row in &outermost {
        let path = steps(row.stands_at());
        match path.as_slice() {
            [_] => draft = rebuilder.draft(row),
            [_, folded @ .., _] => draft.descend(folded).children.push(rebuilder.draft(row)),
            [] => panic!("a row stands nowhere"),
        }
    }
    draft.finish(likeness)
}

struct Rebuilder<'t> {
    tables: &'t [StoredTable],
    /// The rows inside each row, by its table and `_id`.
    inner: BTreeMap<(usize, &'t str), Vec<StoredRow<'t>>>,
}

#[derive(Clone, Copy)]
struct StoredRow<'t> {
    place: usize,
    table: &'t StoredTable,
    cells: &'t [Option<String>],
}

impl<'t> Rebuilder<'t> {
    /// Puts each row of the document below the row around it; answers those with none.
    fn sort_rows(&mut self, label: &str) -> Vec<StoredRow<'t>> {
        let mut outermost = Vec::new();
        for (place, table) in self.tables.iter().enumerate() {
            let mut rows: Vec<_> = table.rows.iter().map(|cells| StoredRow { place, table, cells }).collect();
            rows.retain(|row| row.cell("_document").is_none_or(|document| document == label));
            rows.sort_by_key(|row| row.cell("_ord").map(|place| place.parse::<u64>().unwrap()));
            for row in rows {
                match row.cell("_parent") {
                    Some(parent) => self.inner.entry((self.parent_of(row), parent)).or_default().push(row),
                    None => outermost.push(row),
                }
            }
        }
        outermost
    }

    /// The table of the row around: the one with the longest path that leads to this row.
    fn parent_of(&self, row: StoredRow<'_>) -> usize {
        let path = steps(row.stands_at());
        let leads_here = |table: &StoredTable| {
            let above = steps(&table.source_path);
            (above.len() < path.len() && path.starts_with(&above)).then_some(above.len())
        };
        let lengths = self.tables.iter().enumerate().filter_map(|(place, table)| Some((leads_here(table)?, place)));
        lengths.max().map(|(_, place)| place).expect("a table that leads to the row")
    }

    fn draft(&self, row: &StoredRow<'t>) -> Draft {
        let base = steps(&row.table.source_path).len();
        let name = steps(row.stands_at()).pop().unwrap();
        let children = row.cell("_content").map_or_else(Vec::new, |list| listed(list).0);
        let mut draft = Draft { name, position: row.position(), children, ..Draft::default() };
        for (column, cell) in row.table.columns.iter().zip(row.cells) {
            if let Some(value) = cell.as_ref().filter(|_| !column.source_path.is_empty()) {
                draft.put(&steps(&column.source_path)[base..], value, column.markup);
            }
        }
        let id = row.cell("_id").unwrap_or_default();
        for inner in self.inner.get(&(row.place, id)).into_iter().flatten() {
            let path = steps(inner.stands_at());
            draft.descend(&path[base..path.len() - 1]).children.push(self.draft(inner));
        }
        draft
    }
}

impl<'t> StoredRow<'t> {
    fn cell(&self, name: &str) -> Option<&'t str> {
        let is_key = |column: &StoredColumn| column.source_path.is_empty() && column.name == name;
        self.cells[self.table.columns.iter().position(is_key)?].as_deref()
    }

    /// Its position in the element around; the root has no column for that.
    fn position(&self) -> u64 {
        self.cell("_pos").map_or(1, |position| position.parse().unwrap())
    }

    fn stands_at(&self) -> &'t str {
        let recursive = self.table.recursion_paths.first().filter(|_| self.cell("_parent").is_some());
        self.cell("_element").or(recursive.map(String::as_str)).unwrap_or(&self.table.source_path)
    }
}

/// An element that is being built.
#[derive(Default)]
struct Draft {
    name: String,
    /// 0 if the tables do not tell.
    position: u64,
    attributes: BTreeMap<String, String>,
    text: String,
    markup: Option<String>,
    children: Vec<Draft>,
}

impl Draft {
    /// The element at a path of elements that have no rows, made where there is none yet.
    fn descend(&mut self, path: &[String]) -> &mut Self {
        let Some((step, rest)) = path.split_first() else { return self };
        let known = self.children.iter().position(|child| child.name == *step);
        let place = known.unwrap_or_else(|| {
            self.children.push(Self { name: step.clone(), ..Self::default() });
            self.children.len() - 1
        });
        self.children[place].descend(rest)
    }

    fn put(&mut self, path: &[String], value: &str, markup: bool) {
        match path {
            [around @ .., last] if last.starts_with('@') => {
                self.descend(around).attributes.insert(last[1..].to_owned(), value.to_owned());
            }
            path if markup => self.descend(path).markup = Some(value.to_owned()),
            path => value.clone_into(&mut self.descend(path).text),
        }
    }

    fn finish(self, likeness: Likeness) -> Element {
        let content = match self.markup {
            Some(markup) => prose(parts_of(&markup, likeness)),
            None => {
                let mut children = self.children;
                match likeness {
                    Likeness::Values => children.sort_by(|left, right| left.name.cmp(&right.name)),
                    Likeness::Exact => {
                        children.sort_by_key(|child| child.position);
                        assert!(children.iter().map(|child| child.position).eq(1..=children.len() as u64));
                    }
                }
                let children = children.into_iter().map(|child| child.finish(likeness)).collect();
                Content::Data { text: visible(&self.text, true), children }
            }
        };
        Element { name: self.name, attributes: self.attributes, content }
    }
}

/// The parts of prose; to be exact, the markup has to say itself what its prefixes stand for.
fn parts_of(markup: &str, likeness: Likeness) -> Vec<Part> {
    match likeness {
        Likeness::Values => with_markup(markup, |prose| parts(prose, likeness)),
        Likeness::Exact => {
            parts(Document::parse(&format!("<prose>{markup}</prose>")).unwrap().root_element(), likeness)
        }
    }
}

/// Reads a list such as `a@1 {urn:x}b@2(c@1)`; answers also with what stands behind it.
fn listed(list: &str) -> (Vec<Draft>, &str) {
    let (mut found, mut rest) = (Vec::new(), list);
    loop {
        let local = if rest.starts_with('{') { rest.find('}').unwrap() } else { 0 };
        let at = local + rest[local..].find('@').unwrap();
        let mut draft = Draft { name: rest[..at].to_owned(), ..Draft::default() };
        rest = &rest[at + 1..];
        let end = rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len());
        draft.position = rest[..end].parse().unwrap();
        rest = &rest[end..];
        if let Some(inner) = rest.strip_prefix('(') {
            (draft.children, rest) = listed(inner);
            rest = rest.strip_prefix(')').unwrap();
        }
        found.push(draft);
        match rest.strip_prefix(' ') {
            Some(next) => rest = next,
            None => return (found, rest),
        }
    }
}

/// The parts of a path: `/a/{urn:x/y}b/@c` has three.
fn steps(path: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut in_namespace = false;
    for character in path.chars() {
        in_namespace = match character {
            '{' => true,
            '}' => false,
            _ => in_namespace,
        };
        match (character, found.last_mut()) {
            ('/', _) if !in_namespace => found.push(String::new()),
            (other, Some(step)) => step.push(other),
            (other, None) => panic!("a path starts with {other}"),
        }
    }
    found
}

#[test]
fn paths_have_steps() {
    assert_eq!(steps("/a.b/{urn:x/y}c/@{urn:z}d"), ["a.b", "{urn:x/y}c", "@{urn:z}d"]);
}
