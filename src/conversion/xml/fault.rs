//! A fault found inside one token, before anybody has worked out its place in the document.

use crate::conversion::error::ErrorCode;

/// What is wrong, and at which offset of the text that was being parsed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) code: ErrorCode,
    /// Offset in the text that was being parsed.
    pub(super) at: usize,
    pub(super) detail: String,
}

impl Fault {
    pub(super) fn new(code: ErrorCode, at: usize, detail: impl Into<String>) -> Self {
        Self { code, at, detail: detail.into() }
    }

    /// A rule of XML or of Namespaces in XML is broken.
    pub(super) fn malformed(at: usize, detail: impl Into<String>) -> Self {
        Self::new(ErrorCode::XmlNotWellFormed, at, detail)
    }

    /// The same fault seen from a text in which the token starts at `start`.
    pub(super) fn inside(mut self, start: usize) -> Self {
        self.at += start;
        self
    }
}

/// A character as it stands in a message: printable ones as they are, others by their code point.
pub(super) fn shown(character: char) -> String {
    if character.is_control() || character.is_whitespace() || matches!(character, '\u{FFFE}' | '\u{FFFF}') {
        format!("U+{:04X}", u32::from(character))
    } else {
        format!("'{character}'")
    }
}

/// A name or value as it stands in a message: cut where it would drown the sentence.
pub(super) fn excerpt(text: &str) -> String {
    const LONGEST: usize = 80;
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    format!("{}…", &text[..text.floor_char_boundary(LONGEST)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_show_what_cannot_be_printed_by_its_code_point() {
        assert_eq!(shown('é'), "'é'");
        assert_eq!(shown('\u{1}'), "U+0001");
        assert_eq!(shown('\n'), "U+000A");
    }

    #[test]
    fn long_names_are_cut_between_characters() {
        assert_eq!(excerpt("short"), "short");
        let long = "é".repeat(100);
        assert_eq!(excerpt(&long), format!("{}…", "é".repeat(40)));
    }
}
