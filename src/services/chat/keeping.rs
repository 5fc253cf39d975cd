//! Keeps an answer while it grows: any process can tell of it from its first moment on, and one that ends leaves behind what was said.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

use crate::{
    domain::{ConversationId, MessageId, UserId, conversation::Content},
    services::conversations::{ConversationError, ConversationService},
};

/// How often an answer that does not grow is kept again, as a sign that somebody still writes it.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);

/// Keeps one answer in parts, each in the place of the one before.
pub(super) struct Keeper {
    conversations: ConversationService,
    owner: UserId,
    conversation: ConversationId,
    answer: MessageId,
    last: Mutex<Part>,
    /// Bytes of the text that were kept last.
    kept: AtomicUsize,
    is_gone: Notify,
}

/// The part that was kept last.
struct Part {
    number: u32,
    content: Content,
    at: Instant,
}

impl Keeper {
    /// Keeps the beginning of an answer, so that from here on it can be asked for; `None` if somebody else has begun it.
    pub(super) async fn begin(
        conversations: ConversationService,
        owner: UserId,
        conversation: ConversationId,
        answer: MessageId,
        content: Content,
    ) -> Result<Option<Self>, ConversationError> {
        if conversations.checkpoint(owner, conversation, answer, 1, &content).await?.is_none() {
            return Ok(None);
        }
        let last = Mutex::new(Part { number: 1, content, at: Instant::now() });
        let kept = AtomicUsize::default();
        Ok(Some(Self { conversations, owner, conversation, answer, last, kept, is_gone: Notify::new() }))
    }

    /// Comes back when it is time to keep an answer of so many bytes, of which not all are kept.
    pub(super) async fn due(&self, every: Duration, bytes: usize) {
        if self.last().content.content.len() >= bytes {
            return std::future::pending().await;
        }
        tokio::time::sleep(every.saturating_sub(self.age())).await;
    }

    /// Bytes of the text that were kept last.
    pub(super) fn kept(&self) -> usize {
        self.kept.load(Relaxed)
    }

    /// How long ago something was kept.
    pub(super) fn age(&self) -> Duration {
        self.last().at.elapsed()
    }

    /// Keeps what there is now. That it could not be kept is for the log: the next part may be.
    pub(super) async fn keep(&self, content: Content) {
        let number = {
            let mut last = self.last();
            *last = Part { number: last.number + 1, content: content.clone(), at: Instant::now() };
            last.number
        };
        self.write(number, &content).await;
    }

    /// Gives signs of life for as long as it is waited for; comes back once the conversation is not there any more.
    pub(super) async fn until_gone(&self) {
        tokio::select! {
            () = self.is_gone.notified() => {}
            () = self.give_signs() => {}
        }
    }

    async fn give_signs(&self) {
        loop {
            tokio::time::sleep(SIGN_OF_LIFE.saturating_sub(self.age())).await;
            if self.age() < SIGN_OF_LIFE {
                continue;
            }
            // The number and what stands under it are taken together, so that no sign of life hides what came meanwhile.
            let (number, content) = {
                let mut last = self.last();
                last.number += 1;
                last.at = Instant::now();
                (last.number, last.content.clone())
            };
            self.write(number, &content).await;
        }
    }

    async fn write(&self, number: u32, content: &Content) {
        let kept = self.conversations.checkpoint(self.owner, self.conversation, self.answer, number, content).await;
        match kept {
            Ok(Some(_)) => self.kept.store(content.content.len(), Relaxed),
            // A later part is there, or what ended the answer: this one is kept nowhere.
            Ok(None) => {}
            Err(ConversationError::NotFound) => self.is_gone.notify_one(),
            Err(error) => {
                tracing::warn!(conversation_id = %self.conversation, %error, "a part of an answer could not be kept");
            }
        }
    }

    fn last(&self) -> MutexGuard<'_, Part> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
