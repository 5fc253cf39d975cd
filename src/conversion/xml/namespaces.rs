//! Which prefix stands for which namespace at the place reached, as Namespaces in XML 1.0 says.
//!
//! Bindings are kept as a stack of scopes, one for each open element that changes them. Every distinct set of bindings met has a
//! small number, its context, so that a consumer can look names up by `(name as written, context)` without resolving them.

use std::collections::HashMap;

use super::fault::excerpt;
use super::options::NamespaceRules;

/// The namespace of the prefix `xml`, bound in every document.
pub const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";
/// The namespace of the prefix `xmlns`, which nothing else may use.
pub const XMLNS_NAMESPACE: &str = "http://www.w3.org/2000/xmlns/";

/// Up to so many bindings are searched one by one; beyond, through a hash table.
const FEW_BINDINGS: usize = 12;
/// So many contexts are remembered for when the same declarations come again, and so many bytes of them.
const KNOWN_CONTEXTS: usize = 4_096;
const KNOWN_CONTEXT_BYTES: usize = 1 << 20;

/// A name with its prefix resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ExpandedName<'a> {
    /// The namespace, empty for none.
    pub uri: &'a str,
    /// The prefix as written, empty for none.
    pub prefix: &'a str,
    /// The name without its prefix.
    pub local: &'a str,
}

/// The bindings in scope.
#[derive(Debug, Default)]
pub struct Namespaces {
    rules: NamespaceRules,
    /// All bindings in scope, outermost first; a later one hides an earlier one of the same prefix.
    bindings: Vec<Binding>,
    /// Prefixes and names of the bindings, one after the other.
    text: String,
    /// The newest binding of each prefix.
    newest: HashMap<String, usize>,
    scopes: Vec<Scope>,
    context: u32,
    contexts_given: u32,
    /// Contexts by the context outside and the declarations that lead from there to them.
    known: HashMap<String, u32>,
    known_bytes: usize,
    /// The key being put together for a look-up in `known`.
    key: String,
}

#[derive(Clone, Copy, Debug)]
struct Binding {
    start: usize,
    prefix_end: usize,
    end: usize,
    /// The binding of the same prefix that this one hides.
    hidden: Option<usize>,
}

/// What to go back to when an element that changed the bindings closes.
#[derive(Clone, Copy, Debug)]
struct Scope {
    bindings: usize,
    context: u32,
}

impl Namespaces {
    /// No bindings but the one of `xml`.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// No bindings, and names that are resolved by these rules.
    pub(super) fn by(rules: NamespaceRules) -> Self {
        Self { rules, ..Self::default() }
    }

    /// Whether names are resolved at all.
    #[inline]
    pub(super) fn apply(&self) -> bool {
        self.rules == NamespaceRules::Apply
    }

    /// Whether an attribute is `xmlns` or `xmlns:…`: a declaration, not data. Never, if namespaces are ignored.
    #[must_use]
    pub fn is_declaration(&self, attribute: &str) -> bool {
        let after = attribute.strip_prefix("xmlns");
        self.apply() && after.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
    }

    /// The number of the set of bindings in scope. Two equal numbers always mean equal sets within one document; equal sets
    /// mostly have equal numbers. 0 is the empty set. A document may force as many numbers as it has declarations.
    #[inline]
    #[must_use]
    pub fn context(&self) -> u32 {
        self.context
    }

    /// The namespace bound to a prefix, `Some("")` if none is the default (empty prefix), `None` for an undeclared prefix.
    #[must_use]
    pub fn uri(&self, prefix: &str) -> Option<&str> {
        if let Some(binding) = self.binding(prefix) {
            return Some(&self.text[binding.prefix_end..binding.end]);
        }
        match prefix {
            "" => Some(""),
            "xml" => Some(XML_NAMESPACE),
            "xmlns" => Some(XMLNS_NAMESPACE),
            _ => None,
        }
    }

    /// Resolves the name of an element of the innermost scope: without a prefix the default namespace applies. If namespaces are
    /// ignored, all of a name is its local part.
    #[must_use]
    pub fn resolve_element<'a>(&'a self, qname: &'a str) -> ExpandedName<'a> {
        let (prefix, local) = self.split(qname);
        ExpandedName { uri: self.uri(prefix).unwrap_or(""), prefix, local }
    }

    /// Resolves the name of an attribute: without a prefix it is in no namespace, except that `xmlns` is in its own.
    #[must_use]
    pub fn resolve_attribute<'a>(&'a self, qname: &'a str) -> ExpandedName<'a> {
        let (prefix, local) = self.split(qname);
        let uri = match (prefix, local) {
            ("", "xmlns") if self.apply() => XMLNS_NAMESPACE,
            ("", _) => "",
            _ => self.uri(prefix).unwrap_or(""),
        };
        ExpandedName { uri, prefix, local }
    }

