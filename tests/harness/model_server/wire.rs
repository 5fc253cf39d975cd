//! Answers as the two formats have them.

use serde_json::{Value, json};

use super::{Dialect, turn::Reply};

/// Characters of a fragment of a call's arguments.
const FRAGMENT: usize = 5;

/// An answer as a stream of events.
pub(super) fn stream(reply: &Reply, request: &Value, dialect: Dialect) -> String {
    let mut chunks = Vec::new();
    if dialect == Dialect::Azure {
        let filter = json!([{ "prompt_index": 0, "content_filter_results": { "hate": { "filtered": false, "severity": "safe" } } }]);
        chunks.push(json!({ "choices": [], "created": 0, "id": "", "model": "", "object": "", "prompt_filter_results": filter }));
    }
    chunks.push(chunk(json!({ "role": "assistant", "content": "", "refusal": null }), None, dialect));
    for piece in pieces(reply) {
        chunks.push(chunk(json!({ "content": piece }), None, dialect));
    }
    for (index, (name, arguments)) in reply.calls.iter().enumerate() {
        let function = json!({ "name": name, "arguments": "" });
        let begin = json!({ "index": index, "id": id(request, index), "type": "function", "function": function });
        chunks.push(chunk(json!({ "tool_calls": [begin] }), None, dialect));
        let characters: Vec<char> = arguments.chars().collect();
        for fragment in characters.chunks(FRAGMENT) {
            let fragment: String = fragment.iter().collect();
            let more = json!({ "index": index, "function": { "arguments": fragment } });
            chunks.push(chunk(json!({ "tool_calls": [more] }), None, dialect));
        }
    }
    chunks.push(chunk(json!({}), Some(finish(reply)), dialect));
    if request["stream_options"]["include_usage"] == true && !reply.is_uncounted {
        let mut last = chunk(json!({}), None, dialect);
        last["choices"] = json!([]);
        last["usage"] = usage(reply, request);
        chunks.push(last);
    }
    let events: String = chunks.iter().map(|chunk| format!("data: {chunk}\n\n")).collect();
    format!("{events}data: [DONE]\n\n")
}

fn pieces(reply: &Reply) -> Vec<String> {
    match reply.piece {
        Some(length) => {
            let characters: Vec<char> = reply.text.chars().collect();
            characters.chunks(length).map(|piece| piece.iter().collect()).collect()
        }
        None => reply.text.split_inclusive(' ').map(str::to_owned).collect(),
    }
}

/// The event of one word.
pub(super) fn word(word: &str, dialect: Dialect) -> String {
    format!("data: {}\n\n", chunk(json!({ "content": word }), None, dialect))
}

/// An answer in one piece.
pub(super) fn whole(reply: &Reply, request: &Value, dialect: Dialect) -> Value {
    let call = |(index, (name, arguments)): (usize, &(String, String))| json!({ "id": id(request, index), "type": "function", "function": { "name": name, "arguments": arguments } });
    let mut message = json!({ "role": "assistant", "content": null, "refusal": null });
    if !reply.text.is_empty() {
        message["content"] = reply.text.as_str().into();
    }
    if !reply.calls.is_empty() {
        message["tool_calls"] = reply.calls.iter().enumerate().map(call).collect();
    }
    let mut choice = json!({ "index": 0, "message": message, "finish_reason": finish(reply), "logprobs": null });
    if dialect == Dialect::Azure {
        choice["content_filter_results"] = json!({});
    }
    let usage = if reply.is_uncounted { Value::Null } else { usage(reply, request) };
    json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1_772_359_200, "model": request["model"],
        "choices": [choice], "usage": usage,
    })
}

fn chunk(delta: Value, finish: Option<&str>, dialect: Dialect) -> Value {
    let mut choice = json!({ "index": 0, "delta": delta, "finish_reason": finish, "logprobs": null });
    if dialect == Dialect::Azure {
        choice["content_filter_results"] = json!({});
    }
    json!({
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_772_359_200, "model": "scripted",
        "choices": [choice], "usage": null,
    })
}

fn id(request: &Value, index: usize) -> String {
    format!("call_{}_{index}", request["messages"].as_array().map_or(0, Vec::len))
}

fn finish(reply: &Reply) -> &'static str {
    reply.finish.unwrap_or(if reply.calls.is_empty() { "stop" } else { "tool_calls" })
}

/// About four bytes are a token.
fn usage(reply: &Reply, request: &Value) -> Value {
    let arguments: usize = reply.calls.iter().map(|(name, arguments)| name.len() + arguments.len()).sum();
    let counted = || {
        let tokens = |bytes: usize| u64::try_from(bytes / 4 + 1).unwrap();
        (tokens(request["messages"].to_string().len()), tokens(reply.text.len() + arguments))
    };
    let (input, output) = reply.usage.unwrap_or_else(counted);
    json!({ "prompt_tokens": input, "completion_tokens": output, "total_tokens": input + output })
}
