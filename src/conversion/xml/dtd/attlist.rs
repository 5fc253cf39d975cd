//! Attribute-list declarations: types and default values.

use super::super::entities::Expansion;
use super::super::fault::{Fault, excerpt};
use super::super::options::NamespaceRules;
use super::super::reference::read_reference;
use super::super::value::{collapse_spaces, push_value};
use super::cursor::Cursor;
use super::{DeclaredAttribute, Dtd, Normalisation};
use crate::conversion::error::ErrorCode;
use crate::conversion::limits::Limits;

const CONSTRUCT: &str = "an ATTLIST declaration";

/// Reads what follows `<!ATTLIST`.
pub(super) fn declare(
    dtd: &mut Dtd,
    cursor: &mut Cursor<'_>,
    limits: &Limits,
    expansion: &mut Expansion,
) -> Result<(), Fault> {
    cursor.expect_space(CONSTRUCT)?;
    let element = cursor.qualified_name(CONSTRUCT)?;
    loop {
        let spaced = cursor.skip_space();
        if !spaced || cursor.peek() == Some(b'>') {
            return cursor.expect_end(CONSTRUCT);
        }
        let at = cursor.at();
        let name = cursor.qualified_name(CONSTRUCT)?;
        cursor.expect_space(CONSTRUCT)?;
        let normalisation = attribute_type(cursor)?;
        cursor.expect_space(CONSTRUCT)?;
        let default = default_value(dtd, cursor, normalisation, expansion)?;
        if dtd.counts() {
            keep(dtd, element, DeclaredAttribute { name: name.into(), normalisation, default }, limits, at)?;
        }
    }
}

/// Keeps the first declaration of an attribute; later ones of the same name do not count.
fn keep(dtd: &mut Dtd, element: &str, declared: DeclaredAttribute, limits: &Limits, at: usize) -> Result<(), Fault> {
    let attributes = dtd.attributes.entry(element.into()).or_default();
    if attributes.iter().any(|known| known.name == declared.name) {
        return Ok(());
    }
    if attributes.len() >= limits.attributes {
        let detail = format!(
            "more than {} attributes are declared for {}, which is the limit for one element; declare fewer, or raise the limit on \
             attributes",
            limits.attributes,
            excerpt(element)
        );
        return Err(Fault::new(ErrorCode::XmlTooManyAttributes, at, detail));
    }
    attributes.push(declared);
    Ok(())
}

fn attribute_type(cursor: &mut Cursor<'_>) -> Result<Normalisation, Fault> {
    const TOKENS: [&str; 7] = ["ID", "IDREF", "IDREFS", "ENTITY", "ENTITIES", "NMTOKEN", "NMTOKENS"];
    if cursor.keyword("CDATA") {
        return Ok(Normalisation::Characters);
    }
    if TOKENS.iter().any(|word| cursor.keyword(word)) {
        return Ok(Normalisation::Tokens);
    }
    if cursor.keyword("NOTATION") {
        cursor.expect_space(CONSTRUCT)?;
        alternatives(cursor, |cursor| cursor.plain_name(CONSTRUCT).map(drop))?;
    } else {
        alternatives(cursor, |cursor| cursor.name_token(CONSTRUCT))?;
    }
    Ok(Normalisation::Tokens)
}

/// Reads `(a | b | c)`.
fn alternatives(cursor: &mut Cursor<'_>, one: impl Fn(&mut Cursor<'_>) -> Result<(), Fault>) -> Result<(), Fault> {
    cursor.expect("(", CONSTRUCT)?;
    loop {
        cursor.skip_space();
        one(cursor)?;
        cursor.skip_space();
        if cursor.eat(")") {
            return Ok(());
        }
        cursor.expect("|", CONSTRUCT)?;
    }
}

fn default_value(
    dtd: &Dtd,
    cursor: &mut Cursor<'_>,
    normalisation: Normalisation,
    expansion: &mut Expansion,
) -> Result<Option<Box<str>>, Fault> {
    if cursor.keyword("#REQUIRED") || cursor.keyword("#IMPLIED") {
        return Ok(None);
    }
    if cursor.keyword("#FIXED") {
        cursor.expect_space(CONSTRUCT)?;
    }
    let (literal, start) = cursor.quoted(CONSTRUCT)?;
    check_form(literal, dtd.options.namespace_rules).map_err(|fault| fault.inside(start))?;
    if !dtd.counts() {
        return Ok(None);
    }
    let mut value = String::new();
    push_value(literal, dtd, expansion, &mut value).map_err(|fault| fault.inside(start))?;
    if normalisation == Normalisation::Tokens {
        value = collapse_spaces(&value);
    }
    Ok(Some(value.into()))
}

/// Sees that a value holds no `<` and that its references are complete, whatever they refer to.
fn check_form(literal: &str, rules: NamespaceRules) -> Result<(), Fault> {
    let bytes = literal.as_bytes();
    let mut at = 0;
    while let Some(within) = memchr::memchr2(b'<', b'&', &bytes[at..]) {
        at += within;
        if bytes[at] == b'<' {
            return Err(Fault::malformed(at, "an attribute value cannot hold <; write &lt;"));
        }
        match read_reference(literal, at, rules)? {
            Some(reference) => at = reference.end,
            None => return Err(Fault::malformed(at, "this reference is not closed with a semicolon")),
        }
    }
    Ok(())
}
