//! Ids are types, not strings: a session's id cannot be passed where a user's is wanted.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Timestamp;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    };
}

id!(
    /// A person's account.
    UserId
);
id!(
    /// One login and everything that belongs to it; also the family of its refresh tokens.
    SessionId
);
id!(
    /// One uploaded file.
    UploadId
);
impl UploadId {
    /// When it was made, which a UUIDv7 tells; `None` if it is none.
    #[must_use]
    pub fn made_at(self) -> Option<Timestamp> {
        made_at(self.0)
    }
}

fn made_at(id: Uuid) -> Option<Timestamp> {
    let (seconds, nanoseconds) = id.get_timestamp()?.to_unix();
    let millis = seconds.saturating_mul(1000).saturating_add(u64::from(nanoseconds / 1_000_000));
    i64::try_from(millis).ok().map(Timestamp::from_millis)
}

id!(
    /// One XML document found in an upload.
    DocumentId
);
id!(
    /// One piece of work in the background.
    JobId
);
id!(
    /// One conversation of a person; a UUIDv7 made here, or the same with the version 8 (custom) for one that is kept nowhere for good: so
    /// whoever meets the id knows where the conversation is.
    ConversationId
);
impl ConversationId {
    /// The id of a temporary conversation, from a UUIDv7.
    #[must_use]
    pub fn temporary(id: Uuid) -> Self {
        Self(with_version(id, 8))
    }

    /// Whether the conversation is kept nowhere for good.
    #[must_use]
    pub fn is_temporary(self) -> bool {
        self.0.get_version_num() == 8
    }

    /// When it was made, which a UUIDv7 tells; `None` if it is none.
    #[must_use]
    pub fn made_at(self) -> Option<Timestamp> {
        made_at(if self.is_temporary() { with_version(self.0, 7) } else { self.0 })
    }
}

fn with_version(id: Uuid, version: u8) -> Uuid {
    let mut bytes = id.into_bytes();
    bytes[6] = (bytes[6] & 0x0f) | (version << 4);
    Uuid::from_bytes(bytes)
}

id!(
    /// One message of a conversation, given by the client or made here.
    MessageId
);
id!(
    /// One entry of the audit log; a UUIDv7 made here.
    AuditEntryId
);
