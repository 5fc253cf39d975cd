//! Archives made byte by byte for the tests, so that every field can lie, and a sink that keeps what it gets.

use std::{
    convert::Infallible,
    fs::File,
    io::{Cursor, Read, Seek, Write},
    path::Path,
};

use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

use super::{ArchiveLimits, DocumentSink, Entry, IntakeError, RejectCode, Summary, walk};

/// One entry, each field as it is to stand in the archive.
#[derive(Clone)]
pub(super) struct Member {
    pub(super) name: Vec<u8>,
    pub(super) packed: Vec<u8>,
    pub(super) bytes: u32,
    pub(super) crc: u32,
    pub(super) method: u16,
    pub(super) flags: u16,
    /// Unix mode in the upper half.
    pub(super) external: u32,
    pub(super) extra: Vec<u8>,
    /// What the local header says instead.
    pub(super) local: Option<Box<Member>>,
    /// Whether the directory lists it.
    pub(super) listed: bool,
    /// Whether a descriptor with sizes and checksum follows the data.
    pub(super) descriptor: bool,
}

pub(super) fn stored(name: &str, content: &[u8]) -> Member {
    Member {
        name: name.as_bytes().to_vec(),
        packed: content.to_vec(),
        bytes: content.len() as u32,
        crc: crc32fast::hash(content),
        method: 0,
        flags: 0x0800,
        external: 0o100_644 << 16,
        extra: Vec::new(),
        local: None,
        listed: true,
        descriptor: false,
    }
}

pub(super) fn deflated(name: &str, content: &[u8]) -> Member {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("x", SimpleFileOptions::default().compression_method(CompressionMethod::Deflated)).unwrap();
    writer.write_all(content).unwrap();
    let mut archive = ZipArchive::new(writer.finish().unwrap()).unwrap();
    let mut packed = Vec::new();
    archive.by_index_raw(0).unwrap().read_to_end(&mut packed).unwrap();
    Member { packed, method: 8, ..stored(name, content) }
}

impl Member {
    pub(super) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// The same entry with a local header that says something else.
    pub(super) fn with_local(self, change: impl FnOnce(&mut Self)) -> Self {
        let local = self.clone().with(change);
        self.with(|member| member.local = Some(Box::new(local)))
    }

    fn fields(&self, descriptor: bool) -> Vec<u8> {
        let (crc, packed, bytes) =
            if descriptor { (0, 0, 0) } else { (self.crc, self.packed.len() as u32, self.bytes) };
        let mut out = Vec::new();
        out.extend(20_u16.to_le_bytes());
        out.extend((self.flags | if self.descriptor { 8 } else { 0 }).to_le_bytes());
        out.extend(self.method.to_le_bytes());
        out.extend([0, 0, 0x21, 0x58]);
        out.extend([crc, packed, bytes].into_iter().flat_map(u32::to_le_bytes));
        out.extend((self.name.len() as u16).to_le_bytes());
        out.extend((self.extra.len() as u16).to_le_bytes());
        out
    }

    fn write_local(&self, out: &mut Vec<u8>) {
        let header = self.local.as_deref().unwrap_or(self);
        out.extend(b"PK\x03\x04");
        out.extend(header.fields(self.descriptor));
        out.extend(&header.name);
        out.extend(&header.extra);
        out.extend(&self.packed);
        if self.descriptor {
            out.extend(b"PK\x07\x08");
            out.extend([self.crc, self.packed.len() as u32, self.bytes].into_iter().flat_map(u32::to_le_bytes));
        }
    }

    fn write_central(&self, offset: u32, out: &mut Vec<u8>) {
        out.extend(b"PK\x01\x02");
        out.extend([20, 3]);
        out.extend(self.fields(false));
        out.extend([0; 6]);
        out.extend(self.external.to_le_bytes());
        out.extend(offset.to_le_bytes());
        out.extend(&self.name);
        out.extend(&self.extra);
    }
}

/// An archive of these entries.
pub(super) fn archive(members: &[Member]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut offsets = Vec::new();
    for member in members {
        offsets.push(out.len() as u32);
        member.write_local(&mut out);
    }
    finish(out, members.iter().zip(offsets).filter(|(member, _)| member.listed))
}

