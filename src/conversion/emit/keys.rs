//! Keys of rows in a stretch of a document, before it is known what stands before the stretch.

use crate::conversion::plan::{Key, Program, RowCounts};

/// The numbers of a row as they were counted from a guess.
#[derive(Clone, Copy, Debug, Default)]
pub struct RowKeys {
    /// The row's table, in [`Plan::tables`](crate::conversion::Plan::tables).
    pub(crate) table: u32,
    pub(crate) id: u64,
    /// Table and number of the row around.
    pub(crate) parent: Option<(u32, u64)>,
    pub(crate) ord: u32,
    /// The counter that gave `ord`, if it goes on from before the stretch.
    pub(crate) counter: Option<usize>,
}

impl RowKeys {
    /// The row's table, by its place among those of the plan.
    #[must_use]
    pub fn table(&self) -> usize {
        self.table as usize
    }
}

/// Turns keys counted from a guess into those of the document.
#[derive(Debug)]
pub struct KeyBase<'p> {
    pub(crate) program: &'p Program,
    /// Rows before the stretch, as guessed and as they are.
    pub(crate) guessed_rows: RowCounts,
    pub(crate) rows: RowCounts,
    /// Counters of the elements around, as guessed and as they are.
    pub(crate) guessed_counters: Vec<u32>,
    pub(crate) counters: Vec<u32>,
}

impl KeyBase<'_> {
    /// The keys of a row that are numbers, in the order of their columns.
    pub fn numbers(&self, keys: &RowKeys) -> impl Iterator<Item = Option<u64>> {
        let table = &self.program.tables[keys.table as usize];
        table.keys[..table.numbers()].iter().map(|key| match key {
            Key::Id => Some(self.number(keys.table, keys.id)),
            Key::Parent => keys.parent.map(|(table, id)| self.number(table, id)),
            Key::Ord => Some(self.ord(keys)),
            Key::Pos | Key::Document | Key::Element | Key::Content => None,
        })
    }

    /// Rows that were open before the stretch keep their number, others count on.
    fn number(&self, table: u32, id: u64) -> u64 {
        let (guessed, before) = (self.guessed_rows.0[table as usize], self.rows.0[table as usize]);
        if id > guessed { id - guessed + before } else { id }
    }

    fn ord(&self, keys: &RowKeys) -> u64 {
        let shift = keys.counter.and_then(|at| Some((self.guessed_counters.get(at)?, self.counters.get(at)?)));
        let ord = u64::from(keys.ord);
        shift.map_or(ord, |(guessed, before)| ord - u64::from(*guessed) + u64::from(*before))
    }
}
