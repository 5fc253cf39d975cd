//! What the real servers refuse: a client that passes here has the format right.

use serde_json::{Value, json};

use super::Dialect;

/// The error of a question that breaks a rule.
pub(super) fn broken_by(request: &Value, dialect: Dialect) -> Option<Value> {
    let problem = if !request["model"].is_string() {
        Some("model is missing".to_owned())
    } else if dialect == Dialect::Azure && request.get("max_tokens").is_some() {
        return Some(json!({ "code": "unsupported_parameter", "param": "max_tokens" }));
    } else if request["tools"].as_array().is_some_and(Vec::is_empty) {
        Some("tools is an empty list".to_owned())
    } else if request.get("stream_options").is_some() && request["stream"] != true {
        Some("stream_options without stream".to_owned())
    } else {
        tools(request).or_else(|| messages(request))
    };
    problem.map(|problem| json!({ "code": null, "type": "invalid_request_error", "message": problem }))
}

fn tools(request: &Value) -> Option<String> {
    let is_name = |name: &str| {
        (1..=64).contains(&name.len()) && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
    };
    let tools = request["tools"].as_array()?;
    let wrong = |tool: &&Value| {
        let function = &tool["function"];
        let has_name = function["name"].as_str().is_some_and(is_name);
        tool["type"] != "function" || !has_name || function["parameters"]["type"] != "object"
    };
    tools.iter().find(wrong).map(|tool| format!("this is no tool: {tool}"))
}

/// Every call of an assistant's message is followed by its result, before anything else is said.
fn messages(request: &Value) -> Option<String> {
    let Some(messages) = request["messages"].as_array().filter(|messages| !messages.is_empty()) else {
        return Some("messages is missing".into());
    };
    let mut open: Vec<&str> = Vec::new();
    for message in messages {
        let role = message["role"].as_str().unwrap_or_default();
        let has_text = message["content"].is_string();
        if role == "tool" {
            let id = message["tool_call_id"].as_str().unwrap_or_default();
            let Some(at) = open.iter().position(|open| *open == id).filter(|_| has_text) else {
                return Some(format!("a tool's result without its call: {message}"));
            };
            open.remove(at);
            continue;
        }
        if !open.is_empty() {
            return Some(format!("calls without results: {open:?}"));
        }
        match role {
            "system" | "developer" | "user" if has_text => {}
            "assistant" => {
                let calls = message["tool_calls"].as_array().map(Vec::as_slice).unwrap_or_default();
                if calls.is_empty() && !has_text {
                    return Some("an assistant's message with nothing in it".into());
                }
                for call in calls {
                    let function = &call["function"];
                    match call["id"].as_str() {
                        Some(id) if function["name"].is_string() && function["arguments"].is_string() => open.push(id),
                        _ => return Some(format!("this is no call: {call}")),
                    }
                }
            }
            _ => return Some(format!("this is no message: {message}")),
        }
    }
    (!open.is_empty()).then(|| format!("calls without results: {open:?}"))
}
