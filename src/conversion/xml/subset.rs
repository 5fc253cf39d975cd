//! The internal DTD subset: declarations, comments, processing instructions and references to parameter entities.

use super::chars::skip_space;
use super::document::Document;
use super::dtd::{self, ParameterEntity};
use super::fault::{Fault, shown};
use super::handler::Handler;
use super::position::View;
use super::reference::read_referenced_name;
use crate::conversion::error::Error;

impl Document {
    /// Reads declarations from `from` on, up to a `]` or to what is not complete, and answers how far it got.
    pub(super) fn declarations<H: Handler>(
        &mut self,
        handler: &mut H,
        text: &str,
        from: usize,
        view: View<'_>,
    ) -> Result<usize, Error> {
        let bytes = text.as_bytes();
        let mut at = self.continue_section(handler, text, from, view)?;
        while self.section.is_none() {
            at = skip_space(bytes, at);
            let end = match (bytes.get(at), bytes.get(at + 1)) {
                (None | Some(b']'), _) | (Some(b'<'), None) => None,
                (Some(b'<'), Some(b'?')) => self.instruction(handler, text, at, view)?,
                (Some(b'<'), Some(b'!')) => match bytes.get(at + 2) {
                    None => None,
                    Some(b'-') => self.comment(handler, text, at, view)?,
                    Some(_) => self.declaration(text, at, view)?,
                },
                (Some(b'%'), _) => self.parameter_reference(handler, text, at, view)?,
                _ => {
                    let character = text[at..].chars().next().unwrap_or_default();
                    let detail = format!("{} cannot stand between the declarations of the DOCTYPE", shown(character));
                    return Err(self.malformed(view, at, detail));
                }
            };
            match end {
                Some(end) => at = end,
                None => break,
            }
        }
        Ok(at)
    }

    /// Reads the markup declaration at `at`. `None` if the text ends before it does.
    fn declaration(&mut self, text: &str, at: usize, view: View<'_>) -> Result<Option<usize>, Error> {
        let Some(end) = dtd::find_end(self.within_limit(text, at), at) else { return Ok(None) };
        dtd::declare(&mut self.dtd, &text[at..end], &self.limits, &mut self.expansion)
            .map_err(|fault| self.lines.error(view, fault.inside(at)))?;
        Ok(Some(end))
    }

    /// Reads `%name;` and the declarations it stands for. `None` if the text ends before the reference does.
    fn parameter_reference<H: Handler>(
        &mut self,
        handler: &mut H,
        text: &str,
        at: usize,
        view: View<'_>,
    ) -> Result<Option<usize>, Error> {
        let as_error = |document: &Self, fault: Fault| document.lines.error(view, fault);
        let found = read_referenced_name(self.within_limit(text, at), at, self.options.namespace_rules)
            .map_err(|fault| as_error(self, fault))?;
        let Some(name) = found else { return Ok(None) };
        self.dtd.refers_to_parameter_entities = true;
        let end = at + name.len() + 2;
        let Some(ParameterEntity::Internal(replacement)) = self.dtd.parameter_entity(name) else {
            self.dtd.skip_parameter_entity();
            return Ok(Some(end));
        };
        self.expansion.enter(name, &replacement, at).map_err(|fault| as_error(self, fault))?;
        let inside = view.replacing(name, at);
        let around = std::mem::replace(&mut self.dtd.inside_parameter_entity, true);
        let reached = self.declarations(handler, &replacement, 0, inside)?;
        self.dtd.inside_parameter_entity = around;
        if reached < replacement.len() || self.section.is_some() {
            return Err(self.malformed(inside, reached, "the text is not a sequence of complete declarations"));
        }
        self.expansion.leave();
        Ok(Some(end))
    }
}
