//! How much an archive may ask of the service.

use serde::{Deserialize, Serialize};

/// Limits on one upload; all of them count over archives within archives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ArchiveLimits {
    /// Entries of all directories together, folders and hidden ones included.
    pub entries: u64,
    /// Archives within each other; the upload itself is the first.
    pub nesting: u32,
    /// Bytes that may come out of one entry for each byte that it takes in its archive, measured while inflating.
    pub ratio: u64,
    /// Below this many bytes out of an entry its ratio does not matter.
    pub ratio_floor_bytes: u64,
    /// Bytes that may come out of all entries together.
    pub inflated_bytes: u64,
}

impl Default for ArchiveLimits {
    fn default() -> Self {
        Self { entries: 20_000, nesting: 10, ratio: 200, ratio_floor_bytes: 1 << 20, inflated_bytes: 2 << 30 }
    }
}
