//! Element type declarations. Their content models are checked for form only: nothing here validates.

use super::super::fault::Fault;
use super::cursor::Cursor;

const CONSTRUCT: &str = "an ELEMENT declaration";

/// Reads what follows `<!ELEMENT`.
pub(super) fn declare(cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    cursor.expect_space(CONSTRUCT)?;
    cursor.qualified_name(CONSTRUCT)?;
    cursor.expect_space(CONSTRUCT)?;
    if !cursor.keyword("EMPTY") && !cursor.keyword("ANY") {
        cursor.expect("(", CONSTRUCT)?;
        cursor.skip_space();
        if cursor.eat("#PCDATA") { mixed_content(cursor)? } else { children(cursor)? }
    }
    cursor.expect_end(CONSTRUCT)
}

/// Reads what follows `(#PCDATA`: alternatives need the closing `)*`.
fn mixed_content(cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    let mut has_alternatives = false;
    loop {
        cursor.skip_space();
        if cursor.eat(")") {
            break;
        }
        cursor.expect("|", CONSTRUCT)?;
        cursor.skip_space();
        cursor.qualified_name(CONSTRUCT)?;
        has_alternatives = true;
    }
    if !cursor.eat("*") && has_alternatives {
        return Err(cursor.fault("a content model that mixes text and elements must end with )*"));
    }
    Ok(())
}

/// Reads what follows the first parenthesis of a model of children. Parentheses nest as deep as they like: the separators of
/// the open groups are kept here, not on the stack of calls.
fn children(cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    let mut separators: Vec<Option<u8>> = vec![None];
    'particle: loop {
        cursor.skip_space();
        if cursor.eat("(") {
            separators.push(None);
            continue;
        }
        cursor.qualified_name(CONSTRUCT)?;
        occurrence(cursor);
        loop {
            cursor.skip_space();
            if cursor.eat(")") {
                occurrence(cursor);
                separators.pop();
                if separators.is_empty() {
                    return Ok(());
                }
                continue;
            }
            separator(cursor, &mut separators)?;
            continue 'particle;
        }
    }
}

/// Reads `,` or `|`, which may not both stand in one group.
fn separator(cursor: &mut Cursor<'_>, separators: &mut [Option<u8>]) -> Result<(), Fault> {
    let found = match cursor.peek() {
        Some(found @ (b',' | b'|')) => found,
        _ => return Err(cursor.fault(format!("a comma, | or ) is missing in {CONSTRUCT}"))),
    };
    let group = separators.last_mut();
    match group {
        Some(Some(before)) if *before != found => {
            Err(cursor.fault("a group of a content model uses either commas or |, not both; add parentheses"))
        }
        Some(before) => {
            *before = Some(found);
            cursor.eat(if found == b',' { "," } else { "|" });
            Ok(())
        }
        None => Err(cursor.fault(format!("a parenthesis too many closes in {CONSTRUCT}"))),
    }
}

fn occurrence(cursor: &mut Cursor<'_>) {
    let _ = cursor.eat("?") || cursor.eat("*") || cursor.eat("+");
}
