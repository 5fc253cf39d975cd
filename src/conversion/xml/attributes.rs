//! The attributes of one start tag, as they are written.

use super::chars::{ScannedName, first_bad_name_character, is_space, scan_name, skip_space, starts_name};
use super::fault::{Fault, excerpt, shown};
use super::handler::Attribute;
use super::names::{After, Found, NameId, Names, Spot};
use super::options::{NamespaceRules, OR_IGNORE_NAMESPACES};
use super::scan::find_value_stop;
use crate::conversion::error::ErrorCode;

/// How a start tag goes on after its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TagRest {
    /// Offset after the `>`.
    pub(super) end: usize,
    /// It ends with `/>`.
    pub(super) is_empty_element: bool,
    /// An attribute has a name with a colon or is `xmlns`, so namespaces come in.
    pub(super) uses_namespaces: bool,
    /// Two attributes may have the same name; otherwise all names are known to differ.
    pub(super) may_repeat_name: bool,
}

/// An attribute whose value is not as written: it holds references or white space to be normalised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct UnusualValue {
    /// The number of the attribute in its tag.
    pub(super) index: usize,
    /// Offset of the value.
    pub(super) at: usize,
}

/// What a tag may have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allowed {
    /// So many attributes.
    pub(super) attributes: usize,
    /// Names by these rules.
    pub(super) rules: NamespaceRules,
}

/// Reads the attributes and the end of a tag from `from` on, which is after its name `element`. Values are taken as written, and
/// those that cannot stay so are noted in `unusual`. `None` if the text ends before the tag does.
#[inline]
pub(super) fn read_attributes<'t>(
    text: &'t str,
    from: usize,
    element: NameId,
    allowed: Allowed,
    names: &mut Names,
    attributes: &mut Vec<Attribute<'t>>,
    unusual: &mut Vec<UnusualValue>,
) -> Result<Option<TagRest>, Fault> {
    let bytes = text.as_bytes();
    let Allowed { attributes: limit, rules } = allowed;
    let mut at = from;
    let mut rest = TagRest { end: 0, is_empty_element: false, uses_namespaces: false, may_repeat_name: false };
    let mut spot = Spot::new(element, After::Element);
    names.begin_tag();
    loop {
        let start = skip_space(bytes, at);
        let Some(&byte) = bytes.get(start) else { return Ok(None) };
        match byte {
            b'>' => return Ok(Some(TagRest { end: start + 1, ..rest })),
            b'/' => {
                return match bytes.get(start + 1) {
                    None => Ok(None),
                    Some(b'>') => Ok(Some(TagRest { end: start + 2, is_empty_element: true, ..rest })),
                    Some(_) => Err(Fault::malformed(start, "a / in a tag stands right before its >")),
                };
            }
            _ => {}
        }
        let guessed = if start > at { names.guess(spot, bytes, start) } else { None };
        let Found { id, name } = match guessed {
            Some(found) => found,
            None => match read_name(text, start, at, spot, rules, names)? {
                Some(found) => found,
                None => return Ok(None),
            },
        };
        if attributes.len() == limit {
            let detail = format!(
                "the element has more than {limit} attributes, which is the limit; use elements, or raise the limit on attributes"
            );
            return Err(Fault::new(ErrorCode::XmlTooManyAttributes, start, detail));
        }
        let written = &text[start..name.end];
        rest.uses_namespaces |= name.has_colon() || written == "xmlns";
        rest.may_repeat_name |= names.note_attribute(id);
        spot = Spot::new(id, After::Attribute);

        let Some(value_start) = find_value(text, written, name.end)? else { return Ok(None) };
        let quote = bytes[value_start - 1];
        let Some(stop) = find_value_stop(bytes, value_start, quote) else { return Ok(None) };
        let value_end = if bytes[stop] == quote {
            stop
        } else {
            let Some(value_end) = find_unusual_end(bytes, stop, quote)? else { return Ok(None) };
            unusual.push(UnusualValue { index: attributes.len(), at: value_start });
            value_end
        };
        attributes.push(Attribute { name: written, value: &text[value_start..value_end], name_id: id });
        at = value_end + 1;
    }
}

/// Reads the name of an attribute that was not guessed. `None` if the text ends before the name does.
fn read_name(
    text: &str,
    start: usize,
    after: usize,
    spot: Spot,
    rules: NamespaceRules,
    names: &mut Names,
) -> Result<Option<Found>, Fault> {
    let bytes = text.as_bytes();
    let name = scan_name(bytes, start);
    if name.end == bytes.len() {
        return Ok(None);
    }
    if start == after || !starts_name(bytes[start]) {
        return Err(misplaced_in_tag(text, start, after));
    }
    let written = &text[start..name.end];
    if name.needs_check() || name.has_colon() {
        check_attribute_name(written, name, rules, start)?;
    }
    Ok(Some(names.learn(spot, written, name)))
}

