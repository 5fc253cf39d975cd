//! A table of very many columns, and long questions: reading them takes little, and nothing else waits for it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio_util::sync::CancellationToken;

use super::super::steps;
use super::*;

const COLUMNS: usize = 3_000;

/// Generous: it takes two seconds of a processor that has nothing else to do, without optimisation.
const LIMIT: Duration = Duration::from_secs(100);

fn result(name: &str, arguments: &str) -> Value {
    let names: Vec<String> = (0..COLUMNS).map(|number| format!("reading{}Of{number}", number % 7)).collect();
    match name {
        "list_tables" => json!({ "tables": [{ "name": "probe", "rows": 9, "parent": null, "columns": names }] }),
        "describe_table" => json!({
            "table": "probe", "rows": 9, "parent": null,
            "columns": names.iter().map(|name| json!({ "name": name, "type": "integer", "samples": [1, 2] })).collect::<Vec<_>>(),
        }),
        "run_sql" if arguments.contains("max(") => {
            json!({ "query": "q3", "columns": ["greatest", "rows"], "rows": [[7, 9]], "truncated": false })
        }
        _ => json!({ "query": "q1", "columns": ["t", "c", "v"], "rows": [], "truncated": false }),
    }
}

/// The conversation as far as it goes, and what is said at last.
async fn converse(model: &ExtractiveModel, question: &str) -> (Vec<ModelMessage>, String) {
    let mut messages = vec![ModelMessage::User(question.to_owned())];
    loop {
        let answer = model.answer(&request(messages.clone(), &TOOLS)).await.unwrap();
        let events: Vec<ModelEvent> = answer.map(Result::unwrap).collect().await;
        let (mut calls, mut text) = (Vec::new(), String::new());
        for event in events {
            match event {
                ModelEvent::ToolCall(call) => calls.push(call),
                ModelEvent::Text(words) => text.push_str(&words),
                ModelEvent::End { .. } => {}
            }
        }
        if calls.is_empty() {
            return (messages, text);
        }
        let told = |call: &crate::ports::language_model::ToolCall| ModelMessage::ToolResult {
            call_id: call.id.clone(),
            content: result(&call.name, &call.arguments).to_string(),
        };
        let results: Vec<ModelMessage> = calls.iter().map(told).collect();
        messages.push(ModelMessage::Assistant { text, tool_calls: calls });
        messages.extend(results);
    }
}

fn long_questions() -> [String; 3] {
    let until_long = |words: &str| words.repeat(1_400 / words.len());
    [
        until_long("reading probe columns and raedinf of 7 "),
        until_long("reading "),
        until_long("Unbekannte Wortzusammensetzungen mit Versandkosten "),
    ]
}

#[tokio::test]
async fn a_table_of_thousands_of_columns_and_long_questions_take_little_and_hold_nothing_up() {
    let model = ExtractiveModel::default();
    let beats = Arc::new(AtomicUsize::new(0));
    let heart = Arc::clone(&beats);
    let beating = tokio::spawn(async move {
        loop {
            heart.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    let began = Instant::now();
    let (_, told) = converse(&model, "What is the greatest reading3Of2488?").await;
    assert!(told.contains("The greatest reading3Of2488 in probe is 7 [[q3:1:greatest]]"), "{told}");
    let (_, told) = converse(&model, "Which probe has the most reading?").await;
    assert!(told.contains("not sure") || told.contains("cannot answer"), "{told}");
    for question in long_questions() {
        converse(&model, &question).await;
    }
    assert!(began.elapsed() < LIMIT, "{:?}", began.elapsed());
    // One thread runs all of this test: a step that held it would let nothing beat.
    let (messages, _) = converse(&model, &long_questions()[0]).await;
    let before = beats.load(Ordering::Relaxed);
    assert!(model.answer(&request(messages, &TOOLS)).await.is_ok());
    assert!(beats.load(Ordering::Relaxed) > before);
    beating.abort();
}

#[tokio::test]
async fn a_stop_ends_the_reading_between_two_words() {
    let model = ExtractiveModel::default();
    let (messages, _) = converse(&model, &long_questions()[0]).await;
    let stop = CancellationToken::new();
    assert!(steps::next(&request(messages.clone(), &TOOLS), &stop).is_some());
    stop.cancel();
    assert!(steps::next(&request(messages.clone(), &TOOLS), &stop).is_none());
    // Whoever comes after many answers that nobody waits for gets a turn.
    for _ in 0..20 {
        let request = request(messages.clone(), &TOOLS);
        let mut answer = Box::pin(model.answer(&request));
        assert!(futures::poll!(&mut answer).is_pending());
    }
    let request = request(messages, &TOOLS);
    assert!(tokio::time::timeout(LIMIT, model.answer(&request)).await.unwrap().is_ok());
}
