//! The two sides of a comparison, and which of their tables belong together.

use std::collections::HashSet;

use super::TableError;
use crate::{
    domain::Document,
    ports::differences::{ParentRows, RowsOf},
    services::conversions::TableReport,
};

/// The column that tells from which document a row came.
const DOCUMENT: &str = "_document";
/// The column that tells of which row of the parent's table a row is a child.
const PARENT: &str = "_parent";

/// One side as it was asked for.
pub(super) enum Side {
    Table(String),
    /// Documents, by their places in the session's list.
    Documents(Vec<usize>),
}

/// A table of one side, or of the other one if this side has none: then without rows.
#[derive(Clone)]
pub(super) struct Half<'t> {
    pub(super) report: &'t TableReport,
    /// Of these documents only.
    documents: Option<Vec<String>>,
    is_there: bool,
}

/// Tables that belong together.
pub(super) struct Pair<'t> {
    pub(super) left: Half<'t>,
    pub(super) right: Half<'t>,
}

impl<'t> Half<'t> {
    fn of(report: &'t TableReport, documents: Option<Vec<String>>) -> Self {
        Self { report, documents, is_there: true }
    }

    /// What a side has that lacks the other one's table.
    fn lacking(other: &Self) -> Self {
        Self { report: other.report, documents: Some(Vec::new()), is_there: false }
    }

    /// The table's name, if this side has it.
    pub(super) fn name(&self) -> Option<String> {
        self.is_there.then(|| self.report.name.clone())
    }

    pub(super) fn rows(&self) -> RowsOf {
        let parent = self.report.parent.as_ref().map(|parent| ParentRows {
            table: parent.table.clone(),
            number: parent.column.clone(),
            link: PARENT.to_owned(),
        });
        RowsOf { table: self.report.name.clone(), documents: self.documents.clone(), parent }
    }
}

/// What the two sides are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SideKind {
    /// Tables, by their names.
    Table,
    /// Uploads, by their ids or names.
    Upload,
    /// Documents, by their ids or paths.
    Document,
    /// Groups, by their names.
    Group,
}

impl Side {
    /// What is of this kind and called so; of any kind if none is given: a table first, then an upload or a document, then a group.
    pub(super) fn find(
        asked: &str,
        kind: Option<SideKind>,
        tables: &[TableReport],
        documents: &[Document],
    ) -> Result<Self, TableError> {
        let may_be = |other: SideKind| kind.is_none_or(|kind| kind == other);
        let named = |table: &&TableReport| may_be(SideKind::Table) && table.name.eq_ignore_ascii_case(asked);
        if let Some(table) = tables.iter().find(named) {
            return Ok(Self::Table(table.name.clone()));
        }
        let is_below = |path: &str| path.strip_prefix(asked).is_some_and(|rest| rest.starts_with('/'));
        let of_upload = |document: &Document| {
            document.upload.to_string() == asked || document.path == asked || is_below(&document.path)
        };
        let is_document = |document: &Document| document.id.to_string() == asked || document.path == asked;
        let by_name = |document: &Document| {
            may_be(SideKind::Upload) && of_upload(document) || may_be(SideKind::Document) && is_document(document)
        };
        let of_group = |document: &Document| may_be(SideKind::Group) && document.group == asked;
        for is_meant in [&by_name as &dyn Fn(&Document) -> bool, &of_group] {
            let places: Vec<usize> = (0..documents.len()).filter(|place| is_meant(&documents[*place])).collect();
            if !places.is_empty() {
                return Ok(Self::Documents(places));
            }
        }
        Err(TableError::NothingToCompare(asked.to_owned()))
    }
}

