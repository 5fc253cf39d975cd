//! Comments, processing instructions and CDATA sections: constructs of any length that pass through without being held.

use memchr::{memchr, memmem};

use super::document::Document;
use super::fault::Fault;
use super::handler::Handler;
use super::position::{Lines, Opened, View};
use crate::conversion::error::{Error, ErrorCode, Position};

const COMMENT: &str = "<!--";
const CHARACTER_DATA: &str = "<![CDATA[";

/// A construct that is open.
#[derive(Debug)]
pub(super) struct Section {
    pub(super) kind: SectionKind,
    opened: Opened,
    /// Bytes of it that have been read, its opening included.
    bytes: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SectionKind {
    Comment,
    Instruction,
    CharacterData,
}

impl SectionKind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Comment => "comment",
            Self::Instruction => "processing instruction",
            Self::CharacterData => "CDATA section",
        }
    }

    /// How far the construct goes in `text`, from `from` on.
    fn reach(self, text: &str, from: usize) -> Result<Reach, Fault> {
        let bytes = &text.as_bytes()[from..];
        let (needle, close): (&[u8], usize) = match self {
            Self::Comment => (b"--", 3),
            Self::Instruction => (b"?>", 2),
            Self::CharacterData => (b"]]>", 3),
        };
        let Some(found) = memmem::find(bytes, needle) else {
            // A beginning of the needle, or of a line end, may go on in the next window.
            let held = match (self, bytes) {
                (Self::CharacterData, [.., b']', b']']) => 2,
                (_, [.., last]) if *last == needle[0] => 1,
                (Self::CharacterData, [.., b'\r']) => 1,
                _ => 0,
            };
            return Ok(Reach::Beyond { content_end: from + bytes.len() - held });
        };
        let content_end = from + found;
        match (self, bytes.get(found + 2)) {
            (Self::Comment, None) => Ok(Reach::Beyond { content_end }),
            (Self::Comment, Some(&after)) if after != b'>' => {
                Err(Fault::malformed(content_end, "a comment cannot hold --; write a single hyphen"))
            }
            _ => Ok(Reach::Complete { content_end, end: content_end + close }),
        }
    }
}

enum Reach {
    /// The construct ends at `end`.
    Complete { content_end: usize, end: usize },
    /// The construct goes on; up to `content_end` it is content for sure.
    Beyond { content_end: usize },
}

impl Section {
    /// Works out the place of the opening, when the window goes and the construct stays open.
    pub(super) fn settle(&mut self, lines: &Lines, window: &str) {
        self.opened = Opened::Earlier(self.opened.position(lines, window));
    }

    pub(super) fn opened_at(&self, lines: &Lines, window: &str) -> Position {
        self.opened.position(lines, window)
    }
}

impl Document {
    /// Reads `<!` outside of the root element: only a comment may begin so. `None` if the text ends before that is clear.
    pub(super) fn comment<H: Handler>(
        &mut self,
        handler: &mut H,
        text: &str,
        at: usize,
        view: View<'_>,
    ) -> Result<Option<usize>, Error> {
        let rest = &text[at..];
        if rest.starts_with(COMMENT) {
            let end = self.open_section(handler, SectionKind::Comment, text, at, at + COMMENT.len(), view)?;
            return Ok(Some(end));
        }
        if COMMENT.starts_with(rest) {
            return Ok(None);
        }
        let detail = match rest.as_bytes().get(2) {
            Some(b'[') => "a CDATA section cannot stand outside of the root element; put it inside",
            _ => "<! begins a comment or, before the root element, the DOCTYPE; this is neither",
        };
        Err(self.malformed(view, at, detail))
    }

    /// Reads `<!` inside an element: a comment or a CDATA section. `None` if the text ends before that is clear.
    pub(super) fn comment_or_character_data<H: Handler>(
        &mut self,
        handler: &mut H,
        text: &str,
        at: usize,
        view: View<'_>,
    ) -> Result<Option<usize>, Error> {
        let rest = &text[at..];
        let (kind, opening) = if rest.starts_with(COMMENT) {
            (SectionKind::Comment, COMMENT)
        } else if rest.starts_with(CHARACTER_DATA) {
            (SectionKind::CharacterData, CHARACTER_DATA)
        } else if COMMENT.starts_with(rest) || CHARACTER_DATA.starts_with(rest) {
            return Ok(None);
        } else {
            let detail =
                "<! inside an element begins a comment or a CDATA section; this is neither, write &lt; for a plain <";
            return Err(self.malformed(view, at, detail));
        };
        self.open_section(handler, kind, text, at, at + opening.len(), view).map(Some)
    }

