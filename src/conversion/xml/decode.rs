//! From bytes in any encoding to pieces of text, as a stream.
//!
//! UTF-8 is validated and passed on where it lies. Everything else goes through a decoder, piece by piece.

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8};
use simdutf8::compat::from_utf8;

/// Pieces are this long at most, so that the passes over one find it in the processor's cache.
const PIECE_BYTES: usize = 32 << 10;
const ENCODED_PIECE_BYTES: usize = 16 << 10;

/// A stretch of text, and what is wrong right behind it.
pub(super) struct Piece<'a> {
    pub(super) text: &'a str,
    pub(super) malformed: Option<String>,
}

/// Turns bytes into text.
pub(super) enum TextDecoder {
    Utf8(Utf8),
    Other(Transcoder),
}

impl TextDecoder {
    pub(super) fn new(encoding: &'static Encoding) -> Self {
        if encoding == UTF_8 {
            return Self::Utf8(Utf8::default());
        }
        Self::Other(Transcoder { decoder: encoding.new_decoder_without_bom_handling(), text: String::new() })
    }

    /// Takes bytes from the front of `rest` and gives their text. Nothing can follow a malformed piece.
    #[inline]
    pub(super) fn next<'p, 'c: 'p>(&'p mut self, rest: &mut &'c [u8]) -> Piece<'p> {
        match self {
            Self::Utf8(utf8) => utf8.next(rest),
            Self::Other(transcoder) => transcoder.next(rest),
        }
    }

    /// Whether the bytes ended inside a character; also gives text that was waiting for its end.
    pub(super) fn finish(&mut self) -> Piece<'_> {
        match self {
            Self::Utf8(utf8) => Piece { text: "", malformed: (utf8.length > 0).then(cut_off) },
            Self::Other(transcoder) => transcoder.finish(),
        }
    }
}

/// Validates UTF-8; keeps the bytes of a character that goes on in the next chunk.
#[derive(Default)]
pub(super) struct Utf8 {
    bytes: [u8; 4],
    length: usize,
}

impl Utf8 {
    fn next<'p, 'c: 'p>(&'p mut self, rest: &mut &'c [u8]) -> Piece<'p> {
        if self.length > 0 {
            return self.complete(rest);
        }
        let length = if rest.len() > PIECE_BYTES { before_cut_character(&rest[..PIECE_BYTES]) } else { rest.len() };
        let (piece, behind) = rest.split_at(length);
        // The plain check is the faster one, but does not tell where it fails.
        if let Ok(text) = simdutf8::basic::from_utf8(piece) {
            *rest = behind;
            return Piece { text, malformed: None };
        }
        let error = match from_utf8(piece) {
            Ok(text) => {
                *rest = behind;
                return Piece { text, malformed: None };
            }
            Err(error) => error,
        };
        let (valid, bad) = piece.split_at(error.valid_up_to());
        let malformed = match error.error_len() {
            // The character goes on behind the piece, or with the next chunk.
            None if behind.is_empty() => {
                self.bytes[..bad.len()].copy_from_slice(bad);
                self.length = bad.len();
                *rest = behind;
                None
            }
            None => {
                *rest = &rest[valid.len()..];
                None
            }
            Some(_) => Some(not_utf8(bad[0])),
        };
        Piece { text: from_utf8(valid).unwrap_or_default(), malformed }
    }

    /// Goes on with a character whose first bytes came with the chunk before.
    fn complete(&mut self, rest: &mut &[u8]) -> Piece<'_> {
        while let Some((&byte, behind)) = rest.split_first() {
            self.bytes[self.length] = byte;
            let length = self.length + 1;
            match std::str::from_utf8(&self.bytes[..length]) {
                Err(error) if error.error_len().is_none() => self.length = length,
                Err(_) => return Piece { text: "", malformed: Some(not_utf8(self.bytes[0])) },
                Ok(_) => {
                    self.length = 0;
                    *rest = behind;
                    return Piece {
                        text: std::str::from_utf8(&self.bytes[..length]).unwrap_or_default(),
                        malformed: None,
                    };
                }
            }
            *rest = behind;
        }
        Piece { text: "", malformed: None }
    }
}

/// The length of a piece without the character that its end may cut.
fn before_cut_character(piece: &[u8]) -> usize {
    let last = piece.iter().rev().take(3).position(|byte| *byte >= 0xC0);
    last.map_or(piece.len(), |after| piece.len() - 1 - after)
}

/// Decodes any other encoding.
pub(super) struct Transcoder {
    decoder: Decoder,
    text: String,
}

impl Transcoder {
    fn next<'p, 'c: 'p>(&'p mut self, rest: &mut &'c [u8]) -> Piece<'p> {
        let piece = &rest[..rest.len().min(ENCODED_PIECE_BYTES)];
        self.make_room(piece.len());
        let (result, read) = self.decoder.decode_to_string_without_replacement(piece, &mut self.text, false);
        *rest = &rest[read..];
        Piece { text: &self.text, malformed: self.judge(&result) }
    }

