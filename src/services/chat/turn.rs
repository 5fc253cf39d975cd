//! One turn: the model is asked, its calls are made, and so on until it has answered.

mod before;
mod kept;

use std::sync::Arc;

use futures::StreamExt;
use serde_json::{Value, json};

use super::{
    ChatError, ChatEvent, ChatService, Run,
    answer::{AnswerWriter, Part},
    budget::{Budget, bytes_of_reply, tokens_of},
    halt::Halt,
    keeping::Keeper,
    prompt,
    summary::Summary,
    tools::{Caller, ToolBox},
};
use crate::{
    domain::{ConversationId, MessageId, UserId, conversation::Message},
    ports::{
        LanguageModel,
        language_model::{
            Answer as ModelAnswer, EndReason, ModelError, ModelEvent, ModelMessage, ModelRequest, ModelUsage, ToolCall,
        },
    },
    services::{policy::ChatPolicy, usage::Tally},
};
pub(super) use kept::beginning;

/// What a turn needs.
pub(super) struct Turn {
    pub(super) model: Arc<dyn LanguageModel>,
    pub(super) chat: ChatService,
    pub(super) tools: ToolBox,
    pub(super) run: Arc<Run>,
    pub(super) owner: UserId,
    pub(super) conversation: ConversationId,
    pub(super) question: Message,
    pub(super) answer: MessageId,
    pub(super) state: Answer,
    pub(super) tally: Tally,
    /// Tokens that went before the first request: for a summary.
    pub(super) spent: u64,
    pub(super) keeper: Arc<Keeper>,
}

/// The answer so far.
#[derive(Default)]
pub(super) struct Answer {
    text: String,
    writer: AnswerWriter,
    calls: usize,
    is_cut: bool,
    summary: Option<Summary>,
    asking: Option<Asking>,
}

/// A request of whose tokens the server has told nothing yet.
#[derive(Clone, Copy)]
struct Asking {
    /// Its tokens, roughly.
    tokens: u64,
    /// Bytes of what came of the reply.
    reply: usize,
}

impl Turn {
    /// Generates the answer, tells of it, and keeps it.
    pub(super) async fn generate(mut self, branch: Vec<Message>) {
        self.state.writer = AnswerWriter::to(&self.question.content.content);
        let run = Arc::clone(&self.run);
        let (chat, keeper, answer) = (self.chat.clone(), Arc::clone(&self.keeper), self.answer);
        let limit = self.limits().turn;
        let ended = tokio::select! {
            answered = tokio::time::timeout(limit, self.converse(branch)) => match answered {
                Ok(answered) => answered.map(|()| None),
                Err(_) => Err(ChatError::TooLong),
            },
            why = run.halted() => Ok(Some(why)),
            why = chat.halted_elsewhere(&run, answer) => Ok(Some(why)),
            () = keeper.until_gone() => Ok(Some(Halt::Over)),
        };
        self.settle(None);
        if let Ok(Some(Halt::Over)) = ended {
            self.tally.end().await;
            let why = "its session or its conversation has ended".to_owned();
            return self.run.tell(ChatEvent::Failed { why });
        }
        let (note, failure) = match ended {
            Ok(halt) => (halt.map(|_| "stopped"), None),
            Err(error) => (Some("failed"), Some(error)),
        };
        let kept = self.keep(note).await;
        self.tally.end().await;
        self.run.tell(match (failure, kept) {
            (None, Ok(message)) => ChatEvent::Done(message),
            (Some(error), _) | (None, Err(error)) => {
                tracing::warn!(conversation_id = %self.conversation, message_id = %self.answer, %error, "an answer broke off");
                ChatEvent::Failed { why: error.told() }
            }
        });
    }

    fn limits(&self) -> &ChatPolicy {
        &self.chat.policy.chat
    }