/// Writes the directory for what `out` holds.
pub(super) fn finish<'a>(mut out: Vec<u8>, listed: impl Iterator<Item = (&'a Member, u32)>) -> Vec<u8> {
    let start = out.len();
    let mut count = 0_u16;
    for (member, offset) in listed {
        member.write_central(offset, &mut out);
        count = count.wrapping_add(1);
    }
    let size = out.len() - start;
    out.extend(end_record(count, size as u32, start as u32));
    out
}

/// The record at the end of an archive.
pub(super) fn end_record(count: u16, size: u32, start: u32) -> Vec<u8> {
    let mut out = b"PK\x05\x06\0\0\0\0".to_vec();
    out.extend([count, count].into_iter().flat_map(u16::to_le_bytes));
    out.extend([size, start].into_iter().flat_map(u32::to_le_bytes));
    out.extend([0, 0]);
    out
}

/// Keeps what it gets and watches the order of the calls.
#[derive(Default)]
pub(super) struct Collected {
    pub(super) finished: Vec<(Entry, Vec<u8>)>,
    pub(super) aborted: Vec<String>,
    open: Option<(Entry, Vec<u8>)>,
    discards: bool,
    pub(super) written: u64,
    pub(super) largest_chunk: usize,
}

impl DocumentSink for Collected {
    type Error = Infallible;

    fn begin(&mut self, entry: &Entry) -> Result<(), Infallible> {
        assert!(self.open.is_none(), "begin before the end of another document");
        self.open = Some((entry.clone(), Vec::new()));
        Ok(())
    }

    fn write(&mut self, chunk: &[u8]) -> Result<(), Infallible> {
        assert!(!chunk.is_empty());
        self.written += chunk.len() as u64;
        self.largest_chunk = self.largest_chunk.max(chunk.len());
        let (_, content) = self.open.as_mut().expect("write without begin");
        if !self.discards {
            content.extend(chunk);
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Infallible> {
        self.finished.push(self.open.take().expect("finish without begin"));
        Ok(())
    }

    fn abort(&mut self) -> Result<(), Infallible> {
        self.aborted.push(self.open.take().expect("abort without begin").0.path);
        Ok(())
    }
}

impl Collected {
    /// One that counts the bytes of documents but does not keep them.
    pub(super) fn discarding() -> Self {
        Self { discards: true, ..Self::default() }
    }

    /// Paths and groups of the finished documents.
    pub(super) fn found(&self) -> Vec<(&str, &str)> {
        self.finished.iter().map(|(entry, _)| (entry.path.as_str(), entry.group.as_str())).collect()
    }

    pub(super) fn paths(&self) -> Vec<&str> {
        self.finished.iter().map(|(entry, _)| entry.path.as_str()).collect()
    }
}

/// A file of this content, at its end as after writing.
pub(super) fn file(content: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(content).unwrap();
    file
}

/// Walks `content` as an upload called `name` under the default limits.
pub(super) fn walk_upload(name: &str, content: &[u8]) -> (Summary, Collected) {
    walk_within(name, content, &ArchiveLimits::default())
}

/// Walks under `limits`; the spool folder must be empty afterwards.
pub(super) fn walk_within(name: &str, content: &[u8], limits: &ArchiveLimits) -> (Summary, Collected) {
    let mut sink = Collected::default();
    let summary = walk_into(name, content, limits, &mut sink).unwrap();
    assert_eq!(summary.documents, sink.finished.len() as u64);
    (summary, sink)
}

pub(super) fn walk_into<S: DocumentSink>(
    name: &str,
    content: &[u8],
    limits: &ArchiveLimits,
    sink: &mut S,
) -> Result<Summary, IntakeError<S::Error>> {
    let spool = tempfile::tempdir().unwrap();
    let mut upload = file(content);
    upload.seek(std::io::SeekFrom::End(0)).unwrap();
    let result = walk(upload, name, limits, spool.path(), sink);
    assert!(is_empty(spool.path()), "something is left in the spool folder");
    result
}

fn is_empty(folder: &Path) -> bool {
    folder.read_dir().unwrap().next().is_none()
}

/// Paths and codes of what was left out.
pub(super) fn rejections(summary: &Summary) -> Vec<(&str, RejectCode)> {
    summary.rejected.iter().map(|rejected| (rejected.path.as_str(), rejected.code)).collect()
}
