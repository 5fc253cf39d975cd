//! Asks the questions of `tests/data/chat/questions.jsonl` of the tables that the documents there become.

mod data;
mod judge;
mod wide;

use std::{collections::BTreeMap, sync::LazyLock};

use futures::StreamExt;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use self::{data::Data, judge::Verdict};
use super::ExtractiveModel;
use crate::ports::language_model::{
    EndReason, LanguageModel, ModelEvent, ModelMessage, ModelRequest, ToolSpecification,
};

/// What a turn gave: the answer, and the results that it may cite.
pub(super) struct Spoken {
    pub(super) text: String,
    pub(super) results: Vec<Value>,
    pub(super) hits: Vec<(String, String)>,
}

fn request(messages: Vec<ModelMessage>, tools: &[&str]) -> ModelRequest {
    let tool =
        |name: &&str| ToolSpecification { name: (*name).to_owned(), description: String::new(), parameters: json!({}) };
    ModelRequest {
        system: "answer".into(),
        messages,
        tools: tools.iter().map(tool).collect(),
        max_output_tokens: 1_000,
    }
}

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

/// All that it says to these messages.
fn say(messages: Vec<ModelMessage>, tools: &[&str]) -> Vec<ModelEvent> {
    RUNTIME.block_on(async {
        let answer = ExtractiveModel::default().answer(&request(messages, tools)).await.unwrap();
        answer.map(Result::unwrap).collect().await
    })
}

const TOOLS: [&str; 5] = ["list_tables", "describe_table", "run_sql", "search_rows", "make_chart"];

/// Runs one turn as the chat does: at most eight calls of tools.
fn ask(data: &Data, conversation: &mut Vec<ModelMessage>, question: &str) -> Spoken {
    conversation.push(ModelMessage::User(question.to_owned()));
    let mut messages = conversation.clone();
    let mut spoken = Spoken { text: String::new(), results: Vec::new(), hits: Vec::new() };
    let mut calls = 0;
    loop {
        let events = say(messages.clone(), &TOOLS);
        let Some(ModelEvent::End { reason, .. }) = events.last() else { panic!("{events:?}") };
        let tool_calls: Vec<_> = events
            .iter()
            .filter_map(|event| match event {
                ModelEvent::ToolCall(call) => Some(call.clone()),
                _ => None,
            })
            .collect();
        if *reason == EndReason::Complete {
            spoken.text = events
                .iter()
                .filter_map(|event| match event {
                    ModelEvent::Text(text) => Some(text.as_str()),
                    _ => None,
                })
                .collect();
            conversation.push(ModelMessage::Assistant { text: spoken.text.clone(), tool_calls: Vec::new() });
            return spoken;
        }
        calls += tool_calls.len();
        assert!(calls <= 8, "{question}: {calls} calls");
        let results: Vec<_> = tool_calls
            .iter()
            .map(|call| ModelMessage::ToolResult {
                call_id: call.id.clone(),
                content: data
                    .call(&call.name, &serde_json::from_str(&call.arguments).unwrap(), &mut spoken)
                    .to_string(),
            })
            .collect();
        messages.push(ModelMessage::Assistant { text: String::new(), tool_calls });
        messages.extend(results);
    }
}

