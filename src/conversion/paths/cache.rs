//! From a tag as written to its node, without resolving its name: the hot path of both passes.
//!
//! Documents are regular, so the next child is nearly always the one that came next (or came again) the last time. A guess is
//! checked by comparing the number of the name and the namespace context; only what was never met in this document is looked up
//! by its expanded name, once.

use std::collections::HashMap;

use super::tree::NodeId;
use crate::conversion::error::Error;
use crate::conversion::xml::{Attribute, ExpandedName, NameId, Namespaces, StartTag};

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

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Sort {
    Element,
    Attribute,
}

#[derive(Clone, Copy, Debug)]
struct Edge {
    name: NameId,
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
    wide: HashMap<(Sort, NodeId, NameId, u32), usize>,
    held: usize,
}

impl PathCache {
    /// Forgets everything: numbers of names and contexts mean something in one document only.
    pub(crate) fn clear(&mut self) {
        self.nodes.clear();
        self.wide.clear();
        self.held = 0;
    }

    /// The child element of that name, if it was met before. `guess` is the place to look at first; it is moved to the
    /// place where the next child is likely to be found.
    #[inline(always)]
    pub(crate) fn element(&self, parent: NodeId, name: NameId, context: u32, guess: &mut usize) -> Option<NodeId> {
        let known = &self.nodes.get(parent as usize)?.elements;
        match known.get(*guess) {
            Some(edge) if edge.is(name, context) => {
                *guess += 1;
                edge.child()
            }
            _ => self.element_elsewhere(parent, name, context, guess),
        }
    }

    #[inline(never)]
    fn element_elsewhere(&self, parent: NodeId, name: NameId, context: u32, guess: &mut usize) -> Option<NodeId> {
        let known = &self.nodes.get(parent as usize)?.elements;
        let at = self.find(Sort::Element, parent, name, context, known, *guess)?;
        *guess = at + 1;
        known[at].child()
    }

    /// Where the attribute of that name leads, if it was met before; `guess` as for elements.
    #[inline]
    pub(crate) fn attribute(&self, parent: NodeId, name: NameId, context: u32, guess: &mut usize) -> Option<Step> {
        let known = &self.nodes.get(parent as usize)?.attributes;
        let at = self.find(Sort::Attribute, parent, name, context, known, *guess)?;
        *guess = at + 1;
        Some(known[at].step)
    }

    /// Where attributes lead that come in the order in which they were learned, from the first on. It ends with the first that
    /// is another one.
    #[inline]
    pub(crate) fn attributes<'a>(
        &'a self,
        parent: NodeId,
        tag: &'a StartTag<'_>,
    ) -> impl Iterator<Item = (Step, &'a str)> {
        let context = tag.namespaces.context();
        let known = self.nodes.get(parent as usize).map_or(&[][..], |known| &known.attributes);
        let pairs = tag.attributes.iter().zip(known);
        pairs.map_while(move |(attribute, edge)| {
            edge.is(attribute.name_id, context).then_some((edge.step, attribute.value))
        })
    }

    /// Remembers a child element; one whose name has no number is not remembered.
    pub(crate) fn learn_element(&mut self, parent: NodeId, name: NameId, context: u32, child: NodeId) {
        self.learn(Sort::Element, parent, Edge { name, context, step: Step::To(child) });
    }

    /// Remembers an attribute by its name as written and the number of that.
    fn learn_attribute(&mut self, parent: NodeId, written: &str, name: NameId, context: u32, step: Step) {
        let context = if written.contains(':') { context } else { ANY };
        self.learn(Sort::Attribute, parent, Edge { name, context, step });
    }

    /// Looks an attribute up by its expanded name with `find`, unless it is no data, and remembers it.
    pub(crate) fn find_attribute(
        &mut self,
        parent: NodeId,
        attribute: &Attribute<'_>,
        namespaces: &Namespaces,
        find: impl FnOnce(ExpandedName<'_>) -> Result<NodeId, Error>,
    ) -> Result<Step, Error> {
        let step = match namespaces.is_declaration(attribute.name) {
            true => Step::Nowhere,
            false => Step::To(find(namespaces.resolve_attribute(attribute.name))?),
        };
        self.learn_attribute(parent, attribute.name, attribute.name_id, namespaces.context(), step);
        Ok(step)
    }

    fn learn(&mut self, sort: Sort, parent: NodeId, edge: Edge) {
        if edge.name == NameId::UNKNOWN {
            return;
        }
        if self.held >= CAPACITY {
            self.clear();
        }
        self.held += 1;
        let at = parent as usize;
        if self.nodes.len() <= at {
            self.nodes.resize_with(at + 1, Known::default);
        }
        let edges = match sort {
            Sort::Element => &mut self.nodes[at].elements,
            Sort::Attribute => &mut self.nodes[at].attributes,
        };
        self.wide.insert((sort, parent, edge.name, edge.context), edges.len());
        edges.push(edge);
    }

    #[inline]
    fn find(
        &self,
        sort: Sort,
        parent: NodeId,
        name: NameId,
        context: u32,
        known: &[Edge],
        guess: usize,
    ) -> Option<usize> {
        let is_at = |at: usize| known.get(at).is_some_and(|edge| edge.is(name, context));
        match guess.checked_sub(1) {
            _ if is_at(guess) => Some(guess),
            Some(again) if is_at(again) => Some(again),
            _ => self.search(sort, parent, name, context, known, guess),
        }
    }

    #[inline(never)]
    fn search(
        &self,
        sort: Sort,
        parent: NodeId,
        name: NameId,
        context: u32,
        known: &[Edge],
        guess: usize,
    ) -> Option<usize> {
        if known.len() > WIDE {
            let at = |context| self.wide.get(&(sort, parent, name, context)).copied();
            return at(context).or_else(|| at(ANY));
        }
        let guess = guess.min(known.len());
        (guess..known.len()).chain(0..guess).find(|at| known[*at].is(name, context))
    }
}

