//! Whom the taking-in of a file asks whether to go on, and tells how far it is.

use crate::ports::StoreError;

/// Looks on while a file is opened and scanned, on the thread that does it.
pub(super) trait Watch: Send {
    /// An error means that the work is to stop. Costs nothing; to be called often.
    fn check(&self) -> Result<(), StoreError>;

    /// Something more of the file was read; so many documents of it are finished.
    fn progress(&mut self, documents: usize);
}
