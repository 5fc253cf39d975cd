//! What the second pass does at each node: a plan compiled to plain numbers.

use super::schema::Key;
use crate::conversion::options::{MixedContent, TextMode};
use crate::conversion::paths::{NodeId, Tree};

/// In place of an index that does not exist.
pub(crate) const NONE: u32 = u32::MAX;

/// The whole second pass.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) tree: Tree,
    /// One for each node of the tree.
    pub(crate) actions: Vec<Action>,
    /// One for each table of the plan.
    pub(crate) tables: Vec<TableProgram>,
    pub(crate) text: TextMode,
    pub(crate) mixed: MixedContent,
    /// The occurrences of paths tell how many rows there are.
    pub(crate) counts_rows: bool,
    /// For each node its name in the column `_content`; none of them if rows tell values only.
    pub(crate) content_names: Option<Vec<String>>,
}

/// What to do with an element or attribute.
///
/// Columns are counted from the base of the element around. An element that opens a row has base 0; one that does not
/// has its base at `start`, and its n-th occurrence `(n - 1) * stride` after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Action {
    /// The node whose children are met inside the element, and whose text and counters apply: itself, or for recursion the
    /// element it returns to.
    pub(crate) target: NodeId,
    /// The table in which the element opens a row, or [`NONE`].
    pub(crate) table: u32,
    /// The column of the element's own text from the element's base, or [`NONE`].
    pub(crate) text: u32,
    /// Where the element's columns begin, or the attribute's column, from the base of the element around.
    pub(crate) start: u32,
    /// Columns from one occurrence to the next; 0 if all share theirs.
    pub(crate) stride: u32,
    /// The most occurrences there are columns for.
    pub(crate) most: u32,
    /// Which of the counters of the element around counts this one, or [`NONE`].
    pub(crate) counter: u32,
    /// How many counters the element needs for its children. If the structure is told there are some in any case, and the first counts
    /// all children.
    pub(crate) counters: u32,
    /// The name of the element's place for the column `_element`: an index into the table's places.
    pub(crate) place: u32,
    /// An occurrence without attributes and children is one cell and nothing more.
    pub(crate) is_cell: bool,
    /// The element is prose: its cell takes all text inside it.
    pub(crate) prose: bool,
    /// There are attributes inside, so that prose has to be walked through for them.
    pub(crate) attributed: bool,
    /// Each occurrence is a row of its own inside the record (`explode`).
    pub(crate) segment: bool,
    /// A part of the document may begin inside.
    pub(crate) resumable: bool,
    /// What an attribute says beside its value.
    pub(crate) special: Special,
}

/// Attributes that change how their element is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Special {
    No,
    /// `xml:space`.
    Space,
    /// `xsi:nil`.
    Nil,
}

impl Action {
    pub(crate) const NOTHING: Self = Self {
        target: 0,
        table: NONE,
        text: NONE,
        start: 0,
        stride: 0,
        most: 1,
        counter: NONE,
        counters: 0,
        place: NONE,
        is_cell: false,
        prose: false,
        attributed: false,
        segment: false,
        resumable: false,
        special: Special::No,
    };

    /// Whether an occurrence of the node `id` that has nothing but text makes one cell and nothing more.
    pub(crate) fn makes_one_cell(&self, id: NodeId) -> bool {
        self.target == id && self.table == NONE && self.text != NONE && !self.prose && !self.segment
    }
}

/// How a row of a table is put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TableProgram {
    /// The keys that are known when a row begins; they are the first columns.
    pub(crate) keys: Vec<Key>,
    /// The columns of the other keys, which the structure of the document fills.
    pub(crate) pos: Option<usize>,
    pub(crate) content: Option<usize>,
    /// Columns, keys included.
    pub(crate) columns: usize,
    /// A row may stand inside another of the same table.
    pub(crate) nests: bool,
    pub(crate) cells: Cells,
    /// Texts for the column `_element`.
    pub(crate) places: Vec<String>,
}

impl TableProgram {
    /// How many of the columns, from the first on, are keys that count something.
    pub(crate) fn numbers(&self) -> usize {
        self.keys.iter().take_while(|key| matches!(key, Key::Id | Key::Parent | Key::Ord)).count()
    }
}

/// How the values of a row come together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cells {
    /// At most one value for each column.
    Single,
    /// Values of the marked columns are joined.
    Joined(Vec<bool>),
    /// One row for each innermost segment.
    Exploded,
}
