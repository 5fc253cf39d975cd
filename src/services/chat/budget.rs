//! What a turn may take: tokens of each request, and of all together.
//!
//! How many tokens a text has, only its model knows, and it tells afterwards, if at all. Until then they are estimated by bytes, and where it
//! has told more than that, its word counts.

use crate::{
    ports::language_model::{ModelMessage, ModelRequest, ModelUsage, ToolCall},
    services::policy::ChatPolicy,
};

use super::tools::LEAST_ROOM;

/// Bytes of a token, roughly: on the safe side for text in most languages.
pub(super) const BYTES_OF_A_TOKEN: usize = 3;

/// Bytes around each message and each call.
const AROUND: usize = 24;

/// The tokens of a turn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    /// Of one request, of one reply, of one result of a tool and of all requests with their replies.
    prompt: u64,
    reply: u64,
    result: u64,
    turn: u64,
    /// Of requests that were answered.
    spent: u64,
    /// Of the next request.
    asked: u64,
}

impl Budget {
    /// A turn that begins with this request; `spent` went before it.
    pub(super) fn new(policy: &ChatPolicy, request: &ModelRequest, spent: u64) -> Self {
        Self {
            prompt: policy.prompt_tokens,
            reply: policy.answer_tokens.into(),
            result: policy.result_tokens,
            turn: policy.turn_tokens,
            spent,
            asked: tokens_of(bytes_of_request(request)),
        }
    }

    /// Of a model that takes no tokens.
    pub(super) fn unlimited() -> Self {
        let most = u64::MAX / 8;
        Self { prompt: most, reply: 0, result: most, turn: most, spent: 0, asked: 0 }
    }

    /// The model has answered; by its own count, if it gave one, or else by the bytes of its reply.
    pub(super) fn answered(&mut self, reply: usize, counted: Option<ModelUsage>) {
        match counted.filter(|usage| usage.input_tokens > 0) {
            Some(usage) => {
                self.asked = self.asked.max(usage.input_tokens);
                self.spent += usage.input_tokens + usage.output_tokens;
            }
            None => self.spent += self.asked + tokens_of(reply),
        }
    }

    /// Tokens of all requests that were answered, and their replies.
    pub(super) fn spent(&self) -> u64 {
        self.spent
    }

    /// Tokens of the next request.
    pub(super) fn asked(&self) -> u64 {
        self.asked
    }

    /// Whether a reply with calls can be told to the model again, and each call be answered. If so, it counts from now on.
    pub(super) fn takes_calls(&mut self, text: &str, calls: &[ToolCall]) -> bool {
        let bytes = bytes_of_reply(text, calls);
        let takes = self.room() >= bytes + calls.len() * (LEAST_ROOM + AROUND);
        if takes {
            self.asked += tokens_of(bytes);
        }
        takes
    }

    /// Bytes that the next of so many results may have.
    pub(super) fn room_for_result(&self, of: usize) -> usize {
        let share = (self.room() / of.max(1)).saturating_sub(AROUND);
        share.min(bytes(self.result)).max(LEAST_ROOM)
    }

    /// A result is told to the model.
    pub(super) fn told(&mut self, result: &str) {
        self.asked += tokens_of(result.len() + AROUND);
    }

    /// Whether the model may call again: then there is room for a result, and for the request in which it answers after that.
    pub(super) fn may_call(&self) -> bool {
        let again = tokens_of(LEAST_ROOM + AROUND) + self.reply;
        self.asked + again <= self.prompt && self.spent + 2 * (self.asked + self.reply) + again <= self.turn
    }

    /// Bytes that may be added to the next request.
    fn room(&self) -> usize {
        let of_prompt = self.prompt.saturating_sub(self.asked);
        let of_turn = self.turn.saturating_sub(self.spent + self.asked + self.reply);
        // Each part is rounded up to whole tokens.
        bytes(of_prompt.min(of_turn)).saturating_sub(BYTES_OF_A_TOKEN * 20)
    }
}

/// The tokens of so many bytes, roughly.
pub(super) fn tokens_of(bytes: usize) -> u64 {
    bytes.div_ceil(BYTES_OF_A_TOKEN) as u64
}

