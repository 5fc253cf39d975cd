//! What statements may cost.

use super::*;

#[test]
fn statements_beyond_the_limits_are_rejected() {
    let store = Store::orders();
    for sql in [
        format!("SELECT '{}'", "x".repeat(40_000)),
        format!("SELECT {}", vec!["1"; 300].join(",")),
        format!("SELECT {}1{}", "(1+".repeat(80), ")".repeat(80)),
        vec!["SELECT 1"; 20].join(" UNION ALL "),
        format!("SELECT max({})", vec!["1"; 20].join(",")),
    ] {
        let result = store.ask(&sql);
        assert!(matches!(result, Err(QueryError::Rejected(_))), "{:.60}: {result:?}", sql);
    }
    assert!(matches!(store.ask(&format!("SELECT 'x' LIKE '{}'", "%x".repeat(200))), Err(QueryError::Failed(_))));
}

const ENDLESS: &str = "WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x)";

#[test]
fn runaways_end_at_the_deadline() {
    let store = Store::orders();
    let doubling = |last: &str| {
        format!(
            "WITH RECURSIVE d(s) AS (SELECT 'a' UNION ALL SELECT s || s FROM d WHERE length(s) < 30000), big(s) AS (SELECT s FROM d WHERE length(s) > 30000) {last}"
        )
    };
    for sql in [
        format!("{ENDLESS} SELECT count(*) FROM x"),
        format!("{ENDLESS} SELECT n FROM x WHERE n < 0"),
        format!("{ENDLESS} SELECT max(printf('%.100000c', 'x')) FROM x"),
        "SELECT count(*) FROM orders a, orders b, orders c, orders d, orders e, orders f, orders g, orders h, orders i, orders j, orders k, orders l, orders m, orders n, orders o, orders p, orders q".to_owned(),
        format!("{ENDLESS} SELECT n FROM x ORDER BY n DESC"),
        format!("{ENDLESS} SELECT DISTINCT n % 7 FROM x"),
        doubling("SELECT count(*) FROM big a, d b, d c, d e, d f, d g, d h, d i WHERE a.s || b.s < c.s || a.s"),
    ] {
        let started = Instant::now();
        let result = store.ask(&sql);
        assert!(matches!(result, Err(QueryError::Timeout)), "{sql}: {result:?}");
        assert!(started.elapsed() < LIMITS.time + GRACE, "{sql}: {:?}", started.elapsed());
    }
}

#[test]
fn single_steps_are_short() {
    let store = Store::orders();
    let half = "printf('%.250000c', 'a')";
    for sql in [
        // Quadratic in SQLite itself: minutes in a single step.
        format!("SELECT instr({half} || {half}, {half} || 'b')"),
        format!("SELECT length(replace({half} || {half}, {half} || 'b', ''))"),
        format!("SELECT length(trim({half} || {half}, printf('%.250000c', 'b') || 'a'))"),
        format!("SELECT {half} LIKE '%a%a%a%a%a%a%a%b'"),
        format!("SELECT {half} GLOB '*a*a*a*a*a*a*a*b'"),
        format!("SELECT length(hex({half}))"),
        format!("SELECT json_valid('[' || {half} || ']')"),
    ] {
        let started = Instant::now();
        let result = store.ask(&sql);
        assert!(matches!(result, Ok(_) | Err(QueryError::Timeout)), "{sql}: {result:?}");
        assert!(started.elapsed() < LIMITS.time + GRACE, "{sql}: {:?}", started.elapsed());
    }
}

#[test]
fn statements_cannot_blow_up_while_being_prepared() {
    let mut references = "WITH t0 AS (SELECT 1 AS a)".to_owned();
    for level in 1..30 {
        let below = level - 1;
        references.push_str(&format!(", t{level} AS (SELECT x.a FROM t{below} x, t{below} y)"));
    }
    references.push_str(" SELECT count(*) FROM t29");
    let expressions = (0..10).fold("SELECT _id AS a FROM orders".to_owned(), |inner, _| {
        format!("SELECT {} AS a FROM ({inner})", ["a"; 30].join(" + "))
    });
    let store = Store::orders();
    for sql in [references, expressions] {
        let started = Instant::now();
        let result = store.ask(&sql);
        assert!(matches!(&result, Err(QueryError::Rejected(reason)) if reason.contains("too complex")), "{result:?}");
        assert!(started.elapsed() < GRACE, "{:?}", started.elapsed());
    }
}

#[test]
fn values_that_grow_too_long_are_an_error() {
    let store = Store::orders();
    for sql in [
        "SELECT hex(hex(hex(printf('%.1000000c', 'x'))))".to_owned(),
        "SELECT replace(printf('%.1000000c', 'x'), 'x', 'xxxxxxxx')".to_owned(),
        format!("{ENDLESS} SELECT group_concat(printf('%.100000c', n)) FROM (SELECT n FROM x LIMIT 100)"),
    ] {
        let result = store.ask(&sql);
        assert!(
            matches!(&result, Err(QueryError::Failed(message)) if message.contains("too long")),
            "{sql}: {result:?}"
        );
    }
}

#[test]
fn many_long_values_at_once_are_an_error() {
    let many = vec!["printf('%.4000000c', _id)"; 200].join(", ");
    let result = Store::orders().ask(&format!("SELECT {many} FROM orders LIMIT 1"));
    // SQLite gives null for a text that would be too long.
    assert!(result.is_ok_and(|result| result.rows[0].iter().all(Value::is_null)));
}

#[test]
fn results_are_cut_at_the_limits_and_say_so() {
    let store = Store::orders();
    let numbers = store.ask(&format!("{ENDLESS} SELECT n FROM x")).unwrap();
    assert_eq!((numbers.rows.len(), numbers.truncated), (1_000, true));
    let exactly = store.ask(&format!("{ENDLESS} SELECT n FROM x LIMIT 1000")).unwrap();
    assert_eq!((exactly.rows.len(), exactly.truncated), (1_000, false));
    let wide = store.ask(&format!("{ENDLESS} SELECT printf('%.100000c', 'x') FROM x")).unwrap();
    assert_eq!((wide.rows.len(), wide.truncated), (10, true));
    let one = store.ask("SELECT printf('%.600000c', 'x'), printf('%.600000c', 'x')").unwrap();
    assert_eq!((one.rows.len(), one.truncated), (0, true));
}

#[test]
fn a_query_can_be_cancelled_from_outside() {
    let store = Store::orders();
    let cancelled = Arc::new(AtomicBool::new(false));
    let limits = QueryLimits { time: Duration::from_secs(30), ..LIMITS };
    let started = Instant::now();
    let result = thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(50));
            cancelled.store(true, Ordering::Relaxed);
        });
        SqliteTables.query(
            &store.path,
            &format!("{ENDLESS} SELECT count(*) FROM x"),
            &[],
            &limits,
            Arc::clone(&cancelled),
        )
    });
    assert!(matches!(result, Err(QueryError::Failed(_))), "{result:?}");
    assert!(started.elapsed() < Duration::from_secs(10));
}