#[test]
fn most_questions_are_answered_right_and_no_wrong_figure_is_told_without_doubt() {
    let data = Data::new();
    let questions = include_str!("../../../../tests/data/chat/questions.jsonl");
    let mut tally: BTreeMap<(bool, String), BTreeMap<Verdict, usize>> = BTreeMap::new();
    let mut wrong = Vec::new();
    for line in questions.lines() {
        let entry: Value = serde_json::from_str(line).unwrap();
        let question = entry["question"].as_str().unwrap();
        let mut conversation = Vec::new();
        for before in entry["before"].as_array().into_iter().flatten() {
            ask(&data, &mut conversation, before.as_str().unwrap());
        }
        let spoken = ask(&data, &mut conversation, question);
        let verdict = judge::judge(&data, &entry, &spoken);
        // What is held back is not to be looked at while the rules are made.
        if verdict != Verdict::Right && entry["held_out"] != true {
            println!("{verdict:?} {}: {question}\n{}\n", entry["id"], spoken.text);
        }
        if verdict == Verdict::Wrong {
            wrong.push(question.to_owned());
        }
        let is_held_out = entry["held_out"] == true;
        *tally
            .entry((is_held_out, entry["kind"].as_str().unwrap().to_owned()))
            .or_default()
            .entry(verdict)
            .or_default() += 1;
    }
    let (mut all, mut right) = ([0, 0], [0, 0]);
    for ((is_held_out, kind), verdicts) in &tally {
        let of = |verdict| verdicts.get(&verdict).copied().unwrap_or(0);
        let total: usize = verdicts.values().sum();
        println!(
            "{kind:13} held out: {is_held_out:5}  right {:2} of {total:2}, refused {}, unsure {}",
            of(Verdict::Right),
            of(Verdict::Refused),
            of(Verdict::Unsure)
        );
        all[usize::from(*is_held_out)] += total;
        right[usize::from(*is_held_out)] += of(Verdict::Right);
    }
    println!("right: {} of {}; held out: {} of {}", right[0], all[0], right[1], all[1]);
    assert!(all[0] + all[1] >= 60 && all[1] >= 20);
    assert_eq!(wrong, Vec::<String>::new());
    assert!((right[0] + right[1]) * 10 >= (all[0] + all[1]) * 7);
    assert!(right[1] * 10 >= all[1] * 7, "of the questions that were held out");
}

#[test]
fn the_same_conversation_gives_the_same_answer() {
    let data = Data::new();
    let answer = || ask(&data, &mut Vec::new(), "Total amount by country").text;
    assert_eq!(answer(), answer());
}

#[test]
fn an_answer_is_worded_as_its_language_does() {
    let data = Data::new();
    let say = |question| ask(&data, &mut Vec::new(), question).text;
    assert!(say("Which books have more than 410 pages?").contains("row in all."));
    assert!(say("Welche Bücher haben mehr als 410 Seiten?").contains("Zeile insgesamt."));
    assert!(say("Umsatz pro Jahr").contains("Summe: 12.893,50"));
    assert!(say("Total amount by year").contains("sum: 12,893.50"));
}

#[test]
fn a_word_of_a_longer_value_is_taken_for_it_and_that_is_said() {
    let data = Data::new();
    let say = |question| ask(&data, &mut Vec::new(), question).text;
    let sure = say("How many visits did Müller make?");
    assert!(sure.starts_with("Assumption: I read *Müller* as visit.guest: Müller GmbH."), "{sure}");
    let unsure = say("How many visits by muller?");
    assert!(unsure.starts_with("I am not sure: I read *muller* as visit.guest: Müller GmbH."), "{unsure}");
    let several = say("How many visits did Acme make?");
    let told = "I am not sure: *Acme* is a part of several values, and I took all: Acme North, Acme South.";
    assert!(several.starts_with(told), "{several}");
    assert!(!say("How many visits were in koln?").contains("koln"), "accents do not count");
    assert!(say("Wie viele visits gab es mit Schmidt?").contains("nicht beantworten"));
}

#[test]
fn what_cannot_be_calculated_with_is_said_to_be_text_and_shown() {
    let data = Data::new();
    for question in
        ["What is the total charge?", "What is the highest charge?", "How many visits have a charge over 100?"]
    {
        let spoken = ask(&data, &mut Vec::new(), question);
        let told = "I cannot answer this from the tables. The column visit.charge is text, for instance ";
        assert!(
            spoken.text.starts_with(told) && spoken.text.contains(":1:charge]], so"),
            "{question}: {}",
            spoken.text
        );
    }
    let german = ask(&data, &mut Vec::new(), "Was ist die durchschnittliche charge?").text;
    assert!(german.contains("visit.charge ist Text, zum Beispiel "), "{german}");
}

