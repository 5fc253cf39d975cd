//! Where the documents go.

use crate::domain::groups::Group;

/// How a document came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It is the uploaded file itself.
    Upload,
    /// It was inside an archive.
    Archive,
}

/// A document that is about to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The way to it, for instance `orders.zip/2024/inner.zip/a.xml`; unique within a walk, at most
    /// [`MAX_ENTRY_NAME_BYTES`](crate::domain::names::MAX_ENTRY_NAME_BYTES) bytes.
    pub path: String,
    /// The group that it converts with.
    pub group: Group,
    /// The size in bytes that the archive declares (or the file has); not to be relied on before the document is finished.
    pub bytes_hint: u64,
    /// Whether it is the upload itself or came out of it.
    pub origin: Origin,
}

/// Receives documents, one after the other: `begin`, `write` any number of times, then either `finish` or `abort`.
///
/// An error from any method ends the walk; no method is called after it, so an implementation that returns one cleans up itself.
pub trait DocumentSink {
    /// Why the sink cannot go on.
    type Error: std::error::Error + Send + Sync + 'static;

    /// A document starts. Nothing of it may become visible yet.
    fn begin(&mut self, entry: &Entry) -> Result<(), Self::Error>;

    /// The next bytes of the document, never empty.
    fn write(&mut self, chunk: &[u8]) -> Result<(), Self::Error>;

    /// The document is whole: its size and checksum are right. Now it may be published.
    fn finish(&mut self) -> Result<(), Self::Error>;

    /// The document turned out to be damaged or too large; what was written of it is to be forgotten.
    fn abort(&mut self) -> Result<(), Self::Error>;

    /// Asked often, also while nothing is written: an error ends the walk, for instance because the session was closed.
    fn checkpoint(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}
