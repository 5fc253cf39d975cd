//! What is known of a conversation, and how two such states become one.

use std::collections::{BTreeMap, btree_map};

use super::{Entry, Field, Message, Register, in_order};
use crate::domain::{MessageId, Timestamp};

/// Bytes that an entry takes beside its value, roughly.
pub const ENTRY_BYTES: usize = 100;

/// Registers with their entries; or the knowledge that the conversation was deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    entries: BTreeMap<Register, Entry>,
    /// Of the values.
    bytes: usize,
    is_deleted: bool,
}

impl State {
    /// Nothing is known.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// It was deleted.
    #[must_use]
    pub fn deleted() -> Self {
        Self { is_deleted: true, ..Self::default() }
    }

    /// Takes an entry in, if it is greater than what the register holds. Nothing comes after a deletion.
    pub fn put(&mut self, register: Register, entry: Entry) {
        if self.is_deleted {
            return;
        }
        if register == Register::Tombstone {
            *self = Self::deleted();
            return;
        }
        let new = entry.value.len();
        match self.entries.entry(register) {
            btree_map::Entry::Vacant(place) => {
                self.bytes += new;
                place.insert(entry);
            }
            btree_map::Entry::Occupied(mut place) if *place.get() < entry => {
                self.bytes += new;
                self.bytes -= place.insert(entry).value.len();
            }
            btree_map::Entry::Occupied(_) => {}
        }
    }

    /// Takes everything of another state in.
    pub fn join(&mut self, other: Self) {
        if other.is_deleted {
            *self = other;
        } else {
            for (register, entry) in other.entries {
                self.put(register, entry);
            }
        }
    }

    /// Whether it was deleted.
    #[must_use]
    pub fn is_deleted(&self) -> bool {
        self.is_deleted
    }

    /// What a register holds.
    #[must_use]
    pub fn get(&self, register: Register) -> Option<&Entry> {
        self.entries.get(&register)
    }

    /// All registers.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = (Register, &Entry)> {
        self.entries.iter().map(|(register, entry)| (*register, entry))
    }

    /// How much memory it takes, roughly.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes + self.entries.len() * ENTRY_BYTES
    }

    /// The text of a field; `None` if it was never set.
    #[must_use]
    pub fn field(&self, field: Field) -> Option<String> {
        serde_json::from_str(&self.get(Register::Field(field))?.value).ok()
    }

    /// What is thought of a message, as JSON.
    #[must_use]
    pub fn feedback(&self, message: MessageId) -> Option<serde_json::Value> {
        serde_json::from_str(&self.get(Register::Feedback(message))?.value).ok()
    }

    /// One message.
    #[must_use]
    pub fn message(&self, id: MessageId) -> Option<Message> {
        Message::of(id, self.get(Register::Message(id))?)
    }

    /// All messages, each after the one it answers.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        let messages = self.entries().filter_map(|(register, entry)| match register {
            Register::Message(id) => Message::of(id, entry),
            _ => None,
        });
        in_order(messages.collect())
    }

    /// The message that was written last: none answers it, whatever the clocks of the writers said.
    #[must_use]
    pub fn last_message(&self) -> Option<MessageId> {
        self.messages().pop().map(|message| message.id)
    }

    /// When something was last said in it, or it was made; `None` if nothing is known.
    #[must_use]
    pub fn updated_at(&self) -> Option<Timestamp> {
        self.entries().filter(|(register, _)| register.counts_as_use()).map(|(_, entry)| entry.at).max()
    }
}

impl Register {
    /// Whether a change of it moves the conversation up in the list.
    #[must_use]
    pub fn counts_as_use(self) -> bool {
        matches!(self, Self::Message(_) | Self::Field(Field::Title))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::domain::conversation::Revision;

    fn register() -> impl Strategy<Value = Register> {
        (0_u8..9, 0_u128..3).prop_map(|(kind, id)| {
            let id = MessageId(Uuid::from_u128(id));
            match kind {
                0 => Register::Tombstone,
                1 | 2 => Register::Field(Field::Title),
                3 => Register::Field(Field::Model),
                4 => Register::Feedback(id),
                _ => Register::Message(id),
            }
        })
    }

    fn entry() -> impl Strategy<Value = Entry> {
        (0_u64..3, 0_i64..3, "[ab]?").prop_map(|(revision, at, value)| Entry {
            revision: Revision::new(revision),
            at: Timestamp::from_millis(at),
            value: value.into(),
        })
    }

    fn changes() -> impl Strategy<Value = Vec<(Register, Entry)>> {
        prop::collection::vec((register(), entry()), 0..12)
    }

    fn state_of(changes: Vec<(Register, Entry)>) -> State {
        let mut state = State::new();
        for (register, entry) in changes {
            state.put(register, entry);
        }
        state
    }

    fn joined(mut left: State, right: State) -> State {
        left.join(right);
        left
    }

    proptest! {
        #[test]
        fn the_join_is_commutative(a in changes(), b in changes()) {
            let (a, b) = (state_of(a), state_of(b));
            prop_assert_eq!(joined(a.clone(), b.clone()), joined(b, a));
        }

        #[test]
        fn the_join_is_associative(a in changes(), b in changes(), c in changes()) {
            let (a, b, c) = (state_of(a), state_of(b), state_of(c));
            prop_assert_eq!(joined(joined(a.clone(), b.clone()), c.clone()), joined(a, joined(b, c)));
        }

        #[test]
        fn the_join_is_idempotent(a in changes(), b in changes()) {
            let (a, b) = (state_of(a), state_of(b));
            prop_assert_eq!(&joined(a.clone(), a.clone()), &a);
            let both = joined(a, b.clone());
            prop_assert_eq!(joined(both.clone(), b), both);
        }

        #[test]
        fn the_join_only_moves_up(a in changes(), b in changes()) {
            let (a, b) = (state_of(a), state_of(b));
            let both = joined(a.clone(), b.clone());
            for part in [a, b] {
                prop_assert!(both.is_deleted() || !part.is_deleted());
                for (register, entry) in part.entries() {
                    prop_assert!(both.is_deleted() || both.get(register).is_some_and(|kept| kept >= entry));
                }
            }
        }

        #[test]
        fn a_deletion_is_above_everything(a in changes(), b in changes()) {
            let (mut state, other) = (state_of(a), state_of(b));
            let entry = Entry { revision: Revision::new(0), at: Timestamp::from_millis(0), value: "".into() };
            state.put(Register::Tombstone, entry);
            state.join(other);
            prop_assert_eq!(state, State::deleted());
        }

        #[test]
        fn order_and_repetition_of_changes_do_not_matter(changes in changes(), seed in any::<u64>()) {
            let mut shuffled = changes.clone();
            shuffled.extend(changes.iter().take(3).cloned());
            let mut seed = seed;
            for last in (1..shuffled.len()).rev() {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                shuffled.swap(last, usize::try_from(seed >> 33).unwrap() % (last + 1));
            }
            prop_assert_eq!(state_of(shuffled), state_of(changes));
        }
    }
}
