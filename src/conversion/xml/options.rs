//! What a reader may decide about documents that not every XML processor reads the same way.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::chars::is_qualified_name;

/// The end of messages about names that [`NamespaceRules::Ignore`] lets pass.
pub(super) const OR_IGNORE_NAMESPACES: &str = ", or set namespace_rules to ignore";
/// The end of messages about references that [`ExternalEntities::Skip`] leaves out.
pub(super) const OR_SKIP_ENTITIES: &str = ", or set external_entities to skip, which leaves the reference out";

/// How a document is parsed. Both passes over a document need the same; the shape remembers what it was scanned with.
///
/// The defaults accept what is well-formed by XML 1.0 and by Namespaces in XML 1.0, and refuse what cannot be read whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct ParserOptions {
    /// What a reference to an external entity does.
    pub external_entities: ExternalEntities,
    /// Whether names follow Namespaces in XML.
    pub namespace_rules: NamespaceRules,
}

/// What a reference does whose text stands outside of the document. Nothing outside is ever read in either case.
///
/// Either way a reference to an entity that is declared nowhere contributes nothing and is counted where it is no error of form by the
/// recommendation: after a reference to a parameter entity, all of them read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExternalEntities {
    /// It is an error (`xml_entity_external`).
    #[default]
    Refuse,
    /// It contributes nothing and is counted, as XML 1.0 allows a processor that does not validate. So does a reference to an
    /// entity that is not declared where a declaration may stand outside: the document has an external subset or refers to a
    /// parameter entity outside, and does not say `standalone="yes"`. In an attribute value, an external entity stays an error.
    Skip,
}

/// Whether names follow Namespaces in XML.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NamespaceRules {
    /// Prefixes are resolved, and a document that breaks a rule of Namespaces in XML is an error.
    #[default]
    Apply,
    /// Names are taken as written: a colon is a character like others, nothing has a namespace, and `xmlns` attributes are data.
    Ignore,
}

/// The text is neither `refuse` nor `skip`, or neither `apply` nor `ignore`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownWord;

impl FromStr for ExternalEntities {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        match text {
            "refuse" => Ok(Self::Refuse),
            "skip" => Ok(Self::Skip),
            _ => Err(UnknownWord),
        }
    }
}

impl FromStr for NamespaceRules {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        match text {
            "apply" => Ok(Self::Apply),
            "ignore" => Ok(Self::Ignore),
            _ => Err(UnknownWord),
        }
    }
}

impl NamespaceRules {
    /// Whether an element or attribute may have the name.
    pub(super) fn allow(self, name: &str) -> bool {
        self == Self::Ignore || is_qualified_name(name)
    }

    /// Whether a name that never has a prefix (of an entity, a notation or an instruction) may hold a colon.
    pub(super) fn allow_colon(self) -> bool {
        self == Self::Ignore
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_on_the_wire() {
        for word in ["refuse", "skip", "other"] {
            let on_the_wire = serde_json::from_value::<ExternalEntities>(word.into()).ok();
            assert_eq!(word.parse().ok(), on_the_wire, "{word}");
        }
        for word in ["apply", "ignore", "other"] {
            let on_the_wire = serde_json::from_value::<NamespaceRules>(word.into()).ok();
            assert_eq!(word.parse().ok(), on_the_wire, "{word}");
        }
    }
}
