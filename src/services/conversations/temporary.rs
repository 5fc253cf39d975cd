//! Temporary conversations: never in the database nor in a journal, gone with their session.

use super::{Conversation, ConversationError, ConversationService, Core, Durability, read::Loaded, write::Outcome};
use crate::{
    domain::{
        ConversationId, SessionId, UserId,
        conversation::{Change, Register},
    },
    ports::{StoreError, conversations::Stored, temporary_conversations::Put},
};

impl ConversationService {
    /// Makes a conversation that is kept nowhere for good.
    pub async fn create_temporary(
        &self,
        owner: UserId,
        session: SessionId,
        title: Option<&str>,
        model: Option<&str>,
    ) -> Result<(Conversation, Durability), ConversationError> {
        let core = &self.core;
        if core.policy.history.has_others && core.hot.is_none() {
            return Err(ConversationError::NothingShared);
        }
        let id = ConversationId::temporary(core.stores.ids.next());
        let (changes, state) = self.beginning(id, owner, title, model);
        let (keep, room) = (core.policy.session_idle, core.policy.history.temporary);
        if let Put::NoRoom(share) = core.stores.temporary_conversations.make(session, &changes, keep, room).await? {
            return Err(ConversationError::NoRoom(share, room));
        }
        // One made while a logout removes the others is taken back.
        if !core.stores.session_is_open(session).await? {
            core.stores.temporary_conversations.remove_session(session).await?;
            return Err(ConversationError::NotFound);
        }
        Ok((Conversation { id, state: state.into() }, Durability::Temporary))
    }
}

impl Core {
    pub(super) async fn write_temporary(&self, changes: &[Change]) -> Result<Outcome, ConversationError> {
        let (temporary, keep) = (&self.stores.temporary_conversations, self.policy.session_idle);
        if let [end] = changes
            && end.register == Register::Tombstone
        {
            let Some(stored) = temporary.read(end.conversation, keep).await? else { return Ok(Outcome::NotThere) };
            if stored.owner != end.owner {
                return Ok(Outcome::NotThere);
            }
            temporary.remove(end.conversation).await?;
            return Ok(Outcome::Kept(Durability::Temporary));
        }
        let room = self.policy.history.temporary;
        match temporary.put(changes, keep, room).await? {
            Put::Kept => Ok(Outcome::Kept(Durability::Temporary)),
            Put::Unknown | Put::Forbidden => Ok(Outcome::NotThere),
            Put::Behind(revision) => Ok(Outcome::Behind(revision)),
            Put::NoRoom(share) => Err(ConversationError::NoRoom(share, room)),
        }
    }

    /// The conversation where it is kept, without any copy.
    pub(super) async fn stored(&self, id: ConversationId) -> Result<Option<Stored>, StoreError> {
        if id.is_temporary() {
            self.stores.temporary_conversations.read(id, self.policy.session_idle).await
        } else {
            self.stores.conversations.read(id).await
        }
    }

    pub(super) async fn load_temporary(&self, id: ConversationId) -> Result<Option<Loaded>, StoreError> {
        Ok(self.stored(id).await?.map(Loaded::from))
    }
}