    /// Begins a construct at `at` whose content starts at `content`, and reads it as far as it goes.
    pub(super) fn open_section<H: Handler>(
        &mut self,
        handler: &mut H,
        kind: SectionKind,
        text: &str,
        at: usize,
        content: usize,
        view: View<'_>,
    ) -> Result<usize, Error> {
        self.section = Some(Section { kind, opened: Opened::InWindow(view.offset(at)), bytes: content - at });
        self.continue_section(handler, text, content, view)
    }

    /// Reads on in the open construct, and answers how far it was read.
    pub(super) fn continue_section<H: Handler>(
        &mut self,
        handler: &mut H,
        text: &str,
        from: usize,
        view: View<'_>,
    ) -> Result<usize, Error> {
        let Some(mut section) = self.section.take() else { return Ok(from) };
        let allowed = from.saturating_add(self.limits.token_bytes.saturating_sub(section.bytes));
        let visible = &text[..text.floor_char_boundary(allowed)];
        let reach = section.kind.reach(visible, from).map_err(|fault| self.lines.error(view, fault))?;
        let (content_end, end) = match reach {
            Reach::Complete { content_end, end } => (content_end, end),
            Reach::Beyond { content_end } => (content_end, content_end),
        };
        if section.kind == SectionKind::CharacterData {
            self.deliver(handler, &text[from..content_end], from, view)?;
        }
        if let Reach::Beyond { .. } = reach {
            if visible.len() < text.len() {
                let (kind, limit) = (section.kind.name(), self.limits.token_bytes);
                let detail = format!(
                    "this {kind} is longer than {limit} bytes, which is the limit; split it, or raise the limit on tokens"
                );
                return Err(self.lines.error(view, Fault::new(ErrorCode::XmlTokenTooLong, visible.len(), detail)));
            }
            section.bytes += end - from;
            self.section = Some(section);
        }
        Ok(end)
    }

    /// Reports character data that holds no references, with its line ends normalised.
    pub(super) fn deliver<H: Handler>(
        &mut self,
        handler: &mut H,
        piece: &str,
        at: usize,
        view: View<'_>,
    ) -> Result<(), Error> {
        if piece.is_empty() {
            return Ok(());
        }
        if view.is_replacement() || memchr(b'\r', piece.as_bytes()).is_none() {
            return self.report(handler, piece, at, view);
        }
        self.report_normalised(handler, piece, at, view)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(kind: SectionKind, text: &str) -> Result<(bool, usize), usize> {
        match kind.reach(text, 0) {
            Ok(Reach::Complete { end, .. }) => Ok((true, end)),
            Ok(Reach::Beyond { content_end }) => Ok((false, content_end)),
            Err(fault) => Err(fault.at),
        }
    }

    #[test]
    fn each_kind_ends_at_its_own_mark() {
        assert_eq!(reach(SectionKind::Comment, "a-b?>]]>-->c"), Ok((true, 11)));
        assert_eq!(reach(SectionKind::Instruction, "a-->]]>?>c"), Ok((true, 9)));
        assert_eq!(reach(SectionKind::CharacterData, "a-->?>]]]>c"), Ok((true, 10)));
    }

    #[test]
    fn what_may_begin_the_mark_is_held_back() {
        for (kind, text, reached) in [
            (SectionKind::Comment, "ab-", 2),
            (SectionKind::Comment, "ab--", 2),
            (SectionKind::Instruction, "ab?", 2),
            (SectionKind::CharacterData, "ab]", 2),
            (SectionKind::CharacterData, "ab]]", 2),
            (SectionKind::CharacterData, "ab]]]", 3),
            (SectionKind::CharacterData, "ab\r", 2),
            (SectionKind::Comment, "ab\r", 3),
            (SectionKind::Comment, "", 0),
        ] {
            assert_eq!(reach(kind, text), Ok((false, reached)), "{kind:?} {text:?}");
        }
    }

    #[test]
    fn two_hyphens_in_a_comment_are_a_fault() {
        assert_eq!(reach(SectionKind::Comment, "ab--c-->"), Err(2));
        assert_eq!(reach(SectionKind::Comment, "ab--->"), Err(2));
    }
}
