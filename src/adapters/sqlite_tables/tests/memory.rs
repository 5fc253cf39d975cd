//! What statements take of memory and time, each in a process of its own: what others take there does not count.
#![cfg(target_os = "linux")]

use std::{
    fs,
    process::{Command, Stdio},
};

use super::*;

/// What one statement may take beside what the process has.
const MEMORY: u64 = 16 << 20;
/// The time that a model's statements get, and what may pass until they end.
const TIME: Duration = Duration::from_secs(2);
const CPU_TIME: Duration = Duration::from_millis(2_200);

const NAME: &str = "adapters::sqlite_tables::tests::memory::one_statement";
/// Files in the folder where the other process starts.
const STORE: &str = "store";
const STATEMENT: &str = "statement.sql";

const ENDLESS: &str = "WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x)";

/// Orders, as many as a cache holds several times, each with a text.
fn large() -> Store {
    Store::built(|writer| {
        writer.add_table(&orders_table()).unwrap();
        let name = "name ".repeat(200);
        for row in 0..20_000_u32 {
            let (key, count) = (row.to_string(), (row % 7).to_string());
            writer.insert(0, &mut [Some(&*key), Some(&*name), Some("1.5"), Some(&*count)].into_iter()).unwrap();
        }
    })
}

/// Many lines below one order.
fn many_children() -> Store {
    Store::built(|writer| {
        writer.add_table(&lines_table()).unwrap();
        for row in 1..=800_000_u32 {
            let key = row.to_string();
            writer.insert(0, &mut [Some(&*key), Some("1"), Some("s")].into_iter()).unwrap();
        }
    })
}

/// Conditions for which numbers of rows are kept.
fn alternatives() -> Vec<String> {
    let lines = "SELECT count(*) FROM \"order.line\" WHERE";
    let several = vec![format!("({lines} _parent = 1 OR rowid = 5)"); 8].join(", ");
    vec![
        format!("{lines} _parent = 1 OR rowid = 5"),
        format!("{lines} _parent IN (1, 2) OR _id BETWEEN 3 AND 700000"),
        format!("SELECT {several}"),
        format!("{lines} +_parent = 1 OR +rowid = 5"),
    ]
}

