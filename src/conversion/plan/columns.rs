//! The columns of one table, and the places of values in its rows.

use super::naming::{RESERVED, RESERVED_WITH_STRUCTURE, numbered, seen_part, shortest_tails};
use super::program::{Action, NONE, Special};
use super::schema::{Column, ColumnRole, Key};
use super::survey::Survey;
use crate::conversion::error::{Error, ErrorCode};
use crate::conversion::options::{MixedContent, Repeated, Structure};
use crate::conversion::paths::NodeId;
use crate::conversion::shape::ColumnType;

/// The column for the text of elements of many names.
const FAMILY_VALUE: &str = "value";

/// How names of columns are made, and what repeats become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Shortest tails; repeats are tables of their own.
    Relational,
    /// Whole paths; repeats stay in the row.
    Flat(Repeated),
}

/// The element that opens the row of a table, and what is decided about the table.
pub(super) struct RowPlan<'a> {
    pub(super) survey: &'a Survey<'a>,
    pub(super) record: NodeId,
    pub(super) style: Style,
    /// Elements that open rows of other tables.
    pub(super) is_table: &'a [bool],
    pub(super) column_limit: usize,
    /// Some of the rows have no row around them.
    pub(super) is_outermost_somewhere: bool,
}

/// A value's column before it has a name.
struct Draft {
    node: NodeId,
    /// The parts of the path from the record on, of which a tail makes the name.
    parts: Vec<String>,
    source_path: String,
    repeated: bool,
}

/// The place reached while columns are listed.
struct Place {
    node: NodeId,
    parts: Vec<String>,
    source_path: String,
    repeated: bool,
}

