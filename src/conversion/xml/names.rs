//! The names of a document as they are written, each known by a number once it has been met.
//!
//! Documents are regular: what follows a tag is nearly always what followed it the last time. So the next name is guessed and
//! compared where it stands, all at once, and is neither walked over nor judged again.

use std::collections::HashMap;

use super::chars::{ScannedName, ends_name, scan_name};

/// So many names are remembered, and so many bytes of them; a document with more has the rest judged wherever they stand.
const MOST_NAMES: usize = 1 << 14;
const MOST_BYTES: usize = 1 << 20;

/// The number of a name as written. Within one document equal numbers mean equal names, [`NameId::UNKNOWN`] excepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NameId(u32);

impl NameId {
    /// A name that has no number; two of these may be different names.
    pub const UNKNOWN: Self = Self(u32::MAX);

    /// Any number.
    #[cfg(test)]
    pub(crate) fn new(number: u32) -> Self {
        Self(number)
    }

    /// The number as an index.
    #[inline]
    fn place(self) -> usize {
        self.0 as usize
    }
}

/// What a name comes after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    /// A child after the start tag around it.
    Start,
    /// An element after the end tag before it.
    End,
    /// The first attribute after the name of its element.
    Element,
    /// An attribute after the one before it.
    Attribute,
}

const AFTERS: usize = 4;

/// Where in a document a name is looked for: what it comes after.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spot(usize);

impl Spot {
    #[inline]
    pub(super) fn new(name: NameId, after: After) -> Self {
        if name == NameId::UNKNOWN { Self::default() } else { Self(AFTERS * name.place() + after as usize + 1) }
    }
}

/// A name that was found where it was looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) id: NameId,
    pub(super) name: ScannedName,
}

/// All names met.
#[derive(Debug)]
pub(super) struct Names {
    known: Vec<Known>,
    ids: HashMap<Box<str>, NameId>,
    bytes: usize,
    /// For each spot the two names that stood there last.
    guesses: Vec<[NameId; 2]>,
    /// The number of the tag whose attributes are being read.
    tag: u64,
}

#[derive(Debug)]
struct Known {
    /// The first bytes of the name, and which of these bytes are part of it.
    front: u128,
    mask: u128,
    text: Box<str>,
    scanned: ScannedName,
    /// The tag that had an attribute of this name last.
    tag: u64,
}

const FRONT: usize = size_of::<u128>();

impl Default for Names {
    fn default() -> Self {
        let guesses = vec![[NameId::UNKNOWN; 2]];
        Self { known: Vec::new(), ids: HashMap::new(), bytes: 0, guesses, tag: 0 }
    }
}

impl Names {
    /// The name of that number.
    #[inline]
    pub(super) fn text(&self, id: NameId) -> Option<&str> {
        self.known.get(id.place()).map(|known| &*known.text)
    }

    /// The number of a good name, wherever it stands.
    pub(super) fn id(&mut self, name: &str) -> NameId {
        match self.ids.get(name) {
            Some(id) => *id,
            None => self.add(name, scan_name(name.as_bytes(), 0)),
        }
    }

    /// The name that stands at `at`, if it is one of those that stood at this spot before.
    #[inline(always)]
    pub(super) fn guess(&mut self, spot: Spot, bytes: &[u8], at: usize) -> Option<Found> {
        let front = front(bytes, at)?;
        let first = self.guesses.get(spot.0)?[0];
        match self.find(first, front, bytes, at) {
            Some(found) => Some(found),
            None => self.guess_again(spot, front, bytes, at),
        }
    }

    #[inline(never)]
    fn guess_again(&mut self, spot: Spot, front: u128, bytes: &[u8], at: usize) -> Option<Found> {
        let [first, second] = self.guesses[spot.0];
        let found = self.find(second, front, bytes, at)?;
        self.guesses[spot.0] = [second, first];
        Some(found)
    }

    /// Where the name ends if it stands at `at` with `>` right behind it.
    #[inline]
    pub(super) fn find_before_bracket(&self, id: NameId, bytes: &[u8], at: usize) -> Option<usize> {
        let found = self.find(id, front(bytes, at)?, bytes, at)?;
        (bytes.get(found.name.end) == Some(&b'>')).then_some(found.name.end)
    }

    #[inline]
    fn find(&self, id: NameId, front: u128, bytes: &[u8], at: usize) -> Option<Found> {
        let known = self.known.get(id.place())?;
        let end = at + known.text.len();
        let is_there = (front ^ known.front) & known.mask == 0
            && bytes.get(end).is_some_and(|&after| ends_name(after))
            && (known.text.len() <= FRONT || bytes[at..end] == *known.text.as_bytes());
        is_there.then_some(Found { id, name: known.scanned.ending_at(end) })
    }

