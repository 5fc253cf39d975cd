//! Many files as one ZIP, made while it is sent: never whole in memory or on disk.

use std::io::{self, Write};

use axum::body::Body;
use futures::StreamExt;
use tokio::{io::DuplexStream, runtime::Handle};
use tokio_util::io::{ReaderStream, SyncIoBridge};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::{
    domain::{SessionId, StoredFile},
    services::files::FileService,
};

/// How far the packing may be ahead of the client.
const AHEAD: usize = 256 << 10;

/// The archive as a body. Should a file fail half-way, the connection breaks off: a short archive must not look whole.
pub(super) fn stream(files: FileService, session: SessionId, entries: Vec<StoredFile>) -> Body {
    let (ours, theirs) = tokio::io::duplex(AHEAD);
    let runtime = Handle::current();
    let packing = tokio::task::spawn_blocking(move || pack(&runtime, &files, session, &entries, ours));
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

fn pack(
    runtime: &Handle,
    files: &FileService,
    session: SessionId,
    entries: &[StoredFile],
    pipe: DuplexStream,
) -> io::Result<()> {
    let mut archive = ZipWriter::new_stream(SyncIoBridge::new_with_handle(pipe, runtime.clone()));
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
