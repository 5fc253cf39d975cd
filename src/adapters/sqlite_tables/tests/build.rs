//! What a store keeps and what it refuses.

use super::*;

#[test]
fn values_are_stored_without_loss() {
    assert_eq!(
        Store::orders().rows("SELECT * FROM orders"),
        json!([
            [1, "bolt", 1.5, 10],
            [2, "Größe \"x\"", "12345678901234567890.5", "007"],
            [3, "nut; DROP TABLE orders", 2.0, i64::MAX],
            [4, null, null, null],
        ])
    );
}

#[test]
fn a_store_that_is_missing_or_damaged_is_not_the_fault_of_the_statement() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("missing.sqlite");
    let result = SqliteTables.query(&path, "SELECT 1", &[], &LIMITS, Arc::default());
    assert!(matches!(&result, Err(QueryError::Store(error)) if error.kind == StoreErrorKind::Gone), "{result:?}");
    assert!(!path.exists());
    std::fs::write(&path, vec![b'x'; 10_000]).unwrap();
    let result = SqliteTables.query(&path, "SELECT 1", &[], &LIMITS, Arc::default());
    assert!(matches!(result, Err(QueryError::Store(_))), "{result:?}");
}

#[test]
fn building_refuses_what_does_not_fit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tables.sqlite");
    let mut writer = SqliteTables.create(&path).unwrap();
    assert!(SqliteTables.create(&path).is_err(), "a file that is there is not touched");
    writer.add_table(&orders_table()).unwrap();
    assert!(writer.add_table(&orders_table()).is_err());
    assert!(writer.insert(0, &mut [Some("1")].into_iter()).is_err());
    assert!(writer.insert(0, &mut [None; 5].into_iter()).is_err());
    assert!(writer.insert(0, &mut [Some("x"), None, None, None].into_iter()).is_err());
    assert!(writer.insert(1, &mut [Some("1")].into_iter()).is_err());
    writer.insert(0, &mut [Some("1"), None, None, None].into_iter()).unwrap();
    assert!(writer.insert(0, &mut [Some("1"), None, None, None].into_iter()).is_err());
    writer.finish().unwrap();
    let rows = SqliteTables.query(&path, "SELECT count(*) FROM orders", &[], &LIMITS, Arc::default()).unwrap().rows;
    assert_eq!(json!(rows), json!([[1]]));
}

#[test]
fn names_of_any_kind_are_only_names() {
    let name = "a\"; DROP TABLE x; --";
    let store = Store::built(|writer| {
        writer
            .add_table(&table(
                name,
                vec![column("select", SqlType::Text), column("c\"@d", SqlType::Text)],
                [None, Some("select")],
            ))
            .unwrap();
        writer.insert(0, &mut [Some("1"), Some("2")].into_iter()).unwrap();
    });
    assert_eq!(json!(store.page(&request(name)).unwrap().rows), json!([["1", "2"]]));
    let mut hostile = request(name);
    hostile.sort = Some(("c\"@d".to_owned(), Direction::Descending));
    hostile.filters.push(filter("c\"@d", Comparison::Equal, "2"));
    assert_eq!(store.page(&hostile).unwrap().rows.len(), 1);
}

#[test]
fn wide_tables_are_kept_up_to_the_columns_sqlite_holds() {
    let columns: Vec<SqlColumn> = (0..2_500).map(|n| column(&format!("c{n}"), SqlType::Text)).collect();
    let store = Store::built(|writer| {
        writer.add_table(&table("wide", columns, [None, None])).unwrap();
        writer.insert(0, &mut (0..2_500).map(|_| Some("x"))).unwrap();
    });
    assert_eq!(store.page(&request("wide")).unwrap().columns.len(), MAX_COLUMNS);
    assert_eq!(store.rows("SELECT c1999 FROM wide"), json!([["x"]]));
}
