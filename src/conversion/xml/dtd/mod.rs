//! The document type declaration: what the internal subset declares, as far as it bears on a reader that does not validate.
//!
//! Declarations are checked to the last character. Kept are the entities, and for each element the attributes that have a
//! default or a type other than CDATA. Nothing outside of the document is ever read: an external entity is known by its name
//! only, and after a reference to an external parameter entity later declarations do not count, as section 5.1 of XML 1.0
//! says (unless the document is standalone).

mod attlist;
mod cursor;
mod declaration;
mod doctype;
mod element;
mod entity;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::fault::{Fault, excerpt};
use super::options::{ExternalEntities, OR_SKIP_ENTITIES, ParserOptions};
use crate::conversion::error::ErrorCode;

pub(super) use declaration::{declare, find_end};
pub(super) use doctype::read_head;

/// What a document type declaration has declared so far.
#[derive(Debug, Default)]
pub(super) struct Dtd {
    pub(super) options: ParserOptions,
    general: HashMap<Box<str>, GeneralEntity>,
    parameter: HashMap<Box<str>, ParameterEntity>,
    attributes: HashMap<Box<str>, Vec<DeclaredAttribute>>,
    /// There is an external subset, or a parameter entity that was not read: there may be declarations nobody here knows.
    pub(super) incomplete: bool,
    /// The declaration being read stands in the text of a parameter entity.
    pub(super) inside_parameter_entity: bool,
    /// General entities that are declared in the text of parameter entities only.
    in_parameter_entities: HashSet<Box<str>>,
    /// There was a reference to a parameter entity, read or not.
    pub(super) refers_to_parameter_entities: bool,
    /// A parameter entity was left out, so later declarations may come second to some that were not seen.
    pub(super) skipped_entity: bool,
    /// The XML declaration says `standalone="yes"`.
    pub(super) standalone: bool,
}

#[derive(Debug)]
enum GeneralEntity {
    Internal(Arc<str>),
    External,
    Unparsed,
}

/// What a reference to a general entity is replaced by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Replacement {
    Text(Arc<str>),
    /// Nothing: its text stands outside of the document, and references to such may be skipped.
    Nothing,
}

/// What a reference to a parameter entity is replaced by.
#[derive(Clone, Debug)]
pub(super) enum ParameterEntity {
    Internal(Arc<str>),
    External,
}

/// An attribute as declared for an element.
#[derive(Debug)]
pub(super) struct DeclaredAttribute {
    pub(super) name: Box<str>,
    pub(super) normalisation: Normalisation,
    /// The normalised default value.
    pub(super) default: Option<Box<str>>,
}

/// How white space of a value is normalised, by the type of the attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Normalisation {
    /// CDATA: every white space character becomes a space.
    Characters,
    /// Any other type: leading and trailing spaces go as well, and runs of spaces become one.
    Tokens,
}

/// Where a reference to a general entity stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Usage {
    Content,
    Value,
}

impl Dtd {
    /// Nothing declared.
    pub(super) fn new(options: ParserOptions) -> Self {
        Self { options, ..Self::default() }
    }

    /// The attributes declared for an element, if any are.
    #[inline]
    pub(super) fn attributes_of(&self, element: &str) -> Option<&[DeclaredAttribute]> {
        if self.attributes.is_empty() {
            return None;
        }
        self.attributes.get(element).map(Vec::as_slice)
    }

    /// The replacement of a general entity.
    ///
    /// # Errors
    /// A fault at `at` if the entity is not declared, not internal, or not made of text.
    pub(super) fn replacement(&self, name: &str, usage: Usage, at: usize) -> Result<Replacement, Fault> {
        let skips = self.options.external_entities == ExternalEntities::Skip;
        let declared = self.general.get(name).filter(|_| self.counts_as_declared(name));
        match (declared, usage) {
            (Some(GeneralEntity::Internal(text)), _) => Ok(Replacement::Text(Arc::clone(text))),
            (Some(GeneralEntity::External), Usage::Content) if skips => Ok(Replacement::Nothing),
            (None, _) if self.need_not_be_declared() && (skips || !self.incomplete) => Ok(Replacement::Nothing),
            (declared, usage) => Err(self.refuse(declared, &excerpt(name), usage, at)),
        }
    }

    #[cold]
    fn refuse(&self, entity: Option<&GeneralEntity>, name: &str, usage: Usage, at: usize) -> Fault {
        let (code, detail) = match (entity, usage) {
            (Some(GeneralEntity::External), Usage::Value) => (
                ErrorCode::XmlEntityExternal,
                format!("&{name}; stands for another file, which no attribute value may refer to; write the value out"),
            ),
            (Some(GeneralEntity::External), Usage::Content) => (
                ErrorCode::XmlEntityExternal,
                format!(
                    "&{name}; stands for another file, and other files are never read; put its content in place of the \
                     reference{OR_SKIP_ENTITIES}"
                ),
            ),
            (Some(_), _) => (
                ErrorCode::XmlNotWellFormed,
                format!(
                    "&{name}; stands for data that is not XML (NDATA) and cannot be referred to here; remove the reference"
                ),
            ),
            (None, _) if self.incomplete && !self.standalone => (
                ErrorCode::XmlEntityExternal,
                format!(
                    "the entity &{name}; is not declared in this document, and external declarations are never read; \
                     declare it in the document or write its text in place of the reference{OR_SKIP_ENTITIES}"
                ),
            ),
            (None, _) => (
                ErrorCode::XmlEntityUndeclared,
                format!(
                    "the entity &{name}; is not declared; declare it in the DOCTYPE, or write &amp;{name}; if the characters are meant"
                ),
            ),
        };
        Fault::new(code, at, detail)
    }

    /// Whether a reference to an entity that is not declared is no error of form, by the constraint "Entity Declared" of
    /// section 4.1 of XML 1.0: there is an external subset or a reference to a parameter entity. Even one that was read is enough.
    fn need_not_be_declared(&self) -> bool {
        (self.incomplete || self.refers_to_parameter_entities) && !self.standalone
    }

    /// Whether the declaration of a general entity is one for this reference: by the same constraint, what a standalone
    /// document refers to is declared outside of parameter entities.
    fn counts_as_declared(&self, name: &str) -> bool {
        !self.standalone || self.inside_parameter_entity || !self.in_parameter_entities.contains(name)
    }

    /// Keeps the first declaration of a general entity.
    fn keep_general(&mut self, name: &str, entity: GeneralEntity) {
        if !self.inside_parameter_entity {
            self.in_parameter_entities.remove(name);
        } else if !self.general.contains_key(name) {
            self.in_parameter_entities.insert(name.into());
        }
        self.general.entry(name.into()).or_insert(entity);
    }

    /// A parameter entity, `None` if it is not declared.
    pub(super) fn parameter_entity(&self, name: &str) -> Option<ParameterEntity> {
        self.parameter.get(name).cloned()
    }

    /// Notes that a parameter entity was referred to whose text is not read.
    pub(super) fn skip_parameter_entity(&mut self) {
        self.incomplete = true;
        self.skipped_entity = true;
    }

    /// Whether declarations still count.
    fn counts(&self) -> bool {
        !self.skipped_entity || self.standalone
    }
}
