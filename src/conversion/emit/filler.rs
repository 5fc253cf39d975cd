//! Walks a document along the program of a plan and fills rows.

use super::RowSink;
use super::frame::{Frame, Place};
use super::prose::Prose;
use super::row::unplanned;
use super::rows::Rows;
use super::shortcuts::count_at;
use super::structure::Structure;
use crate::conversion::error::{Error, ErrorCode};
use crate::conversion::options::MixedContent;
use crate::conversion::paths::{DOCUMENT, Name, NodeId, PathCache, Step, TreeIndex};
use crate::conversion::plan::{Action, NONE, Program, Special};
use crate::conversion::whitespace::{is_invisible, trim_start};
use crate::conversion::xml::{Attribute, ExpandedName, Handler, Locate, Namespaces, StartTag};

/// The handler of the second pass.
pub(crate) struct Filler<'p, S> {
    pub(super) program: &'p Program,
    index: TreeIndex,
    pub(super) cache: PathCache,
    pub(super) frames: Vec<Frame>,
    pub(super) counters: Vec<u32>,
    pub(super) rows: Rows<'p, S>,
    pub(super) prose: Prose,
    /// Elements open inside prose that are not walked through.
    pub(super) skipped: usize,
    pub(super) longest_text: usize,
    /// So many of the frames were open before the stretch of the document that is being read, if that is not its first.
    pub(super) earlier_frames: usize,
    /// Only where rows tell more than values.
    pub(super) structure: Option<Box<Structure<'p>>>,
}

impl<'p, S: RowSink> Filler<'p, S> {
    pub(crate) fn new(program: &'p Program, longest_text: usize, sink: S) -> Self {
        Self {
            program,
            index: TreeIndex::of(&program.tree),
            cache: PathCache::default(),
            frames: Vec::new(),
            counters: Vec::new(),
            rows: Rows::new(&program.tables, sink),
            prose: Prose::new(program.content_names.is_some()),
            skipped: 0,
            longest_text,
            earlier_frames: 0,
            structure: Structure::of(program).map(Box::new),
        }
    }

    pub(crate) fn begin_document(&mut self, label: &str) {
        self.rows.set_label(label);
        self.cache.clear();
        self.counters.clear();
        self.counters.resize(self.program.actions[DOCUMENT as usize].counters as usize, 0);
        self.frames.clear();
        self.frames.push(Frame::document(self.program.text));
        if let Some(structure) = &mut self.structure {
            structure.begin_document();
        }
    }

    pub(crate) fn into_sink(self) -> S {
        self.rows.into_sink()
    }

    #[inline]
    fn enter(&mut self, tag: &StartTag<'_>) -> Result<(), Error> {
        self.enter_at(tag, None)
    }

    /// An element starts, of a path that somebody may know already.
    pub(crate) fn enter_at(&mut self, tag: &StartTag<'_>, path: Option<NodeId>) -> Result<(), Error> {
        if self.prose.is_open() && self.skips(tag)? {
            return Ok(());
        }
        let Some(frame) = self.frames.last_mut() else { return Ok(()) };
        let (node, around, keeps_space) = (frame.node, frame.place, frame.keeps_space);
        let look_up = || self.cache.element(node, tag.name_id, tag.namespaces.context(), &mut frame.guess);
        let known = path.or_else(look_up);
        if !std::mem::replace(&mut frame.has_child, true) && frame.has_text && !keeps_space {
            self.rows.get(around.row)?.trim_end(frame.text);
        }
        let id = match known {
            Some(id) => id,
            None => self.learn_element(node, tag)?,
        };
        let action = &self.program.actions[id as usize];
        if self.prose.is_open() && !action.attributed {
            self.skipped = 1;
            if self.structure.is_some() {
                self.count_child();
            }
            return refuse_attributes(tag);
        }
        let place = self.place(action, around)?;
        self.open_frame(action, place, keeps_space);
        if tag.attributes.is_empty() { Ok(()) } else { self.write_attributes(action.target, place, tag) }
    }

