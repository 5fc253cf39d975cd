//! Siblings of many names and one shape, such as the facts of an XBRL report, as one table instead of hundreds.

use std::collections::HashMap;

use crate::conversion::options::{Layout, Options};
use crate::conversion::paths::{Kind, Node, NodeId, SCHEMA_INSTANCE};
use crate::conversion::shape::{Shape, Stats};
use crate::conversion::xml::XML_NAMESPACE;

/// So many sibling names at least make a family.
const NAMES: usize = 12;
/// One name in so many repeats; fields of a record mostly stand once.
const REPEATING: usize = 4;
/// So many names are a family even if none repeats, where they stand once: as columns they would make one row nobody can read.
const MANY_NAMES: usize = 48;

/// A shape in which families of siblings are folded.
#[derive(Debug)]
pub(super) struct Folded {
    pub(super) shape: Shape,
    /// The first member of each family, which stands for all.
    pub(super) heads: Vec<NodeId>,
}

/// Folds families of siblings into their first member: elements below one parent that have no child elements, share an attribute and are many.
/// `None` if there is no family. Nodes keep their numbers. A record that was asked for by name stays as it is, and so does what stands in the
/// record of a flat layout.
pub(super) fn fold(shape: &Shape, options: &Options, record: NodeId) -> Option<Folded> {
    let children = shape.tree.children();
    let leaves = Leaves { shape, children: &children };
    let is_kept = |id: NodeId| {
        let is_record = options.record.is_some() && id == record;
        is_record || options.layout == Layout::Flat && shape.tree.ancestors(id).any(|around| around == record)
    };
    let families: Vec<Vec<NodeId>> = shape
        .tree
        .ids()
        .filter_map(|parent| leaves.family(parent))
        .filter(|family| !family.iter().any(|id| is_kept(*id)))
        .collect();
    if families.is_empty() {
        return None;
    }
    let mut shape = shape.clone();
    families.iter().for_each(|family| fold_family(&mut shape, family, &children));
    let heads = families.iter().filter_map(|family| family.first().copied()).collect();
    Some(Folded { shape, heads })
}

struct Leaves<'s> {
    shape: &'s Shape,
    children: &'s [Vec<NodeId>],
}

impl Leaves<'_> {
    /// The largest family among the children of an element.
    fn family(&self, parent: NodeId) -> Option<Vec<NodeId>> {
        if self.children[parent as usize].len() < NAMES || self.shape.stats(parent).prose {
            return None;
        }
        let mut sharing: HashMap<u32, Vec<NodeId>> = HashMap::new();
        for leaf in self.children[parent as usize].iter().filter(|id| self.is_leaf(**id)) {
            for attribute in self.children[*leaf as usize].iter().filter(|id| self.tells_apart(**id)) {
                sharing.entry(self.shape.tree.node(*attribute).name).or_default().push(*leaf);
            }
        }
        let largest = sharing.into_iter().max_by_key(|(name, leaves)| (leaves.len(), std::cmp::Reverse(*name)));
        largest.map(|(_, leaves)| leaves).filter(|leaves| self.is_family(parent, leaves))
    }

    /// Whether an element holds attributes and text only.
    fn is_leaf(&self, id: NodeId) -> bool {
        let is_attribute = |id: &NodeId| self.shape.tree.node(*id).kind == Kind::Attribute;
        self.shape.tree.node(id).kind == Kind::Element && self.children[id as usize].iter().all(is_attribute)
    }

    /// Attributes of XML itself and of schema instances (`xml:lang`, `xsi:nil`) say nothing of what an element is.
    fn tells_apart(&self, attribute: NodeId) -> bool {
        let uri = &*self.shape.tree.name(attribute).uri;
        uri != XML_NAMESPACE && uri != SCHEMA_INSTANCE
    }

    fn is_family(&self, parent: NodeId, leaves: &[NodeId]) -> bool {
        let repeating = leaves.iter().filter(|id| self.shape.stats(**id).most > 1).count();
        let stands_once = self.shape.tree.ancestors(parent).all(|around| self.shape.stats(around).most < 2);
        let are_too_many = leaves.len() >= MANY_NAMES && stands_once;
        are_too_many || leaves.len() >= NAMES && repeating * REPEATING >= leaves.len()
    }
}

