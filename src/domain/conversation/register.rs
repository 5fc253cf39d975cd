//! The registers of a conversation and what they hold.

use std::{cmp::Ordering, fmt, str::FromStr, sync::Arc};

use crate::domain::{MessageId, Timestamp};

/// What is told apart within a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Register {
    /// A field of the conversation; the last writer wins.
    Field(Field),
    /// A message: written once, or in growing parts while it is generated.
    Message(MessageId),
    /// What a reader thinks of a message; the last writer wins.
    Feedback(MessageId),
    /// The end: nothing else of the conversation is kept, whatever comes.
    Tombstone,
}

/// A field of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// What people call it.
    Title,
    /// The model that answers in it.
    Model,
}

/// The form in which registers are stored: `t`, `l`, `m:{id}`, `f:{id}`, `x`.
impl fmt::Display for Register {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(Field::Title) => f.write_str("t"),
            Self::Field(Field::Model) => f.write_str("l"),
            Self::Message(id) => write!(f, "m:{id}"),
            Self::Feedback(id) => write!(f, "f:{id}"),
            Self::Tombstone => f.write_str("x"),
        }
    }
}

impl FromStr for Register {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || format!("'{text}' is no register of a conversation");
        match text.split_once(':') {
            Some(("m", id)) => id.parse().map(Self::Message).map_err(|_| unknown()),
            Some(("f", id)) => id.parse().map(Self::Feedback).map_err(|_| unknown()),
            Some(_) => Err(unknown()),
            None => match text {
                "t" => Ok(Self::Field(Field::Title)),
                "l" => Ok(Self::Field(Field::Model)),
                "x" => Ok(Self::Tombstone),
                _ => Err(unknown()),
            },
        }
    }
}

/// How new an entry is among those of its register. Below 2^53, so that Lua's numbers hold it exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Revision(u64);

impl Revision {
    /// Of a message that will not change any more. The parts of one that is being generated come before it.
    pub const WHOLE: Self = Self((1 << 31) - 1);
    /// Of the first part of a message that is being generated: who puts it there says that they write it.
    pub const CLAIM: Self = Self(1);
    /// The greatest there is.
    pub const MAX: Self = Self((1 << 53) - 1);

    /// A revision of this number, or the greatest one.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        if number > Self::MAX.0 { Self::MAX } else { Self(number) }
    }

    /// Of a message that is being generated, so far.
    #[must_use]
    pub const fn part(number: u32) -> Self {
        let number = number as u64;
        if number >= Self::WHOLE.0 { Self(Self::WHOLE.0 - 1) } else { Self(number) }
    }

    /// As a number.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// What a register holds. Entries of a register are ordered by revision, and of one revision the first is the greater: a message that was
/// sent again is the one that was written before. That the order is total makes the join the same everywhere.
///
/// Stores make one exception: of two claims to write a message ([`Revision::CLAIM`]) the one that came first stays, whatever clock it was
/// written by, so that only one of two writers is told that it is theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// How new it is.
    pub revision: Revision,
    /// When it was written, by the clock of the one who did.
    pub at: Timestamp,
    /// JSON: a text for a field, a [`Content`](super::Content) for a message; empty for a tombstone.
    pub value: Arc<str>,
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_revision = self.revision.cmp(&other.revision);
        by_revision.then(other.at.cmp(&self.at)).then_with(|| self.value.cmp(&other.value))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn registers_are_read_as_they_are_written() {
        let id = MessageId(Uuid::from_u128(7));
        for register in [
            Register::Field(Field::Title),
            Register::Field(Field::Model),
            Register::Message(id),
            Register::Feedback(id),
            Register::Tombstone,
        ] {
            assert_eq!(register.to_string().parse(), Ok(register));
        }
        for wrong in ["", "m", "m:", "m:7", "y", "t:1", "o"] {
            assert!(wrong.parse::<Register>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn parts_come_before_the_whole() {
        assert!(Revision::part(u32::MAX) < Revision::WHOLE);
        assert!(Revision::part(1) < Revision::part(2));
    }
}
