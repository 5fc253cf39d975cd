//! What is known of all occurrences of one path.

use serde::{Deserialize, Serialize};

use super::types::Fits;
use crate::conversion::whitespace::trim;

/// Counts over all occurrences of a path, added up over documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stats {
    /// Occurrences.
    pub(crate) instances: u64,
    /// The most occurrences under one parent. Below a recursion it may say 2 where there is 1, never 1 where there are 2.
    pub(crate) most: u32,
    /// Occurrences with a value that is not blank: the attribute's, or the text before the first child.
    pub(crate) values: u64,
    /// Bytes of the longest value.
    pub(crate) longest: u64,
    /// The types that all values fit.
    pub(crate) fits: Fits,
    /// Text follows a child somewhere.
    pub(crate) prose: bool,
    /// White space stands around a value somewhere.
    pub(crate) padded: bool,
}

/// The same as a short sequence of numbers, to be stored.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) struct StoredStats(u64, u32, u64, u64, Fits, u8);

const PROSE: u8 = 1;
const PADDED: u8 = 2;

impl Stats {
    pub(crate) const NONE: Self =
        Self { instances: 0, most: 0, values: 0, longest: 0, fits: Fits::ANYTHING, prose: false, padded: false };

    /// Takes note of a value as it will stand in a cell.
    #[inline]
    pub(crate) fn observe(&mut self, value: &str) {
        self.values += 1;
        self.longest = self.longest.max(value.len() as u64);
        self.fits.observe(value);
    }

    /// Takes note of the whole text of an element, which is not empty.
    #[inline]
    pub(crate) fn observe_text_of_element(&mut self, text: &str, keeps_space: bool) {
        let trimmed = trim(text);
        let is_padded = trimmed.len() < text.len();
        match (trimmed.is_empty(), keeps_space) {
            (false, true) => self.observe(text),
            (false, false) => self.observe(trimmed),
            (true, true) => self.fits.observe_text(),
            (true, false) => {}
        }
        self.padded |= is_padded && !(trimmed.is_empty() && keeps_space);
    }

    /// Keeps of the values only what does not depend on their order.
    pub(super) fn settle(&mut self) {
        self.fits.settle();
    }

    /// As if the other's occurrences had been counted here.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.instances += other.instances;
        self.most = self.most.max(other.most);
        self.values += other.values;
        self.longest = self.longest.max(other.longest);
        self.fits.merge(&other.fits);
        self.prose |= other.prose;
        self.padded |= other.padded;
    }
}

impl From<&Stats> for StoredStats {
    fn from(stats: &Stats) -> Self {
        let marks = if stats.prose { PROSE } else { 0 } | if stats.padded { PADDED } else { 0 };
        Self(stats.instances, stats.most, stats.values, stats.longest, stats.fits, marks)
    }
}

impl From<StoredStats> for Stats {
    fn from(StoredStats(instances, most, values, longest, fits, marks): StoredStats) -> Self {
        let (prose, padded) = (marks & PROSE != 0, marks & PADDED != 0);
        Self { instances, most, values, longest, fits, prose, padded }
    }
}
