//! Comparing rows of two tables.

use super::*;
use crate::ports::differences::{DifferenceCounts, ParentRows};

/// Two lists of goods with their places, and the shelves of the first one.
fn goods() -> Store {
    Store::built(|writer| {
        let goods = |name: &str, code: SqlType| {
            let columns = vec![
                column("_id", SqlType::Integer),
                column("_document", SqlType::Text),
                column("code", code),
                column("name", SqlType::Text),
                column("price", SqlType::Decimal),
            ];
            table(name, columns, [Some("_id"), None])
        };
        writer.add_table(&goods("old", SqlType::Integer)).unwrap();
        writer.add_table(&goods("new", SqlType::Text)).unwrap();
        let columns =
            vec![column("_id", SqlType::Integer), column("_parent", SqlType::Integer), column("n", SqlType::Integer)];
        writer.add_table(&table("shelf", columns, [Some("_id"), Some("_parent")])).unwrap();
        let old = [
            ["1", "a.xml", "10", "bolt", "1.50"],
            ["2", "a.xml", "9", "nut", "2"],
            ["3", "b.xml", "11", "washer", "0.1"],
            ["4", "b.xml", "10", "bolt", "1.5"],
        ];
        let new = [
            ["1", "c.xml", "12", "rivet", "7"],
            ["2", "c.xml", "10", "bolt", "1.50"],
            ["3", "c.xml", "9", "Nut", "2.00"],
        ];
        for (place, rows) in [&old[..], &new[..]].into_iter().enumerate() {
            for row in rows {
                writer.insert(place, &mut row.iter().map(|cell| Some(*cell))).unwrap();
            }
        }
        for row in [["1", "1", "1"], ["2", "1", "2"], ["3", "2", "1"]] {
            writer.insert(2, &mut row.into_iter().map(Some)).unwrap();
        }
    })
}

