//! Attribute values: references resolved and white space normalised, as section 3.3.3 of XML 1.0 says.

use std::ops::Range;

use super::attributes::UnusualValue;
use super::dtd::{DeclaredAttribute, Dtd, Normalisation, Replacement, Usage};
use super::entities::Expansion;
use super::fault::{Fault, excerpt};
use super::handler::Attribute;
use super::reference::{Referent, read_reference};
use super::scan::find_value_stop;

/// The values of one tag that differ from what is written: one after the other, each with the number of its attribute.
#[derive(Debug, Default)]
pub(super) struct NewValues {
    text: String,
    ranges: Vec<(usize, Range<usize>)>,
}

impl NewValues {
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.ranges.clear();
    }

    /// Normalises the values noted as unusual.
    pub(super) fn normalise(
        &mut self,
        attributes: &[Attribute<'_>],
        unusual: &[UnusualValue],
        dtd: &Dtd,
        expansion: &mut Expansion,
    ) -> Result<(), Fault> {
        for &UnusualValue { index, at } in unusual {
            let start = self.text.len();
            push_value(attributes[index].value, dtd, expansion, &mut self.text).map_err(|fault| fault.inside(at))?;
            self.ranges.push((index, start..self.text.len()));
        }
        Ok(())
    }

    /// Normalises further the values of attributes that are declared to be tokens.
    pub(super) fn normalise_tokens(&mut self, attributes: &[Attribute<'_>], declared: &[DeclaredAttribute]) {
        for declared in declared.iter().filter(|declared| declared.normalisation == Normalisation::Tokens) {
            let Some(index) = attributes.iter().position(|attribute| *attribute.name == *declared.name) else {
                continue;
            };
            let earlier = self.ranges.iter().find(|(replaced, _)| *replaced == index);
            let value = earlier.map_or(attributes[index].value, |(_, range)| &self.text[range.clone()]);
            let collapsed = collapse_spaces(value);
            let start = self.text.len();
            self.text.push_str(&collapsed);
            self.ranges.push((index, start..self.text.len()));
        }
    }

    /// Puts the new values in the place of what is written.
    pub(super) fn put_into<'a>(&'a self, attributes: &mut [Attribute<'a>]) {
        for (index, range) in &self.ranges {
            attributes[*index].value = &self.text[range.clone()];
        }
    }
}

/// Appends the normalised form of a value as written in the document. Places of faults are offsets in `literal`.
pub(super) fn push_value(literal: &str, dtd: &Dtd, expansion: &mut Expansion, into: &mut String) -> Result<(), Fault> {
    let bytes = literal.as_bytes();
    let mut at = 0;
    while let Some(stop) = find_value_stop(bytes, at, b'&') {
        into.push_str(&literal[at..stop]);
        at = match bytes[stop] {
            b'&' => push_referent(literal, stop, dtd, expansion, into)?,
            b'\r' if bytes.get(stop + 1) == Some(&b'\n') => {
                into.push(' ');
                stop + 2
            }
            other => push_single(other, stop, into)?,
        };
    }
    into.push_str(&literal[at..]);
    Ok(())
}

/// Appends the normalised form of an entity's replacement text; line ends in it have been normalised when it was declared.
fn push_replacement(text: &str, dtd: &Dtd, expansion: &mut Expansion, into: &mut String) -> Result<(), Fault> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(stop) = find_value_stop(bytes, at, b'&') {
        into.push_str(&text[at..stop]);
        at = match bytes[stop] {
            b'&' => push_referent(text, stop, dtd, expansion, into)?,
            other => push_single(other, stop, into)?,
        };
    }
    into.push_str(&text[at..]);
    Ok(())
}

/// Appends what the reference at `at` stands for, and answers where the reference ends.
fn push_referent(
    text: &str,
    at: usize,
    dtd: &Dtd,
    expansion: &mut Expansion,
    into: &mut String,
) -> Result<usize, Fault> {
    let Some(reference) = read_reference(text, at, dtd.options.namespace_rules)? else {
        return Err(Fault::malformed(
            at,
            "this reference is not closed with a semicolon; write &amp; for a plain ampersand",
        ));
    };
    match reference.referent {
        Referent::Character(character) => into.push(character),
        Referent::Entity(name) => {
            let Replacement::Text(replacement) = dtd.replacement(name, Usage::Value, at)? else {
                expansion.skip();
                return Ok(reference.end);
            };
            expansion.enter(name, &replacement, at)?;
            push_replacement(&replacement, dtd, expansion, into).map_err(|inner| {
                let detail = format!("in the text of the entity {}: {}", excerpt(name), inner.detail);
                Fault::new(inner.code, at, detail)
            })?;
            expansion.leave();
        }
    }
    Ok(reference.end)
}

