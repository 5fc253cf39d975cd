//! What is refused, with which code, and where.

use super::{place, problem};
use crate::conversion::error::ErrorCode::{
    self, XmlEmpty, XmlEntityExpansion, XmlEntityExternal, XmlEntityUndeclared, XmlNotWellFormed, XmlTruncated,
};

#[test]
fn what_is_not_well_formed_is_refused_at_its_place() {
    for (document, line, column) in [
        ("x<a/>", 1, 1),
        ("<a/>x", 1, 5),
        ("<a/><b/>", 1, 5),
        ("<a/></a>", 1, 5),
        ("</a>", 1, 1),
        ("<a></b>", 1, 4),
        ("<a><b></a></b>", 1, 7),
        ("<a>\n</a b>", 2, 5),
        ("<a></ a>", 1, 4),
        ("<a b></a>", 1, 5),
        ("<a b='1' b='2'/>", 1, 1),
        ("<a b='1'c='2'/>", 1, 9),
        ("<a b='<'/>", 1, 7),
        ("<a b=1/>", 1, 6),
        ("<a><1/></a>", 1, 4),
        ("<a>< b/></a>", 1, 4),
        ("<a\u{D7}/>", 1, 3),
        ("<a>&</a>", 1, 4),
        ("<a>&b</a>", 1, 4),
        ("<a>& b;</a>", 1, 4),
        ("<a>&#0;</a>", 1, 4),
        ("<a>é\n]]></a>", 2, 1),
        ("<a>\u{1}</a>", 1, 4),
        ("<a b='\u{FFFE}'/>", 1, 7),
        ("<a/>\u{0}", 1, 5),
        ("<a><!-- -- --></a>", 1, 9),
        ("<a><!b></a>", 1, 4),
        ("<![CDATA[]]><a/>", 1, 1),
        ("<a/><![CDATA[]]>", 1, 5),
        ("<a/>&#32;", 1, 5),
        (" <?xml version='1.0'?><a/>", 1, 2),
        ("<a><?xml version='1.0'?></a>", 1, 4),
        ("<a><?XML x?></a>", 1, 4),
        ("<a><? p?></a>", 1, 4),
        ("<?xml?><a/>", 1, 6),
        ("<?xml encoding='UTF-8'?><a/>", 1, 6),
        ("<?xml version='1.0' standalone='maybe'?><a/>", 1, 33),
        ("<a/><!DOCTYPE a>", 1, 5),
        ("<!DOCTYPE a><!DOCTYPE a><a/>", 1, 13),
        ("<!doctype a><a/>", 1, 1),
        ("<!DOCTYPE a [x]><a/>", 1, 14),
        ("<!DOCTYPE a [<!ELEMENT a>]><a/>", 1, 25),
        ("<!DOCTYPE a [] x><a/>", 1, 16),
        ("<!DOCTYPE a [<!ENTITY % p '<!ELEMENT'>\n%p;]><a/>", 2, 1),
        ("<!-- only -->", 1, 14),
    ] {
        assert_eq!(place(document), (XmlNotWellFormed, line, column), "{document}: {}", problem(document).detail);
    }
}

#[test]
fn namespaces_are_part_of_the_form() {
    for document in [
        "<p:a/>",
        "<a p:b=''/>",
        "<a xmlns:p=''/>",
        "<a xmlns:xmlns='u'/>",
        "<a xmlns:xml='u'/>",
        "<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>",
        "<xmlns:a/>",
        "<a xmlns:p='u' xmlns:q='u' p:b='' q:b=''/>",
        "<a:b:c xmlns:a='u'/>",
        "<:a/>",
        "<a:/>",
        "<a :b=''/>",
        "<?p:q?><a/>",
        "<a xmlns:p='u'/><!-- -->x",
    ] {
        assert_eq!(problem(document).code, XmlNotWellFormed, "{document}");
    }
}

