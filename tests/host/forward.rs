//! HTTP by forwarding: the older way, which drops chunked bodies and holds answers back until they are whole.

use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};

use super::{
    HOST_VERSION,
    body::RequestBody,
    client::{Call, Framing, Redirects, exchange},
    front::{HttpCall, empty},
    ids::new_id,
    invocation::InvocationError,
    invoke::{INVOCATION_ID, VERSION, user_agent, value},
    path,
    script_host::ScriptHost,
};

/// Headers that go with content in .NET; only type and length are carried over.
const LOST: [HeaderName; 9] = [
    header::ALLOW,
    header::CONTENT_DISPOSITION,
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    header::CONTENT_LOCATION,
    header::CONTENT_RANGE,
    header::EXPIRES,
    header::LAST_MODIFIED,
    header::TRANSFER_ENCODING,
];

/// Calls a function. A client that leaves does not end the call.
pub async fn call(host: &Arc<ScriptHost>, request: HttpCall) -> Response<Body> {
    let id = new_id().to_string();
    let body = match request.body {
        RequestBody::Whole(bytes) => bytes,
        RequestBody::Streamed(_) => Bytes::new(),
    };
    let call = Call {
        method: request.parts.method,
        uri: path::encode(&request.path) + &query(request.parts.uri.query().unwrap_or_default()),
        headers: headers(request.parts.headers, &id, body.is_empty()),
        body,
        framing: Framing::Length,
    };
    let (function, host) = (request.function, Arc::clone(host));
    let calls = host.calls.clone();
    let task = calls.spawn(async move {
        let result = host.invoker.run(&function, &id, |handler| {
            let call = Call { uri: format!("http://127.0.0.1:{}{}", handler.port, call.uri), ..call };
            let client = &host.invoker.client;
            async move {
                let response = exchange(client, call, Redirects::Pass).await;
                response.map_err(|error| InvocationError::Failed(error.to_string()))
            }
        });
        result.await
    });
    match task.await {
        Ok(Ok(response)) => passed_on(response),
        _ => empty(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

/// All headers, the client's `Host` among them. Ids are added to what the client sent under their names.
fn headers(mut headers: HeaderMap, id: &str, is_empty: bool) -> HeaderMap {
    LOST.iter().for_each(|name| drop(headers.remove(name)));
    headers.remove("content-md5");
    if is_empty {
        headers.remove(header::CONTENT_TYPE);
        headers.remove(header::CONTENT_LENGTH);
    }
    let agent = match headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()) {
        Some(agent) => format!("{agent} {}", user_agent()),
        None => user_agent(),
    };
    headers.insert(header::USER_AGENT, value(&agent));
    headers.append(VERSION, HeaderValue::from_static(HOST_VERSION));
    headers.append(INVOCATION_ID, value(id));
    headers
}

/// The query anew, with each key once.
fn query(raw: &str) -> String {
    let escape = |text: &str| {
        path::encode(text).replace('/', "%2F").replace(['&'], "%26").replace('=', "%3D").replace('+', "%2B")
    };
    let pairs: Vec<_> =
        path::joined_query(raw).iter().map(|(key, value)| format!("{}={}", escape(key), escape(value))).collect();
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}

fn passed_on(response: Response<Bytes>) -> Response<Body> {
    let mut response = response.map(Body::from);
    for name in [header::TRANSFER_ENCODING, header::CONNECTION] {
        response.headers_mut().remove(name);
    }
    response
}