/// Expressions with which values grow, of about so many characters.
fn growing(length: usize) -> Vec<String> {
    let text = |length: usize| format!("printf('%.{length}c', 'x')");
    let several = |times: usize, length: usize| vec![text(length); times].join(", ");
    let endless_tables =
        (0..12).map(|number| format!("(SELECT DISTINCT n, {} FROM x) AS t{number}", text(length / 50)));
    let list = |parts: usize, between: &str, part: &dyn Fn(usize) -> String| {
        (0..parts).map(part).collect::<Vec<_>>().join(between)
    };
    let window = |number: usize| format!("sum(count) OVER (PARTITION BY count ORDER BY price + {number}, name || _id)");
    let distinct = |number: usize| format!("count(DISTINCT name || _id || {number})");
    let among = |number: usize| format!("name || _id || {number} IN (SELECT name || _id || {number} FROM orders)");
    let sorted = |number: usize| {
        format!("(SELECT DISTINCT name || _id || {number} AS n, {} AS t FROM orders ORDER BY 1)", text(length / 50))
    };
    let union = |_: usize| format!("SELECT name || _id || {} FROM orders", text(length / 50));
    // As many as there may be, and more.
    let temporary_tables = [1, 3, 6, 7, 24].into_iter().flat_map(|parts| {
        vec![
            format!("SELECT {} FROM orders", list(parts, ", ", &distinct)),
            format!("SELECT {}, {} FROM orders GROUP BY _id % 7", list(parts, ", ", &distinct), text(length)),
            format!("SELECT {} FROM orders LIMIT 5", list(parts, ", ", &window)),
            format!("SELECT count(*) FROM orders WHERE {}", list(parts, " AND ", &among)),
            format!("SELECT count(*) FROM {}", list(parts, " JOIN ", &sorted)),
            list(parts, " UNION ", &union),
        ]
    });
    let doubled = format!(
        "WITH RECURSIVE d(s) AS (SELECT 'a' UNION ALL SELECT s || s FROM d WHERE length(s) < {length}), big(s) AS (SELECT s FROM d WHERE length(s) > {})",
        length / 4
    );
    let mut statements = vec![
        format!("SELECT max({})", several(16, length)),
        format!("SELECT length(concat({}))", several(16, length)),
        format!("SELECT length(format('%s%s%s%s', {}))", several(4, length)),
        format!("SELECT {}", several(100, length)),
        format!("SELECT {} FROM orders", several(100, length / 4)),
        format!("SELECT length(hex({}))", text(length)),
        format!("SELECT length(hex(hex(hex({}))))", text(length / 8)),
        format!("SELECT length(quote(quote({})))", text(length)),
        format!("SELECT length(replace({}, 'x', 'yyy'))", text(length / 3)),
        format!("SELECT length(upper(lower({}) || 'a') || 'b')", text(length)),
        format!("SELECT {} LIKE '%x%y'", text(length)),
        format!("SELECT trim({}, 'xyz') || ltrim({}, 'y')", text(length), text(length)),
        format!("SELECT json_array_length('[' || replace({}, 'x', '1,') || '1]')", text(length / 2)),
        format!(
            "SELECT json_valid(replace({}, 'x', '[')), json_valid(replace({}, 'x', '{{\"a\":'))",
            text(length),
            text(length / 6)
        ),
        format!("SELECT length(json_array({}))", several(16, length)),
        format!(
            "SELECT length(json_set('[' || replace({0}, 'x', '1,') || '1]', '$[#]', {0}, '$[#]', {0}))",
            text(length / 4)
        ),
        format!("{ENDLESS} SELECT group_concat({}) FROM x", text(length / 50)),
        format!("{ENDLESS} SELECT json_group_array({}) FROM x", text(length / 50)),
        format!("{ENDLESS} SELECT json_group_object(n, {}) FROM x", text(length / 50)),
        format!("SELECT {} FROM orders", vec!["group_concat(name)"; 40].join(", ")),
        format!("SELECT group_concat(name) OVER (ORDER BY _id) FROM orders"),
        format!("SELECT lag(name, 10000) OVER (ORDER BY _id), ntile(4) OVER (ORDER BY name || _id) FROM orders"),
        format!("{ENDLESS} SELECT count(*) FROM {}", endless_tables.collect::<Vec<_>>().join(", ")),
        format!("{ENDLESS} SELECT DISTINCT n, {} FROM x", text(length / 50)),
        format!("{ENDLESS} SELECT n FROM x ORDER BY {} || n DESC", text(length / 50)),
        format!("{ENDLESS} SELECT n % 7, max(n || {}) FROM x GROUP BY 1", text(length / 50)),
        format!("{ENDLESS} SELECT n FROM x"),
        format!("{ENDLESS} SELECT max({}) FROM x", text(length)),
        "SELECT name FROM orders ORDER BY name || _id DESC".to_owned(),
        "SELECT count(*) FROM orders AS a, orders AS b WHERE a.name || b._id = b.name || a._id".to_owned(),
        vec!["SELECT name || _id FROM orders"; 16].join(" UNION "),
        "SELECT * FROM orders AS a JOIN orders AS b ON a.count = b.count ORDER BY a.name || b._id".to_owned(),
        format!("{doubled} SELECT max(length(s)) FROM d"),
        format!("{doubled} SELECT count(*) FROM big a, d b, d c, d e, d f, d g, d h WHERE a.s || b.s < c.s || a.s"),
        format!("{doubled} SELECT a.s, b.s, c.s, a.s || b.s, b.s || c.s FROM big a, big b, big c"),
    ];
    // What the tables leave of the memory, values take; between these it is the same.
    if matches!(length, 1_000_000 | 20_000) {
        statements.extend(temporary_tables);
    }
    statements
}

