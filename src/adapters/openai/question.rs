//! A request as the wire format has it.

use serde_json::{Map, Value, json};

use crate::ports::language_model::{ModelMessage, ModelRequest, ToolCall, ToolSpecification};

/// The body of a question to `chat/completions`. `limit_member` is the name that the server knows the limit of the answer by.
pub(super) fn question(model: &str, request: &ModelRequest, limit_member: &str) -> Value {
    let mut messages = Vec::with_capacity(request.messages.len() + 1);
    if !request.system.is_empty() {
        messages.push(json!({ "role": "system", "content": request.system }));
    }
    messages.extend(request.messages.iter().map(message));
    let mut body = Map::new();
    body.insert("model".into(), model.into());
    body.insert("messages".into(), messages.into());
    body.insert("stream".into(), true.into());
    // Without it a stream tells nothing of what it took.
    body.insert("stream_options".into(), json!({ "include_usage": true }));
    body.insert(limit_member.into(), request.max_output_tokens.into());
    // Servers refuse an empty list.
    if !request.tools.is_empty() {
        body.insert("tools".into(), request.tools.iter().map(tool).collect());
    }
    body.into()
}

fn message(message: &ModelMessage) -> Value {
    match message {
        ModelMessage::User(text) => json!({ "role": "user", "content": text }),
        ModelMessage::Assistant { text, tool_calls } if tool_calls.is_empty() => {
            json!({ "role": "assistant", "content": text })
        }
        ModelMessage::Assistant { text, tool_calls } => {
            let content = if text.is_empty() { Value::Null } else { text.as_str().into() };
            json!({ "role": "assistant", "content": content, "tool_calls": tool_calls.iter().map(call).collect::<Value>() })
        }
        ModelMessage::ToolResult { call_id, content } => {
            json!({ "role": "tool", "tool_call_id": call_id, "content": content })
        }
    }
}

fn call(call: &ToolCall) -> Value {
    json!({ "id": call.id, "type": "function", "function": { "name": call.name, "arguments": call.arguments } })
}

fn tool(tool: &ToolSpecification) -> Value {
    let ToolSpecification { name, description, parameters } = tool;
    json!({ "type": "function", "function": { "name": name, "description": description, "parameters": parameters } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_with_calls_is_written_as_the_format_has_it() {
        let call = ToolCall { id: "c1".into(), name: "count".into(), arguments: r#"{"table":"orders"}"#.into() };
        let request = ModelRequest {
            system: "Be brief.".into(),
            messages: vec![
                ModelMessage::User("How many?".into()),
                ModelMessage::Assistant { text: String::new(), tool_calls: vec![call] },
                ModelMessage::ToolResult { call_id: "c1".into(), content: "3".into() },
                ModelMessage::Assistant { text: "Three.".into(), tool_calls: vec![] },
                ModelMessage::User("Sure?".into()),
            ],
            tools: vec![ToolSpecification {
                name: "count".into(),
                description: "Counts rows".into(),
                parameters: json!({ "type": "object" }),
            }],
            max_output_tokens: 100,
        };
        let expected = json!({
            "model": "m",
            "messages": [
                { "role": "system", "content": "Be brief." },
                { "role": "user", "content": "How many?" },
                { "role": "assistant", "content": null, "tool_calls": [
                    { "id": "c1", "type": "function", "function": { "name": "count", "arguments": "{\"table\":\"orders\"}" } },
                ] },
                { "role": "tool", "tool_call_id": "c1", "content": "3" },
                { "role": "assistant", "content": "Three." },
                { "role": "user", "content": "Sure?" },
            ],
            "stream": true,
            "stream_options": { "include_usage": true },
            "max_tokens": 100,
            "tools": [
                { "type": "function", "function": { "name": "count", "description": "Counts rows", "parameters": { "type": "object" } } },
            ],
        });
        assert_eq!(question("m", &request, "max_tokens"), expected);
        let bare = ModelRequest { system: String::new(), tools: vec![], ..request };
        let body = question("m", &bare, "max_completion_tokens");
        assert!(body.get("tools").is_none() && body["messages"][0]["role"] == "user", "{body}");
        assert_eq!(body["max_completion_tokens"], 100);
    }
}
