//! Reading in pages.

use super::*;

fn numbers_store() -> Store {
    Store::built(|writer| {
        writer
            .add_table(&table("t", vec![column("n", SqlType::Integer), column("s", SqlType::Text)], [None, None]))
            .unwrap();
        for (n, s) in [
            (Some("3"), "c"),
            (Some("10"), "B"),
            (None, "a"),
            (Some("3"), "10"),
            (Some("007"), "9"),
            (Some("-1"), "%_"),
        ] {
            writer.insert(0, &mut [n, Some(s)].into_iter()).unwrap();
        }
    })
}

fn texts(result: &QueryRows) -> Vec<&str> {
    result.rows.iter().map(|row| row[1].as_str().unwrap()).collect()
}

#[test]
fn pages_are_filtered() {
    let store = numbers_store();
    for (column, comparison, value, wanted) in [
        ("n", Comparison::Equal, "3", &["c", "10"][..]),
        ("N", Comparison::Equal, "3.0", &["c", "10"]),
        ("n", Comparison::Equal, "007", &["9"]),
        ("n", Comparison::NotEqual, "3", &["B", "a", "9", "%_"]),
        ("n", Comparison::Less, "3", &["%_"]),
        ("n", Comparison::LessOrEqual, "3", &["c", "10", "%_"]),
        ("n", Comparison::Contains, "0", &["B", "9"]),
        ("s", Comparison::Greater, "9", &["c", "B", "a"]),
        ("s", Comparison::GreaterOrEqual, "9", &["c", "B", "a", "9"]),
        ("s", Comparison::Contains, "b", &["B"]),
        ("s", Comparison::Contains, "%", &["%_"]),
        ("s", Comparison::Equal, "' OR 1=1 --", &[]),
    ] {
        let filtered = PageRequest { filters: vec![filter(column, comparison, value)], ..request("t") };
        assert_eq!(texts(&store.page(&filtered).unwrap()), wanted, "{column} {comparison:?} {value}");
    }
    let both = vec![filter("n", Comparison::Equal, "3"), filter("s", Comparison::Equal, "c")];
    assert_eq!(texts(&store.page(&PageRequest { filters: both, ..request("t") }).unwrap()), ["c"]);
}

#[test]
fn rows_are_counted_as_far_as_the_time_allows() {
    let store = Store::built(|writer| {
        writer.add_table(&table("t", vec![column("n", SqlType::Integer)], [None, None])).unwrap();
        for number in 0..20_000 {
            writer.insert(0, &mut [Some(number.to_string().as_str())].into_iter()).unwrap();
        }
    });
    let count = |filters: &[Filter], time| SqliteTables.count(&store.path, "T", filters, time);
    let small = [filter("n", Comparison::Less, "150"), filter("N", Comparison::Contains, "1")];
    let minute = Duration::from_secs(60);
    assert_eq!(count(&[], minute).unwrap(), Counted { rows: 20_000, complete: true });
    assert_eq!(count(&small, minute).unwrap(), Counted { rows: 69, complete: true });
    let cut = count(&[], Duration::ZERO).unwrap();
    assert!(!cut.complete && cut.rows < 20_000, "{cut:?}");
    for (table, filters) in [("nowhere", vec![]), ("t", vec![filter("x", Comparison::Equal, "1")])] {
        let refused = SqliteTables.count(&store.path, table, &filters, minute);
        assert!(matches!(refused, Err(QueryError::Rejected(_))), "{refused:?}");
    }
}

#[test]
fn pages_are_sorted_and_follow_each_other() {
    let store = numbers_store();
    for (direction, wanted) in [
        (Direction::Ascending, ["a", "%_", "c", "10", "B", "9"]),
        (Direction::Descending, ["9", "B", "c", "10", "%_", "a"]),
    ] {
        let sorted = PageRequest { sort: Some(("n".to_owned(), direction)), ..request("t") };
        assert_eq!(texts(&store.page(&sorted).unwrap()), wanted);
        let paged: Vec<String> = (0..3)
            .flat_map(|page| {
                let part = store.page(&PageRequest { offset: page * 2, limit: 2, ..sorted.clone() }).unwrap();
                texts(&part).into_iter().map(str::to_owned).collect::<Vec<_>>()
            })
            .collect();
        assert_eq!(paged, wanted);
    }
    assert_eq!(texts(&store.page(&request("T")).unwrap()), ["c", "B", "a", "10", "9", "%_"]);
    assert_eq!(store.page(&PageRequest { offset: u64::MAX, ..request("t") }).unwrap().rows.len(), 0);
}

#[test]
fn pages_of_what_is_not_there_are_rejected() {
    let store = numbers_store();
    let unknown_sort = PageRequest { sort: Some(("x".to_owned(), Direction::Ascending)), ..request("t") };
    let unknown_filter = PageRequest { filters: vec![filter("x", Comparison::Equal, "1")], ..request("t") };
    let many = PageRequest { filters: vec![filter("n", Comparison::Equal, "1"); 33], ..request("t") };
    for bad in [request("nowhere"), request("sqlite_schema"), request(""), unknown_sort, unknown_filter, many] {
        let result = store.page(&bad);
        assert!(matches!(result, Err(QueryError::Rejected(_))), "{bad:?}: {result:?}");
    }
}

#[test]
fn a_page_gets_forward_over_rows_larger_than_the_limit() {
    let big = "x".repeat(2 << 20);
    let store = Store::built(|writer| {
        writer.add_table(&table("t", vec![column("a", SqlType::Text)], [None, None])).unwrap();
        for _ in 0..3 {
            writer.insert(0, &mut [Some(big.as_str())].into_iter()).unwrap();
        }
    });
    let page = store.page(&request("t")).unwrap();
    assert_eq!((page.rows.len(), page.truncated), (1, true));
}

#[test]
fn columns_named_like_row_numbers_do_not_upset_the_order() {
    let columns = ["rowid", "_rowid_", "oid"].map(|name| column(name, SqlType::Text)).to_vec();
    let store = Store::built(|writer| {
        writer.add_table(&table("t", columns, [None, None])).unwrap();
        for cells in [["3", "1", "2"], ["1", "2", "3"]] {
            writer.insert(0, &mut cells.into_iter().map(Some)).unwrap();
        }
    });
    assert_eq!(json!(store.page(&request("t")).unwrap().rows), json!([["3", "1", "2"], ["1", "2", "3"]]));
}
