//! What stands inside elements: the loop that nearly all of a document goes through.

use super::chars::{is_space, scan_name, skip_space};
use super::document::{Document, Edge};
use super::dtd::{Replacement, Usage};
use super::fault::{Fault, excerpt};
use super::handler::Handler;
use super::position::{Place, Returns, View};
use super::reference::{Referent, read_reference};
use super::scan::{Ahead, find_markup, push_normalised, skip_blank};
use crate::conversion::error::{Error, ErrorCode};

impl Document {
    /// Reports the content from `from` on, up to the end of the root element or of what is complete, and answers how far it got.
    pub(super) fn content<H: Handler>(
        &mut self,
        handler: &mut H,
        text: &str,
        from: usize,
        view: View<'_>,
        edge: Edge,
        ahead: &mut Ahead,
    ) -> Result<usize, Error> {
        let bytes = text.as_bytes();
        let mut at = from;
        while let Some(&byte) = bytes.get(at) {
            if byte <= b' '
                && let Some(tag) = self.blank(handler, bytes, at, ahead)
            {
                at = tag;
                continue;
            }
            let end = match (byte, bytes.get(at + 1)) {
                (b'<', None) => None,
                (b'<', Some(b'/')) => self.end_tag(handler, text, at, view)?,
                (b'<', Some(b'!')) => self.comment_or_character_data(handler, text, at, view)?,
                (b'<', Some(b'?')) => self.instruction(handler, text, at, view)?,
                (b'<', Some(_)) => self.start_tag(handler, text, at, view, ahead)?,
                (b'&', _) => self.reference(handler, text, at, view)?,
                _ => self.text(handler, text, at, view, edge, ahead)?,
            };
            let Some(end) = end else { break };
            let start = std::mem::replace(&mut at, end);
            if byte == b'<' {
                self.run_bytes = 0;
                if self.elements.is_empty() || self.section.is_some() {
                    break;
                }
                if self.elements.depth() <= self.wanted_depth {
                    self.mark(handler, view, start, end)?;
                }
            }
        }
        Ok(at)
    }

    /// Passes over white space from `at` on to the next tag, if the handler does not want it.
    #[inline]
    fn blank<H: Handler>(&self, handler: &mut H, bytes: &[u8], at: usize, ahead: &Ahead) -> Option<usize> {
        let end = skip_blank(bytes, at);
        let is_wanted = bytes.get(end) != Some(&b'<')
            || ahead.returns() == Returns::Possible
            || self.run_bytes.saturating_add(end - at) > self.limits.token_bytes;
        (!is_wanted && handler.blank()).then_some(end)
    }

    /// Reports the text from `at` to the next markup, reference or end of the window.
    #[inline]
    fn text<H: Handler>(
        &mut self,
        handler: &mut H,
        text: &str,
        at: usize,
        view: View<'_>,
        edge: Edge,
        ahead: &mut Ahead,
    ) -> Result<Option<usize>, Error> {
        let bytes = text.as_bytes();
        let markup = find_markup(bytes, at);
        let mut end = markup.min(ahead.ampersand(bytes, at));
        let run_bytes = self.run_bytes.saturating_add(end - at);
        let section_end = ahead.section_end(bytes, at);
        if section_end < end || run_bytes > self.limits.token_bytes {
            return Err(self.refuse_text(text, at, section_end, view));
        }
        if end == bytes.len() && edge == Edge::More {
            end -= held_back(&bytes[at..]);
            if end == at {
                return Ok(None);
            }
        }
        self.run_bytes += end - at;
        let piece = &text[at..end];
        match ahead.returns() {
            Returns::Absent => self.report(handler, piece, at, view)?,
            Returns::Possible => self.deliver(handler, piece, at, view)?,
        }
        Ok(Some(end))
    }

    #[cold]
    fn refuse_text(&self, text: &str, at: usize, section_end: usize, view: View<'_>) -> Error {
        let allowed = text.floor_char_boundary(at + self.limits.token_bytes.saturating_sub(self.run_bytes));
        if section_end < allowed {
            return self.malformed(view, section_end, "text cannot hold ]]>; write ]]&gt;");
        }
        self.run_too_long(allowed, view)
    }

    #[cold]
    fn run_too_long(&self, at: usize, view: View<'_>) -> Error {
        let limit = self.limits.token_bytes;
        let detail = format!(
            "this text is longer than {limit} bytes, which is the limit; split it, or raise the limit on tokens"
        );
        self.lines.error(view, Fault::new(ErrorCode::XmlTokenTooLong, at, detail))
    }

    #[inline]
    pub(super) fn report<H: Handler>(
        &mut self,
        handler: &mut H,
        piece: &str,
        at: usize,
        view: View<'_>,
    ) -> Result<(), Error> {
        handler.text(piece, &Place::new(&self.lines, view, at))
    }

    /// Reports text that holds carriage returns of line ends.
    pub(super) fn report_normalised<H: Handler>(
        &mut self,
        handler: &mut H,
        piece: &str,
        at: usize,
        view: View<'_>,
    ) -> Result<(), Error> {
        self.normalised.clear();
        push_normalised(piece, &mut self.normalised);
        handler.text(&self.normalised, &Place::new(&self.lines, view, at))
    }

