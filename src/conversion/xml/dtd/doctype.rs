//! The head of a document type declaration: from `<!DOCTYPE` to the internal subset or to its end.

use super::super::fault::Fault;
use super::super::options::NamespaceRules;
use super::cursor::Cursor;
use super::entity::external_identifier;

const CONSTRUCT: &str = "the DOCTYPE";

/// What the head of a DOCTYPE says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct DoctypeHead {
    /// Offset after the head: after `[` or `>`.
    pub(in super::super) end: usize,
    pub(in super::super) has_external_subset: bool,
    pub(in super::super) has_internal_subset: bool,
}

/// Reads what follows `<!DOCTYPE` at `start`; `None` if the text ends before the head does.
pub(in super::super) fn read_head(
    text: &str,
    start: usize,
    rules: NamespaceRules,
) -> Result<Option<DoctypeHead>, Fault> {
    let Some(last) = find_last(text, start) else { return Ok(None) };
    let mut cursor = Cursor::new(&text[..=last], start, rules);
    cursor.expect_space(CONSTRUCT)?;
    cursor.qualified_name(CONSTRUCT)?;
    let spaced = cursor.skip_space();
    let has_external_subset = spaced && external_identifier(&mut cursor, CONSTRUCT)?;
    cursor.skip_space();
    let has_internal_subset = cursor.eat("[");
    if !has_internal_subset {
        cursor.expect_end(CONSTRUCT)?;
    }
    Ok(Some(DoctypeHead { end: cursor.at(), has_external_subset, has_internal_subset }))
}

/// The offset of the first `[` or `>` outside of quotes.
fn find_last(text: &str, start: usize) -> Option<usize> {
    let mut quote = None;
    text.bytes().enumerate().skip(start).find_map(|(at, byte)| match (quote, byte) {
        (None, b'[' | b'>') => Some(at),
        (None, b'"' | b'\'') => {
            quote = Some(byte);
            None
        }
        (Some(open), _) if open == byte => {
            quote = None;
            None
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(text: &str) -> Result<Option<(bool, bool)>, Fault> {
        let head = read_head(text, 0, NamespaceRules::Apply)?;
        Ok(head.map(|head| (head.has_external_subset, head.has_internal_subset)))
    }

    #[test]
    fn heads_with_and_without_subsets() {
        assert_eq!(head(" a>"), Ok(Some((false, false))));
        assert_eq!(head(" a ["), Ok(Some((false, true))));
        assert_eq!(head("\na[rest"), Ok(Some((false, true))));
        assert_eq!(head(" a SYSTEM 'x[>' >"), Ok(Some((true, false))));
        assert_eq!(head(" a PUBLIC 'p' \"s\"["), Ok(Some((true, true))));
    }

    #[test]
    fn an_unfinished_head_is_waited_for_and_a_malformed_one_is_a_fault() {
        for part in ["", " a", " a SYSTEM 'x>", " a PUBLIC 'p' "] {
            assert_eq!(head(part), Ok(None), "{part}");
        }
        for bad in
            [">", "a>", " >", " 1>", " a b>", " a SYSTEM>", " a PUBLIC 'p'>", " a SYSTEM 's' x>", " aSYSTEM 's'>"]
        {
            assert!(head(bad).is_err(), "{bad}");
        }
    }
}
