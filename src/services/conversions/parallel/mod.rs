//! Pass 2 on several threads: documents, and parts of large ones, are converted side by side, and what they become is written in the order in
//! which it would have come from one thread. The bytes are the same for any number of threads.
//!
//! Each thread takes the next piece of work and sends what it makes through a short channel of its own; the caller's thread empties the channels
//! one after the other. So memory is bounded by the channels, and the piece that comes first never waits for the others.

mod pieces;
mod thread;

use std::{
    io::Write,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError, sync_channel},
    },
    time::Duration,
};

use super::{
    cluster::PlannedCluster,
    emit::{Sources, Stopped, Watch, nothing_done, stopped},
    outputs::Outputs,
};
use crate::{
    conversion::{Seam, WriteError},
    domain::Progress,
};
use pieces::pieces;
use thread::{Block, Channels, Message, Spare, Thread};

/// So many pieces of work, which are documents of half a megabyte mostly, may be begun before those before them are written.
const WAITING_PIECES: usize = 4;

/// How long to wait for a block before asking whether to go on.
const PATIENCE: Duration = Duration::from_millis(200);

/// Converts every document of every cluster on so many threads.
pub(super) fn emit<W: Write + Send>(
    clusters: &[PlannedCluster],
    outputs: &mut Outputs<W>,
    sources: &dyn Sources,
    watch: &mut dyn Watch,
    threads: usize,
) -> Result<Progress, Stopped> {
    let (sender, receivers) = sync_channel(WAITING_PIECES);
    let (spare, is_over) = (Spare::default(), AtomicBool::new(false));
    let channels = Mutex::new(Channels { pieces: Box::new(pieces(clusters)), opened: Some(sender) });
    let encoders = outputs.line_encoders();
    let keeps_rows = outputs.wants_rows();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let thread = Thread {
                channels: &channels,
                encoders: &encoders,
                keeps_rows,
                sources,
                spare: &spare,
                is_over: &is_over,
            };
            scope.spawn(move || thread.run());
        }
        // When this ends early the receivers go, and with them the threads.
        let outcome = Collector::new(clusters, outputs, watch, &spare).collect(receivers);
        is_over.store(true, Ordering::Relaxed);
        outcome
    })
}

/// Writes what the threads send.
struct Collector<'a, W: Write + Send> {
    outputs: &'a mut Outputs<W>,
    watch: &'a mut dyn Watch,
    progress: Progress,
    /// Rows of the document being written that go on in its next part.
    seam: Seam,
    spare: &'a Spare,
}

impl<'a, W: Write + Send> Collector<'a, W> {
    fn new(
        clusters: &[PlannedCluster],
        outputs: &'a mut Outputs<W>,
        watch: &'a mut dyn Watch,
        spare: &'a Spare,
    ) -> Self {
        Self { outputs, watch, progress: nothing_done(clusters), seam: Seam::new(), spare }
    }

    fn collect(mut self, receivers: Receiver<Receiver<Message>>) -> Result<Progress, Stopped> {
        for piece in receivers {
            loop {
                match piece.recv_timeout(PATIENCE) {
                    Ok(message) => self.take(message)?,
                    Err(RecvTimeoutError::Disconnected) => break,
                    // Much may be read before there is something to write.
                    Err(RecvTimeoutError::Timeout) if self.watch.progress(self.progress) => {}
                    Err(RecvTimeoutError::Timeout) => return Err(Stopped::Cancelled),
                }
            }
        }
        Ok(self.progress)
    }

    fn take(&mut self, message: Message) -> Result<(), Stopped> {
        match message {
            Message::Block(block) => self.write(block),
            Message::RestOfRow { rest, first_table, path } => {
                let monitor = self.outputs.monitor();
                self.outputs.start_cluster(first_table);
                let outcome = self.seam.row_ended(&rest, &mut &mut *self.outputs);
                outcome.map_err(|error| stopped(&path, error, &monitor))
            }
            Message::PartEnded { open, path } => {
                self.seam.part_ended(open).map_err(|error| Stopped::Document { path, error })
            }
            Message::Stopped(stopped) => Err(stopped),
        }
    }

    fn write(&mut self, block: Block) -> Result<(), Stopped> {
        for lines in block.lines {
            let written = self.outputs.append(lines.table, &lines.bytes, lines.rows);
            written.map_err(|error| not_written(error, &block.path))?;
            self.spare.give(lines.bytes);
        }
        for (table, row) in block.rows.iter() {
            self.outputs.keep(table, row).map_err(|error| not_written(error, &block.path))?;
        }
        self.progress.bytes_done += block.bytes_read;
        self.progress.documents_done += block.documents;
        self.progress.rows = self.outputs.monitor().rows();
        if self.watch.progress(self.progress) { Ok(()) } else { Err(Stopped::Cancelled) }
    }
}

fn not_written(error: WriteError, path: &str) -> Stopped {
    match error {
        WriteError::Row(error) => Stopped::Document { path: path.to_owned(), error },
        WriteError::Output(error) => Stopped::Io(error),
    }
}