    /// Remembers a name that was found good at a spot.
    pub(super) fn learn(&mut self, spot: Spot, name: &str, scanned: ScannedName) -> Found {
        let id = self.ids.get(name).copied().unwrap_or_else(|| self.add(name, scanned));
        if let Some(guesses) = self.guesses.get_mut(spot.0) {
            *guesses = [id, guesses[0]];
        }
        Found { id, name: scanned }
    }

    fn add(&mut self, name: &str, scanned: ScannedName) -> NameId {
        if self.known.len() == MOST_NAMES || self.bytes + name.len() > MOST_BYTES {
            return NameId::UNKNOWN;
        }
        let mut padded = [0; FRONT];
        let length = name.len().min(FRONT);
        padded[..length].copy_from_slice(&name.as_bytes()[..length]);
        let mask = u128::MAX >> (8 * (FRONT - length));
        let id = NameId(u32::try_from(self.known.len()).unwrap_or(u32::MAX));
        self.bytes += name.len();
        self.known.push(Known { front: u128::from_le_bytes(padded), mask, text: name.into(), scanned, tag: 0 });
        self.guesses.resize(self.guesses.len() + AFTERS, [NameId::UNKNOWN; 2]);
        self.ids.insert(name.into(), id);
        id
    }

    /// The attributes of another tag are read now.
    #[inline]
    pub(super) fn begin_tag(&mut self) {
        self.tag += 1;
    }

    /// Notes that the tag has an attribute of that name. Answers whether it may have had one already.
    #[inline]
    pub(super) fn note_attribute(&mut self, id: NameId) -> bool {
        let Some(known) = self.known.get_mut(id.place()) else { return true };
        std::mem::replace(&mut known.tag, self.tag) == self.tag
    }
}

#[inline]
fn front(bytes: &[u8], at: usize) -> Option<u128> {
    bytes.get(at..)?.first_chunk().map(|front| u128::from_le_bytes(*front))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learn(names: &mut Names, spot: Spot, name: &str) -> NameId {
        names.learn(spot, name, scan_name(name.as_bytes(), 0)).id
    }

    #[test]
    fn a_name_is_found_only_where_it_stands_whole() {
        for name in
            ["a", "abcdefghijklmno", "abcdefghijklmnop", "abcdefghijklmnopq", "a_name_that_is_longer_than_the_front"]
        {
            let mut names = Names::default();
            let spot = Spot::default();
            let id = learn(&mut names, spot, name);
            let mut found = |text: &str| {
                let text = format!("<{text}                  ");
                names.guess(spot, text.as_bytes(), 1).map(|found| (found.id, found.name.end))
            };
            for after in [">", " ", "/>", "="] {
                assert_eq!(found(&format!("{name}{after}")), Some((id, 1 + name.len())), "{name}{after}");
            }
            let other_end = format!("{}X>", &name[..name.len() - 1]);
            for other in
                [format!("{name}b>"), format!("{name}é>"), format!("{name}-"), format!("X{}>", &name[1..]), other_end]
            {
                assert_eq!(found(&other), None, "{name}: {other}");
            }
        }
    }

    #[test]
    fn the_two_names_of_a_spot_are_guessed() {
        let mut names = Names::default();
        let spot = Spot::default();
        let ids = ["a", "b", "c"].map(|name| learn(&mut names, spot, name));
        let mut guess = |text: &[u8]| names.guess(spot, text, 0).map(|found| found.id);
        assert_eq!(guess(b"a>              "), None);
        assert_eq!(guess(b"b>              "), Some(ids[1]));
        assert_eq!(guess(b"c>              "), Some(ids[2]));
        assert_eq!(guess(b"b>              "), Some(ids[1]));
        assert_eq!(guess(b"b>     "), None, "too near to the end to be compared at once");
    }

    #[test]
    fn an_attribute_may_repeat_only_within_its_tag() {
        let mut names = Names::default();
        let ids = ["a", "b"].map(|name| learn(&mut names, Spot::default(), name));
        for _ in 0..2 {
            names.begin_tag();
            assert!(!names.note_attribute(ids[0]) && !names.note_attribute(ids[1]));
            assert!(names.note_attribute(ids[0]) && names.note_attribute(NameId::UNKNOWN));
        }
    }

    #[test]
    fn names_beyond_the_bound_have_no_number() {
        let mut names = Names::default();
        for number in 0..MOST_NAMES {
            assert_ne!(learn(&mut names, Spot::default(), &format!("n{number}")), NameId::UNKNOWN);
        }
        assert_eq!(learn(&mut names, Spot::default(), "one-more"), NameId::UNKNOWN);
        let seventh = learn(&mut names, Spot::default(), "n7");
        assert_eq!(names.text(seventh), Some("n7"));
        let mut names = Names::default();
        let half = "h".repeat(MOST_BYTES / 2);
        assert_ne!(learn(&mut names, Spot::default(), &half), NameId::UNKNOWN);
        assert_eq!(learn(&mut names, Spot::default(), &format!("{half}h")), NameId::UNKNOWN);
    }
}
