//! Models that are busy, away, slow or wrong, in each wire format.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures::TryStreamExt as _;
use ret::{
    adapters::openai::{ModelAccess, ModelAccount, OpenAiChat, OpenAiServer},
    ports::{
        EmbeddingModel as _, LanguageModel as _,
        language_model::{ModelErrorKind, ModelEvent, ModelLimits},
    },
};
use serde_json::json;

use super::language_model::{ModelBench, Speech, models, question, until};
use crate::harness::{ManualClock, Turn};

models!(
    a_busy_model_is_asked_again_when_it_wants_to_be,
    a_model_that_stays_busy_is_given_up,
    a_model_that_wants_too_much_patience_is_not_waited_for,
    what_stays_refused_is_asked_once,
    a_failing_server_is_asked_three_times,
    an_answer_that_breaks_off_before_its_first_event_is_asked_for_again,
    an_answer_that_breaks_off_later_ends_in_an_error,
    a_server_that_does_not_begin_is_given_up,
    a_server_that_stops_in_the_middle_is_given_up,
    an_answer_has_an_end_in_time,
    an_answer_has_an_end_in_length,
    a_dropped_answer_is_cancelled,
    a_dropped_question_is_cancelled,
    an_error_in_the_middle_has_its_meaning,
    vectors_are_asked_for_again,
    a_wrong_key_is_told_to_nobody,
);

/// Long enough for a connection on a machine that has much to do.
const SHORT: Duration = Duration::from_secs(2);

async fn a_busy_model_is_asked_again_when_it_wants_to_be(speech: Speech) {
    let bench = ModelBench::new(speech).await;
    // The clock of the tests stands at 2026-03-01T10:00:00Z.
    let (date, past) = ("Sun, 01 Mar 2026 10:00:01 GMT", "Sun, 01 Mar 2026 09:59:00 GMT");
    for (turn, least) in [
        (Turn::refuses(429, "rate_limit_exceeded").retry_after("1"), 1000),
        (Turn::refuses(429, "429").header("retry-after-ms", "300").retry_after("20"), 300),
        (Turn::refuses(503, "overloaded").retry_after(date), 1000),
        (Turn::refuses(429, "429").retry_after(past), 0),
        (Turn::refuses(500, "server_error"), 0),
    ] {
        bench.server.script([turn, Turn::says("Yes")]);
        let asked = Instant::now();
        assert_eq!(bench.events("Is it?").await.unwrap()[0], ModelEvent::Text("Yes".into()));
        assert!(asked.elapsed() >= Duration::from_millis(least), "{:?} is less than {least} ms", asked.elapsed());
    }
    assert_eq!(bench.server.asked().len(), 10);
}

async fn a_model_that_stays_busy_is_given_up(speech: Speech) {
    let bench = ModelBench::new(speech).await;
    bench.server.otherwise(|_| Turn::refuses(429, "rate_limit_exceeded").header("retry-after-ms", "10"));
    let error = bench.error("Is it?").await;
    assert_eq!(error.kind, ModelErrorKind::Busy { retry_after: Some(Duration::from_millis(10)) });
    assert_eq!(bench.server.asked().len(), 3);
    let told = "the model's server answered 429 rate_limit_exceeded: ask again later; if it stays so, raise the quota of the model";
    assert_eq!(error.to_string(), told);
}

async fn a_model_that_wants_too_much_patience_is_not_waited_for(speech: Speech) {
    let limits = ModelLimits { whole: Duration::from_secs(2), ..ModelLimits::default() };
    let bench = ModelBench::within(speech, limits).await;
    for seconds in [60, 5] {
        bench.server.script([Turn::refuses(429, "429").retry_after(seconds.to_string())]);
        let asked = Instant::now();
        let error = bench.error("Is it?").await;
        assert_eq!(error.kind, ModelErrorKind::Busy { retry_after: Some(Duration::from_secs(seconds)) });
        assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    }
    assert_eq!(bench.server.asked().len(), 2);
}

async fn what_stays_refused_is_asked_once(speech: Speech) {
    let bench = ModelBench::new(speech).await;
    let long = json!({ "message": "This model's maximum context length is 8192 tokens.", "code": 400, "type": "BadRequestError" });
    let turns = [
        (Turn::filtered(), ModelErrorKind::Filtered),
        (Turn::refuses(400, "context_length_exceeded"), ModelErrorKind::ContextTooLong),
        (Turn::refuses_with(400, long), ModelErrorKind::ContextTooLong),
        (Turn::refuses(404, "DeploymentNotFound"), ModelErrorKind::Rejected),
        (Turn::refuses(403, "PermissionDenied"), ModelErrorKind::Unauthorised),
        (Turn::refuses(429, "insufficient_quota"), ModelErrorKind::Rejected),
        // A key does not follow to another place.
        (Turn::refuses(307, "").header("location", "completions"), ModelErrorKind::Rejected),
    ];
    for (count, (turn, kind)) in turns.into_iter().enumerate() {
        bench.server.script([turn]);
        let error = bench.error("What is my secret question?").await;
        assert_eq!((error.kind, bench.server.asked().len()), (kind, count + 1), "{error}");
        assert!(!error.to_string().contains("own words"), "{error}");
    }
}

