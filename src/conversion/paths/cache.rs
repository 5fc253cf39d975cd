//! From a tag as written to its node, without resolving its name: the hot path of both passes.
//!
//! Documents are regular, so the next child is nearly always the one that came next (or came again) the last time. A guess is
//! checked by comparing the raw name and the namespace context; only what was never met in this document is looked up by
//! its expanded name, once.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use super::tree::NodeId;

/// A node with more known children than this has them found by hash.
const WIDE: usize = 12;

/// Remembered tags of one document; beyond it the memory starts afresh. Only documents that declare namespaces anew all
/// the time come near it.
const CAPACITY: usize = 1 << 17;

/// In place of the context where a name does not depend on it: an attribute without a prefix is in no namespace.
const ANY: u32 = u32::MAX;

/// Where a remembered name leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// To this child.
    To(NodeId),
    /// Nowhere: it is not data (a declaration of a namespace).
    Nowhere,
}

#[derive(Clone, Copy, Hash)]
enum Sort {
    Element,
    Attribute,
}

#[derive(Debug)]
struct Edge {
    name: Box<str>,
    /// The namespace context, or [`ANY`].
    context: u32,
    step: Step,
}

#[derive(Debug, Default)]
struct Known {
    elements: Vec<Edge>,
    attributes: Vec<Edge>,
}

/// What is known of the tags of the current document.
#[derive(Debug, Default)]
pub(crate) struct PathCache {
    nodes: Vec<Known>,
    wide: HashMap<u64, usize>,
    hasher: RandomState,
    held: usize,
}

impl PathCache {
    /// Forgets everything: contexts mean something in one document only.
    pub(crate) fn clear(&mut self) {
        self.nodes.clear();
        self.wide.clear();
        self.held = 0;
    }

    /// The child element written `name`, if it was met before. `guess` is the place to look at first; it is moved to the
    /// place where the next child is likely to be found.
    #[inline]
    pub(crate) fn element(&self, parent: NodeId, name: &str, context: u32, guess: &mut usize) -> Option<NodeId> {
        let known = &self.nodes.get(parent as usize)?.elements;
        let at = match known.get(*guess) {
            Some(edge) if edge.is(name, context) => *guess,
            _ => match guess.checked_sub(1) {
                Some(again) if known.get(again).is_some_and(|edge| edge.is(name, context)) => again,
                _ => self.search((Sort::Element, parent, context, name), known, *guess)?,
            },
        };
        *guess = at + 1;
        match known[at].step {
            Step::To(node) => Some(node),
            Step::Nowhere => None,
        }
    }

    /// Where the attribute written `name` leads, if it was met before; `guess` as for elements.
    #[inline]
    pub(crate) fn attribute(&self, parent: NodeId, name: &str, context: u32, guess: &mut usize) -> Option<Step> {
        let known = &self.nodes.get(parent as usize)?.attributes;
        let at = match known.get(*guess) {
            Some(edge) if edge.is(name, edge.context_for(context)) => *guess,
            _ => self.search((Sort::Attribute, parent, attribute_context(name, context), name), known, *guess)?,
        };
        *guess = at + 1;
        Some(known[at].step)
    }

    /// Remembers a child element.
    pub(crate) fn learn_element(&mut self, parent: NodeId, name: &str, context: u32, child: NodeId) {
        let edge = Edge { name: name.into(), context, step: Step::To(child) };
        let place = push(&mut self.known(parent).elements, edge);
        self.wide.insert(self.hasher.hash_one((Sort::Element, parent, context, name)), place);
    }

    /// Remembers an attribute.
    pub(crate) fn learn_attribute(&mut self, parent: NodeId, name: &str, context: u32, step: Step) {
        let context = attribute_context(name, context);
        let place = push(&mut self.known(parent).attributes, Edge { name: name.into(), context, step });
        self.wide.insert(self.hasher.hash_one((Sort::Attribute, parent, context, name)), place);
    }

    fn known(&mut self, parent: NodeId) -> &mut Known {
        if self.held >= CAPACITY {
            self.clear();
        }
        self.held += 1;
        let parent = parent as usize;
        if self.nodes.len() <= parent {
            self.nodes.resize_with(parent + 1, Known::default);
        }
        &mut self.nodes[parent]
    }

    #[inline(never)]
    fn search(&self, key: (Sort, NodeId, u32, &str), known: &[Edge], guess: usize) -> Option<usize> {
        let (_, _, context, name) = key;
        let same = |at: &usize| known.get(*at).is_some_and(|edge| edge.is(name, context));
        if known.len() > WIDE {
            return self.wide.get(&self.hasher.hash_one(key)).copied().filter(same);
        }
        let guess = guess.min(known.len());
        (guess..known.len()).chain(0..guess).find(same)
    }
}

impl Edge {
    #[inline]
    fn is(&self, name: &str, context: u32) -> bool {
        self.context == context && *self.name == *name
    }

    fn context_for(&self, context: u32) -> u32 {
        if self.context == ANY { ANY } else { context }
    }
}

fn push(edges: &mut Vec<Edge>, edge: Edge) -> usize {
    edges.push(edge);
    edges.len() - 1
}

fn attribute_context(name: &str, context: u32) -> u32 {
    if name.contains(':') { context } else { ANY }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guess_follows_the_order_of_the_document() {
        let mut cache = PathCache::default();
        for (place, name) in ["id", "name", "city"].into_iter().enumerate() {
            cache.learn_element(4, name, 1, 10 + u32::try_from(place).unwrap());
        }
        let mut guess = 0;
        for (name, node, next) in [("id", 10, 1), ("name", 11, 2), ("name", 11, 2), ("city", 12, 3), ("id", 10, 1)] {
            assert_eq!(cache.element(4, name, 1, &mut guess), Some(node));
            assert_eq!(guess, next);
        }
        assert_eq!(cache.element(4, "id", 2, &mut guess), None, "another context may mean another name");
        assert_eq!(cache.element(5, "id", 1, &mut guess), None);
    }

    #[test]
    fn wide_nodes_find_every_child() {
        let mut cache = PathCache::default();
        for child in 0..500 {
            cache.learn_element(0, &format!("c{child}"), 7, child);
        }
        for child in (0..500).rev() {
            let mut guess = 0;
            assert_eq!(cache.element(0, &format!("c{child}"), 7, &mut guess), Some(child));
        }
        assert_eq!(cache.element(0, "c500", 7, &mut 0), None);
    }

    #[test]
    fn an_attribute_without_prefix_is_the_same_in_every_context() {
        let mut cache = PathCache::default();
        cache.learn_attribute(1, "id", 3, Step::To(8));
        cache.learn_attribute(1, "x:id", 3, Step::To(9));
        cache.learn_attribute(1, "xmlns", 3, Step::Nowhere);
        assert_eq!(cache.attribute(1, "id", 99, &mut 0), Some(Step::To(8)));
        assert_eq!(cache.attribute(1, "x:id", 3, &mut 0), Some(Step::To(9)));
        assert_eq!(cache.attribute(1, "x:id", 99, &mut 0), None);
        assert_eq!(cache.attribute(1, "xmlns", 3, &mut 0), Some(Step::Nowhere));
    }

    #[test]
    fn memory_stays_within_its_bound() {
        let mut cache = PathCache::default();
        for context in 0..(2 * u32::try_from(CAPACITY).unwrap()) {
            cache.learn_element(0, "a", context, 1);
        }
        assert!(cache.held <= CAPACITY);
    }
}
