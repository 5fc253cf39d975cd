//! The rows that are open, and the order in which finished ones are handed over.

use std::collections::VecDeque;

use super::RowSink;
use super::keys::RowKeys;
use super::resume::RowPart;
use super::row::{OpenRow, unplanned};
use crate::conversion::error::Error;
use crate::conversion::plan::{Action, Key, NONE, RowCounts, TableProgram};

/// All rows that are open or wait, with buffers that are used again.
pub(super) struct Rows<'p, S> {
    tables: &'p [TableProgram],
    /// Open or waiting rows, and free ones.
    slots: Vec<OpenRow>,
    free: Vec<u32>,
    /// For each table whose rows nest, its rows in the order in which they opened.
    waiting: Vec<VecDeque<u32>>,
    last_ids: Vec<u64>,
    label: String,
    /// Rows begin without their keys that are numbers. Counters before this one count on from before the stretch.
    keys_wait: Option<usize>,
    sink: S,
}

impl<'p, S: RowSink> Rows<'p, S> {
    pub(super) fn new(tables: &'p [TableProgram], sink: S) -> Self {
        Self {
            tables,
            slots: Vec::new(),
            free: Vec::new(),
            waiting: vec![VecDeque::new(); tables.len()],
            last_ids: vec![0; tables.len()],
            label: String::new(),
            keys_wait: None,
            sink,
        }
    }

    /// What stands in `_document` from now on.
    pub(super) fn set_label(&mut self, label: &str) {
        label.clone_into(&mut self.label);
    }

    /// So many rows were made elsewhere.
    pub(super) fn set_last_ids(&mut self, rows: &RowCounts) {
        self.last_ids.copy_from_slice(&rows.0);
    }

    /// Numbers and counters before `counters` go on from those of an earlier stretch of the document, which will be known later.
    pub(super) fn let_keys_wait(&mut self, counters: usize) {
        let before = self.keys_wait.unwrap_or(usize::MAX);
        self.keys_wait = Some(counters.min(before));
    }

    /// Rows made so far, elsewhere or here.
    pub(super) fn last_ids(&self) -> &[u64] {
        &self.last_ids
    }

    /// The last row of a table will be opened once more.
    pub(super) fn forget_last(&mut self, table: u32) {
        if let Some(id) = self.last_ids.get_mut(table as usize) {
            *id -= 1;
        }
    }

    /// Takes rows away whose elements end in another part of the document.
    pub(super) fn take_open(&mut self, slots: impl Iterator<Item = u32>) -> Result<Vec<RowPart>, Error> {
        let mut open = Vec::new();
        for slot in slots {
            open.push(RowPart::of(self.get(slot)?));
            self.free.push(slot);
        }
        Ok(open)
    }

    pub(super) fn into_sink(self) -> S {
        self.sink
    }

    /// The row in a slot; an error where the plan has none because it knows of no value.
    #[inline]
    pub(super) fn get(&mut self, slot: u32) -> Result<&mut OpenRow, Error> {
        self.slot(slot).ok_or_else(|| unplanned("a value stands elsewhere"))
    }

    /// The row in a slot, if there is one.
    #[inline]
    pub(super) fn slot(&mut self, slot: u32) -> Option<&mut OpenRow> {
        self.slots.get_mut(slot as usize)
    }

    /// Opens a row in the table of `action` with its keys written, inside the row `around` if that is one. It is the n-th that was `counted`
    /// there.
    pub(super) fn open(&mut self, action: &Action, around: u32, occurrence: u32, counted: Option<usize>) -> u32 {
        let parent = self.slots.get(around as usize).map(|row| (row.table, row.id));
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(OpenRow::default());
            u32::try_from(self.slots.len() - 1).unwrap_or(NONE)
        });
        let table = &self.tables[action.table as usize];
        let id = &mut self.last_ids[action.table as usize];
        *id += 1;
        let row = &mut self.slots[slot as usize];
        row.begin(action.table, *id, table.columns, &table.cells);
        if let Some(counters) = self.keys_wait {
            let goes_on = counted.filter(|at| *at < counters);
            row.waiting_keys = RowKeys { table: action.table, id: *id, parent, ord: occurrence, counter: goes_on };
        }
        for (column, key) in table.keys.iter().enumerate() {
            match (key, parent) {
                (Key::Id | Key::Parent | Key::Ord, _) if self.keys_wait.is_some() => {}
                (Key::Id, _) => row.set_number(column, *id),
                (Key::Parent, Some((_, parent))) => row.set_number(column, parent),
                (Key::Parent, None) => {}
                (Key::Ord, _) => row.set_number(column, u64::from(occurrence)),
                (Key::Document, _) => row.set_key(column, &self.label),
                // The last two are never among the keys that are known here.
                (Key::Element | Key::Pos | Key::Content, _) => {
                    row.set_key(column, &table.places[action.place as usize]);
                }
            }
        }
        if table.nests {
            self.waiting[action.table as usize].push_back(slot);
        }
        slot
    }

    /// A row is complete. It is handed over, unless one that opened before it is still open.
    pub(super) fn close(&mut self, slot: u32) -> Result<(), Error> {
        let table = self.slots[slot as usize].table as usize;
        if !self.tables[table].nests {
            return self.hand_over(slot);
        }
        self.slots[slot as usize].is_complete = true;
        while let Some(first) = self.waiting[table].front().copied() {
            if !self.slots[first as usize].is_complete {
                break;
            }
            self.waiting[table].pop_front();
            self.hand_over(first)?;
        }
        Ok(())
    }

    fn hand_over(&mut self, slot: u32) -> Result<(), Error> {
        let row = &mut self.slots[slot as usize];
        let table = row.table as usize;
        let sink = &mut self.sink;
        self.free.push(slot);
        if row.is_part {
            return sink.rest_of_row(RowPart::of(row));
        }
        let (keys, program) = (row.waiting_keys, &self.tables[table]);
        match self.keys_wait.map(|_| program.numbers()) {
            None | Some(0) => row.hand_over(&program.cells, |row| sink.row(table, row)),
            Some(numbers) => row.hand_over(&program.cells, |row| sink.row_before_keys(keys, row.without(numbers))),
        }
    }
}