fn bytes(tokens: u64) -> usize {
    usize::try_from(tokens).unwrap_or(usize::MAX).saturating_mul(BYTES_OF_A_TOKEN)
}

/// The bytes of a request that a model reads.
pub(super) fn bytes_of_request(request: &ModelRequest) -> usize {
    let tools = request
        .tools
        .iter()
        .map(|tool| tool.name.len() + tool.description.len() + tool.parameters.to_string().len() + AROUND);
    let messages = request.messages.iter().map(|message| match message {
        ModelMessage::User(text) | ModelMessage::ToolResult { content: text, .. } => text.len() + AROUND,
        ModelMessage::Assistant { text, tool_calls } => bytes_of_reply(text, tool_calls),
    });
    request.system.len() + AROUND + tools.sum::<usize>() + messages.sum::<usize>()
}

/// The bytes of a reply.
pub(super) fn bytes_of_reply(text: &str, calls: &[ToolCall]) -> usize {
    let calls = calls.iter().map(|call| call.name.len() + call.arguments.len() + call.id.len() + AROUND);
    text.len() + AROUND + calls.sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A turn in which the model calls as much as it may and every result is as large as it may be; its requests, and all it took.
    fn greedy(
        policy: &ChatPolicy,
        question: usize,
        calls: usize,
        counted: impl Fn(u64) -> Option<ModelUsage>,
    ) -> (Vec<u64>, u64) {
        let mut request = ModelRequest {
            system: "s".repeat(2_000),
            messages: vec![ModelMessage::User("q".repeat(question))],
            tools: Vec::new(),
            max_output_tokens: policy.answer_tokens,
        };
        let mut budget = Budget::new(policy, &request, 0);
        let (mut requests, mut took) = (Vec::new(), 0);
        loop {
            let asked = tokens_of(bytes_of_request(&request));
            requests.push(asked);
            let call = ToolCall { id: "c".into(), name: "run_sql".into(), arguments: "a".repeat(5_000 / calls) };
            let usage = counted(asked);
            let reply = vec![call; calls];
            let written = bytes_of_reply("", &reply);
            took += usage.map_or(asked + tokens_of(written), |usage| usage.input_tokens + usage.output_tokens);
            let may_call = budget.may_call();
            budget.answered(written, usage);
            if !may_call || !budget.takes_calls("", &reply) {
                return (requests, took);
            }
            request.messages.push(ModelMessage::Assistant { text: String::new(), tool_calls: reply });
            for left in (1..=calls).rev() {
                let content = "r".repeat(budget.room_for_result(left));
                budget.told(&content);
                request.messages.push(ModelMessage::ToolResult { call_id: "c".into(), content });
            }
        }
    }

    #[test]
    fn no_request_and_no_turn_takes_more_than_it_may() {
        let policy = ChatPolicy::default();
        let most = policy.context_tokens * BYTES_OF_A_TOKEN;
        for question in [10, 1_000, most / 2, most] {
            for calls in [1, 3, 16] {
                for more in [None, Some(0), Some(10), Some(30)] {
                    let counted = |asked: u64| {
                        more.map(|more| ModelUsage { input_tokens: asked + asked * more / 100, output_tokens: 500 })
                    };
                    let (requests, took) = greedy(&policy, question, calls, counted);
                    let case = format!("{question} bytes, {calls} calls, {more:?}: {requests:?}, {took}");
                    assert!(requests.iter().all(|asked| *asked <= policy.prompt_tokens), "{case}");
                    let slack = more.unwrap_or_default();
                    assert!(took <= policy.turn_tokens + policy.turn_tokens * slack / 100, "{case}");
                    assert!(requests.len() >= 2, "{case}");
                }
            }
        }
    }

    #[test]
    fn what_takes_no_tokens_has_no_limit() {
        let mut budget = Budget::unlimited();
        budget.answered(1_000_000, Some(ModelUsage::default()));
        assert!(budget.may_call() && budget.takes_calls(&"x".repeat(1_000_000), &[]));
        budget.told(&"x".repeat(10_000_000));
        assert!(budget.may_call() && budget.room_for_result(8) > 1 << 40);
    }
}