/// Appends the space that stands for one white space character, or refuses `<`.
fn push_single(byte: u8, at: usize, into: &mut String) -> Result<usize, Fault> {
    if byte == b'<' {
        return Err(Fault::malformed(at, "an attribute value cannot hold <; write &lt;"));
    }
    into.push(' ');
    Ok(at + 1)
}

/// The value of an attribute of a type other than CDATA: no space at either end, single spaces inside. Only the space itself
/// counts; other white space can only come from character references here, and is meant.
pub(super) fn collapse_spaces(value: &str) -> String {
    let mut collapsed = String::with_capacity(value.len());
    for token in value.split(' ').filter(|token| !token.is_empty()) {
        if !collapsed.is_empty() {
            collapsed.push(' ');
        }
        collapsed.push_str(token);
    }
    collapsed
}

#[cfg(test)]
mod tests {
    use super::super::dtd::declare;
    use super::*;
    use crate::conversion::error::ErrorCode;
    use crate::conversion::limits::Limits;

    fn normalised(declarations: &[&str], literal: &str) -> Result<String, Fault> {
        let limits = Limits::default();
        let mut dtd = Dtd::default();
        let mut expansion = Expansion::new(&limits);
        for declaration in declarations {
            declare(&mut dtd, declaration, &limits, &mut expansion)?;
        }
        let mut value = String::new();
        push_value(literal, &dtd, &mut expansion, &mut value)?;
        Ok(value)
    }

    #[test]
    fn white_space_becomes_spaces_and_referred_characters_stay() {
        assert_eq!(normalised(&[], "a\tb\nc\r\nd\re").as_deref(), Ok("a b c d e"));
        assert_eq!(normalised(&[], "&#9;&#10;&#13;&#32;&lt;&amp;&quot;").as_deref(), Ok("\t\n\r <&\""));
        assert_eq!(normalised(&[], "plain é").as_deref(), Ok("plain é"));
    }

    #[test]
    fn the_examples_of_the_recommendation() {
        // Section 3.3.3: entities d, a, da and three values, as CDATA and as NMTOKENS.
        let declarations = ["<!ENTITY d '&#xD;'>", "<!ENTITY a '&#xA;'>", "<!ENTITY da '&#xD;&#xA;'>"];
        let first = normalised(&declarations, "\n\nxyz").expect("first");
        assert_eq!((first.as_str(), collapse_spaces(&first).as_str()), ("  xyz", "xyz"));
        let second = normalised(&declarations, "&d;&d;A&a;&#x20;&a;B&da;").expect("second");
        assert_eq!((second.as_str(), collapse_spaces(&second).as_str()), ("  A   B  ", "A B"));
        let third = normalised(&declarations, "&#xd;&#xd;A&#xa;&#xa;B&#xd;&#xa;").expect("third");
        assert_eq!((third.as_str(), collapse_spaces(&third).as_str()), ("\r\rA\n\nB\r\n", "\r\rA\n\nB\r\n"));
    }

    #[test]
    fn entities_inside_entities_are_replaced() {
        let declarations = ["<!ENTITY a 'x&b;z'>", "<!ENTITY b '&#38;#60;y&lt;'>"];
        assert_eq!(normalised(&declarations, "[&a;]").as_deref(), Ok("[x<y<z]"));
    }

    #[test]
    fn faults_name_the_place_of_the_reference_in_the_value() {
        let cases: [(&[&str], &str, ErrorCode, usize); 7] = [
            (&[], "ab&none;", ErrorCode::XmlEntityUndeclared, 2),
            (&["<!ENTITY e SYSTEM 'x'>"], "ab&e;", ErrorCode::XmlEntityExternal, 2),
            (&["<!ENTITY e SYSTEM 'x' NDATA n>"], "&e;", ErrorCode::XmlNotWellFormed, 0),
            (&["<!ENTITY e '&#60;'>"], "a&e;", ErrorCode::XmlNotWellFormed, 1),
            (&["<!ENTITY e '&f;'>", "<!ENTITY f '&e;'>"], "a&e;", ErrorCode::XmlEntityExpansion, 1),
            (&[], "a & b", ErrorCode::XmlNotWellFormed, 2),
            (&[], "a&amp", ErrorCode::XmlNotWellFormed, 1),
        ];
        for (declarations, literal, code, at) in cases {
            let fault = normalised(declarations, literal).expect_err(literal);
            assert_eq!((fault.code, fault.at), (code, at), "{literal}: {}", fault.detail);
        }
    }
}