impl RowPlan<'_> {
    /// Assigns each value below the record its place, counted from `keys` on; answers the number of columns.
    ///
    /// # Errors
    /// `too_many_columns`.
    pub(super) fn place_values(&self, keys: usize, actions: &mut [Action]) -> Result<usize, Error> {
        let columns = self.place(self.record, keys, actions);
        if columns > self.column_limit {
            let path = self.survey.path(self.record);
            let detail = format!(
                "a row for each {path} would have {columns} columns, the limit is {}; choose another layout, another record, \
                 or raise the limit on columns",
                self.column_limit
            );
            return Err(Error::new(ErrorCode::TooManyColumns, detail));
        }
        Ok(columns)
    }

    /// The columns for keys and values, named.
    pub(super) fn columns(&self, keys: &[Key]) -> Vec<Column> {
        let mut drafts = Vec::new();
        let family = self.survey.is_family(self.record);
        let name = if family { FAMILY_VALUE } else { self.survey.display.name(self.record) }.to_owned();
        let source_path = self.survey.source_path(self.record);
        let record = Place { node: self.record, parts: vec![name], source_path, repeated: false };
        self.list(&record, &mut drafts);
        let reserved = match self.survey.options.structure {
            Structure::Values => &RESERVED[..],
            Structure::Complete => &RESERVED_WITH_STRUCTURE,
        };
        // Before they are made different, or what nobody sees could be all that tells two names apart.
        let paths: Vec<Vec<String>> =
            drafts.iter().map(|draft| draft.parts.iter().map(|part| seen_part(part)).collect()).collect();
        let names = match self.style {
            Style::Relational => shortest_tails(&paths, reserved),
            Style::Flat(_) => numbered(paths.iter().map(|parts| flat_name(parts)).collect(), reserved),
        };
        let key_columns = keys.iter().map(|key| self.key_column(*key));
        let value_columns = drafts.iter().zip(names).map(|(draft, name)| self.value_column(draft, name));
        key_columns.chain(value_columns).collect()
    }

    fn key_column(&self, key: Key) -> Column {
        Column {
            name: key.column_name().to_owned(),
            source_path: String::new(),
            role: ColumnRole::Key(key),
            column_type: key.column_type(),
            decimals: None,
            nullable: match key {
                Key::Parent => self.is_outermost_somewhere,
                Key::Content => true,
                Key::Id | Key::Ord | Key::Pos | Key::Document | Key::Element => false,
            },
            joined: false,
            markup: false,
        }
    }

    fn value_column(&self, draft: &Draft, name: String) -> Column {
        let stats = self.survey.stats(draft.node);
        let rows = self.survey.stats(self.record).instances;
        let hidden = stats.prose || self.survey.prose_hides_data;
        let joined = draft.repeated && self.style == Style::Flat(Repeated::Join);
        Column {
            name,
            source_path: draft.source_path.clone(),
            role: ColumnRole::Value,
            column_type: if joined { ColumnType::Text } else { self.survey.column_type(draft.node) },
            decimals: if joined { None } else { self.survey.decimals(draft.node) },
            nullable: draft.repeated || hidden || stats.values < rows,
            joined,
            markup: self.survey.is_prose(draft.node) && self.survey.options.mixed == MixedContent::Xml,
        }
    }

    /// Whether elements without rows of their own may stand in the row.
    pub(super) fn has_inner(&self) -> bool {
        self.inner(self.record).next().is_some()
    }

    /// Child elements whose values stand in the same row.
    fn inner(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        self.survey.elements(id).filter(|child| !self.is_table[*child as usize])
    }

    /// How many times a child's columns stand side by side.
    fn occurrences(&self, id: NodeId) -> u32 {
        match self.style {
            Style::Flat(Repeated::Index) => self.survey.stats(id).most.max(1),
            Style::Flat(Repeated::Join | Repeated::Explode) | Style::Relational => 1,
        }
    }

    /// Places the values of an element whose columns begin `first` after its base; answers where they end.
    fn place(&self, id: NodeId, first: usize, actions: &mut [Action]) -> usize {
        let mut next = first;
        for attribute in self.survey.attributes(id) {
            let name = self.survey.tree().name(attribute);
            let action = &mut actions[attribute as usize];
            action.start = column(next);
            action.special = match (name.is_xml_space(), name.is_nil()) {
                (true, _) => Special::Space,
                (_, true) => Special::Nil,
                _ => Special::No,
            };
            next += 1;
        }
        if self.survey.has_text(id) {
            actions[id as usize].text = column(next);
            next += 1;
        }
        for child in self.inner(id) {
            let width = self.place(child, 0, actions);
            let repeats = self.survey.repeats(child);
            let occurrences = self.occurrences(child);
            let action = &mut actions[child as usize];
            action.start = column(next);
            action.most = occurrences;
            action.stride = if occurrences > 1 { column(width) } else { 0 };
            action.segment = repeats && self.style == Style::Flat(Repeated::Explode);
            next = next.saturating_add(width.saturating_mul(occurrences as usize));
        }
        next
    }

    /// Lists the same values in the same order.
    fn list(&self, place: &Place, drafts: &mut Vec<Draft>) {
        let id = place.node;
        let mut draft =
            |node, parts, source_path| drafts.push(Draft { node, parts, source_path, repeated: place.repeated });
        for attribute in self.survey.attributes(id) {
            let name = self.survey.display.name(attribute);
            let part = if self.style == Style::Relational { name.to_owned() } else { format!("@{name}") };
            let source_name = self.survey.display.source_name(attribute);
            draft(attribute, extended(&place.parts, part), format!("{}/@{source_name}", place.source_path));
        }
        if self.survey.has_text(id) {
            let beside_children =
                self.style != Style::Relational && self.survey.has_elements(id) && !self.survey.is_prose(id);
            let parts = if beside_children { extended(&place.parts, "#text".to_owned()) } else { place.parts.clone() };
            draft(id, parts, place.source_path.clone());
        }
        for child in self.inner(id) {
            let name = self.survey.display.name(child);
            for occurrence in 1..=self.occurrences(child) {
                let numbered =
                    |name: &str| if occurrence > 1 { format!("{name}[{occurrence}]") } else { name.to_owned() };
                let part = numbered(name);
                let source_path = format!("{}/{}", place.source_path, numbered(self.survey.display.source_name(child)));
                let repeated = place.repeated || self.survey.repeats(child);
                self.list(&Place { node: child, parts: extended(&place.parts, part), source_path, repeated }, drafts);
            }
        }
    }
}

/// An index in a row; one that does not fit is beyond every limit and never used.
fn column(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(NONE)
}

fn extended(parts: &[String], part: String) -> Vec<String> {
    parts.iter().cloned().chain([part]).collect()
}

/// The path from the record on: `a.b`, `a@id`, `a#text`; the record's own name only where nothing else is left.
fn flat_name(parts: &[String]) -> String {
    let Some((record, inner)) = parts.split_first() else { return String::new() };
    let mut name = String::new();
    for part in inner {
        if !name.is_empty() && !part.starts_with(['@', '#']) {
            name.push('.');
        }
        name.push_str(part);
    }
    if name.is_empty() { record.clone() } else { name }
}
