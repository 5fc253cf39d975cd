//! A look at a few stretches of a large document, which mostly tells what all of it is like, and how to find places to take it up at.

use std::collections::BTreeMap;

use super::Shape;
use super::checkpoint::{Checkpoint, Outline, Pace};
use super::counter::Counter;
use super::scanner::feed_at;
use crate::conversion::limits::Limits;
use crate::conversion::paths::{NodeId, Tree};
use crate::conversion::xml::{Parser, ParserOptions, ResumePoint};

/// So many checkpoints there are in the head, but none nearer to each other than so many bytes.
const CHECKPOINTS: u64 = 16;
const NEAREST: u64 = 16;

/// So many children of one path tell that more will come.
const EQUAL_CHILDREN: u32 = 4;

/// What a few stretches of a document tell: its beginning and, where it has places to be taken up at, some later ones. It is a guess about
/// the document, to be proved by reading all of it.
#[derive(Debug)]
pub struct Sample {
    shape: Shape,
    boundary: Option<Boundary>,
    limits: Limits,
}

/// Where stretches of a document are guessed to begin: before a child of the elements that were open at a place in the head.
#[derive(Clone, Debug)]
pub(crate) struct Boundary {
    /// The beginning of the child's start tag, without what follows the name.
    tag: Box<[u8]>,
    /// What is known of the place in the head: it is the only checkpoint.
    pub(crate) outline: Outline,
}

impl Boundary {
    pub(crate) fn point(&self) -> &ResumePoint {
        &self.outline.checkpoints[0].point
    }

    /// Elements that are open there.
    pub(crate) fn depth(&self) -> usize {
        self.outline.checkpoints[0].open.len()
    }

    /// The first place in `bytes`: right behind the tag before such a child.
    fn find(&self, bytes: &[u8]) -> Option<usize> {
        memchr::memmem::find_iter(bytes, &self.tag).find_map(|at| {
            let is_name_over = bytes.get(at + self.tag.len()).is_some_and(|next| b" \t\r\n/>".contains(next));
            let before = bytes[..at].trim_ascii_end();
            (is_name_over && before.ends_with(b">")).then_some(before.len())
        })
    }
}

impl Sample {
    /// Looks at the beginning of a document. `None` if that is at fault or tells nothing; a scan then says more.
    #[must_use]
    pub fn new(head: &[u8], limits: &Limits, options: ParserOptions) -> Option<Self> {
        let mut parser = Parser::with_options(Counter::new(limits), limits, options);
        let spacing = (head.len() as u64 / CHECKPOINTS).max(NEAREST);
        feed_at(&mut Some(Pace::patient(spacing)), &mut parser, head).ok()?;
        let mut counter = parser.into_handler();
        let boundary = Boundary::of(&mut counter);
        let shape = counter.into_scan(options, 0).ok()?.shape;
        Some(Self { shape, boundary, limits: *limits })
    }

    /// Looks at a later stretch, which begins and ends anywhere.
    pub fn add(&mut self, bytes: &[u8]) {
        self.look_at(bytes, |counter, depth| counter.is_inside(depth));
    }

    /// Looks at a stretch that begins anywhere and ends with the document.
    pub fn add_end(&mut self, bytes: &[u8]) {
        self.look_at(bytes, |_, _| true);
    }

    fn look_at(&mut self, bytes: &[u8], is_sound: impl Fn(&Counter, usize) -> bool) {
        let Some(boundary) = &self.boundary else { return };
        let Some(start) = boundary.find(bytes) else { return };
        let counted = self.count(boundary, &bytes[start..]).filter(|counter| is_sound(counter, boundary.depth()));
        // A guess that fails once is not worth trying.
        if counted.and_then(|counter| self.merge(counter)).is_none() {
            self.boundary = None;
        }
    }

    fn count(&self, boundary: &Boundary, bytes: &[u8]) -> Option<Counter> {
        let open = &boundary.outline.checkpoints[0].open;
        let counter = Counter::inside(&self.shape.tree, open, &self.limits).ok()?;
        // Errors tell no place here, so any will do.
        let mut parser = Parser::resumed(counter, &self.limits, self.shape.options, boundary.point());
        parser.feed(bytes).ok()?;
        Some(parser.into_handler())
    }

    fn merge(&mut self, mut counter: Counter) -> Option<()> {
        counter.count_recursions();
        let Counter { tree, stats, .. } = counter;
        let seen = Shape { documents: 0, ..Shape::of_document(tree, stats, self.shape.options) };
        self.shape.merge(&seen, &self.limits).ok()
    }

    /// What was seen of the document's shape.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Whether places can be guessed at which others may begin to read.
    #[must_use]
    pub fn has_boundaries(&self) -> bool {
        self.boundary.is_some()
    }

    /// The first place in `bytes`, a piece of the document, at which a stretch may begin.
    #[must_use]
    pub fn find_boundary(&self, bytes: &[u8]) -> Option<usize> {
        self.boundary.as_ref()?.find(bytes)
    }

    pub(crate) fn boundary(&self) -> Option<&Boundary> {
        self.boundary.as_ref()
    }
}

impl Boundary {
    /// The shallowest checkpoint behind some equal children, the last of those, with all that was counted before it.
    fn of(counter: &mut Counter) -> Option<Self> {
        let checkpoints = std::mem::take(&mut counter.checkpoints);
        let repeated = |checkpoint: &Checkpoint| {
            let children = checkpoint.open.last().map_or(&[][..], |innermost| &innermost.children);
            children.iter().max_by_key(|(_, count)| *count).filter(|(_, count)| *count >= EQUAL_CHILDREN).copied()
        };
        let candidates = checkpoints.iter().enumerate().rev();
        let candidates = candidates.filter_map(|(at, checkpoint)| Some((at, checkpoint, repeated(checkpoint)?.0)));
        let (at, chosen, child) = candidates.min_by_key(|(_, checkpoint, _)| checkpoint.open.len())?;
        let tag = start_of_tag(&counter.tree, child);
        let mut occurred: BTreeMap<NodeId, u64> = BTreeMap::new();
        for (id, count) in checkpoints[..=at].iter().flat_map(|checkpoint| &checkpoint.occurred) {
            *occurred.entry(*id).or_default() += count;
        }
        let checkpoint = Checkpoint { occurred: occurred.into_iter().collect(), ..chosen.clone() };
        Some(Self { tag, outline: Outline { occurred: Vec::new(), checkpoints: vec![checkpoint] } })
    }
}

fn start_of_tag(tree: &Tree, element: NodeId) -> Box<[u8]> {
    let name = tree.name(element);
    let colon = if name.prefix.is_empty() { "" } else { ":" };
    format!("<{}{colon}{}", name.prefix, name.local).into_bytes().into()
}
