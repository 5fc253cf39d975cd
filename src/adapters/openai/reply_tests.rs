use serde_json::{Value, json};

use super::*;
use crate::ports::language_model::ModelErrorKind;

/// The events of an answer in these pieces.
fn events_of(limits: ModelLimits, pieces: &[Value]) -> Result<Vec<ModelEvent>, Failure> {
    let mut reply = Reply::new(limits);
    for piece in pieces {
        reply.take(piece.to_string().as_bytes())?;
    }
    reply.end()?;
    Ok(reply.events.into())
}

fn events(pieces: &[Value]) -> Vec<ModelEvent> {
    events_of(ModelLimits::default(), pieces).unwrap()
}

#[expect(clippy::needless_pass_by_value, reason = "a value that was just made reads better so")]
fn delta(delta: Value) -> Value {
    json!({ "choices": [{ "index": 0, "delta": delta, "finish_reason": null }], "usage": null })
}

fn finish(reason: &str) -> Value {
    json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": reason }] })
}

fn fragment(index: Option<u64>, id: Option<&str>, name: Option<&str>, arguments: &str) -> Value {
    delta(json!({ "tool_calls": [{ "index": index, "id": id, "function": { "name": name, "arguments": arguments } }] }))
}

fn call(id: &str, name: &str, arguments: &str) -> ModelEvent {
    ModelEvent::ToolCall(ToolCall { id: id.into(), name: name.into(), arguments: arguments.into() })
}

fn end(reason: EndReason) -> ModelEvent {
    ModelEvent::End { reason, usage: None }
}

#[test]
fn words_come_as_they_come_and_what_they_took_at_the_end() {
    let pieces = [
        json!({ "choices": [], "prompt_filter_results": [] }),
        delta(json!({ "role": "assistant", "content": "" })),
        delta(json!({ "content": "Drei " })),
        delta(json!({ "content": "Äpfel" })),
        finish("stop"),
        json!({ "choices": [], "usage": { "prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13 } }),
    ];
    let usage = Some(ModelUsage { input_tokens: 9, output_tokens: 4 });
    let text = |text: &str| ModelEvent::Text(text.into());
    assert_eq!(events(&pieces), [text("Drei "), text("Äpfel"), ModelEvent::End { reason: EndReason::Complete, usage }]);
}

#[test]
fn fragments_of_calls_are_put_together_by_index() {
    let pieces = [
        fragment(Some(0), Some("a"), Some("sql"), ""),
        fragment(Some(1), Some("b"), Some("chart"), "{\"x\""),
        fragment(Some(0), None, None, "{\"q\":"),
        fragment(Some(1), None, None, ":2}"),
        fragment(Some(0), None, None, "1}"),
        finish("tool_calls"),
    ];
    assert_eq!(
        events(&pieces),
        [call("a", "sql", "{\"q\":1}"), call("b", "chart", "{\"x\":2}"), end(EndReason::ToolCalls)]
    );
}

#[test]
fn calls_of_servers_without_proper_indexes_are_told_apart_by_their_ids() {
    let expected = [call("a", "one", "{}"), call("b", "two", "[1]"), end(EndReason::ToolCalls)];
    for index in [None, Some(0)] {
        let pieces = [
            fragment(index, Some("a"), Some("one"), ""),
            fragment(index, Some("b"), Some("two"), "["),
            fragment(index, None, None, "1]"),
            finish("stop"),
        ];
        assert_eq!(events(&pieces), expected);
    }
}

#[test]
fn an_answer_that_is_not_streamed_is_understood() {
    let whole = json!({
        "choices": [{ "message": { "content": "Here.", "tool_calls": [
            { "id": "a", "type": "function", "function": { "name": "one", "arguments": "{}" } },
            { "id": "b", "type": "function", "function": { "name": "two", "arguments": "{}" } },
        ] }, "finish_reason": "tool_calls" }],
        "usage": { "prompt_tokens": 1, "completion_tokens": 2 },
    });
    let usage = Some(ModelUsage { input_tokens: 1, output_tokens: 2 });
    let last = ModelEvent::End { reason: EndReason::ToolCalls, usage };
    assert_eq!(
        events(&[whole]),
        [ModelEvent::Text("Here.".into()), call("a", "one", "{}"), call("b", "two", "{}"), last]
    );
}

#[test]
fn a_call_that_the_limit_or_the_filter_cut_is_left_out() {
    for (reason, meaning) in [("length", EndReason::Length), ("content_filter", EndReason::ContentFilter)] {
        assert_eq!(events(&[fragment(Some(0), Some("a"), Some("sql"), "{\"q"), finish(reason)]), [end(meaning)]);
    }
}

#[test]
fn limits_hold() {
    let limits = ModelLimits { text_bytes: 4, argument_bytes: 8, tool_calls: 2, ..ModelLimits::default() };
    let refused = |pieces: &[Value]| {
        let failure = events_of(limits, pieces).unwrap_err();
        assert_eq!((failure.error.kind, failure.may_pass), (ModelErrorKind::BadReply, false));
        failure.error.what
    };
    let four = [delta(json!({ "content": "12" })), delta(json!({ "content": "34" }))];
    assert_eq!(events_of(limits, &four).unwrap().len(), 3, "at the limit");
    assert_eq!(refused(&[&four[..], &[delta(json!({ "content": "5" }))]].concat()), "sent more than 4 bytes of text");
    let begun = |index| fragment(Some(index), Some("a"), Some("f"), "");
    assert_eq!(refused(&[begun(0), begun(1), begun(u64::MAX)]), "sent more than 2 tool calls");
    assert_eq!(refused(&[begun(0), fragment(Some(0), None, None, "1234567")]), "sent more than 8 bytes of arguments");
}

#[test]
fn what_is_no_answer_is_said_without_quoting_it() {
    let failure = events_of(ModelLimits::default(), &[json!({ "choices": "secret" })]).unwrap_err();
    assert_eq!(failure.error.kind, ModelErrorKind::BadReply);
    assert!(!failure.to_string().contains("secret"), "{failure}");
    let nameless = events_of(ModelLimits::default(), &[fragment(Some(0), Some("a"), None, "{}"), finish("tool_calls")]);
    assert_eq!(nameless.unwrap_err().error.kind, ModelErrorKind::BadReply);
}

#[test]
fn an_error_in_the_middle_of_an_answer_has_its_meaning() {
    let meaning = |error: Value| {
        let failure = events_of(ModelLimits::default(), &[json!({ "error": error })]).unwrap_err();
        (failure.error.kind, failure.may_pass)
    };
    assert_eq!(meaning(json!({ "code": "content_filter" })), (ModelErrorKind::Filtered, false));
    assert_eq!(meaning(json!({ "code": 429 })), (ModelErrorKind::Busy { retry_after: None }, true));
    assert_eq!(meaning(json!({ "type": "server_error" })), (ModelErrorKind::Unavailable, true));
}

#[test]
fn a_closed_connection_is_an_end_only_after_the_model_has_said_so() {
    let mut reply = Reply::new(ModelLimits::default());
    reply.take(delta(json!({ "content": "Half" })).to_string().as_bytes()).unwrap();
    assert!(reply.closed().unwrap_err().may_pass);
    reply.take(finish("stop").to_string().as_bytes()).unwrap();
    reply.closed().unwrap();
    assert_eq!(reply.events.back(), Some(&end(EndReason::Complete)));
}
