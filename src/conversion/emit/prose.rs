//! The text inside a prose element: plain, or with its markup.

use super::declared::Declared;
use crate::conversion::whitespace::Collapser;
use crate::conversion::xml::StartTag;

/// Collects the content of one prose element at a time.
#[derive(Debug, Default)]
pub(super) struct Prose {
    is_open: bool,
    /// The text goes straight into the row, to which nothing else is written meanwhile.
    is_direct: bool,
    text: String,
    pub(super) collapser: Collapser,
    /// Names of the elements open in the markup, one after the other, and where each begins.
    names: String,
    starts: Vec<usize>,
    /// The last tag has no `>` yet: its element may turn out to be empty.
    tag_is_open: bool,
    /// What the markup declares, if it is to declare every namespace that it uses.
    declared: Option<Box<Declared>>,
}

impl Prose {
    /// Before the first prose. Markup that `is_self_contained` declares all namespaces that it uses.
    pub(super) fn new(is_self_contained: bool) -> Self {
        Self { declared: is_self_contained.then(Box::default), ..Self::default() }
    }

    /// Whether a prose element is open.
    #[inline]
    pub(super) fn is_open(&self) -> bool {
        self.is_open
    }

    /// Whether the text of the open prose element goes straight into its row.
    #[inline]
    pub(super) fn is_direct(&self) -> bool {
        self.is_direct
    }

    /// Bytes collected so far.
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// A prose element starts.
    pub(super) fn open(&mut self, is_direct: bool) {
        self.is_open = true;
        self.is_direct = is_direct;
        self.text.clear();
        if let Some(declared) = &mut self.declared {
            declared.clear();
        }
    }

    /// The element ends; its content as it is.
    pub(super) fn close(&mut self) -> &str {
        self.is_open = false;
        self.is_direct = false;
        &self.text
    }

    /// Text as it is.
    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Text as it is, unless that makes more than `longest` bytes. Answers whether it was taken.
    pub(super) fn push_within(&mut self, text: &str, longest: usize) -> bool {
        let fits = self.text.len() + text.len() <= longest;
        if fits {
            self.text.push_str(text);
        }
        fits
    }

    /// A start tag as markup.
    pub(super) fn start(&mut self, tag: &StartTag<'_>) {
        self.close_tag();
        self.starts.push(self.names.len());
        self.names.push_str(tag.name);
        self.text.push('<');
        self.text.push_str(tag.name);
        if let Some(declared) = &mut self.declared {
            declared.start(tag, |prefix, uri| match prefix {
                "" => push_attribute("xmlns", uri, &mut self.text),
                _ => push_attribute(&format!("xmlns:{prefix}"), uri, &mut self.text),
            });
        }
        for attribute in tag.attributes {
            push_attribute(attribute.name, attribute.value, &mut self.text);
        }
        self.tag_is_open = true;
    }

    /// Text between the tags of markup.
    pub(super) fn push_escaped(&mut self, text: &str) {
        self.close_tag();
        let escaped = |character| if character == '>' { Some("&gt;") } else { in_markup(character) };
        escape(text, escaped, &mut self.text);
    }

    /// The end tag of the innermost element of the markup.
    pub(super) fn end(&mut self) {
        let Some(start) = self.starts.pop() else { return };
        if std::mem::take(&mut self.tag_is_open) {
            self.text.push_str("/>");
        } else {
            self.text.push_str("</");
            self.text.push_str(&self.names[start..]);
            self.text.push('>');
        }
        self.names.truncate(start);
        if let Some(declared) = &mut self.declared {
            declared.end();
        }
    }

    fn close_tag(&mut self) {
        if std::mem::take(&mut self.tag_is_open) {
            self.text.push('>');
        }
    }
}

fn push_attribute(name: &str, value: &str, out: &mut String) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    let escaped = |character| match character {
        '"' => Some("&quot;"),
        '\t' => Some("&#9;"),
        '\n' => Some("&#10;"),
        other => in_markup(other),
    };
    escape(value, escaped, out);
    out.push('"');
}

fn escape(text: &str, escaped: impl Fn(char) -> Option<&'static str>, out: &mut String) {
    for character in text.chars() {
        match escaped(character) {
            Some(reference) => out.push_str(reference),
            None => out.push(character),
        }
    }
}

fn in_markup(character: char) -> Option<&'static str> {
    match character {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '\r' => Some("&#13;"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversion::xml::Attribute;
    use crate::conversion::xml::{NameId, Namespaces};

    #[test]
    fn markup_is_written_so_that_it_reads_back_the_same() {
        let namespaces = Namespaces::new();
        let attributes = [Attribute { name: "x", value: "1<2 & \"3\"\n", name_id: NameId::UNKNOWN }];
        let tag = |name, attributes| StartTag { name, name_id: NameId::UNKNOWN, attributes, namespaces: &namespaces };
        let mut prose = Prose::default();
        prose.open(false);
        prose.push_escaped("a < b ");
        prose.start(&tag("i", &attributes));
        prose.start(&tag("b", &[]));
        prose.end();
        prose.push_escaped("]]>");
        prose.end();
        assert_eq!(prose.close(), r#"a &lt; b <i x="1&lt;2 &amp; &quot;3&quot;&#10;"><b/>]]&gt;</i>"#);
    }

    #[test]
    fn each_prose_begins_with_nothing() {
        let mut prose = Prose::default();
        prose.open(false);
        prose.push(" a ");
        assert_eq!((prose.is_open(), prose.len()), (true, 3));
        assert_eq!(prose.close(), " a ");
        assert!(!prose.is_open());
        prose.open(false);
        assert_eq!(prose.close(), "");
    }
}
