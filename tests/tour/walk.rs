//! One whole session over HTTP, as anybody who has the address of a service and an account can walk it.

use std::{io::Read as _, time::Duration};

use serde_json::{Value, json};

use crate::harness::{Answer, Client, samples};

const POEMS: &str = "<poems><poem><title>Ozymandias</title></poem><poem><title>Kubla Khan</title></poem></poems>";

/// Documents of three groups, two of them in archives inside of the archive.
fn archive() -> Vec<u8> {
    let orders = samples::ORDERS.as_bytes();
    let poems = samples::zip(&[("poems.xml", POEMS.as_bytes())]);
    let shelf = samples::zip(&[("POEMS.zip", &poems)]);
    let books = samples::zip(&[("books.xml", samples::BOOKS.as_bytes())]);
    samples::zip(&[
        ("2024/orders/a.xml", orders),
        ("2025/orders/b.xml", orders),
        ("BOOKS.zip", &books),
        ("SHELF.zip", &shelf),
        ("notes.txt", b"no document"),
    ])
}

/// The tables of a layout with their rows. Lines of orders repeat and have parts: only one flat table for each record has no table for them.
fn expected(layout: &str) -> Vec<(&'static str, u64)> {
    let mut tables = vec![("book", 3), ("order", 4), ("poem", 2)];
    if layout != "flat" {
        tables.insert(1, ("line", 6));
    }
    tables
}

/// Walks it from the login to the second logout, and panics at the first thing that is not as it should be. Says each step by `say`.
pub async fn walk(visitor: &Client, username: &str, password: &str, say: impl Fn(&str)) {
    let (client, session) = sign_in(visitor, username, password).await;
    say("signed in; a wrong password is refused, the refresh token rotates");
    upload(&client).await;
    say("uploaded an archive of archives: 4 documents in 3 groups");
    for layout in ["auto", "flat", "relational"] {
        let tables = convert(&client, layout).await;
        say(&format!("converted to {layout} tables, downloaded each: {tables}"));
    }
    download_all(&client).await;
    say("downloaded all as one archive");
    ask_tables(&client).await;
    say("paged, joined by keys, asked with SQL");
    leave(client, visitor, &session, username, password).await;
    say("logged out: tokens are dead, a new session is empty");
}

async fn sign_in(visitor: &Client, username: &str, password: &str) -> (Client, String) {
    visitor.get("/api/health").await.expect(200);
    let wrong = json!({ "username": username, "password": "certainly not the password" });
    assert_eq!(visitor.post("/api/auth/login", wrong).await.expect(401).code(), "invalid_credentials");
    let mut client = visitor.clone().login(username, password).await;
    let session = client.session.clone().unwrap();
    let before = client.cookie.clone();
    let refreshed = client.post("/api/auth/refresh", json!({})).await.expect(200);
    let cookie = refreshed.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite"), "{cookie}");
    client.keep(&refreshed);
    assert_ne!(client.cookie, before);
    (client, session)
}

async fn upload(client: &Client) {
    let report = client.upload("all.zip", archive()).await.expect(201).json();
    let groups: Vec<_> =
        items(&report, "groups").iter().map(|group| (text(group, "name"), &group["documents"])).collect();
    assert_eq!(groups, [("BOOKS", &json!(1)), ("ORDERS", &json!(2)), ("POEMS", &json!(1))], "{report}");
    let rejected: Vec<_> = items(&report, "rejected").iter().map(|file| text(file, "file")).collect();
    assert_eq!(rejected, ["all.zip/notes.txt"]);
    let documents = client.get("/api/documents").await.expect(200).json();
    let found = items(&documents, "items").iter().filter(|document| document["record_path"].is_string()).count();
    assert_eq!(found, 4, "{documents}");
}

