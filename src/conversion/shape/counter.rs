//! What the first pass counts of the events of a document.

use super::Stats;
use super::checkpoint::{Checkpoint, OpenElement};
use crate::conversion::error::Error;
use crate::conversion::limits::Limits;
use crate::conversion::paths::{DOCUMENT, Kind, NodeId, PathCache, Step, Tree, TreeIndex};
use crate::conversion::whitespace::{is_blank, is_invisible, trim, trim_start};
use crate::conversion::xml::{Attribute, ExpandedName, Handler, Locate, Namespaces, ResumePoint, StartTag};

/// Bytes of a value that are looked at; longer ones are text.
const LOOKED_AT: usize = 128;

/// An open element.
struct Frame {
    node: NodeId,
    /// The how manieth element of the document this is.
    serial: u64,
    guess: usize,
    has_child: bool,
    keeps_space: bool,
}

/// Under which parent a path was last counted, and how often there.
#[derive(Clone, Copy, Default)]
struct Run {
    parent: u64,
    length: u32,
    /// This is the attribute `xml:space`.
    is_xml_space: bool,
}

/// The handler of the first pass.
pub(crate) struct Counter {
    pub(crate) tree: Tree,
    pub(super) index: TreeIndex,
    cache: PathCache,
    pub(super) stats: Vec<Stats>,
    runs: Vec<Run>,
    frames: Vec<Frame>,
    serial: u64,
    /// The path of the element that started last.
    pub(crate) started: NodeId,
    /// The beginning of the innermost element's text before its first child.
    text: String,
    /// Bytes of that text that are not kept.
    beyond: u64,
    pub(super) limits: Limits,
    pub(super) checkpoints: Vec<Checkpoint>,
    /// Occurrences of each path at the last checkpoint.
    counted: Vec<u64>,
}

impl Counter {
    pub(crate) fn new(limits: &Limits) -> Self {
        let document = Frame { node: DOCUMENT, serial: 0, guess: 0, has_child: true, keeps_space: false };
        Self {
            tree: Tree::new(),
            index: TreeIndex::default(),
            cache: PathCache::default(),
            stats: vec![Stats::NONE],
            runs: vec![Run::default()],
            frames: vec![document],
            serial: 0,
            started: DOCUMENT,
            text: String::with_capacity(LOOKED_AT),
            beyond: 0,
            limits: *limits,
            checkpoints: Vec::new(),
            counted: Vec::new(),
        }
    }

    fn learn_element(&mut self, parent: NodeId, tag: &StartTag<'_>) -> Result<NodeId, Error> {
        let expanded = tag.namespaces.resolve_element(tag.name).into();
        let id = self.index.element_or_add(&mut self.tree, parent, expanded, &self.limits)?;
        self.make_room();
        self.cache.learn_element(parent, tag.name_id, tag.namespaces.context(), id);
        Ok(id)
    }

    fn learn_attribute(
        &mut self,
        parent: NodeId,
        attribute: &Attribute<'_>,
        namespaces: &Namespaces,
    ) -> Result<Step, Error> {
        let (tree, index, limits) = (&mut self.tree, &mut self.index, &self.limits);
        let find = |name: ExpandedName<'_>| index.attribute_or_add(tree, parent, name.into(), limits);
        let step = self.cache.find_attribute(parent, attribute, namespaces, find)?;
        self.make_room();
        Ok(step)
    }

    pub(super) fn make_room(&mut self) {
        self.stats.resize(self.tree.nodes.len(), Stats::NONE);
        for id in self.runs.len()..self.tree.nodes.len() {
            let node = &self.tree.nodes[id];
            let is_xml_space = node.kind == Kind::Attribute && self.tree.names[node.name as usize].is_xml_space();
            self.runs.push(Run { is_xml_space, ..Run::default() });
        }
    }

    /// Whether so many elements are open that were open from the beginning, and are still the same.
    pub(super) fn is_inside(&self, depth: usize) -> bool {
        self.frames.get(depth).is_some_and(|frame| frame.serial == depth as u64)
    }

    /// Counts an occurrence of `node` in the parent with that serial number.
    fn count(&mut self, node: NodeId, parent: u64) {
        let (stats, run) = (&mut self.stats[node as usize], &mut self.runs[node as usize]);
        stats.instances += 1;
        if run.parent == parent {
            run.length = run.length.saturating_add(1);
        } else {
            // A recursion came between: how many this parent had before it is not known any more.
            let interrupted = parent < run.parent;
            run.parent = parent;
            run.length = if interrupted { 2 } else { 1 };
        }
        stats.most = stats.most.max(run.length);
    }

