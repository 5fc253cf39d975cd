//! A look at a few stretches of a document.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
};

use crate::{
    conversion::Sample,
    services::{
        Policy,
        intake::{self, Entry},
    },
};

/// Bytes looked at: of the beginning, and of each stretch behind it.
const HEAD: u64 = 1 << 20;
const STRETCH: u64 = 64 << 10;
/// So many stretches, at equal distances; the last one ends with the document.
const STRETCHES: u64 = 8;

/// Looks at a file of so many bytes, which is one document; `None` if it is none, or bad.
pub(super) fn look(mut file: &File, name: &str, bytes: u64, policy: &Policy) -> io::Result<Option<(Entry, Sample)>> {
    let mut read = |start: u64, length: u64| {
        let mut stretch = Vec::new();
        file.seek(SeekFrom::Start(start))?;
        file.by_ref().take(length).read_to_end(&mut stretch).map(|_| stretch)
    };
    let head = read(0, HEAD)?;
    let Some(entry) = intake::plain_document(name, &head, bytes) else { return Ok(None) };
    let Some(mut sample) = Sample::new(&head, &policy.engine, policy.parser) else { return Ok(None) };
    for number in 1..=STRETCHES {
        let start = bytes * number / STRETCHES - STRETCH;
        if start >= HEAD && sample.has_boundaries() {
            let stretch = read(start, STRETCH)?;
            if number == STRETCHES { sample.add_end(&stretch) } else { sample.add(&stretch) }
        }
    }
    Ok(Some((entry, sample)))
}
