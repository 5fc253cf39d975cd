//! What well-formed documents mean.

use super::super::{Handler, Locate, Parser, StartTag};
use super::brief;
use crate::conversion::error::{Error, ErrorCode};
use crate::conversion::limits::Limits;

#[test]
fn elements_attributes_and_text() {
    assert_eq!(brief("<a/>"), "<a></>");
    assert_eq!(brief("\n<a b='1' c = \"2\" >x<d />y</a >\n"), "<a b=\"1\" c=\"2\">x<d></>y</>");
    assert_eq!(brief("<größe>ü</größe>"), "<größe>ü</>");
}

#[test]
fn comments_and_instructions_are_no_text() {
    let document = "<?xml version='1.0'?><!-- - --><?p x?><a>1<!-- <b> & -->2<?q?>3<?r <?>4</a><!----><?s ??>";
    assert_eq!(brief(document), "<a>1234</>");
}

#[test]
fn references_and_character_data_are_text() {
    assert_eq!(brief("<a>&lt;&amp;&#x20AC;&#13;</a>"), "<a><&€\r</>");
    assert_eq!(brief("<a>x<![CDATA[<b>&amp;]]]]>y<![CDATA[]]></a>"), "<a>x<b>&amp;]]y</>");
    assert_eq!(brief("<a>]] ]]&gt; ]></a>"), "<a>]] ]]> ]></>");
}

#[test]
fn line_ends_are_line_feeds() {
    assert_eq!(brief("<a>1\r\n2\r3\n4\r\r\n<![CDATA[\r\n\r]]></a>\r\n"), "<a>1\n2\n3\n4\n\n\n\n</>");
    assert_eq!(brief("<a b='1\r\n2\t3'/>"), "<a b=\"1 2 3\"></>");
}

#[test]
fn entities_of_the_internal_subset_are_replaced() {
    let subset = "<!DOCTYPE a [<!ENTITY e '<b c=\"&f;\">&f;</b>'><!ENTITY f 'x&#38;amp;y'><!ENTITY n ''>]>";
    assert_eq!(brief(&format!("{subset}<a>1&e;2&n;</a>")), "<a>1<b c=\"x&y\">x&y</>2</>");
    assert_eq!(brief(&format!("{subset}<a d='&f;'/>")), "<a d=\"x&y\"></>");
}

#[test]
fn a_carriage_return_that_an_entity_spells_out_stays() {
    assert_eq!(brief("<!DOCTYPE a [<!ENTITY e 'x&#13;&#10;y\r\nz'>]><a>&e;\r\n</a>"), "<a>x\r\ny\nz\n</>");
}

#[test]
fn declared_attributes_are_normalised_and_added() {
    let subset = "<!DOCTYPE a [<!ATTLIST a t NMTOKENS #IMPLIED d CDATA ' x ' f NMTOKEN #FIXED ' y '>]>";
    assert_eq!(brief(&format!("{subset}<a/>")), "<a d=\" x \" f=\"y\"></>");
    assert_eq!(brief(&format!("{subset}<a t='  1 \n 2 ' d='&#32;'/>")), "<a t=\"1 2\" d=\" \" f=\"y\"></>");
}

#[test]
fn a_declared_default_may_bind_a_prefix() {
    let subset = "<!DOCTYPE a [<!ATTLIST a xmlns:p CDATA #FIXED 'urn:p'>]>";
    assert_eq!(brief(&format!("{subset}<a><p:b/></a>")), "<a xmlns:p=\"urn:p\"><p:b></></>");
}

#[test]
fn the_internal_subset_may_hold_anything_it_is_allowed_to() {
    let document = "<!DOCTYPE a SYSTEM 'none.dtd' [
        <!-- ]> ' --><?p ]> '?>
        <!ELEMENT a (#PCDATA | b)*>
        <!NOTATION n SYSTEM ']>'>
        <!ENTITY % p '<!ENTITY e \"from p\">'>
        %p;
        <!ENTITY picture SYSTEM 'x.png' NDATA n>
        ] ><a>&e;</a>";
    assert_eq!(brief(document), "<a>from p</>");
}

#[test]
fn after_an_entity_that_is_not_read_declarations_do_not_count() {
    let subset =
        "<!DOCTYPE a [<!ENTITY e 'before'><!ENTITY % x SYSTEM 'x'>%x;<!ENTITY e 'after'><!ATTLIST a b CDATA 'c'>]>";
    assert_eq!(brief(&format!("{subset}<a>&e;</a>")), "<a>before</>");
    let standalone = "<?xml version='1.0' standalone='yes'?>";
    assert_eq!(brief(&format!("{standalone}{subset}<a>&e;</a>")), "<a b=\"c\">before</>");
}

#[test]
fn prefixes_resolve_in_their_scope() {
    /// Writes down every name of an element with its namespace.
    #[derive(Default)]
    struct Names(Vec<(String, String)>);
    impl Handler for Names {
        fn start(&mut self, tag: &StartTag<'_>, _: &dyn Locate) -> Result<(), Error> {
            let name = tag.namespaces.resolve_element(tag.name);
            self.0.push((name.uri.to_owned(), name.local.to_owned()));
            for attribute in tag.attributes.iter().filter(|attribute| !tag.namespaces.is_declaration(attribute.name)) {
                let name = tag.namespaces.resolve_attribute(attribute.name);
                self.0.push((name.uri.to_owned(), format!("@{}", name.local)));
            }
            Ok(())
        }
        fn text(&mut self, _: &str, _: &dyn Locate) -> Result<(), Error> {
            Ok(())
        }
        fn end(&mut self, _: &dyn Locate) -> Result<(), Error> {
            Ok(())
        }
    }
    let document = "<a xmlns='u' xmlns:p='v'><p:b p:c='' d='' xmlns=''><e/></p:b><f xml:lang=''/></a>";
    let mut parser = Parser::new(Names::default(), &Limits::default());
    parser.feed(document.as_bytes()).expect("well-formed");
    let names = parser.finish().expect("complete").0;
    let names: Vec<_> = names.iter().map(|(uri, local)| (uri.as_str(), local.as_str())).collect();
    let xml = super::super::XML_NAMESPACE;
    assert_eq!(names, [("u", "a"), ("v", "b"), ("v", "@c"), ("", "@d"), ("", "e"), ("u", "f"), (xml, "@lang")]);
}

#[test]
fn the_error_of_a_handler_comes_back_unchanged_and_again() {
    struct Refusing;
    impl Handler for Refusing {
        fn start(&mut self, _: &StartTag<'_>, _: &dyn Locate) -> Result<(), Error> {
            Err(Error::new(ErrorCode::Interrupted, "enough"))
        }
        fn text(&mut self, _: &str, _: &dyn Locate) -> Result<(), Error> {
            Ok(())
        }
        fn end(&mut self, _: &dyn Locate) -> Result<(), Error> {
            Ok(())
        }
    }
    let mut parser = Parser::new(Refusing, &Limits::default());
    let expected = Err(Error::new(ErrorCode::Interrupted, "enough"));
    assert_eq!(parser.feed(b"<a/>"), expected);
    assert_eq!(parser.feed(b"<a/>"), expected);
    assert_eq!(parser.finish().map(drop), expected);
}
