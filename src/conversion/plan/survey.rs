//! What the nodes of a shape are, given the options: prose or data, table or column.

use crate::conversion::options::{MixedContent, Options, TextMode};
use crate::conversion::paths::{Display, Kind, NodeId, Tree};
use crate::conversion::shape::{ColumnType, Shape, Stats};

/// What is known of one node.
#[derive(Clone, Copy, Debug, Default)]
struct Facts {
    /// Text follows a child somewhere, and no prose is around.
    prose: bool,
    /// An element around is prose.
    in_prose: bool,
    /// There are attributes on it or below it.
    attributed: bool,
    /// A recursion returns to this element.
    recursed: bool,
    /// Inside itself there may be another of it.
    nests: bool,
}

/// A shape read with the options in mind.
pub(super) struct Survey<'a> {
    pub(super) shape: &'a Shape,
    pub(super) options: &'a Options,
    pub(super) display: Display,
    children: Vec<Vec<NodeId>>,
    facts: Vec<Facts>,
    /// Some recursion leaves a prose, so that what else would be data is a part of that prose.
    pub(super) prose_hides_data: bool,
}

impl<'a> Survey<'a> {
    /// `families` are the elements that stand for siblings of other names as well.
    pub(super) fn new(shape: &'a Shape, options: &'a Options, families: &[NodeId]) -> Self {
        let mut display = Display::new(&shape.tree, options.namespaces);
        families.iter().for_each(|head| display.show_as_family(*head));
        let children = shape.tree.children();
        let facts = facts(shape);
        let prose_hides_data = shape.tree.ids().any(|id| {
            let target = shape.tree.target(id);
            target != id && facts[id as usize].in_prose && !facts[target as usize].in_prose
        });
        Self { shape, options, display, children, facts, prose_hides_data }
    }

    pub(super) fn tree(&self) -> &'a Tree {
        &self.shape.tree
    }

    pub(super) fn stats(&self, id: NodeId) -> &'a Stats {
        self.shape.stats(id)
    }

    pub(super) fn path(&self, id: NodeId) -> String {
        self.display.path(self.tree(), id)
    }

    /// The same for the schema: no two nodes share it.
    pub(super) fn source_path(&self, id: NodeId) -> String {
        self.display.source_path(self.tree(), id)
    }

    /// The same with the element's own name where it stands for siblings as well.
    pub(super) fn own_path(&self, id: NodeId) -> String {
        self.display.own_path(self.tree(), id)
    }

    /// For each node the last step of its source path, without the `@` of attributes.
    pub(super) fn source_names(&self) -> Vec<String> {
        self.tree().ids().map(|id| self.display.source_name(id).to_owned()).collect()
    }

    /// Whether the element stands for siblings of other names as well.
    pub(super) fn is_family(&self, id: NodeId) -> bool {
        self.display.is_family(id)
    }

    /// The attributes that are values of their own.
    pub(super) fn attributes(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let hidden = self.facts(id).in_prose && self.options.mixed == MixedContent::Xml;
        self.below(id).filter(move |child| !hidden && self.tree().node(*child).kind == Kind::Attribute)
    }

    /// The child elements that may become columns or tables: not what is a mere part of some prose.
    pub(super) fn elements(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        self.below(id).filter(|child| self.tree().node(*child).kind == Kind::Element && !self.is_part_of_prose(*child))
    }

    /// The child elements that return to an element around.
    pub(super) fn recursions(&self, id: NodeId) -> impl Iterator<Item = (NodeId, NodeId)> + '_ {
        self.below(id).filter_map(|child| match self.tree().node(child).kind {
            Kind::Recursion(target) if !self.is_part_of_prose(child) => Some((child, target)),
            _ => None,
        })
    }

    /// The element and all elements below it that may become columns or tables, in document order.
    pub(super) fn subtree(&self, id: NodeId) -> Vec<NodeId> {
        let mut found = Vec::new();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            found.push(id);
            let start = open.len();
            open.extend(self.elements(id));
            open[start..].reverse();
        }
        found
    }

    pub(super) fn is_prose(&self, id: NodeId) -> bool {
        self.facts(id).prose
    }

    pub(super) fn is_inside_prose(&self, id: NodeId) -> bool {
        self.facts(id).in_prose
    }

    pub(super) fn is_attributed(&self, id: NodeId) -> bool {
        self.facts(id).attributed
    }

    /// Whether a recursion returns to this element, so that it has to be a table.
    pub(super) fn is_recursed(&self, id: NodeId) -> bool {
        self.facts(id).recursed
    }

    /// Whether the element may stand inside another of the same path.
    pub(super) fn nests(&self, id: NodeId) -> bool {
        self.facts(id).nests
    }

    pub(super) fn repeats(&self, id: NodeId) -> bool {
        self.stats(id).most > 1
    }

    /// Whether an element has child elements.
    pub(super) fn has_elements(&self, id: NodeId) -> bool {
        self.below(id).any(|child| self.tree().node(child).kind != Kind::Attribute)
    }

    /// Whether the element's own text has a column: it has text somewhere, or it could have nothing else.
    pub(super) fn has_text(&self, id: NodeId) -> bool {
        let Facts { prose, in_prose, .. } = self.facts(id);
        let could_have_nothing_else = self.children[id as usize].is_empty();
        !in_prose && (prose || self.stats(id).values > 0 || could_have_nothing_else)
    }

    /// The type of a value's column.
    pub(super) fn column_type(&self, id: NodeId) -> ColumnType {
        let stats = self.stats(id);
        let white_space_stays = stats.padded && self.options.text == TextMode::Keep;
        if stats.values == 0 || stats.prose || white_space_stays {
            return ColumnType::Text;
        }
        stats.fits.column_type()
    }

    /// Of a decimal column whose values all have as many decimals: how many.
    pub(super) fn decimals(&self, id: NodeId) -> Option<u8> {
        if self.column_type(id) == ColumnType::Decimal { self.stats(id).fits.same_decimals() } else { None }
    }

    /// Inside prose only what has attributes is more than text, and with its markup kept not even that.
    fn is_part_of_prose(&self, id: NodeId) -> bool {
        let Facts { in_prose, attributed, .. } = self.facts(id);
        in_prose && (!attributed || self.options.mixed == MixedContent::Xml)
    }

    fn below(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        self.children[id as usize].iter().copied()
    }

    fn facts(&self, id: NodeId) -> Facts {
        self.facts[id as usize]
    }
}

