//! Many files as one ZIP, made while it is sent: never whole in memory or on disk.

use std::{
    io::{self, Write},
    time::Duration,
};

use axum::body::Body;
use futures::StreamExt;
use tokio::{
    io::{AsyncWriteExt, DuplexStream},
    runtime::Handle,
    sync::OwnedSemaphorePermit,
};
use tokio_util::io::ReaderStream;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::{
    domain::{SessionId, StoredFile},
    services::files::FileService,
};

/// How far the packing may be ahead of the client.
const AHEAD: usize = 256 << 10;
/// A client that takes nothing for so long is given up: it holds a thread.
const PATIENCE: Duration = Duration::from_secs(60);

/// The archive as a body. Should a file fail half-way, the connection breaks off: a short archive must not look whole. `slot` is held
/// until the packing has ended.
pub(super) fn stream(
    files: FileService,
    session: SessionId,
    entries: Vec<StoredFile>,
    slot: OwnedSemaphorePermit,
) -> Body {
    let (ours, theirs) = tokio::io::duplex(AHEAD);
    let runtime = Handle::current();
    let packing = tokio::task::spawn_blocking(move || {
        let _slot = slot;
        pack(&files, session, &entries, Pipe { stream: Some(ours), runtime })
    });
    let failed = async move {
        match packing.await.map_err(io::Error::from).and_then(|packed| packed) {
            Ok(()) => None,
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => None,
            Err(error) => {
                tracing::error!(%error, "packing a download failed");
                Some(Err(error))
            }
        }
    };
    let packed = ReaderStream::with_capacity(theirs, 64 << 10);
    Body::from_stream(packed.chain(futures::stream::once(failed).filter_map(futures::future::ready)))
}

fn pack(files: &FileService, session: SessionId, entries: &[StoredFile], pipe: Pipe) -> io::Result<()> {
    let runtime = pipe.runtime.clone();
    let mut archive = ZipWriter::new_stream(pipe);
    for entry in entries {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(3))
            .large_file(entry.bytes > u64::from(u32::MAX));
        archive.start_file(&entry.path, options)?;
        let bytes = runtime.block_on(files.read(session, entry, None)).map_err(io::Error::other)?;
        let mut bytes = bytes.ok_or_else(|| io::Error::other("a file of the archive was removed"))?;
        while let Some(chunk) = runtime.block_on(bytes.next()) {
            archive.write_all(&chunk.map_err(io::Error::other)?)?;
        }
    }
    archive.finish()?;
    Ok(())
}

/// The way to the client, written from a thread that may block, but not for ever.
struct Pipe {
    stream: Option<DuplexStream>,
    runtime: Handle,
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Once given up, nothing more is sent: the archive's end after a gap would make it look whole.
        let stream = self.stream.as_mut().ok_or(io::ErrorKind::TimedOut)?;
        let written = self.runtime.block_on(tokio::time::timeout(PATIENCE, stream.write(bytes)));
        written.unwrap_or_else(|_| {
            self.stream = None;
            Err(io::Error::new(io::ErrorKind::TimedOut, "the client took nothing for a minute"))
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