async fn a_failing_server_is_asked_three_times(speech: Speech) {
    let bench = ModelBench::new(speech).await;
    bench.server.otherwise(|_| Turn::refuses(502, ""));
    let error = bench.error("Is it?").await;
    assert_eq!((error.kind, bench.server.asked().len()), (ModelErrorKind::Unavailable, 3), "{error}");
}

async fn an_answer_that_breaks_off_before_its_first_event_is_asked_for_again(speech: Speech) {
    let bench = ModelBench::new(speech).await;
    // A call is an event when it is whole.
    let calling = Turn::calls("run_sql", json!({ "sql": "SELECT 1" }));
    bench.server.script([
        Turn::says("Yes").breaks_off_after(0),
        Turn::says("Yes").breaks_off_after(100),
        Turn::says("Yes"),
        calling.clone().breaks_off_after(1000),
        calling,
    ]);
    assert_eq!(bench.events("Is it?").await.unwrap()[0], ModelEvent::Text("Yes".into()));
    assert!(matches!(bench.events("Is it?").await.unwrap()[0], ModelEvent::ToolCall(_)));
    assert_eq!((bench.server.asked().len(), bench.server.left()), (5, 0));
}

async fn an_answer_that_breaks_off_later_ends_in_an_error(speech: Speech) {
    let bench = ModelBench::new(speech).await;
    bench.server.script([Turn::says("word ".repeat(100)).breaks_off_after(4000), Turn::says("Never asked for")]);
    let mut answer = bench.ask("Tell me.").await.unwrap();
    let mut words = 0;
    let error = loop {
        match answer.try_next().await {
            Ok(Some(ModelEvent::Text(text))) => words += text.len() / 5,
            Ok(other) => panic!("{other:?}"),
            Err(error) => break error,
        }
    };
    assert!(words > 3 && error.kind == ModelErrorKind::Unavailable, "{words} {error}");
    assert_eq!(answer.try_next().await, Ok(None), "nothing comes after an error");
    assert_eq!(bench.server.left(), 1, "what was given is not asked for again");
}

async fn a_server_that_does_not_begin_is_given_up(speech: Speech) {
    let bench = ModelBench::within(speech, ModelLimits { first_byte: SHORT, ..ModelLimits::default() }).await;
    for turn in [Turn::hangs(), Turn::says("Yes").stalls_after(0)] {
        bench.server.script([turn]);
        let error = bench.error("Is it?").await;
        assert_eq!(error.kind, ModelErrorKind::Unavailable, "{error}");
    }
    assert_eq!(bench.server.asked().len(), 2, "it would take as long again");
    until(|| bench.server.cancelled() == 2).await;
}

async fn a_server_that_stops_in_the_middle_is_given_up(speech: Speech) {
    let bench = ModelBench::within(speech, ModelLimits { idle: SHORT, ..ModelLimits::default() }).await;
    bench.server.script([Turn::says("word ".repeat(100)).stalls_after(4000)]);
    let error = bench.error("Tell me.").await;
    assert_eq!(error.what, "sent nothing more within 2s");
    until(|| bench.server.cancelled() == 1).await;
}

async fn an_answer_has_an_end_in_time(speech: Speech) {
    let whole = Duration::from_secs(1);
    let bench = ModelBench::within(speech, ModelLimits { whole, ..ModelLimits::default() }).await;
    bench.server.script([Turn::endless()]);
    let asked = Instant::now();
    let error = bench.error("Tell me.").await;
    assert_eq!((error.kind, error.what.as_str()), (ModelErrorKind::Unavailable, "did not end its answer within 1s"));
    assert!(asked.elapsed() >= whole);
    until(|| bench.server.cancelled() == 1).await;
}

async fn an_answer_has_an_end_in_length(speech: Speech) {
    let bench = ModelBench::within(speech, ModelLimits { text_bytes: 200, ..ModelLimits::default() }).await;
    bench.server.script([Turn::endless()]);
    let error = bench.error("Tell me.").await;
    assert_eq!((error.kind, error.what.as_str()), (ModelErrorKind::BadReply, "sent more than 200 bytes of text"));
    until(|| bench.server.cancelled() == 1).await;
    // Without a single event.
    bench.server.script([Turn::raw(format!("data: {}", "x".repeat(40 << 20))).in_frames_of(1 << 20)]);
    let error = bench.error("Tell me.").await;
    assert_eq!((error.kind, error.what.as_str()), (ModelErrorKind::BadReply, "sent more than 33554432 bytes"));
}

