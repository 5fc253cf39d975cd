//! Documents out of archives, one after the other in one file: they are read twice, and thousands of files would cost more than their bytes.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
};

/// The name of the spool in the work folder.
pub(super) const SPOOL: &str = "documents";

/// What stands before the offset in the key of a document in the spool; no path begins so.
const MARK: &str = "\0";

/// The spool while it is written.
pub(super) struct Spool {
    file: BufWriter<File>,
    bytes: u64,
}

impl Spool {
    /// An empty spool in the work folder.
    pub(super) fn create(work: &Path) -> io::Result<Self> {
        let file = BufWriter::with_capacity(256 << 10, File::create(work.join(SPOOL))?);
        Ok(Self { file, bytes: 0 })
    }

    /// The key of the document that is written next.
    pub(super) fn next_key(&self) -> String {
        format!("{MARK}{}", self.bytes)
    }

    /// Adds bytes of a document.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.bytes += bytes.len() as u64;
        self.file.write_all(bytes)
    }

    /// Everything is written.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Where in the spool the document with that key begins, if it is there.
pub(super) fn spooled_at(key: &str) -> Option<u64> {
    key.strip_prefix(MARK)?.parse().ok()
}
