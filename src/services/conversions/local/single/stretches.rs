//! Stretches of the document side by side. Each thread takes the next one and reads it from a place that is a guess until the stretch before
//! is read. A thread that has read one has it proved and written if the stretches before it are, and those behind it that wait for that. The
//! files are those of one thread.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufWriter},
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use super::{Guess, Pass, reading::Reading, table_lines::TableLines};
use crate::{
    conversion::{Error, Filled, Joint, LineEncoder, Misfit, Seam, StretchEnd, WriteError},
    domain::Progress,
    services::conversions::{
        local::{LocalError, Stage, failed},
        outputs::Outputs,
    },
};

/// Bytes of a stretch, up to the next place where one can end.
pub(super) const STRETCH: u64 = 512 << 10;
/// So many stretches for each thread are read, or wait to be written.
const AHEAD: u64 = 3;
/// How long to wait before asking whether to go on.
const PATIENCE: Duration = Duration::from_millis(200);

/// Reads the document on so many threads; `None` if the guesses were wrong, or the document is at fault.
pub(super) fn convert(
    guess: &Guess<'_>,
    threads: usize,
    watch: &mut dyn FnMut(Stage) -> bool,
) -> Result<Option<Pass>, LocalError> {
    let Some(joint) = Joint::new(guess.plan(), &guess.sample) else { return Ok(None) };
    let threads = threads.min(usize::try_from(guess.document.bytes / STRETCH).unwrap_or(usize::MAX)).max(1);
    let outputs = guess.open_outputs()?;
    let encoders = outputs.line_encoders();
    let shared = Shared {
        guess,
        encoders: &encoders,
        next: AtomicU64::new(0),
        state: Mutex::new(State {
            writing: Some(Writing { joint, outputs, seam: Seam::new() }),
            is_as_planned: true,
            written: 0,
            waiting: BTreeMap::new(),
            spare: Vec::new(),
            ending: None,
            running: threads,
            progress: guess.nothing_done(),
        }),
        changed: Condvar::new(),
        most_ahead: AHEAD * threads as u64,
    };
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| shared.run());
        }
        shared.watch(watch);
    });
    let state = shared.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    match state.ending {
        Some(Ending::Read(error)) => return Err(failed(guess.input)(error)),
        Some(Ending::Write(error)) => return Err(failed(guess.task.output)(error)),
        Some(Ending::Stopped) => return Err(LocalError::Stopped),
        Some(Ending::Misfit) => return Ok(None),
        None => {}
    }
    let Some(Writing { joint, outputs, .. }) = state.writing else { return Ok(None) };
    let is_as_planned = joint.is_as_planned();
    Ok(joint.finish().ok().map(|scan| Pass { scan, outputs, is_as_planned }))
}

/// What the threads share.
struct Shared<'a> {
    guess: &'a Guess<'a>,
    encoders: &'a [Option<LineEncoder>],
    /// The number of the next stretch.
    next: AtomicU64,
    state: Mutex<State<'a>>,
    /// Told of every change of the state.
    changed: Condvar,
    /// So many stretches are read, or wait, at once.
    most_ahead: u64,
}

struct State<'a> {
    /// `None` while one of the threads proves and writes.
    writing: Option<Writing<'a>>,
    /// All stretches proved so far were as the plan expects.
    is_as_planned: bool,
    /// Stretches up to this number are written.
    written: u64,
    /// Stretches that are read, by number; `None` where there is no place to begin one.
    waiting: BTreeMap<u64, Option<StretchEnd<TableLines<'a>>>>,
    /// Lines that were written out, to be filled again.
    spare: Vec<TableLines<'a>>,
    /// Why all end before the document does.
    ending: Option<Ending>,
    /// Threads that have not ended.
    running: usize,
    progress: Progress,
}

struct Writing<'a> {
    joint: Joint<'a>,
    outputs: Outputs<BufWriter<File>>,
    seam: Seam,
}

pub(super) enum Ending {
    Read(io::Error),
    Write(io::Error),
    /// A guess was wrong, or the document is at fault.
    Misfit,
    Stopped,
}

impl From<Misfit> for Ending {
    fn from(_: Misfit) -> Self {
        Self::Misfit
    }
}

