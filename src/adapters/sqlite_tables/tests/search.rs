//! Searching for words.

use std::path::Path;

use super::*;
use crate::ports::search::{Hit, SearchRequest};

fn asked(words: &str) -> SearchRequest {
    SearchRequest {
        words: words.to_owned(),
        meaning: None,
        tables: Vec::new(),
        limit: 10,
        time: Duration::from_secs(10),
        cancelled: Arc::default(),
    }
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
        SqliteTables.search(&self.path, None, request).unwrap()
    }

    fn index(&self) -> PathBuf {
        let index = self.folder.path().join("index #1?.sqlite");
        SqliteTables.index(&self.path, &index, &mut |_| true).unwrap().unwrap();
        index
    }

    fn found_by(&self, index: &Path, request: &SearchRequest) -> Vec<Hit> {
        SqliteTables.search(&self.path, Some(index), request).unwrap()
    }
}

#[test]
fn rows_with_all_words_are_found_whatever_their_case_and_accents() {
    let store = shop();
    let index = store.index();
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
        // The index ranks the same rows.
        let mut ranked = keys(&store.found_by(&index, &asked(words)));
        let mut wanted: Vec<_> = wanted.iter().map(|key| (*key).to_owned()).collect();
        ranked.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(ranked, wanted, "{words}");
    }
}

#[test]
fn a_search_that_nobody_waits_for_ends() {
    let rows = |writer: &mut dyn TablesWriter| {
        writer.add_table(&orders_table()).unwrap();
        for number in 0..3_000 {
            let key = number.to_string();
            writer.insert(0, &mut [Some(key.as_str()), Some("blue lamp"), None, None].into_iter()).unwrap();
        }
    };
    let store = Store::built(rows);
    let index = store.index();
    let all = SearchRequest { limit: 100, ..asked("lamp") };
    assert_eq!((store.found(&all).len(), store.found_by(&index, &all).len()), (100, 100));
    let in_no_time = SearchRequest { time: Duration::ZERO, ..all.clone() };
    assert!(store.found(&in_no_time).len() < 100);
    let unwanted = SearchRequest { cancelled: Arc::new(AtomicBool::new(true)), ..all };
    assert!(store.found(&unwanted).len() < 100);
    assert!(store.found_by(&index, &unwanted).len() < 100);
}

#[test]
fn keys_are_not_searched() {
    let store = shop();
    let index = store.index();
    for (key, found) in
        ["11", "12", "2"].map(|key| (key, [store.found(&asked(key)), store.found_by(&index, &asked(key))].concat()))
    {
        assert!(found.iter().all(|hit| hit.excerpt.contains(key)), "{key}: {found:?}");
        assert!(!keys(&found).contains(&"order.line#12".to_owned()));
    }
}

#[test]
fn a_search_keeps_to_its_tables_and_its_limit() {
    let store = shop();
    let index = store.index();
    let within = |tables: &[&str]| {
        let request =
            SearchRequest { tables: tables.iter().map(|table| (*table).to_owned()).collect(), ..asked("lamp") };
        [keys(&store.found(&request)), keys(&store.found_by(&index, &request))]
    };
    assert_eq!(within(&["NOTES"]), [["notes#2"]; 2]);
    for mut found in within(&["notes", "order.line"]) {
        found.sort_unstable();
        assert_eq!(found, ["notes#2", "order.line#11"]);
    }
    assert_eq!(within(&["absent"]), [const { Vec::<String>::new() }; 2]);
    for limit in 0..5 {
        let request = SearchRequest { limit, ..asked("lamp") };
        assert_eq!(store.found(&request).len(), limit.min(4));
        assert_eq!(store.found_by(&index, &request).len(), limit.min(4));
    }
}

#[test]
fn hits_show_the_row() {
    let store = shop();
    let index = store.index();
    for found in [store.found(&asked("grosse lampe")), store.found_by(&index, &asked("grosse lampe"))] {
        let first = &found[0];
        assert_eq!((first.table.as_str(), first.row.as_str()), ("orders", "2"));
        assert_eq!(first.excerpt, "name: Große Lampe, blau · price: 20.25 · count: 700");
        assert!(first.score > 0.0);
    }
}

#[test]
fn words_are_never_a_language() {
    let store = shop();
    let index = store.index();
    let before = (std::fs::read(&index).unwrap(), store.traces());
    for words in [
        "\"",
        "' OR 1=1 --",
        "lamp*",
        "name:lamp",
        "lamp NOT blue",
        "NEAR(lamp blue)",
        "{a b}: c",
        "^lamp",
        "lamp\0",
        "AND",
        "OR OR",
        "\u{301}a",
        "東京",
        "a\u{94d}",
        "½",
        "ﷺ",
        "lamp\u{1}",
    ] {
        let has_word = words.chars().any(char::is_alphanumeric);
        for index in [None, Some(index.as_path())] {
            let result = SqliteTables.search(&store.path, index, &asked(words));
            assert_eq!(result.is_ok(), has_word, "{words}: {result:?}");
        }
    }
    assert!(matches!(SqliteTables.search(&store.path, Some(&index), &asked("*?")), Err(QueryError::Rejected(_))));
    assert_eq!((std::fs::read(&index).unwrap(), store.traces()), before);
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
    let index = store.index();
    for found in [store.found(&asked("lamp")), store.found_by(&index, &asked("lamp"))] {
        assert_eq!((keys(&found), found[0].excerpt.as_str()), (vec!["wide#1".to_owned()], "c1990: lamp"));
    }
}

