//! Searching by meaning: what is read for it, and what is found.

use super::*;
use crate::{
    domain::{VectorBatch, vectors::by_chance},
    ports::search::Meaning,
};

fn vector(seed: usize, dimensions: usize) -> Vec<f32> {
    by_chance(seed as u64 + 1, dimensions)
}

fn between(a: &[f32], b: &[f32], part: f32) -> Vec<f32> {
    a.iter().zip(b).map(|(a, b)| a * (1.0 - part) + b * part).collect()
}

/// A store of texts in two tables, with its index.
fn two_tables(rows: usize) -> (Store, PathBuf) {
    let store = Store::built(|writer| {
        for name in ["a", "b"] {
            writer.add_table(&table(name, vec![column("text", SqlType::Text)], [None, None])).unwrap();
        }
        for number in 0..rows {
            for table in 0..2 {
                writer.insert(table, &mut std::iter::once(Some(format!("text {number}").as_str()))).unwrap();
            }
        }
    });
    let index = store.folder.path().join("index");
    SqliteTables.index(&store.path, &index, &mut |_| true).unwrap();
    (store, index)
}

/// Gives each row of the store the vector of its place among all.
fn with_vectors(store: &Store, index: &std::path::Path, dimensions: usize) -> PathBuf {
    let path = store.folder.path().join(format!("vectors {dimensions}"));
    let mut texts = SqliteTables.texts(&store.path, index, u64::MAX).unwrap();
    let mut writer = SqliteTables.vectors(&path).unwrap();
    let mut place = 0;
    // Odd, so that blocks have rows of both tables.
    while let Some((texts, last)) = texts.next(77).unwrap() {
        let mut batch = VectorBatch::new("m", last);
        for text in texts {
            assert!(batch.push(text.row, &vector(place, dimensions)));
            place += 1;
        }
        writer.add(&batch).unwrap();
    }
    writer.finish().unwrap();
    path
}

fn asked(vectors: &std::path::Path, vector: Vec<f32>) -> SearchRequest {
    SearchRequest {
        words: "absent".to_owned(),
        meaning: Some(Meaning { vectors: vectors.to_owned(), vector }),
        tables: Vec::new(),
        limit: 3,
        time: Duration::from_secs(10),
        cancelled: Arc::default(),
    }
}

#[test]
fn the_nearest_rows_are_found_whatever_the_length_of_vectors() {
    const ROWS: usize = 600;
    let (store, index) = two_tables(ROWS);
    for dimensions in [8, 256, 257, 1_536] {
        let vectors = with_vectors(&store, &index, dimensions);
        for place in [0, 76, 77, ROWS - 2, ROWS, ROWS + 5, 2 * ROWS - 1] {
            // Near to one row, and a little less to the next one; with few numbers others lie between.
            let part = if dimensions == 8 { 0.0 } else { 0.4 };
            let (this, next) = (vector(place, dimensions), vector((place + 1) % (2 * ROWS), dimensions));
            let request = asked(&vectors, between(&this, &next, part));
            let found = SqliteTables.search(&store.path, Some(&index), &request).unwrap();
            let key = |place: usize| (["a", "b"][place / ROWS].to_owned(), (place % ROWS + 1).to_string());
            let keys: Vec<_> = found.iter().map(|hit| (hit.table.clone(), hit.row.clone())).collect();
            assert_eq!(keys[0], key(place), "{dimensions}");
            if dimensions > 8 {
                assert_eq!(keys[1], key((place + 1) % (2 * ROWS)), "{dimensions}");
            }
            let in_b = SearchRequest { tables: vec!["B".to_owned()], ..request };
            let found = SqliteTables.search(&store.path, Some(&index), &in_b).unwrap();
            assert!(found.len() == 3 && found.iter().all(|hit| hit.table == "b" && hit.by_meaning), "{found:?}");
            assert_eq!(found[0].row == key(place).1, place >= ROWS, "its own row only if it is in that table");
        }
    }
}

#[test]
fn texts_are_of_small_tables_whole_and_go_on_where_they_were() {
    let store = Store::built(|writer| {
        for name in ["large", "small", "none"] {
            writer.add_table(&table(name, vec![column("text", SqlType::Text)], [None, None])).unwrap();
        }
        for number in 0..100 {
            let text = (number != 1).then(|| format!("{number} {}", "é ".repeat(3_000)));
            writer.insert(0, &mut std::iter::once(text.as_deref())).unwrap();
        }
        for number in 0..5 {
            writer.insert(1, &mut std::iter::once(Some(format!("{number}").as_str()))).unwrap();
        }
    });
    let index = store.folder.path().join("index");
    SqliteTables.index(&store.path, &index, &mut |_| true).unwrap();
    let texts = |most| SqliteTables.texts(&store.path, &index, most).unwrap();
    let (all, _) = texts(u64::MAX).next(1_000).unwrap().unwrap();
    assert_eq!(all.len(), 104, "a row without a cell has no text");
    assert!(all[0].text.starts_with("large; text: 0 é é") && all[0].text.chars().count() < 2_100);
    assert_eq!(all[103].text, "small; text: 4");
    let (some, last) = texts(25).next(1_000).unwrap().unwrap();
    assert_eq!(
        (some.len(), some[18].text.split(' ').nth(2), some[19].text.as_str()),
        (24, Some("19"), "small; text: 0")
    );
    assert_eq!(last, some[23].row);
    // However it is cut, and from wherever it goes on.
    for limit in [1, 2, 7, 24] {
        let (mut reader, mut read) = (texts(25), Vec::new());
        while let Some((texts_of_one, last)) = reader.next(limit).unwrap() {
            read.extend(texts_of_one);
            reader = texts(25);
            reader.go_on_after(last);
        }
        assert_eq!(read, some, "{limit}");
    }
    assert_eq!(texts(0).next(10).unwrap(), None);
}

#[test]
fn statements_cannot_reach_the_vectors() {
    let (store, index) = two_tables(3);
    let vectors = with_vectors(&store, &index, 8);
    let before = std::fs::read(&vectors).unwrap();
    for sql in ["SELECT * FROM vectors", "SELECT * FROM blocks", "SELECT vec_version()", "SELECT count(*) FROM about"] {
        assert!(matches!(store.ask(sql), Err(QueryError::Rejected(_) | QueryError::Failed(_))), "{sql}");
    }
    let path = vectors.display().to_string().replace('\'', "''");
    assert!(matches!(store.ask(&format!("ATTACH '{path}' AS v")), Err(QueryError::Rejected(_))));
    SqliteTables.search(&store.path, Some(&index), &asked(&vectors, vector(1, 8))).unwrap();
    assert_eq!(std::fs::read(&vectors).unwrap(), before);
}

#[test]
fn vectors_of_no_row_find_none() {
    let (store, index) = two_tables(1);
    let path = store.folder.path().join("empty");
    SqliteTables.vectors(&path).unwrap().finish().unwrap();
    let found = SqliteTables.search(&store.path, Some(&index), &asked(&path, vector(1, 8))).unwrap();
    assert_eq!(found, []);
}
