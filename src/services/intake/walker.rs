//! Goes through an upload, archive by archive and entry by entry.

use std::{
    collections::HashSet,
    fs::File,
    io::{Seek, Write},
    path::Path,
};

use super::{
    ArchiveLimits, DocumentSink, Entry, IntakeError, MAX_LISTED_REJECTIONS, Origin, RejectCode, Rejected, Summary,
    UploadKind,
    archive::{Archive, Described},
    entry::{ByteSource, PackedEntry, PlainFile},
    place::Place,
    reject::Fault,
    sniff::{Content, sniff},
};
use crate::domain::{
    groups::{group_of, is_hidden},
    names::{EntryName, MAX_ENTRY_NAME_BYTES, check_entry_name},
};

/// What is read at a time, and looked at to tell what a file is.
const CHUNK_BYTES: usize = 64 << 10;

/// The state of one walk.
pub(super) struct Walker<'a, S> {
    limits: &'a ArchiveLimits,
    spool: &'a Path,
    sink: &'a mut S,
    summary: Summary,
    entries_left: u64,
    buffer: Vec<u8>,
    document_paths: HashSet<String>,
}

/// What an entry turned out to be once its beginning was read.
enum Outcome {
    Done,
    /// An archive, spooled and ready to be opened.
    Nested(File),
}

/// Why an entry was not taken.
enum Stop<E: std::error::Error + 'static> {
    Fault(Fault),
    Fatal(IntakeError<E>),
}

