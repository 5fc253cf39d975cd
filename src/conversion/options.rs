//! What a caller may choose about the tables. The defaults lose nothing and suit most documents.

use serde::{Deserialize, Serialize};

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
            r#"{"layout":"relational","record":"/a/b","repeated":"explode","namespaces":"uri","text":"keep","mixed":"xml"}"#,
        )
        .unwrap();
        assert_eq!(options.layout, Layout::Relational);
        assert_eq!(options.record.as_deref(), Some("/a/b"));
        assert_eq!(options.repeated, Repeated::Explode);
        assert_eq!(options.namespaces, NamespaceMode::Uri);
        assert_eq!(options.text, TextMode::Keep);
        assert_eq!(options.mixed, MixedContent::Xml);
        assert!(serde_json::from_str::<Options>(r#"{"layout":"Flat"}"#).is_err());
    }
}
