//! The parser as its callers see it: bytes are pushed in, in chunks of any size, and a handler is told what they mean.

use super::chars::{Look, look_over};
use super::decode::TextDecoder;
use super::document::{Document, Edge};
use super::fault::shown;
use super::handler::Handler;
use super::options::ParserOptions;
use super::position::Returns;
use super::resume::ResumePoint;
use super::sniff::{Beginning, Sniff, Sniffed, sniff};
use crate::conversion::error::{Error, ErrorCode};
use crate::conversion::limits::Limits;

/// Pending text shorter than this is looked at again whenever something is added.
const SHORT: usize = 32;

/// A push parser for one document.
///
/// It does no input or output of its own. Complete tokens are parsed where they lie in the caller's chunk; only a token that a
/// chunk cuts is copied and waits for its end, so the memory used is bounded by the largest tag, not by the document. Events, and
/// the error of a bad document with its place, are the same for any chunking, except that one run of text may be split elsewhere.
pub struct Parser<H> {
    input: Input,
    reader: Reader<H>,
    /// The error that ended the parsing, given again to every later call.
    failure: Option<Error>,
}

enum Input {
    /// The first bytes, until they say what the encoding is.
    Unknown(Vec<u8>),
    Known(TextDecoder),
}

/// What is left when a document has ended.
#[derive(Debug)]
pub struct Finished<H> {
    /// The handler.
    pub handler: H,
    /// How many references to entities contributed nothing; see [`ExternalEntities`](super::ExternalEntities).
    pub skipped_references: u64,
}

/// What is left where another parser goes on.
#[derive(Debug)]
pub struct Stopped<H> {
    /// The handler, and what only the parser knows of what was read here.
    pub finished: Finished<H>,
    /// The place.
    pub point: ResumePoint,
}

impl<H: Handler> Parser<H> {
    /// A parser at the beginning of a document, with the default options.
    pub fn new(handler: H, limits: &Limits) -> Self {
        Self::with_options(handler, limits, ParserOptions::default())
    }

    /// A parser at the beginning of a document.
    pub fn with_options(handler: H, limits: &Limits, options: ParserOptions) -> Self {
        let reader = Reader { handler, document: Document::new(limits, options), pending: String::new(), tried: 0 };
        Self { input: Input::Unknown(Vec::new()), reader, failure: None }
    }

    /// A parser that goes on at `point`: feed it the bytes of the document from [`ResumePoint::offset`] on. Places in errors are those
    /// of the whole document.
    pub fn resumed(handler: H, limits: &Limits, options: ParserOptions, point: &ResumePoint) -> Self {
        let document = Document::resumed(limits, options, point);
        let reader = Reader { handler, document, pending: String::new(), tried: 0 };
        Self { input: Input::Known(TextDecoder::new(encoding_rs::UTF_8)), reader, failure: None }
    }

    /// Asks for a [`Handler::resume_point`] at the next end of an element inside at most `depth` others. `false` if there can be none in
    /// what is read now.
    pub fn want_resume_point(&mut self, depth: usize) -> bool {
        let document = &mut self.reader.document;
        let possible = document.can_be_resumed();
        document.wanted_depth = if possible { depth } else { 0 };
        possible
    }

    /// Stops where another parser goes on; `None` if what was fed does not end at a place for that.
    ///
    /// # Errors
    /// As [`Self::feed`].
    pub fn stop(mut self) -> Result<Option<Stopped<H>>, Error> {
        self.guarded(|parser| parser.reader.read_pending())?;
        let Reader { handler, document, pending, .. } = self.reader;
        let point = document.reached().filter(|_| pending.is_empty());
        let skipped_references = document.expansion.skipped_references();
        Ok(point.map(|point| Stopped { finished: Finished { handler, skipped_references }, point }))
    }

    /// Reads the next bytes of the document.
    ///
    /// # Errors
    /// What is wrong with the document, a limit it goes beyond, or the error of the handler as it was given. Parsing is over
    /// then: every later call gives the same error.
    pub fn feed(&mut self, chunk: &[u8]) -> Result<(), Error> {
        self.guarded(|parser| parser.accept(chunk))
    }

    /// Ends the document and gives the handler back.
    ///
    /// # Errors
    /// As [`Self::feed`], and if the document is not complete.
    pub fn finish(self) -> Result<H, Error> {
        self.finish_counting().map(|finished| finished.handler)
    }

