//! What the server does when it is asked.

use std::sync::Arc;

use serde_json::{Value, json};

/// One answer of the script, or what goes wrong with it.
#[derive(Clone)]
pub struct Turn {
    pub(super) kind: Kind,
    pub(super) headers: Vec<(&'static str, String)>,
    /// Bytes that are sent together. Few, so that everything is cut somewhere.
    pub(super) frame: usize,
    pub(super) stop: Stop,
    /// Answers in one piece, even if a stream is asked for.
    pub(super) whole: bool,
}

type Compute = Arc<dyn Fn(&Value) -> Turn + Send + Sync>;

#[derive(Clone)]
pub(super) enum Kind {
    Reply(Reply),
    Computed(Compute),
    Refusal { status: u16, error: Value },
    Raw(String),
    Hang,
    Endless,
    AsUsual,
}

/// Where the bytes of an answer stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    AtTheEnd,
    /// The connection is closed after so many bytes.
    BreakOff(usize),
    /// Nothing more comes after so many bytes.
    Stall(usize),
}

/// An answer of the model.
#[derive(Clone, Default)]
pub(super) struct Reply {
    pub(super) text: String,
    pub(super) calls: Vec<(String, String)>,
    pub(super) finish: Option<&'static str>,
    /// Tokens of request and answer; counted by length if not given.
    pub(super) usage: Option<(u64, u64)>,
    pub(super) is_uncounted: bool,
    /// Characters of each piece of the text; a piece is a word if not given.
    pub(super) piece: Option<usize>,
}

impl Turn {
    fn of(kind: Kind) -> Self {
        Self { kind, headers: Vec::new(), frame: 7, stop: Stop::AtTheEnd, whole: false }
    }

    /// Says this.
    pub fn says(text: impl Into<String>) -> Self {
        Self::of(Kind::Reply(Reply { text: text.into(), ..Reply::default() }))
    }

    /// Calls this tool.
    pub fn calls(name: &str, arguments: Value) -> Self {
        Self::says("").and_calls(name, arguments)
    }

    /// Calls this tool too. The calls of one answer have the ids `call_{turn}_0`, `call_{turn}_1`…, where `turn` counts the messages of the
    /// request.
    pub fn and_calls(self, name: &str, arguments: Value) -> Self {
        self.and_calls_with(name, &arguments.to_string())
    }

    /// The same with arguments that may be no JSON.
    pub fn and_calls_with(mut self, name: &str, arguments: &str) -> Self {
        self.reply().calls.push((name.to_owned(), arguments.to_owned()));
        self
    }

    /// Whatever this makes of the request.
    pub fn computed(turn: impl Fn(&Value) -> Turn + Send + Sync + 'static) -> Self {
        Self::of(Kind::Computed(Arc::new(turn)))
    }

    /// Refuses with this status and code.
    pub fn refuses(status: u16, code: &str) -> Self {
        let message = format!("the server's own words about {code}, in which the question may be quoted");
        Self::refuses_with(status, json!({ "code": code, "message": message }))
    }

    /// Refuses with this status and error.
    pub fn refuses_with(status: u16, error: Value) -> Self {
        Self::of(Kind::Refusal { status, error })
    }

    /// The refusal of a request by Azure's content filter.
    pub fn filtered() -> Self {
        Self::refuses_with(
            400,
            json!({
                "message": "The response was filtered due to the prompt triggering a content management policy.",
                "type": null,
                "param": "prompt",
                "code": "content_filter",
                "status": 400,
                "innererror": { "code": "ResponsibleAIPolicyViolation", "content_filter_result": { "violence": { "filtered": true } } },
            }),
        )
    }

    /// Gives vectors, as without a script.
    pub fn as_usual() -> Self {
        Self::of(Kind::AsUsual)
    }

    /// Never begins to answer.
    pub fn hangs() -> Self {
        Self::of(Kind::Hang)
    }

    /// Never comes to an end.
    pub fn endless() -> Self {
        Self::of(Kind::Endless)
    }

    /// Sends these bytes as the body of a stream.
    pub fn raw(body: impl Into<String>) -> Self {
        Self::of(Kind::Raw(body.into()))
    }

    /// With `Retry-After`.
    pub fn retry_after(self, value: impl Into<String>) -> Self {
        self.header("retry-after", value)
    }

    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Ends for this reason.
    pub fn finishes(mut self, reason: &'static str) -> Self {
        self.reply().finish = Some(reason);
        self
    }

    /// Took so many tokens.
    pub fn took(mut self, input: u64, output: u64) -> Self {
        self.reply().usage = Some((input, output));
        self
    }

    /// Does not say what it took.
    pub fn uncounted(mut self) -> Self {
        self.reply().is_uncounted = true;
        self
    }

    /// Gives its words in pieces of so many characters, wherever these end.
    pub fn in_pieces_of(mut self, characters: usize) -> Self {
        self.reply().piece = Some(characters);
        self
    }

    /// Closes the connection after so many bytes of the body.
    pub fn breaks_off_after(mut self, bytes: usize) -> Self {
        self.stop = Stop::BreakOff(bytes);
        self
    }

    /// Sends nothing more after so many bytes of the body.
    pub fn stalls_after(mut self, bytes: usize) -> Self {
        self.stop = Stop::Stall(bytes);
        self
    }

    /// Sends so many bytes together.
    pub fn in_frames_of(mut self, bytes: usize) -> Self {
        self.frame = bytes;
        self
    }

    /// Does not stream, as some servers do not.
    pub fn in_one_piece(mut self) -> Self {
        self.whole = true;
        self
    }

    pub(super) fn computed_for(mut self, request: &Value) -> Self {
        while let Kind::Computed(turn) = &self.kind {
            self = turn(request);
        }
        self
    }

    fn reply(&mut self) -> &mut Reply {
        match &mut self.kind {
            Kind::Reply(reply) => reply,
            _ => panic!("only an answer has this"),
        }
    }
}