#[test]
fn what_ends_too_early_is_truncated() {
    for (document, line, column) in [
        ("<", 1, 1),
        ("<a", 1, 1),
        ("<a>\n<b c='", 2, 1),
        ("<a>", 1, 4),
        ("<a>text", 1, 8),
        ("<a>text&am", 1, 8),
        ("<a></a", 1, 4),
        ("<a><!-- ", 1, 9),
        ("<a><![CDATA[\nx", 2, 2),
        ("<a><?p ", 1, 8),
        ("<a/><!-- -", 1, 11),
        ("<!DOCTYPE a", 1, 1 + 9),
        ("<!DOCTYPE a [ ", 1, 15),
        ("<!DOCTYPE a [ <!ENTITY", 1, 15),
        ("<?xml version='1.0'", 1, 1),
    ] {
        assert_eq!(place(document), (XmlTruncated, line, column), "{document}: {}", problem(document).detail);
    }
}

#[test]
fn documents_of_nothing_but_space_are_empty() {
    for document in ["", " ", "\r\n\t", "\u{FEFF}", "\u{FEFF}\n"] {
        assert_eq!(problem(document).code, XmlEmpty, "{document:?}");
    }
}

#[test]
fn entities_are_refused_by_what_is_wrong_with_them() {
    let cases: [(&str, &str, ErrorCode); 13] = [
        ("", "<a>&none;</a>", XmlEntityUndeclared),
        ("", "<a b='&none;'/>", XmlEntityUndeclared),
        ("<!ENTITY e SYSTEM 'file:///etc/passwd'>", "<a>&e;</a>", XmlEntityExternal),
        ("<!ENTITY e PUBLIC 'p' 'http://localhost/'>", "<a b='&e;'/>", XmlEntityExternal),
        ("<!ENTITY % p SYSTEM 'p'>%p;", "<a>&none;</a>", XmlEntityExternal),
        ("<!ENTITY e SYSTEM 'x' NDATA n>", "<a>&e;</a>", XmlNotWellFormed),
        ("<!ENTITY e '&e;'>", "<a>&e;</a>", XmlEntityExpansion),
        ("<!ENTITY e '&f;'><!ENTITY f '&e;'>", "<a b='&e;'/>", XmlEntityExpansion),
        ("<!ENTITY % e '&#37;e;'>%e;", "<a/>", XmlEntityExpansion),
        ("<!ENTITY e '<b>'>", "<a>&e;</b></a>", XmlNotWellFormed),
        ("<!ENTITY e '</a><a>'>", "<a>&e;</a>", XmlNotWellFormed),
        ("<!ENTITY e '<b'>", "<a>&e;/></a>", XmlNotWellFormed),
        ("<!ENTITY e '<![CDATA['>", "<a>&e;]]></a>", XmlNotWellFormed),
    ];
    for (subset, document, code) in cases {
        let error = problem(format!("<!DOCTYPE a [{subset}]>{document}"));
        assert_eq!(error.code, code, "{subset} {document}: {}", error.detail);
    }
}

#[test]
fn a_problem_inside_an_entity_stands_at_the_reference_and_names_the_entity() {
    let error = problem("<!DOCTYPE a [<!ENTITY e 'x&f;'><!ENTITY f '<b></c>'>]>\n<a>\n é&e;</a>");
    let position = error.position.expect("a place");
    assert_eq!((position.line, position.column), (3, 3));
    assert!(error.detail.starts_with("in the text of the entity f: end tag </c>"), "{}", error.detail);
}

#[test]
fn a_wrong_end_tag_names_the_element_that_is_open() {
    let error = problem("<r>\n  <a>\n</b>");
    assert_eq!(error.detail, "end tag </b> does not match <a> opened at line 2, column 3; close <a> first");
}

#[test]
fn billion_laughs_stop_at_the_budget() {
    let mut document = "<!DOCTYPE a [<!ENTITY l0 'lol'>".to_owned();
    for level in 1..12 {
        let references = format!("&l{};", level - 1).repeat(10);
        document.push_str(&format!("<!ENTITY l{level} '{references}'>"));
    }
    for usage in ["<a>&l11;</a>", "<a b='&l11;'/>"] {
        assert_eq!(problem(format!("{document}]>{usage}")).code, XmlEntityExpansion);
    }
}
