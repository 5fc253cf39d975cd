//! One of the threads: takes pieces of work and sends what they become.

use std::{
    cell::Cell,
    io::{self, Read},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
};

use super::pieces::{Piece, PlanOf};
use crate::{
    conversion::{Emitter, Error, ErrorCode, LineEncoder, Part, Row, RowBuffer, RowPart, RowSink},
    domain::Document,
    services::conversions::{
        cluster::Source,
        emit::{Opened, READ_BUFFER, Sources, Stopped, read_some},
    },
};

/// So many bytes are gathered before they are sent.
const BLOCK_BYTES: usize = 64 << 10;
/// So many blocks wait in a channel: what a part of a document becomes, mostly.
const WAITING_BLOCKS: usize = 16;

/// What is left to do, and where to announce the channel of each piece: in the order of the pieces.
pub(super) struct Channels<'c> {
    pub(super) pieces: Box<dyn Iterator<Item = Piece<'c>> + Send + 'c>,
    /// `None` when every piece is taken.
    pub(super) opened: Option<SyncSender<Receiver<Message>>>,
}

/// What a thread sends.
pub(super) enum Message {
    /// Rows, and what was read for them.
    Block(Block),
    /// A row that began in an earlier part is complete. No row of its table was sent since the part began.
    RestOfRow { rest: RowPart, first_table: usize, path: String },
    /// A part is complete; these rows go on in the next.
    PartEnded { open: Vec<RowPart>, path: String },
    /// The piece cannot be converted.
    Stopped(Stopped),
}

/// Rows of any tables; numbers of tables count over all plans.
#[derive(Default)]
pub(super) struct Block {
    /// Rows as they stand in files of lines.
    pub(super) lines: Vec<Lines>,
    /// The same rows for who needs their cells.
    pub(super) rows: RowBuffer,
    pub(super) bytes_read: u64,
    /// Documents completed.
    pub(super) documents: u64,
    /// The document, or the group of several.
    pub(super) path: String,
}

/// Lines of one table.
pub(super) struct Lines {
    pub(super) table: usize,
    pub(super) bytes: Vec<u8>,
    pub(super) rows: u64,
}

/// What a thread needs.
pub(super) struct Thread<'t, 'c> {
    pub(super) channels: &'t Mutex<Channels<'c>>,
    /// How rows of each table are written, for formats of lines.
    pub(super) encoders: &'t [Option<LineEncoder>],
    pub(super) keeps_rows: bool,
    pub(super) sources: &'t dyn Sources,
    pub(super) spare: &'t Spare,
    /// Nobody takes what comes any more.
    pub(super) is_over: &'t AtomicBool,
}

/// A thread that panics leaves its piece half done: no further piece is announced, so that all come to an end.
struct EndIfPanicking<'t, 'c>(&'t Mutex<Channels<'c>>);

impl Drop for EndIfPanicking<'_, '_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).opened = None;
        }
    }
}

/// Buffers that were written out, to be filled again.
#[derive(Default)]
pub(super) struct Spare(Mutex<Vec<Vec<u8>>>);

/// So many are kept.
const SPARE_BUFFERS: usize = 64;

impl Spare {
    /// An empty buffer.
    fn take(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    /// Takes a buffer back.
    pub(super) fn give(&self, mut buffer: Vec<u8>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < SPARE_BUFFERS {
            buffer.clear();
            kept.push(buffer);
        }
    }
}

impl<'c> Thread<'_, 'c> {
    /// Works until nothing is left, or nobody takes what comes.
    pub(super) fn run(&self) {
        let _announced = EndIfPanicking(self.channels);
        let mut buffer = vec![0; READ_BUFFER];
        while let Some((piece, sender)) = self.next_piece() {
            if let Err(stopped) = self.convert(piece, &sender, &mut buffer) {
                // If nobody listens, it is because something else has failed before.
                let _ = sender.send(Message::Stopped(stopped));
            }
        }
    }

    /// The next piece, with its channel announced.
    fn next_piece(&self) -> Option<(Piece<'c>, SyncSender<Message>)> {
        let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(piece) = channels.pieces.next() else {
            channels.opened = None;
            return None;
        };
        let (sender, receiver) = sync_channel(WAITING_BLOCKS);
        channels.opened.as_ref()?.send(receiver).ok()?;
        Some((piece, sender))
    }

    fn convert(&self, piece: Piece<'c>, sender: &SyncSender<Message>, buffer: &mut [u8]) -> Result<(), Stopped> {
        let done = Done { is_over: self.is_over, bytes: Cell::default(), documents: Cell::default() };
        match piece {
            Piece::Documents { of, documents, start } => {
                let mut gathering = Gathering::new(self, of, &of.cluster.group, sender, &done);
                let mut emitter = Emitter::new(&of.cluster.plan, &mut gathering);
                convert_documents(
                    &mut emitter,
                    documents,
                    start,
                    |document| self.sources.open(document),
                    &done,
                    buffer,
                )?;
                drop(emitter);
                gathering.send_block().map_err(|error| stopped(&of.cluster.group, error))
            }
            Piece::Part { of, document: Source { document, .. }, part, next } => {
                let failed = |error| stopped(&document.path, error);
                let mut gathering = Gathering::new(self, of, &document.path, sender, &done);
                let mut emitter = Emitter::new(&of.cluster.plan, &mut gathering);
                let bytes = next.as_ref().map_or(u64::MAX, |next| next.offset() - part.offset());
                let opened = self.sources.open(document);
                let source = opened.and_then(|opened| opened.read_from(part.offset(), bytes)).map_err(Stopped::Io)?;
                emitter.begin_part(&document.path, &part).map_err(failed)?;
                feed(&mut emitter, &document.path, source, &done, buffer)?;
                let open = match &next {
                    Some(next) => emitter.end_part(next).map_err(failed)?,
                    None => {
                        emitter.end_document().map_err(failed)?;
                        done.documents.set(1);
                        Vec::new()
                    }
                };
                drop(emitter);
                gathering.send_block().map_err(failed)?;
                gathering.send(Message::PartEnded { open, path: document.path.clone() }).map_err(failed)
            }
        }
    }
}

