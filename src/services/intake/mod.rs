//! Opens an uploaded file and hands out every XML document in it, through archives in archives, as a stream.
//!
//! What a file is, is told by its content. Nothing here trusts an archive: its directory is checked before anything is read, sizes and
//! checksums while reading, and a name from an archive is never used as a path of the machine. A bad entry is reported and the others go
//! on; a bad archive is reported as one entry. No entry is ever held whole in memory.
//!
//! [`walk`] is synchronous and reads a file of this machine: call it on a thread that may block.

mod archive;
mod entry;
mod limits;
mod place;
mod reject;
mod sink;
mod sniff;
mod walker;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

use std::{fs::File, io, path::Path};

pub use self::{
    limits::ArchiveLimits,
    reject::{RejectCode, Rejected},
    sink::{DocumentSink, Entry, Origin},
};

/// At most this many rejections are listed; further ones are only counted.
pub const MAX_LISTED_REJECTIONS: usize = 1_000;

/// What an uploaded file turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UploadKind {
    /// One XML document.
    Xml,
    /// A ZIP archive.
    Zip,
    /// Neither: it stands among the rejected.
    Other,
}

/// What a walk found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// What the upload itself is.
    pub kind: UploadKind,
    /// Documents that the sink finished.
    pub documents: u64,
    /// Archives that were opened, the upload included.
    pub archives: u64,
    /// Bytes that came out of archives, those of nested archives and of rejected entries included.
    pub inflated_bytes: u64,
    /// What was left out and why, in the order of finding, at most [`MAX_LISTED_REJECTIONS`].
    pub rejected: Vec<Rejected>,
    /// How many were left out, listed or not.
    pub rejected_total: u64,
    /// Whether everything was looked at; `false` once the limit of inflated bytes ended the walk early.
    pub complete: bool,
}

/// Why a walk ended without a summary. None of these is the fault of the upload.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError<E: std::error::Error + 'static> {
    /// The uploaded (or spooled) file could not be read.
    #[error("reading the uploaded file failed")]
    Read(#[source] io::Error),
    /// A nested archive could not be written to the spool folder.
    #[error("writing a nested archive to the spool folder failed")]
    Spool(#[source] io::Error),
    /// The sink refused to go on.
    #[error("the receiver of the documents stopped")]
    Sink(#[source] E),
}

/// Walks `upload`, known to people as `name`, and gives each XML document to `sink`.
///
/// Nested archives are unpacked one at a time into nameless files in `spool`, which vanish with their last use, also when the process is
/// killed. The sink is called from this thread only, one document after the other, in the order of the archive's directory.
///
/// # Errors
/// See [`IntakeError`]. After one, documents that the sink has finished stand; what to do with them is the caller's decision.
pub fn walk<S: DocumentSink>(
    upload: File,
    name: &str,
    limits: &ArchiveLimits,
    spool: &Path,
    sink: &mut S,
) -> Result<Summary, IntakeError<S::Error>> {
    walker::Walker::new(limits, spool, sink).upload(upload, name)
}

/// What [`walk`] gives to its sink for a file of so many bytes that is one XML document, by its beginning; `None` if it is anything else.
#[must_use]
pub fn plain_document(name: &str, head: &[u8], bytes: u64) -> Option<Entry> {
    (sniff::sniff(head) == sniff::Content::Xml).then(|| walker::entry_of_upload(name, bytes))
}
