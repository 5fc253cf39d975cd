//! White space as XML has it (space, tab, line feed, carriage return), and as people see it.

use memchr::{memchr3, memmem};

use super::blocks::any_pair_wide;

/// Whether a character is white space in XML.
#[inline]
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// The text without white space at its start.
#[inline]
pub(crate) fn trim_start(text: &str) -> &str {
    let start = text.bytes().position(|byte| !is_space(byte)).unwrap_or(text.len());
    &text[start..]
}

/// The text without white space at its end.
#[inline]
pub(crate) fn trim_end(text: &str) -> &str {
    let end = text.bytes().rposition(|byte| !is_space(byte)).map_or(0, |last| last + 1);
    &text[..end]
}

/// The text without white space at both ends.
#[inline(always)]
pub(crate) fn trim(text: &str) -> &str {
    let bytes = text.as_bytes();
    let is_visible = |byte: Option<&u8>| byte.is_some_and(|byte| *byte > b' ');
    if is_visible(bytes.first()) && is_visible(bytes.last()) { text } else { trim_both(text) }
}

#[inline(never)]
fn trim_both(text: &str) -> &str {
    trim_start(trim_end(text))
}

/// Whether there is nothing but white space of XML.
#[inline]
pub(crate) fn is_blank(text: &str) -> bool {
    text.bytes().all(is_space)
}

/// Whether nobody would see anything: also no-break spaces and their like. Such text between elements is no prose.
#[inline]
pub(crate) fn is_invisible(text: &str) -> bool {
    is_blank(text) || text.chars().all(char::is_whitespace)
}

/// Makes one space of each run of white space, and none at the ends.
#[derive(Debug)]
pub(crate) struct Collapser {
    /// Finds two spaces.
    double: memmem::Finder<'static>,
    room: String,
}

impl Default for Collapser {
    fn default() -> Self {
        Self { double: memmem::Finder::new(b"  "), room: String::new() }
    }
}

impl Collapser {
    /// Collapses what stands from `start` on. Mostly there is nothing to do.
    pub(crate) fn collapse(&mut self, text: &mut String, start: usize) {
        let value = &text[start..];
        if trim(value).len() == value.len() && !may_be_irregular(value) {
            return;
        }
        let mut room = std::mem::take(&mut self.room);
        room.clear();
        self.push(value, &mut room);
        text.truncate(start);
        text.push_str(&room);
        self.room = room;
    }

    /// Appends the text, collapsed.
    fn push(&self, text: &str, out: &mut String) {
        let mut rest = trim(text);
        // How much of the rest is known to hold no white space other than spaces.
        let mut only_spaces = find_other_space(rest);
        while let Some(irregular) = self.find_irregular(rest, only_spaces) {
            out.push_str(trim_end(&rest[..irregular]));
            out.push(' ');
            let next = trim_start(&rest[irregular..]);
            let passed = rest.len() - next.len();
            rest = next;
            only_spaces = match only_spaces.checked_sub(passed) {
                Some(left) => left,
                None => find_other_space(rest),
            };
        }
        out.push_str(rest);
    }

    /// The first place where white space is anything but one space.
    fn find_irregular(&self, text: &str, only_spaces: usize) -> Option<usize> {
        let double = self.double.find(&text.as_bytes()[..only_spaces]);
        double.or((only_spaces < text.len()).then_some(only_spaces))
    }
}

/// Whether there is a control character, or two spaces in a row: a quick look.
fn may_be_irregular(text: &str) -> bool {
    let bytes = text.as_bytes();
    any_pair_wide(bytes, |byte, next| (byte < b' ') | (byte.max(next) <= b' '))
}

/// The place of the first white space that is no space, or the end.
fn find_other_space(text: &str) -> usize {
    memchr3(b'\t', b'\n', b'\r', text.as_bytes()).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_white_space_of_xml_is_trimmed() {
        assert_eq!(trim(" \t\r\n a b \n"), "a b");
        assert_eq!(trim("\u{a0}a\u{2003} "), "\u{a0}a\u{2003}");
        assert_eq!(trim(" \n"), "");
        assert!(is_blank(" \r\n\t") && !is_blank("\u{a0}"));
        assert!(is_invisible("\u{a0} \n") && !is_invisible("\u{a0}."));
    }

    /// The text collapsed, where it stands behind another that stays as it is.
    fn collapsed(collapser: &mut Collapser, text: &str) -> String {
        let mut row = format!(" \n{text}");
        collapser.collapse(&mut row, 2);
        row.strip_prefix(" \n").unwrap().to_owned()
    }

    #[test]
    fn collapsing_keeps_words() {
        let collapser = &mut Collapser::default();
        assert_eq!(collapsed(collapser, "  a \n\t b\u{a0}c "), "a b\u{a0}c");
        assert_eq!(collapsed(collapser, "a b c"), "a b c");
        assert_eq!(collapsed(collapser, " a"), "a");
        assert_eq!(collapsed(collapser, "a\r"), "a");
        assert_eq!(collapsed(collapser, "\n \n"), "");
        assert_eq!(collapsed(collapser, ""), "");
    }

    #[test]
    fn collapsing_agrees_with_splitting_into_words() {
        let collapser = &mut Collapser::default();
        let pieces = ["a", " ", "  ", "\n", "\t ", "é\r"];
        for number in 0..pieces.len().pow(5) {
            let digits = (0..5).scan(number, |rest, _| {
                let digit = *rest % pieces.len();
                *rest /= pieces.len();
                Some(digit)
            });
            let text: String = digits.map(|digit| pieces[digit]).collect();
            let expected = text.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!(collapsed(collapser, &text), expected, "{text:?}");
        }
    }
}
