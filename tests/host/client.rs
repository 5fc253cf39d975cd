//! The client by which the host calls its handler.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt as _;
use hyper_util::{
    client::legacy::{Client as Legacy, Error, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};

const REDIRECTS_AT_MOST: usize = 50;

/// Pooled connections of HTTP/1.1; names no proxy and adds no header but `Host`.
pub type Client = Legacy<HttpConnector, Body>;

pub fn client() -> Client {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    Legacy::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(Duration::from_secs(60))
        .build(connector)
}

/// The text of an error and of what caused it.
pub fn describe(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Why there is no answer.
#[derive(Debug)]
pub enum CallError {
    /// Nothing listens at the other end.
    Refused(String),
    Broken(String),
}

impl std::fmt::Display for CallError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Self::Refused(text) | Self::Broken(text)) = self;
        formatter.write_str(text)
    }
}

impl From<Error> for CallError {
    fn from(error: Error) -> Self {
        let text = describe(&error);
        if error.is_connect() { Self::Refused(text) } else { Self::Broken(text) }
    }
}

/// What a request is made of, so that it can be sent again.
#[derive(Clone)]
pub struct Call {
    pub method: Method,
    pub uri: String,
    pub headers: http::HeaderMap,
    pub body: Bytes,
    pub framing: Framing,
}

impl Call {
    /// A request without body and headers.
    pub fn get(uri: String) -> Self {
        let (method, body) = (Method::GET, Bytes::new());
        Self { method, uri, headers: http::HeaderMap::new(), body, framing: Framing::Length }
    }
}

/// How the length of a body is told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    Length,
    Chunked,
}

/// Whether redirects are followed by the host or given to who asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Redirects {
    Follow,
    Pass,
}

/// Sends a call and reads the whole answer.
pub async fn exchange(client: &Client, mut call: Call, redirects: Redirects) -> Result<Response<Bytes>, CallError> {
    for _ in 0..=REDIRECTS_AT_MOST {
        let origin = call.uri.clone();
        let response = client.request(request(&call)?).await?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map_err(|error| CallError::Broken(describe(&error)))?.to_bytes();
        let response = Response::from_parts(parts, body);
        match redirect(&response, &origin) {
            Some(target) if redirects == Redirects::Follow => redirect_to(&mut call, response.status(), target),
            _ => return Ok(response),
        }
    }
    Err(CallError::Broken("too many redirects".to_owned()))
}

fn request(call: &Call) -> Result<Request<Body>, CallError> {
    let mut request = Request::builder().method(call.method.clone()).uri(&call.uri);
    if let Some(headers) = request.headers_mut() {
        *headers = call.headers.clone();
    }
    let body = match call.framing {
        Framing::Length if call.body.is_empty() => Body::empty(),
        Framing::Length => Body::from(call.body.clone()),
        Framing::Chunked => Body::from_stream(futures::stream::iter([Ok::<_, std::io::Error>(call.body.clone())])),
    };
    request.body(body).map_err(|error| CallError::Broken(error.to_string()))
}

/// Where an answer sends its reader, as a whole address.
fn redirect(response: &Response<Bytes>, origin: &str) -> Option<String> {
    if !matches!(response.status().as_u16(), 300..=303 | 307 | 308) {
        return None;
    }
    let location = response.headers().get(header::LOCATION)?.to_str().ok()?;
    if location.starts_with("http://") {
        return Some(location.to_owned());
    }
    let authority = origin.strip_prefix("http://")?.split('/').next()?;
    Some(format!("http://{authority}/{}", location.trim_start_matches('/')))
}

/// 307 and 308 keep method and body; the others make a POST a GET.
fn redirect_to(call: &mut Call, status: StatusCode, target: String) {
    call.uri = target;
    let keeps = matches!(status, StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT);
    if !keeps && (call.method == Method::POST || status == StatusCode::SEE_OTHER) {
        call.method = Method::GET;
        call.body = Bytes::new();
        call.framing = Framing::Length;
        call.headers.remove(header::CONTENT_TYPE);
    }
}
