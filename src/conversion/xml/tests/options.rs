//! The options of the parser: external entities refused or skipped, rules for namespaces applied or ignored.

use super::super::{ExternalEntities, Finished, NamespaceRules, Namespaces, Parser, ParserOptions};
use super::{Event, Recorder};
use crate::conversion::error::{Error, ErrorCode};
use crate::conversion::limits::Limits;

const SKIP: ParserOptions =
    ParserOptions { external_entities: ExternalEntities::Skip, namespace_rules: NamespaceRules::Apply };
const IGNORE: ParserOptions =
    ParserOptions { external_entities: ExternalEntities::Refuse, namespace_rules: NamespaceRules::Ignore };

/// The events of a document and how many references were skipped, the same for several chunk sizes.
fn read(document: &str, options: ParserOptions) -> Result<(Vec<Event>, u64), Error> {
    let by = |chunk: usize| {
        let mut parser = Parser::with_options(Recorder::default(), &Limits::default(), options);
        for piece in document.as_bytes().chunks(chunk) {
            parser.feed(piece)?;
        }
        let Finished { handler, skipped_references } = parser.finish_counting()?;
        Ok((handler.events, skipped_references))
    };
    let whole = by(usize::MAX);
    for chunk in [1, 2, 7] {
        assert_eq!(by(chunk), whole, "{document} by {chunk}");
    }
    whole
}

fn texts(events: &[Event]) -> String {
    let text = |event: &Event| match event {
        Event::Text(text) => Some(text.clone()),
        Event::Start { .. } | Event::End => None,
    };
    events.iter().filter_map(text).collect()
}

#[test]
fn skipped_references_contribute_nothing_and_are_counted() {
    for (document, text, skipped) in [
        ("<!DOCTYPE a [<!ENTITY e SYSTEM 'x'>]><a>1&e;2&e;</a>", "12", 2),
        ("<!DOCTYPE a SYSTEM 'x'><a>1&e;2</a>", "12", 1),
        ("<!DOCTYPE a PUBLIC 'p' 'x' []><a b='1&e;2&f;'>3</a>", "3", 2),
        ("<!DOCTYPE a [<!ENTITY % p SYSTEM 'x'>%p;]><a>1&e;2</a>", "12", 1),
        ("<!DOCTYPE a [%p;]><a>1&e;2</a>", "12", 1),
        ("<!DOCTYPE a [<!ENTITY f '[&e;]'><!ENTITY e SYSTEM 'x'>]><a>&f;&f;</a>", "[][]", 2),
        ("<!DOCTYPE a SYSTEM 'x' [<!ATTLIST a b CDATA 'x&e;'>]><a>1</a>", "1", 1),
        ("<!DOCTYPE a SYSTEM 'x' [<!ENTITY e '5'>]><a>1&e;&lt;</a>", "15<", 0),
    ] {
        let (events, count) = read(document, SKIP).unwrap_or_else(|error| panic!("{document}: {error}"));
        assert_eq!((texts(&events).as_str(), count), (text, skipped), "{document}");
        let refused = read(document, ParserOptions::default());
        assert_eq!(refused.is_ok(), skipped == 0, "{document}");
        if let Err(error) = refused {
            assert_eq!(error.code, ErrorCode::XmlEntityExternal, "{document}");
            assert!(error.detail.contains("set external_entities to skip"), "{document}: {}", error.detail);
        }
    }
}

#[test]
fn skipping_does_not_loosen_the_form() {
    for (document, code) in [
        ("<a>&e;</a>", ErrorCode::XmlEntityUndeclared),
        ("<!DOCTYPE a><a>&e;</a>", ErrorCode::XmlEntityUndeclared),
        ("<!DOCTYPE a [<!ENTITY f 'x'>]><a b='&e;'/>", ErrorCode::XmlEntityUndeclared),
        ("<?xml version='1.0' standalone='yes'?><!DOCTYPE a SYSTEM 'x'><a>&e;</a>", ErrorCode::XmlEntityUndeclared),
        (
            "<?xml version='1.0' standalone='yes'?><!DOCTYPE a [<!ENTITY % p '<!ENTITY e \"x\">'>%p;]><a>&e;</a>",
            ErrorCode::XmlEntityUndeclared,
        ),
        ("<!DOCTYPE a [<!ENTITY e SYSTEM 'x'>]><a b='&e;'/>", ErrorCode::XmlEntityExternal),
        ("<!DOCTYPE a [<!ENTITY e SYSTEM 'x'><!ENTITY f '&e;'>]><a b='&f;'/>", ErrorCode::XmlEntityExternal),
        ("<!DOCTYPE a [<!ENTITY e SYSTEM 'x' NDATA n>]><a>&e;</a>", ErrorCode::XmlNotWellFormed),
        ("<!DOCTYPE a SYSTEM 'x'><a>&e </a>", ErrorCode::XmlNotWellFormed),
        ("<!DOCTYPE a SYSTEM 'x'><a>&e;</b>", ErrorCode::XmlNotWellFormed),
        ("<!DOCTYPE a SYSTEM 'x'><a/>&e;", ErrorCode::XmlNotWellFormed),
    ] {
        assert_eq!(read(document, SKIP).map_err(|error| error.code).err(), Some(code), "{document}");
    }
}

