//! What the fuzz targets share. The engine is compiled from its sources, without the service around it.

#[path = "../../src/conversion/mod.rs"]
pub mod conversion;

mod convert;
mod reference;
pub mod single;

pub use convert::{Tables, convert, convert_in_parts, scan};
pub use reference::{Values, add, values_of};

/// An input taken apart: two bytes that draw the options, then the documents.
pub struct Input<'a> {
    /// Eight decisions.
    pub choices: u8,
    /// How the documents are cut into chunks.
    pub chunks: Chunks,
    /// The documents of one group. No document holds the character that divides them.
    pub documents: Vec<&'a [u8]>,
}

impl<'a> Input<'a> {
    /// `None` if the input is too short to decide anything.
    #[must_use]
    pub fn new(data: &'a [u8]) -> Option<Self> {
        let [choices, chunks, rest @ ..] = data else { return None };
        let documents = rest.split(|&byte| byte == 0x1E).collect();
        Some(Self { choices: *choices, chunks: Chunks(u32::from(*chunks) + 1), documents })
    }

    /// One of several, by two of the decisions.
    #[must_use]
    pub fn choose<T: Copy, const N: usize>(&self, place: u32, among: [T; N]) -> T {
        among[usize::from(self.choices >> place & 3) % N]
    }
}

/// Lengths of chunks: mostly short, sometimes long.
#[derive(Clone, Copy)]
pub struct Chunks(u32);

impl Chunks {
    /// A distance between two places at which a conversion may begin.
    #[must_use]
    pub fn spacing(self) -> u64 {
        u64::from(self.0 % 61) + 1
    }

    /// Hands the document over in chunks.
    pub fn cut<E>(mut self, document: &[u8], mut feed: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        let mut rest = document;
        while !rest.is_empty() {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 17;
            self.0 ^= self.0 << 5;
            let longest = if self.0 & 0x700 == 0 { 400 } else { 9 };
            let (chunk, after) = rest.split_at((self.0 as usize % longest + 1).min(rest.len()));
            feed(chunk)?;
            rest = after;
        }
        Ok(())
    }
}

/// The document as another reader may judge it: UTF-8 (with U+0000 in it, it may be UTF-16 all the same), and without a DOCTYPE, of which no
/// two readers think alike.
#[must_use]
pub fn comparable(document: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(document).ok()?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let declaration =
        text.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")).map_or("", |(inside, _)| inside);
    let names_encoding = declaration.contains("encoding") && !declaration.to_ascii_lowercase().contains("utf-8");
    (!text.contains('\0') && !text.contains("<!DOCTYPE") && !names_encoding).then_some(text)
}
