//! From the services' errors to problems: one exhaustive match for each, so that a new error does not compile until somebody decides its
//! answer. A failure of the service itself is logged here, once, and never shown.

use std::time::Duration;

use super::{Problem, ProblemCode as Code, partial_upload::UPLOAD_OFFSET, problem::in_seconds};
use crate::services::{
    StoreError, StoreErrorKind,
    accounts::AccountError,
    auth::AuthError,
    chat::{ChatError, ModelErrorKind},
    conversations::{ConversationError, Share},
    conversions::ConvertError,
    tables::{QueryError, TableError},
    uploads::{TicketError, UploadError},
};

/// How long a client should wait when a store is away.
const STORE_RETRY: Duration = Duration::from_secs(2);

/// How long when others have to leave first.
const ROOM_RETRY: Duration = Duration::from_secs(60);

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error.kind {
            StoreErrorKind::Unavailable => {
                tracing::warn!(%error, "a store is unavailable");
                Self::of(Code::Unavailable).retry_after(STORE_RETRY)
            }
            StoreErrorKind::Full => {
                tracing::error!(%error, "a store is full");
                Self::of(Code::StorageFull)
            }
            StoreErrorKind::Gone => Self::of(Code::SessionEnded),
            StoreErrorKind::Refused | StoreErrorKind::Internal => {
                tracing::error!(%error, "a store failed");
                Self::of(Code::Internal)
            }
        }
    }
}

impl From<ConversationError> for Problem {
    fn from(error: ConversationError) -> Self {
        match error {
            ConversationError::NotFound => Self::of(Code::NotFound),
            ConversationError::MessageExists => Self::of(Code::MessageExists),
            ConversationError::NoSuchParent => Self::of(Code::UnknownParent),
            ConversationError::TooLong { .. } => Self::new(Code::MessageTooLarge, format!("{error}; send it in parts")),
            ConversationError::Busy => {
                Self::new(Code::Unavailable, "too much waits for the database; send the same again later")
                    .retry_after(STORE_RETRY)
            }
            ConversationError::NoRoom(Share::Number | Share::Session, _) => {
                Self::new(Code::TemporaryFull, error.to_string())
            }
            ConversationError::NoRoom(Share::All, _) => {
                tracing::warn!("temporary conversations of all sessions take as much as they may");
                Self::new(Code::Unavailable, error.to_string()).retry_after(ROOM_RETRY)
            }
            ConversationError::NothingShared => Self::new(Code::InvalidParameter, error.to_string()),
            ConversationError::Unknown => Self::new(
                Code::Unavailable,
                "the database did not answer in time, so it is not known whether this was kept; send the same again, \
                 a message with the same id",
            )
            .retry_after(STORE_RETRY),
            ConversationError::Refused(why) => {
                tracing::error!(%why, "a change of a conversation was refused");
                Self::of(Code::Internal)
            }
            ConversationError::Store(error) => error.into(),
        }
    }
}

impl From<ChatError> for Problem {
    fn from(error: ChatError) -> Self {
        match error {
            ChatError::Conversation(error) => error.into(),
            ChatError::Tables(error) => error.into(),
            ChatError::Model(error) => {
                tracing::warn!(%error, "a model failed");
                let problem = Self::new(Code::ModelUnavailable, error.mend());
                match error.kind {
                    ModelErrorKind::Busy { retry_after: Some(after) } => problem.retry_after(after),
                    _ => problem,
                }
            }
            ChatError::QuestionTooLong { .. } => Self::new(Code::MessageTooLarge, error.to_string()),
            ChatError::TooLong | ChatError::NoAnswer => Self::new(Code::ModelUnavailable, error.to_string()),
            ChatError::Busy => Self::of(Code::TooManyAnswers),
            ChatError::InsteadOfNothing => Self::new(Code::InvalidBody, error.to_string()),
            ChatError::NoSuchAnswer => Self::new(Code::NotFound, error.to_string()),
        }
    }
}

impl From<AuthError> for Problem {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::InvalidCredentials => Self::of(Code::InvalidCredentials),
            AuthError::Throttled { retry_after } => {
                let detail = format!("too many failed logins; wait {} before the next try", in_seconds(retry_after));
                Self::new(Code::RateLimited, detail).retry_after(retry_after)
            }
            AuthError::WrongPassword => Self::new(Code::InvalidCredentials, error.to_string()),
            AuthError::NotSignedIn => Self::of(Code::NotSignedIn),
            AuthError::InvalidRefreshToken => Self::of(Code::InvalidRefreshToken),
            AuthError::RefreshTokenReused => Self::of(Code::RefreshTokenReused),
            AuthError::WeakPassword(rule) => Self::new(Code::WeakPassword, rule),
            AuthError::Store(error) => error.into(),
        }
    }
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Invalid(rule) => Self::new(Code::InvalidAccount, rule),
            AccountError::NameTaken => Self::of(Code::UsernameTaken),
            AccountError::NotFound => Self::of(Code::NotFound),
            AccountError::LastAdmin => Self::of(Code::LastAdmin),
            AccountError::Store(error) => error.into(),
        }
    }
}

