//! Finding and scanning the documents of files of this machine. Those inside archives are unpacked beside the output, because they are read
//! twice.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use uuid::Uuid;

use super::{LocalError, Stage, failed};
use crate::{
    conversion::{Limits, ParserOptions, Scan},
    domain::{Document, DocumentId, DocumentProblem, UploadId},
    services::{
        intake::{self, ArchiveLimits, DocumentSink, Entry, IntakeError, Origin, RejectCode, UploadKind},
        scan::{DocumentScan, document_problem},
    },
};

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

/// Scans every document of every input.
pub(super) fn collect(
    inputs: &[PathBuf],
    work: &Path,
    limits: &Limits,
    parser: ParserOptions,
    archive: &ArchiveLimits,
    watch: &mut dyn FnMut(Stage) -> bool,
) -> Result<Collected, LocalError> {
    let folder = work.join("documents");
    std::fs::create_dir(&folder).map_err(failed(&folder))?;
    let mut sink = Sink {
        limits,
        parser,
        folder,
        watch,
        input: PathBuf::new(),
        scanned_bytes: 0,
        current: None,
        collected: Collected::default(),
    };
    for input in inputs {
        sink.input.clone_from(input);
        let name = input.file_name().unwrap_or(input.as_os_str()).to_string_lossy();
        let file = match open(input) {
            Ok(file) => file,
            Err(detail) => {
                let file = input.display().to_string();
                let problem = DocumentProblem { file, line: None, column: None, code: "unreadable".into(), detail };
                sink.collected.problems.push(problem);
                continue;
            }
        };
        let summary = intake::walk(file, &name, archive, work, &mut sink).map_err(|error| match error {
            IntakeError::Read(source) => failed(input)(source),
            IntakeError::Sink(source) if source.kind() == io::ErrorKind::Interrupted => LocalError::Stopped,
            IntakeError::Spool(source) | IntakeError::Sink(source) => failed(work)(source),
        })?;
        for rejected in summary.rejected {
            let is_input = summary.kind != UploadKind::Zip;
            let harmless = rejected.code == RejectCode::NotXml && !is_input;
            let list = if harmless { &mut sink.collected.left_out } else { &mut sink.collected.problems };
            list.push(rejected.into());
        }
    }
    Ok(sink.collected)
}

fn open(input: &Path) -> Result<File, String> {
    if input.is_dir() {
        return Err("this is a folder; name the files in it, for instance FOLDER/*.xml".into());
    }
    File::open(input).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => "there is no such file; check the name".into(),
        io::ErrorKind::PermissionDenied => "the file may not be read; check its permissions".into(),
        _ => error.to_string(),
    })
}

struct Sink<'a> {
    limits: &'a Limits,
    parser: ParserOptions,
    folder: PathBuf,
    watch: &'a mut dyn FnMut(Stage) -> bool,
    /// The file that is being walked.
    input: PathBuf,
    scanned_bytes: u64,
    current: Option<Current>,
    collected: Collected,
}

struct Current {
    entry: Entry,
    path: PathBuf,
    /// `None` for an input that is a document itself.
    unpacked: Option<BufWriter<File>>,
    scan: DocumentScan,
}

impl DocumentSink for Sink<'_> {
    type Error = io::Error;

    fn begin(&mut self, entry: &Entry) -> io::Result<()> {
        let (path, unpacked) = match entry.origin {
            Origin::Upload => (self.input.clone(), None),
            Origin::Archive => {
                let path = self.folder.join(format!("{:06}.xml", self.collected.documents.len()));
                let file = BufWriter::with_capacity(256 << 10, File::create(&path)?);
                (path, Some(file))
            }
        };
        let scan = DocumentScan::new(self.limits, self.parser);
        self.current = Some(Current { entry: entry.clone(), path, unpacked, scan });
        Ok(())
    }

    fn write(&mut self, chunk: &[u8]) -> io::Result<()> {
        let Some(current) = &mut self.current else { return Ok(()) };
        current.scan.feed(chunk);
        self.scanned_bytes += chunk.len() as u64;
        if !(self.watch)(Stage::Scanning(self.scanned_bytes)) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        current.unpacked.as_mut().map_or(Ok(()), |file| file.write_all(chunk))
    }

    fn finish(&mut self) -> io::Result<()> {
        let Some(Current { entry, path, unpacked, scan }) = self.current.take() else { return Ok(()) };
        unpacked.map_or(Ok(()), |mut file| file.flush())?;
        let bytes = scan.bytes();
        match scan.finish() {
            Ok(scan) => {
                let document = Document {
                    id: DocumentId(Uuid::nil()),
                    upload: UploadId(Uuid::nil()),
                    path: entry.path,
                    group: entry.group.as_str().to_owned(),
                    bytes,
                    key: path.to_string_lossy().into_owned(),
                    root: None,
                    record_path: None,
                    records_estimate: None,
                    problem: None,
                };
                self.collected.documents.push((document, scan));
            }
            Err(error) => self.collected.problems.push(document_problem(&entry.path, &error)),
        }
        Ok(())
    }

    fn abort(&mut self) -> io::Result<()> {
        self.current = None;
        Ok(())
    }
}