impl<E: std::error::Error + 'static> From<Fault> for Stop<E> {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl<'a, S: DocumentSink> Walker<'a, S> {
    pub(super) fn new(limits: &'a ArchiveLimits, spool: &'a Path, sink: &'a mut S) -> Self {
        let summary = Summary {
            kind: UploadKind::Other,
            documents: 0,
            archives: 0,
            inflated_bytes: 0,
            rejected: Vec::new(),
            rejected_total: 0,
            complete: true,
        };
        Self {
            limits,
            spool,
            sink,
            summary,
            entries_left: limits.entries,
            buffer: vec![0; CHUNK_BYTES],
            document_paths: HashSet::new(),
        }
    }

    pub(super) fn upload(mut self, mut file: File, name: &str) -> Result<Summary, IntakeError<S::Error>> {
        let bytes = file.metadata().map_err(IntakeError::Read)?.len();
        file.rewind().map_err(IntakeError::Read)?;
        let mut source = PlainFile(file);
        match first_chunk(&mut source, &mut self.buffer, name) {
            Ok((Content::Zip, _)) => {
                self.summary.kind = UploadKind::Zip;
                self.archive(source.0, &Place::outermost(name))?;
            }
            Ok((_, filled)) => {
                self.summary.kind = UploadKind::Xml;
                let entry = entry_of_upload(name, bytes);
                if let Err(stop) = self.document(&mut source, &entry, filled) {
                    self.report(name.to_owned(), stop)?;
                }
            }
            Err(fault) => self.report(name.to_owned(), fault.into())?,
        }
        Ok(self.summary)
    }

    /// Opens an archive and takes its entries; an archive that is no good is reported as one.
    fn archive(&mut self, mut file: File, place: &Place) -> Result<(), IntakeError<S::Error>> {
        file.rewind().map_err(IntakeError::Read)?;
        let opened = if place.depth > self.limits.nesting {
            Err(too_deep(self.limits.nesting))
        } else {
            Archive::open(file, self.entries_left)
        };
        let mut archive = match opened {
            Ok(archive) => archive,
            Err(fault) => return self.report(place.path.clone(), fault.into()),
        };
        self.summary.archives += 1;
        self.entries_left = self.entries_left.saturating_sub(archive.len() as u64);
        for index in 0..archive.len() {
            self.sink.checkpoint().map_err(IntakeError::Sink)?;
            if let Err(stop) = self.entry(&mut archive, index, place) {
                let path = format!("{}/{}", place.path, archive.printable_name(index));
                self.report(path, stop)?;
            }
            if !self.summary.complete {
                break;
            }
        }
        Ok(())
    }

    /// Takes one entry: nothing for folders and hidden things, else a document or an archive.
    fn entry(&mut self, archive: &mut Archive, index: usize, place: &Place) -> Result<(), Stop<S::Error>> {
        let described = archive.describe(index)?;
        let name = check_entry_name(&described.name)
            .map_err(|problem| Fault::rejected(RejectCode::ZipBadName, format!("{problem}; rename the entry")))?;
        if name.is_directory() || name.components().any(is_hidden) {
            return Ok(());
        }
        archive.check_readable(index)?;
        match self.content(archive, index, described, &name, place)? {
            Outcome::Done => Ok(()),
            Outcome::Nested(file) => self.archive(file, &place.nested(&name)).map_err(Stop::Fatal),
        }
    }

    fn content(
        &mut self,
        archive: &mut Archive,
        index: usize,
        described: Described,
        name: &EntryName,
        place: &Place,
    ) -> Result<Outcome, Stop<S::Error>> {
        let bytes_hint = described.bytes;
        let mut total_bytes = self.summary.inflated_bytes;
        let mut source = PackedEntry::new(archive.reader(index)?, described, self.limits, &mut total_bytes);
        let outcome = match first_chunk(&mut source, &mut self.buffer, name.as_str()) {
            Ok((Content::Zip, _)) if place.depth >= self.limits.nesting => Err(too_deep(self.limits.nesting).into()),
            Ok((Content::Zip, filled)) => self.spool(&mut source, filled).map(Outcome::Nested),
            Ok((_, filled)) => {
                let path = format!("{}/{}", place.path, name.as_str());
                let entry = Entry { path, group: place.group_of(name), bytes_hint, origin: Origin::Archive };
                self.document(&mut source, &entry, filled).map(|()| Outcome::Done)
            }
            Err(fault) => Err(fault.into()),
        };
        self.summary.inflated_bytes = total_bytes;
        outcome
    }

    /// Hands a document to the sink; the first `filled` bytes stand in the buffer.
    fn document(&mut self, source: &mut impl ByteSource, entry: &Entry, filled: usize) -> Result<(), Stop<S::Error>> {
        if entry.path.len() > MAX_ENTRY_NAME_BYTES {
            let detail = "the path through the archives is too long; use shorter names";
            return Err(Fault::rejected(RejectCode::ZipBadName, detail).into());
        }
        if !self.document_paths.insert(entry.path.clone()) {
            let detail = "an earlier entry has the same path; rename one of them";
            return Err(Fault::rejected(RejectCode::ZipDuplicateName, detail).into());
        }
        let sink_failed = |error| Stop::Fatal(IntakeError::Sink(error));
        self.sink.begin(entry).map_err(sink_failed)?;
        let mut filled = filled;
        while filled > 0 {
            self.sink.write(&self.buffer[..filled]).map_err(sink_failed)?;
            self.sink.checkpoint().map_err(sink_failed)?;
            filled = match source.fill(&mut self.buffer) {
                Ok(filled) => filled,
                Err(fault) => {
                    self.sink.abort().map_err(sink_failed)?;
                    return Err(fault.into());
                }
            };
        }
        self.sink.finish().map_err(sink_failed)?;
        self.summary.documents += 1;
        Ok(())
    }

    /// Writes a nested archive to a file without a name, because a directory stands at the end and has to be sought.
    fn spool(&mut self, source: &mut impl ByteSource, filled: usize) -> Result<File, Stop<S::Error>> {
        let spool_failed = |error| Stop::Fatal(IntakeError::Spool(error));
        let mut file = tempfile::tempfile_in(self.spool).map_err(spool_failed)?;
        let mut filled = filled;
        while filled > 0 {
            file.write_all(&self.buffer[..filled]).map_err(spool_failed)?;
            self.sink.checkpoint().map_err(|error| Stop::Fatal(IntakeError::Sink(error)))?;
            filled = source.fill(&mut self.buffer)?;
        }
        Ok(file)
    }

    /// Notes what was left out; passes on what ends the walk.
    fn report(&mut self, path: String, stop: Stop<S::Error>) -> Result<(), IntakeError<S::Error>> {
        let (code, detail) = match stop {
            Stop::Fatal(error) => return Err(error),
            Stop::Fault(Fault::Io(error)) => return Err(IntakeError::Read(error)),
            Stop::Fault(Fault::Rejected(code, detail)) => (code, detail),
        };
        self.summary.complete &= code != RejectCode::ZipTooLarge;
        self.summary.rejected_total += 1;
        if self.summary.rejected.len() < MAX_LISTED_REJECTIONS {
            self.summary.rejected.push(Rejected { path, code, detail });
        }
        Ok(())
    }
}

/// An upload that is one document.
pub(super) fn entry_of_upload(name: &str, bytes: u64) -> Entry {
    Entry { path: name.to_owned(), group: group_of(&[]), bytes_hint: bytes, origin: Origin::Upload }
}

/// Reads the beginning and tells what it is: a document or an archive, or a fault that says it is neither.
fn first_chunk(source: &mut impl ByteSource, buffer: &mut [u8], name: &str) -> Result<(Content, usize), Fault> {
    let filled = source.fill(buffer)?;
    match sniff(&buffer[..filled]) {
        content @ (Content::Xml | Content::Zip) => Ok((content, filled)),
        // Called an archive but without the signature at its start: opening it says better what is wrong.
        Content::Other if has_zip_extension(name) => Ok((Content::Zip, filled)),
        Content::Other => {
            let detail = "the content is neither XML nor a ZIP archive; upload XML files or archives of them";
            Err(Fault::rejected(RejectCode::NotXml, detail))
        }
        Content::Empty => Err(Fault::rejected(RejectCode::NotXml, "the file is empty; check how it was made")),
    }
}

fn has_zip_extension(name: &str) -> bool {
    name.len().checked_sub(4).and_then(|at| name.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(".zip"))
}

fn too_deep(limit: u32) -> Fault {
    Fault::rejected(RejectCode::ZipNested, format!("more than {limit} archives within each other; unpack some of them"))
}
