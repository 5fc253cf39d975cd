//! What went wrong at a server, in our words: of what the server wrote only its own codes are taken, for its messages quote keys and
//! questions.

use std::{error::Error, fmt, time::Duration};

use serde::Deserialize;
use serde_json::Value;

use crate::ports::language_model::{ModelError, ModelErrorKind};

/// A failure, and whether asking again may help.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: ModelError,
    pub(super) may_pass: bool,
    pub(super) retry_after: Option<Duration>,
}

/// For streams of bytes, which want an error.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl Error for Failure {}

impl Failure {
    /// One that stays, however often it is tried.
    pub(super) fn lasting(kind: ModelErrorKind, what: impl Into<String>) -> Self {
        Self { error: ModelError::new(kind, what), may_pass: false, retry_after: None }
    }

    /// One that may pass at once.
    pub(super) fn passing(what: impl Into<String>) -> Self {
        Self { may_pass: true, ..Self::lasting(ModelErrorKind::Unavailable, what) }
    }

    /// A limit of time was reached. Asking again would take as long.
    pub(super) fn slow(what: &str, limit: Duration) -> Self {
        Self::lasting(ModelErrorKind::Unavailable, format!("{what} within {limit:?}"))
    }

    pub(super) fn bad_reply(what: impl Into<String>) -> Self {
        Self::lasting(ModelErrorKind::BadReply, what)
    }

    /// The connection failed. The deepest cause is told, for the others have the URL.
    pub(super) fn connection(error: &reqwest::Error) -> Self {
        let mut cause = error.source();
        while let Some(deeper) = cause.and_then(Error::source) {
            cause = Some(deeper);
        }
        let why = cause.map(ToString::to_string).filter(|text| !text.contains("://"));
        let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
        let what = if error.is_connect() { "cannot be reached" } else { "broke off" };
        Self::passing(format!("{what}{why}"))
    }

    /// An answer with a status that is no success, or an error in the middle of an answer (no status).
    pub(super) fn answered(status: Option<u16>, body: &ErrorBody, retry_after: Option<Duration>) -> Self {
        let code = body.code();
        let what = match status {
            Some(status) => format!("answered {status} {code}").trim_end().to_owned(),
            None => format!("ended its answer with the error {code}").trim_end().to_owned(),
        };
        let kind = kind(status, &code, body, retry_after);
        let may_pass = matches!(kind, ModelErrorKind::Busy { .. } | ModelErrorKind::Unavailable);
        Self { error: ModelError::new(kind, what), may_pass, retry_after }
    }
}

fn kind(status: Option<u16>, code: &str, body: &ErrorBody, retry_after: Option<Duration>) -> ModelErrorKind {
    let inner = body.innererror.as_ref().and_then(|inner| inner.code.as_ref()).map(word).unwrap_or_default();
    let has = |codes: &[&str]| codes.contains(&code) || codes.contains(&inner.as_str());
    if has(&["content_filter", "content_policy_violation", "ResponsibleAIPolicyViolation"]) {
        return ModelErrorKind::Filtered;
    }
    let may_be_long = matches!(status, None | Some(400 | 413 | 422 | 429));
    if has(&["context_length_exceeded", "exceed_context_size_error"]) || may_be_long && body.tells_of_length() {
        return ModelErrorKind::ContextTooLong;
    }
    match status {
        // No credit is left: time does not bring it back.
        _ if has(&["insufficient_quota", "billing_hard_limit_reached"]) => ModelErrorKind::Rejected,
        Some(429) => ModelErrorKind::Busy { retry_after },
        None if has(&["429", "rate_limit_exceeded", "too_many_requests"]) => ModelErrorKind::Busy { retry_after },
        Some(401 | 403) => ModelErrorKind::Unauthorised,
        None | Some(408 | 409 | 500..) => ModelErrorKind::Unavailable,
        Some(_) => ModelErrorKind::Rejected,
    }
}

