//! The host's own HTTP server: finds the function, checks the caller, takes the body, and calls.

use std::{convert::Infallible, net::SocketAddr, sync::Arc};

use axum::body::Body;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header, request::Parts};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{
    body::{self, Refused, RequestBody},
    forward,
    function::{AuthLevel, Function, Trigger},
    http_value,
    options::{Auth, Cors},
    path, proxy,
    script_host::ScriptHost,
    settings::HttpMode,
    template::Parameters,
    web_host::Shared,
};

/// A request that has found its function.
pub struct HttpCall {
    pub function: Arc<Function>,
    pub parts: Parts,
    /// Decoded.
    pub path: String,
    pub parameters: Parameters,
    pub body: RequestBody,
    pub peer: SocketAddr,
    /// What the caller may do, as the claim about it says.
    pub auth_level: &'static str,
}

/// Serves connections until `stop`, which also ends those that are open.
pub async fn serve(listener: TcpListener, shared: Arc<Shared>, stop: CancellationToken) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        let Ok((stream, peer)) = accepted else { continue };
        let _ = stream.set_nodelay(true);
        let (shared, stop) = (Arc::clone(&shared), stop.clone());
        tokio::spawn(async move {
            let service = service_fn(move |request: Request<Incoming>| {
                let shared = Arc::clone(&shared);
                async move { Ok::<_, Infallible>(answer_with_cors(&shared, peer, request.map(Body::new)).await) }
            });
            let connection =
                http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
            tokio::select! {
                _ = connection => {}
                () = stop.cancelled() => {}
            }
        });
    }
}

async fn answer_with_cors(shared: &Arc<Shared>, peer: SocketAddr, request: Request<Body>) -> Response<Body> {
    let Some(cors) = &shared.options.cors else { return answer(shared, peer, request).await };
    let allowed = request.headers().get(header::ORIGIN).filter(|origin| cors.allows(origin)).cloned();
    let is_preflight =
        request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if is_preflight {
        cors.preflight(request.headers(), allowed.is_some())
    } else {
        answer(shared, peer, request).await
    };
    if let Some(origin) = allowed {
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        if cors.credentials {
            response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
    }
    response
}

async fn answer(shared: &Arc<Shared>, peer: SocketAddr, request: Request<Body>) -> Response<Body> {
    let Some(host) = shared.script_host().await else {
        return with_text(StatusCode::SERVICE_UNAVAILABLE, "Function host is not running.");
    };
    let (parts, body) = request.into_parts();
    let Some(path) = path::decode(parts.uri.path()) else { return empty(StatusCode::BAD_REQUEST) };
    if is_reserved(&path) {
        return empty(StatusCode::NOT_FOUND);
    }
    let Some((function, parameters)) = host.routes.find(parts.method.as_str(), &path) else {
        return if path == "/" { homepage(&host) } else { empty(StatusCode::NOT_FOUND) };
    };
    let Some(auth_level) = auth_level(&shared.options.auth, &function, &parts) else {
        return empty(StatusCode::UNAUTHORIZED);
    };
    // From here on the script host waits for this call before it ends.
    let _calling = host.calls.token();
    let body = match body::take(&parts.headers, body, host.settings.body_limit).await {
        Ok(body) => body,
        Err(Refused::TooLarge) => return empty(StatusCode::PAYLOAD_TOO_LARGE),
        Err(Refused::Broken) => return empty(StatusCode::BAD_REQUEST),
    };
    let request = HttpCall { function, parts, path, parameters, body, peer, auth_level };
    match (request.function.is_http_in_and_out, host.settings.handler.http) {
        (true, HttpMode::Proxy) => proxy::call(&host, request).await,
        (true, HttpMode::Forward) => forward::call(&host, request).await,
        _ => http_value::call(&host, request).await,
    }
}

/// What the host keeps for itself, whatever the routes say. What it answers there is not emulated.
fn is_reserved(path: &str) -> bool {
    path.split('/').nth(1).is_some_and(|first| ["admin", "runtime"].iter().any(|own| first.eq_ignore_ascii_case(own)))
}

/// The level of the caller, if it suffices.
fn auth_level(auth: &Auth, function: &Function, parts: &Parts) -> Option<&'static str> {
    let Auth::Keys(keys) = auth else { return Some("Admin") };
    let in_header = parts.headers.get("x-functions-key").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let in_query = || {
        let pairs = path::query_pairs(parts.uri.query().unwrap_or_default());
        pairs.into_iter().find(|(key, _)| key.eq_ignore_ascii_case("code")).map(|(_, value)| value)
    };
    let has_key = in_header.or_else(in_query).is_some_and(|key| keys.contains(&key));
    let needed = match &function.trigger {
        Trigger::Http(http) => http.auth_level,
        Trigger::Queue(_) | Trigger::Timer(_) => AuthLevel::Admin,
    };
    match (has_key, needed) {
        (true, _) => Some("Function"),
        (false, AuthLevel::Anonymous) => Some("Anonymous"),
        (false, AuthLevel::Function | AuthLevel::Admin) => None,
    }
}

fn homepage(host: &ScriptHost) -> Response<Body> {
    if host.settings.homepage_disabled {
        return empty(StatusCode::NO_CONTENT);
    }
    let mut response =
        Response::new(Body::from("<!DOCTYPE html><html><body>Your Functions app is up and running</body></html>"));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
    response
}

impl Cors {
    fn allows(&self, origin: &HeaderValue) -> bool {
        self.origins.iter().any(|known| known == "*" || origin.to_str().is_ok_and(|origin| origin == known))
    }

    /// Every preflight is answered here, allowed or not, and never reaches the handler.
    fn preflight(&self, asked: &HeaderMap, is_allowed: bool) -> Response<Body> {
        let mut response = empty(StatusCode::NO_CONTENT);
        if is_allowed {
            let granted = [
                (header::ACCESS_CONTROL_REQUEST_METHOD, header::ACCESS_CONTROL_ALLOW_METHODS),
                (header::ACCESS_CONTROL_REQUEST_HEADERS, header::ACCESS_CONTROL_ALLOW_HEADERS),
            ];
            for (question, grant) in granted {
                if let Some(value) = asked.get(question) {
                    response.headers_mut().insert(grant, value.clone());
                }
            }
        }
        response
    }
}

/// An answer of the host's own without a body.
pub fn empty(status: StatusCode) -> Response<Body> {
    with_text(status, "")
}

fn with_text(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response
}
