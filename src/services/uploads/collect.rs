//! Receives the documents of one upload: stores those that came out of an archive and scans each as it comes.

use bytes::BytesMut;
use tokio::runtime::Handle;

use super::{open::Source, watch::Watch};
use crate::{
    conversion::{Limits, ParserOptions},
    domain::{Area, Document, DocumentId, DocumentProblem, FileKey, StoredFile, names::sanitize_component},
    ports::{StoreError, catalog::ScannedDocument, error::StoreErrorKind, session_files::FileWriter},
    services::{
        Policy, Stores,
        intake::{DocumentSink, Entry, Origin},
        scan::{DocumentScan, document_problem},
    },
};

/// How many bytes are gathered before they are handed to the store.
const CHUNK: usize = 256 << 10;

/// The documents of one upload. Lives on a thread that may block.
pub(super) struct Collector {
    stores: Stores,
    limits: Limits,
    parser: ParserOptions,
    runtime: Handle,
    source: Source,
    watch: Box<dyn Watch>,
    current: Option<Current>,
    pub(super) extracted: Vec<StoredFile>,
    pub(super) documents: Vec<ScannedDocument>,
    pub(super) problems: Vec<DocumentProblem>,
}

struct Current {
    entry: Entry,
    key: FileKey,
    /// `None` for the upload itself, whose bytes are stored already.
    writer: Option<Box<dyn FileWriter>>,
    buffer: BytesMut,
    scan: DocumentScan,
}

impl Collector {
    pub(super) fn new(
        stores: &Stores,
        policy: &Policy,
        runtime: Handle,
        source: Source,
        watch: impl Watch + 'static,
    ) -> Self {
        Self {
            stores: stores.clone(),
            limits: policy.engine,
            parser: policy.parser,
            runtime,
            source,
            watch: Box::new(watch),
            current: None,
            extracted: Vec::new(),
            documents: Vec::new(),
            problems: Vec::new(),
        }
    }

    fn flush(runtime: &Handle, current: &mut Current) -> Result<(), StoreError> {
        match &mut current.writer {
            Some(writer) if !current.buffer.is_empty() => {
                runtime.block_on(writer.write(current.buffer.split().freeze()))
            }
            _ => Ok(()),
        }
    }

    /// Keeps what the scan found out. A document at fault is kept too: it can be looked at, and reports say what is wrong with it.
    fn keep(&mut self, current: Current) -> Result<(), StoreError> {
        let Current { entry, key, scan, .. } = current;
        let mut document = Document {
            id: DocumentId(self.stores.ids.next()),
            upload: self.source.upload,
            path: entry.path,
            group: entry.group.as_str().to_owned(),
            bytes: scan.bytes(),
            key: key.path,
            root: None,
            record_path: None,
            records_estimate: None,
            problem: None,
        };
        let scan = match scan.finish() {
            Ok(scan) => {
                let shape = &scan.shape;
                let record = shape.detect_record().record;
                document.root = Some(shape.root().local.to_owned());
                document.record_path = Some(record.path);
                document.records_estimate = Some(record.rows);
                let kept = serde_json::to_string(&scan);
                Some(kept.map_err(|error| StoreError::new(StoreErrorKind::Internal, "uploads", "keep shape", error))?)
            }
            Err(error) => {
                let problem = document_problem(&document.path, &error);
                self.problems.push(problem.clone());
                document.problem = Some(problem);
                None
            }
        };
        self.documents.push(ScannedDocument { document, shape: scan });
        Ok(())
    }
}

impl DocumentSink for Collector {
    type Error = StoreError;

    fn begin(&mut self, entry: &Entry) -> Result<(), StoreError> {
        let (key, writer) = match entry.origin {
            Origin::Upload => (self.source.key.clone(), None),
            Origin::Archive => {
                let name = sanitize_component(entry.path.rsplit('/').next().unwrap_or_default());
                let number = self.extracted.len() + 1;
                let path = format!("extracted/{}/{number:06}-{name}", self.source.folder);
                let key = FileKey::new(self.source.key.session, path);
                let writer = self.runtime.block_on(self.stores.session_files.write(&key))?;
                (key, Some(writer))
            }
        };
        self.current = Some(Current {
            entry: entry.clone(),
            key,
            writer,
            buffer: BytesMut::with_capacity(CHUNK.min(usize::try_from(entry.bytes_hint).unwrap_or(CHUNK))),
            scan: DocumentScan::new(&self.limits, self.parser),
        });
        Ok(())
    }

    fn write(&mut self, chunk: &[u8]) -> Result<(), StoreError> {
        let Some(current) = &mut self.current else { return Ok(()) };
        current.scan.feed(chunk);
        self.watch.progress(self.documents.len());
        if current.writer.is_some() {
            current.buffer.extend_from_slice(chunk);
            if current.buffer.len() >= CHUNK {
                Self::flush(&self.runtime, current)?;
            }
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), StoreError> {
        let Some(mut current) = self.current.take() else { return Ok(()) };
        Self::flush(&self.runtime, &mut current)?;
        if let Some(writer) = current.writer.take() {
            self.runtime.block_on(writer.publish())?;
            self.extracted.push(StoredFile {
                area: Area::Extracted,
                path: current.entry.path.clone(),
                key: current.key.path.clone(),
                bytes: current.scan.bytes(),
                sha256: None,
                content_type: "application/xml".into(),
                modified_at: self.stores.clock.now(),
            });
        }
        self.keep(current)
    }

    fn abort(&mut self) -> Result<(), StoreError> {
        self.current = None;
        Ok(())
    }

    fn checkpoint(&mut self) -> Result<(), StoreError> {
        self.watch.check()
    }
}