    /// Reports what the reference at `at` stands for. `None` if the text ends before the reference does.
    fn reference<H: Handler>(
        &mut self,
        handler: &mut H,
        text: &str,
        at: usize,
        view: View<'_>,
    ) -> Result<Option<usize>, Error> {
        let found = read_reference(self.within_limit(text, at), at, self.options.namespace_rules);
        let found = found.map_err(|fault| self.lines.error(view, fault))?;
        let Some(reference) = found else { return Ok(None) };
        let allowed = self.limits.token_bytes.saturating_sub(self.run_bytes);
        if reference.end - at > allowed {
            return Err(self.run_too_long(text.floor_char_boundary(at + allowed), view));
        }
        self.run_bytes += reference.end - at;
        match reference.referent {
            Referent::Character(character) => {
                self.report(handler, character.encode_utf8(&mut [0; 4]), at, view)?;
            }
            Referent::Entity(name) => self.replace(handler, name, at, view)?,
        }
        Ok(Some(reference.end))
    }

    /// Reports the content that the entity `name`, referred to at `at`, stands for. It must be well-formed by itself.
    fn replace<H: Handler>(&mut self, handler: &mut H, name: &str, at: usize, view: View<'_>) -> Result<(), Error> {
        let as_error = |document: &Self, fault| document.lines.error(view, fault);
        let found = self.dtd.replacement(name, Usage::Content, at).map_err(|fault| as_error(self, fault))?;
        let Replacement::Text(replacement) = found else {
            self.expansion.skip();
            return Ok(());
        };
        self.expansion.enter(name, &replacement, at).map_err(|fault| as_error(self, fault))?;
        let floor = self.elements.raise_floor();
        let depth = self.elements.depth();

        let inside = view.replacing(name, at);
        let mut ahead = Ahead::in_replacement(&replacement);
        let end = self.content(handler, &replacement, 0, inside, Edge::Last, &mut ahead)?;
        if end < replacement.len() || self.section.is_some() {
            return Err(self.malformed(inside, end, "the text ends inside markup; complete it in the declaration"));
        }
        if self.elements.depth() > depth {
            let innermost = self.elements.innermost().map(excerpt).unwrap_or_default();
            let detail = format!("the element <{innermost}> is opened and not closed; close it in the declaration");
            return Err(self.malformed(inside, end, detail));
        }
        self.elements.lower_floor(floor);
        self.expansion.leave();
        Ok(())
    }

    /// Reads `</name>`. `None` if the text ends before the tag does.
    #[inline]
    fn end_tag<H: Handler>(
        &mut self,
        handler: &mut H,
        text: &str,
        at: usize,
        view: View<'_>,
    ) -> Result<Option<usize>, Error> {
        if let Some(bracket) = self.elements.find_end(text.as_bytes(), at + 2)
            && bracket + 1 - at <= self.limits.token_bytes
        {
            return self.close(handler, at, bracket + 1, view).map(Some);
        }
        self.unusual_end_tag(handler, self.within_limit(text, at), at, view)
    }

    #[inline]
    pub(super) fn close<H: Handler>(
        &mut self,
        handler: &mut H,
        at: usize,
        end: usize,
        view: View<'_>,
    ) -> Result<usize, Error> {
        handler.end(&Place::new(&self.lines, view, at))?;
        self.elements.pop();
        Ok(end)
    }

    /// Reads an end tag with white space in it, one that is cut off, or a wrong one.
    #[cold]
    fn unusual_end_tag<H: Handler>(
        &mut self,
        handler: &mut H,
        text: &str,
        at: usize,
        view: View<'_>,
    ) -> Result<Option<usize>, Error> {
        let bytes = text.as_bytes();
        let name_end = scan_name(bytes, at + 2).end;
        let Some(&after) = bytes.get(name_end) else { return Ok(None) };
        let name = &text[at + 2..name_end];
        if self.elements.innermost() != Some(name) {
            return Err(self.refuse_end_tag(name, after, at, view));
        }
        let last = skip_space(bytes, name_end);
        match bytes.get(last) {
            None => Ok(None),
            Some(b'>') => self.close(handler, at, last + 1, view).map(Some),
            Some(_) => {
                Err(self.malformed(view, last, format!("> is missing at the end of the end tag </{}", excerpt(name))))
            }
        }
    }

    fn refuse_end_tag(&self, name: &str, after: u8, at: usize, view: View<'_>) -> Error {
        if name.is_empty() || !(after == b'>' || is_space(after)) {
            return self.malformed(view, at, "an end tag is </, the name of the element and >");
        }
        let shown = excerpt(name);
        if view.is_replacement() && self.elements.innermost().is_none() {
            let detail = format!(
                "</{shown}> closes an element that was opened outside of the entity; write both tags on one side"
            );
            return self.malformed(view, at, detail);
        }
        let innermost = self.elements.innermost().map(excerpt).unwrap_or_default();
        let described = self.elements.describe_innermost(&self.lines, view.window());
        let detail = format!("end tag </{shown}> does not match {described}; close <{innermost}> first");
        self.malformed(view, at, detail)
    }
}

/// How many bytes at the end of a window may belong to `]]>` or to a line end that goes on in the next one.
fn held_back(bytes: &[u8]) -> usize {
    match bytes {
        [.., b']', b']'] => 2,
        [.., b']' | b'\r'] => 1,
        _ => 0,
    }
}