/// Makes all members return to the first, which takes over their attributes and all that is known of their values.
fn fold_family(shape: &mut Shape, family: &[NodeId], children: &[Vec<NodeId>]) {
    let Some((&head, members)) = family.split_first() else { return };
    let name_of = |shape: &Shape, id: NodeId| shape.tree.node(id).name;
    let mut attributes: HashMap<u32, NodeId> =
        children[head as usize].iter().map(|id| (name_of(shape, *id), *id)).collect();
    for &member in members {
        shape.tree.nodes[member as usize].kind = Kind::Recursion(head);
        let known = *shape.stats(member);
        shape.stats[head as usize].merge(&known);
        for &attribute in &children[member as usize] {
            let (name, known) = (name_of(shape, attribute), *shape.stats(attribute));
            let here = *attributes.entry(name).or_insert_with(|| {
                let id = u32::try_from(shape.tree.nodes.len()).unwrap_or(u32::MAX);
                shape.tree.nodes.push(Node { parent: head, name, kind: Kind::Attribute });
                shape.stats.push(Stats::NONE);
                id
            });
            shape.stats[here as usize].merge(&known);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversion::limits::Limits;
    use crate::conversion::plan::Plan;
    use crate::conversion::shape::tests::shape_of;

    /// A report with `names` facts, of which every `n`-th stands twice.
    fn report(names: usize, n: usize) -> String {
        let fact = |i: usize| {
            let unit = if i.is_multiple_of(2) { " unit='EUR'" } else { "" };
            format!("<f{i} context='c1'{unit}>{i}</f{i}>").repeat(if i.is_multiple_of(n) { 2 } else { 1 })
        };
        let facts: String = (0..names).map(fact).collect();
        format!("<report><name>x</name>{facts}<context id='c1'><year>2024</year></context></report>")
    }

    fn tables(document: &str, options: &Options) -> Vec<(String, Vec<String>)> {
        let plan = Plan::new("G", &shape_of(document), options, &Limits::default()).unwrap();
        let names = |table: &crate::conversion::Table| table.columns.iter().map(|column| column.name.clone()).collect();
        plan.tables().iter().map(|table| (table.name.clone(), names(table))).collect()
    }

    #[test]
    fn many_siblings_of_one_shape_are_one_table_with_the_names_in_a_column() {
        let plan = Plan::new("G", &shape_of(&report(12, 4)), &Options::default(), &Limits::default()).unwrap();
        let facts = &plan.tables()[1];
        let names: Vec<_> = facts.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["_id", "_parent", "_ord", "_element", "context", "unit", "value"]);
        assert_eq!(
            (facts.name.as_str(), facts.source_path.as_str(), facts.rows_estimate),
            ("elements", "/report/*", 15)
        );
        assert_eq!(facts.columns[4].source_path, "/report/*/@context");
        assert_eq!(plan.tables().len(), 2);
    }

    #[test]
    fn fields_of_a_record_are_no_family() {
        let count =
            |document: &str| tables(document, &Options { layout: Layout::Relational, ..Options::default() }).len();
        assert_eq!(count(&report(11, 1)), 12, "too few names");
        assert_eq!(count(&report(47, 47)), 2, "hardly any repeats");
        assert_eq!(count(&report(48, 100)), 2, "too many for columns");
        let nil: String = (0..60).map(|i| format!("<f{i} xsi:nil='true' xml:lang='en'/>")).collect();
        let rows = format!("<r xmlns:xsi='{SCHEMA_INSTANCE}'><row>{nil}</row><row>{nil}</row></r>");
        assert_eq!(count(&rows), 1, "fields that are nil");
        let units: String = (0..60).map(|i| format!("<f{i} unit='m'>1</f{i}>")).collect();
        assert_eq!(count(&format!("<r><row>{units}</row><row>{units}</row></r>")), 1, "fields of a row that repeats");
        let plain: String = (0..60).map(|i| format!("<f{i}>x</f{i}>")).collect();
        assert_eq!(count(&format!("<r>{plain}</r>")), 1, "no attribute in common");
    }

    #[test]
    fn what_was_asked_for_stays() {
        let record = Options { record: Some("f4".into()), layout: Layout::Flat, ..Options::default() };
        assert_eq!(
            tables(&report(12, 4), &record)[0],
            ("f4".into(), vec!["@context".into(), "@unit".into(), "f4".into()])
        );
        let all = Options { record: Some("report".into()), layout: Layout::Flat, ..Options::default() };
        assert_eq!(tables(&report(12, 4), &all).len(), 1);
    }
}
