//! Places in the document: counted once per window that is done with, and inside a window only when somebody asks.

use std::cell::Cell;

use super::fault::{Fault, excerpt};
use super::handler::Locate;
use crate::conversion::blocks::count_bytes;
use crate::conversion::error::{Error, Position};

/// The start of every document.
pub(super) const START: Position = Position { byte: 0, line: 1, column: 1 };

/// A place that one can count on from.
#[derive(Clone, Copy, Debug)]
struct Mark {
    position: Position,
    /// The character before was a carriage return: a line feed here belongs to the same line end.
    after_return: bool,
}

impl Mark {
    const START: Self = Self { position: START, after_return: false };

    /// The place after `text`, which follows this one. A line ends with LF, CR LF or CR.
    fn after(self, text: &str, returns: Returns) -> Self {
        let bytes = text.as_bytes();
        if bytes.is_empty() {
            return self;
        }
        let feeds = count_bytes(bytes, |byte| byte == b'\n');
        let is_lone = |&at: &usize| bytes.get(at + 1) != Some(&b'\n');
        let lone_returns = match returns {
            Returns::Absent => 0,
            Returns::Possible => memchr::memchr_iter(b'\r', bytes).filter(is_lone).count(),
        };
        let split_line_end = usize::from(self.after_return && bytes[0] == b'\n');
        let lines = feeds + lone_returns - split_line_end;
        let column_before = match memchr::memrchr2(b'\n', b'\r', bytes) {
            Some(last) => 1 + characters(&bytes[last + 1..]),
            None => self.position.column + characters(bytes),
        };
        let position = Position {
            byte: self.position.byte + bytes.len() as u64,
            line: self.position.line + lines as u64,
            column: column_before,
        };
        Self { position, after_return: bytes.last() == Some(&b'\r') }
    }
}

/// Whether a window holds carriage returns, which are looked for once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Returns {
    Absent,
    Possible,
}

impl Returns {
    /// Looks for them.
    pub(super) fn of(text: &str) -> Self {
        let found = memchr::memchr(b'\r', text.as_bytes());
        if found.is_some() { Self::Possible } else { Self::Absent }
    }
}

/// How many characters begin in these bytes of UTF-8.
fn characters(bytes: &[u8]) -> u64 {
    count_bytes(bytes, |byte| byte & 0xC0 != 0x80) as u64
}

/// The place of the window that is being read, and the way from there to any offset inside it.
#[derive(Debug)]
pub(super) struct Lines {
    base: Mark,
    returns: Returns,
    /// The place asked for last, and its offset: questions mostly go forward, so the next one counts on from here.
    latest: Cell<(usize, Mark)>,
}

impl Lines {
    pub(super) fn new() -> Self {
        Self { base: Mark::START, returns: Returns::Possible, latest: Cell::new((0, Mark::START)) }
    }

    /// The text begins at a place in the middle of a document, behind a tag.
    pub(super) fn starting_at(position: Position) -> Self {
        let base = Mark { position, after_return: false };
        Self { base, returns: Returns::Possible, latest: Cell::new((0, base)) }
    }

    /// The coming questions are about another window.
    pub(super) fn enter(&mut self, returns: Returns) {
        self.returns = returns;
    }

    /// Whether the window holds carriage returns.
    pub(super) fn returns(&self) -> Returns {
        self.returns
    }

    /// The offset in the document at which the window starts.
    #[inline]
    pub(super) fn base_byte(&self) -> u64 {
        self.base.position.byte
    }

    /// The place of an offset of the window.
    pub(super) fn position(&self, window: &str, at: usize) -> Position {
        let (from, mark) = self.latest.get();
        let (from, mark) = if from <= at { (from, mark) } else { (0, self.base) };
        let found = mark.after(&window[from..at], self.returns);
        self.latest.set((at, found));
        found.position
    }

    /// A fault as an error with its place.
    #[cold]
    pub(super) fn error(&self, view: View<'_>, fault: Fault) -> Error {
        let position = self.position(view.window, view.offset(fault.at));
        let detail = match view.replaced {
            None => fault.detail,
            Some(Replaced { entity, .. }) => format!("in the text of the entity {}: {}", excerpt(entity), fault.detail),
        };
        Error::at(fault.code, position, detail)
    }

    /// Moves on past the first `consumed` bytes of the window.
    pub(super) fn advance(&mut self, window: &str, consumed: usize) {
        let (from, mark) = self.latest.get();
        let (from, mark) = if from <= consumed { (from, mark) } else { (0, self.base) };
        self.base = mark.after(&window[from..consumed], self.returns);
        self.latest.set((0, self.base));
    }
}

