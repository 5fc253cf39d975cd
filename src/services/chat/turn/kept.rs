//! What of an answer is kept, while it grows and at its end.

use uuid::Uuid;

use super::Turn;
use crate::{
    domain::{
        MessageId,
        conversation::{Content, Message, Speaker},
    },
    ports::language_model::ModelUsage,
    services::{
        chat::{
            AnswerDetails, AnswerQuery, AnswerUsage, ChatError, answer::without_those_of, details::smallest_loss,
            tools::ShownQuery,
        },
        conversations::{ConversationError, NewMessage},
    },
};

impl Turn {
    /// Keeps what there is, now and then: a process that ends leaves it behind.
    pub(super) async fn checkpoint(&mut self) {
        if self.keeper.age() >= self.limits().checkpoint && !self.state.text.is_empty() {
            self.keeper.keep(self.content_that_fits(None)).await;
        }
    }

    /// Keeps the answer, for good.
    pub(super) async fn keep(&mut self, note: Option<&str>) -> Result<Message, ChatError> {
        let last = self.state.writer.finish(self.tools.evidence());
        self.say(last);
        match self.append(self.content_that_fits(note)).await {
            Err(ConversationError::NoRoom(share, room)) => {
                self.keep_what_has_room(note).await?.ok_or(ConversationError::NoRoom(share, room).into())
            }
            kept => Ok(kept?),
        }
    }

    async fn append(&self, content: Content) -> Result<Message, ConversationError> {
        let new = NewMessage { id: Some(self.answer), content };
        Ok(self.chat.conversations.append(self.owner, self.conversation, new, None).await?.0)
    }

    /// The answer without what it has besides, and cut so that there is room for it; `None` if there is none at all.
    async fn keep_what_has_room(&self, note: Option<&str>) -> Result<Option<Message>, ChatError> {
        let details = self.details(note).without_sources().cut();
        let (mut end, kept) = (self.state.text.len(), self.keeper.kept());
        while end > 0 {
            match self.append(self.content(&self.state.text[..end], &details)).await {
                Ok(message) => return Ok(Some(message)),
                Err(ConversationError::NoRoom(..)) => {
                    // What was kept has room.
                    let less = if end > kept { (end / 2).max(kept) } else { end / 2 };
                    end = self.state.text.floor_char_boundary(less);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(None)
    }

    /// The answer as it is kept. What is too large is kept without what it has besides its text, and cut, rather than lost.
    fn content_that_fits(&self, note: Option<&str>) -> Content {
        let most = self.chat.policy.history.message_bytes;
        smallest_loss(&self.state.text, self.details(note), |text, details| {
            let content = self.content(text, &details);
            // What cannot be written is told by the store.
            let fits = serde_json::to_string(&content).is_ok_and(|written| written.len() <= most);
            (content, fits)
        })
    }

    fn content(&self, text: &str, details: &AnswerDetails) -> Content {
        Content {
            role: Speaker::Assistant,
            content: text.to_owned(),
            parent: Some(self.question.id),
            details: serde_json::to_value(details).ok(),
        }
    }

    fn details(&self, note: Option<&str>) -> AnswerDetails {
        let evidence = self.tools.evidence();
        let unsupported = without_those_of(&self.question.content.content, self.state.writer.unsupported());
        let note = note.or(self.state.is_cut.then_some("cut"));
        let query = |query: &ShownQuery| AnswerQuery { name: query.name.clone(), sql: query.sql.clone() };
        let ModelUsage { input_tokens, output_tokens } = self.tally.tokens();
        AnswerDetails {
            model: self.model.name().to_owned(),
            citations: self.state.writer.citations().to_vec(),
            unsupported,
            queries: evidence.queries().iter().map(query).collect(),
            charts: evidence.charts().to_vec(),
            usage: AnswerUsage { input_tokens, output_tokens },
            ended: note.map(str::to_owned),
            writer: None,
            left_out: false,
            summary: self.state.summary.clone(),
        }
    }
}

/// An answer before its first word. The writer's id makes it unlike that of any other who begins the same answer at the same moment.
pub(in crate::services::chat) fn beginning(question: MessageId, model: &str, writer: Uuid) -> Content {
    let details = AnswerDetails { model: model.to_owned(), writer: Some(writer), ..AnswerDetails::default() };
    Content {
        role: Speaker::Assistant,
        content: String::new(),
        parent: Some(question),
        details: serde_json::to_value(details).ok(),
    }
}
