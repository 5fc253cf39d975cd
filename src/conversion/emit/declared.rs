//! The namespaces that markup declares, so that prose can be read away from what was around it.

use std::collections::HashMap;

use crate::conversion::xml::{ExpandedName, StartTag};

/// What the elements open in the markup of one prose declare.
#[derive(Debug, Default)]
pub(super) struct Declared {
    /// The namespaces bound to each prefix, the innermost last.
    uris: HashMap<String, Vec<String>>,
    /// Prefixes in the order in which they were bound, and how many there were before each open element.
    prefixes: Vec<String>,
    before: Vec<usize>,
}

impl Declared {
    /// Nothing is open.
    pub(super) fn clear(&mut self) {
        self.uris.clear();
        self.prefixes.clear();
        self.before.clear();
    }

    /// An element starts. `declare` takes the prefixes and namespaces of names in the tag that neither the tag nor an element around it
    /// in the markup declares; from now on these count as declared.
    pub(super) fn start(&mut self, tag: &StartTag<'_>, mut declare: impl FnMut(&str, &str)) {
        self.before.push(self.prefixes.len());
        for attribute in tag.attributes {
            if tag.namespaces.is_declaration(attribute.name) {
                let prefix = attribute.name.split_once(':').map_or("", |(_, prefix)| prefix);
                self.bind(prefix, attribute.value);
            }
        }
        let data = tag.attributes.iter().filter(|attribute| !tag.namespaces.is_declaration(attribute.name));
        let attributes = data.map(|attribute| tag.namespaces.resolve_attribute(attribute.name));
        // Without a prefix an attribute is in no namespace, and an element in the default one.
        let attributes = attributes.filter(|name| !name.prefix.is_empty());
        for ExpandedName { prefix, uri, .. } in
            std::iter::once(tag.namespaces.resolve_element(tag.name)).chain(attributes)
        {
            if prefix != "xml" && self.uri(prefix) != uri {
                declare(prefix, uri);
                self.bind(prefix, uri);
            }
        }
    }

    /// The innermost element ends.
    pub(super) fn end(&mut self) {
        let Some(before) = self.before.pop() else { return };
        for prefix in self.prefixes.drain(before..) {
            if let Some(uris) = self.uris.get_mut(&prefix) {
                uris.pop();
            }
        }
    }

    fn uri(&self, prefix: &str) -> &str {
        self.uris.get(prefix).and_then(|uris| uris.last()).map_or("", String::as_str)
    }

    fn bind(&mut self, prefix: &str, uri: &str) {
        self.uris.entry(prefix.to_owned()).or_default().push(uri.to_owned());
        self.prefixes.push(prefix.to_owned());
    }
}
