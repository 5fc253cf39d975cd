//! What every SQL store promises. The adapter's own tests try many more statements.

use std::{sync::Arc, time::Duration};

use ret::{
    domain::VectorBatch,
    ports::{
        search::{Meaning, SearchRequest},
        tables::{Comparison, Direction, Filter, PageRequest, QueryError, QueryLimits, SqlColumn, SqlTable, SqlType},
    },
};
use serde_json::json;

use super::{Bench, suite};

suite!(
    answers_what_was_built,
    refuses_to_change_anything,
    keeps_to_named_tables,
    pages_rows,
    searches_rows,
    searches_rows_by_meaning
);

const LIMITS: QueryLimits = QueryLimits { time: Duration::from_secs(5), rows: 100, bytes: 1 << 20 };

fn build(bench: &Bench) -> std::path::PathBuf {
    let path = bench.app.folder.path().join("built.sqlite");
    let column = |name: &str, sql_type| SqlColumn { name: name.into(), sql_type };
    let table = SqlTable {
        name: "line".into(),
        columns: vec![
            column("_id", SqlType::Integer),
            column("qty", SqlType::Integer),
            column("price", SqlType::Decimal),
            column("note", SqlType::Text),
        ],
        primary_key: Some("_id".into()),
        parent_key: None,
    };
    let mut writer = bench.stores.tables.create(&path).unwrap();
    writer.add_table(&table).unwrap();
    for (id, qty, price, note) in
        [("1", Some("5"), "1.5", Some("007")), ("2", None, "2", Some("b")), ("3", Some("10"), "0.25", None)]
    {
        writer.insert(0, &mut [Some(id), qty, Some(price), note].into_iter()).unwrap();
    }
    writer.finish().unwrap();
    path
}

async fn answers_what_was_built(bench: Bench) {
    let path = build(&bench);
    let run = |sql: &str| bench.stores.tables.query(&path, sql, &[], &LIMITS, Arc::default());
    let found = run("select sum(qty), max(price), count(note) from line").unwrap();
    assert_eq!(found.rows, [vec![json!(15), json!(2.0), json!(2)]]);
    let found = run("select note, qty from line order by _id").unwrap();
    assert_eq!(found.columns, ["note", "qty"]);
    assert_eq!(found.rows, [vec![json!("007"), json!(5)], vec![json!("b"), json!(null)], vec![json!(null), json!(10)]]);
    let few = bench.stores.tables.query(
        &path,
        "select _id from line",
        &[],
        &QueryLimits { rows: 2, ..LIMITS },
        Arc::default(),
    );
    let few = few.unwrap();
    assert_eq!((few.rows.len(), few.truncated), (2, true));
}

