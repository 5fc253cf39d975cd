//! HTTP by proxy: the request goes to the handler as it is, and both bodies are streamed.

use std::{sync::Arc, time::Duration};

use axum::body::Body;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

use super::{
    HOST_VERSION,
    client::describe,
    exchange::{Activity, Responder, Upload, responder},
    front::HttpCall,
    function::Function,
    ids::new_id,
    invocation::InvocationError,
    invoke::{INVOCATION_ID, VERSION, value},
    path,
    script_host::ScriptHost,
};

const ATTEMPTS: u32 = 10;
const MS_INVOCATION_ID: HeaderName = HeaderName::from_static("x-ms-invocation-id");

/// Headers that belong to one connection; they are taken off requests and answers.
const OF_CONNECTION: [&str; 17] = [
    "connection",
    "transfer-encoding",
    "keep-alive",
    "upgrade",
    "proxy-connection",
    "proxy-authenticate",
    "proxy-authentication-info",
    "proxy-authorization",
    "proxy-features",
    "proxy-instruction",
    "security-scheme",
    "alpn",
    "close",
    "http2-settings",
    "upgrade-insecure-requests",
    "te",
    "alt-svc",
];

/// What is sent to the handler, as often as it takes.
struct Outgoing {
    function: Arc<Function>,
    method: http::Method,
    target: String,
    headers: HeaderMap,
    upload: Arc<Upload>,
    activity: Activity,
}

/// Calls a function; returns with the head of the answer, while its body is still coming.
pub async fn call(host: &Arc<ScriptHost>, request: HttpCall) -> Response<Body> {
    let id = new_id().to_string();
    let activity = Activity::new();
    let outgoing = Outgoing {
        function: Arc::clone(&request.function),
        method: request.parts.method.clone(),
        target: path::encode(&request.path)
            + &request.parts.uri.query().map(|query| format!("?{query}")).unwrap_or_default(),
        headers: headers(&request, &id),
        upload: Upload::of(request.body, activity.clone()),
        activity,
    };
    let (mut responder, waiting, gone) = responder();
    let host = Arc::clone(host);
    let calls = host.calls.clone();
    calls.spawn(async move {
        let function = Arc::clone(&outgoing.function);
        let result = host
            .invoker
            .run(&function, &id, |handler| {
                let (host, outgoing, responder) = (&host, &outgoing, &mut responder);
                async move {
                    tokio::select! {
                        biased;
                        result = transfer(host, outgoing, handler.port, responder) => result,
                        () = gone.cancelled() => Err(InvocationError::ClientGone),
                        () = outgoing.activity.idle_for(host.timings.proxy_idle) => Err(InvocationError::Idle),
                    }
                }
            })
            .await;
        match result {
            Ok(()) => {}
            Err(InvocationError::TooLarge) => responder.fail(StatusCode::PAYLOAD_TOO_LARGE).await,
            Err(_) => responder.fail(StatusCode::INTERNAL_SERVER_ERROR).await,
        }
    });
    waiting.response().await
}

/// The client's headers without those of the connection, and with the host's own in place of the client's.
fn headers(request: &HttpCall, id: &str) -> HeaderMap {
    let mut headers = request.parts.headers.clone();
    for name in OF_CONNECTION {
        headers.remove(name);
    }
    headers.remove(header::FORWARDED);
    let forwarded_for = HeaderName::from_static("x-forwarded-for");
    headers.insert(forwarded_for, value(&request.peer.ip().to_string()));
    if let Some(client_host) = headers.remove(header::HOST) {
        headers.insert(HeaderName::from_static("x-forwarded-host"), client_host);
    }
    headers.insert(HeaderName::from_static("x-forwarded-proto"), HeaderValue::from_static("http"));
    headers.insert(VERSION, HeaderValue::from_static(HOST_VERSION));
    headers.insert(INVOCATION_ID, value(id));
    headers.insert(MS_INVOCATION_ID, value(id));
    headers
}

/// Sends the request and passes the answer on.
async fn transfer(
    host: &ScriptHost,
    outgoing: &Outgoing,
    port: u16,
    to: &mut Responder,
) -> Result<(), InvocationError> {
    let response = send(host, outgoing, port).await?;
    outgoing.activity.touch();
    let (mut parts, mut body) = response.into_parts();
    for name in OF_CONNECTION {
        parts.headers.remove(name);
    }
    // The head waits for the first byte of the body.
    let Some(first) = next_chunk(&mut body, outgoing).await? else {
        to.answer(Response::from_parts(parts, Body::empty()));
        return Ok(());
    };
    to.start(parts);
    to.send(first).await;
    while let Some(chunk) = next_chunk(&mut body, outgoing).await? {
        to.send(chunk).await;
    }
    Ok(())
}

/// Sends the request again, whatever its method, as long as its body was not begun.
async fn send(host: &ScriptHost, outgoing: &Outgoing, port: u16) -> Result<Response<Incoming>, InvocationError> {
    let mut pause = host.timings.proxy_retry;
    for attempt in 1.. {
        let request = request(outgoing, port)?;
        match host.invoker.client.request(request).await {
            Ok(response) => return Ok(response),
            Err(_) if outgoing.upload.is_too_large() => return Err(InvocationError::TooLarge),
            Err(error) if attempt == ATTEMPTS || outgoing.upload.is_started() => {
                return Err(InvocationError::Failed(describe(&error)));
            }
            Err(_) => tokio::time::sleep(pause).await,
        }
        pause = Duration::min(2 * pause, 5 * host.timings.proxy_retry);
    }
    Err(InvocationError::Failed("the handler was not reached".to_owned()))
}

fn request(outgoing: &Outgoing, port: u16) -> Result<Request<Body>, InvocationError> {
    let uri = format!("http://127.0.0.1:{port}{}", outgoing.target);
    let request = Request::builder().method(outgoing.method.clone()).uri(uri).body(outgoing.upload.attempt());
    let mut request = request.map_err(|error| InvocationError::Failed(error.to_string()))?;
    *request.headers_mut() = outgoing.headers.clone();
    Ok(request)
}

async fn next_chunk(body: &mut Incoming, outgoing: &Outgoing) -> Result<Option<bytes::Bytes>, InvocationError> {
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| InvocationError::Failed(describe(&error)))?;
        if let Ok(data) = frame.into_data()
            && !data.is_empty()
        {
            outgoing.activity.touch();
            return Ok(Some(data));
        }
    }
    Ok(None)
}
