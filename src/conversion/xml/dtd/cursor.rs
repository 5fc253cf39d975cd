//! A cursor over one complete declaration.

use super::super::chars::{first_bad_name_character, is_name_character, scan_name, skip_space, starts_name};
use super::super::fault::{Fault, excerpt};
use super::super::options::{NamespaceRules, OR_IGNORE_NAMESPACES};

/// Reads a declaration from front to back. Running out of text is a fault, since the declaration is all there.
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
    rules: NamespaceRules,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str, at: usize, rules: NamespaceRules) -> Self {
        Self { text, at, rules }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub(super) fn fault(&self, detail: impl Into<String>) -> Fault {
        Fault::malformed(self.at, detail)
    }

    /// Steps over `expected` if it comes next.
    pub(super) fn eat(&mut self, expected: &str) -> bool {
        let found = self.text[self.at..].starts_with(expected);
        if found {
            self.at += expected.len();
        }
        found
    }

    pub(super) fn expect(&mut self, expected: &str, construct: &str) -> Result<(), Fault> {
        if self.eat(expected) { Ok(()) } else { Err(self.fault(format!("{expected} is missing in {construct}"))) }
    }

    /// Steps over white space, and answers whether there was any.
    pub(super) fn skip_space(&mut self) -> bool {
        let before = self.at;
        self.at = skip_space(self.text.as_bytes(), self.at);
        self.at > before
    }

    pub(super) fn expect_space(&mut self, construct: &str) -> Result<(), Fault> {
        if self.skip_space() {
            return Ok(());
        }
        if self.peek() == Some(b'%') {
            return Err(self.parameter_reference());
        }
        Err(self.fault(format!("white space is missing in {construct}")))
    }

    /// Sees that the keyword just read is not the beginning of a longer word.
    pub(super) fn keyword(&mut self, word: &str) -> bool {
        let rest = &self.text.as_bytes()[self.at..];
        let longer = rest.get(word.len()).is_some_and(|&byte| byte.is_ascii_alphanumeric());
        !longer && self.eat(word)
    }

    /// A name that may hold a colon anywhere.
    fn any_name(&mut self, construct: &str) -> Result<&'a str, Fault> {
        let bytes = self.text.as_bytes();
        let scanned = scan_name(bytes, self.at);
        let name = &self.text[self.at..scanned.end];
        if !bytes.get(self.at).is_some_and(|&first| starts_name(first)) {
            return match self.peek() {
                Some(b'%') => Err(self.parameter_reference()),
                _ => Err(self.fault(format!("a name is missing in {construct}"))),
            };
        }
        if let Some(bad) = first_bad_name_character(name) {
            return Err(Fault::malformed(
                self.at + bad,
                format!("this character cannot stand in a name, in {construct}"),
            ));
        }
        self.at = scanned.end;
        Ok(name)
    }

    /// The name of an element or attribute.
    pub(super) fn qualified_name(&mut self, construct: &str) -> Result<&'a str, Fault> {
        let start = self.at;
        let name = self.any_name(construct)?;
        if self.rules.allow(name) {
            return Ok(name);
        }
        let name = excerpt(name);
        let detail =
            format!("{name} is not a name with at most one prefix, in {construct}; rename it{OR_IGNORE_NAMESPACES}");
        Err(Fault::malformed(start, detail))
    }

    /// The name of an entity or notation, in which a colon has no meaning.
    pub(super) fn plain_name(&mut self, construct: &str) -> Result<&'a str, Fault> {
        let start = self.at;
        let name = self.any_name(construct)?;
        if self.rules.allow_colon() || !name.contains(':') {
            return Ok(name);
        }
        let name = excerpt(name);
        let detail = format!("the name {name} holds a colon, in {construct}; rename it{OR_IGNORE_NAMESPACES}");
        Err(Fault::malformed(start, detail))
    }

    /// A name token: like a name, with any name character first.
    pub(super) fn name_token(&mut self, construct: &str) -> Result<(), Fault> {
        let rest = &self.text[self.at..];
        let length = rest.find(|character| !is_name_character(character)).unwrap_or(rest.len());
        if length == 0 {
            return match self.peek() {
                Some(b'%') => Err(self.parameter_reference()),
                _ => Err(self.fault(format!("a word is missing in {construct}"))),
            };
        }
        self.at += length;
        Ok(())
    }

    /// A text in quotes, and the offset at which it starts.
    pub(super) fn quoted(&mut self, construct: &str) -> Result<(&'a str, usize), Fault> {
        let bytes = self.text.as_bytes();
        let quote = match self.peek() {
            Some(quote @ (b'"' | b'\'')) => quote,
            Some(b'%') => return Err(self.parameter_reference()),
            _ => return Err(self.fault(format!("a value in quotes is missing in {construct}"))),
        };
        let start = self.at + 1;
        let Some(length) = memchr::memchr(quote, &bytes[start..]) else {
            return Err(self.fault(format!("the closing quote is missing in {construct}")));
        };
        self.at = start + length + 1;
        Ok((&self.text[start..start + length], start))
    }

    /// The end of the declaration.
    pub(super) fn expect_end(&mut self, construct: &str) -> Result<(), Fault> {
        self.skip_space();
        if self.eat(">") {
            return Ok(());
        }
        if self.peek() == Some(b'%') {
            return Err(self.parameter_reference());
        }
        Err(self.fault(format!("{construct} holds something that does not belong there")))
    }

    fn parameter_reference(&self) -> Fault {
        self.fault("a parameter entity reference may stand between the declarations of the DOCTYPE, not inside one")
    }
}
