//! Start tags: the element's name, and what the DTD and the namespaces make of the attributes.

use super::attributes::{Allowed, UnusualValue, ends_name_in_tag, read_attributes, too_many_colons};
use super::chars::{ScannedName, first_bad_name_character, scan_name, starts_name};
use super::distinct::{check_distinct, check_prefixes, undeclared_prefix};
use super::document::Document;
use super::dtd::DeclaredAttribute;
use super::elements::{Bindings, Elements};
use super::entities::Expansion;
use super::fault::{Fault, excerpt, shown};
use super::handler::{Attribute, Handler, StartTag};
use super::names::{Found, NameId, Names};
use super::namespaces::Namespaces;
use super::options::{NamespaceRules, OR_IGNORE_NAMESPACES};
use super::position::{Lines, Place, View};
use super::scan::Ahead;
use super::value::NewValues;
use crate::conversion::error::{Error, ErrorCode};
use crate::conversion::limits::Limits;

/// Room that is used again for every tag.
#[derive(Debug, Default)]
pub(super) struct TagBuffers {
    /// Empty between tags: only its room is kept.
    attributes: Vec<Attribute<'static>>,
    unusual: Vec<UnusualValue>,
    new_values: NewValues,
    order: Vec<usize>,
}

impl Document {
    /// Reads the start tag at `at`. `None` if the text ends before the tag does.
    #[inline]
    pub(super) fn start_tag<H: Handler>(
        &mut self,
        handler: &mut H,
        text: &str,
        at: usize,
        view: View<'_>,
        ahead: &mut Ahead,
    ) -> Result<Option<usize>, Error> {
        let window = text;
        let text = self.within_limit(window, at);
        let bytes = text.as_bytes();
        let found = match self.elements.guess(bytes, at + 1) {
            Some(found) => found,
            None => match self.unexpected_name(text, at, view)? {
                Some(found) => found,
                None => return Ok(None),
            },
        };
        let name = found.name;
        let Some(&after) = bytes.get(name.end) else { return Ok(None) };
        let element = &text[at + 1..name.end];
        if after == b'>' && self.dtd.attributes_of(element).is_none() {
            if name.has_colon() {
                check_prefix(&self.elements.namespaces, element, at).map_err(|fault| self.lines.error(view, fault))?;
            }
            let opening = Opening { name: element, id: found.id, attributes: &[], bindings: Bindings::Unchanged, at };
            if let Some(leaf) = self.find_leaf(&opening, window, name.end + 1, ahead) {
                return self.leaf(handler, &opening, &leaf, view).map(Some);
            }
            opening.open(handler, &mut self.elements, &self.lines, &self.limits, view)?;
            return Ok(Some(name.end + 1));
        }
        if !ends_name_in_tag(after) {
            return Err(self.refuse_after_name(text, name.end, view));
        }
        self.start_tag_with_attributes(handler, text, at, found, view)
    }

    /// Reads the name of a tag that was not guessed. `None` if the text ends before the name does.
    fn unexpected_name(&mut self, text: &str, at: usize, view: View<'_>) -> Result<Option<Found>, Error> {
        let bytes = text.as_bytes();
        let name = scan_name(bytes, at + 1);
        if name.end == bytes.len() {
            return Ok(None);
        }
        if !starts_name(bytes[at + 1]) || name.needs_check() || name.has_colon() {
            check_element_name(text, at, name, self.options.namespace_rules)
                .map_err(|fault| self.lines.error(view, fault))?;
        }
        Ok(Some(self.elements.learn(&text[at + 1..name.end], name)))
    }

