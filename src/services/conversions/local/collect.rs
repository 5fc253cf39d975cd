//! Finding and scanning the documents of files of this machine. Those inside archives are unpacked beside the output, because they are read
//! twice.

use std::{
    io,
    path::{Path, PathBuf},
    thread::Scope,
};

use super::{
    LocalError, Stage, failed,
    inputs::{names, open},
    scans::{Found, Scans, Unscanned, scanned},
    spool::Spool,
};
use crate::{
    conversion::Scan,
    domain::{Document, DocumentProblem},
    services::{
        Policy,
        intake::{self, DocumentSink, Entry, IntakeError, Origin, RejectCode, UploadKind},
        scan::DocumentScan,
    },
};

/// A document of up to so many bytes out of an archive is kept in memory until one of the other threads scans it.
const SMALL: usize = 1 << 20;

/// The documents of all inputs.
#[derive(Default)]
pub(super) struct Collected {
    /// Documents that can be converted; their key is a path of this machine.
    pub(super) documents: Vec<(Document, Scan)>,
    /// Documents, and files that were named, which cannot be converted.
    pub(super) problems: Vec<DocumentProblem>,
    /// What archives hold that is no document: not at fault, and not converted.
    pub(super) left_out: Vec<DocumentProblem>,
}

/// Scans every document of every input, small ones on all threads.
pub(super) fn collect(
    inputs: &[PathBuf],
    work: &Path,
    policy: &Policy,
    watch: &mut dyn FnMut(Stage) -> bool,
) -> Result<Collected, LocalError> {
    std::thread::scope(|scope| collect_in(scope, inputs, work, policy, watch))
}

fn collect_in<'scope>(
    scope: &'scope Scope<'scope, '_>,
    inputs: &[PathBuf],
    work: &Path,
    policy: &'scope Policy,
    watch: &mut dyn FnMut(Stage) -> bool,
) -> Result<Collected, LocalError> {
    let spool = Spool::create(work).map_err(failed(work))?;
    let scans = Scans::new(scope, policy);
    let mut sink = Sink { policy, spool, watch, input: PathBuf::new(), scanned_bytes: 0, current: None, scans };
    let mut left_out = Vec::new();
    for (input, name) in inputs.iter().zip(names(inputs)) {
        sink.input.clone_from(input);
        let file = match open(input) {
            Ok(file) => file,
            Err(detail) => {
                let file = input.display().to_string();
                let problem = DocumentProblem { file, line: None, column: None, code: "unreadable".into(), detail };
                sink.scans.found(Found::Problem(problem));
                continue;
            }
        };
        let summary = intake::walk(file, &name, &policy.archive, work, &mut sink).map_err(|error| match error {
            IntakeError::Read(source) => failed(input)(source),
            IntakeError::Sink(source) if source.kind() == io::ErrorKind::Interrupted => LocalError::Stopped,
            IntakeError::Spool(source) | IntakeError::Sink(source) => failed(work)(source),
        })?;
        if summary.documents == 0 && summary.rejected_total == 0 {
            let detail = "the archive holds folders only; pack the XML files into it".to_owned();
            let code = RejectCode::ZipEmpty.to_string();
            let problem = DocumentProblem { file: input.display().to_string(), line: None, column: None, code, detail };
            sink.scans.found(Found::Problem(problem));
        }
        for rejected in summary.rejected {
            let is_input = summary.kind != UploadKind::Zip;
            let harmless = rejected.code == RejectCode::NotXml && !is_input;
            match harmless {
                true => left_out.push(rejected.into()),
                false => sink.scans.found(Found::Problem(rejected.into())),
            }
        }
    }
    let mut collected = Collected { left_out, ..Collected::default() };
    sink.spool.finish().map_err(failed(work))?;
    for found in sink.scans.finish() {
        match found {
            Found::Document(document) => collected.documents.push(*document),
            Found::Problem(problem) => collected.problems.push(problem),
        }
    }
    Ok(collected)
}

struct Sink<'a, 'scope> {
    policy: &'scope Policy,
    spool: Spool,
    watch: &'a mut dyn FnMut(Stage) -> bool,
    /// The file that is being walked.
    input: PathBuf,
    scanned_bytes: u64,
    current: Option<Current>,
    scans: Scans<'scope>,
}

struct Current {
    entry: Entry,
    key: String,
    state: State,
}

/// What becomes of the bytes of a document.
enum State {
    /// All of them so far, of a document out of an archive.
    Kept(Vec<u8>),
    /// They are scanned as they come.
    Scanned(Box<DocumentScan>),
}

impl Sink<'_, '_> {
    fn new_scan(&self) -> Box<DocumentScan> {
        Box::new(DocumentScan::new(&self.policy.engine, self.policy.parser))
    }
}

impl DocumentSink for Sink<'_, '_> {
    type Error = io::Error;

    fn begin(&mut self, entry: &Entry) -> io::Result<()> {
        let (key, state) = match entry.origin {
            Origin::Upload => (self.input.to_string_lossy().into_owned(), State::Scanned(self.new_scan())),
            Origin::Archive => (self.spool.next_key(), State::Kept(Vec::new())),
        };
        self.current = Some(Current { entry: entry.clone(), key, state });
        Ok(())
    }

    fn write(&mut self, chunk: &[u8]) -> io::Result<()> {
        let Some(mut current) = self.current.take() else { return Ok(()) };
        self.scanned_bytes += chunk.len() as u64;
        if !(self.watch)(Stage::Scanning(self.scanned_bytes)) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        if current.entry.origin == Origin::Archive {
            self.spool.write(chunk)?;
        }
        if let State::Kept(kept) = &current.state
            && kept.len() + chunk.len() > SMALL
        {
            // It is large: it is scanned here after all.
            let mut scan = self.new_scan();
            scan.feed(kept);
            current.state = State::Scanned(scan);
        }
        match &mut current.state {
            State::Kept(kept) => kept.extend_from_slice(chunk),
            State::Scanned(scan) => scan.feed(chunk),
        }
        self.current = Some(current);
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        let Some(Current { entry, key, state }) = self.current.take() else { return Ok(()) };
        match state {
            State::Kept(bytes) => self.scans.add(Unscanned { entry, key, bytes }),
            State::Scanned(scan) => self.scans.found(scanned(entry, key, *scan)),
        }
        Ok(())
    }

    fn abort(&mut self) -> io::Result<()> {
        self.current = None;
        Ok(())
    }
}