    /// Ends the document, and gives the handler back with what only the parser knows.
    ///
    /// # Errors
    /// As [`Self::finish`].
    pub fn finish_counting(mut self) -> Result<Finished<H>, Error> {
        self.guarded(Self::end)?;
        let Reader { handler, document, .. } = self.reader;
        Ok(Finished { handler, skipped_references: document.expansion.skipped_references() })
    }

    /// The handler, wherever the parser stands.
    pub fn into_handler(self) -> H {
        self.reader.handler
    }

    /// The handler.
    pub fn handler(&self) -> &H {
        &self.reader.handler
    }

    /// The handler, to change it between chunks.
    pub fn handler_mut(&mut self) -> &mut H {
        &mut self.reader.handler
    }

    fn guarded(&mut self, step: impl FnOnce(&mut Self) -> Result<(), Error>) -> Result<(), Error> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        step(self).inspect_err(|error| self.failure = Some(error.clone()))
    }

    fn accept(&mut self, chunk: &[u8]) -> Result<(), Error> {
        match &mut self.input {
            Input::Known(decoder) => self.reader.decode(decoder, chunk),
            Input::Unknown(first) if first.is_empty() => match sniff(chunk, Beginning::Partial) {
                Sniff::Undecided => {
                    first.extend_from_slice(chunk);
                    Ok(())
                }
                decided => self.begin(decided, chunk),
            },
            Input::Unknown(first) => {
                first.extend_from_slice(chunk);
                match sniff(first, Beginning::Partial) {
                    Sniff::Undecided => Ok(()),
                    decided => {
                        let first = std::mem::take(first);
                        self.begin(decided, &first)
                    }
                }
            }
        }
    }

    /// Begins to decode, with the first bytes of the document.
    fn begin(&mut self, decided: Sniff, first: &[u8]) -> Result<(), Error> {
        let sniffed = match decided {
            Sniff::Known(sniffed) => sniffed,
            Sniff::Undecided => return Ok(()),
            Sniff::Unreadable { at, detail } => {
                let before = String::from_utf8_lossy(&first[..at]);
                let position = self.reader.document.lines.position(&before, before.len());
                return Err(Error::at(ErrorCode::XmlEncoding, position, detail));
            }
        };
        let Sniffed { encoding, mark_length } = sniffed;
        self.reader.document.encoding = encoding;
        self.reader.document.mark_length = mark_length as u64;
        let mut decoder = TextDecoder::new(encoding);
        let outcome = self.reader.decode(&mut decoder, &first[mark_length..]);
        self.input = Input::Known(decoder);
        outcome
    }

    fn end(&mut self) -> Result<(), Error> {
        if let Input::Unknown(first) = &mut self.input {
            let first = std::mem::take(first);
            self.begin(sniff(&first, Beginning::Whole), &first)?;
        }
        if let Input::Known(decoder) = &mut self.input {
            let last = decoder.finish();
            self.reader.read(last.text)?;
            if let Some(detail) = last.malformed {
                return Err(self.reader.refuse(ErrorCode::XmlEncoding, detail));
            }
        }
        self.reader.end()
    }
}

/// The part of the parser behind the decoder: keeps what is not complete until it is.
struct Reader<H> {
    handler: H,
    document: Document,
    /// Text that was seen and is no complete token yet.
    pending: String,
    /// The length of the pending text when it was last looked at.
    tried: usize,
}

impl<H: Handler> Reader<H> {
    fn decode(&mut self, decoder: &mut TextDecoder, chunk: &[u8]) -> Result<(), Error> {
        let mut rest = chunk;
        while !rest.is_empty() {
            let piece = decoder.next(&mut rest);
            self.read(piece.text)?;
            if let Some(detail) = piece.malformed {
                return Err(self.refuse(ErrorCode::XmlEncoding, detail));
            }
        }
        Ok(())
    }

    fn read(&mut self, text: &str) -> Result<(), Error> {
        let Look { forbidden, is_plain } = look_over(text);
        let returns = if is_plain { Returns::Absent } else { Returns::of(text) };
        let Some(forbidden) = forbidden else { return self.read_allowed(text, returns) };
        self.read_allowed(&text[..forbidden], returns)?;
        let character = text[forbidden..].chars().next().unwrap_or_default();
        let detail = format!("the character {} is not allowed in XML; remove it", shown(character));
        Err(self.refuse(ErrorCode::XmlNotWellFormed, detail))
    }

