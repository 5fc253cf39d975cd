//! Scanning one document as its bytes come: the first pass of the engine, which remembers the first fault.

use crate::{
    conversion::{CHECKPOINT_SPACING, Error, Limits, ParserOptions, Scan, Scanner},
    domain::DocumentProblem,
};

/// A scan under way.
pub(super) struct DocumentScan {
    state: Result<Scanner, Error>,
    bytes: u64,
}

impl DocumentScan {
    pub(super) fn new(limits: &Limits, options: ParserOptions) -> Self {
        let scanner = Scanner::with_options(limits, options).with_checkpoints(CHECKPOINT_SPACING);
        Self { state: Ok(scanner), bytes: 0 }
    }

    /// Takes the next bytes. After a fault they are only counted.
    pub(super) fn feed(&mut self, chunk: &[u8]) {
        self.bytes += chunk.len() as u64;
        if let Ok(scanner) = &mut self.state
            && let Err(error) = scanner.feed(chunk)
        {
            self.state = Err(error);
        }
    }

    /// Bytes so far.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The document's shape and checkpoints, or what is wrong with it.
    pub(super) fn finish(self) -> Result<Scan, Error> {
        self.state.and_then(Scanner::finish_scan)
    }
}

/// A problem of the engine as reports show it.
pub(super) fn document_problem(file: &str, error: &Error) -> DocumentProblem {
    DocumentProblem {
        file: file.to_owned(),
        line: error.position.map(|position| position.line),
        column: error.position.map(|position| position.column),
        code: error.code.to_string(),
        detail: error.detail.clone(),
    }
}
