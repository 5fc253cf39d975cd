//! Going on after a break: how much has arrived, and the rest behind it.
//!
//! A store that takes the bytes itself keeps what arrived in blocks, and the service takes none: there each test says so.

use std::{net::SocketAddr, time::Duration};

use axum::body::Body;
use bytes::Bytes;
use futures::channel::mpsc::{UnboundedSender, unbounded};
use http::Method;
use ret::services::cleanup::Thoroughness;
use serde_json::json;
use tokio::{io::AsyncWriteExt as _, net::TcpStream, task::JoinHandle};

use super::{PATIENT, Ticket, complete, files_of_inputs, put, ticket};
use crate::harness::{Answer, Client, TestApp, Transport, samples};

const KIND: (&str, &str) = ("content-type", "application/partial-upload");

/// How much has arrived, and whether that is all.
async fn arrived(client: &Client, ticket: &Ticket) -> (usize, bool) {
    let answer = head(client, ticket).await.expect(204);
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.headers["upload-length"].to_str().unwrap(), ticket.bytes.to_string());
    let is_whole = match answer.headers["upload-complete"].to_str().unwrap() {
        "?1" => true,
        "?0" => false,
        other => panic!("{other}"),
    };
    (offset_of(&answer), is_whole)
}

fn offset_of(answer: &Answer) -> usize {
    answer.headers["upload-offset"].to_str().unwrap().parse().unwrap()
}

async fn head(client: &Client, ticket: &Ticket) -> Answer {
    stranger(client).send(Method::HEAD, &ticket.upload_path, Body::empty(), &[]).await
}

async fn patch(client: &Client, ticket: &Ticket, offset: usize, bytes: impl AsRef<[u8]>) -> Answer {
    patch_body(client, ticket, offset, Body::from(bytes.as_ref().to_vec())).await
}

async fn patch_body(client: &Client, ticket: &Ticket, offset: usize, body: Body) -> Answer {
    let offset = offset.to_string();
    stranger(client).send(Method::PATCH, &ticket.upload_path, body, &[KIND, ("upload-offset", &offset)]).await
}

/// Whoever has nothing but the address.
fn stranger(client: &Client) -> Client {
    Client::new(client.transport.clone())
}

/// A body of no declared length, in small pieces.
fn in_pieces(bytes: &[u8]) -> Body {
    let pieces: Vec<_> = bytes.chunks(50).map(|piece| Ok::<_, std::io::Error>(Bytes::copy_from_slice(piece))).collect();
    Body::from_stream(futures::stream::iter(pieces))
}

/// Sends the beginning of a body over a connection of its own to where the ticket's address is, which the host is not, and breaks off.
async fn break_off(at: SocketAddr, request: &str, ticket: &Ticket, length: usize, beginning: &[u8]) {
    let mut connection = TcpStream::connect(at).await.unwrap();
    let (method, more) = request.split_once('\n').unwrap_or((request, ""));
    let path = &ticket.upload_path;
    let head = format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: {length}\r\n{more}\r\n");
    connection.write_all(head.as_bytes()).await.unwrap();
    connection.write_all(beginning).await.unwrap();
    connection.shutdown().await.unwrap();
}

