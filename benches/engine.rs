//! How fast the engine reads, beside the bare event loop of quick-xml over the same bytes in the same run.
//!
//! ```sh
//! cargo bench --bench engine                        # four corpora of 100 MB
//! cargo bench --bench engine -- 20 flat text        # two of them, of 20 MB
//! cargo bench --bench engine -- some/document.xml   # a document of yours
//! ```
//!
//! All figures are megabytes for a second of CPU time of the process, the best of several rounds. In each round everything
//! is measured once, so that what else the machine does meanwhile disturbs all alike.
#![expect(clippy::print_stdout, reason = "a table is what this program is for")]

mod corpora;

use std::fs::File;
use std::hint::black_box;
use std::io::{Read, Write};
use std::path::Path;
use std::time::Duration;

use corpora::Kind;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use ret::conversion::xml::{Handler, Locate, Parser, StartTag};
use ret::conversion::{
    CsvEncoder, CsvOptions, Emitter, Error, Limits, Options, ParserOptions, Plan, Row, RowSink, Sample, Scanner, Shape,
    SinglePass,
};
use rustix::time::{ClockId, clock_gettime};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// There are so many rounds that each figure is measured over so many megabytes in all, but no fewer than the least.
const MEASURED: usize = 1_500;
const LEAST_ROUNDS: usize = 7;
const MEGABYTE: usize = 1_000_000;
const DEFAULT_MEGABYTES: usize = 100;
/// What is read from a file at once.
const PIECE: usize = 256 << 10;
/// The beginning of a file by which the tables are planned.
const HEAD: u64 = 1 << 20;
/// A table's buffer is emptied when so much is in it.
const BUFFER: usize = 64 << 10;

fn main() -> Outcome<()> {
    let mut megabytes = DEFAULT_MEGABYTES;
    let (mut kinds, mut files) = (Vec::new(), Vec::new());
    // Cargo adds `--bench` of its own.
    for argument in std::env::args().skip(1).filter(|argument| !argument.starts_with("--")) {
        if let Ok(number) = argument.parse() {
            megabytes = number;
        } else if let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.name() == argument) {
            kinds.push(kind);
        } else {
            files.push(argument);
        }
    }
    if kinds.is_empty() && files.is_empty() {
        kinds.extend(Kind::ALL);
    }

    println!(
        "{:10} {:>10} {:>16} {:>16} {:>16} {:>16}",
        "MB/CPU-s", "quick-xml", "parser", "scan", "emit", "both, file"
    );
    for kind in kinds {
        let document = kind.document(megabytes * MEGABYTE);
        let mut file = tempfile::NamedTempFile::new()?;
        file.write_all(document.as_bytes())?;
        file.flush()?;
        measure(kind.name(), document.as_bytes(), file.path())?;
    }
    for file in files {
        let document = std::fs::read(&file)?;
        let path = Path::new(&file);
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        measure(&name, &document, path)?;
    }
    Ok(())
}

/// Prints the line of one corpus: the document in memory, and in a file.
fn measure(name: &str, document: &[u8], file: &Path) -> Outcome<()> {
    let shape = scan(document)?;
    let plan = Plan::new("BENCH", &shape, &Options::default(), &Limits::default())?;
    let mut times: [Vec<Duration>; 5] = Default::default();
    let rounds = (MEASURED * MEGABYTE / document.len().max(1)).max(LEAST_ROUNDS);
    for _ in 0..rounds {
        times[0].push(timed(|| read_events(document))?);
        times[1].push(timed(|| parse(document))?);
        times[2].push(timed(|| Ok(scan(document).map(drop)?))?);
        times[3].push(timed(|| Ok(emit(&plan, document)?))?);
        times[4].push(timed(|| convert_file(file))?);
    }
    let rates = times.map(|mut times| {
        times.sort_unstable();
        document.len() as f64 / MEGABYTE as f64 / times[0].as_secs_f64()
    });
    print!("{name:10} {:10.0}", rates[0]);
    for rate in &rates[1..] {
        print!(" {rate:8.0} ({:.2}x)", rate / rates[0]);
    }
    println!();
    Ok(())
}

fn timed(work: impl FnOnce() -> Outcome<()>) -> Outcome<Duration> {
    let before = cpu_time();
    work()?;
    Ok(cpu_time() - before)
}

