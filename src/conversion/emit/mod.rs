//! Pass 2: reads documents again and hands over the rows of a plan's tables.

mod assemble;
mod buffer;
mod declared;
mod filler;
mod finished;
mod frame;
mod keys;
mod prose;
mod resume;
mod row;
mod rows;
mod shortcuts;
mod structure;

pub use buffer::RowBuffer;
pub(crate) use filler::Filler;
pub use finished::Row;
pub use keys::{KeyBase, RowKeys};
pub(crate) use resume::OpenState;
pub use resume::{RowPart, Seam};

use resume::misplaced;

use super::error::{Error, ErrorCode};
use super::plan::{Part, Plan};
use super::xml::Parser;

/// Takes the rows.
pub trait RowSink {
    /// A row of the table at place `table` in [`Plan::tables`]. Rows of one table come in the order of their `_id`; rows of an
    /// inner table come before the row around them.
    ///
    /// # Errors
    /// Anything that should stop the conversion, usually with [`ErrorCode::Interrupted`]; the emitter hands it on.
    fn row(&mut self, table: usize, row: Row<'_>) -> Result<(), Error>;

    /// The rest of a row that began in an earlier part of the document, to be given to [`Seam::row_ended`]; it comes before any other row of
    /// its table. Only sinks that take parts of documents need this.
    ///
    /// # Errors
    /// As for [`RowSink::row`].
    fn rest_of_row(&mut self, _rest: RowPart) -> Result<(), Error> {
        Err(whole_documents_only())
    }

    /// A row of a table with keys, in a stretch before which it is not known yet how much there is: the cells behind the keys that are numbers,
    /// which [`KeyBase::numbers`] gives later. Only sinks that take stretches need this.
    ///
    /// # Errors
    /// As for [`RowSink::row`].
    fn row_before_keys(&mut self, _keys: RowKeys, _rest: Row<'_>) -> Result<(), Error> {
        Err(whole_documents_only())
    }
}

fn whole_documents_only() -> Error {
    Error::new(ErrorCode::Interrupted, "this sink takes whole documents only")
}

impl<S: RowSink + ?Sized> RowSink for &mut S {
    fn row(&mut self, table: usize, row: Row<'_>) -> Result<(), Error> {
        (**self).row(table, row)
    }

    fn rest_of_row(&mut self, rest: RowPart) -> Result<(), Error> {
        (**self).rest_of_row(rest)
    }

    fn row_before_keys(&mut self, keys: RowKeys, rest: Row<'_>) -> Result<(), Error> {
        (**self).row_before_keys(keys, rest)
    }
}

/// Fills the tables of a plan from the documents it was made for, one after the other: `begin_document`, `feed` in pieces of any
/// size, `end_document`. Keys run on from document to document. After an error the emitter is spent: rows handed over so far
/// are good, and no more come.
pub struct Emitter<'p, S: RowSink> {
    plan: &'p Plan,
    state: State<'p, S>,
}

enum State<'p, S: RowSink> {
    Between(Box<Filler<'p, S>>),
    Inside(Box<Parser<Filler<'p, S>>>),
    Spent,
}

impl<'p, S: RowSink> Emitter<'p, S> {
    /// An emitter before its first document.
    pub fn new(plan: &'p Plan, sink: S) -> Self {
        Self { plan, state: State::Between(Box::new(Filler::new(&plan.program, plan.limits.token_bytes, sink))) }
    }

    /// A document begins; `label` is what stands in `_document`.
    ///
    /// # Errors
    /// `interrupted` if the document before is not ended, or the emitter is spent.
    pub fn begin_document(&mut self, label: &str) -> Result<(), Error> {
        match std::mem::replace(&mut self.state, State::Spent) {
            State::Between(mut filler) => {
                filler.begin_document(label);
                let parser = Parser::with_options(*filler, &self.plan.limits, self.plan.parser);
                self.state = State::Inside(Box::new(parser));
                Ok(())
            }
            State::Inside(_) | State::Spent => Err(out_of_turn()),
        }
    }

    /// A part of a document begins: feed the bytes from [`Part::offset`] on, to the offset of the next part or to the end. Keys count on from what
    /// stands before the part, whatever this emitter did before.
    ///
    /// # Errors
    /// As for [`Emitter::begin_document`].
    pub fn begin_part(&mut self, label: &str, part: &Part) -> Result<(), Error> {
        match std::mem::replace(&mut self.state, State::Spent) {
            State::Between(mut filler) => {
                filler.begin_part(label, part)?;
                let (limits, options) = (&self.plan.limits, self.plan.parser);
                self.state = State::Inside(Box::new(match &part.entry {
                    Some(entry) => Parser::resumed(*filler, limits, options, &entry.point),
                    None => Parser::with_options(*filler, limits, options),
                }));
                Ok(())
            }
            State::Inside(_) | State::Spent => Err(out_of_turn()),
        }
    }

    /// The part is complete and `next` follows; the last part of a document ends by [`Emitter::end_document`]. Answers with what there is of rows
    /// whose elements are open, for [`Seam::part_ended`].
    ///
    /// # Errors
    /// `shape_mismatch` if the document is not the one that was scanned.
    pub fn end_part(&mut self, next: &Part) -> Result<Vec<RowPart>, Error> {
        let State::Inside(parser) = std::mem::replace(&mut self.state, State::Spent) else { return Err(out_of_turn()) };
        let entry = next.entry.as_ref().ok_or_else(misplaced)?;
        let stopped = parser.stop()?.filter(|stopped| stopped.point == entry.point).ok_or_else(misplaced)?;
        let mut filler = stopped.finished.handler;
        let open = filler.end_part(next)?;
        self.state = State::Between(Box::new(filler));
        Ok(open)
    }

    /// Takes the next bytes of the document.
    ///
    /// # Errors
    /// What is wrong with the document, `shape_mismatch` if it is not the one that was scanned, or what the sink answered.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let State::Inside(parser) = &mut self.state else { return Err(out_of_turn()) };
        parser.feed(bytes).inspect_err(|_| self.state = State::Spent)
    }

    /// The document is complete.
    ///
    /// # Errors
    /// As for [`Emitter::feed`].
    pub fn end_document(&mut self) -> Result<(), Error> {
        let State::Inside(parser) = std::mem::replace(&mut self.state, State::Spent) else { return Err(out_of_turn()) };
        self.state = State::Between(Box::new(parser.finish()?));
        Ok(())
    }

    /// Gives the sink back after the last document.
    ///
    /// # Errors
    /// `interrupted` if a document is not ended, or the emitter is spent.
    pub fn finish(self) -> Result<S, Error> {
        match self.state {
            State::Between(filler) => Ok(filler.into_sink()),
            State::Inside(_) | State::Spent => Err(out_of_turn()),
        }
    }
}

impl<S: RowSink> std::fmt::Debug for Emitter<'_, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Emitter").finish_non_exhaustive()
    }
}

fn out_of_turn() -> Error {
    Error::new(ErrorCode::Interrupted, "documents are read one after the other, and none after an error")
}
