//! A process that is killed while it makes vectors: the next one goes on where it was.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Client, ModelServer, Process, Turn, borrowed, files_below, samples};

async fn job(client: &Client) -> Value {
    let jobs = client.get("/api/jobs").await.expect(200).json();
    let found = jobs["items"].as_array().unwrap().iter().find(|job| job["kind"] == "embed");
    found.cloned().unwrap_or_default()
}

async fn until(client: &Client, is_so: impl Fn(&Value) -> bool) -> Value {
    let began = Instant::now();
    loop {
        let now = job(client).await;
        if is_so(&now) {
            return now;
        }
        assert!(began.elapsed() < Duration::from_secs(90), "it does not come so far: {now}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn vectors_that_a_killed_process_has_got_are_not_asked_for_again() {
    const BATCH: usize = 256;
    let (document, rows) = samples::flat(300_000);
    let rows = usize::try_from(rows).unwrap();
    assert!(rows > 8 * BATCH, "{rows} rows are too few for this test");
    let model = ModelServer::start().await;
    let of_model = model.openai_settings();
    let process = Process::start(&borrowed(&of_model)).await;
    let mut client = process.admin().await;
    client.upload("large.xml", &document).await.expect(201);
    // Four batches go at once; those after them find a server that does not answer.
    model.script_embeddings((0..4).map(|_| Turn::as_usual()).chain((0..4).map(|_| Turn::hangs())));
    assert_eq!(client.convert(json!({})).await["state"], "succeeded");
    let before = until(&client, |job| job["progress"]["rows"].as_u64() >= Some(4 * BATCH as u64)).await;
    assert_eq!((&before["state"], &before["progress"]["rows"]), (&json!("running"), &json!(4 * BATCH)));
    // Those that hang have been asked, so that nothing of the script is left.
    while model.texts().len() < 8 * BATCH {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let process = process.restart().await;
    client.transport = process.client().transport;
    let job = until(&client, |job| job["state"] == "succeeded" || job["state"] == "failed").await;
    assert_eq!((&job["result"]["rows"], &job["result"]["rows_in_all"]), (&json!(rows), &json!(rows)), "{job}");
    let texts = model.texts();
    let times = |number: usize| {
        let of_row = format!("name: name of {number}; ");
        texts.iter().filter(|text| text.contains(&of_row)).count()
    };
    for number in [1, BATCH, 4 * BATCH] {
        assert_eq!(times(number), 1, "row {number} was got before");
    }
    for number in [4 * BATCH + 1, 8 * BATCH] {
        assert_eq!(times(number), 2, "row {number} was asked for and not got");
    }
    assert_eq!(times(rows), 1);
    assert_eq!(texts.len(), rows + 4 * BATCH);
    let found = client.get("/api/tables/search?q=999&limit=3").await.expect(200).json();
    assert_eq!(found["meaning"], json!({ "state": "used", "rows": rows, "rows_in_all": rows }));
    // What was kept on the way goes, the vectors stay. (What the killed process left among temporary files is the cleanup's.)
    let files = || files_below(&process.sessions_folder()).into_iter().filter(|path| path.contains("/ai_index/"));
    let began = Instant::now();
    while files().filter(|path| path.contains("/vectors.")).count() != 1 {
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", files().collect::<Vec<_>>());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
