//! Serving HTTP/1.1 on a socket: slow clients cut off, malformed requests refused, an orderly stop.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode, Version, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SetOnce};
use tokio_util::sync::CancellationToken;

use super::dispatch::Dispatch;
use super::environment::{Mode, ServeLimits};
use super::invocation::INVOCATION_ID;
use super::pages::{ErrorPages, PlainPages};
use super::request_body::RequestBody;
use super::wire::is_passed_on;

/// After a failed accept, which mostly means that file descriptors have run out.
const PAUSE_AFTER_FAILED_ACCEPT: Duration = Duration::from_millis(100);

/// What every connection shares.
pub(super) struct Edge {
    /// Set once the application is built. Requests wait for it, the host's probe does not.
    pub(super) dispatch: SetOnce<Arc<Dispatch>>,
    mode: Mode,
}

impl Edge {
    pub(super) fn new(mode: Mode) -> Arc<Self> {
        Arc::new(Self { dispatch: SetOnce::new(), mode })
    }

    async fn answer(&self, peer: SocketAddr, request: hyper::Request<Incoming>) -> Response {
        if let Some(reason) = broken_host(request.version(), request.headers()) {
            return self
                .dispatch
                .get()
                .map_or(&PlainPages as &dyn ErrorPages, |dispatch| dispatch.pages())
                .bad_request(reason);
        }
        if matches!(self.mode, Mode::Handler { .. }) && is_probe(&request) {
            return StatusCode::OK.into_response();
        }
        let (parts, incoming) = request.into_parts();
        let body = Body::new(RequestBody::new(&parts.headers, incoming));
        let mut request = Request::from_parts(parts, body);
        request.extensions_mut().insert(ConnectInfo(peer));
        self.dispatch.wait().await.respond(request).await
    }
}

/// Accepts connections until told to stop, then waits for those that are open, for as long as the limits say.
pub(super) async fn serve(listener: TcpListener, edge: Arc<Edge>, limits: ServeLimits, stop: CancellationToken) {
    let connections = GracefulShutdown::new();
    let permits = Arc::new(Semaphore::new(limits.max_connections.unwrap_or(Semaphore::MAX_PERMITS)));
    while let Some((stream, peer, permit)) = stop.run_until_cancelled(accept(&listener, &permits)).await {
        let edge = Arc::clone(&edge);
        let service = service_fn(move |request| {
            let edge = Arc::clone(&edge);
            async move { Ok::<_, Infallible>(edge.answer(peer, request).await) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.header_read_timeout)
            .serve_connection(TokioIo::new(stream), service);
        let watched = connections.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = watched.await {
                tracing::debug!(%peer, %error, "connection ended early");
            }
            drop(permit);
        });
    }
    drop(listener);
    if tokio::time::timeout(limits.stop_within, connections.shutdown()).await.is_err() {
        tracing::warn!("connections were still open when the time to stop was over");
    }
}

/// The next connection, once there is room for it.
async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, Option<OwnedSemaphorePermit>) {
    // The semaphore is never closed, so there is always a permit in the end.
    let permit = Arc::clone(permits).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                let _ = stream.set_nodelay(true);
                return (stream, peer, permit);
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(%error, "cannot accept connections");
                tokio::time::sleep(PAUSE_AFTER_FAILED_ACCEPT).await;
            }
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}

/// The host asks `GET /` with no headers of its own to learn whether the handler is up. A client's request for `/` comes
/// with an invocation id.
fn is_probe(request: &hyper::Request<Incoming>) -> bool {
    request.uri().path() == "/"
        && request.method() == Method::GET
        && !request.headers().contains_key(INVOCATION_ID)
        && !is_passed_on(request.headers())
}

