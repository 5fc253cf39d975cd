//! What the host makes of a handler's answer to an invocation.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{Response, header};
use serde_json::{Map, Value};

use super::function::{DataType, member};

/// The host's view of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    Success(Output),
    /// The host waits for something that never comes, until the function's time is over.
    Hang,
    Failure(String),
}

/// What a handler has answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Output {
    pub outputs: Map<String, Value>,
    pub logs: Vec<String>,
    pub return_value: Value,
}

/// Classifies an answer that is no redirect to be followed.
pub fn classify(response: &Response<Bytes>) -> Answer {
    let (status, body) = (response.status(), response.body());
    if !status.is_success() {
        return Answer::Failure(format!("Response status code does not indicate success: {}", status.as_u16()));
    }
    if body.is_empty() {
        return Answer::Hang;
    }
    if !is_json(response) {
        return Answer::Failure("No MediaTypeFormatter is available to read the answer; it must be JSON".to_owned());
    }
    if body.trim_ascii().is_empty() {
        return Answer::Hang;
    }
    match serde_json::from_slice(body) {
        Ok(Value::Null) => Answer::Hang,
        Ok(json) => output(&json).map_or_else(invalid, Answer::Success),
        Err(_) => invalid(),
    }
}

fn is_json(response: &Response<Bytes>) -> bool {
    let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    ["application/json", "text/json"].iter().any(|known| kind.eq_ignore_ascii_case(known))
}

fn invalid() -> Answer {
    Answer::Failure("Invalid HttpResponseMessage: the body is not the JSON object of an invocation's result".to_owned())
}

/// Reads the members, whatever the case of their names. Every one may be absent.
fn output(json: &Value) -> Option<Output> {
    if !json.is_object() {
        return None;
    }
    let outputs = match member(json, "Outputs") {
        None | Some(Value::Null) => Map::new(),
        Some(outputs) => outputs.as_object()?.clone(),
    };
    let logs = match member(json, "Logs") {
        None | Some(Value::Null) => Vec::new(),
        Some(logs) => logs.as_array()?.iter().map(log_line).collect::<Option<_>>()?,
    };
    Some(Output { outputs, logs, return_value: member(json, "ReturnValue").cloned().unwrap_or_default() })
}

fn log_line(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Null => Some(String::new()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// The bytes that an output binding other than HTTP gets of a value: a text that happens to be base64 is decoded.
pub fn output_bytes(value: &Value, data_type: DataType) -> Vec<u8> {
    match value {
        Value::String(text) if data_type == DataType::Text => {
            STANDARD.decode(text).unwrap_or_else(|_| text.clone().into_bytes())
        }
        Value::String(text) => text.clone().into_bytes(),
        other => other.to_string().into_bytes(),
    }
}
