//! A conversation as a file.

use std::{collections::HashMap, str::FromStr};

use serde_json::json;

use super::Conversation;
use crate::{
    domain::{
        MessageId, Timestamp,
        conversation::{Field, Message, Speaker},
    },
    services::chat::AnswerDetails,
};

/// What kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// To be read: the branch that was used last.
    Markdown,
    /// To be processed: everything.
    Json,
}

impl FromStr for ExportFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "md" => Ok(Self::Markdown),
            "json" => Ok(Self::Json),
            other => Err(format!("'{other}' is not a format; use 'md' or 'json'")),
        }
    }
}

impl Conversation {
    /// What people call it, if it was given a name.
    #[must_use]
    pub fn title(&self) -> Option<String> {
        self.state.field(Field::Title).filter(|title| !title.is_empty())
    }

    /// When it was made; as far as its id does not tell, when something was first said in it.
    #[must_use]
    pub fn created_at(&self) -> Option<Timestamp> {
        let first = || self.state.messages().into_iter().map(|message| message.created_at).min();
        self.id.made_at().or_else(first)
    }

    /// The messages from the first to the one that was written last, without other branches.
    #[must_use]
    pub fn last_branch(&self) -> Vec<Message> {
        let mut messages: HashMap<MessageId, Message> =
            self.state.messages().into_iter().map(|message| (message.id, message)).collect();
        let mut next = self.state.last_message();
        let mut branch = Vec::new();
        while let Some(message) = next.and_then(|id| messages.remove(&id)) {
            next = message.content.parent;
            branch.push(message);
        }
        branch.reverse();
        branch
    }

    /// The conversation as text of this format.
    #[must_use]
    pub fn export(&self, format: ExportFormat) -> String {
        match format {
            ExportFormat::Markdown => self.markdown(),
            ExportFormat::Json => self.json(),
        }
    }

    fn markdown(&self) -> String {
        let mut text =
            format!("# {}\n", self.title().unwrap_or_else(|| "Conversation".into()).replace(['\r', '\n'], " "));
        let branch = self.last_branch();
        let others = self.state.messages().len().saturating_sub(branch.len());
        if others > 0 {
            let (messages, are) = if others == 1 { ("message", "is") } else { ("messages", "are") };
            text += &format!(
                "\n*{others} {messages} of other branches {are} not in this file; the export with `format=json` has all.*\n"
            );
        }
        for message in branch {
            let who = match message.content.role {
                Speaker::User => "You",
                Speaker::Assistant => "Assistant",
                Speaker::System => "System",
                Speaker::Tool => "Tool",
            };
            text += &format!("\n## {who} · {}\n\n{}\n", message.created_at, message.content.content.trim_end());
            let sources = AnswerDetails::of(&message).sources();
            if !sources.is_empty() {
                text += &format!("\n{sources}");
            }
            if !message.is_whole {
                text += "\n*(broken off)*\n";
            }
        }
        text
    }

    fn json(&self) -> String {
        let messages: Vec<_> = self
            .state
            .messages()
            .into_iter()
            .map(|message| {
                json!({
                    "id": message.id, "parent_id": message.content.parent, "role": message.content.role,
                    "content": message.content.content, "details": message.content.details,
                    "feedback": self.state.feedback(message.id), "complete": message.is_whole,
                    "created_at": message.created_at,
                })
            })
            .collect();
        let conversation = json!({
            "id": self.id, "title": self.title(), "model": self.state.field(Field::Model),
            "created_at": self.created_at(), "updated_at": self.state.updated_at(), "messages": messages,
        });
        format!("{conversation:#}\n")
    }
}
