//! A client of the HTTP contract: over the router of this process, or over a connection.

use std::{net::SocketAddr, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use hyper_util::{client::legacy::Client as TcpClient, rt::TokioExecutor};
use serde_json::{Value, json};
use tower::ServiceExt as _;

/// The header in which a front end tells the client's address, for applications that trust it.
pub const CLIENT_ADDRESS: &str = "client-ip";

/// How requests get to the application.
#[derive(Clone)]
pub enum Transport {
    InProcess(Router),
    Tcp {
        address: SocketAddr,
        client: Box<TcpClient<hyper_util::client::legacy::connect::HttpConnector, Body>>,
    },
    /// A service that runs somewhere, over TLS if its URL says so.
    Remote {
        base: String,
        client: reqwest::Client,
    },
}

impl Transport {
    pub fn tcp(address: SocketAddr) -> Self {
        Self::Tcp { address, client: Box::new(TcpClient::builder(TokioExecutor::new()).build_http()) }
    }

    pub fn remote(base: &str) -> Self {
        Self::Remote { base: base.trim_end_matches('/').to_owned(), client: reqwest::Client::new() }
    }
}

/// A client with the tokens of its login.
#[derive(Clone)]
pub struct Client {
    pub transport: Transport,
    pub token: Option<String>,
    pub cookie: Option<String>,
    pub session: Option<String>,
    /// Where the application is to think that requests come from.
    pub address: SocketAddr,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The code of a problem document, which the answer must be.
    pub fn code(&self) -> String {
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json", "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16());
        assert_eq!(problem["correlation_id"], self.headers["x-correlation-id"].to_str().unwrap());
        problem["code"].as_str().unwrap().to_owned()
    }

    /// Whether the Functions host has answered itself: without a body, and without the id of every answer of the application.
    pub fn is_of_the_host(&self) -> bool {
        self.body.is_empty() && !self.headers.contains_key("x-correlation-id")
    }

    /// The answer, which must have this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.body));
        self
    }
}

impl Client {
    pub fn new(transport: Transport) -> Self {
        let address = SocketAddr::from(([127, 0, 0, 1], 40_000));
        Self { transport, token: None, cookie: None, session: None, address }
    }

    /// Sends a request; an error of the connection is an `Err`.
    pub async fn try_send(&self, request: Request<Body>) -> Result<Answer, String> {
        let response = match &self.transport {
            Transport::InProcess(router) => {
                let mut request = request;
                request.extensions_mut().insert(ConnectInfo(self.address));
                router.clone().oneshot(request).await.map_err(|error| error.to_string())?
            }
            Transport::Tcp { address, client } => {
                let (mut parts, body) = request.into_parts();
                let own = HeaderValue::from_str(&self.address.ip().to_string()).unwrap();
                parts.headers.insert(CLIENT_ADDRESS, own);
                parts.uri = format!("http://{address}{}", parts.uri).parse().unwrap();
                let response = client.request(Request::from_parts(parts, body)).await;
                response.map_err(|error| error.to_string())?.map(Body::new)
            }
            Transport::Remote { base, client } => {
                let (mut parts, body) = request.into_parts();
                let body = body.collect().await.map_err(|error| error.to_string())?.to_bytes();
                parts.headers.remove(header::HOST);
                let asked = client.request(parts.method, format!("{base}{}", parts.uri)).headers(parts.headers);
                let response = asked.body(body).send().await.map_err(|error| error.to_string())?;
                http::Response::from(response).map(Body::new)
            }
        };
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map_err(|error| error.to_string())?.to_bytes();
        Ok(Answer { status: parts.status, headers: parts.headers, body })
    }

    pub fn build(&self, method: Method, path: &str, body: Body, extra: &[(&str, &str)]) -> Request<Body> {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "127.0.0.1");
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        for (name, value) in extra {
            request = request.header(*name, *value);
        }
        request.body(body).unwrap()
    }

    pub async fn send(&self, method: Method, path: &str, body: Body, extra: &[(&str, &str)]) -> Answer {
        self.try_send(self.build(method, path, body, extra)).await.unwrap()
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, Body::empty(), &[]).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, Body::empty(), &[]).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Body::from(body.to_string()), &[("content-type", "application/json")]).await
    }

    pub async fn post_with(&self, path: &str, body: Value, header: (&str, &str)) -> Answer {
        let headers = [("content-type", "application/json"), header];
        self.send(Method::POST, path, Body::from(body.to_string()), &headers).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, Body::from(body.to_string()), &[("content-type", "application/json")]).await
    }

    /// Uploads one file as a form.
    pub async fn upload(&self, name: &str, bytes: impl AsRef<[u8]>) -> Answer {
        self.upload_all(&[(name, bytes.as_ref())]).await
    }

    /// Uploads files in one form.
    pub async fn upload_all(&self, files: &[(&str, &[u8])]) -> Answer {
        let mut body = Vec::new();
        for (name, bytes) in files {
            body.extend_from_slice(
                format!("--limit\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n")
                    .as_bytes(),
            );
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--limit--\r\n");
        let form = [("content-type", "multipart/form-data; boundary=limit")];
        self.send(Method::POST, "/api/upload", Body::from(body), &form).await
    }

    /// Logs in and keeps the tokens.
    pub async fn login(mut self, username: &str, password: &str) -> Self {
        let answer =
            self.post("/api/auth/login", json!({ "username": username, "password": password })).await.expect(200);
        self.keep(&answer);
        self
    }

    /// Takes over the tokens of a login or refresh.
    pub fn keep(&mut self, answer: &Answer) {
        let body = answer.json();
        self.token = Some(body["access_token"].as_str().unwrap().to_owned());
        self.session = Some(body["session_id"].as_str().unwrap().to_owned());
        let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
        self.cookie = Some(cookie.split(';').next().unwrap().to_owned());
    }

    /// Converts and waits for the job's end.
    pub async fn convert(&self, request: Value) -> Value {
        let answer = self.post_with("/api/convert", request, ("prefer", "wait=60")).await.expect(200);
        answer.json()
    }

    /// Waits until no job is under way: the index of a conversion is built after it.
    pub async fn jobs_end(&self) {
        let asking = async {
            loop {
                let jobs = self.get("/api/jobs").await.expect(200).json();
                let is_open = |job: &Value| matches!(job["state"].as_str(), Some("queued" | "running"));
                if !jobs["items"].as_array().unwrap().iter().any(is_open) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(120), asking).await.expect("the jobs do not end");
    }

    /// Asks for a job until it has ended.
    pub async fn job_end(&self, id: &str, within: Duration) -> Value {
        let asking = async {
            loop {
                let job = self.get(&format!("/api/jobs/{id}")).await.expect(200).json();
                if !matches!(job["state"].as_str(), Some("queued" | "running")) {
                    return job;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(within, asking).await.expect("the job does not end")
    }
}
