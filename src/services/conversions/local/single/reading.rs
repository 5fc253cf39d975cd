//! Finding where a stretch begins, and reading it.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
};

use super::{
    Guess,
    stretches::{Ending, STRETCH},
    table_lines::TableLines,
};
use crate::{
    conversion::{Stretch, StretchEnd},
    services::conversions::emit::{READ_BUFFER, read_some},
};

/// How much is read to find a place, in bytes.
const SEARCH: usize = 16 << 10;
/// Bytes in which such a place is searched; if there is none in so many, the document is read in two passes.
const LONGEST_SEARCH: usize = 16 << 20;

/// The document, as one of the threads reads it.
pub(super) struct Reading<'g, 'a> {
    guess: &'g Guess<'a>,
    file: File,
    buffer: Vec<u8>,
}

impl<'g, 'a> Reading<'g, 'a> {
    pub(super) fn new(guess: &'g Guess<'a>) -> Result<Self, Ending> {
        let file = guess.open().map_err(Ending::Read)?.ok_or(Ending::Misfit)?;
        Ok(Self { guess, file, buffer: vec![0; READ_BUFFER] })
    }

    /// The beginning and the end of the stretch of that number; `None` where there is no place to begin one, so that the stretch before goes on
    /// over it.
    pub(super) fn bounds(&mut self, number: u64) -> Result<Option<(u64, Option<u64>)>, Ending> {
        let begin = self.find_boundary(number * STRETCH)?;
        let end = self.find_boundary((number + 1) * STRETCH)?;
        Ok(begin.filter(|begin| end != Some(*begin)).map(|begin| (begin, end)))
    }

    /// The first place at or behind `from` at which a stretch may begin. Whoever asks gets the same answer.
    fn find_boundary(&mut self, from: u64) -> Result<Option<u64>, Ending> {
        if from == 0 {
            return Ok(Some(0));
        }
        let mut bytes = Vec::new();
        let mut length = SEARCH;
        while length <= LONGEST_SEARCH {
            self.file.seek(SeekFrom::Start(from + bytes.len() as u64)).map_err(Ending::Read)?;
            let missing = (length - bytes.len()) as u64;
            let read = self.file.by_ref().take(missing).read_to_end(&mut bytes).map_err(Ending::Read)?;
            if let Some(at) = self.guess.sample.find_boundary(&bytes) {
                return Ok(Some(from + at as u64));
            }
            if (read as u64) < missing {
                return Ok(None);
            }
            length *= 2;
        }
        Err(Ending::Misfit)
    }

    /// Reads a stretch; without `lines` it is only counted.
    pub(super) fn read<'l>(
        &mut self,
        (begin, end): (u64, Option<u64>),
        lines: Option<TableLines<'l>>,
    ) -> Result<StretchEnd<TableLines<'l>>, Ending> {
        let Guess { sample, document, .. } = self.guess;
        let stretch = Stretch::new(self.guess.plan(), sample, begin, &document.path, lines);
        let mut stretch = stretch.ok_or(Ending::Misfit)?;
        self.file.seek(SeekFrom::Start(begin)).map_err(Ending::Read)?;
        let mut source = self.file.by_ref().take(end.map_or(u64::MAX, |end| end - begin));
        loop {
            let read = read_some(&mut source, &mut self.buffer).map_err(Ending::Read)?;
            if read == 0 {
                break;
            }
            stretch.feed(&self.buffer[..read])?;
        }
        match end {
            Some(_) => stretch.stop()?.ok_or(Ending::Misfit),
            None => Ok(stretch.finish()?),
        }
    }
}
