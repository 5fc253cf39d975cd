//! The scripts, and the keys they work on.

use redis::{Script, ScriptInvocation};

use crate::domain::ConversationId;

macro_rules! scripts {
    ($($name:ident: $file:literal,)+) => {
        /// One for each thing that happens to a conversation.
        pub(super) struct Scripts {
            $(pub(super) $name: Script,)+
        }

        impl Scripts {
            /// The scripts, each as `change` leaves it.
            pub(super) fn new(change: impl Fn(&str) -> String) -> Self {
                Self { $($name: Script::new(&change(concat!(include_str!("common.lua"), "\n", include_str!($file)))),)+ }
            }

            /// Every script, to be loaded at once.
            pub(super) fn all(&self) -> Vec<&Script> {
                vec![$(&self.$name),+]
            }
        }
    };
}

scripts! {
    life: "life.lua",
    look_up: "look_up.lua",
    write: "write.lua",
    end: "end.lua",
    clear: "clear.lua",
    fill: "fill.lua",
    journal_again: "journal_again.lua",
}

/// Conversations are spread over so many sorted sets of what is journaled.
pub(super) const PARTITIONS: u8 = 16;

pub(super) fn partition(id: ConversationId) -> u8 {
    id.0.as_bytes()[15] % PARTITIONS
}

/// The part in braces has all keys of a conversation lie together on a cluster.
fn key(kind: char, id: ConversationId) -> String {
    format!("ret:{kind}:{{{}}}:{id}", partition(id))
}

pub(super) fn copy(id: ConversationId) -> String {
    key('c', id)
}

pub(super) fn journal(id: ConversationId) -> String {
    key('w', id)
}

pub(super) fn lease(id: ConversationId) -> String {
    key('l', id)
}

/// Conversations of a partition that have a journal, by when it was begun.
pub(super) fn journaled(partition: u8) -> String {
    format!("ret:d:{{{partition}}}")
}

/// What the database refused.
pub(super) fn dead_letters(partition: u8) -> String {
    format!("ret:x:{{{partition}}}")
}

/// A call of a script on a conversation.
pub(super) fn call(script: &Script, id: ConversationId) -> ScriptInvocation<'_> {
    let mut call = script.key(copy(id));
    call.key(journal(id)).key(journaled(partition(id))).key(lease(id));
    call
}
