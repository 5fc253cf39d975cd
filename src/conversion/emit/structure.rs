//! What rows tell of the structure of a document beside its values: where among its siblings each element stands, and which elements
//! there are that have no row of their own.

use super::RowSink;
use super::filler::Filler;
use super::frame::Place;
use super::row::{OpenRow, push_decimal};
use crate::conversion::paths::NodeId;
use crate::conversion::plan::{Action, NONE, Program, TableProgram};

/// Fills the columns `_pos` and `_content`.
#[derive(Debug)]
pub(super) struct Structure<'p> {
    /// For each node its name in `_content`.
    names: &'p [String],
    tables: &'p [TableProgram],
    /// The elements that are open and walked through.
    open: Vec<Level>,
    /// What is listed in the rows that are open, one after the other.
    lists: String,
}

#[derive(Debug)]
struct Level {
    /// Where the list of the element's row begins; `None` if it has no row and stands in the list of another.
    list: Option<usize>,
    lists_child: bool,
}

impl<'p> Structure<'p> {
    /// `None` if the rows of the program tell values only.
    pub(super) fn of(program: &'p Program) -> Option<Self> {
        let names = program.content_names.as_deref()?;
        Some(Self { names, tables: &program.tables, open: Vec::new(), lists: String::new() })
    }

    pub(super) fn begin_document(&mut self) {
        self.open.clear();
        self.lists.clear();
    }

    /// An element starts that opens this row.
    fn enter_row(&mut self, row: &mut OpenRow, position: u32) {
        if let Some(column) = self.tables[row.table as usize].pos {
            row.set_number(column, position.into());
        }
        self.open.push(Level { list: Some(self.lists.len()), lists_child: false });
    }

    /// An element starts that has no row of its own.
    fn enter_listed(&mut self, node: NodeId, position: u32) {
        if let Some(around) = self.open.last_mut() {
            match (std::mem::replace(&mut around.lists_child, true), around.list) {
                (true, _) => self.lists.push(' '),
                (false, Some(_)) => {}
                (false, None) => self.lists.push('('),
            }
        }
        self.lists.push_str(&self.names[node as usize]);
        self.lists.push('@');
        push_decimal(position.into(), &mut self.lists);
        self.open.push(Level { list: None, lists_child: false });
    }

    /// The innermost element that was entered ends, and its text is written; this is its row, or the one around it.
    fn leave(&mut self, row: &mut OpenRow) {
        match self.open.pop() {
            Some(Level { list: Some(start), .. }) => {
                if start < self.lists.len()
                    && let Some(column) = self.tables[row.table as usize].content
                {
                    row.set_key(column, &self.lists[start..]);
                }
                self.lists.truncate(start);
            }
            Some(Level { list: None, lists_child: true }) => self.lists.push(')'),
            Some(Level { list: None, lists_child: false }) | None => {}
        }
    }
}

impl<S: RowSink> Filler<'_, S> {
    /// An element starts at this place in the innermost one.
    #[cold]
    pub(super) fn enter_structure(&mut self, action: &Action, place: Place) {
        let position = self.count_child();
        let (Some(structure), Some(row)) = (&mut self.structure, self.rows.slot(place.row)) else { return };
        match action.table {
            NONE => structure.enter_listed(action.target, position),
            _ => structure.enter_row(row, position),
        }
    }

    /// The innermost element ends, whose values are in that row.
    #[cold]
    pub(super) fn leave_structure(&mut self, row: u32) {
        if let (Some(structure), Some(row)) = (&mut self.structure, self.rows.slot(row)) {
            structure.leave(row);
        }
    }

    /// Counts a child of the innermost element, which may be a mere part of prose; answers with its position, from 1.
    pub(super) fn count_child(&mut self) -> u32 {
        let first_counter = self.frames.last().map(|around| around.place.counters as usize);
        let Some(count) = first_counter.and_then(|at| self.counters.get_mut(at)) else { return 1 };
        *count = count.saturating_add(1);
        *count
    }
}
