//! Entries as Redis keeps them: `{revision}|{at}|{value}`, a large value as a Zstandard frame.

use crate::domain::{
    Timestamp,
    conversation::{Entry, Revision},
};

/// What every frame begins with, and no JSON.
const FRAME: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// A value above so many bytes is compressed, if that makes it smaller.
#[derive(Clone, Copy, Debug)]
pub(super) struct Encoding {
    pub(super) compress_above: usize,
}

impl Encoding {
    pub(super) fn write(self, entry: &Entry) -> Vec<u8> {
        let mut written = format!("{}|{}|", entry.revision.number(), entry.at.as_millis()).into_bytes();
        let plain = entry.value.as_bytes();
        match (plain.len() > self.compress_above).then(|| zstd::bulk::compress(plain, zstd::DEFAULT_COMPRESSION_LEVEL))
        {
            Some(Ok(packed)) if packed.len() < plain.len() => written.extend_from_slice(&packed),
            _ => written.extend_from_slice(plain),
        }
        written
    }
}

/// Reads what was written; `None` if it is damaged.
pub(super) fn read(kept: &[u8]) -> Option<Entry> {
    let mut parts = kept.splitn(3, |byte| *byte == b'|');
    let revision = std::str::from_utf8(parts.next()?).ok()?.parse().ok()?;
    let at = std::str::from_utf8(parts.next()?).ok()?.parse().ok()?;
    let value = parts.next()?;
    let value = if value.starts_with(&FRAME) {
        String::from_utf8(zstd::stream::decode_all(value).ok()?).ok()?.into()
    } else {
        std::str::from_utf8(value).ok()?.into()
    };
    Some(Entry { revision: Revision::new(revision), at: Timestamp::from_millis(at), value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_as_they_are_written() {
        let encoding = Encoding { compress_above: 100 };
        for value in ["", "\"a|b\"", "\"ä\u{10ffff}\"", &"{}".repeat(1000)] {
            let entry = Entry { revision: Revision::MAX, at: Timestamp::from_millis(-5), value: value.into() };
            let written = encoding.write(&entry);
            assert!(written.len() < 150);
            assert_eq!(read(&written), Some(entry));
        }
        for damaged in [&b"1|2"[..], b"x|2|3", b"1|2|\xff", b"1|2|\x28\xb5\x2f\xfd"] {
            assert_eq!(read(damaged), None);
        }
    }
}