/// Waits until so much has arrived: what a connection brought is taken from it after it has broken.
async fn until_arrived(client: &Client, ticket: &Ticket, bytes: usize) {
    let all = async {
        while arrived(client, ticket).await != (bytes, false) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    if tokio::time::timeout(Duration::from_secs(30), all).await.is_err() {
        panic!("{:?} instead of {bytes}", arrived(client, ticket).await);
    }
}

/// A `PUT` or `PATCH` that goes on as long as the sender is there.
fn open(
    app: &TestApp,
    ticket: &Ticket,
    offset: Option<usize>,
) -> (UnboundedSender<Result<Bytes, std::io::Error>>, JoinHandle<Answer>) {
    let (sender, receiver) = unbounded();
    let (path, body) = (ticket.upload_path.clone(), Body::from_stream(receiver));
    let direct = Client::new(Transport::tcp(app.server.address()));
    let answer = tokio::spawn(async move {
        match offset.map(|offset| offset.to_string()) {
            None => direct.send(Method::PUT, &path, body, &[]).await,
            Some(offset) => direct.send(Method::PATCH, &path, body, &[KIND, ("upload-offset", &offset)]).await,
        }
    });
    (sender, answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrived_before_a_break_is_not_sent_again() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let (document, _) = samples::flat(3 << 20);
    let ticket = ticket(&client, "large.xml", document.len()).await;
    if ticket.store.is_some() {
        return goes_on_in_blocks(&client, &ticket, &document).await;
    }
    assert_eq!(arrived(&client, &ticket).await, (0, false));
    let (first, second) = (1_000_003, 2_000_001);
    break_off(app.server.address(), "PUT", &ticket, document.len(), &document[..first]).await;
    until_arrived(&client, &ticket, first).await;
    let missing = complete(&client, &ticket).await.expect(409);
    assert_eq!(missing.code(), "content_missing");
    let detail = missing.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains(&format!("{} of {} bytes", document.len() - first, document.len())), "{detail}");
    // It outlives the process.
    let app = app.restart().await;
    let client = Client { transport: app.client().transport, ..client };
    assert_eq!(arrived(&client, &ticket).await, (first, false));
    let request = format!("PATCH\ncontent-type: {}\r\nupload-offset: {first}\r\n", KIND.1);
    break_off(app.server.address(), &request, &ticket, document.len() - first, &document[first..second]).await;
    until_arrived(&client, &ticket, second).await;
    let rest = patch(&client, &ticket, second, &document[second..]).await.expect(201);
    assert_eq!((offset_of(&rest), &rest.headers["upload-complete"]), (document.len(), &"?1".parse().unwrap()));
    assert_eq!(arrived(&client, &ticket).await, (document.len(), true));
    complete(&client, &ticket).await.expect(201);
    assert_eq!(client.get("/api/files/input/large.xml").await.expect(200).body, document);
    assert_eq!(arrived(&client, &ticket).await, (document.len(), true), "the job has them");
}

/// The way of Blob Storage: blocks that arrived stay, and the file is made of all.
async fn goes_on_in_blocks(client: &Client, ticket: &Ticket, document: &[u8]) {
    let own = format!("/api/upload/tickets/{}/content?signature=x", ticket.text);
    for method in [Method::HEAD, Method::PATCH] {
        let headers = [KIND, ("upload-offset", "0")];
        stranger(client).send(method, &own, Body::empty(), &headers).await.expect(404);
    }
    let store = Client::new(Transport::tcp(ticket.store.unwrap()));
    let put_part = async |what: &str, body: Vec<u8>| {
        let path = format!("{}&comp={what}", ticket.upload_path);
        store.send(Method::PUT, &path, Body::from(body), &[]).await.expect(201);
    };
    let (first, second) = document.split_at(1 << 20);
    for (id, block) in [("MQ%3D%3D", first), ("Mg%3D%3D", second)] {
        put_part(&format!("block&blockid={id}"), block.to_vec()).await;
        assert_eq!(complete(client, ticket).await.expect(409).code(), "content_missing");
    }
    let list =
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList><Latest>MQ==</Latest><Latest>Mg==</Latest></BlockList>";
    put_part("blocklist", list.into()).await;
    complete(client, ticket).await.expect(201);
    assert_eq!(client.get("/api/files/input/large.xml").await.expect(200).body, document);
}

#[tokio::test(flavor = "multi_thread")]
async fn pieces_go_behind_what_has_arrived_and_nowhere_else() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let document = samples::BOOKS.as_bytes();
    let ticket = ticket(&client, "books.xml", document.len()).await;
    if ticket.store.is_some() {
        // The store takes blocks, each with its place: see above.
        return;
    }
    let length = document.len();
    for (offset, bytes) in [(1, "x"), (length, ""), (length + 1, ""), (1, samples::BOOKS)] {
        let refused = patch(&client, &ticket, offset, bytes).await.expect(409);
        assert_eq!((refused.code().as_str(), offset_of(&refused)), ("content_offset_mismatch", 0));
    }
    assert!(files_of_inputs(&app).is_empty(), "nothing was kept: {:?}", files_of_inputs(&app));
    let piece = patch(&client, &ticket, 0, &document[..40]).await.expect(204);
    assert_eq!((offset_of(&piece), &piece.headers["upload-complete"]), (40, &"?0".parse().unwrap()));
    patch_body(&client, &ticket, 40, in_pieces(&document[40..150])).await.expect(204);
    for offset in [0, 40, 149, 151] {
        let refused = patch(&client, &ticket, offset, "x").await.expect(409);
        assert_eq!((refused.code().as_str(), offset_of(&refused)), ("content_offset_mismatch", 150));
        assert!(refused.json()["detail"].as_str().unwrap().starts_with("150 bytes"));
    }
    // More than is missing: nothing of the request is kept, whether it says its length or not.
    let longer = [&document[150..], b"\n"].concat();
    assert_eq!(patch(&client, &ticket, 150, &longer).await.expect(422).code(), "content_size_mismatch");
    let refused = patch_body(&client, &ticket, 150, in_pieces(&longer)).await.expect(422);
    assert_eq!(refused.code(), "content_size_mismatch");
    let ask = |method: Method, headers: &'static [(&'static str, &'static str)]| {
        let (client, path) = (stranger(&client), ticket.upload_path.clone());
        async move { client.send(method, &path, Body::from("x"), headers).await }
    };
    for headers in [&[KIND][..], &[KIND, ("upload-offset", "-1")], &[KIND, ("upload-offset", "150;x")]] {
        assert_eq!(ask(Method::PATCH, headers).await.expect(400).code(), "invalid_parameter");
    }
    for headers in [&[("upload-offset", "150")][..], &[("upload-offset", "150"), ("content-type", "text/plain")]] {
        assert_eq!(ask(Method::PATCH, headers).await.expect(415).code(), "unsupported_media_type");
    }
    assert_eq!(arrived(&client, &ticket).await, (150, false));
    patch(&client, &ticket, 150, &document[150..]).await.expect(201);
    // As if the answer had got lost.
    patch(&client, &ticket, length, "").await.expect(201);
    assert_eq!(patch(&client, &ticket, length, "x").await.expect(422).code(), "content_size_mismatch");
    assert_eq!(patch_body(&client, &ticket, length, in_pieces(b"x")).await.expect(422).code(), "content_size_mismatch");
    assert_eq!(offset_of(&patch(&client, &ticket, 150, &document[150..]).await.expect(409)), length);
    complete(&client, &ticket).await.expect(201);
    assert_eq!(client.get("/api/files/input/books.xml").await.expect(200).body, document);
    assert_eq!(patch(&client, &ticket, length, "").await.expect(409).code(), "ticket_completed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_may_be_sent_anew_at_any_time() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let ticket = ticket(&client, "a.xml", 4).await;
    if ticket.store.is_some() {
        // A store takes the last whole one: `content_and_completion_may_be_repeated`.
        return;
    }
    patch(&client, &ticket, 0, "<x").await.expect(204);
    put(&client, &ticket, "<a/>").await.expect(201);
    break_off(app.server.address(), "PUT", &ticket, 4, b"<b").await;
    until_arrived(&client, &ticket, 2).await;
    // The one that goes on counts, once it is whole; until then the one before does.
    let report = complete(&client, &ticket).await.expect(201).json();
    assert_eq!(report["documents"], 1);
    assert_eq!(client.get("/api/files/input/a.xml").await.expect(200).body, "<a/>");
    let other = super::ticket(&client, "b.xml", 4).await;
    put(&client, &other, "<a/>").await.expect(201);
    patch(&client, &other, 4, "").await.expect(201);
    break_off(app.server.address(), "PUT", &other, 4, b"<b").await;
    until_arrived(&client, &other, 2).await;
    patch(&client, &other, 2, "/>").await.expect(201);
    complete(&client, &other).await.expect(201);
    assert_eq!(client.get("/api/files/input/b.xml").await.expect(200).body, "<b/>");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_requests_at_once_the_later_goes_on() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let ticket = ticket(&client, "a.xml", 8).await;
    if ticket.store.is_some() {
        // The store joins what was listed last, whoever sends.
        return;
    }
    let (sender, first) = open(&app, &ticket, None);
    sender.unbounded_send(Ok(Bytes::from_static(b"<a"))).unwrap();
    until_arrived(&client, &ticket, 2).await;
    // As after a connection that broke without the service's noticing: the one before is ended by it.
    let (later, second) = open(&app, &ticket, Some(2));
    later.unbounded_send(Ok(Bytes::from_static(b"bc"))).unwrap();
    until_arrived(&client, &ticket, 4).await;
    assert_eq!(first.await.unwrap().expect(409).code(), "content_in_use");
    drop(sender);
    // Also where it is for another place; what it is told then holds.
    let refused = patch(&client, &ticket, 2, "bc").await.expect(409);
    assert_eq!((refused.code().as_str(), offset_of(&refused)), ("content_offset_mismatch", 4));
    assert_eq!(second.await.unwrap().expect(409).code(), "content_in_use");
    assert!(later.unbounded_send(Ok(Bytes::from_static(b"!!"))).is_err() || arrived(&client, &ticket).await.0 == 4);
    drop(later);
    patch(&client, &ticket, 4, "de/>").await.expect(201);
    let (anew, third) = open(&app, &ticket, None);
    anew.unbounded_send(Ok(Bytes::from_static(b"<b"))).unwrap();
    until_arrived(&client, &ticket, 2).await;
    put(&client, &ticket, "<c>x</c>").await.expect(201);
    assert_eq!(third.await.unwrap().expect(409).code(), "content_in_use");
    complete(&client, &ticket).await.expect(201);
    assert_eq!(client.get("/api/files/input/a.xml").await.expect(200).body, "<c>x</c>");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_on_one_folder_keep_off_each_other() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let ticket = ticket(&client, "a.xml", 4).await;
    if ticket.store.is_some() {
        // Each request of the store is of its own.
        return;
    }
    let other = app.second_instance().await;
    let there = Client { transport: other.client().transport, ..client.clone() };
    let (sender, first) = open(&app, &ticket, None);
    sender.unbounded_send(Ok(Bytes::from_static(b"<a"))).unwrap();
    until_arrived(&there, &ticket, 2).await;
    assert_eq!(patch(&there, &ticket, 2, "/>").await.expect(409).code(), "content_in_use");
    assert_eq!(put(&there, &ticket, "<b/>").await.expect(409).code(), "content_in_use");
    sender.unbounded_send(Ok(Bytes::from_static(b"/>"))).unwrap();
    drop(sender);
    first.await.unwrap().expect(201);
    assert_eq!(arrived(&there, &ticket).await, (4, true));
    complete(&there, &ticket).await.expect(201);
    assert_eq!(client.get("/api/files/input/a.xml").await.expect(200).body, "<a/>");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_gives_up_leaves_nothing() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let ticket = ticket(&client, "a.xml", 4).await;
    if ticket.store.is_some() {
        // Addresses of a store are for writing alone.
        return;
    }
    let delete = || async { stranger(&client).delete(&ticket.upload_path).await };
    delete().await.expect(204);
    let (sender, sending) = open(&app, &ticket, None);
    sender.unbounded_send(Ok(Bytes::from_static(b"<a"))).unwrap();
    until_arrived(&client, &ticket, 2).await;
    delete().await.expect(204);
    assert_eq!(sending.await.unwrap().expect(409).code(), "content_in_use");
    put(&client, &ticket, "<a/>").await.expect(201);
    delete().await.expect(204);
    assert!(files_of_inputs(&app).is_empty(), "{:?}", files_of_inputs(&app));
    assert_eq!(arrived(&client, &ticket).await, (0, false));
    assert_eq!(complete(&client, &ticket).await.expect(409).code(), "content_missing");
    put(&client, &ticket, "<b/>").await.expect(201);
    complete(&client, &ticket).await.expect(201);
    assert_eq!(delete().await.expect(409).code(), "ticket_completed");
    assert_eq!(client.get("/api/files/input/a.xml").await.expect(200).body, "<b/>");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_knows_no_signature_goes_on_nowhere() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let ticket = ticket(&client, "a.xml", 4).await;
    for query in ["", "?signature=x"] {
        let path = format!("/api/upload/tickets/{}/content{query}", ticket.text);
        for method in [Method::HEAD, Method::PATCH, Method::DELETE] {
            let headers = [KIND, ("upload-offset", "0")];
            client.send(method, &path, Body::empty(), &headers).await.expect(404);
        }
    }
    assert!(files_of_inputs(&app).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrived_goes_with_the_session() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    let session = client.session.clone().unwrap();
    let ticket = ticket(&client, "a.xml", 8).await;
    if ticket.store.is_some() {
        // Blocks that were never joined go with the container's own housekeeping.
        return;
    }
    patch(&client, &ticket, 0, "<a").await.expect(204);
    let (sender, open) = open(&app, &ticket, Some(2));
    sender.unbounded_send(Ok(Bytes::from_static(b"bc"))).unwrap();
    until_arrived(&client, &ticket, 4).await;
    client.post("/api/logout", json!({})).await.expect(200);
    assert!(!app.session_files().iter().any(|path| path.contains(&session)), "{:?}", app.session_files());
    head(&client, &ticket).await.expect(410);
    assert_eq!(patch(&client, &ticket, 4, "/>").await.expect(410).code(), "ticket_expired");
    sender.unbounded_send(Ok(Bytes::from_static(b"de/>"))).unwrap();
    drop(sender);
    assert_eq!(open.await.unwrap().expect(410).code(), "ticket_expired", "the one that was open brings nothing back");
    assert!(!app.session_files().iter().any(|path| path.contains(&session)), "{:?}", app.session_files());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrived_is_kept_while_its_ticket_holds() {
    let app = TestApp::start_with(&PATIENT).await;
    // The files' times are the machine's: the service's clock is moved to them.
    let machine = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as i64;
    let behind = machine - app.app.stores().clock.now().as_millis();
    app.clock.advance(Duration::from_millis(u64::try_from(behind.max(0)).unwrap()));
    let client = app.user("ada").await;
    let ticket = ticket(&client, "a.xml", 4).await;
    if ticket.store.is_some() {
        // Of blocks that were never joined the sweep knows by the store: `abandoned_files_are_found`.
        return;
    }
    patch(&client, &ticket, 0, "<a").await.expect(204);
    let sweep = || app.app.state.services.cleanup.run(Thoroughness::RowsAndFiles);
    app.clock.advance(Duration::from_secs(3500));
    assert_eq!(sweep().await.orphaned_files, 0);
    let limit = head(&client, &ticket).await.expect(204).headers["upload-limit"].clone();
    let seconds: u64 = limit.to_str().unwrap().strip_prefix("max-size=4, max-age=").unwrap().parse().unwrap();
    assert!((95..=100).contains(&seconds), "{seconds}");
    patch(&client, &ticket, 2, "/").await.expect(204);
    app.clock.advance(Duration::from_secs(200));
    head(&client, &ticket).await.expect(410);
    assert_eq!(patch(&client, &ticket, 3, ">").await.expect(410).code(), "ticket_expired");
    assert_eq!(complete(&client, &ticket).await.expect(410).code(), "ticket_expired");
    // Not while it was written to just now, by the machine's clock.
    app.clock.advance(Duration::from_secs(1000));
    assert_eq!(sweep().await.orphaned_files, 1);
    assert!(files_of_inputs(&app).is_empty(), "{:?}", files_of_inputs(&app));
}
