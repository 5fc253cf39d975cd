//! Files of a session: what people see (area and path) and where the bytes are (a generated key).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{SessionId, Timestamp};

/// The three areas of files that a person can list and download.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    /// Files as they were uploaded.
    Input,
    /// XML documents found inside uploaded archives.
    Extracted,
    /// Tables made by the last conversion.
    Output,
}

impl Area {
    /// The area as it stands in paths and rows.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Extracted => "extracted",
            Self::Output => "output",
        }
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Area {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "input" => Ok(Self::Input),
            "extracted" => Ok(Self::Extracted),
            "output" => Ok(Self::Output),
            other => Err(format!("'{other}' is not an area; use input, extracted or output")),
        }
    }
}

/// Where the bytes of a file are: a path below the session's folder (or blob prefix), made by the service from ids and
/// sanitised names, never from what a client sent as it came.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FileKey {
    /// The session that owns the file.
    pub session: SessionId,
    /// Relative path with `/`, for instance `input/0193…/orders.xml`.
    pub path: String,
}

impl FileKey {
    /// The key of a path below the session's folder.
    #[must_use]
    pub fn new(session: SessionId, path: impl Into<String>) -> Self {
        Self { session, path: path.into() }
    }
}

/// One published file: its row is what makes it visible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    /// The area it is listed in.
    pub area: Area,
    /// The path people see, unique in its area.
    pub path: String,
    /// Where the bytes are, below the session's folder.
    pub key: String,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of the bytes in lower-case hexadecimal.
    pub sha256: Option<String>,
    /// Media type.
    pub content_type: String,
    /// When it was published.
    pub modified_at: Timestamp,
}

/// Bytes as lower-case hexadecimal: digests as they are kept and shown.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
