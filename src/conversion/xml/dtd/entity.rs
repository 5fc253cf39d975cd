//! Entity and notation declarations.

use std::sync::Arc;

use super::super::chars::is_public_id_byte;
use super::super::fault::Fault;
use super::super::options::NamespaceRules;
use super::super::reference::{Referent, read_reference};
use super::cursor::Cursor;
use super::{Dtd, GeneralEntity, ParameterEntity};

const ENTITY: &str = "an ENTITY declaration";
const NOTATION: &str = "a NOTATION declaration";

/// Reads what follows `<!ENTITY`.
pub(super) fn declare(dtd: &mut Dtd, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    // A reference to a parameter entity cannot stand here, so a % begins the declaration of one.
    cursor.expect_space(ENTITY)?;
    if cursor.eat("%") { declare_parameter(dtd, cursor) } else { declare_general(dtd, cursor) }
}

fn declare_general(dtd: &mut Dtd, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    let name = cursor.plain_name(ENTITY)?;
    cursor.expect_space(ENTITY)?;
    let entity = if external_identifier(cursor, ENTITY)? {
        let spaced = cursor.skip_space();
        match cursor.peek() {
            Some(b'N') if spaced => unparsed(cursor)?,
            Some(b'N') => return cursor.expect_space(ENTITY),
            _ => GeneralEntity::External,
        }
    } else {
        GeneralEntity::Internal(entity_value(cursor, dtd.options.namespace_rules)?)
    };
    cursor.expect_end(ENTITY)?;
    if dtd.counts() {
        dtd.keep_general(name, entity);
    }
    Ok(())
}

fn unparsed(cursor: &mut Cursor<'_>) -> Result<GeneralEntity, Fault> {
    cursor.expect("NDATA", ENTITY)?;
    cursor.expect_space(ENTITY)?;
    cursor.plain_name(ENTITY)?;
    Ok(GeneralEntity::Unparsed)
}

fn declare_parameter(dtd: &mut Dtd, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    cursor.expect_space(ENTITY)?;
    let name = cursor.plain_name(ENTITY)?;
    cursor.expect_space(ENTITY)?;
    let entity = if external_identifier(cursor, ENTITY)? {
        ParameterEntity::External
    } else {
        ParameterEntity::Internal(entity_value(cursor, dtd.options.namespace_rules)?)
    };
    cursor.expect_end(ENTITY)?;
    if dtd.counts() {
        dtd.parameter.entry(name.into()).or_insert(entity);
    }
    Ok(())
}

/// Reads what follows `<!NOTATION`.
pub(super) fn declare_notation(cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    cursor.expect_space(NOTATION)?;
    cursor.plain_name(NOTATION)?;
    cursor.expect_space(NOTATION)?;
    if cursor.keyword("PUBLIC") {
        cursor.expect_space(NOTATION)?;
        public_literal(cursor, NOTATION)?;
        let spaced = cursor.skip_space();
        if spaced && cursor.peek() != Some(b'>') {
            cursor.quoted(NOTATION)?;
        }
    } else if !external_identifier(cursor, NOTATION)? {
        return Err(cursor.fault(format!("SYSTEM or PUBLIC is missing in {NOTATION}")));
    }
    cursor.expect_end(NOTATION)
}

/// Reads `SYSTEM "…"` or `PUBLIC "…" "…"`, if one stands here.
pub(super) fn external_identifier(cursor: &mut Cursor<'_>, construct: &str) -> Result<bool, Fault> {
    if cursor.keyword("PUBLIC") {
        cursor.expect_space(construct)?;
        public_literal(cursor, construct)?;
    } else if !cursor.keyword("SYSTEM") {
        return Ok(false);
    }
    cursor.expect_space(construct)?;
    cursor.quoted(construct)?;
    Ok(true)
}

fn public_literal(cursor: &mut Cursor<'_>, construct: &str) -> Result<(), Fault> {
    let (literal, start) = cursor.quoted(construct)?;
    match literal.bytes().position(|byte| !is_public_id_byte(byte)) {
        None => Ok(()),
        Some(bad) => {
            let at = start + literal.floor_char_boundary(bad);
            Err(Fault::malformed(at, format!("this character cannot stand in a public identifier, in {construct}")))
        }
    }
}

/// Reads the value of an internal entity: characters by their number are put in, all other references stay.
fn entity_value(cursor: &mut Cursor<'_>, rules: NamespaceRules) -> Result<Arc<str>, Fault> {
    let (literal, start) = cursor.quoted(ENTITY)?;
    let bytes = literal.as_bytes();
    let mut value = String::with_capacity(literal.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'&' => at = entity_reference(literal, at, rules, &mut value).map_err(|fault| fault.inside(start))?,
            b'%' => {
                let detail = "an entity value in this place cannot hold %; write &#37;";
                return Err(Fault::malformed(start + at, detail));
            }
            b'\r' => {
                value.push('\n');
                at += if bytes.get(at + 1) == Some(&b'\n') { 2 } else { 1 };
            }
            _ => {
                let rest = &bytes[at..];
                let length = memchr::memchr3(b'&', b'%', b'\r', rest).unwrap_or(rest.len());
                value.push_str(&literal[at..at + length]);
                at += length;
            }
        }
    }
    Ok(value.into())
}

/// Takes over the reference at `at` and answers where it ends.
fn entity_reference(literal: &str, at: usize, rules: NamespaceRules, value: &mut String) -> Result<usize, Fault> {
    let Some(reference) = read_reference(literal, at, rules)? else {
        return Err(Fault::malformed(at, "this reference is not closed with a semicolon"));
    };
    let written = &literal[at..reference.end];
    match reference.referent {
        Referent::Character(character) if written.starts_with("&#") => value.push(character),
        _ => value.push_str(written),
    }
    Ok(reference.end)
}
