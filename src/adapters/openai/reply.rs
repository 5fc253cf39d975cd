//! Putting an answer together from the pieces that a server sends. Knows nothing of connections.

use std::collections::VecDeque;

use serde::Deserialize;

use super::failure::{ErrorBody, Failure};
use crate::ports::language_model::{EndReason, ModelEvent, ModelLimits, ModelUsage, ToolCall};

/// An answer that is coming in.
pub(super) struct Reply {
    limits: ModelLimits,
    text_bytes: usize,
    argument_bytes: usize,
    calls: Vec<Call>,
    reason: Option<EndReason>,
    usage: Option<ModelUsage>,
    /// What can be given.
    pub(super) events: VecDeque<ModelEvent>,
}

/// A call whose arguments are coming in.
struct Call {
    index: Option<u64>,
    call: ToolCall,
}

impl Reply {
    pub(super) fn new(limits: ModelLimits) -> Self {
        let (calls, events) = (Vec::new(), VecDeque::new());
        Self { limits, text_bytes: 0, argument_bytes: 0, calls, reason: None, usage: None, events }
    }

    /// Takes a piece: a chunk of a stream, or a whole answer of a server that does not stream.
    pub(super) fn take(&mut self, piece: &[u8]) -> Result<(), Failure> {
        let piece: Piece = serde_json::from_slice(piece).map_err(|error| {
            // Never the text of the error: it quotes the answer.
            Failure::bad_reply(format!("sent a piece of an answer that cannot be read, at its byte {}", error.column()))
        })?;
        if let Some(error) = piece.error {
            return Err(Failure::answered(None, &error, None));
        }
        if let Some(usage) = piece.usage {
            self.usage = Some(ModelUsage { input_tokens: usage.prompt_tokens, output_tokens: usage.completion_tokens });
        }
        // Azure begins with a piece that has no choice in it, and the usage comes in one that has none.
        let Some(choice) = piece.choices.into_iter().flatten().next() else { return Ok(()) };
        if let Some(delta) = choice.delta {
            for text in [delta.content, delta.refusal].into_iter().flatten().filter(|text| !text.is_empty()) {
                self.text_bytes += text.len();
                within("bytes of text", self.text_bytes, self.limits.text_bytes)?;
                self.events.push_back(ModelEvent::Text(text));
            }
            for fragment in delta.tool_calls.into_iter().flatten() {
                self.add(fragment)?;
            }
        }
        if let Some(reason) = choice.finish_reason {
            self.reason = Some(end_reason(&reason));
        }
        Ok(())
    }

    /// A fragment belongs to the call of its index. Some servers give every call the same index, or none, and tell them apart by ids.
    fn add(&mut self, fragment: Fragment) -> Result<(), Failure> {
        let id = fragment.id.unwrap_or_default();
        let is_of = |call: &Call| {
            let same_index = fragment.index.is_none() || call.index == fragment.index;
            same_index && (id.is_empty() || call.call.id.is_empty() || call.call.id == id)
        };
        let at = match self.calls.iter().rposition(is_of) {
            Some(at) if fragment.index.is_some() || at + 1 == self.calls.len() => at,
            _ => {
                within("tool calls", self.calls.len() + 1, self.limits.tool_calls)?;
                let call = ToolCall { id: String::new(), name: String::new(), arguments: String::new() };
                self.calls.push(Call { index: fragment.index, call });
                self.calls.len() - 1
            }
        };
        let function = fragment.function.unwrap_or_default();
        let (name, arguments) = (function.name.unwrap_or_default(), function.arguments.unwrap_or_default());
        self.argument_bytes += id.len() + name.len() + arguments.len();
        within("bytes of arguments", self.argument_bytes, self.limits.argument_bytes)?;
        let call = &mut self.calls[at].call;
        if call.id.is_empty() {
            call.id = id;
        }
        if call.name.is_empty() {
            call.name = name;
        }
        call.arguments.push_str(&arguments);
        Ok(())
    }

    /// The server says that this was all.
    pub(super) fn end(&mut self) -> Result<(), Failure> {
        let (reason, has_calls) = (self.reason.unwrap_or(EndReason::Complete), !self.calls.is_empty());
        let reason = match reason {
            // Some servers call it complete all the same.
            EndReason::Complete | EndReason::ToolCalls if has_calls => EndReason::ToolCalls,
            EndReason::ToolCalls => EndReason::Complete,
            other => other,
        };
        if reason == EndReason::ToolCalls {
            for (number, Call { mut call, .. }) in std::mem::take(&mut self.calls).into_iter().enumerate() {
                if call.name.is_empty() {
                    return Err(Failure::bad_reply("sent a tool call without a name"));
                }
                if call.id.is_empty() {
                    call.id = format!("call_{number}");
                }
                if call.arguments.trim().is_empty() {
                    call.arguments = "{}".into();
                }
                self.events.push_back(ModelEvent::ToolCall(call));
            }
        }
        self.events.push_back(ModelEvent::End { reason, usage: self.usage });
        Ok(())
    }

    /// The connection was closed without a word about it.
    pub(super) fn closed(&mut self) -> Result<(), Failure> {
        if self.reason.is_some() { self.end() } else { Err(Failure::passing("broke off in the middle of its answer")) }
    }
}

fn within(what: &str, count: usize, limit: usize) -> Result<(), Failure> {
    if count > limit { Err(Failure::bad_reply(format!("sent more than {limit} {what}"))) } else { Ok(()) }
}

fn end_reason(reason: &str) -> EndReason {
    match reason {
        "tool_calls" | "function_call" => EndReason::ToolCalls,
        "length" => EndReason::Length,
        "content_filter" => EndReason::ContentFilter,
        _ => EndReason::Complete,
    }
}

#[derive(Deserialize)]
struct Piece {
    choices: Option<Vec<Choice>>,
    usage: Option<Usage>,
    error: Option<ErrorBody>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(alias = "message")]
    delta: Option<Delta>,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Delta {
    content: Option<String>,
    refusal: Option<String>,
    tool_calls: Option<Vec<Fragment>>,
}

#[derive(Deserialize)]
struct Fragment {
    index: Option<u64>,
    id: Option<String>,
    function: Option<Function>,
}

#[derive(Default, Deserialize)]
struct Function {
    name: Option<String>,
    arguments: Option<String>,
}

#[derive(Deserialize)]
struct Usage {
    #[serde(default)]
    prompt_tokens: u64,
    #[serde(default)]
    completion_tokens: u64,
}

#[cfg(test)]
#[path = "reply_tests.rs"]
mod tests;