#[test]
fn a_refusal_names_no_word_of_an_earlier_question() {
    let data = Data::new();
    let mut conversation = Vec::new();
    let first = ask(&data, &mut conversation, "How many tractors were sold?").text;
    assert!(first.contains("*tractors*"), "{first}");
    let second = ask(&data, &mut conversation, "And combines?").text;
    assert!(second.contains("cannot answer") && second.contains("*combines*"), "{second}");
    assert!(!second.contains("tractors"), "{second}");
    let third = ask(&data, &mut conversation, "And by year?").text;
    assert!(third.contains("goes on from a question that I did not understand"), "{third}");
}

#[test]
fn it_says_what_is_missing_where_it_may_not_look_or_nothing_is_there() {
    let question = ModelMessage::User("How many orders are there?".into());
    assert!(matches!(&say(vec![question.clone()], &[])[0], ModelEvent::Text(text) if text.contains("cannot answer")));
    let first = say(vec![question.clone()], &TOOLS);
    let [ModelEvent::ToolCall(call), _] = &first[..] else { panic!("{first:?}") };
    assert_eq!(call.name, "list_tables");
    for content in [r#"{"error":"nothing has been converted yet"}"#, r#"{"tables":[]}"#, "no JSON"] {
        let called = ModelMessage::Assistant { text: String::new(), tool_calls: vec![call.clone()] };
        let result = ModelMessage::ToolResult { call_id: call.id.clone(), content: content.into() };
        let events = say(vec![question.clone(), called, result], &TOOLS);
        assert!(matches!(&events[0], ModelEvent::Text(text) if text.contains("no tables")), "{events:?}");
    }
}

#[test]
fn names_and_values_go_into_sql_quoted() {
    let data = Data::new();
    for question in [
        "How many orders are from \"x' OR '1'='1\"?",
        "Show orders with status \"'; DROP TABLE x; --\"",
        "\" ' ` [ ]] \\ %",
    ] {
        let spoken = ask(&data, &mut Vec::new(), question);
        assert!(spoken.results.iter().all(|result| result["error"].is_null()), "{question}: {:?}", spoken.results);
        assert!(spoken.text.contains("cannot answer"), "{question}: {}", spoken.text);
    }
}

/// As web/src/strings.ts has them.
#[test]
fn what_the_page_suggests_is_answered() {
    let data = Data::new();
    for (question, part) in [
        ("How many rows does “team” have?", "team"),
        ("What is the greatest “matches” in “team”?", "30 [["),
        ("How many rows does “order” have?", "order"),
        ("What is the greatest “shippingCost” in “order”?", "[["),
        ("Which “status” comes most often in “order”?", "[["),
    ] {
        let text = ask(&data, &mut Vec::new(), question).text;
        assert!(text.contains(part) && text.contains("[[") && !text.contains("cannot answer"), "{question}: {text}");
        assert!(!text.contains("not sure"), "{question}: {text}");
    }
}

#[test]
fn what_is_computed_goes_by_its_place_and_each_digit_is_told() {
    let data = Data::new();
    let say = |question| ask(&data, &mut Vec::new(), question).text;
    let text = say("Which teams have more than 20 matches?");
    assert!(text.contains("- Ajax [[q3:1:club]], matches: 30 [[q3:1:matches]]\n"), "{text}");
    assert!(text.ends_with("\n2 [[q3:1:rows in all]] rows in all."), "{text}");
    assert!(say("What are the matches of Ajax?").ends_with("- 30 [[q3:1:matches]]"));
    assert!(say("Which team has the most matches?").contains("matches: 30 [["));
    assert!(say("What is the sum of all stakes?").contains(" 909,007,199,254,740,993 [["));
    assert!(say("What is the greatest stake?").contains(" 909,007,199,254,740,990 [["));
    assert!(say("What is the drift of Alpha?").contains(" 0.00004 [["));
    let text = say("What is the average bonus of the holdings?");
    assert!(text.ends_with(" 15 [[q3:1:average]]. Rows with a value: 2 [[q3:1:rows]]."), "{text}");
    assert!(say("What is the average bonus of Ann?").contains("I found no values of bonus in holding"));
}
