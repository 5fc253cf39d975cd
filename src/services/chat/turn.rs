//! One turn: the model is asked, its calls are made, and so on until it has answered.

use std::sync::Arc;

use futures::StreamExt;
use serde_json::{Value, json};

use super::{
    AnswerDetails, AnswerQuery, AnswerUsage, ChatError, ChatEvent, ChatService, Run,
    answer::{AnswerWriter, Part, without_those_of},
    budget::{BYTES_OF_A_TOKEN, Budget, bytes_of_reply, tokens_of},
    details::smallest_loss,
    halt::Halt,
    keeping::Keeper,
    prompt::{self, History},
    summary::{self, Known, Source, Summary, Transcript},
    tools::{Caller, ShownQuery, ToolBox},
};
use crate::{
    domain::{
        ConversationId, MessageId, UserId,
        conversation::{Content, Message, Speaker},
    },
    ports::{
        LanguageModel,
        language_model::{
            Answer as ModelAnswer, EndReason, ModelError, ModelEvent, ModelMessage, ModelRequest, ModelUsage, ToolCall,
        },
    },
    services::{
        conversations::{ConversationError, NewMessage},
        policy::ChatPolicy,
        usage::Tally,
    },
};

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
        loop {
            if self.state.calls >= self.limits().calls || !budget.may_call() {
                // It has to answer with what it has.
                request.tools.clear();
            }
            let (text, calls) = self.ask(&request, &mut budget).await?;
            if calls.is_empty() {
                return Ok(());
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

    /// The conversation as far as its tokens go, and what was said before in short.
    async fn messages(&mut self, branch: &[Message]) -> Vec<ModelMessage> {
        let history = prompt::history(branch, self.limits().context_tokens);
        let Some(last) = history.earlier.last() else {
            return history.messages(history.kept.as_ref().map(|summary| summary.text.as_str()));
        };
        match self.sum_up(&history).await {
            Some((text, sources)) => {
                let summary = Summary { until: last.id, text, sources };
                let messages = history.messages(Some(&summary.text));
                self.state.summary = Some(summary);
                messages
            }
            None => history.messages(Some(&history.beginnings().0)),
        }
    }

    /// Has the model sum up what does not fit; `None` if it cannot, or fails to. If it writes nothing, the beginnings are what is kept, for
    /// the next time it would be paid for that again.
    async fn sum_up(&mut self, history: &History<'_>) -> Option<(String, Vec<Source>)> {
        if !self.model.sums_up() {
            return None;
        }
        // As much as the conversation may have: it fitted until now.
        let bytes = self.limits().context_tokens * BYTES_OF_A_TOKEN;
        let transcript = Transcript::of(history.kept.as_ref(), &history.earlier, bytes);
        let request = ModelRequest {
            system: summary::TASK.into(),
            messages: vec![ModelMessage::User(transcript.text.clone())],
            tools: Vec::new(),
            max_output_tokens: summary::TOKENS,
        };
        let written = tokio::time::timeout(self.limits().summary, self.read(&request)).await;
        let text = match written {
            Ok(Ok(text)) => text,
            Ok(Err(error)) => {
                tracing::warn!(conversation_id = %self.conversation, %error, "a conversation was not summed up");
                self.spent += self.settle(None);
                return None;
            }
            Err(_) => {
                tracing::warn!(conversation_id = %self.conversation, "a conversation was not summed up in time");
                self.spent += self.settle(None);
                return None;
            }
        };
        let (text, sources) = Known::of(history.kept.as_ref(), &history.earlier).sourced(&text);
        Some(if text.is_empty() { history.beginnings() } else { (transcript.summed_up(text), sources) })
    }

    /// An answer that is not for the person.
    async fn read(&mut self, request: &ModelRequest) -> Result<String, ModelError> {
        let mut spending = Budget::new(self.limits(), request, 0);
        let mut answer = self.begin(request, spending.asked()).await?;
        let mut text = String::new();
        while let Some(event) = answer.next().await {
            match event? {
                ModelEvent::Text(words) => {
                    self.came(words.len());
                    text.push_str(&words);
                }
                ModelEvent::ToolCall(_) => {}
                ModelEvent::End { usage, .. } => {
                    spending.answered(text.len(), usage);
                    self.spent += spending.spent();
                    self.settle(usage);
                }
            }
        }
        Ok(text)
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

    /// Keeps what there is, now and then: a process that ends leaves it behind.
    async fn checkpoint(&mut self) {
        if self.keeper.age() >= self.limits().checkpoint && !self.state.text.is_empty() {
            self.keeper.keep(self.content_that_fits(None)).await;
        }
    }

    /// Keeps the answer, for good.
    async fn keep(&mut self, note: Option<&str>) -> Result<Message, ChatError> {
        let last = self.state.writer.finish(self.tools.evidence());
        self.say(last);
        match self.append(self.content_that_fits(note)).await {
            Err(ConversationError::NoRoom(share, room)) => {
                self.keep_what_has_room(note).await?.ok_or(ConversationError::NoRoom(share, room).into())
            }
            kept => Ok(kept?),
        }
    }

    async fn append(&self, content: Content) -> Result<Message, ConversationError> {
        let new = NewMessage { id: Some(self.answer), content };
        Ok(self.chat.conversations.append(self.owner, self.conversation, new, None).await?.0)
    }

    /// The answer without what it has besides, and cut so that there is room for it; `None` if there is none at all.
    async fn keep_what_has_room(&self, note: Option<&str>) -> Result<Option<Message>, ChatError> {
        let details = self.details(note).without_sources().cut();
        let (mut end, kept) = (self.state.text.len(), self.keeper.kept());
        while end > 0 {
            match self.append(self.content(&self.state.text[..end], &details)).await {
                Ok(message) => return Ok(Some(message)),
                Err(ConversationError::NoRoom(..)) => {
                    // What was kept has room.
                    let less = if end > kept { (end / 2).max(kept) } else { end / 2 };
                    end = self.state.text.floor_char_boundary(less);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(None)
    }

    /// The answer as it is kept. What is too large is kept without what it has besides its text, and cut, rather than lost.
    fn content_that_fits(&self, note: Option<&str>) -> Content {
        let most = self.chat.policy.history.message_bytes;
        smallest_loss(&self.state.text, self.details(note), |text, details| {
            let content = self.content(text, &details);
            // What cannot be written is told by the store.
            let fits = serde_json::to_string(&content).is_ok_and(|written| written.len() <= most);
            (content, fits)
        })
    }

    fn content(&self, text: &str, details: &AnswerDetails) -> Content {
        Content {
            role: Speaker::Assistant,
            content: text.to_owned(),
            parent: Some(self.question.id),
            details: serde_json::to_value(details).ok(),
        }
    }

    fn details(&self, note: Option<&str>) -> AnswerDetails {
        let evidence = self.tools.evidence();
        let unsupported = without_those_of(&self.question.content.content, self.state.writer.unsupported());
        let note = note.or(self.state.is_cut.then_some("cut"));
        let query = |query: &ShownQuery| AnswerQuery { name: query.name.clone(), sql: query.sql.clone() };
        let ModelUsage { input_tokens, output_tokens } = self.tally.tokens();
        AnswerDetails {
            model: self.model.name().to_owned(),
            citations: self.state.writer.citations().to_vec(),
            unsupported,
            queries: evidence.queries().iter().map(query).collect(),
            charts: evidence.charts().to_vec(),
            usage: AnswerUsage { input_tokens, output_tokens },
            ended: note.map(str::to_owned),
            left_out: false,
            summary: self.state.summary.clone(),
        }
    }
}

/// An answer before its first word.
pub(super) fn beginning(question: MessageId, model: &str) -> Content {
    let details = AnswerDetails { model: model.to_owned(), ..AnswerDetails::default() };
    Content {
        role: Speaker::Assistant,
        content: String::new(),
        parent: Some(question),
        details: serde_json::to_value(details).ok(),
    }
}
