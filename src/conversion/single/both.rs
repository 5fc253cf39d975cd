//! Both passes at once: every event is counted and fills rows.

use crate::conversion::emit::{Filler, RowSink};
use crate::conversion::error::{Error, ErrorCode};
use crate::conversion::paths::{DOCUMENT, Kind, NodeId};
use crate::conversion::shape::Counter;
use crate::conversion::xml::{Handler, Locate, ResumePoint, StartTag};

/// Counts, and fills rows as long as the document is as the plan expects.
pub(super) struct Both<'p, S> {
    pub(super) counter: Counter,
    /// `None` once the document was found to be otherwise.
    pub(super) filler: Option<Filler<'p, S>>,
    refused: Option<Error>,
    /// For each path that was counted the path in the plan, so that none is looked up twice.
    paths: Vec<Option<NodeId>>,
}

impl<'p, S: RowSink> Both<'p, S> {
    pub(super) fn new(counter: Counter, filler: Option<Filler<'p, S>>) -> Self {
        Self { counter, filler, refused: None, paths: vec![Some(DOCUMENT)] }
    }

    /// The path in the plan.
    #[inline]
    fn path(&mut self, counted: NodeId) -> Option<NodeId> {
        match self.paths.get(counted as usize) {
            Some(path) => *path,
            None => self.learn_paths(counted),
        }
    }

    #[cold]
    fn learn_paths(&mut self, counted: NodeId) -> Option<NodeId> {
        let filler = self.filler.as_ref()?;
        let tree = &self.counter.tree;
        for id in tree.ids().skip(self.paths.len()) {
            let node = tree.node(id);
            let parent = self.paths[node.parent as usize].filter(|_| node.kind != Kind::Attribute);
            self.paths.push(parent.and_then(|parent| filler.path_of(parent, tree.name(id))));
        }
        self.paths[counted as usize]
    }

    /// What the sink answered, if it wants no more.
    pub(super) fn refusal(&self) -> Result<(), Error> {
        self.refused.clone().map_or(Ok(()), Err)
    }

    #[inline]
    fn fill(&mut self, step: impl FnOnce(&mut Filler<'p, S>) -> Result<(), Error>) {
        if let Some(filler) = &mut self.filler
            && let Err(error) = step(filler)
        {
            self.give_up(error);
        }
    }

    #[cold]
    fn give_up(&mut self, error: Error) {
        self.filler = None;
        if error.code == ErrorCode::Interrupted {
            self.refused = Some(error);
        }
    }
}

impl<S> AsRef<Counter> for Both<'_, S> {
    fn as_ref(&self) -> &Counter {
        &self.counter
    }
}

impl<S: RowSink> Handler for Both<'_, S> {
    #[inline]
    fn leaf(&mut self, tag: &StartTag<'_>, text: &str) -> bool {
        let Some(counted) = self.counter.count_leaf(tag, text) else { return false };
        let path = self.path(counted);
        self.fill(|filler| match filler.take_leaf_at(tag, text, path) {
            true => Ok(()),
            false => filler.take_element(tag, text, path),
        });
        true
    }

    #[inline]
    fn blank(&mut self) -> bool {
        // Only the counter remembers that it was asked, so it comes last.
        self.filler.as_mut().is_none_or(Handler::blank) && self.counter.blank()
    }

    #[inline]
    fn start(&mut self, tag: &StartTag<'_>, at: &dyn Locate) -> Result<(), Error> {
        self.counter.start(tag, at)?;
        let path = self.path(self.counter.started);
        self.fill(|filler| filler.enter_at(tag, path));
        Ok(())
    }

    #[inline]
    fn text(&mut self, text: &str, at: &dyn Locate) -> Result<(), Error> {
        self.counter.text(text, at)?;
        self.fill(|filler| filler.text(text, at));
        Ok(())
    }

    #[inline]
    fn end(&mut self, at: &dyn Locate) -> Result<(), Error> {
        self.counter.end(at)?;
        self.fill(|filler| filler.end(at));
        Ok(())
    }

    fn resume_point(&mut self, point: ResumePoint) -> Result<(), Error> {
        self.counter.resume_point(point)
    }
}