/// Which tables are compared; of two uploads only the named ones, if any are.
pub(super) fn pairs<'t>(
    left: &Side,
    right: &Side,
    tables: &'t [TableReport],
    documents: &[Document],
    only: &[String],
) -> Result<Vec<Pair<'t>>, TableError> {
    let named = |name: &String| tables.iter().find(|table| table.name.eq_ignore_ascii_case(name));
    if let Some(unknown) = only.iter().find(|name| named(name).is_none()) {
        return Err(TableError::NotFound(unknown.clone()));
    }
    match (left, right) {
        (Side::Table(left), Side::Table(right)) => {
            let pair = named(left).zip(named(right));
            Ok(pair
                .map(|(left, right)| Pair { left: Half::of(left, None), right: Half::of(right, None) })
                .into_iter()
                .collect())
        }
        (Side::Documents(left), Side::Documents(right)) => {
            let mut pairs = matched(halves(left, tables, documents), halves(right, tables, documents));
            let is_asked = |half: &Half<'_>| only.iter().any(|name| half.report.name.eq_ignore_ascii_case(name));
            pairs.retain(|pair| only.is_empty() || is_asked(&pair.left) || is_asked(&pair.right));
            Ok(pairs)
        }
        (Side::Table(table), Side::Documents(_)) | (Side::Documents(_), Side::Table(table)) => {
            let reason = format!("'{table}' is a table and the other side is not; name two tables or two uploads");
            Err(TableError::InvalidPage(reason))
        }
    }
}

/// The tables that may have rows of the documents.
fn halves<'t>(chosen: &[usize], tables: &'t [TableReport], documents: &[Document]) -> Vec<Half<'t>> {
    let chosen: HashSet<usize> = chosen.iter().copied().collect();
    let mut halves = Vec::new();
    for table in tables {
        let makes_rows = |document: &Document| document.group == table.group && document.problem.is_none();
        let sources: Vec<usize> = (0..documents.len()).filter(|place| makes_rows(&documents[*place])).collect();
        let of_side: Vec<usize> = sources.iter().copied().filter(|place| chosen.contains(place)).collect();
        if of_side.is_empty() {
            continue;
        }
        if table.columns.iter().any(|column| column.name == DOCUMENT) {
            let paths = of_side.iter().map(|place| documents[*place].path.clone()).collect();
            halves.push(Half::of(table, Some(paths)));
        } else if of_side.iter().any(|place| sources.len() == 1 || has_root(&documents[*place], &table.source_path)) {
            // A table without the column is of one document.
            halves.push(Half::of(table, None));
        }
    }
    halves
}

/// Whether the path begins with the document's root element.
fn has_root(document: &Document, source_path: &str) -> bool {
    let local = |name: &str| name.rsplit([':', '}']).next().unwrap_or(name).to_owned();
    let first = source_path.trim_start_matches('/').split('/').next().unwrap_or_default();
    document.root.as_deref().is_some_and(|root| local(root) == local(first))
}

/// Tables of one name belong together, and of the others those that come from the same elements.
fn matched<'t>(left: Vec<Half<'t>>, right: Vec<Half<'t>>) -> Vec<Pair<'t>> {
    let mut free: Vec<Option<Half<'t>>> = right.into_iter().map(Some).collect();
    let mut found: Vec<(Half<'t>, Option<Half<'t>>)> = left.into_iter().map(|half| (half, None)).collect();
    let same_name = |left: &TableReport, right: &TableReport| left.name == right.name;
    let same_source = |left: &TableReport, right: &TableReport| left.source_path == right.source_path;
    for belongs in [&same_name as &dyn Fn(&TableReport, &TableReport) -> bool, &same_source] {
        for (half, other) in found.iter_mut().filter(|(_, other)| other.is_none()) {
            let fits =
                |right: &Option<Half<'t>>| right.as_ref().is_some_and(|right| belongs(half.report, right.report));
            *other = free.iter_mut().find(|right| fits(right)).and_then(Option::take);
        }
    }
    let with_left =
        found.into_iter().map(|(left, right)| Pair { right: right.unwrap_or_else(|| Half::lacking(&left)), left });
    let only_right = free.into_iter().flatten().map(|right| Pair { left: Half::lacking(&right), right });
    with_left.chain(only_right).collect()
}