/// What a statement took.
struct Taken {
    memory: u64,
    cpu: Duration,
    outcome: String,
}

/// Runs the statement in a process of its own.
fn taken_by(store: &Store, sql: &str) -> Taken {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(STORE), store.path.to_str().unwrap()).unwrap();
    fs::write(folder.path().join(STATEMENT), sql).unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", NAME, "--ignored", "--nocapture", "--test-threads=1"])
        .current_dir(&folder)
        .stderr(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let field = |name: &str| {
        let found = text.lines().find_map(|line| line.strip_prefix(name));
        found.unwrap_or_else(|| panic!("{sql:.200}: {text}")).to_owned()
    };
    Taken {
        memory: field("memory: ").parse().unwrap(),
        cpu: Duration::from_micros(field("cpu: ").parse().unwrap()),
        outcome: field("outcome: "),
    }
}

#[test]
fn statements_keep_to_their_memory_and_time() {
    let (store, children) = (large(), many_children());
    // The longest values that there can be, and those just too long for statements of any length.
    let lengths = [1_000_000, 400_000, 100_000, 20_000, 4_000];
    let growing = lengths.into_iter().flat_map(growing).chain(super::gate::DENIED.iter().map(|sql| (*sql).to_owned()));
    let mut statements: Vec<(&Store, String)> = growing.map(|sql| (&store, sql)).collect();
    statements.extend(alternatives().into_iter().map(|sql| (&children, sql)));
    let next = std::sync::Mutex::new(statements.into_iter());
    let beyond = std::sync::Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((store, sql)) = { next.lock().unwrap().next() } {
                    let mut taken = taken_by(store, &sql);
                    if taken.cpu > CPU_TIME {
                        // A core that others use too takes longer for the same.
                        taken.cpu = taken_by(store, &sql).cpu;
                    }
                    if taken.memory > MEMORY || taken.cpu > CPU_TIME {
                        let (memory, cpu) = (taken.memory, taken.cpu);
                        beyond.lock().unwrap().push(format!("{memory} bytes, {cpu:?}: {sql:.150}: {}", taken.outcome));
                    }
                }
            });
        }
    });
    let beyond = beyond.into_inner().unwrap();
    assert!(beyond.is_empty(), "{}", beyond.join("\n"));
}

/// Not a test by itself: tells what the statement in the folder takes.
#[test]
#[ignore = "run by another test, in a process of its own"]
fn one_statement() {
    let Ok(sql) = fs::read_to_string(STATEMENT) else { return };
    let path = PathBuf::from(fs::read_to_string(STORE).unwrap());
    let limits = QueryLimits { time: TIME, ..LIMITS };
    let ask = |sql: &str| SqliteTables.query(&path, sql, &[], &limits, Arc::default());
    // What is taken once and kept, whoever asks.
    let usual = |table: &str| ask(&format!("SELECT _id, count(*) FROM {table} WHERE _id < 10 GROUP BY 1 ORDER BY 2"));
    usual("orders").or_else(|_| usual("\"order.line\"")).unwrap();
    // The highest is from now on.
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let (before, cpu) = (status("VmRSS:"), cpu_time());
    let outcome = ask(&sql);
    let (memory, cpu) = (status("VmHWM:").saturating_sub(before), cpu_time() - cpu);
    let outcome = match outcome {
        Ok(rows) => format!("{} rows", rows.rows.len()),
        Err(error) => error.to_string().replace('\n', " "),
    };
    println!("\nmemory: {memory}\ncpu: {}\noutcome: {outcome}", cpu.as_micros());
}

fn status(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

/// Of all threads of the process.
fn cpu_time() -> Duration {
    let schedstat = |task: fs::DirEntry| fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    let nanoseconds = tasks.map(|task| {
        let text = schedstat(task.unwrap());
        text.split_whitespace().next().and_then(|time| time.parse::<u64>().ok()).unwrap_or_default()
    });
    Duration::from_nanos(nanoseconds.sum())
}
