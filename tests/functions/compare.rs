//! Comparing tables and uploads.

use serde_json::{Value, json};

use crate::harness::{Client, TestApp, samples};

const SPRING: &str = r#"<library city="Ulm">
  <book id="1"><title>Emma</title><author>Jane Austen</author></book>
  <book id="2"><title>Good Omens</title><author>Terry Pratchett</author><author>Neil Gaiman</author></book>
  <book id="3"><title>Dune</title><author>Frank Herbert</author></book>
</library>"#;

const AUTUMN: &str = r#"<library city="Bonn">
  <book id="4"><title>Ubik</title><author>Philip K. Dick</author><author>Dick</author></book>
  <book id="2"><title>Good Omens!</title><author>Terry Pratchett</author></book>
  <book id="1"><title>Emma</title><author>Jane Austen</author></book>
</library>"#;

async fn converted(app: &TestApp, files: &[(&str, &str)]) -> Client {
    let client = app.user("ada").await;
    for (name, text) in files {
        client.upload(name, text).await.expect(201);
    }
    assert_eq!(client.convert(json!({ "layout": "relational" })).await["state"], "succeeded");
    client
}

fn table<'a>(answer: &'a Value, name: &str) -> &'a Value {
    let tables = answer["tables"].as_array().unwrap();
    tables.iter().find(|table| table["left"] == name || table["right"] == name).unwrap_or_else(|| panic!("{answer}"))
}

