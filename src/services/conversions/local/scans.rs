//! Scanning the small documents of archives on all threads, while the archive is being unpacked.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, Sender, SyncSender, channel, sync_channel},
    },
    thread::Scope,
};

use uuid::Uuid;

use crate::{
    conversion::Scan,
    domain::{Document, DocumentId, DocumentProblem, UploadId},
    services::{
        Policy,
        intake::Entry,
        scan::{DocumentScan, document_problem},
    },
};

/// A document out of an archive, with its bytes.
pub(super) struct Unscanned {
    pub(super) entry: Entry,
    /// The key it will have.
    pub(super) key: String,
    pub(super) bytes: Vec<u8>,
}

/// What was found in an input.
pub(super) enum Found {
    Document(Box<(Document, Scan)>),
    Problem(DocumentProblem),
}

/// What was found, with its number.
type Numbered = (usize, Found);

/// Everything that is found, numbered in the order of the inputs.
pub(super) struct Scans<'scope> {
    policy: &'scope Policy,
    count: usize,
    /// To the threads, if there are any.
    unscanned: Option<SyncSender<(usize, Unscanned)>>,
    sender: Sender<Numbered>,
    results: Receiver<Numbered>,
}

impl<'scope> Scans<'scope> {
    /// With a thread for each that the policy allows but the caller's own.
    pub(super) fn new(scope: &'scope Scope<'scope, '_>, policy: &'scope Policy) -> Self {
        let (sender, results) = channel();
        let threads = policy.conversion_threads.get();
        let unscanned = (threads > 1).then(|| {
            let (unscanned, waiting) = sync_channel(threads);
            let waiting = Arc::new(Mutex::new(waiting));
            for _ in 1..threads {
                let (waiting, sender) = (Arc::clone(&waiting), sender.clone());
                scope.spawn(move || work(&waiting, &sender, policy));
            }
            unscanned
        });
        Self { policy, count: 0, unscanned, sender, results }
    }

    /// A document to be scanned: by the first thread that has nothing to do, this one included.
    pub(super) fn add(&mut self, document: Unscanned) {
        let numbered = (self.count, document);
        let Some(unscanned) = &self.unscanned else { return self.scan_here(numbered.1) };
        match unscanned.try_send(numbered) {
            Ok(()) => self.count += 1,
            Err(refused) => {
                let (std::sync::mpsc::TrySendError::Full((_, document))
                | std::sync::mpsc::TrySendError::Disconnected((_, document))) = refused;
                self.scan_here(document);
            }
        }
    }

    /// Everything that was found, in order.
    pub(super) fn finish(self) -> Vec<Found> {
        drop(self.unscanned);
        drop(self.sender);
        let mut found: Vec<Numbered> = self.results.iter().collect();
        found.sort_by_key(|(number, _)| *number);
        found.into_iter().map(|(_, found)| found).collect()
    }

    fn scan_here(&mut self, document: Unscanned) {
        let found = scan(document, self.policy);
        self.found(found);
    }

    /// Something was found here.
    pub(super) fn found(&mut self, found: Found) {
        // The receiver is here, so it is never gone.
        let _ = self.sender.send((self.count, found));
        self.count += 1;
    }
}

fn work(waiting: &Mutex<Receiver<(usize, Unscanned)>>, sender: &Sender<Numbered>, policy: &Policy) {
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((number, document)) = next else { return };
        if sender.send((number, scan(document, policy))).is_err() {
            return;
        }
    }
}

fn scan(document: Unscanned, policy: &Policy) -> Found {
    let Unscanned { entry, key, bytes } = document;
    let mut scan = DocumentScan::new(&policy.engine, policy.parser);
    scan.feed(&bytes);
    scanned(entry, key, scan)
}

/// What the scan of a document with that key found.
pub(super) fn scanned(entry: Entry, key: String, scan: DocumentScan) -> Found {
    let bytes = scan.bytes();
    match scan.finish() {
        Ok(scan) => Found::Document(Box::new((document(entry, key, bytes), scan))),
        Err(error) => Found::Problem(document_problem(&entry.path, &error)),
    }
}

/// A document of this machine.
pub(super) fn document(entry: Entry, key: String, bytes: u64) -> Document {
    Document {
        id: DocumentId(Uuid::nil()),
        upload: UploadId(Uuid::nil()),
        path: entry.path,
        group: entry.group.as_str().to_owned(),
        bytes,
        key,
        root: None,
        record_path: None,
        records_estimate: None,
        problem: None,
    }
}