async fn refuses_to_change_anything(bench: Bench) {
    let path = build(&bench);
    let before = std::fs::read(&path).unwrap();
    for sql in
        ["drop table line", "delete from line", "select 1; select 2", "attach 'x' as y", "vacuum into 'copy'", ""]
    {
        let refused = bench.stores.tables.query(&path, sql, &[], &LIMITS, Arc::default());
        assert!(matches!(refused, Err(QueryError::Rejected(_))), "{sql}: {refused:?}");
    }
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

async fn keeps_to_named_tables(bench: Bench) {
    let path = build(&bench);
    let count = |only: &str| {
        bench.stores.tables.query(&path, "select count(*) from line", &[only.to_owned()], &LIMITS, Arc::default())
    };
    assert_eq!(count("Line").unwrap().rows, [vec![json!(3)]]);
    assert!(matches!(count("other"), Err(QueryError::Rejected(_))));
}

async fn searches_rows(bench: Bench) {
    let path = build(&bench);
    let index = path.with_file_name("words.sqlite");
    let tables = &bench.stores.tables;
    assert_eq!(tables.index(&path, &index, &mut |_| true).unwrap(), Some(3));
    assert!(tables.index(&path, &index, &mut |_| true).is_err(), "the file is there");
    let request = |words: &str| SearchRequest {
        words: words.into(),
        meaning: None,
        tables: Vec::new(),
        limit: 10,
        time: Duration::from_secs(5),
        cancelled: Arc::default(),
    };
    for index in [None, Some(index.as_path())] {
        let found = |words: &str| {
            let hits = tables.search(&path, index, &request(words)).unwrap();
            hits.into_iter().map(|hit| (hit.table, hit.row, hit.excerpt)).collect::<Vec<_>>()
        };
        assert_eq!(found("B"), [("line".to_owned(), "2".to_owned(), "price: 2 · note: b".to_owned())]);
        assert_eq!(found("00"), [("line".to_owned(), "1".to_owned(), "qty: 5 · price: 1.5 · note: 007".to_owned())]);
        assert_eq!(found("absent"), []);
        assert!(matches!(tables.search(&path, index, &request("?")), Err(QueryError::Rejected(_))));
        let elsewhere = SearchRequest { tables: vec!["other".into()], ..request("b") };
        assert_eq!(tables.search(&path, index, &elsewhere).unwrap(), []);
    }
}

async fn searches_rows_by_meaning(bench: Bench) {
    let path = build(&bench);
    let [index, vectors] = ["index.sqlite", "vectors.sqlite"].map(|name| path.with_file_name(name));
    let tables = &bench.stores.tables;
    tables.index(&path, &index, &mut |_| true).unwrap();
    let mut texts = tables.texts(&path, &index, 2).unwrap();
    assert_eq!(texts.rows(), 3, "of which two are read");
    let (first, last) = texts.next(1).unwrap().unwrap();
    assert_eq!((first[0].text.as_str(), first[0].row), ("line; qty: 5; price: 1.5; note: 007", last));
    let (second, last) = texts.next(10).unwrap().unwrap();
    assert_eq!(second[0].text, "line; price: 2; note: b");
    assert_eq!(texts.next(10).unwrap(), None);
    texts.go_on_after(first[0].row);
    assert_eq!(texts.next(10).unwrap(), Some((second.clone(), last)));

    let mut writer = tables.vectors(&vectors).unwrap();
    assert!(tables.vectors(&vectors).is_err(), "the file is there");
    for (row, vector) in [(&first[0], [1.0, 0.0]), (&second[0], [0.6, 0.8])] {
        let mut batch = VectorBatch::new("model", row.row);
        assert!(batch.push(row.row, &vector));
        writer.add(&batch).unwrap();
    }
    let mut longer = VectorBatch::new("model", last);
    longer.push(last, &[1.0, 0.0, 0.0]);
    assert!(writer.add(&longer).is_err(), "vectors of another length");
    writer.finish().unwrap();
    let found = |words: &str, vector: &[f32], tables: &[&str]| {
        let request = SearchRequest {
            words: words.into(),
            meaning: Some(Meaning { vectors: vectors.clone(), vector: vector.to_vec() }),
            tables: tables.iter().map(|table| (*table).to_owned()).collect(),
            limit: 10,
            time: Duration::from_secs(5),
            cancelled: Arc::default(),
        };
        let hits = bench.stores.tables.search(&path, Some(&index), &request);
        hits.map(|hits| hits.into_iter().map(|hit| (hit.row, hit.by_words, hit.by_meaning)).collect::<Vec<_>>())
    };
    let [one, two, three] = ["1", "2", "3"].map(str::to_owned);
    let near = vec![(two.clone(), false, true), (one.clone(), false, true)];
    assert_eq!(found("absent", &[0.1, 0.9], &[]).unwrap(), near);
    assert_eq!(found("absent", &[0.1, 0.9], &["LINE"]).unwrap(), near);
    assert_eq!(found("absent", &[0.1, 0.9], &["other"]).unwrap(), []);
    assert_eq!(found("absent", &[-1.0, 0.0], &[]).unwrap(), [], "what points elsewhere is not near");
    assert_eq!(found("007", &[0.1, 0.9], &[]).unwrap(), [(one, true, true), (two, false, true)]);
    assert_eq!(found("10", &[-1.0, 0.0], &[]).unwrap(), [(three, true, false)], "words count for all rows");
    assert!(matches!(found("?", &[0.1, 0.9], &[]), Err(QueryError::Rejected(_))));
    assert!(matches!(found("b", &[0.1, 0.9, 0.0], &[]), Err(QueryError::Store(_))), "another model's vector");
}

async fn pages_rows(bench: Bench) {
    let path = build(&bench);
    let ids = |sort: Option<(&str, Direction)>, filters: Vec<Filter>, offset| {
        let request = PageRequest {
            table: "line".into(),
            sort: sort.map(|(column, direction)| (column.into(), direction)),
            filters,
            offset,
            limit: 2,
        };
        let page = bench.stores.tables.page(&path, &request, &LIMITS).unwrap();
        page.rows.iter().map(|row| row[0].as_i64().unwrap()).collect::<Vec<_>>()
    };
    let filter =
        |column: &str, comparison, value: &str| vec![Filter { column: column.into(), comparison, value: value.into() }];
    assert_eq!(ids(None, vec![], 0), [1, 2]);
    assert_eq!(ids(None, vec![], 2), [3]);
    assert_eq!(ids(Some(("price", Direction::Descending)), vec![], 0), [2, 1]);
    assert_eq!(ids(None, filter("qty", Comparison::GreaterOrEqual, "10"), 0), [3]);
    assert_eq!(ids(None, filter("note", Comparison::Contains, "B"), 0), [2]);
    assert_eq!(ids(None, filter("note", Comparison::Equal, "007"), 0), [1]);
    let unknown = PageRequest {
        table: "line".into(),
        sort: Some(("nothing".into(), Direction::Ascending)),
        filters: vec![],
        offset: 0,
        limit: 1,
    };
    assert!(matches!(bench.stores.tables.page(&path, &unknown, &LIMITS), Err(QueryError::Rejected(_))));
}
