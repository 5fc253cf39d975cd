//! HTTP as a value of an invocation: the request as JSON to the handler, the answer as JSON from it.

use std::sync::Arc;

use axum::body::Body;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use serde::Serialize;
use serde_json::Value;

use super::{
    answer::Output,
    body::RequestBody,
    encode::{Dictionary, body, object, text},
    front::{HttpCall, empty},
    function::member,
    ids::new_id,
    metadata::{System, merge_payload},
    path,
    script_host::ScriptHost,
    template::Parameters,
};

/// Calls a function. A client that leaves does not end the call.
pub async fn call(host: &Arc<ScriptHost>, call: HttpCall) -> Response<Body> {
    let HttpCall { function, parts, path, parameters, body: received, auth_level, .. } = call;
    let received = match received {
        RequestBody::Whole(bytes) => bytes,
        RequestBody::Streamed(_) => Bytes::new(),
    };
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let request = HttpRequest {
        method: parts.method.as_str(),
        path: &path,
        query: &query,
        headers: &parts.headers,
        parameters: &parameters,
        body: &received,
        auth_level,
    };
    let system = System { function: &function.name, now: host.invoker.clock.now(), id: new_id() };
    let body = request.encode(&function.binding, &system);
    let host = Arc::clone(host);
    let calls = host.calls.clone();
    let task = calls.spawn(async move {
        let output = host.invoker.invoke(&function, body).await.ok()?;
        response(function.http_output.as_deref(), &output)
    });
    task.await.ok().flatten().unwrap_or_else(|| empty(StatusCode::INTERNAL_SERVER_ERROR))
}

/// A request as it is told to the handler.
pub struct HttpRequest<'a> {
    pub method: &'a str,
    /// Decoded.
    pub path: &'a str,
    pub query: &'a str,
    pub headers: &'a HeaderMap,
    pub parameters: &'a Parameters,
    pub body: &'a [u8],
    /// `Admin`, `Function` or `Anonymous`.
    pub auth_level: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Written {
    url: String,
    method: String,
    query: Dictionary,
    headers: Dictionary,
    params: Dictionary,
    identities: [Identity; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Identity {
    authentication_type: &'static str,
    is_authenticated: bool,
    actor: Option<()>,
    bootstrap_context: Option<()>,
    claims: [Claim; 1],
    label: Option<()>,
    name: Option<()>,
    name_claim_type: &'static str,
    role_claim_type: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Claim {
    issuer: &'static str,
    original_issuer: &'static str,
    properties: Dictionary,
    r#type: &'static str,
    value: String,
    value_type: &'static str,
}

impl HttpRequest<'_> {
    /// The body of the invocation.
    pub fn encode(&self, binding: &str, system: &System<'_>) -> Vec<u8> {
        let written = Written {
            url: self.url(),
            method: self.method.to_owned(),
            query: plain(path::joined_query(self.query)),
            headers: self.headers(|values| object(&values)),
            params: plain(self.parameters.clone()),
            identities: [identity(self.auth_level)],
            body: self.body_text(),
        };
        body(binding, object(&written), self.metadata(system))
    }

    fn metadata(&self, system: &System<'_>) -> Dictionary {
        let mut metadata = Dictionary::default();
        if let Ok(payload) = std::str::from_utf8(self.body) {
            merge_payload(&mut metadata, payload);
        }
        let pairs = path::query_pairs(self.query);
        pairs.iter().chain(self.parameters).for_each(|(key, value)| metadata.set(key, text(value)));
        metadata.set("Query", object(&plain(pairs)));
        metadata.set("Headers", object(&self.headers(|values| object(&values.join(",")))));
        metadata.set("sys", system.json());
        metadata
    }

    fn url(&self) -> String {
        let host = self.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
        let query = if self.query.is_empty() { String::new() } else { format!("?{}", self.query) };
        format!("http://{host}{}{query}", path::encode(self.path))
    }

    fn headers(&self, write: impl Fn(Vec<&str>) -> super::encode::Json) -> Dictionary {
        let mut headers = Dictionary::default();
        for name in self.headers.keys() {
            let values = self.headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
            headers.set(&usual_case(name), write(values));
        }
        headers
    }

    /// Text, and base64 for two types; every other type is read as UTF-8, which ruins what is not.
    fn body_text(&self) -> Option<String> {
        if self.body.is_empty() {
            return None;
        }
        let content_type = self.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let content_type = content_type.unwrap_or_default().to_lowercase();
        if content_type.starts_with("application/octet-stream") || content_type.starts_with("multipart/") {
            return Some(STANDARD.encode(self.body));
        }
        Some(String::from_utf8_lossy(self.body).into_owned())
    }
}

/// Names and values without any coat; the last of a name counts.
fn plain(pairs: Vec<(String, String)>) -> Dictionary {
    let mut dictionary = Dictionary::default();
    pairs.iter().for_each(|(key, value)| dictionary.set(key, object(value)));
    dictionary
}

/// `content-type` as `Content-Type`.
fn usual_case(name: &HeaderName) -> String {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    name.as_str()
        .split('-')
        .map(|word| if word.is_empty() { String::new() } else { capital(word) })
        .collect::<Vec<_>>()
        .join("-")
}

fn identity(auth_level: &str) -> Identity {
    Identity {
        authentication_type: "WebJobsAuthLevel",
        is_authenticated: true,
        actor: None,
        bootstrap_context: None,
        claims: [Claim {
            issuer: "LOCAL AUTHORITY",
            original_issuer: "LOCAL AUTHORITY",
            properties: Dictionary::default(),
            r#type: "http://schemas.microsoft.com/2017/07/functions/claims/authlevel",
            value: auth_level.to_owned(),
            value_type: "http://www.w3.org/2001/XMLSchema#string",
        }],
        label: None,
        name: None,
        name_claim_type: "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
        role_claim_type: "http://schemas.microsoft.com/ws/2008/06/identity/claims/role",
    }
}

/// The answer to the client; `None` if the output is no object that says one. No output at all is 204.
pub fn response(http_output: Option<&str>, output: &Output) -> Option<Response<Body>> {
    let said = http_output.and_then(|name| output.outputs.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)));
    let Some((_, said)) = said.filter(|(_, value)| !value.is_null()) else {
        return Some(empty(StatusCode::NO_CONTENT));
    };
    if !said.is_object() {
        return None;
    }
    let mut response = Response::new(match member(said, "body") {
        None | Some(Value::Null) => Body::empty(),
        Some(Value::String(text)) => Body::from(text.clone()),
        Some(other) => Body::from(other.to_string()),
    });
    if let Some(status) = member(said, "statusCode").or_else(|| member(said, "status")) {
        *response.status_mut() = status_code(status)?;
    }
    for (name, value) in member(said, "headers").and_then(Value::as_object).into_iter().flatten() {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let name = HeaderName::try_from(name).ok()?;
        response.headers_mut().insert(name, HeaderValue::try_from(value).ok()?);
    }
    Some(response)
}

/// A number, or a text that holds one.
fn status_code(value: &Value) -> Option<StatusCode> {
    let number = value.as_u64().or_else(|| value.as_str()?.parse().ok())?;
    StatusCode::from_u16(u16::try_from(number).ok()?).ok()
}