    fn read_allowed(&mut self, text: &str, returns: Returns) -> Result<(), Error> {
        let rest = self.complete_pending(text)?;
        if rest.is_empty() {
            return Ok(());
        }
        let used = self.document.run_knowing(returns, &mut self.handler, rest, Edge::More)?;
        self.pending.push_str(&rest[used..]);
        self.tried = self.pending.len();
        Ok(())
    }

    /// Adds to the pending text until its token is complete, and answers what is left of `text` then.
    ///
    /// It is looked at each time its length has doubled, so a token costs time in proportion to its length whatever the size of the
    /// chunks, and little text behind it is copied along.
    fn complete_pending<'t>(&mut self, text: &'t str) -> Result<&'t str, Error> {
        let mut taken = 0;
        while !self.pending.is_empty() && taken < text.len() {
            let missing = (2 * self.tried).saturating_sub(self.pending.len()).max(SHORT);
            let step = text.ceil_char_boundary(taken + missing);
            self.pending.push_str(&text[taken..step]);
            let added = step - taken;
            taken = step;
            if self.pending.len() < 2 * self.tried.min(self.document.limits.token_bytes) && self.tried >= SHORT {
                continue;
            }
            let used = self.document.run(&mut self.handler, &self.pending, Edge::More)?;
            let left = self.pending.len() - used;
            if left <= added {
                // All that was pending is done with: what is left lies in the chunk as well.
                self.pending.clear();
                self.tried = 0;
                return Ok(&text[taken - left..]);
            }
            self.pending.drain(..used);
            self.tried = left;
        }
        Ok(&text[taken..])
    }

    /// Reads what is complete of the pending text, however short it is.
    fn read_pending(&mut self) -> Result<(), Error> {
        let used = self.document.run(&mut self.handler, &self.pending, Edge::More)?;
        self.pending.drain(..used);
        Ok(())
    }

    /// The error for input that cannot be read on from here, unless the pending text is wrong by itself.
    fn refuse(&mut self, code: ErrorCode, detail: String) -> Error {
        match self.document.run(&mut self.handler, &self.pending, Edge::More) {
            Err(error) => error,
            Ok(used) => {
                let rest = &self.pending[used..];
                Error::at(code, self.document.lines.position(rest, rest.len()), detail)
            }
        }
    }

    fn end(&mut self) -> Result<(), Error> {
        let used = self.document.run(&mut self.handler, &self.pending, Edge::Last)?;
        self.document.check_end(&self.pending[used..])
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::Recorder;
    use super::*;

    /// The most bytes that waited while `document` was fed in chunks.
    fn most_pending(document: &str, chunk: usize) -> usize {
        let mut parser = Parser::new(Recorder::default(), &Limits::default());
        let mut most = 0;
        for chunk in document.as_bytes().chunks(chunk) {
            parser.feed(chunk).expect("well-formed");
            most = most.max(parser.reader.pending.len());
        }
        parser.finish().expect("complete");
        most
    }

    #[test]
    fn text_comments_and_character_data_never_wait() {
        let long = "x] y".repeat(50_000);
        let document = format!("<a>{long}<!--{long}--><![CDATA[{long}]]><?p {long}?></a>");
        for chunk in [1, 10, 1_000, 100_000] {
            assert!(most_pending(&document, chunk) < 2 * SHORT, "by {chunk}");
        }
    }

    #[test]
    fn a_tag_waits_and_nothing_else_with_it() {
        let document =
            format!("<a>{}<b c='{}'/>{}</a>", "<d/>".repeat(9_000), "x".repeat(10_000), "<d/>".repeat(9_000));
        for chunk in [1, 100, 5_000] {
            let most = most_pending(&document, chunk);
            assert!((5_000..25_000).contains(&most), "{most} by {chunk}");
        }
    }

    #[test]
    fn an_error_is_given_again() {
        let mut parser = Parser::new(Recorder::default(), &Limits::default());
        let error = parser.feed(b"<a></b>").expect_err("wrong end tag");
        assert_eq!(parser.feed(b"</a>"), Err(error.clone()));
        assert_eq!(parser.handler().events.len(), 1);
        assert_eq!(parser.finish().map(drop), Err(error));
    }
}