    fn finish(&mut self) -> Piece<'_> {
        self.make_room(0);
        let (result, _) = self.decoder.decode_to_string_without_replacement(&[], &mut self.text, true);
        let malformed = self.judge(&result).map(|_| cut_off());
        Piece { text: &self.text, malformed }
    }

    fn make_room(&mut self, bytes: usize) {
        self.text.clear();
        let needed = self.decoder.max_utf8_buffer_length_without_replacement(bytes);
        // The decoder goes on where it stopped if the room is too small for everything.
        self.text.reserve(needed.unwrap_or(4 * bytes + 16));
    }

    fn judge(&self, result: &DecoderResult) -> Option<String> {
        match result {
            DecoderResult::InputEmpty | DecoderResult::OutputFull => None,
            DecoderResult::Malformed(..) => {
                let name = self.decoder.encoding().name();
                Some(format!(
                    "the bytes here are not {name}, the encoding of the document; declare the encoding it is saved in"
                ))
            }
        }
    }
}

fn not_utf8(first: u8) -> String {
    format!(
        "the byte 0x{first:02X} here does not belong in UTF-8; save the document as UTF-8 or declare its encoding, for instance \
         <?xml version=\"1.0\" encoding=\"windows-1252\"?>"
    )
}

fn cut_off() -> String {
    "the document ends inside a character; see whether its end was cut off".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{BIG5, EUC_JP, GB18030, SHIFT_JIS, UTF_16BE, UTF_16LE, WINDOWS_1252};

    /// Decodes in chunks, and answers the text and what was wrong behind it.
    fn decoded(encoding: &'static Encoding, bytes: &[u8], chunk: usize) -> (String, Option<String>) {
        let mut decoder = TextDecoder::new(encoding);
        let mut text = String::new();
        for chunk in bytes.chunks(chunk) {
            let mut rest = chunk;
            while !rest.is_empty() {
                let piece = decoder.next(&mut rest);
                text.push_str(piece.text);
                if piece.malformed.is_some() {
                    return (text, piece.malformed);
                }
            }
        }
        let last = decoder.finish();
        text.push_str(last.text);
        (text, last.malformed)
    }

    fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to_bytes).collect()
    }

    #[test]
    fn text_is_the_same_however_it_is_cut() {
        let text = "aé量😀ü\u{FEFF}z";
        let utf16le = utf16(text, u16::to_le_bytes);
        let utf16be = utf16(text, u16::to_be_bytes);
        for (encoding, bytes) in [(UTF_8, text.as_bytes()), (UTF_16LE, &utf16le), (UTF_16BE, &utf16be)] {
            for chunk in 1..=bytes.len() {
                assert_eq!(decoded(encoding, bytes, chunk), (text.to_owned(), None), "{} by {chunk}", encoding.name());
            }
        }
        for (encoding, text) in
            [(SHIFT_JIS, "日本ｱ"), (EUC_JP, "日本語"), (GB18030, "中文€😀"), (BIG5, "中文"), (WINDOWS_1252, "é€")]
        {
            let bytes = encoding.encode(text).0;
            for chunk in 1..=bytes.len() {
                assert_eq!(decoded(encoding, &bytes, chunk), (text.to_owned(), None), "{} by {chunk}", encoding.name());
            }
        }
    }

    #[test]
    fn pieces_end_between_characters() {
        let text = "é".repeat(PIECE_BYTES);
        let shifted = format!("x{text}");
        assert_eq!(decoded(UTF_8, shifted.as_bytes(), usize::MAX), (shifted.clone(), None));
    }

    #[test]
    fn malformed_bytes_are_found_behind_the_same_text_however_they_are_cut() {
        let cases: [(&'static Encoding, &[u8], &str); 8] = [
            (UTF_8, b"ab\xFFcd", "ab"),
            (UTF_8, b"ab\xC3(cd", "ab"),
            (UTF_8, b"ab\xE2\x82(cd", "ab"),
            (UTF_8, b"ab\xED\xA0\x80cd", "ab"),
            (UTF_8, b"ab\xC0\x80", "ab"),
            (UTF_8, b"ab\xF0\x9F\x98", "ab"),
            (UTF_16LE, b"a\0\x00\xDCb\0", "a"),
            (SHIFT_JIS, b"a\x81", "a"),
        ];
        for (encoding, bytes, before) in cases {
            for chunk in 1..=bytes.len() {
                let (text, malformed) = decoded(encoding, bytes, chunk);
                assert_eq!((text.as_str(), malformed.is_some()), (before, true), "{bytes:?} by {chunk}");
            }
        }
    }
}
