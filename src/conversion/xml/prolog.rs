//! What stands around the root element: the XML declaration, the DOCTYPE, comments, processing instructions and white space.

use super::chars::{is_space, skip_space};
use super::document::{Document, Edge, Part};
use super::dtd;
use super::fault::{Fault, shown};
use super::handler::Handler;
use super::instruction::read_xml_declaration;
use super::position::View;
use super::sniff::contradiction;
use crate::conversion::error::{Error, ErrorCode};

const DOCTYPE: &str = "<!DOCTYPE";

impl Document {
    pub(super) fn start(&mut self, window: &str, edge: Edge) -> Result<usize, Error> {
        const OPENING: &str = "<?xml";
        let bytes = window.as_bytes();
        let undecided = window.len() <= OPENING.len() && OPENING.starts_with(window);
        if undecided && edge == Edge::More {
            return Ok(0);
        }
        let is_declaration =
            window.starts_with(OPENING) && bytes.get(OPENING.len()).is_none_or(|&byte| is_space(byte) || byte == b'?');
        if !is_declaration {
            self.part = Part::Prolog;
            return Ok(0);
        }
        self.has_markup = true;
        let found = read_xml_declaration(self.within_limit(window, 0));
        match found.map_err(|fault| self.lines.error(View::of_window(window), fault))? {
            None => Ok(0),
            Some((declared, end)) => {
                if let Some((name, at)) = declared.encoding
                    && let Some(detail) = contradiction(&name, self.encoding)
                {
                    let fault = Fault::new(ErrorCode::XmlEncoding, at, detail);
                    return Err(self.lines.error(View::of_window(window), fault));
                }
                self.dtd.standalone = declared.standalone;
                self.part = Part::Prolog;
                Ok(end)
            }
        }
    }

    pub(super) fn prolog<H: Handler>(
        &mut self,
        handler: &mut H,
        window: &str,
        from: usize,
        view: View<'_>,
    ) -> Result<usize, Error> {
        let bytes = window.as_bytes();
        let mut at = from;
        loop {
            at = skip_space(bytes, at);
            let Some(&byte) = bytes.get(at) else { return Ok(at) };
            if byte != b'<' {
                let character = window[at..].chars().next().unwrap_or_default();
                let detail = format!(
                    "{} stands before the root element; an XML document starts with a tag, <?xml or a comment",
                    shown(character)
                );
                return Err(self.malformed(view, at, detail));
            }
            self.has_markup = true;
            at = match bytes.get(at + 1) {
                None => return Ok(at),
                Some(b'!') => {
                    let rest = &window[at..];
                    if rest.starts_with(DOCTYPE) {
                        return self.enter_doctype(at, view);
                    }
                    if DOCTYPE.starts_with(rest) {
                        return Ok(at);
                    }
                    match self.comment(handler, window, at, view)? {
                        Some(end) => end,
                        None => return Ok(at),
                    }
                }
                Some(b'?') => match self.instruction(handler, window, at, view)? {
                    Some(end) => end,
                    None => return Ok(at),
                },
                Some(b'/') => {
                    return Err(self.malformed(view, at, "an end tag stands before any element; remove it"));
                }
                Some(_) => {
                    self.part = Part::Content;
                    return Ok(at);
                }
            };
            if self.section.is_some() {
                return Ok(at);
            }
        }
    }

    fn enter_doctype(&mut self, at: usize, view: View<'_>) -> Result<usize, Error> {
        if self.has_doctype {
            return Err(self.malformed(view, at, "a second DOCTYPE; a document has at most one, remove the other"));
        }
        self.has_doctype = true;
        self.doctype_start = self.lines.base_byte() + at as u64;
        self.part = Part::DoctypeHead;
        Ok(at + DOCTYPE.len())
    }

