//! Why an entry of an upload is left out.

use std::{fmt, io};

use serde::{Deserialize, Serialize};
use zip::result::ZipError;

use crate::domain::DocumentProblem;

/// The kind of fault; its snake_case form is part of the HTTP contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RejectCode {
    /// Neither XML nor an archive.
    NotXml,
    /// An archive that cannot be read, or an entry whose packed data is damaged.
    ZipCorrupt,
    /// An archive without any entry.
    ZipEmpty,
    /// More entries than the limit.
    ZipTooManyEntries,
    /// More archives within each other than the limit.
    ZipNested,
    /// A name that could point elsewhere, or is not a name.
    ZipBadName,
    /// A name that an earlier entry has.
    ZipDuplicateName,
    /// Entries that share bytes.
    ZipOverlap,
    /// Headers that contradict each other, or an entry that the directory hides.
    ZipInconsistent,
    /// A link, device, pipe or socket.
    ZipSpecialFile,
    /// An entry that inflates too much for its size.
    ZipRatio,
    /// The limit of inflated bytes is used up; nothing after this entry was read.
    ZipTooLarge,
    /// More or fewer bytes than the directory says.
    ZipSizeMismatch,
    /// Bytes that do not match their checksum.
    ZipCrcMismatch,
    /// An encrypted entry.
    ZipEncrypted,
    /// A way of packing other than stored and deflated.
    ZipUnsupportedMethod,
}

impl RejectCode {
    /// The code as it stands in answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotXml => "not_xml",
            Self::ZipCorrupt => "zip_corrupt",
            Self::ZipEmpty => "zip_empty",
            Self::ZipTooManyEntries => "zip_too_many_entries",
            Self::ZipNested => "zip_nested",
            Self::ZipBadName => "zip_bad_name",
            Self::ZipDuplicateName => "zip_duplicate_name",
            Self::ZipOverlap => "zip_overlap",
            Self::ZipInconsistent => "zip_inconsistent",
            Self::ZipSpecialFile => "zip_special_file",
            Self::ZipRatio => "zip_ratio",
            Self::ZipTooLarge => "zip_too_large",
            Self::ZipSizeMismatch => "zip_size_mismatch",
            Self::ZipCrcMismatch => "zip_crc_mismatch",
            Self::ZipEncrypted => "zip_encrypted",
            Self::ZipUnsupportedMethod => "zip_unsupported_method",
        }
    }
}

impl fmt::Display for RejectCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    /// The way to it through the archives, made printable.
    pub path: String,
    /// The kind of fault.
    pub code: RejectCode,
    /// What is wrong and what would mend it.
    pub detail: String,
}

impl From<Rejected> for DocumentProblem {
    fn from(rejected: Rejected) -> Self {
        let Rejected { path, code, detail } = rejected;
        Self { file: path, line: None, column: None, code: code.to_string(), detail }
    }
}

/// Why something could not be read: the upload's fault, which is reported, or the machine's, which ends the walk.
#[derive(Debug)]
pub(super) enum Fault {
    Rejected(RejectCode, String),
    Io(io::Error),
}

impl Fault {
    pub(super) fn rejected(code: RejectCode, detail: impl Into<String>) -> Self {
        Self::Rejected(code, detail.into())
    }

    /// A failed read of packed data.
    pub(super) fn from_read(error: io::Error) -> Self {
        if is_of_the_machine(&error) {
            return Self::Io(error);
        }
        Self::rejected(RejectCode::ZipCorrupt, format!("the packed data is damaged ({error}); make the archive anew"))
    }

    /// A failure of the ZIP reader; `code` is what an invalid structure means at this place.
    pub(super) fn from_zip(error: ZipError, code: RejectCode) -> Self {
        match error {
            ZipError::Io(error) if is_of_the_machine(&error) => Self::Io(error),
            ZipError::InvalidArchive(reason) => Self::rejected(code, format!("{reason}; make the archive anew")),
            ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => Self::encrypted(),
            ZipError::CompressionMethodNotSupported(method) => Self::unsupported_method(format!("method {method}")),
            other => Self::rejected(RejectCode::ZipCorrupt, format!("{other}; make the archive anew")),
        }
    }

    pub(super) fn encrypted() -> Self {
        Self::rejected(RejectCode::ZipEncrypted, "the entry is encrypted; pack it without a password")
    }

    pub(super) fn unsupported_method(method: impl fmt::Display) -> Self {
        let detail = format!("the entry is packed with an unsupported {method}; use deflate or store");
        Self::rejected(RejectCode::ZipUnsupportedMethod, detail)
    }
}

/// Whether the machine failed rather than the data. Data leads to errors without a system code, to a premature end, or to a seek to a
/// place that cannot exist.
fn is_of_the_machine(error: &io::Error) -> bool {
    error.raw_os_error().is_some()
        && !matches!(
            error.kind(),
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_written_as_it_is_serialized() {
        for code in [RejectCode::NotXml, RejectCode::ZipTooManyEntries, RejectCode::ZipUnsupportedMethod] {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }

    #[test]
    fn a_failing_disk_is_not_the_fault_of_the_upload() {
        assert!(matches!(Fault::from_read(io::Error::from_raw_os_error(5)), Fault::Io(_)));
        assert!(matches!(
            Fault::from_zip(io::Error::from_raw_os_error(5).into(), RejectCode::ZipOverlap),
            Fault::Io(_)
        ));
        for kind in [io::ErrorKind::UnexpectedEof, io::ErrorKind::InvalidData] {
            assert!(matches!(Fault::from_read(kind.into()), Fault::Rejected(RejectCode::ZipCorrupt, _)));
        }
    }
}