fn convert_documents<S: RowSink>(
    emitter: &mut Emitter<'_, S>,
    documents: &[Source],
    mut start: Option<Part>,
    open: impl Fn(&Document) -> io::Result<Opened>,
    done: &Done<'_>,
    buffer: &mut [u8],
) -> Result<(), Stopped> {
    for Source { document, .. } in documents {
        let failed = |error| stopped(&document.path, error);
        let source = open(document).and_then(Opened::read).map_err(Stopped::Io)?;
        match start.take() {
            Some(part) => emitter.begin_part(&document.path, &part),
            None => emitter.begin_document(&document.path),
        }
        .map_err(failed)?;
        feed(emitter, &document.path, source, done, buffer)?;
        emitter.end_document().map_err(failed)?;
        done.documents.set(done.documents.get() + 1);
    }
    Ok(())
}

fn feed<S: RowSink>(
    emitter: &mut Emitter<'_, S>,
    path: &str,
    mut source: impl Read,
    done: &Done<'_>,
    buffer: &mut [u8],
) -> Result<(), Stopped> {
    loop {
        let read = read_some(&mut source, buffer).map_err(Stopped::Io)?;
        if read == 0 {
            return Ok(());
        }
        done.bytes.set(done.bytes.get() + read as u64);
        if done.is_over.load(Ordering::Relaxed) {
            return Err(Stopped::Cancelled);
        }
        emitter.feed(&buffer[..read]).map_err(|error| stopped(path, error))?;
    }
}

fn stopped(path: &str, error: Error) -> Stopped {
    Stopped::Document { path: path.to_owned(), error }
}

/// What was done since the last block, and whether to stop.
struct Done<'t> {
    is_over: &'t AtomicBool,
    bytes: Cell<u64>,
    documents: Cell<u64>,
}

/// Gathers the rows of one piece into blocks.
struct Gathering<'t> {
    encoders: &'t [Option<LineEncoder>],
    first_table: usize,
    /// Whose rows these are, for messages.
    path: &'t str,
    /// Lines of each table of the plan.
    lines: Vec<Lines>,
    rows: Option<RowBuffer>,
    bytes: usize,
    done: &'t Done<'t>,
    sender: &'t SyncSender<Message>,
    spare: &'t Spare,
}

impl<'t> Gathering<'t> {
    fn new(
        thread: &Thread<'t, '_>,
        of: PlanOf<'t>,
        path: &'t str,
        sender: &'t SyncSender<Message>,
        done: &'t Done<'t>,
    ) -> Self {
        let tables = of.first_table..of.first_table + of.cluster.plan.tables().len();
        Self {
            encoders: &thread.encoders[tables.clone()],
            first_table: of.first_table,
            path,
            lines: tables.map(|table| Lines { table, bytes: Vec::new(), rows: 0 }).collect(),
            rows: thread.keeps_rows.then(RowBuffer::default),
            bytes: 0,
            done,
            sender,
            spare: thread.spare,
        }
    }

    /// Sends what is gathered.
    fn send_block(&mut self) -> Result<(), Error> {
        let full = self.lines.iter_mut().filter(|lines| lines.rows > 0);
        let lines =
            full.map(|lines| std::mem::replace(lines, Lines { bytes: Vec::new(), rows: 0, ..*lines })).collect();
        let rows = self.rows.as_mut().map(std::mem::take).unwrap_or_default();
        self.bytes = 0;
        let (bytes_read, documents) = (self.done.bytes.take(), self.done.documents.take());
        self.send(Message::Block(Block { lines, rows, bytes_read, documents, path: self.path.to_owned() }))
    }

    fn send(&self, message: Message) -> Result<(), Error> {
        self.sender.send(message).map_err(|_| Error::new(ErrorCode::Interrupted, "the conversion was stopped"))
    }
}

impl RowSink for &mut Gathering<'_> {
    #[inline]
    fn row(&mut self, table: usize, row: Row<'_>) -> Result<(), Error> {
        let lines = &mut self.lines[table];
        if lines.rows == 0 {
            lines.bytes = self.spare.take();
        }
        lines.rows += 1;
        if let Some(encoder) = &self.encoders[table] {
            let before = lines.bytes.len();
            encoder.row(row, &mut lines.bytes);
            self.bytes += lines.bytes.len() - before;
        }
        if let Some(rows) = &mut self.rows {
            let before = rows.bytes();
            rows.push(self.first_table + table, row);
            self.bytes += rows.bytes() - before;
        }
        if self.bytes < BLOCK_BYTES { Ok(()) } else { self.send_block() }
    }

    fn rest_of_row(&mut self, rest: RowPart) -> Result<(), Error> {
        self.send_block()?;
        self.send(Message::RestOfRow { rest, first_table: self.first_table, path: self.path.to_owned() })
    }
}
