//! Damaged documents: no panic, and the same verdict however they arrive.

use proptest::prelude::*;

use super::record;
use crate::conversion::limits::Limits;

const SEEDS: [&str; 4] = [
    "<?xml version='1.0' encoding='UTF-8' standalone='yes'?><!DOCTYPE a SYSTEM 's' [<!ENTITY e 'x<b>&f;</b>'><!ENTITY f \"y\">\
     <!ENTITY % p '<!ELEMENT a ANY>'>%p;<!ATTLIST a t NMTOKENS ' q ' u (v|w) 'v'>]><a b='&f;'>&e;<!-- c --><?p i?></a>",
    "<a xmlns='u' xmlns:p='v'><p:b p:c='1' c=\"2\">&lt;&#x41;\r\n<![CDATA[]]]]></p:b><d e=' &#10; '/></a>\n<!-- end -->",
    "<größe ü='😀'>量子 text ]] text</größe>",
    "<!DOCTYPE a [<!ELEMENT a (b,(c|d)*,e?)><!NOTATION n PUBLIC 'p' 's'><!ENTITY x SYSTEM 'y' NDATA n>]><a><b/><c/></a>",
];

/// Bytes that are likely to hit a rule.
fn interesting() -> impl Strategy<Value = Vec<u8>> {
    let tokens = prop::sample::select(vec![
        "<",
        ">",
        "&",
        ";",
        "'",
        "\"",
        "]]>",
        "]",
        "<!--",
        "-->",
        "--",
        "<![CDATA[",
        "<?",
        "?>",
        "%",
        "/",
        "=",
        " ",
        "\r",
        "\n",
        "&e;",
        "&#0;",
        "xmlns:p=''",
        ":",
        "\u{0}",
        "é",
        "<!ENTITY e '&e;'>",
        "<a>",
        "</a>",
        "[",
        "(",
        "|",
        "#",
    ]);
    prop_oneof![4 => tokens.prop_map(|token| token.as_bytes().to_vec()), 1 => prop::collection::vec(any::<u8>(), 1..3)]
}

/// Where to cut, how much to take out, and what to put in.
type Edit = (prop::sample::Index, usize, Vec<u8>);

fn edited(seed: &str, edits: &[Edit]) -> Vec<u8> {
    let mut bytes = seed.as_bytes().to_vec();
    for (index, removed, inserted) in edits {
        let at = index.index(bytes.len() + 1);
        let end = (at + removed).min(bytes.len());
        bytes.splice(at..end, inserted.iter().copied());
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn damage_is_judged_the_same_in_any_chunks(
        seed in prop::sample::select(SEEDS.to_vec()),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..6, interesting()), 1..4),
        chunk in 1_usize..50,
        token_bytes in prop_oneof![Just(64_usize << 20), 8_usize..40],
    ) {
        let limits = Limits { token_bytes, ..Limits::default() };
        let document = edited(seed, &edits);
        let whole = record(&document, usize::MAX, &limits);
        let cut = record(&document, chunk, &limits);
        prop_assert_eq!(&cut.1, &whole.1, "{}", String::from_utf8_lossy(&document));
        if whole.1.is_none() {
            prop_assert_eq!(cut.0, whole.0);
        }
    }
}
