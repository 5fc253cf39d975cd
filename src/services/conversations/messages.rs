//! What is said in a conversation. The same may be said again: it is kept once.

use super::{
    Conversation, ConversationError, ConversationService, Durability, Follows, Freshness, NewMessage, Said,
    write::Outcome,
};
use crate::{
    domain::{
        ConversationId, MessageId, UserId,
        conversation::{Change, Content, Entry, Message, Register, Revision, State},
    },
    ports::{StoreError, error::StoreErrorKind},
    services::policy::Acknowledgement,
};

impl ConversationService {
    /// Says something in a conversation. The same may be said again under its id: it is kept once, where it was first.
    pub async fn say(
        &self,
        owner: UserId,
        id: ConversationId,
        said: Said,
    ) -> Result<(Message, Durability), ConversationError> {
        // One that begins the conversation, under an id made here, need not know what is in it.
        let is_free = said.id.is_none() && said.follows == Follows::This(None);
        // Who follows a message has seen it, perhaps through another process.
        let seen = if let Follows::This(parent) = said.follows { parent } else { None };
        let conversation = match is_free {
            true => Conversation { id, state: State::new().into() },
            false => self.get(owner, id, seen, Freshness::AsCached).await?,
        };
        let before = said.id.and_then(|id| conversation.state.message(id));
        // An answer that is being written is nobody else's to say.
        let says_else = |before: &Message| {
            !before.is_whole || (before.content.role, &before.content.content) != (said.role, &said.content)
        };
        if before.as_ref().is_some_and(says_else) {
            return Err(ConversationError::MessageExists);
        }
        let parent = match (said.follows, before) {
            (Follows::TheLast, Some(before)) => before.content.parent,
            (Follows::TheLast, None) => conversation.state.last_message(),
            (Follows::This(parent), _) => parent,
        };
        if parent.is_some_and(|parent| conversation.state.message(parent).is_none()) {
            return Err(ConversationError::NoSuchParent);
        }
        let content = Content { role: said.role, content: said.content, parent, details: None };
        match (self.append(owner, id, NewMessage { id: said.id, content: content.clone() }, None).await, said.id) {
            (Err(ConversationError::MessageExists), Some(message)) if said.follows == Follows::TheLast => {
                self.say_again(owner, id, message, content).await
            }
            (appended, _) => appended,
        }
    }

    /// What a copy did not know yet: the same was said before, after what was the last then.
    async fn say_again(
        &self,
        owner: UserId,
        id: ConversationId,
        message: MessageId,
        content: Content,
    ) -> Result<(Message, Durability), ConversationError> {
        let conversation = self.get(owner, id, Some(message), Freshness::AsCached).await?;
        let before = conversation.state.message(message).ok_or(ConversationError::MessageExists)?;
        let content = Content { parent: before.content.parent, ..content };
        self.append(owner, id, NewMessage { id: Some(message), content }, None).await
    }

    /// Appends a message. The same message may be sent again under its id: it is kept once.
    pub async fn append(
        &self,
        owner: UserId,
        id: ConversationId,
        message: NewMessage,
        acknowledgement: Option<Acknowledgement>,
    ) -> Result<(Message, Durability), ConversationError> {
        let message_id = message.id.unwrap_or_else(|| MessageId(self.core.stores.ids.next()));
        let change = self.message(id, owner, message_id, &message.content, Revision::WHOLE)?;
        let wanted = acknowledgement.unwrap_or(self.core.policy.history.acknowledgement);
        let at = change.entry.at;
        match self.core.write(vec![change.clone()], false, wanted).await? {
            Outcome::Kept(durability) => {
                let message = Message { id: message_id, created_at: at, is_whole: true, content: message.content };
                Ok((message, durability))
            }
            Outcome::NotThere => Err(ConversationError::NotFound),
            Outcome::Exists(entry) => self.written_before(Change { entry, ..change }, &message.content, wanted).await,
            Outcome::Behind(_) => self.kept_before(&change, &message.content).await,
        }
    }

    /// Keeps what there is so far of a message that is being generated. Later parts replace earlier ones, whatever comes first; `None` if a later
    /// one, or another of the same number, is there.
    pub async fn checkpoint(
        &self,
        owner: UserId,
        id: ConversationId,
        message: MessageId,
        part: u32,
        content: &Content,
    ) -> Result<Option<Durability>, ConversationError> {
        let change = self.message(id, owner, message, content, Revision::part(part))?;
        match self.core.write(vec![change], false, Acknowledgement::Fast).await? {
            Outcome::Kept(durability) => Ok(Some(durability)),
            Outcome::Exists(_) | Outcome::Behind(_) => Ok(None),
            Outcome::NotThere => Err(ConversationError::NotFound),
        }
    }

    /// The copy has the message: the same, which its writer may not have in the database yet, or another.
    async fn written_before(
        &self,
        before: Change,
        content: &Content,
        wanted: Acknowledgement,
    ) -> Result<(Message, Durability), ConversationError> {
        let kept = message_of(&before).filter(|kept| kept.content == *content);
        let kept = kept.ok_or(ConversationError::MessageExists)?;
        match self.core.confirm(before.clone(), wanted).await? {
            Outcome::Kept(durability) => Ok((kept, durability)),
            Outcome::NotThere => Err(ConversationError::NotFound),
            Outcome::Behind(_) | Outcome::Exists(_) => self.kept_before(&before, content).await,
        }
    }

    /// Where it is kept there is a message of this id: the same, or another.
    async fn kept_before(
        &self,
        change: &Change,
        content: &Content,
    ) -> Result<(Message, Durability), ConversationError> {
        let stored = self.core.stored(change.conversation).await?;
        let stored = stored.filter(|stored| stored.owner == change.owner).ok_or(ConversationError::NotFound)?;
        let kept = stored.state.get(change.register).map(|entry| Change { entry: entry.clone(), ..change.clone() });
        let kept = kept.as_ref().and_then(message_of).filter(|kept| kept.content == *content);
        let durability = if change.conversation.is_temporary() { Durability::Temporary } else { Durability::Durable };
        Ok((kept.ok_or(ConversationError::MessageExists)?, durability))
    }

    fn message(
        &self,
        id: ConversationId,
        owner: UserId,
        message: MessageId,
        content: &Content,
        revision: Revision,
    ) -> Result<Change, ConversationError> {
        let value = serde_json::to_string(content)
            .map_err(|error| StoreError::new(StoreErrorKind::Internal, "conversations", "write a message", error))?;
        let limit = self.core.policy.history.message_bytes;
        if value.len() > limit {
            return Err(ConversationError::TooLong { bytes: value.len(), limit });
        }
        let entry = Entry { revision, at: self.core.stores.clock.now(), value: value.into() };
        Ok(Change { conversation: id, owner, register: Register::Message(message), entry })
    }
}

fn message_of(change: &Change) -> Option<Message> {
    let Register::Message(id) = change.register else { return None };
    let mut state = State::new();
    state.put(change.register, change.entry.clone());
    state.message(id)
}
