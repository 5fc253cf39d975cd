//! Reads one thing as a stream and holds it to what is known of it: its size, its checksum, the limits.

use std::{
    fs::File,
    io::{ErrorKind, Read},
};

use super::{
    archive::Described,
    limits::ArchiveLimits,
    reject::{Fault, RejectCode},
};

/// Something whose bytes can be had in order.
pub(super) trait ByteSource {
    /// Fills `buffer` (not empty) as far as the source reaches. 0 means the end, and that all was as it should be.
    fn fill(&mut self, buffer: &mut [u8]) -> Result<usize, Fault>;
}

/// The upload itself. Its size was checked as it came in, so nothing is left to check.
pub(super) struct PlainFile(pub(super) File);

impl ByteSource for PlainFile {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<usize, Fault> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.0.read(&mut buffer[filled..]) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(Fault::Io(error)),
            }
        }
        Ok(filled)
    }
}

/// An entry of an archive.
pub(super) struct PackedEntry<'a, R> {
    inflated: R,
    declared: Described,
    limits: &'a ArchiveLimits,
    /// Bytes out of all entries of the upload so far.
    total_bytes: &'a mut u64,
    received: u64,
    checksum: crc32fast::Hasher,
    ended: bool,
}

impl<'a, R: Read> PackedEntry<'a, R> {
    /// An entry whose bytes come from `inflated`; they are counted into `total_bytes`.
    pub(super) fn new(inflated: R, declared: Described, limits: &'a ArchiveLimits, total_bytes: &'a mut u64) -> Self {
        Self { inflated, declared, limits, total_bytes, received: 0, checksum: crc32fast::Hasher::new(), ended: false }
    }

    /// Reads no further than the declared size; past it one byte is asked for, to see that there is none.
    fn read_some(&mut self, buffer: &mut [u8]) -> Result<usize, Fault> {
        let missing = self.declared.bytes - self.received;
        let wanted = usize::try_from(missing).unwrap_or(usize::MAX).clamp(1, buffer.len());
        let count = loop {
            match self.inflated.read(&mut buffer[..wanted]) {
                Ok(count) => break count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // The reader refuses to deliver more than the declared size.
                Err(error) if missing == 0 && error.raw_os_error().is_none() => return Err(self.size_mismatch("more")),
                Err(error) => return Err(Fault::from_read(error)),
            }
        };
        match count {
            0 => self.check_end().map(|()| 0),
            _ if missing == 0 => Err(self.size_mismatch("more")),
            _ => self.account(&buffer[..count]).map(|()| count),
        }
    }

    fn account(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.checksum.update(bytes);
        self.received += bytes.len() as u64;
        *self.total_bytes = self.total_bytes.saturating_add(bytes.len() as u64);
        let (ratio, total) = (self.limits.ratio, self.limits.inflated_bytes);
        if *self.total_bytes > total {
            let detail = format!(
                "the archives hold more than {total} bytes; nothing from this entry on was read, upload it in parts"
            );
            return Err(Fault::rejected(RejectCode::ZipTooLarge, detail));
        }
        let allowed = self.declared.packed_bytes.saturating_mul(ratio);
        if self.received > self.limits.ratio_floor_bytes && self.received > allowed {
            let detail = format!("the entry inflates to more than {ratio} times its size; upload it unpacked");
            return Err(Fault::rejected(RejectCode::ZipRatio, detail));
        }
        Ok(())
    }

    fn check_end(&mut self) -> Result<(), Fault> {
        self.ended = true;
        if self.received < self.declared.bytes {
            return Err(self.size_mismatch("fewer"));
        }
        if self.checksum.clone().finalize() != self.declared.crc {
            let detail = "the bytes do not match their checksum; make the archive anew";
            return Err(Fault::rejected(RejectCode::ZipCrcMismatch, detail));
        }
        Ok(())
    }

    fn size_mismatch(&self, how: &str) -> Fault {
        let detail = format!("there are {how} bytes than the declared {}; make the archive anew", self.declared.bytes);
        Fault::rejected(RejectCode::ZipSizeMismatch, detail)
    }
}

impl<R: Read> ByteSource for PackedEntry<'_, R> {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<usize, Fault> {
        let mut filled = 0;
        while filled < buffer.len() && !self.ended {
            filled += self.read_some(&mut buffer[filled..])?;
        }
        Ok(filled)
    }
}