/// What the process has used of the processor, the kernel's work for it included.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default())
}

/// The yardstick: all events and all attributes, with the checks that quick-xml does by default, building nothing.
fn read_events(document: &[u8]) -> Outcome<()> {
    let count = |tag: &BytesStart<'_>| -> Outcome<usize> {
        tag.attributes().try_fold(0, |sum, attribute| Ok(sum + attribute?.value.len()))
    };
    let mut reader = Reader::from_reader(document);
    let mut seen = 0;
    loop {
        match reader.read_event()? {
            Event::Start(tag) | Event::Empty(tag) => seen += count(&tag)?,
            Event::Eof => break,
            event => {
                black_box(&event);
            }
        }
    }
    black_box(seen);
    Ok(())
}

/// Takes everything and keeps nothing.
struct Nothing;

impl Handler for Nothing {
    fn start(&mut self, tag: &StartTag<'_>, _: &dyn Locate) -> Result<(), Error> {
        black_box(tag.attributes.len());
        Ok(())
    }

    fn text(&mut self, text: &str, _: &dyn Locate) -> Result<(), Error> {
        black_box(text.len());
        Ok(())
    }

    fn end(&mut self, _: &dyn Locate) -> Result<(), Error> {
        Ok(())
    }
}

fn parse(document: &[u8]) -> Outcome<()> {
    let mut parser = Parser::new(Nothing, &Limits::default());
    parser.feed(document)?;
    parser.finish()?;
    Ok(())
}

fn scan(document: &[u8]) -> Result<Shape, Error> {
    let mut scanner = Scanner::new(&Limits::default());
    scanner.feed(document)?;
    scanner.finish()
}

/// Writes CSV into buffers that are emptied when they are full.
struct Drain {
    csv: CsvEncoder,
    tables: Vec<Vec<u8>>,
}

impl RowSink for Drain {
    fn row(&mut self, table: usize, row: Row<'_>) -> Result<(), Error> {
        let buffer = &mut self.tables[table];
        self.csv.row(row, buffer);
        if buffer.len() >= BUFFER {
            black_box(&buffer);
            buffer.clear();
        }
        Ok(())
    }
}

fn drain(plan: &Plan) -> Result<Drain, Error> {
    let tables = plan.tables().iter().map(|_| Vec::with_capacity(2 * BUFFER)).collect();
    Ok(Drain { csv: CsvEncoder::new(CsvOptions::default())?, tables })
}

fn emitter(plan: &Plan) -> Result<Emitter<'_, Drain>, Error> {
    let mut emitter = Emitter::new(plan, drain(plan)?);
    emitter.begin_document("document.xml")?;
    Ok(emitter)
}

fn emit(plan: &Plan, document: &[u8]) -> Result<(), Error> {
    let mut emitter = emitter(plan)?;
    emitter.feed(document)?;
    emitter.end_document()
}

/// All of a conversion: the file is read once if its beginning tells what all of it is like, else twice.
fn convert_file(path: &Path) -> Outcome<()> {
    let limits = Limits::default();
    let plan_of = |shape: &Shape| Plan::new("BENCH", shape, &Options::default(), &limits);
    let mut head = Vec::new();
    File::open(path)?.take(HEAD).read_to_end(&mut head)?;
    let sample = Sample::new(&head, &limits, ParserOptions::default()).ok_or("nothing to be seen")?;
    let guess = plan_of(sample.shape())?;
    let mut pass = SinglePass::new(&guess, "document.xml", drain(&guess)?);
    read_pieces(path, |piece| pass.feed(piece))?;
    let (scan, filled) = pass.finish()?;
    let plan = plan_of(&scan.shape)?;
    if filled.is_some() && guess.makes_same_rows(&plan) {
        return Ok(());
    }
    let mut emitter = emitter(&plan)?;
    read_pieces(path, |piece| emitter.feed(piece))?;
    Ok(emitter.end_document()?)
}

fn read_pieces(path: &Path, mut take: impl FnMut(&[u8]) -> Result<(), Error>) -> Outcome<()> {
    let mut file = File::open(path)?;
    let mut piece = vec![0; PIECE];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(()),
            length => take(&piece[..length])?,
        }
    }
}
