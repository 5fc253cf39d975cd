//! Which elements are tables, how the tables refer to each other, and what the second pass does for them.

use std::collections::HashSet;

use super::columns::{RowPlan, Style};
use super::naming::{numbered, safe_part, safe_table_name, shortest_tails};
use super::program::{Action, Cells, NONE, Program, TableProgram};
use super::schema::{Key, ParentLink, Table};
use super::survey::Survey;
use crate::conversion::error::{Error, ErrorCode};
use crate::conversion::limits::Limits;
use crate::conversion::options::{Repeated, Structure};
use crate::conversion::paths::{Kind, NodeId, ROOT};

/// The name of the table for what stands outside all records of a flat layout.
const OUTSIDE: &str = "document";

/// The name of the table for siblings of many names.
const FAMILY: &str = "elements";

/// Which tables to make.
#[derive(Clone, Copy)]
pub(super) enum Arrangement {
    /// One for the root and for each path that repeats.
    Relational,
    /// One for the record, and relational ones for what stands outside.
    Flat { record: NodeId, repeated: Repeated },
}

/// Makes the tables and the program that fills them.
///
/// # Errors
/// `too_many_tables`, `too_many_columns`.
pub(super) fn arrange(survey: &Survey<'_>, what: Arrangement, limits: &Limits) -> Result<(Vec<Table>, Program), Error> {
    let arranger = Arranger::new(survey, what, limits)?;
    let mut actions = arranger.actions();
    let mut tables = Vec::with_capacity(arranger.drafts.len());
    let mut programs = Vec::with_capacity(arranger.drafts.len());
    let names = arranger.table_names();
    for index in 0..arranger.drafts.len() {
        let (table, program) = arranger.table(index, &names, &mut actions)?;
        tables.push(table);
        programs.push(program);
    }
    arranger.number_counters(&mut actions);
    for (id, action) in (0..).zip(&mut actions) {
        // An element with a place in `_content` is more than a cell.
        action.is_cell = !arranger.is_complete() && action.makes_one_cell(id);
    }
    let (text, mixed) = (survey.options.text, survey.options.mixed);
    let tree = survey.tree().clone();
    let content_names = arranger.is_complete().then(|| survey.source_names());
    let mut program = Program { tree, actions, tables: programs, text, mixed, counts_rows: false, content_names };
    program.mark_resumable(survey);
    Ok((tables, program))
}

struct Arranger<'a> {
    survey: &'a Survey<'a>,
    what: Arrangement,
    limits: &'a Limits,
    drafts: Vec<Draft>,
    is_table: Vec<bool>,
}

/// A table before it has columns.
struct Draft {
    node: NodeId,
    style: Style,
    /// Where its rows stand: at its own path, and at each recursion that returns to it.
    entries: Vec<Entry>,
    /// Rows of other tables, or of itself, refer to its rows.
    referred_to: bool,
}

/// A place at which rows of a table stand.
struct Entry {
    /// The element, or the recursion that returns to it.
    node: NodeId,
    /// The table of the row around, if it is referred to.
    parent: Option<usize>,
}

impl<'a> Arranger<'a> {
    fn new(survey: &'a Survey<'a>, what: Arrangement, limits: &'a Limits) -> Result<Self, Error> {
        let mut nodes = table_nodes(survey, what);
        let mut is_table = vec![false; survey.tree().nodes.len()];
        nodes.iter().for_each(|id| is_table[*id as usize] = true);
        let mut arranger = Self { survey, what, limits, drafts: Vec::new(), is_table };
        if arranger.can_do_without_root(&nodes) {
            nodes.retain(|id| *id != ROOT);
            arranger.is_table[ROOT as usize] = false;
        }
        if nodes.len() > limits.tables {
            return Err(too_many_tables(nodes.len(), limits.tables));
        }
        arranger.draft(&nodes);
        Ok(arranger)
    }

    /// A root table without values is left out if it adds nothing: in a flat layout, or with one table below it. It adds the
    /// places of elements where the whole structure is told.
    fn can_do_without_root(&self, nodes: &[NodeId]) -> bool {
        let is_below_root = |id: &&NodeId| self.row_around(**id) == Some(ROOT);
        let adds_nothing = match self.what {
            Arrangement::Relational => nodes.iter().filter(is_below_root).count() == 1,
            Arrangement::Flat { record, .. } => record != ROOT,
        };
        adds_nothing && !self.is_complete() && !self.survey.is_recursed(ROOT) && self.has_no_values(ROOT)
    }

