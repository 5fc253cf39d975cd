//! References: `&#38;`, `&#x26;`, `&amp;` and references to entities of the DTD.

use super::chars::{first_bad_name_character, is_xml_character, scan_name, starts_name};
use super::fault::{Fault, excerpt};
use super::options::{NamespaceRules, OR_IGNORE_NAMESPACES};

/// What a reference refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Referent<'a> {
    /// A character: by its number, or one of the five names that every document knows.
    Character(char),
    /// An entity, to be looked up by this name.
    Entity(&'a str),
}

/// A reference and the offset after its `;`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reference<'a> {
    pub(super) referent: Referent<'a>,
    pub(super) end: usize,
}

/// Reads the reference whose `&` stands at `at`; `None` if the text ends before it does.
pub(super) fn read_reference(text: &str, at: usize, rules: NamespaceRules) -> Result<Option<Reference<'_>>, Fault> {
    let bytes = text.as_bytes();
    if let Some(reference) = read_predefined(bytes, at) {
        return Ok(Some(reference));
    }
    match bytes.get(at + 1) {
        None => Ok(None),
        Some(b'#') => read_character_reference(text, at),
        Some(_) => {
            let name = read_referenced_name(text, at, rules)?;
            let reference = name.map(|name| Reference { referent: Referent::Entity(name), end: at + name.len() + 2 });
            Ok(reference)
        }
    }
}

/// A reference by one of the five names, which most references are.
#[inline]
fn read_predefined(bytes: &[u8], at: usize) -> Option<Reference<'static>> {
    let (character, length) = match bytes.get(at + 1..)? {
        [b'l', b't', b';', ..] => ('<', 4),
        [b'g', b't', b';', ..] => ('>', 4),
        [b'a', b'm', b'p', b';', ..] => ('&', 5),
        [b'q', b'u', b'o', b't', b';', ..] => ('"', 6),
        [b'a', b'p', b'o', b's', b';', ..] => ('\'', 6),
        _ => return None,
    };
    Some(Reference { referent: Referent::Character(character), end: at + length })
}

/// Reads the name of the reference whose `&` or `%` stands at `at`, and sees that a `;` follows.
pub(super) fn read_referenced_name(text: &str, at: usize, rules: NamespaceRules) -> Result<Option<&str>, Fault> {
    let bytes = text.as_bytes();
    let sign = char::from(bytes[at]);
    let scanned = scan_name(bytes, at + 1);
    let Some(&after) = bytes.get(scanned.end) else { return Ok(None) };
    let name = &text[at + 1..scanned.end];
    if !bytes.get(at + 1).is_some_and(|&first| starts_name(first)) {
        let mend = if sign == '&' { "; write &amp; for a plain ampersand" } else { "" };
        return Err(Fault::malformed(at, format!("a name must follow {sign}{mend}")));
    }
    if scanned.needs_check()
        && let Some(bad) = first_bad_name_character(name)
    {
        return Err(Fault::malformed(at + 1 + bad, "this character cannot stand in the name of an entity"));
    }
    if after != b';' {
        return Err(Fault::malformed(
            at,
            format!("the reference {sign}{} is not closed with a semicolon", excerpt(name)),
        ));
    }
    if scanned.has_colon() && !rules.allow_colon() {
        return Err(Fault::malformed(
            at,
            format!("the entity name {} holds a colon; rename the entity{OR_IGNORE_NAMESPACES}", excerpt(name)),
        ));
    }
    Ok(Some(name))
}

fn read_character_reference(text: &str, at: usize) -> Result<Option<Reference<'_>>, Fault> {
    let bytes = text.as_bytes();
    let (radix, digits_from) = if bytes.get(at + 2) == Some(&b'x') { (16, at + 3) } else { (10, at + 2) };
    let mut number = 0_u32;
    let mut end = digits_from;
    loop {
        let Some(&byte) = bytes.get(end) else { return Ok(None) };
        match char::from(byte).to_digit(radix) {
            Some(digit) => number = number.saturating_mul(radix).saturating_add(digit),
            None if byte == b';' && end > digits_from => break,
            None => {
                let detail = "a character reference is digits between &# or &#x and a semicolon";
                return Err(Fault::malformed(at, detail));
            }
        }
        end += 1;
    }
    match char::from_u32(number).filter(|&character| is_xml_character(character)) {
        Some(character) => Ok(Some(Reference { referent: Referent::Character(character), end: end + 1 })),
        None => {
            let reference = excerpt(&text[at..=end]);
            Err(Fault::malformed(at, format!("{reference} refers to a character that XML does not allow; remove it")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: NamespaceRules = NamespaceRules::Apply;

    fn referent(text: &str) -> Referent<'_> {
        let reference = read_reference(text, 0, RULES).expect("well-formed").expect("complete");
        assert_eq!(reference.end, text.find(';').map_or(0, |at| at + 1));
        reference.referent
    }

    #[test]
    fn numbers_and_the_five_names_are_characters() {
        for (text, character) in [
            ("&#65;", 'A'),
            ("&#x1F600;", '😀'),
            ("&#x00000000041;rest", 'A'),
            ("&#13;", '\r'),
            ("&lt;", '<'),
            ("&gt;", '>'),
            ("&amp;", '&'),
            ("&apos;", '\''),
            ("&quot;", '"'),
        ] {
            assert_eq!(referent(text), Referent::Character(character), "{text}");
        }
        assert_eq!(referent("&größe;"), Referent::Entity("größe"));
    }

    #[test]
    fn a_reference_that_is_not_all_there_is_waited_for() {
        for text in ["&", "&a", "&#", "&#x", "&#x1", "&#12"] {
            assert_eq!(read_reference(text, 0, RULES), Ok(None), "{text}");
        }
    }

    #[test]
    fn malformed_references_are_faults_at_their_place() {
        for text in ["& ", "&1;", "&a b;", "&;", "&#;", "&#x;", "&#xg;", "&#1a;", "&#X41;", "&a:b;", "&#-1;", "&×;"] {
            assert!(read_reference(text, 0, RULES).is_err(), "{text}");
        }
        for number in ["0", "1", "xB", "xD800", "xFFFE", "xFFFF", "x110000", "99999999999999999999"] {
            let text = format!("..&#{number};");
            let fault = read_reference(&text, 2, RULES).expect_err(number);
            assert_eq!(fault.at, 2);
            assert!(fault.detail.contains("does not allow"), "{}", fault.detail);
        }
    }
}