impl Edge {
    #[inline(always)]
    fn child(&self) -> Option<NodeId> {
        match self.step {
            Step::To(node) => Some(node),
            Step::Nowhere => None,
        }
    }

    #[inline(always)]
    fn is(&self, name: NameId, context: u32) -> bool {
        self.name == name && (self.context == context || self.context == ANY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTEXT: u32 = 1;

    #[test]
    fn the_guess_follows_the_order_of_the_document() {
        let [id, name, city] = [5, 6, 7].map(NameId::new);
        let mut cache = PathCache::default();
        for (child, name) in [(10, id), (11, name), (12, city)] {
            cache.learn_element(4, name, CONTEXT, child);
        }
        let mut guess = 0;
        for (name, node, next) in [(id, 10, 1), (name, 11, 2), (name, 11, 2), (city, 12, 3), (id, 10, 1)] {
            assert_eq!(cache.element(4, name, CONTEXT, &mut guess), Some(node));
            assert_eq!(guess, next);
        }
        assert_eq!(cache.element(4, id, 2, &mut guess), None, "another context may mean another name");
        assert_eq!(cache.element(5, id, CONTEXT, &mut guess), None);
    }

    #[test]
    fn wide_nodes_find_every_child() {
        let mut cache = PathCache::default();
        for child in 0..500 {
            cache.learn_element(0, NameId::new(child), CONTEXT, 1000 + child);
            cache.learn_attribute(0, "unprefixed", NameId::new(child), CONTEXT, Step::To(2000 + child));
        }
        for child in (0..500).rev() {
            let name = NameId::new(child);
            assert_eq!(cache.element(0, name, CONTEXT, &mut 0), Some(1000 + child));
            assert_eq!(cache.attribute(0, name, CONTEXT + 1, &mut 0), Some(Step::To(2000 + child)));
        }
        assert_eq!(cache.element(0, NameId::new(500), CONTEXT, &mut 0), None);
    }

    #[test]
    fn an_attribute_without_prefix_is_the_same_in_every_context() {
        let [id, prefixed, declaration] = [0, 1, 2].map(NameId::new);
        let mut cache = PathCache::default();
        cache.learn_attribute(1, "id", id, 3, Step::To(8));
        cache.learn_attribute(1, "x:id", prefixed, 3, Step::To(9));
        cache.learn_attribute(1, "xmlns", declaration, 3, Step::Nowhere);
        assert_eq!(cache.attribute(1, id, 99, &mut 0), Some(Step::To(8)));
        assert_eq!(cache.attribute(1, prefixed, 3, &mut 0), Some(Step::To(9)));
        assert_eq!(cache.attribute(1, prefixed, 99, &mut 0), None);
        assert_eq!(cache.attribute(1, declaration, 3, &mut 0), Some(Step::Nowhere));
    }

    #[test]
    fn names_without_a_number_are_not_confused() {
        let mut cache = PathCache::default();
        cache.learn_element(0, NameId::UNKNOWN, CONTEXT, 7);
        assert_eq!(cache.element(0, NameId::UNKNOWN, CONTEXT, &mut 0), None);
    }

    #[test]
    fn memory_stays_within_its_bound() {
        let mut cache = PathCache::default();
        for context in 0..(2 * u32::try_from(CAPACITY).unwrap()) {
            cache.learn_element(0, NameId::new(0), context, 1);
        }
        assert!(cache.held <= CAPACITY);
    }
}