    fn is_complete(&self) -> bool {
        self.survey.options.structure == Structure::Complete
    }

    fn has_no_values(&self, node: NodeId) -> bool {
        let mut unused = vec![Action::NOTHING; self.is_table.len()];
        let row = RowPlan { column_limit: usize::MAX, ..self.row_plan(node, Style::Relational) };
        row.place_values(0, &mut unused).is_ok_and(|columns| columns == 0)
    }

    fn draft(&mut self, nodes: &[NodeId]) {
        let mut index = vec![None; self.is_table.len()];
        for (place, node) in nodes.iter().enumerate() {
            index[*node as usize] = Some(place);
        }
        for node in nodes {
            self.drafts.push(Draft { node: *node, style: self.style(*node), entries: Vec::new(), referred_to: false });
        }
        let tree = self.survey.tree();
        // In the order of the nodes, a table's own path comes before the recursions that return to it.
        for id in tree.paths() {
            let Some(place) = index[tree.target(id) as usize] else { continue };
            let around = self.row_around(id).filter(|around| !(self.drafts[place].is_flat() && *around == ROOT));
            let parent = around.and_then(|around| index[around as usize]);
            self.drafts[place].entries.push(Entry { node: id, parent });
            if let Some(parent) = parent {
                self.drafts[parent].referred_to = true;
            }
        }
    }

    /// The element that opens the row around an element.
    fn row_around(&self, node: NodeId) -> Option<NodeId> {
        self.survey.tree().ancestors(node).skip(1).find(|id| self.is_table[*id as usize])
    }

    fn style(&self, node: NodeId) -> Style {
        match self.what {
            Arrangement::Flat { record, repeated } if record == node => Style::Flat(repeated),
            Arrangement::Flat { .. } | Arrangement::Relational => Style::Relational,
        }
    }

