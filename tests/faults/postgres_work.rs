//! The database is killed in the middle of a conversion, of a logout, and just after it: the job ends with all its rows, and nothing of a
//! session that was told to be over comes back.

use std::time::Duration;

use serde_json::json;

use super::postgres::{process_on, until_served};
use crate::harness::{Client, Postgres, Process, Stopwatch, TestApp, Way, samples};

#[tokio::test(flavor = "multi_thread")]
async fn killed_during_a_conversion() {
    let Some(database) = Postgres::alone().await else { return };
    let url = database.url();
    let settings = [("DATABASE_URL", url.as_str()), ("ACCESS_TOKEN_EXPIRE_MINUTES", "600")];
    let app = TestApp::start_embedded(Way::Alone, &settings).await;
    let client = app.admin().await;
    let (document, rows) = samples::flat(12 << 20);
    client.upload("large.xml", &document).await.expect(201);
    let whole = Stopwatch::start();
    client.convert(json!({ "layout": "flat" })).await;
    let (whole, table) = (whole.elapsed(), table(&client).await);
    // In the middle of the work, when its end is to be written down, and in between.
    for (moment, away) in [(0.0, 0), (0.4, 300), (0.9, 3000), (1.0, 300)] {
        let started = client.post("/api/convert", json!({ "layout": "flat" })).await.expect(202).json();
        let id = started["job_id"].as_str().unwrap();
        tokio::time::sleep(whole.mul_f64(moment)).await;
        database.kill();
        tokio::time::sleep(Duration::from_millis(away)).await;
        database.run();
        until_served(&client, "/api/files").await;
        let ended = async {
            loop {
                // Past the time after which the timer rings, but not past the lease of a worker whose heart beats.
                app.clock.advance(Duration::from_secs(6));
                app.run_timer("cleanup").await;
                let job = client.get(&format!("/api/jobs/{id}")).await.expect(200).json();
                if !matches!(job["state"].as_str(), Some("queued" | "running")) {
                    return job;
                }
                tokio::time::sleep(Duration::from_millis(1500)).await;
            }
        };
        let ended = tokio::time::timeout(Duration::from_secs(120), ended).await.expect("the job ends");
        assert_eq!((&ended["state"], &ended["result"]["rows"]), (&json!("succeeded"), &json!(rows)), "moment {moment}");
        assert!(self::table(&client).await == table, "moment {moment}: the same bytes as undisturbed");
    }
    client.post("/api/logout", json!({})).await.expect(200);
    assert_eq!(app.session_files(), Vec::<String>::new(), "nothing of the disturbed attempts is left");
}

/// The only table, whole.
async fn table(client: &Client) -> bytes::Bytes {
    let files = client.get("/api/files?area=output").await.expect(200).json();
    let paths = files["items"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap());
    let tables: Vec<_> = paths.filter(|path| path.ends_with(".csv")).collect();
    assert_eq!(tables.len(), 1, "{files}");
    client.get(&format!("/api/files/output/{}", tables[0])).await.expect(200).body
}

/// Somebody with tables.
async fn converted(process: &Process) -> Client {
    let client = process.admin().await;
    client.upload("orders.xml", samples::ORDERS).await.expect(201);
    assert_eq!(client.convert(json!({})).await["state"], "succeeded");
    client
}

/// Nothing that the person has leads into the session any more, and no file of it is there.
async fn assert_over(process: &Process, client: &Client, round: u64) {
    for path in ["/api/files", "/api/tables", "/api/auth/me"] {
        assert_eq!(client.get(path).await.expect(401).code(), "not_signed_in", "round {round}: {path}");
    }
    client.post("/api/auth/refresh", json!({})).await.expect(401);
    assert!(!process.sessions_folder().join(client.session.as_ref().unwrap()).exists(), "round {round}");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_around_a_logout() {
    let Some(database) = Postgres::alone().await else { return };
    let mut process = process_on(&database.url(), &[]).await;
    let mut over = Vec::new();
    for round in 0..6 {
        let client = converted(&process).await;
        let leaving = {
            let client = client.clone();
            tokio::spawn(async move { client.post("/api/logout", json!({})).await })
        };
        // The last rounds wait for the answer and kill then.
        let answer = if round < 4 {
            tokio::time::sleep(Duration::from_millis(4 * round)).await;
            database.kill();
            leaving.await.unwrap()
        } else {
            let answer = leaving.await.unwrap().expect(200);
            database.kill();
            answer
        };
        if round % 2 == 1 {
            process = process.restart().await;
        }
        database.run();
        let client = Client { transport: process.client().transport, ..client };
        until_served(&process.client(), "/api/ready").await;
        if answer.status != 200 {
            assert_eq!(answer.status, 503, "round {round}: {answer:?}");
            // Who was refused asks again; the first may have been done all the same.
            let again = client.post("/api/logout", json!({})).await;
            assert!([200, 401].contains(&again.status.as_u16()), "round {round}: {again:?}");
        }
        assert_over(&process, &client, round).await;
        over.push(client);
    }
    // Also not after all the timers of a new process have looked for what is to be done.
    process = process.restart().await;
    until_served(&process.client(), "/api/ready").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    for (client, round) in over.into_iter().zip(0..) {
        let client = Client { transport: process.client().transport, ..client };
        assert_over(&process, &client, round).await;
    }
}