#[test]
fn after_a_parameter_entity_that_was_read_an_undeclared_entity_is_nothing() {
    let subset = "<!DOCTYPE a [<!ENTITY % p '<!ENTITY e \"x\">'>%p;]>";
    let (events, skipped) = read(&format!("{subset}<a>1&e;&f;</a>"), ParserOptions::default()).expect("well-formed");
    assert_eq!((texts(&events).as_str(), skipped), ("1x", 1));
    let again = subset.replace("%p;", "%p;<!ENTITY e \"y\">");
    let standalone = format!("<?xml version='1.0' standalone='yes'?>{again}<a>&e;</a>");
    assert_eq!(read(&standalone, ParserOptions::default()).map(|read| texts(&read.0)).as_deref(), Ok("x"));
}

#[test]
fn without_rules_for_namespaces_names_are_taken_as_written() {
    for document in [
        "<p:a/>",
        "<:/>",
        "<a:/>",
        "<a:b:c d:e:f='1' :=''></a:b:c>",
        "<a p:b='' q:b='' xmlns:p='u' xmlns:q='u'/>",
        "<a xmlns:p=''/>",
        "<a xmlns:xml='u' xmlns:xmlns='' xmlns='http://www.w3.org/XML/1998/namespace'/>",
        "<xmlns:a/>",
        "<?p:q?><a/>",
        "<!DOCTYPE a [<!NOTATION n:m SYSTEM 's'><!ENTITY e:f 'x'><!ENTITY g 'y&e:f;'>]><a b='&e:f;'>&g;</a>",
        "<!DOCTYPE a:b:c [<!ELEMENT a:b:c (d:e:f|:)><!ATTLIST a:b:c d:e:f CDATA #IMPLIED>]><a:b:c/>",
        "<!DOCTYPE a [<!ENTITY % e:f '<!ELEMENT a ANY>'>%e:f;]><a/>",
    ] {
        assert_eq!(read(document, IGNORE).map(drop), Ok(()), "{document}");
        let error = read(document, ParserOptions::default()).expect_err(document);
        assert_eq!(error.code, ErrorCode::XmlNotWellFormed, "{document}");
        assert!(error.detail.ends_with("or set namespace_rules to ignore"), "{document}: {}", error.detail);
    }
}

#[test]
fn without_rules_for_namespaces_the_rest_of_the_form_holds() {
    for document in ["<a:b></a:c>", "<a b:c='' b:c=''/>", "<-a/>", "<a 1:b=''/>", "<?XML?><a/>", "<a:b", "<a>&b:c;</a>"]
    {
        assert!(read(document, IGNORE).is_err(), "{document}");
    }
}

#[test]
fn without_rules_for_namespaces_a_declaration_is_an_attribute_like_others() {
    let namespaces = Namespaces::by(NamespaceRules::Ignore);
    assert!(!namespaces.is_declaration("xmlns") && !namespaces.is_declaration("xmlns:a"));
    let name = namespaces.resolve_attribute("xml:space");
    assert_eq!((name.uri, name.prefix, name.local), ("", "", "xml:space"));
    assert_eq!(namespaces.resolve_element("a:b:c").local, "a:b:c");
    let (events, _) = read("<a xmlns='u'><b xmlns:c='v'/></a>", IGNORE).expect("well-formed");
    let contexts = events.iter().filter(|event| matches!(event, Event::Start { context: 0, .. })).count();
    assert_eq!(contexts, 2);
}