    /// Where the values of an element go that stands in an element with the place `around`.
    #[inline]
    pub(super) fn place(&mut self, action: &Action, around: Place) -> Result<Place, Error> {
        let counted = count_at(around.counters, action.counter);
        let occurrence = self.occurrence(counted);
        let counters = u32::try_from(self.counters.len()).unwrap_or(NONE);
        if action.table != NONE {
            let row = self.rows.open(action, around.row, occurrence, counted);
            return Ok(Place { row, base: 0, segment: 0, counters });
        }
        if action.counter != NONE && occurrence > action.most {
            return Err(unplanned("an element occurs more often"));
        }
        let base = around.base + action.start + (occurrence - 1) * action.stride;
        let segment = match action.segment {
            true => self.rows.get(around.row)?.open_segment(around.segment),
            false => around.segment,
        };
        Ok(Place { row: around.row, base, segment, counters })
    }

    #[inline]
    pub(super) fn open_frame(&mut self, action: &Action, place: Place, keeps_space: bool) {
        let own = &self.program.actions[action.target as usize];
        let in_prose = self.prose.is_open();
        let is_prose = own.prose && !in_prose;
        if is_prose {
            self.prose.open(self.program.mixed == MixedContent::Text && !own.attributed);
        }
        if own.counters > 0 {
            if self.structure.is_some() {
                self.enter_structure(action, place);
            }
            self.counters.resize(self.counters.len() + own.counters as usize, 0);
        }
        self.frames.push(Frame {
            node: action.target,
            place,
            text: if own.text == NONE || in_prose { NONE } else { place.base + own.text },
            guess: 0,
            opened_row: action.table != NONE,
            has_child: false,
            has_text: false,
            is_prose,
            is_nil: false,
            keeps_space,
        });
    }

    /// Counts an occurrence of a child, from 1.
    #[inline]
    fn occurrence(&mut self, counted: Option<usize>) -> u32 {
        let Some(at) = counted else { return 1 };
        let count = &mut self.counters[at];
        *count = count.saturating_add(1);
        *count
    }

    /// Inside prose, an element without attributes below is text and no more. Answers whether this was one.
    fn skips(&mut self, tag: &StartTag<'_>) -> Result<bool, Error> {
        let around = self.frames.last().map_or(DOCUMENT, |frame| frame.node);
        if self.program.mixed == MixedContent::Xml {
            self.prose.start(tag);
        } else if self.skipped == 0 && self.program.actions[around as usize].attributed {
            return Ok(false);
        } else {
            refuse_attributes(tag)?;
        }
        self.skipped += 1;
        Ok(true)
    }

    fn learn_element(&mut self, parent: NodeId, tag: &StartTag<'_>) -> Result<NodeId, Error> {
        let expanded = tag.namespaces.resolve_element(tag.name);
        let found = self.index.element(parent, expanded.uri, expanded.local);
        let id = found.ok_or_else(|| unplanned(&format!("the element {} stands elsewhere", tag.name)))?;
        self.cache.learn_element(parent, tag.name_id, tag.namespaces.context(), id);
        Ok(id)
    }

