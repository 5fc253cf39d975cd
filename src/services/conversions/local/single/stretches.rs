//! Stretches of the document side by side. Each thread takes the next one and reads it from a place that is a guess until the stretch before
//! is read; the threads then take turns to have the guess proved and to write. The files are those of one thread.

use std::{
    fs::File,
    io::{self, BufWriter, Read, Seek, SeekFrom},
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use super::{Guess, Pass, table_lines::TableLines};
use crate::{
    conversion::{Error, Filled, Joint, LineEncoder, Misfit, Seam, Stretch, StretchEnd, WriteError},
    domain::Progress,
    services::conversions::{
        emit::READ_BUFFER,
        local::{LocalError, Stage, failed},
        outputs::Outputs,
    },
};

/// Bytes of a stretch, up to the next place where one can end.
const STRETCH: u64 = 1 << 20;
/// How much is read to find such a place.
const SEARCH: usize = 16 << 10;
/// How long to wait before asking whether to go on.
const PATIENCE: Duration = Duration::from_millis(200);

/// A place is not searched any further.
const LONGEST_SEARCH: usize = 16 << 20;

/// Reads the document on so many threads; `None` if the guesses were wrong, or the document is at fault.
pub(super) fn convert(
    guess: &Guess<'_>,
    threads: usize,
    watch: &mut dyn FnMut(Stage) -> bool,
) -> Result<Option<Pass>, LocalError> {
    let Some(joint) = Joint::new(guess.plan(), &guess.look.sample) else { return Ok(None) };
    let outputs = guess.open_outputs()?;
    let encoders = outputs.line_encoders();
    let shared = Shared {
        guess,
        encoders: &encoders,
        next: AtomicU64::new(0),
        state: Mutex::new(State {
            joint: Some(joint),
            joined: 0,
            writing: Some(Writing { outputs, seam: Seam::new() }),
            written: 0,
            ending: None,
            running: threads,
            progress: guess.nothing_done(),
        }),
        changed: Condvar::new(),
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
    let (Some(joint), Some(writing)) = (state.joint, state.writing) else { return Ok(None) };
    let is_as_planned = joint.is_as_planned();
    Ok(joint.finish().ok().map(|scan| Pass { scan, outputs: writing.outputs, is_as_planned }))
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
}

struct State<'a> {
    /// Stretches up to this number are proved.
    joined: u64,
    joint: Option<Joint<'a>>,
    /// Stretches up to this number are written.
    written: u64,
    /// `None` while one of the threads writes.
    writing: Option<Writing>,
    /// Why all end before the document does.
    ending: Option<Ending>,
    /// Threads that have not ended.
    running: usize,
    progress: Progress,
}

struct Writing {
    outputs: Outputs<BufWriter<File>>,
    seam: Seam,
}

enum Ending {
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

    /// Waits for a turn; `None` if it does not come because all end.
    fn wait(&self, is_turn: impl Fn(&State<'a>) -> bool) -> Option<MutexGuard<'_, State<'a>>> {
        let waits = |state: &mut State<'a>| state.ending.is_none() && !is_turn(state);
        let state = self.changed.wait_while(self.lock(), waits).unwrap_or_else(PoisonError::into_inner);
        state.ending.is_none().then_some(state)
    }

    /// Asks whether to go on, until the threads have ended.
    fn watch(&self, watch: &mut dyn FnMut(Stage) -> bool) {
        loop {
            let state = self.lock();
            let (state, _) = self.changed.wait_timeout(state, PATIENCE).unwrap_or_else(PoisonError::into_inner);
            let (is_over, progress) = (state.running == 0, state.progress);
            drop(state);
            if is_over {
                return;
            }
            if !watch(Stage::Converting(progress)) {
                self.lock().ending.get_or_insert(Ending::Stopped);
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
        let mut file = File::open(self.guess.input).map_err(Ending::Read)?;
        let mut buffer = vec![0; READ_BUFFER];
        let mut lines = TableLines::new(self.encoders);
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let begin = self.find_boundary(&mut file, number * STRETCH)?;
            if number * STRETCH >= self.guess.document.bytes || self.lock().ending.is_some() {
                return Ok(());
            }
            let end = self.find_boundary(&mut file, (number + 1) * STRETCH)?;
            // No place where it might begin: the stretch before goes on over it.
            let is_void = begin.is_none() || begin == end;
            let read = match begin.filter(|_| !is_void) {
                Some(begin) => Some(self.read(&mut file, begin, end, lines, &mut buffer)?),
                None => None,
            };
            match self.write(number, read)? {
                Some(emptied) => lines = emptied,
                None => return Ok(()),
            }
        }
    }

    /// The first place at or behind `from` at which a stretch may begin. Whoever asks gets the same answer.
    fn find_boundary(&self, file: &mut File, from: u64) -> Result<Option<u64>, Ending> {
        if from == 0 {
            return Ok(Some(0));
        }
        let mut bytes = Vec::new();
        let mut length = SEARCH;
        while length <= LONGEST_SEARCH {
            file.seek(SeekFrom::Start(from + bytes.len() as u64)).map_err(Ending::Read)?;
            let missing = (length - bytes.len()) as u64;
            let read = file.by_ref().take(missing).read_to_end(&mut bytes).map_err(Ending::Read)?;
            if let Some(at) = self.guess.look.sample.find_boundary(&bytes) {
                return Ok(Some(from + at as u64));
            }
            if (read as u64) < missing {
                return Ok(None);
            }
            length *= 2;
        }
        Err(Ending::Misfit)
    }

    fn read<'l>(
        &self,
        file: &mut File,
        begin: u64,
        end: Option<u64>,
        lines: TableLines<'l>,
        buffer: &mut [u8],
    ) -> Result<StretchEnd<TableLines<'l>>, Ending> {
        let Guess { look, document, .. } = self.guess;
        let is_as_planned = self.lock().joint.as_ref().is_some_and(Joint::is_as_planned);
        let sink = is_as_planned.then_some(lines);
        let stretch = Stretch::new(self.guess.plan(), &look.sample, begin, &document.path, sink);
        let mut stretch = stretch.ok_or(Ending::Misfit)?;
        file.seek(SeekFrom::Start(begin)).map_err(Ending::Read)?;
        let mut rest = end.map_or(u64::MAX, |end| end - begin);
        while rest > 0 {
            let wanted = buffer.len().min(usize::try_from(rest).unwrap_or(usize::MAX));
            match file.read(&mut buffer[..wanted]) {
                Ok(0) => break,
                Ok(read) => {
                    stretch.feed(&buffer[..read])?;
                    rest -= read as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Ending::Read(error)),
            }
        }
        match end {
            Some(_) => stretch.stop()?.ok_or(Ending::Misfit),
            None => Ok(stretch.finish()?),
        }
    }

    /// Proves and writes a stretch when it is its turn; answers with lines to be filled again, or `None` if all end.
    fn write<'l>(
        &self,
        number: u64,
        stretch: Option<StretchEnd<TableLines<'l>>>,
    ) -> Result<Option<TableLines<'l>>, Ending>
    where
        'a: 'l,
    {
        let Some(mut state) = self.wait(|state| state.joined == number) else { return Ok(None) };
        let joined = match (stretch, &mut state.joint) {
            (Some(stretch), Some(joint)) => joint.join(stretch)?.filled,
            _ => None,
        };
        state.joined += 1;
        drop(state);
        self.changed.notify_all();
        let filled = joined.map(|Filled { mut sink, keys, open }| {
            sink.complete(&keys);
            (sink, open)
        });
        let Some(mut state) = self.wait(|state| state.written == number && state.writing.is_some()) else {
            return Ok(None);
        };
        let mut lines = TableLines::new(self.encoders);
        if let Some((mut filled, open)) = filled
            && let Some(mut writing) = state.writing.take()
        {
            drop(state);
            for rest in filled.rests.drain(..) {
                writing.seam.row_ended(&rest, &mut &mut writing.outputs)?;
            }
            filled.write(&mut writing.outputs)?;
            writing.seam.part_ended(open)?;
            lines = filled;
            state = self.lock();
            state.writing = Some(writing);
        }
        state.written += 1;
        state.progress.bytes_done = state.progress.bytes_total.min(state.written * STRETCH);
        state.progress.rows = state.writing.as_ref().map_or(0, |writing| writing.outputs.monitor().rows());
        drop(state);
        self.changed.notify_all();
        Ok(Some(lines))
    }
}
