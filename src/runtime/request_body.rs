//! The body of a request, whose rest is read to its end when nobody wants it any more.
//!
//! A connection that is closed while its client still sends is reset, and the client, or the host, may lose the answer that it
//! was given early: a refused upload would look like a broken server.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::HttpBody;
use bytes::Bytes;
use http::{HeaderMap, header};
use http_body_util::BodyExt;
use hyper::body::{Frame, Incoming, SizeHint};
use tokio::runtime::Handle;

/// More than the host lets through. Who sends more after a refusal loses the connection.
const REST_BYTES: usize = 128 << 20;
const REST_WITHIN: Duration = Duration::from_secs(10);

/// A body as it comes from a connection. Dropped before its end, it is read on in the background, within limits.
pub(super) struct RequestBody {
    /// `None` once it has ended, or cannot be read on.
    incoming: Option<Incoming>,
    /// The client sends only once it is asked to, which reading does.
    waits_to_be_asked: bool,
}

impl RequestBody {
    pub(super) fn new(headers: &HeaderMap, incoming: Incoming) -> Self {
        Self { incoming: Some(incoming), waits_to_be_asked: headers.contains_key(header::EXPECT) }
    }
}

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        self.waits_to_be_asked = false;
        let Some(incoming) = &mut self.incoming else { return Poll::Ready(None) };
        let frame = ready!(Pin::new(incoming).poll_frame(context));
        if !matches!(frame, Some(Ok(_))) {
            self.incoming = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.as_ref().map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        if self.waits_to_be_asked || self.is_end_stream() {
            return;
        }
        // Without a runtime the process is ending.
        if let (Some(rest), Ok(runtime)) = (self.incoming.take(), Handle::try_current()) {
            runtime.spawn(tokio::time::timeout(REST_WITHIN, read(rest)));
        }
    }
}

async fn read(mut rest: Incoming) {
    let mut seen = 0;
    while let Some(Ok(frame)) = rest.frame().await
        && seen <= REST_BYTES
    {
        seen += frame.data_ref().map_or(0, Bytes::len);
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::extract::Request;
    use axum::routing::post;
    use http::StatusCode;
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpStream;

    use super::*;
    use crate::runtime::testing::{HTTP_JSON, alone, exchange, head, read_to_close};
    use crate::runtime::{Functions, Server, start};

    const LENGTH: usize = 32 << 20;

    /// Refuses on one path without a look at the body, on the other after its first piece.
    async fn server() -> Server {
        let refuse = || async { StatusCode::PAYLOAD_TOO_LARGE };
        let begin = |request: Request| async {
            let first = request.into_body().frame().await;
            if first.is_some_and(|frame| frame.is_ok()) { StatusCode::CONFLICT } else { StatusCode::OK }
        };
        let router = Router::new().route("/api/refuse", post(refuse)).route("/api/begin", post(begin));
        start(Functions::new().http("web", HTTP_JSON, router), alone()).await.unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_sends_on_after_a_refusal_gets_the_answer() {
        let server = server().await;
        for (path, status) in [("refuse", "HTTP/1.1 413"), ("begin", "HTTP/1.1 409")] {
            let mut stream = TcpStream::connect(server.address()).await.unwrap();
            let head = head(&format!("POST /api/{path}"), &format!("Content-Length: {LENGTH}\r\n"));
            stream.write_all(head.as_bytes()).await.unwrap();
            stream.write_all(&vec![b'x'; LENGTH]).await.unwrap();
            let answer = read_to_close(&mut stream).await;
            assert!(answer.starts_with(status), "{answer}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_connection_whose_body_was_not_wanted_serves_the_next_request() {
        let server = server().await;
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        let first = format!("POST /api/refuse HTTP/1.1\r\nHost: localhost\r\nContent-Length: {LENGTH}\r\n\r\n");
        stream.write_all(first.as_bytes()).await.unwrap();
        stream.write_all(&vec![b'x'; LENGTH]).await.unwrap();
        stream.write_all(head("POST /api/begin", "Content-Length: 1\r\n").as_bytes()).await.unwrap();
        stream.write_all(b"x").await.unwrap();
        let answers = read_to_close(&mut stream).await;
        assert!(answers.starts_with("HTTP/1.1 413") && answers.contains("HTTP/1.1 409"), "{answers}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_waits_to_be_asked_is_not_asked_for_what_nobody_wants() {
        let server = server().await;
        let expecting = head("POST /api/refuse", &format!("Content-Length: {LENGTH}\r\nExpect: 100-continue\r\n"));
        let answer = exchange(server.address(), &expecting).await;
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_rest_has_a_limit() {
        let server = server().await;
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        let head = head("POST /api/refuse", &format!("Content-Length: {}\r\n", 64 * REST_BYTES));
        stream.write_all(head.as_bytes()).await.unwrap();
        let piece = vec![b'x'; 1 << 20];
        let mut sent = 0;
        while stream.write_all(&piece).await.is_ok() {
            sent += piece.len();
            assert!(sent < 2 * REST_BYTES, "it is read without end");
        }
        assert!(sent > REST_BYTES / 2, "{sent}");
    }
}