    fn learn_attribute(
        &mut self,
        parent: NodeId,
        attribute: &Attribute<'_>,
        namespaces: &Namespaces,
    ) -> Result<Step, Error> {
        let index = &self.index;
        let find = |name: ExpandedName<'_>| {
            let found = index.attribute(parent, name.uri, name.local);
            found.ok_or_else(|| unplanned(&format!("the attribute {} stands elsewhere", attribute.name)))
        };
        self.cache.find_attribute(parent, attribute, namespaces, find)
    }

    /// Writes the attributes of the innermost element, and notes what they say about its text.
    fn write_attributes(&mut self, node: NodeId, place: Place, tag: &StartTag<'_>) -> Result<(), Error> {
        let usual = self.write_usual_attributes(node, place, tag);
        let mut guess = usual;
        for attribute in &tag.attributes[usual..] {
            let known = self.cache.attribute(node, attribute.name_id, tag.namespaces.context(), &mut guess);
            let step = match known {
                Some(step) => step,
                None => self.learn_attribute(node, attribute, tag.namespaces)?,
            };
            let Step::To(id) = step else { continue };
            let action = &self.program.actions[id as usize];
            self.rows.get(place.row)?.set(place.base + action.start, place.segment, attribute.value)?;
            if action.special != Special::No
                && let Some(frame) = self.frames.last_mut()
            {
                frame.heed(action.special, attribute.value, self.program.text);
            }
        }
        Ok(())
    }

    fn add_text(&mut self, text: &str) -> Result<(), Error> {
        if self.prose.is_open() && !self.prose.is_direct() {
            match self.program.mixed {
                MixedContent::Text => self.prose.push(text),
                MixedContent::Xml => self.prose.push_escaped(text),
            }
            return self.refuse_length(self.prose.len());
        }
        let Some(frame) = self.frames.last_mut() else { return Ok(()) };
        if !frame.is_prose && (frame.has_child || frame.text == NONE) {
            return if is_invisible(text) { Ok(()) } else { Err(unplanned("text stands elsewhere")) };
        }
        let keeps_start = frame.has_text || frame.keeps_space || frame.is_prose;
        let text = if keeps_start { text } else { trim_start(text) };
        if text.is_empty() {
            return Ok(());
        }
        let row = self.rows.get(frame.place.row)?;
        let length = frame.write(text, row)?;
        self.refuse_length(length)
    }

    fn refuse_length(&self, length: usize) -> Result<(), Error> {
        if length <= self.longest_text {
            return Ok(());
        }
        let limit = self.longest_text;
        let detail = format!(
            "the text of one element is longer than {limit} bytes, which is the limit; split it, or raise the limit on tokens"
        );
        Err(Error::new(ErrorCode::XmlTokenTooLong, detail))
    }

    fn leave(&mut self) -> Result<(), Error> {
        if self.skipped > 0 {
            self.skipped -= 1;
            if self.program.mixed == MixedContent::Xml {
                self.prose.end();
            }
            return Ok(());
        }
        let Some(frame) = self.frames.last() else { return Ok(()) };
        let (row, opened_row) = (frame.place.row, frame.opened_row);
        let counters = frame.place.counters as usize;
        if frame.is_prose {
            frame.close_prose(&mut self.prose, self.program.mixed, self.rows.get(row)?)?;
        } else if frame.text != NONE {
            frame.close_text(self.rows.get(row)?)?;
        }
        self.frames.truncate(self.frames.len() - 1);
        if self.counters.len() > counters {
            self.counters.truncate(counters);
            if self.structure.is_some() {
                self.leave_structure(row);
            }
        }
        if self.frames.len() < self.earlier_frames {
            self.earlier_frames = self.frames.len();
            self.rows.let_keys_wait(self.counters.len());
        }
        if opened_row { self.rows.close(row) } else { Ok(()) }
    }
}

impl<S: RowSink> Filler<'_, S> {
    /// The plan's path for an element of that name inside one of a path of the plan's.
    pub(crate) fn path_of(&self, parent: NodeId, name: &Name) -> Option<NodeId> {
        let parent = self.program.actions.get(parent as usize)?.target;
        self.index.element(parent, &name.uri, &name.local)
    }

    /// A whole element with one text, in steps.
    pub(crate) fn take_element(&mut self, tag: &StartTag<'_>, text: &str, path: Option<NodeId>) -> Result<(), Error> {
        self.enter_at(tag, path)?;
        if !text.is_empty() {
            self.add_text(text)?;
        }
        self.leave()
    }
}

impl<S: RowSink> Handler for Filler<'_, S> {
    #[inline]
    fn leaf(&mut self, tag: &StartTag<'_>, text: &str) -> bool {
        self.take_leaf(tag, text)
    }

    #[inline]
    fn blank(&mut self) -> bool {
        !self.prose.is_open() && self.frames.last().is_some_and(Frame::ignores_space)
    }

    #[inline]
    fn start(&mut self, tag: &StartTag<'_>, at: &dyn Locate) -> Result<(), Error> {
        self.enter(tag).map_err(|error| error.placed(at.position()))
    }

    #[inline]
    fn text(&mut self, text: &str, at: &dyn Locate) -> Result<(), Error> {
        self.add_text(text).map_err(|error| error.placed(at.position()))
    }

    #[inline]
    fn end(&mut self, at: &dyn Locate) -> Result<(), Error> {
        self.leave().map_err(|error| error.placed(at.position()))
    }
}

/// Attributes in a place where the scan saw none would be lost with the markup around them.
fn refuse_attributes(tag: &StartTag<'_>) -> Result<(), Error> {
    match tag.attributes.iter().find(|attribute| !tag.namespaces.is_declaration(attribute.name)) {
        Some(attribute) => Err(unplanned(&format!("the attribute {} stands elsewhere", attribute.name))),
        None => Ok(()),
    }
}
