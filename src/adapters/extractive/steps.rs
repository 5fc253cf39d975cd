//! What to do next in a turn: call a tool, or answer.

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{
    answer::{self, Told},
    doubt, lookup,
    plan::{Plan, Refusal, example_of, plan},
    question::{
        Doubt, Found, Item, Reading, Values, begins_like_one, go_on, items_of, points_back, read, says_too_little,
    },
    refusal,
    schema::{Catalogue, ColumnId},
    turn::{Turn, has_failed},
    wording::Language,
    words::{Word, words_of},
};
use crate::ports::language_model::{ModelRequest, ToolCall};

/// What comes next.
pub(super) enum Step {
    Call(Vec<ToolCall>),
    Say(String),
}

/// Questions that one may go on from, itself included.
const CHAIN: usize = 8;
/// Bytes of a question: it is asked in a sentence or two.
const QUESTION_BYTES: usize = 1_500;
/// Tables whose types are asked for in a turn.
const DESCRIBED: usize = 3;
/// Rows that a search may find.
const HITS: usize = 5;

/// The next step; none if a stop came before it was clear.
pub(super) fn next(request: &ModelRequest, stop: &CancellationToken) -> Option<Step> {
    let step = step(request, stop);
    (!stop.is_cancelled()).then_some(step)
}

fn step(request: &ModelRequest, stop: &CancellationToken) -> Step {
    let turn = Turn::of(request);
    let chain = chain(&turn.questions);
    let language = Language::of_last(chain.iter().map(|(_, words)| &words[..]));
    if chain.last().is_some_and(|(question, _)| question.len() > QUESTION_BYTES) {
        return Step::Say(refusal::too_long(language, QUESTION_BYTES));
    }
    if !turn.has_tool("list_tables") || !turn.has_tool("run_sql") || !turn.has_tool("describe_table") {
        return Step::Say(refusal::without_tools(language));
    }
    let Some(listed) = turn.result("tables") else {
        return Step::Call(vec![turn.call("tables", "list_tables", &json!({}))]);
    };
    let mut catalogue = Catalogue::new(listed);
    if has_failed(listed) || catalogue.tables.is_empty() {
        return Step::Say(refusal::without_tables(language));
    }
    let values = match values(&turn, &chain, &catalogue) {
        Ok(values) => values,
        Err(calls) => return Step::Call(calls),
    };
    let values = match near_values(&turn, &chain, &catalogue, values, stop) {
        Ok(values) => values,
        Err(call) => return Step::Call(vec![call]),
    };
    let asked: Vec<Asked> = (0..chain.len()).map(|at| Asked::of(&chain, at, &catalogue, &values, stop)).collect();
    let named = read_chain(&asked, &catalogue);
    let wanted: Vec<usize> = named.tables_to_describe(&catalogue).into_iter().take(DESCRIBED).collect();
    let purpose = |table: &usize| format!("types{table}");
    let missing: Vec<ToolCall> = wanted
        .iter()
        .filter(|table| turn.result(&purpose(table)).is_none())
        .map(|table| turn.call(&purpose(table), "describe_table", &json!({ "table": catalogue.tables[*table].name })))
        .collect();
    if !missing.is_empty() {
        return Step::Call(missing);
    }
    for table in &wanted {
        if let Some(described) = turn.result(&purpose(table)) {
            catalogue.describe(described);
        }
    }
    // What a comparison is about is told by the types.
    let mut reading = read_chain(&asked, &catalogue);
    if let Some(text) = refusal::about_schema(&reading, &catalogue, language) {
        return Step::Say(text);
    }
    let planned = match doubt::leave_out_unknown(&mut reading, language) {
        true if reading.is_lost => Err(Refusal::Before),
        true => plan(&reading, &catalogue),
        false => Err(Refusal::NothingNamed),
    };
    match planned {
        Err(Refusal::OnlyText(column)) if reading.unknown.is_empty() && reading.search.is_empty() => {
            only_text(&turn, &catalogue, column, language)
        }
        Ok(_) if !reading.search.is_empty() => search(&turn, &reading, &catalogue, None, language),
        Ok(plan) => run(&turn, &reading, &catalogue, &plan, language),
        Err(refusal) => search(&turn, &reading, &catalogue, Some(&refusal), language),
    }
}

fn run(turn: &Turn<'_>, reading: &Reading, catalogue: &Catalogue, plan: &Plan, language: Language) -> Step {
    match turn.result("answer") {
        None => Step::Call(vec![turn.call("answer", "run_sql", &json!({ "sql": plan.sql }))]),
        Some(result) if has_failed(result) => Step::Say(refusal::failed(language)),
        Some(result) => Step::Say(answer::tell(&Told { plan, catalogue, result, language, asks: reading.asks })),
    }
}

/// Says what a column of texts holds that is to be calculated with.
fn only_text(turn: &Turn<'_>, catalogue: &Catalogue, column: ColumnId, language: Language) -> Step {
    match turn.result("example") {
        None => Step::Call(vec![turn.call("example", "run_sql", &json!({ "sql": example_of(column, catalogue) }))]),
        Some(result) => Step::Say(refusal::only_text(result, catalogue, column, language)),
    }
}