    /// Opens the scope of an element with the declarations it carries, as pairs of prefix and namespace.
    /// Answers whether there is anything new, and so whether [`Self::leave`] is to be called when the element closes.
    ///
    /// # Errors
    /// The sentence that says which rule of Namespaces in XML a declaration breaks.
    pub(super) fn enter<'d>(&mut self, declarations: impl Iterator<Item = (&'d str, &'d str)>) -> Result<bool, String> {
        let before = Scope { bindings: self.bindings.len(), context: self.context };
        for (prefix, uri) in declarations {
            check_declaration(prefix, uri)?;
            if self.uri(prefix) != Some(uri) {
                self.bind(prefix, uri);
            }
        }
        if self.bindings.len() == before.bindings {
            return Ok(false);
        }
        self.scopes.push(before);
        self.context = self.context_since(before)?;
        Ok(true)
    }

    /// Closes the innermost scope that [`Self::enter`] opened.
    pub(super) fn leave(&mut self) {
        let Some(before) = self.scopes.pop() else { return };
        while self.bindings.len() > before.bindings {
            let Some(binding) = self.bindings.pop() else { break };
            let prefix = &self.text[binding.start..binding.prefix_end];
            match (binding.hidden, self.newest.get_mut(prefix)) {
                (Some(hidden), Some(newest)) => *newest = hidden,
                _ => drop(self.newest.remove(prefix)),
            }
            self.text.truncate(binding.start);
        }
        self.context = before.context;
    }

    /// What the scope with that number, counted from the outermost, declares: pairs of prefix and namespace.
    pub(super) fn declared(&self, scope: usize) -> impl Iterator<Item = (&str, &str)> {
        let end = self.scopes.get(scope + 1).map_or(self.bindings.len(), |next| next.bindings);
        let start = self.scopes.get(scope).map_or(end, |scope| scope.bindings);
        let parts = |binding: &Binding| {
            (&self.text[binding.start..binding.prefix_end], &self.text[binding.prefix_end..binding.end])
        };
        self.bindings[start..end].iter().map(parts)
    }

    fn bind(&mut self, prefix: &str, uri: &str) {
        let start = self.text.len();
        self.text.push_str(prefix);
        self.text.push_str(uri);
        let hidden = self.newest.insert(prefix.to_owned(), self.bindings.len());
        self.bindings.push(Binding { start, prefix_end: start + prefix.len(), end: self.text.len(), hidden });
    }

    fn binding(&self, prefix: &str) -> Option<Binding> {
        if self.bindings.len() > FEW_BINDINGS {
            return self.newest.get(prefix).and_then(|&newest| self.bindings.get(newest)).copied();
        }
        self.bindings.iter().rev().find(|binding| self.text[binding.start..binding.prefix_end] == *prefix).copied()
    }

    /// Prefix (empty for none) and local part of a name as written.
    fn split<'a>(&self, qname: &'a str) -> (&'a str, &'a str) {
        qname.split_once(':').filter(|_| self.apply()).unwrap_or(("", qname))
    }

    /// The context that the bindings made since `before` lead to: the one given to them last time, if that is still known.
    fn context_since(&mut self, before: Scope) -> Result<u32, String> {
        self.key.clear();
        self.key.push_str(&before.context.to_string());
        for binding in &self.bindings[before.bindings..] {
            // No document holds the character U+0000, so the key cannot be read in two ways.
            for part in [&self.text[binding.start..binding.prefix_end], &self.text[binding.prefix_end..binding.end]] {
                self.key.push('\0');
                self.key.push_str(part);
            }
        }
        if let Some(&known) = self.known.get(&self.key) {
            return Ok(known);
        }
        let Some(context) = self.contexts_given.checked_add(1) else {
            return Err(
                "the namespace declarations change too often; declare the namespaces once, on the root".to_owned()
            );
        };
        self.contexts_given = context;
        if self.known.len() < KNOWN_CONTEXTS && self.known_bytes + self.key.len() <= KNOWN_CONTEXT_BYTES {
            self.known_bytes += self.key.len();
            self.known.insert(self.key.clone(), context);
        }
        Ok(context)
    }
}

