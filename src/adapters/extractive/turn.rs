//! The turn that is to be answered, read off the messages.

use serde_json::Value;

use crate::ports::language_model::{ModelMessage, ModelRequest, ToolCall};

/// The questions so far, and the tools' answers to what was called since the last one.
pub(super) struct Turn<'a> {
    /// What the person said, oldest first; the last is the question.
    pub(super) questions: Vec<&'a str>,
    results: Vec<(&'a ToolCall, Option<Value>)>,
    tools: Vec<&'a str>,
}

impl<'a> Turn<'a> {
    pub(super) fn of(request: &'a ModelRequest) -> Self {
        let mut questions = Vec::new();
        let mut results: Vec<(&ToolCall, Option<Value>)> = Vec::new();
        for message in &request.messages {
            match message {
                ModelMessage::User(text) => {
                    questions.push(text.as_str());
                    results.clear();
                }
                ModelMessage::Assistant { tool_calls, .. } => {
                    results.extend(tool_calls.iter().map(|call| (call, None)));
                }
                ModelMessage::ToolResult { call_id, content } => {
                    // What is no JSON is as good as an error.
                    let value = serde_json::from_str(content).unwrap_or(Value::Null);
                    if let Some((_, result)) = results.iter_mut().find(|(call, _)| call.id == *call_id) {
                        *result = Some(value);
                    }
                }
            }
        }
        Self { questions, results, tools: request.tools.iter().map(|tool| tool.name.as_str()).collect() }
    }

    pub(super) fn has_tool(&self, name: &str) -> bool {
        self.tools.contains(&name)
    }

    /// What the call of this purpose gave, if it was made.
    pub(super) fn result(&self, purpose: &str) -> Option<&Value> {
        let id = self.id(purpose);
        self.results.iter().find(|(call, _)| call.id == id).map(|(_, result)| result.as_ref().unwrap_or(&Value::Null))
    }

    /// A call for a purpose, of which there is one in a turn.
    pub(super) fn call(&self, purpose: &str, tool: &str, arguments: &Value) -> ToolCall {
        ToolCall { id: self.id(purpose), name: tool.to_owned(), arguments: arguments.to_string() }
    }

    fn id(&self, purpose: &str) -> String {
        format!("{purpose}-{}", self.questions.len())
    }
}

/// Whether a tool could not do what it was called for.
pub(super) fn has_failed(result: &Value) -> bool {
    !result.is_object() || !result["error"].is_null()
}