/// Looks for the words that are no names: rows that hold them may be what is asked for.
fn search(
    turn: &Turn<'_>,
    reading: &Reading,
    catalogue: &Catalogue,
    refusal: Option<&Refusal>,
    language: Language,
) -> Step {
    let is_text = |word: &&String| word.contains(char::is_alphabetic);
    let words: Vec<&str> = reading.search.iter().chain(&reading.unknown).filter(is_text).map(String::as_str).collect();
    let may_search = turn.has_tool("search_rows") && !words.is_empty() && !matches!(refusal, Some(Refusal::Beyond(_)));
    if !may_search {
        return Step::Say(refusal::refuse(refusal, reading, catalogue, language));
    }
    let mut arguments = json!({ "words": words.join(" "), "limit": HITS });
    if let [table] = reading.tables[..] {
        arguments["table"] = Value::from(catalogue.tables[table].name.as_str());
    }
    match turn.result("search") {
        None => Step::Call(vec![turn.call("search", "search_rows", &arguments)]),
        Some(found) => {
            // The answer says that rows hold the words; those that only mean the like do not.
            let has_words =
                |hit: &&Value| hit["found_by"].as_array().is_none_or(|ways| ways.iter().any(|way| way == "words"));
            let hits = found["hits"].as_array().into_iter().flatten().filter(has_words);
            let hits: Vec<Value> = hits.cloned().collect();
            Step::Say(refusal::tell_hits(&hits, refusal, reading, catalogue, language))
        }
    }
}

/// The last question with those that it goes on from, oldest first.
fn chain<'a>(questions: &[&'a str]) -> Vec<(&'a str, Vec<Word>)> {
    let mut chain: Vec<(&str, Vec<Word>)> = Vec::new();
    for (at, question) in questions.iter().rev().take(CHAIN).enumerate() {
        // A summary of what was said before is no question.
        if at > 0 && (question.contains('\n') || question.len() > QUESTION_BYTES) {
            break;
        }
        let words = if question.len() > QUESTION_BYTES { Vec::new() } else { words_of(question) };
        chain.insert(0, (question, words));
    }
    chain
}

fn values(turn: &Turn<'_>, chain: &[(&str, Vec<Word>)], catalogue: &Catalogue) -> Result<Values, Vec<ToolCall>> {
    let statements = lookup::statements(chain, catalogue);
    let purpose = |at: usize| format!("values{at}");
    let calls: Vec<ToolCall> = statements
        .iter()
        .enumerate()
        .filter(|(at, _)| turn.result(&purpose(*at)).is_none())
        .map(|(at, sql)| turn.call(&purpose(at), "run_sql", &json!({ "sql": sql })))
        .collect();
    if !calls.is_empty() {
        return Err(calls);
    }
    let mut values = Values::default();
    for at in 0..statements.len() {
        if let Some(result) = turn.result(&purpose(at)) {
            lookup::take_in(&mut values, result, catalogue);
        }
    }
    Ok(values)
}

/// Looks further for the words that are no names, no values and no signs.
fn near_values(
    turn: &Turn<'_>,
    chain: &[(&str, Vec<Word>)],
    catalogue: &Catalogue,
    mut values: Values,
    stop: &CancellationToken,
) -> Result<Values, ToolCall> {
    let mut unknown: Vec<String> = Vec::new();
    for (at, (question, words)) in chain.iter().enumerate().rev() {
        let items = items_of(question, words, language_at(chain, at), catalogue, &values, stop);
        unknown.extend(items.into_iter().filter(|found| found.item == Item::Unknown).map(|found| found.text));
    }
    let unknown: Vec<&str> = unknown.iter().map(String::as_str).collect();
    let Some(sql) = lookup::near_statement(&unknown, chain, catalogue) else { return Ok(values) };
    match turn.result("near") {
        None => Err(turn.call("near", "run_sql", &json!({ "sql": sql }))),
        Some(result) => {
            lookup::take_in_near(&mut values, result, catalogue);
            Ok(values)
        }
    }
}

fn language_at(chain: &[(&str, Vec<Word>)], at: usize) -> Language {
    Language::of_last(chain[..=at].iter().map(|(_, words)| &words[..]))
}

/// A question with its items.
struct Asked {
    items: Vec<Found>,
    language: Language,
    goes_on: bool,
    points_back: bool,
}

impl Asked {
    fn of(
        chain: &[(&str, Vec<Word>)],
        at: usize,
        catalogue: &Catalogue,
        values: &Values,
        stop: &CancellationToken,
    ) -> Self {
        let (question, words) = &chain[at];
        let folded: Vec<&str> = words.iter().map(|word| word.folded.as_str()).collect();
        let language = language_at(chain, at);
        let items = items_of(question, words, language, catalogue, values, stop);
        Self { items, language, goes_on: begins_like_one(&folded), points_back: points_back(&folded) }
    }
}

/// What the last question says, with what it goes on from.
fn read_chain(chain: &[Asked], catalogue: &Catalogue) -> Reading {
    let mut whole: Option<Reading> = None;
    for asked in chain {
        let context = whole.as_ref().map(Reading::touched).unwrap_or_default();
        let mut reading = read(&asked.items, catalogue, if asked.goes_on { &context } else { &[] });
        let goes_on = asked.goes_on || says_too_little(&reading, &asked.items);
        if !goes_on && whole.is_some() && asked.points_back {
            reading.doubts.push(Doubt::Aside);
        }
        whole = Some(match whole.filter(|_| goes_on) {
            Some(mut earlier) => {
                // What was not understood then is not named now: the question as a whole is not understood.
                let is_lost = earlier.is_lost
                    || !doubt::leave_out_unknown(&mut earlier, asked.language)
                    || !earlier.beyond.is_empty();
                earlier.unknown.clear();
                earlier.beyond.clear();
                Reading { is_lost, ..go_on(&earlier, reading) }
            }
            None => reading,
        });
    }
    whole.unwrap_or_default()
}
