//! Large files by ticket: the bytes come by an address of their own, a job takes them in, the answer is that of an upload.

mod content;
mod endings;
mod resume;

use std::{net::SocketAddr, ops::RangeInclusive, time::Duration};

use axum::body::Body;
use http::Method;
use ret::domain::{Job, JobId, JobKind, Progress, SessionId};
use serde_json::{Value, json};

use crate::harness::{Answer, Client, TestApp, Transport};

/// Long tokens and sessions, so that only tickets run out.
const PATIENT: [(&str, &str); 2] = [("ACCESS_TOKEN_EXPIRE_MINUTES", "60000"), ("SESSION_IDLE_SECONDS", "100000000000")];

/// A ticket as a client holds it.
struct Ticket {
    /// Path and query of the upload's address.
    upload_path: String,
    /// Where that is, if it is not the service itself.
    store: Option<SocketAddr>,
    complete_path: String,
    text: String,
    /// How many bytes it is for.
    bytes: usize,
    body: Value,
}

async fn ticket(client: &Client, name: &str, bytes: usize) -> Ticket {
    let answer = client.post("/api/upload/tickets", json!({ "name": name, "bytes": bytes })).await.expect(201);
    let body = answer.json();
    let text = body["ticket"].as_str().unwrap().to_owned();
    let (_, after_scheme) = body["upload_url"].as_str().unwrap().split_once("://").unwrap();
    let (authority, _) = after_scheme.split_once('/').unwrap();
    let upload_path = after_scheme[authority.len()..].to_owned();
    let store = (!upload_path.starts_with("/api/")).then(|| authority.parse().unwrap());
    Ticket { upload_path, store, complete_path: format!("/api/upload/tickets/{text}/complete"), text, bytes, body }
}

/// Sends bytes as a client does: with nothing but the address.
async fn put(client: &Client, ticket: &Ticket, bytes: impl AsRef<[u8]>) -> Answer {
    put_body(client, ticket, &ticket.upload_path, Body::from(bytes.as_ref().to_vec())).await
}

/// Sends a body to where the ticket's address is.
async fn put_body(client: &Client, ticket: &Ticket, path: &str, body: Body) -> Answer {
    let transport = match ticket.store {
        None => client.transport.clone(),
        Some(address) => Transport::tcp(address),
    };
    let headers: Vec<_> = ticket.body["headers"].as_object().unwrap().iter().collect();
    let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
    Client::new(transport).send(Method::PUT, path, body, &headers).await
}

/// Sends bytes for a ticket that takes nothing any more. The service refuses them; a store takes them until its signature runs out, and
/// nobody meets them.
async fn put_late(client: &Client, ticket: &Ticket, bytes: &str, status: u16, code: &str) {
    let answer = put(client, ticket, bytes).await;
    match ticket.store {
        None => assert_eq!(answer.expect(status).code(), code),
        Some(_) => drop(answer.expect(201)),
    }
}

async fn complete(client: &Client, ticket: &Ticket) -> Answer {
    client.send(Method::POST, &ticket.complete_path, Body::empty(), &[]).await
}

/// The whole way of a file.
pub(super) async fn upload(client: &Client, name: &str, bytes: impl AsRef<[u8]>) -> Answer {
    let ticket = ticket(client, name, bytes.as_ref().len()).await;
    put(client, &ticket, bytes).await.expect(201);
    complete(client, &ticket).await
}

/// Documents without what differs from upload to upload.
async fn documents(client: &Client) -> Value {
    let mut page = client.get("/api/documents").await.expect(200).json();
    for item in page["items"].as_array_mut().unwrap() {
        item["id"].take();
    }
    page
}

fn files_of_inputs(app: &TestApp) -> Vec<String> {
    app.session_files().into_iter().filter(|path| path.contains("/input/") || path.contains("/extracted/")).collect()
}

/// What a store has taken for a ticket that was over; the worker may have removed it with the rest.
fn late_files(ticket: &Ticket) -> usize {
    usize::from(ticket.store.is_some())
}

/// Waits until so many files are left: a worker tidies up after it has ended the job, a server when it sees that a client has gone.
async fn left_at_last(app: &TestApp, files: RangeInclusive<usize>) {
    for attempt in 0.. {
        let left: Vec<_> = app.session_files().into_iter().filter(|path| !path.ends_with("metadata.json")).collect();
        if files.contains(&left.len()) {
            return;
        }
        assert!(attempt < 100, "{left:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The job of the only ticket for which something was sent, waiting, with nobody told of it.
async fn waiting_job(app: &TestApp, client: &Client, request: Value) -> Job {
    let stores = app.app.stores();
    let session: SessionId = client.session.as_ref().unwrap().parse().unwrap();
    let folders = stores.session_files.list_folders(session, "input").await.unwrap();
    let id: JobId = folders.last().unwrap().name.strip_suffix(".sent").unwrap().parse().unwrap();
    let job = Job::queued(id, session, JobKind::Upload, request, Progress::default(), stores.clock.now());
    assert!(stores.jobs.add(&job).await.unwrap());
    job
}
