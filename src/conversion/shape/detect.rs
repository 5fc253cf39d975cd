//! Which element makes one row.

use serde::{Deserialize, Serialize};

use super::Shape;
use crate::conversion::error::{Error, ErrorCode};
use crate::conversion::options::NamespaceMode;
use crate::conversion::paths::{Display, Kind, NodeId, ROOT};

/// A record must hold this part of all values.
const LEAST_PERCENT: u64 = 30;
/// A repeat inside the record takes its place if it holds this part of its values …
const INNER_PERCENT: u64 = 85;
/// … and makes so many times its rows.
const INNER_FACTOR: u64 = 2;
/// So many other candidates are named.
const ALTERNATIVES: usize = 8;

/// An element that could make one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Its path, without namespaces.
    pub path: String,
    /// How many there are.
    pub rows: u64,
}

/// What detection chose, and what else could be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detection {
    /// The element that makes one row.
    pub record: Candidate,
    /// Others that repeat and hold more than a text, those with most values first.
    pub alternatives: Vec<Candidate>,
}

/// Well-known formats: how the namespace of the root starts, its name, and the names of the records.
const HINTS: [(&str, &str, &[&str]); 6] = [
    ("", "rss", &["item"]),
    ("http://www.w3.org/2005/Atom", "feed", &["entry"]),
    ("http://www.opengis.net/kml/", "kml", &["Placemark"]),
    ("http://earth.google.com/kml/", "kml", &["Placemark"]),
    ("", "osm", &["node", "way", "relation"]),
    ("urn:iso:std:iso:20022:tech:xsd:camt.", "Document", &["Ntry"]),
];

impl Shape {
    /// Finds the record: the repeating element that holds most of the values, as close to them as the numbers allow.
    #[must_use]
    pub fn detect_record(&self) -> Detection {
        let search = Search::new(self);
        let record = search.record();
        let mut others = search.candidates();
        others.retain(|id| *id != record);
        others.sort_by_key(|id| std::cmp::Reverse(search.values[*id as usize]));
        let display = Display::new(&self.tree, NamespaceMode::Strip);
        let candidate = |id: NodeId| Candidate { path: display.path(&self.tree, id), rows: self.stats(id).instances };
        Detection {
            record: candidate(record),
            alternatives: others.into_iter().take(ALTERNATIVES).map(candidate).collect(),
        }
    }

    pub(crate) fn record(&self) -> NodeId {
        Search::new(self).record()
    }

    /// The element that a caller names by a tag (`book`), the end of a path (`library/book`) or a path (`/library/book`).
    /// Of several the one that occurs most.
    ///
    /// # Errors
    /// `record_not_found`, naming what could be meant.
    pub(crate) fn named_record(&self, wanted: &str) -> Result<NodeId, Error> {
        let (from_root, tail) = match wanted.strip_prefix('/') {
            Some(rest) => (true, rest),
            None => (false, wanted),
        };
        let display = Display::new(&self.tree, NamespaceMode::Strip);
        let is_named = |id: NodeId, wanted: &str| {
            let name = self.tree.name(id);
            let qualified = wanted.split_once(':').is_some_and(|(p, l)| *name.prefix == *p && *name.local == *l);
            *name.local == *wanted || display.name(id) == wanted || qualified
        };
        let matches = |id: &NodeId| {
            let mut above = self.tree.ancestors(*id);
            let fits = tail.split('/').rev().all(|wanted| above.next().is_some_and(|id| is_named(id, wanted)));
            fits && !(from_root && above.next().is_some())
        };
        let elements = self.tree.ids().filter(|id| self.tree.node(*id).kind == Kind::Element);
        // `max_by_key` takes the last of equals; the first in document order is wanted.
        elements.filter(matches).rev().max_by_key(|id| self.stats(*id).instances).ok_or_else(|| self.not_found(wanted))
    }

    fn not_found(&self, wanted: &str) -> Error {
        let Detection { record, alternatives } = self.detect_record();
        let paths: Vec<_> = std::iter::once(record).chain(alternatives).map(|candidate| candidate.path).collect();
        let detail = format!("there is no element {wanted}; candidates for the record are {}", paths.join(", "));
        Error::new(ErrorCode::RecordNotFound, detail)
    }
}

struct Search<'s> {
    shape: &'s Shape,
    children: Vec<Vec<NodeId>>,
    /// Values in each subtree.
    values: Vec<u64>,
}

impl<'s> Search<'s> {
    fn new(shape: &'s Shape) -> Self {
        let mut values: Vec<u64> = shape.stats.iter().map(|stats| stats.values).collect();
        for id in shape.tree.paths().rev() {
            values[shape.tree.node(id).parent as usize] += values[id as usize];
        }
        Self { shape, children: shape.tree.children(), values }
    }

    fn record(&self) -> NodeId {
        if let Some(record) = self.hinted() {
            return record;
        }
        let enough = |id: &NodeId| self.values[*id as usize] * 100 >= self.values[ROOT as usize] * LEAST_PERCENT;
        match self.richest(self.outermost_below(ROOT)).filter(enough) {
            Some(outermost) => self.innermost_that_holds_as_much(outermost),
            None => self.unwrapped_root(),
        }
    }

    fn hinted(&self) -> Option<NodeId> {
        let root = self.shape.root();
        let fits = |(uri, local, _): &&(&str, &str, &[&str])| {
            root.local == *local && root.uri.starts_with(uri) && (!uri.is_empty() || root.uri.is_empty())
        };
        let (_, _, records) = HINTS.iter().find(fits)?;
        let is_record = |id: &NodeId| records.contains(&&*self.shape.tree.name(*id).local);
        self.richest(self.shape.tree.ids().skip(2).filter(|id| self.is_element(*id)).filter(is_record).collect())
    }

