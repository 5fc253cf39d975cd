//! What docs/engine.md shows is so: the tables of its options, its limits, and that it names every public type.

use std::path::Path;

use ret::conversion::{Limits, Options};

use super::convert;

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The fenced blocks of the page: their languages and what is in them.
fn blocks(page: &str) -> Vec<(&str, &str)> {
    let fenced = page.split("```").skip(1).step_by(2);
    fenced.map(|block| block.split_once('\n').unwrap_or((block, ""))).collect()
}

/// All tables of a document, each with its name above.
fn tables(document: &str, options: &Options) -> String {
    let converted = convert(&[document], options);
    let shown = |name: &&str| format!("{name}\n{}", converted.csv(name));
    converted.table_names().iter().map(shown).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_tables_shown_are_those_that_come_out() {
    let page = read("docs/engine.md");
    let (mut document, mut options, mut checked) = ("", None, 0);
    for (language, text) in blocks(&page) {
        match language {
            "xml" => document = text,
            "json" => options = Some(serde_json::from_str::<Options>(text).unwrap()),
            "text" => {
                let options = options.take().expect("options stand above the tables");
                assert_eq!(text, tables(document, &options), "{options:?}");
                checked += 1;
            }
            _ => {}
        }
    }
    assert!(checked >= 9 && options.is_none(), "{checked} sets of tables, and {options:?} without any");
}

#[test]
fn the_limits_shown_are_the_defaults() {
    let page = read("docs/engine.md");
    let limits = serde_json::to_value(Limits::default()).unwrap();
    for (name, value) in limits.as_object().unwrap() {
        assert!(page.contains(&format!("| `{name}` | {value} |")), "{name} with {value}");
    }
}

#[test]
fn every_public_type_is_named() {
    let (page, source) = (read("docs/engine.md"), read("src/conversion/mod.rs"));
    let lists = source.split("\npub use ").skip(1).filter_map(|rest| rest.split(';').next());
    let names = lists.flat_map(|line| line.split(|character: char| !character.is_alphanumeric() && character != '_'));
    let public: Vec<&str> = names.filter(|name| name.starts_with(char::is_uppercase)).collect();
    assert!(public.len() > 20, "{public:?}");
    for name in public {
        assert!(page.contains(&format!("`{name}`")) || page.contains(&format!("`{name}::")), "{name}");
    }
}