/// How the text that is being parsed lies in the document's window.
///
/// Usually it is the window itself. The replacement text of an entity lies nowhere: all of it counts as standing where the
/// reference stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'a> {
    window: &'a str,
    replaced: Option<Replaced<'a>>,
}

#[derive(Clone, Copy, Debug)]
struct Replaced<'a> {
    /// The name of the innermost entity.
    entity: &'a str,
    /// Offset in the window of the outermost reference.
    reference: usize,
}

impl<'a> View<'a> {
    /// The text parsed is the window.
    pub(super) fn of_window(window: &'a str) -> Self {
        Self { window, replaced: None }
    }

    /// The text parsed replaces a reference to `entity` at `at` of the text that `self` describes.
    pub(super) fn replacing(self, entity: &'a str, at: usize) -> Self {
        Self { window: self.window, replaced: Some(Replaced { entity, reference: self.offset(at) }) }
    }

    /// The offset in the window that stands for an offset of the text parsed.
    #[inline]
    pub(super) fn offset(self, at: usize) -> usize {
        self.replaced.map_or(at, |replaced| replaced.reference)
    }

    pub(super) fn window(self) -> &'a str {
        self.window
    }

    /// Whether the text parsed is the replacement text of an entity, whose line ends are as they should be.
    pub(super) fn is_replacement(self) -> bool {
        self.replaced.is_some()
    }
}

/// The start of a construct that may stay open longer than the window it started in.
#[derive(Clone, Copy, Debug)]
pub(super) enum Opened {
    /// At this offset of the current window.
    InWindow(usize),
    /// In an earlier window, at this place.
    Earlier(Position),
}

impl Opened {
    /// The place, while `window` is the current window.
    pub(super) fn position(self, lines: &Lines, window: &str) -> Position {
        match self {
            Self::InWindow(at) => lines.position(window, at),
            Self::Earlier(position) => position,
        }
    }
}

/// The place of one event, worked out when asked for.
pub(super) struct Place<'a> {
    lines: &'a Lines,
    view: View<'a>,
    at: usize,
}

impl<'a> Place<'a> {
    #[inline]
    pub(super) fn new(lines: &'a Lines, view: View<'a>, at: usize) -> Self {
        Self { lines, view, at }
    }
}

impl Locate for Place<'_> {
    fn position(&self) -> Position {
        self.lines.position(self.view.window, self.view.offset(self.at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts character by character, as the definition says.
    fn counted(text: &str, at: usize) -> Position {
        let mut position = START;
        let mut after_return = false;
        for character in text[..at].chars() {
            position.byte += character.len_utf8() as u64;
            match character {
                '\n' if after_return => {}
                '\n' | '\r' => {
                    position.line += 1;
                    position.column = 1;
                }
                _ => position.column += 1,
            }
            after_return = character == '\r';
        }
        position
    }

    const TEXT: &str = "ab\ncé\r\nd\r\re\n\nüß\r\n\r\nlast";

    #[test]
    fn every_place_agrees_with_counting_by_character_however_the_window_moves() {
        let places: Vec<usize> = TEXT.char_indices().map(|(at, _)| at).chain([TEXT.len()]).collect();
        for &cut in &places {
            for &asked_before in places.iter().filter(|&&at| at <= cut) {
                let mut lines = Lines::new();
                lines.enter(Returns::of(TEXT));
                assert_eq!(lines.position(TEXT, asked_before), counted(TEXT, asked_before));
                lines.advance(TEXT, cut);
                assert_eq!(lines.base_byte(), cut as u64);
                for &at in places.iter().filter(|&&at| at >= cut) {
                    assert_eq!(lines.position(&TEXT[cut..], at - cut), counted(TEXT, at), "cut {cut} at {at}");
                }
            }
        }
    }

    #[test]
    fn questions_may_go_backwards() {
        let lines = Lines::new();
        assert_eq!(lines.position(TEXT, TEXT.len()), counted(TEXT, TEXT.len()));
        assert_eq!(lines.position(TEXT, 3), counted(TEXT, 3));
    }

    #[test]
    fn the_text_of_an_entity_stands_where_its_reference_stands() {
        let lines = Lines::new();
        let view = View::of_window(TEXT).replacing("outer", 3);
        let nested = view.replacing("inner", 40);
        assert_eq!(Place::new(&lines, nested, 99).position(), counted(TEXT, 3));
        let error = lines.error(nested, Fault::malformed(99, "wrong"));
        assert_eq!(error.position, Some(counted(TEXT, 3)));
        assert_eq!(error.detail, "in the text of the entity inner: wrong");
    }
}