fn rows_of(table: &str, documents: Option<&[&str]>) -> RowsOf {
    let documents = documents.map(|paths| paths.iter().map(|path| (*path).to_owned()).collect());
    RowsOf { table: table.to_owned(), documents, parent: None }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn by(own: &[&str]) -> RowKey {
    RowKey { of_parent: Vec::new(), own: names(own) }
}

fn asked(left: RowsOf, right: RowsOf, key: RowKey) -> DifferenceRequest {
    let columns = names(&["code", "name", "price"]);
    DifferenceRequest { left, right, columns, key, may_repeat: false, limit: 100 }
}

fn found(store: &Store, request: &DifferenceRequest) -> Result<Differences, QueryError> {
    SqliteTables.differences(&store.path, request, &LIMITS, Arc::default())
}

#[test]
fn rows_are_paired_by_their_key_and_compared_cell_by_cell() {
    let store = goods();
    let request = asked(rows_of("old", Some(&["a.xml"])), rows_of("new", None), by(&["code"]));
    let differences = found(&store, &request).unwrap();
    assert_eq!(differences.counts, DifferenceCounts { removed: 0, added: 1, changed: 1, unchanged: 1 });
    let told: Vec<_> = differences.rows.iter().map(|row| (row.left, row.right, json!(row.key))).collect();
    // The code is text on one side, so on both; and as text 9 comes last.
    assert_eq!(told, [(None, Some(1), json!(["12"])), (Some(2), Some(3), json!(["9"]))]);
    let cells: Vec<_> = differences
        .rows
        .iter()
        .flat_map(|row| &row.cells)
        .map(|cell| json!([cell.column, cell.left, cell.right]))
        .collect();
    assert_eq!(
        cells,
        [json!([0, null, "12"]), json!([1, null, "rivet"]), json!([2, null, 7.0]), json!([1, "nut", "Nut"])]
    );
    assert!(!differences.truncated);
}

#[test]
fn a_key_that_repeats_is_refused_and_all_columns_together_may_repeat() {
    let store = goods();
    assert!(!SqliteTables.is_key(&store.path, &rows_of("old", None), &by(&["code"]), &LIMITS).unwrap());
    assert!(SqliteTables.is_key(&store.path, &rows_of("old", Some(&["b.xml"])), &by(&["code"]), &LIMITS).unwrap());
    let mut request = asked(rows_of("old", None), rows_of("new", None), by(&["code"]));
    let refused = found(&store, &request).unwrap_err().to_string();
    assert_eq!(refused, "key code does not tell the rows of 'old' apart: more than one row has \"10\"");
    (request.key, request.may_repeat) = (by(&["code", "name", "price"]), true);
    let differences = found(&store, &request).unwrap();
    // Of the two bolts one has a partner.
    assert_eq!(differences.counts, DifferenceCounts { removed: 3, added: 2, changed: 0, unchanged: 1 });
}

#[test]
fn a_parent_helps_to_tell_its_children_apart() {
    let store = goods();
    let parent = Some(ParentRows { table: "old".to_owned(), number: "_id".to_owned(), link: "_parent".to_owned() });
    let shelves = RowsOf { parent, ..rows_of("shelf", None) };
    assert!(!SqliteTables.is_key(&store.path, &shelves, &by(&["n"]), &LIMITS).unwrap());
    let key = RowKey { of_parent: names(&["code"]), own: names(&["n"]) };
    assert!(SqliteTables.is_key(&store.path, &shelves, &key, &LIMITS).unwrap());
    let nothing = RowsOf { documents: Some(Vec::new()), ..shelves.clone() };
    let request = DifferenceRequest { columns: names(&["n"]), ..asked(shelves, nothing, key) };
    let differences = found(&store, &request).unwrap();
    assert_eq!(differences.counts, DifferenceCounts { removed: 3, ..DifferenceCounts::default() });
    let keys: Vec<_> = differences.rows.iter().map(|row| json!(row.key)).collect();
    assert_eq!(keys, [json!([9, 1]), json!([10, 1]), json!([10, 2])]);
}

#[test]
fn all_is_counted_and_only_so_much_is_told() {
    let store = Store::built(|writer| {
        for name in ["left", "right"] {
            let columns = vec![column("n", SqlType::Integer), column("text", SqlType::Text)];
            writer.add_table(&table(name, columns, [None, None])).unwrap();
        }
        for n in 0..1_000 {
            let (n, same) = (n.to_string(), n % 2 == 0);
            writer.insert(0, &mut [Some(n.as_str()), Some("x")].into_iter()).unwrap();
            writer.insert(1, &mut [Some(n.as_str()), Some(if same { "x" } else { "y" })].into_iter()).unwrap();
        }
    });
    let request = |limit| DifferenceRequest {
        columns: names(&["n", "text"]),
        limit,
        ..asked(rows_of("left", None), rows_of("right", None), by(&["n"]))
    };
    let counts = DifferenceCounts { changed: 500, unchanged: 500, ..DifferenceCounts::default() };
    for (limit, told) in [(0, 0), (3, 3), (500, 500)] {
        let differences = found(&store, &request(limit)).unwrap();
        assert_eq!((differences.counts, differences.rows.len()), (counts, told));
        assert_eq!(differences.truncated, told < 500);
    }
    let small = QueryLimits { bytes: 100, ..LIMITS };
    let differences = SqliteTables.differences(&store.path, &request(500), &small, Arc::default()).unwrap();
    assert_eq!((differences.counts, differences.rows.len(), differences.truncated), (counts, 7, true));
    let cancelled = Arc::new(AtomicBool::new(true));
    let stopped = SqliteTables.differences(&store.path, &request(500), &LIMITS, cancelled);
    assert!(matches!(stopped, Err(QueryError::Timeout)), "{stopped:?}");
}

#[test]
fn what_is_not_there_is_named() {
    let store = goods();
    let request = asked(rows_of("old", None), rows_of("newer", None), by(&["code"]));
    assert_eq!(found(&store, &request).unwrap_err().to_string(), "there is no table 'newer'");
    let request = asked(rows_of("old", None), rows_of("new", None), by(&["colour"]));
    assert_eq!(found(&store, &request).unwrap_err().to_string(), "there is no column 'colour'");
}