/// Finds where the value starts after the name of an attribute: after `=` and a quote. `None` if the text ends before.
#[inline]
fn find_value(text: &str, name: &str, name_end: usize) -> Result<Option<usize>, Fault> {
    let bytes = text.as_bytes();
    if bytes.get(name_end) == Some(&b'=')
        && let Some(b'"' | b'\'') = bytes.get(name_end + 1)
    {
        return Ok(Some(name_end + 2));
    }
    let equals = skip_space(bytes, name_end);
    match bytes.get(equals) {
        None => return Ok(None),
        Some(b'=') => {}
        Some(_) => {
            let detail = format!("the attribute {} has no value; write {0}=\"…\"", excerpt(name));
            return Err(Fault::malformed(equals, detail));
        }
    }
    let open = skip_space(bytes, equals + 1);
    match bytes.get(open) {
        None => Ok(None),
        Some(b'"' | b'\'') => Ok(Some(open + 1)),
        Some(_) => {
            let detail = format!("the value of the attribute {} is not in quotes; put quotes around it", excerpt(name));
            Err(Fault::malformed(open, detail))
        }
    }
}

/// The offset of the closing quote of a value that holds references or white space. `None` if the text ends before.
fn find_unusual_end(bytes: &[u8], from: usize, quote: u8) -> Result<Option<usize>, Fault> {
    let rest = &bytes[from..];
    match memchr::memchr2(quote, b'<', rest) {
        None => Ok(None),
        Some(within) if rest[within] == quote => Ok(Some(from + within)),
        Some(within) => {
            let detail = "an attribute value cannot hold <; write &lt;, or see whether the quote before is closed";
            Err(Fault::malformed(from + within, detail))
        }
    }
}

/// What is wrong with something in a tag that is no attribute, or follows the attribute before without a space.
#[cold]
fn misplaced_in_tag(text: &str, start: usize, after: usize) -> Fault {
    let character = text[start..].chars().next().unwrap_or_default();
    if starts_name(text.as_bytes()[start]) && start == after {
        return Fault::malformed(start, "white space is missing before the name of this attribute");
    }
    let mend = if character == '<' { "; the tag before is not closed with >" } else { "" };
    Fault::malformed(start, format!("{} cannot stand in a tag{mend}", shown(character)))
}

fn check_attribute_name(name: &str, scanned: ScannedName, rules: NamespaceRules, at: usize) -> Result<(), Fault> {
    if scanned.needs_check()
        && let Some(bad) = first_bad_name_character(name)
    {
        return Err(Fault::malformed(at + bad, "this character cannot stand in the name of an attribute"));
    }
    if rules.allow(name) {
        return Ok(());
    }
    Err(too_many_colons(name, at))
}

/// The fault of a name that is not of the form `local` or `prefix:local`.
pub(super) fn too_many_colons(name: &str, at: usize) -> Fault {
    let name = excerpt(name);
    let detail = format!(
        "the name {name} has more than one prefix or an empty part; write it with one colon at most{OR_IGNORE_NAMESPACES}"
    );
    Fault::malformed(at, detail)
}

/// Whether the byte may follow the name of an element in its tag.
pub(super) fn ends_name_in_tag(byte: u8) -> bool {
    is_space(byte) || matches!(byte, b'>' | b'/')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names and values, the rest of the tag, and the numbers of the unusual values.
    type Read<'t> = (Vec<(&'t str, &'t str)>, TagRest, Vec<usize>);

    fn read(text: &str) -> Result<Option<Read<'_>>, Fault> {
        let (mut attributes, mut unusual) = (Vec::new(), Vec::new());
        let mut names = Names::default();
        let allowed = Allowed { attributes: 3, rules: NamespaceRules::Apply };
        let rest = read_attributes(text, 0, NameId::UNKNOWN, allowed, &mut names, &mut attributes, &mut unusual)?;
        let pairs = attributes.iter().map(|attribute| (attribute.name, attribute.value)).collect();
        Ok(rest.map(|rest| (pairs, rest, unusual.iter().map(|value| value.index).collect())))
    }

    #[test]
    fn attributes_are_read_as_written() {
        let text = " a=\"1\"\n b = 'x\"y' c='&amp;\t>' />";
        let followed = format!("{text}!");
        let (pairs, rest, unusual) = read(&followed).expect("fine").expect("complete");
        assert_eq!(pairs, [("a", "1"), ("b", "x\"y"), ("c", "&amp;\t>")]);
        assert_eq!(
            rest,
            TagRest { end: text.len(), is_empty_element: true, uses_namespaces: false, may_repeat_name: false }
        );
        assert_eq!(unusual, [2]);
        assert!(read(" xmlns='u'>").is_ok_and(|read| read.is_some_and(|(_, rest, _)| rest.uses_namespaces)));
        assert!(read(" p:a='u'>").is_ok_and(|read| read.is_some_and(|(_, rest, _)| rest.uses_namespaces)));
    }

    #[test]
    fn every_beginning_of_a_tag_is_waited_for() {
        let text = " a=\"1\" b = 'x&amp;' />";
        for end in 0..text.len() {
            assert_eq!(read(&text[..end]), Ok(None), "{}", &text[..end]);
        }
    }

    #[test]
    fn malformed_attributes_are_faults_at_their_place() {
        for (bad, at) in [
            (" a>", 2),
            (" a =>", 4),
            (" a=1>", 3),
            (" a='1'b='2'>", 6),
            (" a='<'>", 4),
            (" a='&amp;<'>", 9),
            (" /a>", 1),
            (" =a>", 1),
            (" 1a='x'>", 1),
            (" a='x' <b>", 7),
            (" a:='x'>", 1),
            (" a×='x'>", 2),
        ] {
            assert_eq!(read(bad).map_err(|fault| fault.at), Err(at), "{bad}");
        }
        assert_eq!(read(" a='' b='' c='' d=''>").map_err(|fault| fault.code), Err(ErrorCode::XmlTooManyAttributes));
    }
}