    fn start_tag_with_attributes<H: Handler>(
        &mut self,
        handler: &mut H,
        text: &str,
        at: usize,
        Found { id, name }: Found,
        view: View<'_>,
    ) -> Result<Option<usize>, Error> {
        let Self { dtd, expansion, elements, lines, limits, options, tag_buffers, .. } = self;
        let TagBuffers { attributes: room, unusual, new_values, order } = tag_buffers;
        let place = |fault| lines.error(view, fault);
        let element = &text[at + 1..name.end];

        let mut attributes: Vec<Attribute<'_>> = std::mem::take(room);
        unusual.clear();
        let allowed = Allowed { attributes: limits.attributes, rules: options.namespace_rules };
        let read = read_attributes(text, name.end, id, allowed, &mut elements.names, &mut attributes, unusual);
        let read = read.map_err(place)?;
        let Some(tag) = read else {
            *room = emptied(attributes);
            return Ok(None);
        };
        let declared = dtd.attributes_of(element).unwrap_or_default();
        if !unusual.is_empty() || !declared.is_empty() {
            new_values.clear();
            new_values.normalise(&attributes, unusual, dtd, expansion).map_err(place)?;
            new_values.normalise_tokens(&attributes, declared);
            new_values.put_into(&mut attributes);
        }
        if tag.may_repeat_name {
            check_distinct(&attributes, order, at).map_err(place)?;
        }
        let written = attributes.len();
        if !declared.is_empty() {
            let document_bytes = lines.base_byte() + view.offset(at) as u64;
            let names = &mut elements.names;
            add_defaults(declared, &mut attributes, names, expansion, limits, document_bytes, at).map_err(place)?;
        }

        let has_defaults = attributes.len() > written;
        let may_use_namespaces = tag.uses_namespaces || name.has_colon() || has_defaults;
        let bindings = if may_use_namespaces && options.namespace_rules == NamespaceRules::Apply {
            enter_namespaces(elements, element, &attributes, order, at).map_err(place)?
        } else {
            Bindings::Unchanged
        };
        let opening = Opening { name: element, id, attributes: &attributes, bindings, at };
        opening.open(handler, elements, lines, limits, view)?;
        if tag.is_empty_element {
            handler.end(&Place::new(lines, view, at))?;
            elements.pop();
        }
        *room = emptied(attributes);
        Ok(Some(tag.end))
    }

    #[cold]
    fn refuse_after_name(&self, text: &str, at: usize, view: View<'_>) -> Error {
        let character = text[at..].chars().next().unwrap_or_default();
        let detail =
            format!("{} cannot follow the name of an element in its tag; write &lt; for a plain <", shown(character));
        self.malformed(view, at, detail)
    }
}

/// A start tag that is found good.
pub(super) struct Opening<'a> {
    name: &'a str,
    pub(super) id: NameId,
    attributes: &'a [Attribute<'a>],
    bindings: Bindings,
    at: usize,
}

impl Opening<'_> {
    #[inline]
    pub(super) fn tag<'a>(&'a self, namespaces: &'a Namespaces) -> StartTag<'a> {
        StartTag { name: self.name, name_id: self.id, attributes: self.attributes, namespaces }
    }

    #[inline]
    pub(super) fn open<H: Handler>(
        &self,
        handler: &mut H,
        elements: &mut Elements,
        lines: &Lines,
        limits: &Limits,
        view: View<'_>,
    ) -> Result<(), Error> {
        if elements.depth() >= limits.depth {
            return Err(lines.error(view, self.too_deep(limits)));
        }
        let tag = self.tag(&elements.namespaces);
        handler.start(&tag, &Place::new(lines, view, self.at))?;
        elements.push(self.name, self.id, view.offset(self.at), self.bindings);
        Ok(())
    }

    #[cold]
    fn too_deep(&self, limits: &Limits) -> Fault {
        let (name, limit) = (excerpt(self.name), limits.depth);
        let detail = format!(
            "<{name}> stands inside {limit} other elements, and the limit is a depth of {limit}; nest less \
             deeply, or raise the limit on depth"
        );
        Fault::new(ErrorCode::XmlTooDeep, self.at, detail)
    }
}