/// Previews, converts, and compares every file with what the job says of it. Says how many rows each table has.
async fn convert(client: &Client, layout: &str) -> String {
    let preview = client.post("/api/convert/preview", json!({ "layout": layout, "rows": 3 })).await.expect(200).json();
    assert_eq!(items(&preview, "tables").len(), expected(layout).len(), "{preview}");
    let started = client.post_with("/api/convert", json!({ "layout": layout }), ("prefer", "wait=20")).await;
    assert!([200, 202].contains(&started.status.as_u16()), "{started:?}");
    let started = started.json();
    let id = started["job_id"].as_str().or(started["id"].as_str()).unwrap();
    let job = client.job_end(id, Duration::from_secs(120)).await;
    let result = &job["result"];
    assert_eq!((&job["state"], &result["documents"]), (&json!("succeeded"), &json!({ "converted": 4, "failed": 0 })));
    let mut found = Vec::new();
    for table in items(result, "tables") {
        let file = client.get(&format!("/api/files/{}", text(table, "path"))).await.expect(200);
        found.push((text(table, "name"), table["rows"].as_u64().unwrap()));
        compare(table, &file);
    }
    found.sort_unstable();
    assert_eq!(found, expected(layout), "{layout}");
    found.iter().map(|(name, rows)| format!("{name} {rows}")).collect::<Vec<_>>().join(", ")
}

/// No cell of the documents holds a comma or an end of line.
fn compare(table: &Value, file: &Answer) {
    let content = String::from_utf8(file.body.to_vec()).unwrap();
    let (names, rows) = content.split_once('\n').unwrap();
    let columns: Vec<_> = items(table, "columns").iter().map(|column| text(column, "name")).collect();
    assert_eq!(names.split(',').collect::<Vec<_>>(), columns);
    assert!(rows.lines().all(|row| row.split(',').count() == columns.len()), "{content}");
    assert_eq!(Some(rows.lines().count() as u64), table["rows"].as_u64(), "{content}");
}

async fn download_all(client: &Client) {
    let archive = client.get("/api/download").await.expect(200).body;
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(archive)).unwrap();
    let mut names = Vec::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        file.read_to_end(&mut Vec::new()).unwrap();
        names.push(file.name().unwrap().into_owned());
    }
    assert!(names.iter().any(|name| name.ends_with("datapackage.json")), "{names:?}");
    assert_eq!(names.iter().filter(|name| name.ends_with(".csv")).count(), expected("relational").len(), "{names:?}");
}

async fn ask_tables(client: &Client) {
    let tables = client.get("/api/tables").await.expect(200).json();
    let mut listed: Vec<_> =
        items(&tables, "items").iter().map(|table| (text(table, "name"), table["rows"].as_u64().unwrap())).collect();
    listed.sort_unstable();
    assert_eq!(listed, expected("relational"));
    let (mut path, mut rows) = ("/api/tables/line?limit=4".to_owned(), 0);
    loop {
        let page = client.get(&path).await.expect(200).json();
        rows += items(&page, "items").len();
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/api/tables/line?limit=4&cursor={cursor}");
    }
    assert_eq!(rows, 6);
    let sql = r#"select (select count(*) from line join "order" on line._parent = "order"._id),
        (select count(distinct _id) from line), (select count(distinct _id) from "order"),
        (select sum(qty) from line)"#;
    let answer = client.post("/api/tables/query", json!({ "sql": sql })).await.expect(200).json();
    assert_eq!(answer["rows"], json!([[6, 6, 4, 26]]), "each line has its order, and no key is there twice");
    let change = client.post("/api/tables/query", json!({ "sql": "drop table line" })).await.expect(422);
    assert_eq!(change.code(), "sql_rejected");
}

async fn leave(client: Client, visitor: &Client, session: &str, username: &str, password: &str) {
    let left = client.post("/api/logout", json!({})).await.expect(200).json();
    assert_eq!(left["success"], true, "{left}");
    assert_eq!(client.get("/api/files").await.expect(401).code(), "not_signed_in");
    client.post("/api/auth/refresh", json!({})).await.expect(401);
    let again = visitor.clone().login(username, password).await;
    assert_ne!(again.session.as_deref(), Some(session));
    assert_eq!(again.get("/api/files").await.expect(200).json()["items"], json!([]));
    again.post("/api/logout", json!({})).await.expect(200);
}

fn items<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().unwrap_or_else(|| panic!("no {name} in {value}"))
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}"))
}
