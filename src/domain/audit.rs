//! The audit log: who did what, when, from where, and how it ended. No password, token, cell or content of a file is ever in it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{AuditEntryId, Timestamp, User, UserId};

/// Texts that people typed, such as paths, are kept up to this length.
const CHARACTERS_AT_MOST: usize = 256;

macro_rules! actions {
    ($($(#[doc = $doc:literal])+ $variant:ident = $text:tt,)+) => {
        /// What was done.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        pub enum AuditAction {
            $($(#[doc = $doc])+ #[serde(rename = $text)] $variant,)+
        }

        impl AuditAction {
            /// Every action there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The action as stored and sent.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
    };
}

actions! {
    /// Somebody logged in; the subject is the session.
    Login = "auth.login",
    /// A login with a wrong password, or of an account that is disabled or not there. Who is told apart by too many of them is refused
    /// before the password is looked at, and that is not kept.
    LoginFailed = "auth.login_failed",
    /// Somebody logged out; the subject is the session.
    Logout = "auth.logout",
    /// Somebody changed their password, or was refused for a wrong current one.
    PasswordChanged = "auth.password_changed",
    /// A refresh token was presented that was spent before; the subject is the session.
    TokenReused = "auth.token_reused",
    /// An account was made; the subject is the account.
    AccountAdded = "account.added",
    /// An account was given another role or password, disabled or enabled; the subject is the account.
    AccountChanged = "account.changed",
    /// An account was removed; the subject is the account.
    AccountRemoved = "account.removed",
    /// Files were taken in; the subject is the name, if it is one file.
    UploadFinished = "upload.finished",
    /// A conversion was asked for; the subject is the job.
    ConversionStarted = "conversion.started",
    /// A file was removed, with what came out of it; the subject is its area and path.
    FilesRemoved = "files.removed",
    /// A person deleted a conversation; the subject is the conversation.
    ConversationDeleted = "conversation.deleted",
    /// An administrator had the service clean up.
    Cleanup = "admin.cleanup",
    /// An administrator had waiting conversations written.
    Flush = "admin.flush",
    /// An administrator ended a session; the subject is the session.
    SessionEnded = "session.ended",
    /// An administrator cancelled a job; the subject is the job.
    JobCancelled = "job.cancelled",
    /// A session ended because nothing was heard of it; the subject is the session.
    SessionIdleEnded = "session.idle_ended",
}

impl FromStr for AuditAction {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.iter().copied().find(|action| action.as_str() == text);
        known.ok_or_else(|| format!("'{text}' is not an action of the audit log"))
    }
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuditOutcome {
    /// It was done.
    Done,
    /// It was refused.
    Refused,
}

impl AuditOutcome {
    /// The outcome as stored and sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
        }
    }
}

impl FromStr for AuditOutcome {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "done" => Ok(Self::Done),
            "refused" => Ok(Self::Refused),
            other => Err(format!("'{other}' is not an outcome of the audit log")),
        }
    }
}

/// Who does something, and from where. By default somebody unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actor {
    id: Option<UserId>,
    name: Option<String>,
    address: Option<String>,
}

impl Actor {
    /// A person.
    #[must_use]
    pub fn person(user: &User) -> Self {
        Self { id: Some(user.id), name: Some(user.username.clone()), address: None }
    }

    /// A part of the service itself, or its command line. The name has a space or is none of an account for another reason.
    #[must_use]
    pub fn service(part: &str) -> Self {
        Self { id: None, name: Some(part.to_owned()), address: None }
    }

    /// The same from a client's address.
    #[must_use]
    pub fn at(mut self, address: &str) -> Self {
        self.address = Some(shown(address));
        self
    }
}

/// One line of the audit log.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct AuditEntry {
    /// Identity of the entry.
    pub id: AuditEntryId,
    /// When.
    pub at: Timestamp,
    /// Whose account; null for the service itself, and for somebody unknown. The account may be gone.
    pub actor: Option<UserId>,
    /// The account's name then, or the part of the service.
    pub actor_name: Option<String>,
    /// What was done.
    pub action: AuditAction,
    /// What it was done to: an id, a name or a path.
    pub subject: Option<String>,
    /// The client's address, as the rate limit knows it.
    pub client_address: Option<String>,
    /// How it ended.
    pub outcome: AuditOutcome,
    /// Counts and other particulars of the action.
    #[schema(value_type = Object)]
    pub details: Value,
}

impl AuditEntry {
    /// That something was done.
    #[must_use]
    pub fn new(id: AuditEntryId, at: Timestamp, actor: &Actor, action: AuditAction) -> Self {
        let Actor { id: actor, name: actor_name, address: client_address } = actor.clone();
        let outcome = AuditOutcome::Done;
        Self { id, at, actor, actor_name, action, subject: None, client_address, outcome, details: json!({}) }
    }

    /// The same, done to this.
    #[must_use]
    pub fn about(mut self, subject: impl fmt::Display) -> Self {
        self.subject = Some(shown(&subject.to_string()));
        self
    }

    /// The same with these members as particulars.
    #[must_use]
    pub fn with(mut self, details: Value) -> Self {
        self.details = details;
        self
    }

    /// The same, refused.
    #[must_use]
    pub fn refused(mut self) -> Self {
        self.outcome = AuditOutcome::Refused;
        self
    }
}

/// A text as it may stand in the log: of bounded length, without control characters.
#[must_use]
pub fn shown(text: &str) -> String {
    let clean = |character: char| if character.is_control() { char::REPLACEMENT_CHARACTER } else { character };
    text.chars().take(CHARACTERS_AT_MOST).map(clean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_and_outcomes_are_read_as_they_are_written() {
        for action in AuditAction::ALL {
            assert_eq!(action.as_str().parse(), Ok(*action));
            assert_eq!(serde_json::to_value(action).unwrap(), action.as_str());
        }
        for outcome in [AuditOutcome::Done, AuditOutcome::Refused] {
            assert_eq!(outcome.as_str().parse(), Ok(outcome));
            assert_eq!(serde_json::to_value(outcome).unwrap(), outcome.as_str());
        }
        assert!("auth.logon".parse::<AuditAction>().is_err());
    }

    #[test]
    fn what_people_typed_is_bounded_and_one_line() {
        assert_eq!(shown("a\nb\0c"), "a\u{fffd}b\u{fffd}c");
        assert_eq!(shown(&"ä".repeat(1000)).chars().count(), CHARACTERS_AT_MOST);
    }
}
