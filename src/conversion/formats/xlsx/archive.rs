//! The package around the parts: a ZIP written from front to end, into anything that takes bytes.

use std::io::{self, Write};

use zip::result::ZipError;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

/// Rows are mostly short repeated markup: stronger compression takes more time than it saves space.
const COMPRESSION_LEVEL: i64 = 2;

/// A package being written.
pub(super) struct Archive<W: Write>(ZipWriter<StreamWriter<Output<W>>>);

impl<W: Write> Archive<W> {
    pub(super) fn new(out: W) -> Self {
        Self(ZipWriter::new_stream(Output { out, failed: false }))
    }

    /// Begins a part; the one before is complete.
    pub(super) fn begin_part(&mut self, path: &str) -> io::Result<()> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(COMPRESSION_LEVEL));
        self.0.start_file(path, options).map_err(cause)
    }

    /// Adds to the part begun last.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }

    pub(super) fn add_part(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.begin_part(path)?;
        self.write(bytes)
    }

    /// Completes the package.
    pub(super) fn finish(self) -> io::Result<W> {
        let Output { out, failed } = self.0.finish().map_err(cause)?.into_inner();
        if failed { Err(io::Error::other("the output failed before")) } else { Ok(out) }
    }
}

/// The failure of the output itself, not wrapped: callers look into it.
fn cause(error: ZipError) -> io::Error {
    match error {
        ZipError::Io(error) => error,
        other => other.into(),
    }
}

/// Says a failure once. What is dropped after one tries to complete itself, and would complain on standard error.
struct Output<W> {
    out: W,
    failed: bool,
}

impl<W: Write> Write for Output<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.failed {
            return Ok(bytes.len());
        }
        let written = self.out.write(bytes);
        self.failed = written.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::Interrupted);
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.failed { Ok(()) } else { self.out.flush() }
    }
}