    /// Counts the attributes of an element; answers whether white space is kept in it, as it is around it unless they say so.
    fn count_attributes(&mut self, node: NodeId, tag: &StartTag<'_>, around: bool) -> Result<bool, Error> {
        let mut keeps_space = around;
        let mut usual = 0;
        for (step, value) in self.cache.attributes(node, tag) {
            if let Step::To(id) = step {
                let (stats, run) = (&mut self.stats[id as usize], &self.runs[id as usize]);
                keeps_space = count_attribute(stats, run, value).unwrap_or(keeps_space);
            }
            usual += 1;
        }
        let mut guess = usual;
        for attribute in &tag.attributes[usual..] {
            let known = self.cache.attribute(node, attribute.name_id, tag.namespaces.context(), &mut guess);
            let step = match known {
                Some(step) => step,
                None => self.learn_attribute(node, attribute, tag.namespaces)?,
            };
            if let Step::To(id) = step {
                let (stats, run) = (&mut self.stats[id as usize], &self.runs[id as usize]);
                keeps_space = count_attribute(stats, run, attribute.value).unwrap_or(keeps_space);
            }
        }
        Ok(keeps_space)
    }

    /// Counts an element with nothing but text, and answers which path that is. Nothing has changed after `None`.
    #[inline]
    pub(crate) fn count_leaf(&mut self, tag: &StartTag<'_>, text: &str) -> Option<NodeId> {
        let frame = self.frames.last_mut()?;
        let has_text_before_child = !frame.has_child && !self.text.is_empty();
        if has_text_before_child || text.len() > LOOKED_AT {
            return None;
        }
        let id = self.cache.element(frame.node, tag.name_id, tag.namespaces.context(), &mut frame.guess)?;
        if matches!(self.tree.node(id).kind, Kind::Recursion(_)) {
            return None;
        }
        frame.has_child = true;
        let (parent, keeps_space) = (frame.serial, frame.keeps_space);
        self.count(id, parent);
        self.stats[id as usize].observe_text_of_element(text, keeps_space);
        Some(id)
    }

    /// An element opens.
    #[inline]
    pub(super) fn open(&mut self, node: NodeId, keeps_space: bool, has_child: bool) {
        self.serial += 1;
        self.frames.push(Frame { node, serial: self.serial, guess: 0, has_child, keeps_space });
    }

    /// The part of a value's first piece that counts: white space before the value does not.
    fn without_padding<'t>(&mut self, node: NodeId, text: &'t str) -> &'t str {
        let trimmed = trim_start(text);
        self.stats[node as usize].padded |= trimmed.len() < text.len();
        trimmed
    }

    /// Until here an element inside its own kind was counted only where it stands.
    pub(super) fn count_recursions(&mut self) {
        for id in self.tree.paths() {
            if let Kind::Recursion(target) = self.tree.node(id).kind {
                self.stats[target as usize].instances += self.stats[id as usize].instances;
            }
        }
    }

    /// Notes a checkpoint, unless an element inside its own kind is open.
    pub(super) fn check_point(&mut self, point: ResumePoint) {
        let parents = self.frames.iter().map(|frame| frame.node);
        let follows = |(parent, frame): (NodeId, &Frame)| self.tree.node(frame.node).parent == parent;
        if !parents.zip(&self.frames[1..]).all(follows) {
            return;
        }
        let open = self.frames[1..].iter();
        let open = open.map(|frame| self.open_element(frame.node, frame.serial, frame.keeps_space)).collect();
        self.counted.resize(self.stats.len(), 0);
        let mut occurred = Vec::new();
        for ((id, stats), counted) in (0..).zip(&self.stats).zip(&mut self.counted) {
            let before = std::mem::replace(counted, stats.instances);
            if stats.instances > before {
                occurred.push((id, stats.instances - before));
            }
        }
        self.checkpoints.push(Checkpoint { point, open, occurred });
    }

    /// The element of that serial number, with how many children of which path it has had.
    pub(super) fn open_element(&self, element: NodeId, serial: u64, keeps_space: bool) -> OpenElement {
        let is_child = |run: &Run, id: NodeId| {
            let node = self.tree.node(id);
            run.parent == serial && node.parent == element && node.kind != Kind::Attribute
        };
        let runs = self.tree.ids().zip(&self.runs);
        let children = runs.filter(|(id, run)| is_child(run, *id)).map(|(id, run)| (id, run.length)).collect();
        OpenElement { node: element, keeps_space, children }
    }

    /// The innermost element's text before its first child is complete.
    fn close_text(&mut self) {
        let Some(Frame { node, keeps_space, .. }) = self.frames.last() else { return };
        let stats = &mut self.stats[*node as usize];
        if self.beyond > 0 {
            stats.observe(&self.text);
            stats.fits.observe_text();
            stats.longest = stats.longest.max(self.text.len() as u64 + self.beyond);
        } else if !is_blank(&self.text) {
            let trimmed = trim(&self.text);
            stats.padded |= trimmed.len() < self.text.len();
            stats.observe(if *keeps_space { &self.text } else { trimmed });
        } else if !self.text.is_empty() {
            stats.fits.observe_text();
        }
        self.text.clear();
        self.beyond = 0;
    }
}

