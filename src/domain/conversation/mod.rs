//! Conversations: a map from registers to values, each with a revision. Two states of one conversation are joined register by register, the
//! greater revision wins, and a deletion is above everything.
//!
//! The join does not care for order, repetition or delay, so whoever holds a part of a conversation may write it to the database at any
//! time, twice, late or together with others: the outcome is the same (`docs/decisions/0020`).

mod clock;
mod message;
mod register;
mod state;
mod words;

pub use clock::HybridClock;
pub use message::{Content, Message, Speaker, in_order};
pub use register::{Entry, Field, Register, Revision};
pub use state::{ENTRY_BYTES, State};
pub use words::{search_words, words_of};

use super::{ConversationId, UserId};

/// One change of one register: what is written, journaled, joined and read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which conversation.
    pub conversation: ConversationId,
    /// Whose it is. The conversation is made for this person if it is not there.
    pub owner: UserId,
    /// Which register.
    pub register: Register,
    /// What it holds from now on, unless it holds something greater.
    pub entry: Entry,
}
