//! What a caller may choose about the tables. The defaults lose nothing and suit most documents.

use serde::{Deserialize, Serialize};

use super::error::{Error, ErrorCode};

/// How a document becomes tables. On the wire every member may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Options {
    /// Which tables there are.
    pub layout: Layout,
    /// The element that makes one row in a flat table: a tag (`book`) or a path (`/library/book`). Detected if `None`.
    pub record: Option<String>,
    /// What a flat table does with elements that repeat inside a record.
    pub repeated: Repeated,
    /// How namespaces show in names.
    pub namespaces: NamespaceMode,
    /// What happens to white space around a text.
    pub text: TextMode,
    /// What a cell of prose holds.
    pub mixed: MixedContent,
    /// Whether relational tables tell all of a document's structure.
    pub structure: Structure,
}

impl Options {
    /// Whether the options fit each other.
    ///
    /// # Errors
    /// `invalid_option` for `structure: complete` with the layout `flat`.
    pub fn check(&self) -> Result<(), Error> {
        if (self.layout, self.structure) != (Layout::Flat, Structure::Complete) {
            return Ok(());
        }
        let detail = "a flat table cannot tell the whole structure of documents; choose the layout relational, or \
                      leave the structure at values";
        Err(Error::new(ErrorCode::InvalidOption, detail))
    }
}

/// Which tables a document becomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// Flat if nothing repeats inside the record, else relational.
    #[default]
    Auto,
    /// One table with a row for each record; what stands outside the records becomes tables beside it.
    Flat,
    /// One table for the root and one for each path that repeats, joined by keys.
    Relational,
}

/// What a flat table does with elements that repeat inside a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeated {
    /// A column for each occurrence: `author`, `author[2]`, `author[3]` …
    #[default]
    Index,
    /// One cell with all values, joined by `|`; a `|` or `\` inside a value has a `\` in front.
    Join,
    /// One row for each repetition of the innermost repeat, the values around it stated again.
    Explode,
}

/// How namespaces show in the names of tables and columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NamespaceMode {
    /// Local names; siblings that would become equal get their prefix back.
    #[default]
    Strip,
    /// `prefix:local`, the prefix as first seen.
    Prefix,
    /// `{uri}local`.
    Uri,
}

/// What happens to white space around a text. `xml:space="preserve"` keeps it in either mode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextMode {
    /// White space at both ends goes; in prose every run of it becomes one space.
    #[default]
    Trim,
    /// Every character stays.
    Keep,
}

/// What a cell of prose (text between child elements) holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MixedContent {
    /// The text in reading order; attributes inside the prose become columns or rows of their own.
    #[default]
    Text,
    /// The markup inside the element, attributes included.
    Xml,
}

/// What relational tables tell of a document beside its values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Structure {
    /// What the values need: which stands inside which, and the order of those at one path.
    #[default]
    Values,
    /// All that it takes to build the document again: the order between elements of different names in `_pos`, elements without
    /// a row of their own in `_content`, and what prefixes inside the markup of prose stand for. [`Layout::Auto`] is relational
    /// then, and [`Layout::Flat`] refused.
    Complete,
}

impl Structure {
    /// Whether tables tell values only.
    #[must_use]
    pub fn is_values(&self) -> bool {
        *self == Self::Values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_object_means_the_defaults() {
        let options: Options = serde_json::from_str("{}").unwrap();
        assert_eq!(options, Options::default());
    }

    #[test]
    fn wire_values_are_snake_case() {
        let options: Options = serde_json::from_str(
            r#"{"layout":"relational","record":"/a/b","repeated":"explode","namespaces":"uri","text":"keep","mixed":"xml","structure":"complete"}"#,
        )
        .unwrap();
        assert_eq!(options.layout, Layout::Relational);
        assert_eq!(options.record.as_deref(), Some("/a/b"));
        assert_eq!(options.repeated, Repeated::Explode);
        assert_eq!(options.namespaces, NamespaceMode::Uri);
        assert_eq!(options.text, TextMode::Keep);
        assert_eq!(options.mixed, MixedContent::Xml);
        assert_eq!(options.structure, Structure::Complete);
        assert!(serde_json::from_str::<Options>(r#"{"layout":"Flat"}"#).is_err());
    }

    #[test]
    fn a_flat_table_never_has_the_whole_structure() {
        for layout in [Layout::Auto, Layout::Relational, Layout::Flat] {
            let options = Options { layout, structure: Structure::Complete, ..Options::default() };
            let code = options.check().map_err(|error| error.code);
            let expected = if layout == Layout::Flat { Err(ErrorCode::InvalidOption) } else { Ok(()) };
            assert_eq!(code, expected);
            assert_eq!(Options { structure: Structure::Values, ..options }.check(), Ok(()));
        }
    }
}