impl From<Error> for Ending {
    fn from(_: Error) -> Self {
        Self::Misfit
    }
}

impl From<WriteError> for Ending {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Row(_) => Self::Misfit,
            WriteError::Output(error) => Self::Write(error),
        }
    }
}

/// Counts a thread out, however it ends.
struct Leaving<'s, 'a>(&'s Shared<'a>);

impl Drop for Leaving<'_, '_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.running -= 1;
        if std::thread::panicking() {
            // The panic itself goes on where the threads are joined.
            state.ending.get_or_insert(Ending::Misfit);
        }
        self.0.changed.notify_all();
    }
}

impl<'a> Shared<'a> {
    fn lock(&self) -> MutexGuard<'_, State<'a>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks whether to go on, until the threads have ended.
    fn watch(&self, watch: &mut dyn FnMut(Stage) -> bool) {
        let mut state = self.lock();
        while state.running > 0 {
            state = self.changed.wait_timeout(state, PATIENCE).unwrap_or_else(PoisonError::into_inner).0;
            if state.ending.is_some() {
                continue;
            }
            let progress = state.progress;
            drop(state);
            let goes_on = watch(Stage::Converting(progress));
            state = self.lock();
            if !goes_on {
                state.ending.get_or_insert(Ending::Stopped);
                self.changed.notify_all();
            }
        }
    }

    /// Works until no stretch is left.
    fn run(&self) {
        let _leaving = Leaving(self);
        if let Err(ending) = self.read_stretches() {
            self.lock().ending.get_or_insert(ending);
        }
    }

    fn read_stretches(&self) -> Result<(), Ending> {
        let mut reading = Reading::new(self.guess)?;
        while let Some(number) = self.next_stretch() {
            let read = match reading.bounds(number)? {
                Some(bounds) => Some(reading.read(bounds, self.lines())?),
                None => None,
            };
            self.lock().waiting.insert(number, read);
            self.write_what_waits()?;
        }
        Ok(())
    }

    /// Lines to be filled, unless rows are of no use any more.
    fn lines(&self) -> Option<TableLines<'a>> {
        let mut state = self.lock();
        state.is_as_planned.then(|| state.spare.pop().unwrap_or_else(|| TableLines::new(self.encoders)))
    }

    /// The number of the next stretch, when not too many wait; `None` if there is none, or all end.
    fn next_stretch(&self) -> Option<u64> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        if number * STRETCH >= self.guess.document.bytes {
            return None;
        }
        let is_far_ahead = |state: &mut State<'a>| state.ending.is_none() && number >= state.written + self.most_ahead;
        let state = self.changed.wait_while(self.lock(), is_far_ahead).unwrap_or_else(PoisonError::into_inner);
        state.ending.is_none().then_some(number)
    }

    /// Proves and writes the stretches whose turn it is, unless another thread is at it.
    fn write_what_waits(&self) -> Result<(), Ending> {
        loop {
            let mut state = self.lock();
            let number = state.written;
            if !state.waiting.contains_key(&number) {
                return Ok(());
            }
            let Some(mut writing) = state.writing.take() else { return Ok(()) };
            let stretch = state.waiting.remove(&number).flatten();
            drop(state);
            let lines = stretch.map_or(Ok(None), |stretch| writing.write(stretch))?;
            let mut state = self.lock();
            state.is_as_planned = writing.joint.is_as_planned();
            state.written += 1;
            state.progress.bytes_done = state.progress.bytes_total.min(state.written * STRETCH);
            state.progress.rows = writing.outputs.monitor().rows();
            state.spare.extend(lines);
            state.writing = Some(writing);
            drop(state);
            self.changed.notify_all();
        }
    }
}

impl<'a> Writing<'a> {
    /// Answers with the lines, to be filled again.
    fn write(&mut self, stretch: StretchEnd<TableLines<'a>>) -> Result<Option<TableLines<'a>>, Ending> {
        let Some(Filled { sink: mut lines, keys, open }) = self.joint.join(stretch)? else { return Ok(None) };
        lines.complete(&keys);
        for rest in lines.rests.drain(..) {
            self.seam.row_ended(&rest, &mut &mut self.outputs)?;
        }
        lines.write(&mut self.outputs)?;
        self.seam.part_ended(open)?;
        Ok(Some(lines))
    }
}
