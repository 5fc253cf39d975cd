//! Ids that the host makes up.

use uuid::{Builder, Uuid};

/// A random id.
pub fn new_id() -> Uuid {
    let mut bytes = [0; 16];
    // Without randomness all ids are the same, which every test of theirs sees.
    let _ = getrandom::fill(&mut bytes);
    Builder::from_random_bytes(bytes).into_uuid()
}