fn check_declaration(prefix: &str, uri: &str) -> Result<(), String> {
    let reserved = uri == XML_NAMESPACE || uri == XMLNS_NAMESPACE;
    match prefix {
        "xmlns" => Err("the prefix xmlns is reserved and cannot be declared; remove the declaration".to_owned()),
        "xml" if uri != XML_NAMESPACE => {
            Err(format!("the prefix xml stands for {XML_NAMESPACE} and for nothing else; remove the declaration"))
        }
        "xml" => Ok(()),
        _ if reserved => Err(format!("the namespace {uri} is reserved and cannot be bound; remove the declaration")),
        "" => Ok(()),
        _ if uri.is_empty() => Err(format!(
            "the prefix {} is bound to an empty namespace name; give the namespace or remove the declaration",
            excerpt(prefix)
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entered(namespaces: &mut Namespaces, declarations: &[(&str, &str)]) -> bool {
        namespaces.enter(declarations.iter().copied()).expect("allowed declarations")
    }

    #[test]
    fn inner_bindings_hide_outer_ones_until_they_close() {
        let mut namespaces = Namespaces::new();
        assert!(entered(&mut namespaces, &[("", "urn:a"), ("p", "urn:p")]));
        assert!(entered(&mut namespaces, &[("", ""), ("p", "urn:q")]));
        assert_eq!((namespaces.uri(""), namespaces.uri("p"), namespaces.uri("x")), (Some(""), Some("urn:q"), None));
        namespaces.leave();
        assert_eq!((namespaces.uri(""), namespaces.uri("p")), (Some("urn:a"), Some("urn:p")));
        namespaces.leave();
        assert_eq!((namespaces.uri(""), namespaces.uri("p")), (Some(""), None));
        assert_eq!(namespaces.uri("xml"), Some(XML_NAMESPACE));
    }

    #[test]
    fn elements_take_the_default_namespace_and_attributes_do_not() {
        let mut namespaces = Namespaces::new();
        entered(&mut namespaces, &[("", "urn:a"), ("p", "urn:p")]);
        assert_eq!(namespaces.resolve_element("e"), ExpandedName { uri: "urn:a", prefix: "", local: "e" });
        assert_eq!(namespaces.resolve_element("p:e"), ExpandedName { uri: "urn:p", prefix: "p", local: "e" });
        assert_eq!(namespaces.resolve_attribute("e"), ExpandedName { uri: "", prefix: "", local: "e" });
        assert_eq!(namespaces.resolve_attribute("p:e").uri, "urn:p");
        assert_eq!(namespaces.resolve_attribute("xml:lang").uri, XML_NAMESPACE);
        assert_eq!(namespaces.resolve_attribute("xmlns").uri, XMLNS_NAMESPACE);
    }

    #[test]
    fn contexts_return_and_are_found_again() {
        let mut namespaces = Namespaces::new();
        assert_eq!(namespaces.context(), 0);
        entered(&mut namespaces, &[("p", "urn:p")]);
        let outer = namespaces.context();
        assert!(!entered(&mut namespaces, &[("p", "urn:p")]), "nothing new");
        assert_eq!(namespaces.context(), outer);
        entered(&mut namespaces, &[("q", "urn:q")]);
        let inner = namespaces.context();
        namespaces.leave();
        assert_eq!(namespaces.context(), outer);
        entered(&mut namespaces, &[("q", "urn:other")]);
        assert!(![0, outer, inner].contains(&namespaces.context()));
        namespaces.leave();
        entered(&mut namespaces, &[("q", "urn:q")]);
        assert_eq!(namespaces.context(), inner);
        namespaces.leave();
        namespaces.leave();
        assert_eq!(namespaces.context(), 0);
        assert_ne!(outer, inner);
    }

    #[test]
    fn many_bindings_are_found_through_the_table() {
        let mut namespaces = Namespaces::new();
        for round in 0..3 {
            for number in 0..100 {
                let (prefix, uri) = (format!("p{number}"), format!("urn:{round}:{number}"));
                assert!(entered(&mut namespaces, &[(&prefix, &uri)]));
            }
        }
        assert_eq!(namespaces.uri("p7"), Some("urn:2:7"));
        for _ in 0..150 {
            namespaces.leave();
        }
        assert_eq!((namespaces.uri("p7"), namespaces.uri("p50")), (Some("urn:1:7"), Some("urn:0:50")));
    }

    #[test]
    fn memory_for_known_contexts_is_bounded_and_numbers_stay_distinct() {
        let mut namespaces = Namespaces::new();
        for number in 1..=3 * KNOWN_CONTEXTS {
            entered(&mut namespaces, &[("p", &format!("urn:{number}"))]);
            assert_eq!(namespaces.context() as usize, number);
            namespaces.leave();
        }
        assert_eq!(namespaces.known.len(), KNOWN_CONTEXTS);
    }

    #[test]
    fn reserved_names_are_refused() {
        for (prefix, uri) in [
            ("xmlns", "urn:a"),
            ("xmlns", XMLNS_NAMESPACE),
            ("xml", "urn:a"),
            ("p", XML_NAMESPACE),
            ("", XML_NAMESPACE),
            ("", XMLNS_NAMESPACE),
            ("p", ""),
        ] {
            assert!(Namespaces::new().enter([(prefix, uri)].into_iter()).is_err(), "{prefix}={uri}");
        }
        assert_eq!(Namespaces::new().enter([("xml", XML_NAMESPACE)].into_iter()), Ok(false));
    }
}
