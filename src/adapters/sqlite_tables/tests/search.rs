//! Searching for words.

use super::*;
use crate::ports::search::{Hit, SearchRequest};

fn asked(words: &str) -> SearchRequest {
    SearchRequest { words: words.to_owned(), tables: Vec::new(), limit: 10, time: Duration::from_secs(10) }
}

fn keys(hits: &[Hit]) -> Vec<String> {
    hits.iter().map(|hit| format!("{}#{}", hit.table, hit.row)).collect()
}

/// Two tables with keys and one without.
fn shop() -> Store {
    Store::built(|writer| {
        writer.add_table(&orders_table()).unwrap();
        writer.add_table(&lines_table()).unwrap();
        writer.add_table(&table("notes", vec![column("text", SqlType::Text)], [None, None])).unwrap();
        for row in [
            ["1", "Blue lamp", "1.50", "10"],
            ["2", "Große Lampe, blau", "20.25", "700"],
            ["3", "Blue chair", "99", "10"],
        ] {
            writer.insert(0, &mut row.into_iter().map(Some)).unwrap();
        }
        for row in [["11", "1", "LAMP-BLUE-77"], ["12", "2", "x"]] {
            writer.insert(1, &mut row.into_iter().map(Some)).unwrap();
        }
        for text in ["nothing here", "the lamp is the blue one"] {
            writer.insert(2, &mut std::iter::once(Some(text))).unwrap();
        }
    })
}

impl Store {
    fn found(&self, request: &SearchRequest) -> Vec<Hit> {
        SqliteTables.search(&self.path, request).unwrap()
    }
}

#[test]
fn rows_with_all_words_are_found_whatever_their_case_and_accents() {
    let store = shop();
    for (words, wanted) in [
        ("blue lamp", &["orders#1", "order.line#11", "notes#2"][..]),
        ("LÁMP", &["orders#1", "orders#2", "order.line#11", "notes#2"]),
        ("GROSSE große", &["orders#2"]),
        ("lampe", &["orders#2"]),
        ("700", &["orders#2"]),
        ("20.25", &["orders#2"]),
        ("chai", &["orders#3"]),
        ("77 lam", &["order.line#11"]),
        // No row has all of them: those with the most.
        ("blue chair 77", &["orders#3", "order.line#11", "orders#1", "notes#2"]),
        ("absent", &[]),
    ] {
        assert_eq!(keys(&store.found(&asked(words))), wanted, "{words}");
    }
}

#[test]
fn keys_are_not_searched() {
    let store = shop();
    for key in ["11", "12", "2"] {
        let found = store.found(&asked(key));
        assert!(found.iter().all(|hit| hit.excerpt.contains(key)), "{key}: {found:?}");
        assert!(!keys(&found).contains(&"order.line#12".to_owned()));
    }
}

#[test]
fn a_search_keeps_to_its_tables_and_its_limit() {
    let store = shop();
    let lamp = asked("lamp");
    let within =
        |tables: &[&str]| SearchRequest { tables: tables.iter().map(|t| (*t).to_owned()).collect(), ..asked("lamp") };
    assert_eq!(keys(&store.found(&within(&["NOTES"]))), ["notes#2"]);
    assert_eq!(keys(&store.found(&within(&["notes", "order.line"]))), ["order.line#11", "notes#2"]);
    assert_eq!(store.found(&within(&["absent"])), []);
    for limit in 0..5 {
        assert_eq!(store.found(&SearchRequest { limit, ..lamp.clone() }).len(), limit.min(4));
    }
}

#[test]
fn hits_show_the_row() {
    let found = shop().found(&asked("grosse lampe"));
    let first = &found[0];
    assert_eq!((first.table.as_str(), first.row.as_str()), ("orders", "2"));
    assert_eq!(first.excerpt, "name: Große Lampe, blau · price: 20.25 · count: 700");
    assert!(first.score > 0.0);
}

#[test]
fn words_are_never_a_language() {
    let store = shop();
    for words in
        ["\"", "' OR 1=1 --", "lamp*", "name:lamp", "lamp NOT blue", "NEAR(lamp blue)", "{a b}: c", "^lamp", "lamp\0"]
    {
        let result = SqliteTables.search(&store.path, &asked(words));
        let has_word = words.chars().any(char::is_alphanumeric);
        assert_eq!(result.is_ok(), has_word, "{words}: {result:?}");
    }
    assert!(matches!(SqliteTables.search(&store.path, &asked("*?")), Err(QueryError::Rejected(_))));
}

#[test]
fn the_widest_table_is_searched() {
    let store = Store::built(|writer| {
        let columns = (0..MAX_COLUMNS).map(|number| column(&format!("c{number}"), SqlType::Text)).collect();
        writer.add_table(&table("wide", columns, [None, None])).unwrap();
        writer
            .insert(0, &mut (0..MAX_COLUMNS).map(|number| if number == 1_990 { Some("lamp") } else { None }))
            .unwrap();
    });
    let found = store.found(&asked("lamp"));
    assert_eq!((keys(&found), found[0].excerpt.as_str()), (vec!["wide#1".to_owned()], "c1990: lamp"));
}