async fn a_dropped_answer_is_cancelled(speech: Speech) {
    let bench = ModelBench::new(speech).await;
    bench.server.script([Turn::endless()]);
    let mut answer = bench.ask("Tell me.").await.unwrap();
    for _ in 0..3 {
        assert!(matches!(answer.try_next().await.unwrap(), Some(ModelEvent::Text(_))));
    }
    assert_eq!(bench.server.cancelled(), 0);
    drop(answer);
    until(|| bench.server.cancelled() == 1).await;
}

async fn a_dropped_question_is_cancelled(speech: Speech) {
    let bench = ModelBench::new(speech).await;
    bench.server.script([Turn::hangs()]);
    let question = question("Is it?");
    tokio::select! {
        _ = bench.chat.answer(&question) => panic!("it hangs"),
        () = until(|| bench.server.asked().len() == 1) => {}
    }
    until(|| bench.server.cancelled() == 1).await;
}

async fn an_error_in_the_middle_has_its_meaning(speech: Speech) {
    let bench = ModelBench::new(speech).await;
    let word = "data: {\"choices\":[{\"delta\":{\"content\":\"word\"}}]}\n\n";
    for (data, kind) in [
        ("{\"error\":{\"code\":\"content_filter\"}}", ModelErrorKind::Filtered),
        ("{\"error\":{\"type\":\"server_error\",\"message\":\"own words\"}}", ModelErrorKind::Unavailable),
        ("no JSON at all", ModelErrorKind::BadReply),
    ] {
        bench.server.script([Turn::raw(format!("{word}data: {data}\n\n"))]);
        let error = bench.error("Tell me.").await;
        assert!(error.kind == kind && !error.to_string().contains("own words"), "{error}");
    }
    // Nothing was given yet.
    let first = Turn::raw("data: {\"error\":{\"type\":\"server_error\"}}\n\n");
    bench.server.script([first, Turn::says("Yes")]);
    assert_eq!(bench.events("Is it?").await.unwrap()[0], ModelEvent::Text("Yes".into()));
}

async fn vectors_are_asked_for_again(speech: Speech) {
    let bench = ModelBench::within(speech, ModelLimits { first_byte: SHORT, ..ModelLimits::default() }).await;
    bench.server.script_embeddings([Turn::refuses(429, "429"), Turn::refuses(500, "")]);
    let texts = ["a text".to_owned()];
    assert_eq!(bench.embeddings.embed(&texts).await.unwrap().vectors.len(), 1);
    assert_eq!(bench.server.asked().len(), 3);
    bench.server.script_embeddings([Turn::refuses(404, "DeploymentNotFound"), Turn::hangs()]);
    for kind in [ModelErrorKind::Rejected, ModelErrorKind::Unavailable] {
        assert_eq!(bench.embeddings.embed(&texts).await.unwrap_err().kind, kind);
    }
    until(|| bench.server.cancelled() == 1).await;
}

async fn a_wrong_key_is_told_to_nobody(speech: Speech) {
    let bench = ModelBench::new(speech).await;
    let (key, address) = ("sk-somebody-elses", bench.server.azure_endpoint());
    let account = match speech {
        Speech::OpenAi => ModelAccount::compatible(&bench.server.base_url(), ModelAccess::Key(key.into())),
        _ => ModelAccount::azure(&address, ModelAccess::AzureKey(key.into())),
    };
    let account = account.unwrap();
    let printed = format!("{account:?}");
    let clock = Arc::new(ManualClock::default());
    let server =
        OpenAiServer::new(account, ModelLimits::default(), clock, Arc::new(ret::adapters::system::SystemRandom));
    let chat = OpenAiChat::new(Arc::new(server), "scripted".into());
    let error = chat.answer(&question("Is it?")).await.err().unwrap();
    assert_eq!(error.kind, ModelErrorKind::Unauthorised);
    let told = format!("{error} {error:?} {printed}");
    assert!(told.contains("answered 401 invalid_api_key") && !told.contains(key), "{told}");
    assert_eq!(bench.server.asked().len(), 1);
}

#[tokio::test]
async fn a_server_that_is_not_there_cannot_be_reached() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let account = ModelAccount::compatible(&format!("http://127.0.0.1:{port}/v1"), ModelAccess::Open).unwrap();
    let clock = Arc::new(ManualClock::default());
    let server =
        OpenAiServer::new(account, ModelLimits::default(), clock, Arc::new(ret::adapters::system::SystemRandom));
    let error = OpenAiChat::new(Arc::new(server), "m".into()).answer(&question("Is it?")).await.err().unwrap();
    assert_eq!(error.kind, ModelErrorKind::Unavailable);
    assert!(error.what.starts_with("cannot be reached (") && !error.what.contains("://"), "{error}");
}
