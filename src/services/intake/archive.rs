//! Opens an archive and checks its directory before anything is read out of it.

use std::{
    fs::File,
    io::{BufReader, Seek},
};

use zip::{
    CompressionMethod, ZipArchive, ZipReadOptions,
    read::{Config, ZipFile, ZipFileEntry},
    result::ZipResult,
    unstable::read::ZipIterable,
};

use super::reject::{Fault, RejectCode};
use crate::domain::names::MAX_ENTRY_NAME_BYTES;

/// Bits of an entry's flags that mean it cannot be read without a key: encrypted, strongly encrypted, headers masked.
const ENCRYPTION_FLAGS: u16 = 0x0001 | 0x0040 | MASKED_FLAG;
const MASKED_FLAG: u16 = 0x2000;

/// The part of a Unix mode that tells the kind of file.
const KIND_OF_FILE: u32 = 0o170_000;
const REGULAR_FILE: u32 = 0o100_000;

/// An archive whose directory is sound: within the limit, without duplicates or overlaps, in agreement with the local headers.
pub(super) struct Archive {
    zip: ZipArchive<BufReader<File>>,
}

/// What the directory says of an entry.
#[derive(Debug)]
pub(super) struct Described {
    /// The name as it stands there.
    pub(super) name: String,
    /// Declared size in bytes.
    pub(super) bytes: u64,
    /// Bytes that it takes in the archive.
    pub(super) packed_bytes: u64,
    /// Declared checksum.
    pub(super) crc: u32,
}

impl Archive {
    /// Opens an archive of at most `max_entries` entries.
    pub(super) fn open(mut file: File, max_entries: u64) -> Result<Self, Fault> {
        let headers = survey(&mut file, max_entries)?;
        file.rewind().map_err(Fault::Io)?;
        let mut zip =
            ZipArchive::new(BufReader::new(file)).map_err(|error| Fault::from_zip(error, RejectCode::ZipCorrupt))?;
        if zip.has_duplicate_names() {
            let detail = "two entries have the same name; make the archive anew";
            return Err(Fault::rejected(RejectCode::ZipDuplicateName, detail));
        }
        if zip.has_overlapping_entries().map_err(|error| Fault::from_zip(error, RejectCode::ZipCorrupt))? {
            let detail = "entries of the archive share bytes; make the archive anew";
            return Err(Fault::rejected(RejectCode::ZipOverlap, detail));
        }
        if headers == Headers::Plain {
            // Masked local headers never agree; then each entry is checked on its own as it is opened.
            zip.validate_header_consistency().map_err(|error| Fault::from_zip(error, RejectCode::ZipInconsistent))?;
        }
        Ok(Self { zip })
    }

    /// Entries in the directory.
    pub(super) fn len(&self) -> usize {
        self.zip.len()
    }

    /// The name of an entry for a report: control characters are replaced, and what no accepted name could hold is cut off.
    pub(super) fn printable_name(&self, index: usize) -> String {
        let name = self.zip.name_for_index(index).and_then(Result::ok).unwrap_or_default();
        name.chars().take(MAX_ENTRY_NAME_BYTES).map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
    }

    /// What the directory says of an entry.
    pub(super) fn describe(&self, index: usize) -> Result<Described, Fault> {
        let corrupt = |error| Fault::from_zip(error, RejectCode::ZipCorrupt);
        let entry = self.zip.by_index_data(index).map_err(corrupt)?;
        let name = entry.name().map_err(corrupt)?.into_owned();
        Ok(Described { name, bytes: entry.size(), packed_bytes: entry.compressed_size(), crc: entry.crc32() })
    }

    /// Refuses an entry that is no regular file, is encrypted, or is packed in an unknown way.
    pub(super) fn check_readable(&self, index: usize) -> Result<(), Fault> {
        let entry = self.zip.by_index_data(index).map_err(|error| Fault::from_zip(error, RejectCode::ZipCorrupt))?;
        if is_special_file(&entry) {
            let detail = "the entry is a link, a device or another special file; put the file itself into the archive";
            return Err(Fault::rejected(RejectCode::ZipSpecialFile, detail));
        }
        if entry.flags().as_u16() & ENCRYPTION_FLAGS != 0 {
            return Err(Fault::encrypted());
        }
        match entry.compression() {
            CompressionMethod::Stored | CompressionMethod::Deflated => Ok(()),
            other => Err(Fault::unsupported_method(format!("method {other}"))),
        }
    }

    /// The inflated bytes of an entry. The reader does not check the checksum.
    pub(super) fn reader(&mut self, index: usize) -> Result<ZipFile<'_, BufReader<File>>, Fault> {
        let options = ZipReadOptions::new().ignore_crc32(true).enforce_header_consistency(true);
        self.zip
            .by_index_with_options(index, options)
            .map_err(|error| Fault::from_zip(error, RejectCode::ZipInconsistent))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Headers {
    Plain,
    /// An encrypted directory hides the true values from the local headers.
    Masked,
}

/// Reads through the directory once without keeping it, so that no index is built of one that is too long or broken.
fn survey(file: &mut File, max_entries: u64) -> Result<Headers, Fault> {
    let corrupt = |error| Fault::from_zip(error, RejectCode::ZipCorrupt);
    let mut directory = ZipIterable::try_new(BufReader::new(file), Config::default()).map_err(corrupt)?;
    if directory.is_empty() {
        return Err(Fault::rejected(RejectCode::ZipEmpty, "the archive has no entries; put the XML files into it"));
    }
    let entries = directory.len() as u64;
    if entries > max_entries {
        let detail = format!("the archive has {entries} entries where {max_entries} are left; split the upload");
        return Err(Fault::rejected(RejectCode::ZipTooManyEntries, detail));
    }
    let masked = directory
        .files()
        .map_err(corrupt)?
        .try_fold(false, |masked, entry| -> ZipResult<bool> {
            Ok(masked | (entry?.flags().as_u16() & MASKED_FLAG != 0))
        })
        .map_err(corrupt)?;
    Ok(if masked { Headers::Masked } else { Headers::Plain })
}

/// Tells by the Unix mode whatever system the archive claims to come from: others leave these bits zero.
fn is_special_file(entry: &ZipFileEntry<'_>) -> bool {
    let kind = (entry.external_attributes() >> 16) & KIND_OF_FILE;
    kind != 0 && kind != REGULAR_FILE
}
