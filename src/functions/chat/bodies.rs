//! What is sent and answered.

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::{
    domain::{
        ConversationId, MessageId, Timestamp,
        conversation::{Field, Message, Speaker},
    },
    services::conversations::{Conversation, Follows, Said, Summary},
};

/// A conversation in a list.
#[derive(Serialize, ToSchema)]
pub(super) struct SummaryBody {
    id: ConversationId,
    /// Null until it has a name.
    title: Option<String>,
    created_at: Timestamp,
    /// When something was last said in it.
    updated_at: Timestamp,
}

impl From<Summary> for SummaryBody {
    fn from(summary: Summary) -> Self {
        let Summary { id, title, created_at, updated_at } = summary;
        Self { id, title: title.filter(|title| !title.is_empty()), created_at, updated_at }
    }
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct NewConversationBody {
    /// What to call it; at most 200 characters are kept.
    pub(super) title: Option<String>,
    /// The model that is to answer in it: the one that answers here, or another is refused.
    pub(super) model: Option<String>,
    /// Kept nowhere for good: it is in no list, and gone at the end of the session.
    pub(super) temporary: bool,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RenameBody {
    /// What to call it; at most 200 characters are kept.
    pub(super) title: String,
}

/// A conversation.
#[derive(Serialize, ToSchema)]
pub(super) struct ConversationBody {
    id: ConversationId,
    /// Null until it has a name.
    title: Option<String>,
    model: Option<String>,
    /// Whether it is gone at the end of the session.
    temporary: bool,
    created_at: Option<Timestamp>,
    /// When something was last said in it.
    updated_at: Option<Timestamp>,
    /// Each after the one it answers.
    messages: Vec<MessageBody>,
}

impl From<&Conversation> for ConversationBody {
    fn from(conversation: &Conversation) -> Self {
        let state = &conversation.state;
        let body = |message: Message| {
            let feedback = state.feedback(message.id);
            MessageBody::of(message, feedback)
        };
        Self {
            id: conversation.id,
            title: conversation.title(),
            model: state.field(Field::Model),
            temporary: conversation.id.is_temporary(),
            created_at: conversation.created_at(),
            updated_at: state.updated_at(),
            messages: state.messages().into_iter().map(body).collect(),
        }
    }
}

/// A message.
#[derive(Serialize, ToSchema)]
pub(super) struct MessageBody {
    id: MessageId,
    /// The message that it answers or follows. Messages with the same parent are branches.
    parent_id: Option<MessageId>,
    role: Speaker,
    content: String,
    /// What an answer has besides its text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    details: Option<serde_json::Value>,
    /// What you think of it: any JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Value>)]
    feedback: Option<serde_json::Value>,
    /// Not so while it is generated, or if that was broken off.
    complete: bool,
    created_at: Timestamp,
}

impl MessageBody {
    pub(super) fn of(message: Message, feedback: Option<serde_json::Value>) -> Self {
        let Message { id, created_at, is_whole, content } = message;
        Self {
            id,
            parent_id: content.parent,
            role: content.role,
            content: content.content,
            details: content.details,
            feedback: feedback.filter(|feedback| !feedback.is_null()),
            complete: is_whole,
            created_at,
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewMessageBody {
    role: Speaker,
    /// The text; that of a person says something.
    content: String,
    /// Any UUID, best of version 7: with it the message may be sent again.
    id: Option<MessageId>,
    /// The message that it answers or follows: the last one if this is left out, none if it is null.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<MessageId>)]
    parent_id: Option<Option<MessageId>>,
}

/// Tells a member that is null from one that is not there.
pub(super) fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<MessageId>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl From<NewMessageBody> for Said {
    fn from(body: NewMessageBody) -> Self {
        let follows = body.parent_id.map_or(Follows::TheLast, Follows::This);
        Self { id: body.id, role: body.role, content: body.content, follows }
    }
}