    async fn converse(&mut self, branch: Vec<Message>) -> Result<(), ChatError> {
        let messages = self.messages(&branch).await;
        let mut request = ModelRequest {
            system: prompt::SYSTEM.into(),
            messages,
            tools: ToolBox::specifications(Caller::Chat),
            max_output_tokens: self.limits().answer_tokens,
        };
        let mut budget = match self.model.sums_up() {
            true => Budget::new(self.limits(), &request, self.spent),
            // Rules take no tokens.
            false => Budget::unlimited(),
        };
        let (mut has_spoken, mut is_asked_again) = (false, false);
        loop {
            if self.state.calls >= self.limits().calls || !budget.may_call() {
                // It has to answer with what it has.
                request.tools.clear();
            }
            let (text, calls) = self.ask(&request, &mut budget).await?;
            has_spoken |= !text.trim().is_empty();
            if calls.is_empty() {
                match (has_spoken || self.state.is_cut, is_asked_again) {
                    (true, _) => return Ok(()),
                    (false, true) => return Err(ChatError::NoAnswer),
                    (false, false) => {}
                }
                // Without tools there is nothing to do but to answer.
                is_asked_again = true;
                request.tools.clear();
                continue;
            }
            if !budget.takes_calls(&text, &calls) {
                request.tools.clear();
                continue;
            }
            request.messages.push(ModelMessage::Assistant { text, tool_calls: calls.clone() });
            for (at, call) in calls.iter().enumerate() {
                let content = self.call(call, budget.room_for_result(calls.len() - at)).await?;
                budget.told(&content);
                request.messages.push(ModelMessage::ToolResult { call_id: call.id.clone(), content });
            }
        }
    }

    /// Sends a request of so many tokens to the model. One that is refused takes nothing.
    async fn begin(&mut self, request: &ModelRequest, tokens: u64) -> Result<ModelAnswer, ModelError> {
        self.settle(None);
        // Rules take no tokens.
        self.state.asking = self.model.sums_up().then_some(Asking { tokens, reply: 0 });
        let begun = self.model.answer(request).await;
        if begun.is_err() {
            self.state.asking = None;
        }
        begun
    }

    /// So many bytes of the reply came.
    fn came(&mut self, bytes: usize) {
        if let Some(asking) = &mut self.state.asking {
            asking.reply += bytes;
        }
    }

    /// Counts the tokens of the request that was under way, if one was: by the server's count, or else by an estimate. How many these were.
    fn settle(&mut self, counted: Option<ModelUsage>) -> u64 {
        let Some(asking) = self.state.asking.take() else { return 0 };
        let usage = counted
            .filter(|usage| usage.input_tokens > 0)
            .unwrap_or_else(|| ModelUsage { input_tokens: asking.tokens, output_tokens: tokens_of(asking.reply) });
        self.tally.add(usage);
        usage.input_tokens + usage.output_tokens
    }

    /// One request to the model; its words go out as they come.
    async fn ask(&mut self, request: &ModelRequest, budget: &mut Budget) -> Result<(String, Vec<ToolCall>), ChatError> {
        let mut answer = self.begin(request, budget.asked()).await?;
        let (mut text, mut calls) = (String::new(), Vec::new());
        loop {
            let event = tokio::select! {
                event = answer.next() => event,
                // What came last before a pause is kept too.
                () = self.keeper.due(self.limits().checkpoint, self.state.text.len()) => {
                    self.checkpoint().await;
                    continue;
                }
            };
            let Some(event) = event else { break };
            match event? {
                ModelEvent::Text(words) => {
                    self.came(words.len());
                    text.push_str(&words);
                    let parts = self.state.writer.push(&words, self.tools.evidence());
                    self.say(parts);
                    self.checkpoint().await;
                }
                ModelEvent::ToolCall(call) if !request.tools.is_empty() => {
                    self.came(bytes_of_reply("", std::slice::from_ref(&call)));
                    calls.push(call);
                }
                ModelEvent::ToolCall(_) => {}
                ModelEvent::End { reason, usage } => {
                    budget.answered(bytes_of_reply(&text, &calls), usage);
                    self.settle(usage);
                    self.state.is_cut |= matches!(reason, EndReason::Length | EndReason::ContentFilter);
                }
            }
        }
        Ok((text, calls))
    }

    /// Calls a tool, whose result may have so many bytes.
    async fn call(&mut self, call: &ToolCall, room: usize) -> Result<String, ChatError> {
        self.state.calls += 1;
        let charts = self.tools.evidence().charts().len();
        let result = if self.state.calls > self.limits().calls {
            json!({ "error": "no more calls in this turn; answer with what you have" })
        } else {
            self.tools.call(&call.name, &call.arguments, room).await?
        };
        let error = result.get("error").and_then(Value::as_str).map(str::to_owned);
        self.run.tell(ChatEvent::Tool { name: call.name.clone(), arguments: call.arguments.clone(), error });
        for chart in &self.tools.evidence().charts()[charts..] {
            self.run.tell(ChatEvent::Chart(chart.clone()));
        }
        Ok(result.to_string())
    }

    fn say(&mut self, parts: Vec<Part>) {
        for part in parts {
            match part {
                Part::Text(words) => {
                    self.state.text.push_str(&words);
                    self.run.tell(ChatEvent::Delta(words));
                }
                Part::Citation(citation) => self.run.tell(ChatEvent::Citation(citation)),
            }
        }
    }
}