    fn row_plan(&self, node: NodeId, style: Style) -> RowPlan<'_> {
        let column_limit = self.limits.columns;
        let (survey, is_table) = (self.survey, &self.is_table);
        RowPlan { survey, record: node, style, is_table, column_limit, is_outermost_somewhere: false }
    }

    /// What holds of each node whatever the tables.
    fn actions(&self) -> Vec<Action> {
        let action = |id| {
            let target = self.survey.tree().target(id);
            let (prose, attributed) = (self.survey.is_prose(id), self.survey.is_attributed(target));
            Action { target, prose, attributed, ..Action::NOTHING }
        };
        self.survey.tree().ids().map(action).collect()
    }

    fn table(&self, index: usize, names: &[String], actions: &mut [Action]) -> Result<(Table, TableProgram), Error> {
        let draft = &self.drafts[index];
        let keys = self.keys(draft);
        let is_outermost_somewhere = draft.entries.iter().any(|entry| entry.parent.is_none());
        let row = RowPlan { is_outermost_somewhere, ..self.row_plan(draft.node, draft.style) };
        let columns = row.place_values(keys.len(), actions)?;
        let described = row.columns(&keys);
        let joined = described.iter().map(|column| column.joined).collect();
        for (place, entry) in (0..).zip(&draft.entries) {
            let action = &mut actions[entry.node as usize];
            action.table = u32::try_from(index).unwrap_or(NONE);
            action.place = place;
        }
        let places: Vec<_> = draft.entries.iter().map(|entry| self.survey.own_path(entry.node)).collect();
        let besides = usize::from(!self.survey.is_family(draft.node));
        let id = Key::Id.column_name();
        let link = |parent: usize| ParentLink { table: names[parent].clone(), column: id.to_owned() };
        let table = Table {
            name: names[index].clone(),
            source_path: self.survey.source_path(draft.node),
            recursion_paths: places.iter().skip(besides).cloned().collect(),
            columns: described,
            primary_key: keys.contains(&Key::Id).then(|| id.to_owned()),
            parent: draft.only_parent().map(link),
            rows_estimate: self.survey.stats(draft.node).instances,
        };
        let cells = match draft.style {
            Style::Flat(Repeated::Join) => Cells::Joined(joined),
            Style::Flat(Repeated::Explode) => Cells::Exploded,
            Style::Flat(Repeated::Index) | Style::Relational => Cells::Single,
        };
        let column = |wanted| keys.iter().position(|key| *key == wanted);
        let (pos, content) = (column(Key::Pos), column(Key::Content));
        let keys = keys.into_iter().filter(|key| !matches!(key, Key::Pos | Key::Content)).collect();
        Ok((table, TableProgram { keys, pos, content, columns, nests: self.survey.nests(draft.node), cells, places }))
    }

    /// The keys that a table needs.
    fn keys(&self, draft: &Draft) -> Vec<Key> {
        let is_outside = self.is_outside(draft);
        let stands_once = draft.node == ROOT && draft.entries.len() == 1;
        let one_recursion = draft.entries.len() == 2 && draft.only_parent().is_some();
        let needs = |key: &Key| match key {
            Key::Id => draft.referred_to || !(draft.is_flat() || is_outside),
            Key::Parent => draft.entries.iter().any(|entry| entry.parent.is_some()),
            Key::Ord => !draft.is_flat() && !stands_once,
            Key::Pos => self.is_complete() && !stands_once,
            Key::Document => self.survey.shape.documents() > 1,
            Key::Element => draft.entries.len() > 1 && !one_recursion || self.survey.is_family(draft.node),
            Key::Content => self.is_complete() && self.row_plan(draft.node, draft.style).has_inner(),
        };
        Key::ALL.into_iter().filter(needs).collect()
    }

    /// Whether this is the table for what stands outside all records.
    fn is_outside(&self, draft: &Draft) -> bool {
        matches!(self.what, Arrangement::Flat { .. }) && draft.node == ROOT && !draft.is_flat()
    }

    /// Gives a counter to each child that opens rows or has columns for several occurrences, and to each that would be listed in
    /// `_content` again if it came again.
    fn number_counters(&self, actions: &mut [Action]) {
        if self.is_complete() {
            actions.iter_mut().for_each(|action| action.counters = 1);
        }
        for id in self.survey.tree().paths() {
            let Action { table, most, .. } = actions[id as usize];
            let is_listed = self.is_complete() && self.survey.tree().node(id).kind != Kind::Attribute;
            if table != NONE || most > 1 || is_listed {
                let parent = &mut actions[self.survey.tree().node(id).parent as usize];
                let counter = parent.counters;
                parent.counters += 1;
                actions[id as usize].counter = counter;
            }
        }
    }

    fn table_names(&self) -> Vec<String> {
        let parts = |draft: &Draft| {
            if self.is_outside(draft) {
                return vec![OUTSIDE.to_owned()];
            }
            let above = self.survey.tree().ancestors(draft.node);
            let name = |id| if self.survey.is_family(id) { FAMILY } else { self.survey.display.name(id) };
            let mut parts: Vec<_> = above.map(|id| safe_part(name(id))).collect();
            parts.reverse();
            parts
        };
        let paths: Vec<_> = self.drafts.iter().map(parts).collect();
        let tails = shortest_tails(&paths, &[]);
        numbered(tails.iter().map(|name| safe_table_name(name)).collect(), &[])
    }
}

impl Draft {
    fn is_flat(&self) -> bool {
        matches!(self.style, Style::Flat(_))
    }

    /// The one table that all rows refer to that refer to any.
    fn only_parent(&self) -> Option<usize> {
        let mut parents = self.entries.iter().filter_map(|entry| entry.parent);
        let first = parents.next()?;
        parents.all(|other| other == first).then_some(first)
    }
}

/// The elements that open rows, the record of a flat layout first, the others in document order.
fn table_nodes(survey: &Survey<'_>, what: Arrangement) -> Vec<NodeId> {
    let opens_rows = |id: &NodeId| *id == ROOT || survey.repeats(*id) || survey.is_recursed(*id);
    match what {
        Arrangement::Relational => survey.subtree(ROOT).into_iter().filter(opens_rows).collect(),
        Arrangement::Flat { record, .. } => {
            let inside: HashSet<NodeId> = survey.subtree(record).into_iter().collect();
            let outside = survey.subtree(ROOT).into_iter().filter(|id| !inside.contains(id)).filter(opens_rows);
            std::iter::once(record).chain(outside).collect()
        }
    }
}

fn too_many_tables(tables: usize, limit: usize) -> Error {
    let detail = format!(
        "there would be {tables} tables, the limit is {limit}; choose the layout flat, or raise the limit on tables"
    );
    Error::new(ErrorCode::TooManyTables, detail)
}