/// RFC 9112, section 3.2: a request names its host once.
fn broken_host(version: Version, headers: &HeaderMap) -> Option<&'static str> {
    match headers.get_all(header::HOST).iter().count() {
        0 if version == Version::HTTP_11 => Some("the request has no host header"),
        0 | 1 => None,
        _ => Some("the request has more than one host header"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use axum::Router;
    use axum::routing::get;
    use tokio::io::AsyncWriteExt;

    use super::*;
    use crate::runtime::testing::{HTTP_JSON, alone, exchange, head, read_to_close, under_host};
    use crate::runtime::{Environment, Functions, Server, start};

    const SHORT: Duration = Duration::from_millis(200);

    async fn server(environment: Environment) -> Server {
        let router = Router::new()
            .route("/", get(|| async { "home" }))
            .route("/api/peer", get(|ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.ip().to_string() }))
            .route(
                "/api/slow",
                get(|| async {
                    tokio::time::sleep(Duration::from_millis(300)).await;
                    "slow"
                }),
            );
        start(Functions::new().http("web", HTTP_JSON, router), environment).await.unwrap()
    }

    fn short(mut environment: Environment) -> Environment {
        environment.limits.header_read_timeout = Some(SHORT);
        environment
    }

    #[tokio::test]
    async fn the_probe_is_answered_by_the_runtime_and_a_client_by_the_router() {
        let server = server(under_host()).await;
        let probe = exchange(server.address(), &head("GET /", "")).await;
        assert!(probe.starts_with("HTTP/1.1 200") && !probe.contains("home"), "{probe}");
        let proxied = head("GET /", "X-Azure-Functions-InvocationId: 1\r\nX-Forwarded-For: 192.0.2.1\r\n");
        assert!(exchange(server.address(), &proxied).await.ends_with("home"));
    }

    #[tokio::test]
    async fn alone_there_is_no_probe() {
        let server = server(alone()).await;
        assert!(exchange(server.address(), &head("GET /", "")).await.ends_with("home"));
    }

    #[tokio::test]
    async fn the_clients_address_is_known() {
        let server = server(alone()).await;
        assert!(exchange(server.address(), &head("GET /api/peer", "")).await.ends_with("127.0.0.1"));
    }

    #[tokio::test]
    async fn a_request_names_its_host_once() {
        let server = server(alone()).await;
        let without = exchange(server.address(), "GET / HTTP/1.1\r\nConnection: close\r\n\r\n").await;
        assert!(without.starts_with("HTTP/1.1 400"), "{without}");
        let twice = exchange(server.address(), &head("GET /", "Host: other\r\n")).await;
        assert!(twice.starts_with("HTTP/1.1 400"), "{twice}");
        let old = exchange(server.address(), "GET / HTTP/1.0\r\n\r\n").await;
        assert!(old.starts_with("HTTP/1.0 200"), "{old}");
    }

    #[tokio::test]
    async fn a_client_that_drips_its_head_is_cut_off() {
        let server = server(short(alone())).await;
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        let started = Instant::now();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n").await.unwrap();
        for _ in 0..40 {
            tokio::time::sleep(SHORT / 10).await;
            if stream.write_all(b"X-Drip: 1\r\n").await.is_err() {
                break;
            }
        }
        assert!(started.elapsed() < SHORT * 10, "the drip went on for {:?}", started.elapsed());
    }

    #[tokio::test]
    async fn a_silent_client_is_cut_off() {
        let server = server(short(alone())).await;
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        let started = Instant::now();
        let answer = read_to_close(&mut stream).await;
        assert!(!answer.contains("200 OK") && started.elapsed() < SHORT * 10, "{answer}");
    }

    #[tokio::test]
    async fn a_request_under_way_is_finished_before_stopping() {
        let server = server(alone()).await;
        let address = server.address();
        let request = tokio::spawn(async move { exchange(address, &head("GET /api/slow", "")).await });
        tokio::time::sleep(Duration::from_millis(100)).await;
        server.stop().await;
        assert!(request.await.unwrap().ends_with("slow"));
        assert!(TcpStream::connect(address).await.is_err());
    }

    #[tokio::test]
    async fn stopping_does_not_wait_beyond_its_limit() {
        let mut environment = alone();
        environment.limits.stop_within = Duration::from_millis(20);
        let server = server(environment).await;
        let address = server.address();
        let request = tokio::spawn(async move { exchange(address, &head("GET /api/slow", "")).await });
        tokio::time::sleep(Duration::from_millis(50)).await;
        let started = Instant::now();
        server.stop().await;
        assert!(started.elapsed() < Duration::from_millis(200));
        request.abort();
    }

    #[tokio::test]
    async fn connections_past_the_limit_wait() {
        let mut environment = alone();
        environment.limits.max_connections = Some(1);
        let server = server(environment).await;
        let address = server.address();
        let idle = TcpStream::connect(address).await.unwrap();
        let waiting = tokio::spawn(async move { exchange(address, &head("GET /", "")).await });
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(!waiting.is_finished());
        drop(idle);
        assert!(waiting.await.unwrap().ends_with("home"));
    }
}