fn counts(table: &Value) -> [u64; 4] {
    ["removed", "added", "changed", "unchanged"].map(|kind| table[kind].as_u64().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_uploads_are_compared_table_by_table() {
    let app = TestApp::start().await;
    let client = converted(&app, &[("spring.xml", SPRING), ("autumn.xml", AUTUMN)]).await;
    let asked = json!({ "left": "spring.xml", "right": "autumn.xml" });
    let answer = client.post("/api/compare", asked).await.expect(200).json();
    let books = table(&answer, "book");
    assert_eq!((&books["matched_by"], &books["key"]), (&json!("found"), &json!(["id"])));
    assert_eq!(counts(books), [1, 1, 1, 1]);
    assert_eq!(
        books["rows"],
        json!([
            { "change": "changed", "key": { "id": 2 }, "left_row": 2, "right_row": 5,
              "cells": [{ "column": "title", "left": "Good Omens", "right": "Good Omens!" }] },
            { "change": "removed", "key": { "id": 3 }, "left_row": 3, "right_row": null,
              "cells": [{ "column": "id", "left": 3, "right": null }, { "column": "title", "left": "Dune", "right": null }] },
            { "change": "added", "key": { "id": 4 }, "left_row": null, "right_row": 4,
              "cells": [{ "column": "id", "left": null, "right": 4 }, { "column": "title", "left": null, "right": "Ubik" }] },
        ])
    );
    // Authors are told apart by their book and their name, and the one library needs nothing.
    let authors = table(&answer, "author");
    assert_eq!((&authors["key"], counts(authors)), (&json!(["book.id", "author"]), [2, 2, 0, 2]));
    assert_eq!(authors["rows"][0]["key"], json!({ "book.id": 2, "author": "Neil Gaiman" }));
    let library = table(&answer, "library");
    assert_eq!((&library["key"], counts(library)), (&json!([]), [0, 0, 1, 0]));
    assert_eq!(library["rows"][0]["cells"], json!([{ "column": "city", "left": "Ulm", "right": "Bonn" }]));
    let only = json!({ "left": "spring.xml", "right": "autumn.xml", "tables": ["book"], "limit": 1 });
    let answer = client.post("/api/compare", only).await.expect(200).json();
    assert_eq!(answer["tables"].as_array().unwrap().len(), 1);
    let books = &answer["tables"][0];
    assert_eq!((counts(books), books["rows"].as_array().unwrap().len()), ([1, 1, 1, 1], 1));
    assert_eq!(books["truncated"], true);
    let by_title = json!({ "left": "spring.xml", "right": "autumn.xml", "tables": ["book"], "key": "title" });
    let answer = client.post("/api/compare", by_title).await.expect(200).json();
    assert_eq!((&answer["tables"][0]["matched_by"], counts(&answer["tables"][0])), (&json!("given"), [2, 2, 0, 1]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_called_as_something_else_is_found_by_its_kind() {
    let app = TestApp::start().await;
    let of = |name: &str| format!("<data><{name} id=\"1\"/><{name} id=\"2\"/></data>");
    let archive = |name: &str| samples::zip(&[("data.xml", of(name).as_bytes())]);
    let client = app.user("ada").await;
    for name in ["spring", "autumn"] {
        client.upload(&format!("{name}.zip"), archive(name)).await.expect(201);
    }
    assert_eq!(client.convert(json!({ "layout": "relational" })).await["state"], "succeeded");
    let compared = async |kind: Value| {
        let asked = json!({ "left": "SPRING", "right": "AUTUMN", "kind": kind });
        let answer = client.post("/api/compare", asked).await.expect(200).json();
        answer["tables"].as_array().unwrap().iter().map(counts).collect::<Vec<_>>()
    };
    for tables in [json!(null), json!("table")] {
        assert_eq!(compared(tables).await, [[0, 0, 0, 2]]);
    }
    let groups = compared(json!("group")).await;
    assert!(groups.contains(&[2, 0, 0, 0]) && groups.contains(&[0, 2, 0, 0]), "{groups:?}");
    for (kind, status) in [("upload", 404), ("document", 404), ("folder", 400)] {
        let asked = json!({ "left": "SPRING", "right": "AUTUMN", "kind": kind });
        client.post("/api/compare", asked).await.expect(status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_nothing_tells_apart_are_compared_by_all_they_hold() {
    let app = TestApp::start().await;
    let readings =
        |values: &str| values.split(' ').map(|value| format!("<t><at>Ulm</at><c>{value}</c></t>")).collect::<String>();
    let [one, two] = ["5 5 6 7", "5 6 6 6"].map(|values| format!("<log>{}</log>", readings(values)));
    let client = converted(&app, &[("one.xml", &one), ("two.xml", &two)]).await;
    let answer = client.post("/api/compare", json!({ "left": "one.xml", "right": "two.xml" })).await.expect(200).json();
    let readings = table(&answer, "t");
    assert_eq!(
        (&readings["matched_by"], &readings["key"], counts(readings)),
        (&json!("content"), &json!([]), [2, 2, 0, 2])
    );
    let told: Vec<_> =
        readings["rows"].as_array().unwrap().iter().map(|row| json!([row["change"], row["cells"]])).collect();
    let cells = |side: &str, c: u64| json!([{ "column": "at", side: "Ulm", other(side): null }, { "column": "c", side: c, other(side): null }]);
    assert_eq!(
        told,
        [
            json!(["removed", cells("left", 5)]),
            json!(["added", cells("right", 6)]),
            json!(["added", cells("right", 6)]),
            json!(["removed", cells("left", 7)])
        ]
    );
}

fn other(side: &str) -> &'static str {
    if side == "left" { "right" } else { "left" }
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_of_other_groups_are_compared_by_the_elements_their_tables_come_from() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    for (name, text) in [("spring.zip", SPRING), ("autumn.zip", AUTUMN)] {
        let zip = samples::zip(&[(&format!("{}/library.xml", &name[..6]), text.as_bytes())]);
        client.upload(name, zip).await.expect(201);
    }
    assert_eq!(client.convert(json!({ "layout": "relational" })).await["state"], "succeeded");
    let groups = client.get("/api/tables").await.expect(200).json();
    assert!(
        groups["items"]
            .as_array()
            .unwrap()
            .iter()
            .all(|table| { table["columns"].as_array().unwrap().iter().all(|column| column["name"] != "_document") })
    );
    let answer =
        client.post("/api/compare", json!({ "left": "spring.zip", "right": "autumn.zip" })).await.expect(200).json();
    let tables = answer["tables"].as_array().unwrap();
    assert!(tables.iter().all(|table| table["left"] != Value::Null && table["right"] != Value::Null), "{answer}");
    let books = tables.iter().find(|table| table["key"] == json!(["id"])).unwrap();
    assert_eq!(counts(books), [1, 1, 1, 1]);
    let [left, right] = ["left", "right"].map(|side| books[side].as_str().unwrap().to_owned());
    assert_ne!(left, right);
    let by_name = client.post("/api/compare", json!({ "left": left, "right": right, "key": ["id"] })).await.expect(200);
    assert_eq!(by_name.json()["tables"][0]["rows"], books["rows"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_one_side_lacks_is_all_removed_or_added() {
    let app = TestApp::start().await;
    let client = converted(
        &app,
        &[("one.xml", "<r><a n='1'/><a n='2'/></r>"), ("two.xml", "<s><b n='1'/><b n='2'/><b n='3'/></s>")],
    )
    .await;
    let answer = client.post("/api/compare", json!({ "left": "one.xml", "right": "two.xml" })).await.expect(200).json();
    let (removed, added) = (table(&answer, "a"), table(&answer, "b"));
    assert_eq!((&removed["right"], counts(removed)), (&Value::Null, [2, 0, 0, 0]));
    assert_eq!((&added["left"], counts(added)), (&Value::Null, [0, 3, 0, 0]));
    assert_eq!(added["rows"][2]["cells"], json!([{ "column": "n", "left": null, "right": 3 }]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_compared_is_refused_with_the_reason() {
    let app = TestApp::start().await;
    let client = app.user("grace").await;
    let nothing = client.post("/api/compare", json!({ "left": "a", "right": "b" })).await.expect(409);
    assert_eq!(nothing.code(), "nothing_converted");
    let client = converted(&app, &[("spring.xml", SPRING)]).await;
    for (asked, status, code, says) in [
        (
            json!({ "left": "book", "right": "novel" }),
            404,
            "not_found",
            "there is no table, upload, document or group 'novel'",
        ),
        (json!({ "left": "book", "right": "spring.xml" }), 400, "invalid_parameter", "name two tables or two uploads"),
        (
            json!({ "left": "book", "right": "book", "key": "isbn" }),
            400,
            "invalid_parameter",
            "no column 'isbn' in common",
        ),
        (
            json!({ "left": "author", "right": "author", "key": "_parent" }),
            400,
            "invalid_parameter",
            "more than one row has 2",
        ),
        (json!({ "left": "book", "right": "book", "limit": 1001 }), 400, "invalid_parameter", "from 0 to 1000"),
        (json!({ "left": "spring.xml", "right": "spring.xml", "tables": ["x"] }), 404, "not_found", "'x'"),
        (json!({ "left": "book" }), 400, "invalid_body", "right"),
    ] {
        let refused = client.post("/api/compare", asked.clone()).await.expect(status);
        assert_eq!(refused.code(), code, "{asked}");
        assert!(refused.json()["detail"].as_str().unwrap().contains(says), "{asked}: {}", refused.json());
    }
    for (left, right) in [("late.xml", "spring.xml"), ("spring.xml", "late.xml")] {
        client.upload("late.xml", AUTUMN).await.expect(201);
        let late = client.post("/api/compare", json!({ "left": left, "right": right })).await.expect(409);
        assert_eq!(late.code(), "nothing_converted");
        assert!(late.json()["detail"].as_str().unwrap().contains("nothing of 'late.xml'"), "{}", late.json());
    }
    let same = client.post("/api/compare", json!({ "left": "book", "right": "book" })).await.expect(200).json();
    assert_eq!(counts(&same["tables"][0]), [0, 0, 0, 3]);
    let stranger = app.user("eve").await;
    stranger.upload("eve.xml", "<r><a>1</a></r>").await.expect(201);
    stranger.convert(json!({})).await;
    let refused = stranger.post("/api/compare", json!({ "left": "spring.xml", "right": "eve.xml" })).await.expect(404);
    assert_eq!(refused.code(), "not_found");
}