fn facts(shape: &Shape) -> Vec<Facts> {
    let tree = &shape.tree;
    let mut facts = vec![Facts::default(); tree.nodes.len()];
    for id in tree.paths() {
        let around = facts[tree.node(id).parent as usize];
        let in_prose = around.in_prose || around.prose;
        let this = &mut facts[id as usize];
        this.in_prose = in_prose;
        this.prose = shape.stats(id).prose && !in_prose;
        match tree.node(id).kind {
            Kind::Attribute => mark(&mut facts, tree.ancestors(id), |facts| facts.attributed = true),
            Kind::Recursion(target) => {
                facts[target as usize].recursed = true;
                let loop_back = tree.ancestors(tree.node(id).parent).take_while(|id| *id >= target);
                mark(&mut facts, loop_back, |facts| facts.nests = true);
            }
            Kind::Document | Kind::Element => {}
        }
    }
    spread_attributed(tree, &mut facts);
    facts
}

/// What returns to an element with attributes has attributes inside, and so has all around it.
fn spread_attributed(tree: &Tree, facts: &mut [Facts]) {
    let is_recursion = |id: &NodeId| matches!(tree.node(*id).kind, Kind::Recursion(_));
    let mut waiting: Vec<NodeId> = tree.ids().filter(is_recursion).collect();
    loop {
        let (ready, later): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|id| facts[tree.target(*id) as usize].attributed);
        if ready.is_empty() {
            break;
        }
        ready.into_iter().for_each(|id| mark(facts, tree.ancestors(id), |facts| facts.attributed = true));
        waiting = later;
    }
}

fn mark(facts: &mut [Facts], ids: impl Iterator<Item = NodeId>, change: impl Fn(&mut Facts)) {
    ids.for_each(|id| change(&mut facts[id as usize]));
}