/// The member `error` of an answer.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ErrorBody {
    code: Option<Value>,
    r#type: Option<Value>,
    message: Option<String>,
    innererror: Option<InnerError>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct InnerError {
    code: Option<Value>,
}

impl ErrorBody {
    /// Of the body of an answer that is no success; whatever cannot be read is nothing.
    pub(super) fn of(body: &[u8]) -> Self {
        #[derive(Deserialize)]
        struct Body {
            error: Option<ErrorBody>,
        }
        serde_json::from_slice::<Body>(body).ok().and_then(|body| body.error).unwrap_or_default()
    }

    /// The server's code for it, or else its type; empty if it has neither.
    fn code(&self) -> String {
        let code = self.code.as_ref().map(word).unwrap_or_default();
        if code.is_empty() { self.r#type.as_ref().map(word).unwrap_or_default() } else { code }
    }

    /// Servers without a code for it have only words.
    fn tells_of_length(&self) -> bool {
        let message = self.message.as_deref().unwrap_or_default().to_ascii_lowercase();
        ["maximum context length", "context window", "context size", "request too large", "prompt is too long"]
            .iter()
            .any(|words| message.contains(words))
    }
}

/// A code as a word, if it looks like one: what else stands there may be anything.
fn word(code: &Value) -> String {
    let text = match code {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return String::new(),
    };
    let is_word = text.len() <= 64 && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
    if is_word { text } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, body: &str) -> Failure {
        Failure::answered(Some(status), &ErrorBody::of(body.as_bytes()), None)
    }

    #[test]
    fn answers_have_their_meaning() {
        let busy = ModelErrorKind::Busy { retry_after: None };
        for (status, body, kind, may_pass) in [
            (429, r#"{"error":{"code":"429"}}"#, busy, true),
            (429, r#"{"error":{"code":"insufficient_quota"}}"#, ModelErrorKind::Rejected, false),
            (
                429,
                r#"{"error":{"code":"rate_limit_exceeded","message":"Request too large for m"}}"#,
                ModelErrorKind::ContextTooLong,
                false,
            ),
            (401, r#"{"error":{"code":"invalid_api_key"}}"#, ModelErrorKind::Unauthorised, false),
            (403, "no", ModelErrorKind::Unauthorised, false),
            (400, r#"{"error":{"code":"content_filter"}}"#, ModelErrorKind::Filtered, false),
            (
                400,
                r#"{"error":{"code":null,"innererror":{"code":"ResponsibleAIPolicyViolation"}}}"#,
                ModelErrorKind::Filtered,
                false,
            ),
            (400, r#"{"error":{"code":"context_length_exceeded"}}"#, ModelErrorKind::ContextTooLong, false),
            (
                400,
                r#"{"error":{"code":400,"message":"This model's maximum context length is 4096 tokens"}}"#,
                ModelErrorKind::ContextTooLong,
                false,
            ),
            (400, r#"{"error":{"type":"invalid_request_error"}}"#, ModelErrorKind::Rejected, false),
            (404, r#"{"error":{"code":"DeploymentNotFound"}}"#, ModelErrorKind::Rejected, false),
            (500, "", ModelErrorKind::Unavailable, true),
            (503, "<html>", ModelErrorKind::Unavailable, true),
            (302, "", ModelErrorKind::Rejected, false),
        ] {
            let failure = of(status, body);
            assert_eq!((failure.error.kind, failure.may_pass), (kind, may_pass), "{status} {body}");
        }
    }

    #[test]
    fn nothing_is_told_in_the_words_of_the_server() {
        let told = of(401, r#"{"error":{"code":"Wrong key: sk-123","message":"Incorrect API key provided: sk-123"}}"#)
            .to_string();
        assert!(told.contains("answered 401:") && !told.contains("sk-123"), "{told}");
        let told = of(404, r#"{"error":{"code":"DeploymentNotFound","message":"secret"}}"#).to_string();
        assert!(told.contains("answered 404 DeploymentNotFound:") && !told.contains("secret"), "{told}");
    }
}