/// Counts an attribute; answers whether white space is kept from here on, if this attribute says so.
#[inline]
fn count_attribute(stats: &mut Stats, run: &Run, value: &str) -> Option<bool> {
    stats.instances += 1;
    stats.most = 1;
    if !is_blank(value) {
        stats.observe(value);
    } else if !value.is_empty() {
        stats.fits.observe_text();
    }
    run.is_xml_space.then(|| value == "preserve")
}

impl Handler for Counter {
    #[inline]
    fn leaf(&mut self, tag: &StartTag<'_>, text: &str) -> bool {
        self.count_leaf(tag, text).is_some()
    }

    #[inline]
    fn blank(&mut self) -> bool {
        let Some(Frame { node, has_child, keeps_space, .. }) = self.frames.last() else { return false };
        if !has_child && (*keeps_space || !self.text.is_empty()) {
            return false;
        }
        self.stats[*node as usize].padded |= !has_child;
        true
    }

    fn start(&mut self, tag: &StartTag<'_>, at: &dyn Locate) -> Result<(), Error> {
        let Some(frame) = self.frames.last_mut() else { return Ok(()) };
        let (parent, parent_serial, mut keeps_space) = (frame.node, frame.serial, frame.keeps_space);
        let known = self.cache.element(parent, tag.name_id, tag.namespaces.context(), &mut frame.guess);
        if !std::mem::replace(&mut frame.has_child, true) {
            self.close_text();
        }
        let id = match known {
            Some(id) => id,
            None => self.learn_element(parent, tag).map_err(|error| error.placed(at.position()))?,
        };
        self.started = id;
        self.count(id, parent_serial);
        let node = self.tree.target(id);
        if !tag.attributes.is_empty() {
            let counted = self.count_attributes(node, tag, keeps_space);
            keeps_space = counted.map_err(|error| error.placed(at.position()))?;
        }
        self.open(node, keeps_space, false);
        Ok(())
    }

    fn text(&mut self, text: &str, _at: &dyn Locate) -> Result<(), Error> {
        let Some(Frame { node, has_child, keeps_space, .. }) = self.frames.last() else { return Ok(()) };
        let (node, keeps_space) = (*node, *keeps_space);
        if *has_child {
            if node != DOCUMENT && !is_invisible(text) {
                self.stats[node as usize].prose = true;
            }
            return Ok(());
        }
        let text = if self.text.is_empty() && !keeps_space { self.without_padding(node, text) } else { text };
        let kept = text.floor_char_boundary(LOOKED_AT.saturating_sub(self.text.len()));
        if self.beyond == 0 {
            self.text.push_str(&text[..kept]);
            self.beyond += (text.len() - kept) as u64;
        } else {
            self.beyond += text.len() as u64;
        }
        Ok(())
    }

    fn end(&mut self, _at: &dyn Locate) -> Result<(), Error> {
        if self.frames.last().is_some_and(|frame| !frame.has_child) {
            self.close_text();
        }
        self.frames.pop();
        Ok(())
    }

    fn resume_point(&mut self, point: ResumePoint) -> Result<(), Error> {
        self.check_point(point);
        Ok(())
    }
}
