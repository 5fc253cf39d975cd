//! Which statements come through.

use super::*;

#[test]
fn reading_statements_are_allowed() {
    let store = Store::orders();
    for (sql, wanted) in [
        ("SELECT count(*) FROM orders", json!([[4]])),
        ("select COUNT(*) from ORDERS -- how many\n;  /* end */ ", json!([[4]])),
        ("SELECT name FROM orders WHERE _id = 1;", json!([["bolt"]])),
        ("SELECT rowid FROM \"order.line\" WHERE _parent = 3", json!([[6], [7]])),
        (
            "SELECT o.name, count(*) FROM orders o JOIN \"order.line\" l ON l._parent = o._id WHERE o._id < 2 GROUP BY o.name",
            json!([["bolt", 2]]),
        ),
        (
            "SELECT sum(price), avg(price), min(price), max(count) FROM orders WHERE _id IN (1, 3)",
            json!([[3.5, 1.75, 1.5, i64::MAX]]),
        ),
        ("WITH x(n) AS (SELECT 1 UNION ALL SELECT 2) SELECT count(*) FROM x", json!([[2]])),
        (
            "WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x WHERE n < 5) SELECT sum(n) FROM x",
            json!([[15]]),
        ),
        ("SELECT count(*) FROM (SELECT DISTINCT _parent FROM \"order.line\")", json!([[3]])),
        ("SELECT _id, row_number() OVER (ORDER BY _id DESC) FROM orders ORDER BY _id LIMIT 1", json!([[1, 4]])),
        ("SELECT json_extract('{\"a\":[1,2]}', '$.a[1]'), '{\"b\":3}' ->> 'b'", json!([[2, 3]])),
        (
            "SELECT upper(name) || '!', substr(name, 1, 2), length(name), replace(name, 'b', 'v'), instr(name, 'lt') FROM orders LIMIT 1",
            json!([["BOLT!", "bo", 4, "volt", 3]]),
        ),
        ("SELECT date('2024-02-28', '+1 day'), strftime('%Y', '2024-01-01')", json!([["2024-02-29", "2024"]])),
        ("SELECT _id FROM orders WHERE name LIKE 'BO%' UNION SELECT 9 ORDER BY 1", json!([[1], [9]])),
        (";; SELECT 1", json!([[1]])),
        ("VALUES (1), (2)", json!([[1], [2]])),
        ("SELECT CASE WHEN price > 1 THEN 'dear' ELSE 'cheap' END FROM orders WHERE _id = 1", json!([["dear"]])),
        ("SELECT group_concat(sku, ',') FROM \"order.line\" WHERE _parent = 1", json!([["s,s"]])),
        (
            "SELECT CAST('a' AS BLOB), 1e999, NULL, -9223372036854775807",
            json!([["x'61'", null, null, -9_223_372_036_854_775_807_i64]]),
        ),
        ("SELECT coalesce(NULL, round(2.567, 1)), abs(-3), typeof(1.5)", json!([[2.6, 3, "real"]])),
        ("SELECT 1 WHERE EXISTS (SELECT * FROM orders WHERE count = 10)", json!([[1]])),
    ] {
        assert_eq!(store.rows(sql), wanted, "{sql}");
    }
    assert_eq!(store.ask("SELECT _id AS a, name \"b c\" FROM orders").unwrap().columns, ["a", "b c"]);
}

pub(super) const DENIED: &[&str] = &[
    // Writing
    "INSERT INTO orders VALUES (9, 'x', 1, 1)",
    "UPDATE orders SET name = 'x'",
    "DELETE FROM orders",
    "REPLACE INTO orders VALUES (1, 'x', 1, 1)",
    "DELETE FROM orders RETURNING *",
    "WITH x AS (SELECT 1) INSERT INTO orders SELECT 9, 'x', 1, 1 FROM x RETURNING name",
    "DROP TABLE orders",
    "ALTER TABLE orders RENAME TO o",
    "CREATE TABLE x (a)",
    "CREATE TABLE x AS SELECT * FROM orders",
    "CREATE TEMP TABLE x AS SELECT * FROM orders",
    "CREATE VIEW x AS SELECT * FROM orders",
    "CREATE TEMP VIEW x AS SELECT 1",
    "CREATE INDEX x ON orders (name)",
    "CREATE TEMP TRIGGER x AFTER INSERT ON orders BEGIN SELECT 1; END",
    "CREATE VIRTUAL TABLE x USING fts5(a)",
    "CREATE VIRTUAL TABLE temp.x USING rtree(a, b, c)",
    "REINDEX",
    "ANALYZE",
    // Files
    "VACUUM",
    "VACUUM INTO 'stolen.sqlite'",
    "VACUUM main INTO 'stolen.sqlite'",
    "ATTACH DATABASE 'other.sqlite' AS o",
    "ATTACH ':memory:' AS m",
    "DETACH DATABASE main",
    "SELECT load_extension('evil')",
    "SELECT readfile('/etc/passwd')",
    "SELECT writefile('x', 'y')",
    "SELECT edit('x')",
    // The state of the connection
    "PRAGMA query_only = 0",
    "PRAGMA table_info(orders)",
    "PRAGMA database_list",
    "PRAGMA temp_store_directory = '/tmp'",
    "PRAGMA writable_schema = 1",
    "PRAGMA journal_mode = WAL",
    "PRAGMA hard_heap_limit = 1",
    "BEGIN",
    "BEGIN EXCLUSIVE",
    "COMMIT",
    "ROLLBACK",
    "SAVEPOINT x",
    "RELEASE x",
    "SELECT last_insert_rowid()",
    "SELECT total_changes()",
    "SELECT sqlite_version()",
    "SELECT sqlite_compileoption_get(1)",
    // The schema and modules
    "SELECT * FROM sqlite_master",
    "SELECT count(*) FROM sqlite_master",
    "SELECT count(*) FROM SQLITE_SCHEMA",
    "SELECT 1 FROM sqlite_temp_master",
    "SELECT * FROM pragma_table_info('orders')",
    "SELECT count(*) FROM pragma_database_list",
    "SELECT * FROM pragma_function_list",
    "SELECT count(*) FROM dbstat",
    "SELECT * FROM json_each('[1]')",
    "SELECT count(*) FROM json_tree('[1]')",
    "SELECT * FROM fts3tokenize('simple', 'a')",
    "SELECT fts3_tokenizer('simple')",
    "SELECT fts5(NULL)",
    // Cost
    "SELECT randomblob(1000000000)",
    "SELECT zeroblob(1000000000)",
    "SELECT hex(randomblob(10))",
    "SELECT json_patch('{}', '{}')",
    "SELECT json_group_array(name) FROM orders",
    "SELECT json_group_object(_id, name) FROM orders",
    "SELECT unhex('aa', 'b')",
    // More or less than one SELECT
    "",
    " ; ",
    "-- nothing",
    "SELECT 1; SELECT 2",
    "SELECT 1; DROP TABLE orders",
    "SELECT 1; VACUUM INTO 'stolen.sqlite'",
    "SELECT 1\0; DROP TABLE orders",
    "EXPLAIN SELECT 1",
    "EXPLAIN QUERY PLAN SELECT * FROM orders",
    "SELECT * FROM orders WHERE _id = ?1",
    "SELECT :name",
    // What does not parse or does not exist
    "SELEC 1",
    "SELECT * FROM nowhere",
    "SELECT nowhere FROM orders",
    "SELECT \"nowhere\" FROM orders",
    "SELECT nowhere(1)",
    "SELECT main.orders.name FROM temp.orders",
    "SELECT a FROM orders INDEXED BY nowhere",
];