/// Adds the default values of the attributes that are declared for an element and not given.
fn add_defaults<'a>(
    declared: &'a [DeclaredAttribute],
    attributes: &mut Vec<Attribute<'a>>,
    names: &mut Names,
    expansion: &mut Expansion,
    limits: &Limits,
    document_bytes: u64,
    at: usize,
) -> Result<(), Fault> {
    let given = attributes.len();
    for declared in declared {
        let Some(value) = declared.default.as_deref() else { continue };
        if attributes[..given].iter().any(|attribute| *attribute.name == *declared.name) {
            continue;
        }
        if attributes.len() == limits.attributes {
            let limit = limits.attributes;
            let detail = format!(
                "the element has more than {limit} attributes with its default ones, which is the limit; raise the \
                 limit on attributes"
            );
            return Err(Fault::new(ErrorCode::XmlTooManyAttributes, at, detail));
        }
        expansion.add_default(value, document_bytes, at)?;
        attributes.push(Attribute { name: &declared.name, value, name_id: names.id(&declared.name) });
    }
    Ok(())
}

/// Applies the namespace declarations among the attributes, and checks the prefixes of the tag.
fn enter_namespaces(
    elements: &mut Elements,
    element: &str,
    attributes: &[Attribute<'_>],
    order: &mut Vec<usize>,
    at: usize,
) -> Result<Bindings, Fault> {
    let declarations = attributes.iter().filter_map(|attribute| match attribute.name.strip_prefix("xmlns")? {
        "" => Some(("", attribute.value)),
        prefixed => Some((prefixed.strip_prefix(':')?, attribute.value)),
    });
    let namespaces = &mut elements.namespaces;
    let changed = namespaces
        .enter(declarations)
        .map_err(|detail| Fault::malformed(at, format!("{detail}{OR_IGNORE_NAMESPACES}")))?;
    check_prefix(namespaces, element, at)?;
    check_prefixes(attributes, namespaces, order, at)?;
    Ok(if changed { Bindings::Changed } else { Bindings::Unchanged })
}

/// Sees that the prefix of an element, if it has one, is declared.
fn check_prefix(namespaces: &Namespaces, element: &str, at: usize) -> Result<(), Fault> {
    if !namespaces.apply() {
        return Ok(());
    }
    match element.split_once(':') {
        Some(("xmlns", _)) => {
            let detail = "the prefix xmlns is reserved and cannot stand in the name of an element; rename the element";
            Err(Fault::malformed(at, format!("{detail}{OR_IGNORE_NAMESPACES}")))
        }
        Some((prefix, _)) if namespaces.uri(prefix).is_none() => Err(undeclared_prefix(prefix, at)),
        _ => Ok(()),
    }
}

fn check_element_name(text: &str, at: usize, name: ScannedName, rules: NamespaceRules) -> Result<(), Fault> {
    let written = &text[at + 1..name.end];
    if !starts_name(text.as_bytes()[at + 1]) {
        let character = text[at + 1..].chars().next().unwrap_or_default();
        let detail =
            format!("{} cannot follow <; a tag starts with a name, write &lt; for a plain <", shown(character));
        return Err(Fault::malformed(at, detail));
    }
    if name.needs_check()
        && let Some(bad) = first_bad_name_character(written)
    {
        return Err(Fault::malformed(at + 1 + bad, "this character cannot stand in the name of an element"));
    }
    if rules.allow(written) {
        return Ok(());
    }
    Err(too_many_colons(written, at))
}

/// The same vector without its attributes, for any later text. Collecting in place keeps its room.
fn emptied(mut attributes: Vec<Attribute<'_>>) -> Vec<Attribute<'static>> {
    attributes.clear();
    attributes.into_iter().map(|_| Attribute { name: "", value: "", name_id: NameId::UNKNOWN }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_room_for_attributes_is_kept_from_tag_to_tag() {
        let name = String::from("a");
        let mut attributes = Vec::with_capacity(100);
        attributes.push(Attribute { name: &name, value: "", name_id: NameId::UNKNOWN });
        let kept = emptied(attributes);
        assert!(kept.is_empty() && kept.capacity() >= 100);
    }
}