/// Rows of text, numbered from 1.
fn texts(rows: impl IntoIterator<Item = String>) -> Store {
    Store::built(|writer| {
        writer.add_table(&table("t", vec![column("text", SqlType::Text)], [None, None])).unwrap();
        for row in rows {
            writer.insert(0, &mut std::iter::once(Some(row.as_str()))).unwrap();
        }
    })
}

fn best(store: &Store, index: &Path, words: &str) -> String {
    store.found_by(index, &asked(words)).first().map(|hit| hit.row.clone()).unwrap_or_default()
}

#[test]
fn the_index_ranks_rows_by_rare_words_repetition_and_length() {
    let rows = ["lamp", "lamp and chair and table and desk", "lamp lamp lamp shade", "shade", "chair chair", "desk"];
    let store = texts(rows.map(str::to_owned));
    let index = store.index();
    let order = |words| store.found_by(&index, &asked(words)).into_iter().map(|hit| hit.row).collect::<Vec<_>>();
    assert_eq!(order("lamp"), ["3", "1", "2"]);
    assert_eq!(order("chair"), ["5", "2"]);
    // No row has both words that are there: the rarer one counts more.
    assert_eq!(order("shade desk absent").len(), 4);
    assert_eq!(order("lamp table"), ["2"]);
    assert_eq!(order("lamp desk shade"), ["3", "4", "6", "2", "1"]);
    let scores: Vec<f64> = store.found_by(&index, &asked("lamp")).iter().map(|hit| hit.score).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b) && scores[2] > 0.0, "{scores:?}");
}

#[test]
fn rare_words_are_found_among_frequent_ones() {
    let rows = (1..=30_000).map(|number| match number {
        29_000 => "common needle".to_owned(),
        29_500 => "needle even".to_owned(),
        _ if number % 2 == 0 => format!("common even item{number}"),
        _ => format!("common odd item{number}"),
    });
    let store = texts(rows);
    let index = store.index();
    assert_eq!(best(&store, &index, "common needle"), "29000");
    assert_eq!(best(&store, &index, "even needle"), "29500");
    assert_eq!(best(&store, &index, "item29999"), "29999");
    assert_eq!(best(&store, &index, "common item29998"), "29998");
    // Nothing has both: what has one of them, the rare one first.
    let either = store.found_by(&index, &asked("odd needle"));
    assert_eq!(keys(&either)[..2], ["t#29000", "t#29500"]);
    assert!(either.len() == 10 && either[2].excerpt.contains("odd"), "{either:?}");
    // Words in most rows, and beginnings of most words, are answered by the first of them.
    for words in ["common", "item", "i", "common even", "even odd"] {
        assert_eq!(store.found_by(&index, &asked(words)).len(), 10, "{words}");
    }
}

#[test]
fn an_index_can_be_given_up_while_it_is_built() {
    let store = texts((0..10_000).map(|number| format!("row {number}")));
    let mut seen = Vec::new();
    let stopped = SqliteTables.index(&store.path, &store.folder.path().join("a"), &mut |rows| {
        seen.push(rows);
        seen.len() < 3
    });
    assert_eq!((stopped.unwrap(), seen.len()), (None, 3));
    assert!(seen.is_sorted() && seen[0] > 0 && seen[2] < 10_000, "{seen:?}");
    let path = store.folder.path().join("b");
    assert_eq!(SqliteTables.index(&store.path, &path, &mut |_| true).unwrap(), Some(10_000));
    assert!(SqliteTables.index(&store.path, &path, &mut |_| true).is_err(), "the file is there");
    let gone = SqliteTables.index(&store.folder.path().join("absent"), &store.folder.path().join("c"), &mut |_| true);
    assert_eq!(gone.unwrap_err().kind, StoreErrorKind::Gone);
}

#[test]
fn an_index_serves_its_own_tables_only() {
    let store = shop();
    let strange = texts(["lamp".to_owned()]);
    let result = SqliteTables.search(&store.path, Some(&strange.index()), &asked("lamp"));
    assert!(matches!(result, Err(QueryError::Store(_))), "{result:?}");
    let store_as_index = SqliteTables.search(&store.path, Some(&store.path), &asked("lamp"));
    assert!(store_as_index.is_err());
}

#[test]
fn statements_cannot_reach_the_index() {
    let store = shop();
    let index = store.index();
    for sql in ["SELECT * FROM words", "SELECT * FROM vocabulary", "SELECT * FROM sources", "SELECT * FROM words_data"]
    {
        assert!(matches!(store.ask(sql), Err(QueryError::Rejected(_))), "{sql}");
    }
    let path = index.display().to_string().replace('\'', "''");
    assert!(matches!(store.ask(&format!("ATTACH '{path}' AS i")), Err(QueryError::Rejected(_))));
    // Nor do its functions do anything, were the file ever opened as a store.
    for sql in [
        "SELECT count(*) FROM words WHERE words MATCH 'lamp'",
        "SELECT highlight(words, 0, 'a', 'b') FROM words",
        "SELECT bm25(words) FROM words",
    ] {
        assert!(SqliteTables.query(&index, sql, &[], &LIMITS, Arc::default()).is_err(), "{sql}");
    }
}