#[test]
fn everything_else_is_rejected_and_leaves_no_trace() {
    let store = Store::orders();
    let before = store.traces();
    for sql in DENIED {
        let result = store.ask(sql);
        assert!(matches!(result, Err(QueryError::Rejected(_))), "{sql}: {result:?}");
    }
    assert_eq!(store.traces(), before);
    let stray = ["stolen.sqlite", "other.sqlite"].map(|name| std::path::Path::new(name).exists());
    assert_eq!(stray, [false, false], "a file appeared in the working folder");
}

#[test]
fn reasons_say_what_is_wrong() {
    let store = Store::orders();
    for (sql, part) in [
        ("DROP TABLE orders", "only one SELECT"),
        ("SELECT 1; SELECT 2", "more than one statement"),
        ("SELECT * FROM nowhere", "no such table: nowhere"),
        ("SELECT load_extension('x')", "load_extension"),
        ("", "there is no SELECT"),
        ("EXPLAIN SELECT 1", "EXPLAIN"),
    ] {
        let error = store.ask(sql).unwrap_err().to_string();
        assert!(error.contains(part), "{sql}: {error}");
    }
}

#[test]
fn a_statement_keeps_to_the_tables_it_may_read() {
    let store = Store::orders();
    let only = ["ORDERS".to_owned()];
    let ask = |sql: &str| SqliteTables.query(&store.path, sql, &only, &LIMITS, Arc::default());
    for allowed in
        ["SELECT count(*) FROM orders", "WITH x AS (SELECT name FROM orders) SELECT count(*) FROM x", "SELECT 1"]
    {
        ask(allowed).unwrap();
    }
    for hidden in [
        "SELECT count(*) FROM \"order.line\"",
        "SELECT sku FROM \"order.line\"",
        "SELECT 1 FROM \"ORDER.LINE\"",
        "SELECT o._id FROM orders AS o JOIN \"order.line\" AS l ON l._parent = o._id",
        "SELECT (SELECT count(*) FROM main.\"order.line\")",
        "SELECT name FROM orders WHERE EXISTS (SELECT 1 FROM \"order.line\")",
    ] {
        let refused = ask(hidden);
        assert!(
            matches!(&refused, Err(QueryError::Rejected(reason)) if reason.contains("prohibited") || reason.contains("not authorized")),
            "{hidden}: {refused:?}"
        );
        store.rows(hidden);
    }
}

#[test]
fn a_statement_has_as_many_temporary_tables_as_there_is_memory_for() {
    let store = Store::orders();
    let distinct = |columns: usize| {
        let columns: Vec<String> = (0..columns).map(|number| format!("count(DISTINCT name || {number})")).collect();
        format!("SELECT {} FROM orders", columns.join(", "))
    };
    assert_eq!(store.ask(&distinct(6)).unwrap().rows.len(), 1);
    for columns in [7, 12, 48] {
        let refused = store.ask(&distinct(columns));
        let is_told = |reason: &String| reason.contains("temporary tables") && reason.contains("several steps");
        assert!(matches!(&refused, Err(QueryError::Rejected(reason)) if is_told(reason)), "{columns}: {refused:?}");
    }
    let lists: Vec<String> = (0..20).map(|number| format!("count NOT IN ({number}, 100, 101)")).collect();
    store.ask(&format!("SELECT name FROM orders WHERE {}", lists.join(" AND "))).unwrap();
    // Few rows, few numbers.
    assert_eq!(store.rows("SELECT count(*) FROM \"order.line\" WHERE _parent = 1 OR rowid = 5"), json!([[3]]));
}
