//! One document in a single pass under a plan made from its beginning, in one go and in stretches.

use crate::Chunks;
use crate::conversion::{
    CsvOptions, Error, FileOptions, Filled, Joint, Limits, LineEncoder, Options, ParserOptions, Plan, Row, RowKeys,
    RowPart, RowSink, Sample, Scan, Scanner, Seam, SinglePass, Stretch,
};

/// What was made of a document: its stored shape, and its files if the guess was right.
pub type Made = (String, Option<Vec<Vec<u8>>>);

/// Lines of tables, those without their keys apart.
struct Lines<'e> {
    encoders: &'e [LineEncoder],
    events: Vec<Event>,
}

enum Event {
    Line(usize, Vec<u8>),
    BeforeKeys(RowKeys, Vec<u8>),
    Rest(RowPart),
}

impl RowSink for Lines<'_> {
    fn row(&mut self, table: usize, row: Row<'_>) -> Result<(), Error> {
        let mut line = Vec::new();
        self.encoders[table].row(row, &mut line);
        self.events.push(Event::Line(table, line));
        Ok(())
    }

    fn rest_of_row(&mut self, rest: RowPart) -> Result<(), Error> {
        self.events.push(Event::Rest(rest));
        Ok(())
    }

    fn row_before_keys(&mut self, keys: RowKeys, rest: Row<'_>) -> Result<(), Error> {
        let mut line = Vec::new();
        self.encoders[keys.table()].rest(rest, &mut line);
        self.events.push(Event::BeforeKeys(keys, line));
        Ok(())
    }
}

/// What is known of a document before it is read.
struct Guess {
    sample: Sample,
    plan: Plan,
    encoders: Vec<LineEncoder>,
    files: Vec<Vec<u8>>,
}

impl Guess {
    /// A short head goes with a look at the middle and the end.
    fn new(document: &[u8], head: usize, options: &Options, csv: &CsvOptions, limits: &Limits) -> Option<Self> {
        let (head, behind) = document.split_at(head);
        let mut sample = Sample::new(head, limits, ParserOptions::default())?;
        if head.len() < behind.len() {
            sample.add(&behind[behind.len() / 3..behind.len() / 2]);
            sample.add_end(&behind[behind.len() * 2 / 3..]);
        }
        let plan = Plan::new("GROUP", sample.shape(), options, limits).ok()?;
        let file_options = FileOptions { csv: csv.clone(), ..FileOptions::default() };
        let encoder = |table| LineEncoder::new(table, &file_options).expect("good options").expect("lines");
        let encoders: Vec<LineEncoder> = plan.tables().iter().map(encoder).collect();
        let mut files = vec![Vec::new(); encoders.len()];
        for ((encoder, table), file) in encoders.iter().zip(plan.tables()).zip(&mut files) {
            encoder.header(table, file);
        }
        Some(Self { sample, plan, encoders, files })
    }

    fn lines(&self) -> Lines<'_> {
        Lines { encoders: &self.encoders, events: Vec::new() }
    }

    /// The files, if a plan made from all of the document makes the same.
    fn settle(&self, scan: &Scan, files: Option<Vec<Vec<u8>>>, options: &Options, limits: &Limits) -> Made {
        let is_right =
            Plan::new("GROUP", &scan.shape, options, limits).is_ok_and(|plan| self.plan.makes_same_rows(&plan));
        (stored(scan), files.filter(|_| is_right))
    }
}

fn stored(scan: &Scan) -> String {
    serde_json::to_string(&scan.shape).expect("a shape can be stored")
}

/// The stored shape that a scan finds.
pub fn scanned(document: &[u8], limits: &Limits) -> Result<String, Error> {
    let mut scanner = Scanner::new(limits);
    scanner.feed(document)?;
    scanner.finish_scan().map(|scan| stored(&scan))
}

/// A document, of which the first `head` bytes are looked at, and how it is to be converted.
#[derive(Clone, Copy)]
pub struct Task<'a> {
    pub document: &'a [u8],
    pub head: usize,
    pub chunks: Chunks,
    pub options: &'a Options,
    pub csv: &'a CsvOptions,
    pub limits: &'a Limits,
}

/// Converts a document in one go, under a plan made from its head. `None` if that tells nothing.
pub fn in_one_go(task: Task<'_>) -> Result<Option<Made>, Error> {
    let Task { document, head, chunks, options, csv, limits } = task;
    let Some(guess) = Guess::new(document, head, options, csv, limits) else { return Ok(None) };
    let mut pass = SinglePass::new(&guess.plan, "0.xml", guess.lines());
    chunks.cut(document, |chunk| pass.feed(chunk))?;
    let (scan, lines) = pass.finish()?;
    let files = lines.map(|lines| {
        let mut files = guess.files.clone();
        for event in lines.events {
            let Event::Line(table, line) = event else { panic!("the document is whole") };
            files[table].extend(line);
        }
        files
    });
    Ok(Some(guess.settle(&scan, files, options, limits)))
}

/// Converts a document in stretches that begin where it is guessed they may. `None` if the guesses are wrong.
pub fn in_stretches(task: Task<'_>) -> Option<Made> {
    let Task { document, head, chunks, options, csv, limits } = task;
    let guess = Guess::new(document, head, options, csv, limits)?;
    let length = chunks.spacing() as usize;
    let find = |at: usize| Some(at + guess.sample.find_boundary(&document[at..])?);
    let mut begins: Vec<usize> = (head.max(1)..document.len()).step_by(length.max(1)).filter_map(find).collect();
    begins.insert(0, 0);
    begins.dedup();
    if begins.len() < 2 {
        return None;
    }
    let mut joint = Joint::new(&guess.plan, &guess.sample)?;
    let (mut files, mut seam) = (guess.files.clone(), Seam::new());
    for (number, begin) in begins.iter().enumerate() {
        let end = begins.get(number + 1).copied();
        let mut stretch = Stretch::new(&guess.plan, &guess.sample, *begin as u64, "0.xml", Some(guess.lines()))?;
        chunks.cut(&document[*begin..end.unwrap_or(document.len())], |chunk| stretch.feed(chunk)).ok()?;
        let ended = match end {
            Some(_) => stretch.stop().ok()??,
            None => stretch.finish().ok()?,
        };
        let Some(Filled { sink, keys, open }) = joint.join(ended).ok()? else { continue };
        for event in sink.events {
            match event {
                Event::Line(table, line) => files[table].extend(line),
                Event::BeforeKeys(of_row, line) => {
                    let file = &mut files[of_row.table()];
                    guess.encoders[of_row.table()].numbers(keys.numbers(&of_row), file);
                    file.extend(line);
                }
                Event::Rest(rest) => {
                    let mut whole = guess.lines();
                    seam.row_ended(&rest, &mut whole).ok()?;
                    for event in whole.events {
                        let Event::Line(table, line) = event else { panic!("the row is whole") };
                        files[table].extend(line);
                    }
                }
            }
        }
        seam.part_ended(open).ok()?;
    }
    let is_as_planned = joint.is_as_planned();
    let scan = joint.finish().ok()?;
    Some(guess.settle(&scan, is_as_planned.then_some(files), options, limits))
}