impl From<UploadError> for Problem {
    fn from(error: UploadError) -> Self {
        match error {
            UploadError::InvalidName(problem) => Self::new(Code::InvalidFileName, problem),
            UploadError::TooLarge { limit } => {
                Self::new(Code::UploadTooLarge, format!("the file is larger than {limit} bytes; split it"))
            }
            UploadError::Empty { name } => Self::new(Code::EmptyUpload, format!("the file '{name}' has no bytes")),
            UploadError::NoDocuments { rejected } => Self::of(Code::NoDocuments).with_errors(rejected),
            UploadError::PathTaken => Self::of(Code::PathTaken),
            UploadError::SessionEnded => Self::of(Code::SessionEnded),
            UploadError::Store(error) => error.into(),
        }
    }
}

impl From<TicketError> for Problem {
    fn from(error: TicketError) -> Self {
        match error {
            TicketError::NotFound => Self::of(Code::NotFound),
            TicketError::Expired => Self::of(Code::TicketExpired),
            TicketError::Completed => Self::of(Code::TicketCompleted),
            TicketError::ContentMissing { arrived: 0, .. } => Self::of(Code::ContentMissing),
            TicketError::ContentMissing { arrived, expected } => Self::new(
                Code::ContentMissing,
                format!(
                    "{} of {expected} bytes are missing; `HEAD` of the ticket's `upload_url` tells where to go on, and `PATCH` \
                     sends them",
                    expected.saturating_sub(arrived)
                ),
            ),
            TicketError::OtherOffset { arrived, given } => Self::new(
                Code::ContentOffsetMismatch,
                format!("{arrived} bytes have arrived, so the next go there and not to {given}"),
            )
            .with_header(UPLOAD_OFFSET, arrived.into()),
            TicketError::InUse => Self::of(Code::ContentInUse),
            TicketError::WrongSize { expected } => Self::new(
                Code::ContentSizeMismatch,
                format!(
                    "the ticket is for {expected} bytes; send as many, or ask for a ticket of the file's true size"
                ),
            ),
            TicketError::Upload(error) => error.into(),
        }
    }
}

impl From<ConvertError> for Problem {
    fn from(error: ConvertError) -> Self {
        match error {
            ConvertError::NoDocuments => Self::of(Code::NothingToConvert),
            ConvertError::UnknownSelection(detail) => Self::new(Code::UnknownDocuments, detail),
            ConvertError::FormatUnavailable(_) => Self::new(Code::FormatUnavailable, error.to_string()),
            ConvertError::NothingConvertible(errors) => Self::of(Code::NothingConvertible).with_errors(errors),
            ConvertError::Plan(error) => Self::new(Code::ConversionImpossible, error.to_string()),
            ConvertError::SessionEnded => Self::of(Code::SessionEnded),
            ConvertError::Store(error) => error.into(),
        }
    }
}

impl From<TableError> for Problem {
    fn from(error: TableError) -> Self {
        match error {
            TableError::NotFound(table) => Self::new(Code::NotFound, format!("there is no table '{table}'")),
            TableError::NoSuchGroup(group) => Self::new(Code::NotFound, format!("there is no group '{group}'")),
            TableError::NothingToCompare(_) => Self::new(Code::NotFound, error.to_string()),
            TableError::NotConverted(_) => Self::new(Code::NothingConverted, error.to_string()),
            TableError::NothingConverted => Self::of(Code::NothingConverted),
            TableError::InvalidPage(reason) => Self::new(Code::InvalidParameter, reason),
            TableError::TurnsTaken => Self::new(Code::RateLimited, error.to_string()).retry_after(STORE_RETRY),
            TableError::Crowded => Self::new(Code::Unavailable, error.to_string()).retry_after(STORE_RETRY),
            TableError::TookTooLong(_) => Self::new(Code::SqlTimeout, error.to_string()),
            TableError::Query(error) => error.into(),
        }
    }
}

impl From<QueryError> for Problem {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::Rejected(reason) => Self::new(Code::SqlRejected, reason),
            QueryError::Timeout => Self::of(Code::SqlTimeout),
            QueryError::Failed(reason) => Self::new(Code::SqlFailed, reason),
            QueryError::Store(error) => error.into(),
        }
    }
}