    fn innermost_that_holds_as_much(&self, outermost: NodeId) -> NodeId {
        let mut record = outermost;
        while let Some(inner) = self.richest(self.outermost_below(record)) {
            let holds = self.values[inner as usize] * 100 >= self.values[record as usize] * INNER_PERCENT;
            let rows = |id| self.shape.stats(id).instances;
            if !holds || rows(inner) < rows(record) * INNER_FACTOR {
                break;
            }
            record = inner;
        }
        record
    }

    /// The root, or what it wraps if it holds one element and nothing else.
    fn unwrapped_root(&self) -> NodeId {
        let mut record = ROOT;
        while let [only] = self.children[record as usize][..] {
            let wraps = self.is_element(only) && self.shape.stats(record).values == 0;
            if !wraps || self.is_bare(only) || self.shape.stats(record).prose {
                break;
            }
            record = only;
        }
        record
    }

    /// The first of those with most values.
    fn richest(&self, candidates: Vec<NodeId>) -> Option<NodeId> {
        candidates.into_iter().rev().max_by_key(|id| self.values[*id as usize])
    }

    /// Repeating elements with children or attributes below `above`, none inside another.
    fn outermost_below(&self, above: NodeId) -> Vec<NodeId> {
        let mut found = Vec::new();
        let mut open = self.elements_of(above);
        while let Some(id) = open.pop() {
            if self.shape.stats(id).most < 2 {
                open.extend(self.elements_of(id));
            } else if !self.is_bare(id) {
                found.push(id);
            }
        }
        found.sort_unstable();
        found
    }

    /// All elements that repeat and have children or attributes.
    fn candidates(&self) -> Vec<NodeId> {
        let mut found = Vec::new();
        let mut open = vec![ROOT];
        while let Some(id) = open.pop() {
            let inner = self.outermost_below(id);
            open.extend(&inner);
            found.extend(inner);
        }
        found.sort_unstable();
        found
    }

    /// Child elements; what stands inside prose is a part of its text.
    fn elements_of(&self, id: NodeId) -> Vec<NodeId> {
        if self.shape.stats(id).prose {
            return Vec::new();
        }
        self.children[id as usize].iter().copied().filter(|id| self.is_element(*id)).collect()
    }

    fn is_element(&self, id: NodeId) -> bool {
        self.shape.tree.node(id).kind == Kind::Element
    }

    fn is_bare(&self, id: NodeId) -> bool {
        self.children[id as usize].is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::shape_of;
    use super::*;

    fn record(document: &str) -> String {
        shape_of(document).detect_record().record.path
    }

    #[test]
    fn the_repeat_that_holds_most_values() {
        let document = "<r><h><k a='1'/><k a='2'/></h><b><i><x>1</x><y>2</y></i><i><x>1</x><y>2</y></i></b></r>";
        let detection = shape_of(document).detect_record();
        assert_eq!(detection.record, Candidate { path: "/r/b/i".into(), rows: 2 });
        assert_eq!(detection.alternatives, [Candidate { path: "/r/h/k".into(), rows: 2 }]);
    }

    #[test]
    fn an_inner_repeat_that_holds_nearly_all_takes_over() {
        let items = "<i><x>1</x><y>2</y></i>".repeat(10);
        assert_eq!(record(&format!("<r><g n='a'>{items}</g><g n='b'>{items}</g></r>")), "/r/g/i");
        let few = "<i><x>1</x><y>2</y></i>";
        assert_eq!(record(&format!("<r><g n='a'><v>1</v>{few}</g><g n='b'><v>1</v>{few}{few}</g></r>")), "/r/g");
    }

    #[test]
    fn a_document_without_repeats_is_one_record() {
        assert_eq!(record("<r><a>1</a><b><c>2</c></b></r>"), "/r");
        assert_eq!(record("<envelope><body><a>1</a><b>2</b></body></envelope>"), "/envelope/body");
        assert_eq!(record("<r a='1'><body><a>1</a><b>2</b></body></r>"), "/r");
    }

    #[test]
    fn well_known_formats_need_no_repeat() {
        assert_eq!(
            record("<rss><channel><title>t</title><item><title>x</title></item></channel></rss>"),
            "/rss/channel/item"
        );
        let atom = "<feed xmlns='http://www.w3.org/2005/Atom'><title>t</title><entry><id>1</id></entry></feed>";
        assert_eq!(record(atom), "/feed/entry");
    }

    #[test]
    fn a_neighbour_with_more_items_decides_for_all() {
        let mut shape = shape_of("<r><h>1</h><i><x>1</x></i></r>");
        assert_eq!(shape.detect_record().record.path, "/r");
        shape.merge(&shape_of("<r><h>1</h><i><x>1</x></i><i><x>1</x></i></r>"), &Default::default()).unwrap();
        assert_eq!(shape.detect_record().record, Candidate { path: "/r/i".into(), rows: 3 });
    }

    #[test]
    fn a_record_is_named_by_tag_or_path() {
        let shape = shape_of("<r xmlns:p='urn:p'><a><i/><i/></a><b><i/><p:k/></b></r>");
        let path = |wanted| {
            Display::new(&shape.tree, NamespaceMode::Strip).path(&shape.tree, shape.named_record(wanted).unwrap())
        };
        assert_eq!(path("i"), "/r/a/i");
        assert_eq!(path("b/i"), "/r/b/i");
        assert_eq!(path("/r/b/i"), "/r/b/i");
        assert_eq!(path("p:k"), "/r/b/k");
        let error = shape.named_record("/b/i").unwrap_err();
        assert_eq!(error.code, ErrorCode::RecordNotFound);
        assert!(shape.named_record("").is_err());
    }
}
