//! One markup declaration: finding its end, and telling the four kinds apart.

use super::super::entities::Expansion;
use super::super::fault::Fault;
use super::cursor::Cursor;
use super::{Dtd, attlist, element, entity};
use crate::conversion::limits::Limits;

/// The offset after the `>` of the declaration that starts at `start`, or `None` if the text ends before.
/// A `>` inside quotes does not count.
pub(in super::super) fn find_end(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = start;
    loop {
        at += memchr::memchr3(b'>', b'"', b'\'', bytes.get(at..)?)?;
        match bytes[at] {
            b'>' => return Some(at + 1),
            quote => at += 1 + memchr::memchr(quote, &bytes[at + 1..])? + 1,
        }
    }
}

/// Reads the declaration that `text` is, from `<!` to `>`, and keeps what it declares.
pub(in super::super) fn declare(
    dtd: &mut Dtd,
    text: &str,
    limits: &Limits,
    expansion: &mut Expansion,
) -> Result<(), Fault> {
    let mut cursor = Cursor::new(text, 0, dtd.options.namespace_rules);
    if cursor.eat("<!ELEMENT") {
        element::declare(&mut cursor)
    } else if cursor.eat("<!ATTLIST") {
        attlist::declare(dtd, &mut cursor, limits, expansion)
    } else if cursor.eat("<!ENTITY") {
        entity::declare(dtd, &mut cursor)
    } else if cursor.eat("<!NOTATION") {
        entity::declare_notation(&mut cursor)
    } else if cursor.eat("<![") {
        Err(Fault::malformed(0, "conditional sections may stand in external DTD files only; remove the section"))
    } else {
        Err(Fault::malformed(0, "the DOCTYPE holds ELEMENT, ATTLIST, ENTITY and NOTATION declarations only"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Declares one after the other, and answers the first fault.
    fn declared(declarations: &[&str]) -> Result<Dtd, Fault> {
        let limits = Limits::default();
        let mut dtd = Dtd::default();
        let mut expansion = Expansion::new(&limits);
        for declaration in declarations {
            assert_eq!(find_end(declaration, 0), Some(declaration.len()), "{declaration}");
            declare(&mut dtd, declaration, &limits, &mut expansion)?;
        }
        Ok(dtd)
    }

    #[test]
    fn the_end_is_the_first_greater_than_outside_of_quotes() {
        assert_eq!(find_end("<!ENTITY a '>\"' \">\">rest", 0), Some(20));
        assert_eq!(find_end("xx<!A>>", 2), Some(6));
        for part in ["<!ENTITY a 'b", "<!A", "<!A 'x'", ""] {
            assert_eq!(find_end(part, 0), None, "{part}");
        }
    }

    #[test]
    fn well_formed_declarations_pass() {
        for good in [
            "<!ELEMENT a EMPTY>",
            "<!ELEMENT a ANY >",
            "<!ELEMENT a (#PCDATA)>",
            "<!ELEMENT a ( #PCDATA )* >",
            "<!ELEMENT a (#PCDATA | b | p:c)*>",
            "<!ELEMENT a (b)>",
            "<!ELEMENT a (b,c?,(d|e+)*,((f)))+>",
            "<!ELEMENT a ( b , ( c | d )? )>",
            "<!ATTLIST a>",
            "<!ATTLIST a b CDATA #IMPLIED c ID #REQUIRED\n d NMTOKENS 'x  y'>",
            "<!ATTLIST a b (one|2|-three) 'one' c NOTATION (n|m) #IMPLIED>",
            "<!ATTLIST a b CDATA #FIXED \"&lt;&#65;\">",
            "<!ENTITY a 'text &b; &#60; &#x26;'>",
            "<!ENTITY a SYSTEM \"file:///etc/passwd\">",
            "<!ENTITY a PUBLIC '-//X//Y' 'z' NDATA n>",
            "<!ENTITY % a 'x'>",
            "<!ENTITY % a PUBLIC \"p\" \"s\" >",
            "<!NOTATION n SYSTEM 's'>",
            "<!NOTATION n PUBLIC 'p'>",
            "<!NOTATION n PUBLIC 'p' 's'>",
        ] {
            assert_eq!(declared(&[good]).map(drop), Ok(()), "{good}");
        }
    }

    #[test]
    fn malformed_declarations_are_faults() {
        for bad in [
            "<!ELEMENT>",
            "<!ELEMENT a>",
            "<!ELEMENTa EMPTY>",
            "<!ELEMENT a EMPTYx>",
            "<!ELEMENT a empty>",
            "<!ELEMENT 1 EMPTY>",
            "<!ELEMENT a:b:c EMPTY>",
            "<!ELEMENT a ()>",
            "<!ELEMENT a (b,c|d)>",
            "<!ELEMENT a (b,)>",
            "<!ELEMENT a (b>",
            "<!ELEMENT a (b))>",
            "<!ELEMENT a (b ?)>",
            "<!ELEMENT a (b) +>",
            "<!ELEMENT a (#PCDATA|b)>",
            "<!ELEMENT a (#PCDATA)+>",
            "<!ELEMENT a (#PCDATA,b)*>",
            "<!ELEMENT a (b|#PCDATA)*>",
            "<!ELEMENT a (#PCDATA|(b))*>",
            "<!ELEMENT a (#PCDATA|b*)*>",
            "<!ELEMENT a (%x;)>",
            "<!ELEMENT a b>",
            "<!ATTLIST>",
            "<!ATTLIST a b>",
            "<!ATTLIST a b CDATA>",
            "<!ATTLIST a b CDATA #OTHER>",
            "<!ATTLIST a b CDATA '<'>",
            "<!ATTLIST a b CDATA '&'>",
            "<!ATTLIST a b CDATA '&none;'>",
            "<!ATTLIST a b CDATA #FIXED>",
            "<!ATTLIST a b CDATA #FIXED'x'>",
            "<!ATTLIST a b CDATA'x'>",
            "<!ATTLIST a b CDATA 'x'c CDATA 'y'>",
            "<!ATTLIST a b () 'x'>",
            "<!ATTLIST a b (x,y) 'x'>",
            "<!ATTLIST a b NOTATION(n) #IMPLIED>",
            "<!ATTLIST a b WORD #IMPLIED>",
            "<!ENTITY>",
            "<!ENTITY a>",
            "<!ENTITY a'x'>",
            "<!ENTITY a b>",
            "<!ENTITY a:b 'x'>",
            "<!ENTITY a '&'>",
            "<!ENTITY a '&#0;'>",
            "<!ENTITY a '%b;'>",
            "<!ENTITY a '50% off'>",
            "<!ENTITY a 'x' 'y'>",
            "<!ENTITY a SYSTEM>",
            "<!ENTITY a SYSTEM'x'>",
            "<!ENTITY a PUBLIC 'p'>",
            "<!ENTITY a PUBLIC 'p{' 's'>",
            "<!ENTITY a PUBLIC 'p''s'>",
            "<!ENTITY a SYSTEM 's' NDATA>",
            "<!ENTITY a SYSTEM 's'NDATA n>",
            "<!ENTITY % a SYSTEM 's' NDATA n>",
            "<!ENTITY %a 'x'>",
            "<!ENTITY a 'x' NDATA n>",
            "<!NOTATION n>",
            "<!NOTATION n 's'>",
            "<!NOTATION n:m SYSTEM 's'>",
            "<!NOTATION n SYSTEM 's' 't'>",
            "<!OTHER a>",
            "<!>",
            "<!element a EMPTY>",
            "<![INCLUDE[]]>",
        ] {
            assert!(declared(&[bad]).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_first_declaration_of_a_name_counts() {
        use super::super::{Replacement, Usage};
        let dtd = declared(&["<!ENTITY a 'one'>", "<!ENTITY a 'two'>"]).expect("well-formed");
        assert_eq!(dtd.replacement("a", Usage::Content, 0), Ok(Replacement::Text("one".into())));
        let dtd = declared(&["<!ATTLIST e a CDATA 'one'>", "<!ATTLIST e a CDATA 'two' b NMTOKEN ' x  y '>"])
            .expect("well-formed");
        let defaults: Vec<_> =
            dtd.attributes_of("e").into_iter().flatten().map(|a| (&*a.name, a.default.as_deref())).collect();
        assert_eq!(defaults, [("a", Some("one")), ("b", Some("x y"))]);
        assert!(dtd.attributes_of("other").is_none());
    }

    #[test]
    fn character_references_in_entities_are_replaced_once() {
        use super::super::{Replacement, Usage};
        let dtd = declared(&["<!ENTITY a '&#60;&#38;#60;&b;\r\nx\ry&#13;'>"]).expect("well-formed");
        assert_eq!(dtd.replacement("a", Usage::Content, 0), Ok(Replacement::Text("<&#60;&b;\nx\ny\r".into())));
    }

    #[test]
    fn after_a_skipped_entity_declarations_count_only_in_a_standalone_document() {
        use super::super::Usage;
        for (standalone, counts) in [(true, true), (false, false)] {
            let limits = Limits::default();
            let mut dtd = Dtd { standalone, ..Dtd::default() };
            dtd.skip_parameter_entity();
            declare(&mut dtd, "<!ENTITY a 'x'>", &limits, &mut Expansion::new(&limits)).expect("well-formed");
            assert_eq!(dtd.replacement("a", Usage::Content, 0).is_ok(), counts);
        }
    }
}