    /// Reads on in the DOCTYPE, of which the limit lets only so much be seen.
    pub(super) fn doctype<H: Handler>(&mut self, handler: &mut H, window: &str, at: usize) -> Result<usize, Error> {
        let last_allowed = self.doctype_start.saturating_add(self.limits.dtd_bytes as u64);
        let allowed = usize::try_from(last_allowed.saturating_sub(self.lines.base_byte())).unwrap_or(usize::MAX);
        let visible = &window[..window.floor_char_boundary(allowed).max(at)];
        let view = View::of_window(window);
        let mut reached = at;
        if self.part == Part::DoctypeHead {
            reached = self.doctype_head(visible, reached, view)?;
        }
        if self.part == Part::InternalSubset {
            reached = self.internal_subset(handler, visible, reached, view)?;
        }
        if self.part == Part::DoctypeTail {
            reached = self.doctype_tail(visible, reached, view)?;
        }
        let unfinished = matches!(self.part, Part::DoctypeHead | Part::InternalSubset | Part::DoctypeTail);
        if unfinished && visible.len() < window.len() {
            let at = visible.len();
            let detail =
                format!("the DOCTYPE is longer than {} bytes, which is the limit; shorten it", self.limits.dtd_bytes);
            return Err(self.lines.error(view, Fault::new(ErrorCode::XmlTokenTooLong, at, detail)));
        }
        Ok(reached)
    }

    fn doctype_head(&mut self, visible: &str, at: usize, view: View<'_>) -> Result<usize, Error> {
        let head = dtd::read_head(self.within_limit(visible, at), at, self.options.namespace_rules);
        let head = head.map_err(|fault| self.lines.error(view, fault))?;
        let Some(head) = head else { return Ok(at) };
        self.dtd.incomplete = head.has_external_subset;
        self.part = if head.has_internal_subset { Part::InternalSubset } else { Part::Prolog };
        Ok(head.end)
    }

    fn internal_subset<H: Handler>(
        &mut self,
        handler: &mut H,
        visible: &str,
        at: usize,
        view: View<'_>,
    ) -> Result<usize, Error> {
        let reached = self.declarations(handler, visible, at, view)?;
        let bytes = visible.as_bytes();
        if self.section.is_some() || bytes.get(reached) != Some(&b']') {
            return Ok(reached);
        }
        self.part = Part::DoctypeTail;
        Ok(reached + 1)
    }

    /// Reads the white space and the `>` after the internal subset.
    fn doctype_tail(&mut self, visible: &str, from: usize, view: View<'_>) -> Result<usize, Error> {
        let bytes = visible.as_bytes();
        let at = skip_space(bytes, from);
        match bytes.get(at) {
            None => Ok(at),
            Some(b'>') => {
                self.part = Part::Prolog;
                Ok(at + 1)
            }
            Some(_) => Err(self.malformed(view, at, "> is missing after the ] of the DOCTYPE")),
        }
    }

    pub(super) fn epilog<H: Handler>(
        &mut self,
        handler: &mut H,
        window: &str,
        from: usize,
        view: View<'_>,
    ) -> Result<usize, Error> {
        let bytes = window.as_bytes();
        let mut at = from;
        while self.section.is_none() {
            at = skip_space(bytes, at);
            let Some(&byte) = bytes.get(at) else { return Ok(at) };
            let next = bytes.get(at + 1);
            let end = match (byte, next) {
                (b'<', None) => return Ok(at),
                (b'<', Some(b'!')) => self.comment(handler, window, at, view)?,
                (b'<', Some(b'?')) => self.instruction(handler, window, at, view)?,
                (b'<', Some(b'/')) => {
                    let detail = "an end tag follows the end of the root element; remove it";
                    return Err(self.malformed(view, at, detail));
                }
                (b'<', Some(_)) => {
                    let detail = "an element follows the root element; a document has one root, put one around both";
                    return Err(self.malformed(view, at, detail));
                }
                _ => {
                    let detail = "text follows the end of the root element; remove it or put it inside";
                    return Err(self.malformed(view, at, detail));
                }
            };
            match end {
                Some(end) => at = end,
                None => return Ok(at),
            }
        }
        Ok(at)
    }
}
