//! The questions of `tests/data/chat`, asked of the service as a person would, without any model.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::harness::{Client, ModelServer, TestApp, Turn, borrowed};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/chat");

/// So many answers, of 100, are to be right at least.
const RIGHT_AT_LEAST: usize = 70;

async fn with_documents(settings: &[(&str, &str)]) -> (TestApp, Client) {
    let app = TestApp::start_with(settings).await;
    let client = app.user("ada").await;
    for folder in std::fs::read_dir(format!("{DATA}/documents")).unwrap() {
        for file in std::fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let name = path.strip_prefix(format!("{DATA}/documents")).unwrap().to_str().unwrap().to_owned();
            client.upload(&name, std::fs::read(&path).unwrap()).await.expect(201);
        }
    }
    assert_eq!(client.convert(json!({})).await["state"], "succeeded");
    (app, client)
}

fn questions() -> Vec<Value> {
    let questions = std::fs::read_to_string(format!("{DATA}/questions.jsonl")).unwrap();
    questions.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn ask(client: &Client, question: &str, conversation: Option<&str>) -> Value {
    let body = json!({ "message": question, "conversation_id": conversation });
    client.post("/api/chat", body).await.expect(200).json()
}

/// What stands at the places that an answer cites. All of it has to be what the answer says.
fn cited(answer: &Value) -> Vec<String> {
    let citations = answer["message"]["citations"].as_array().unwrap();
    assert!(citations.iter().all(|citation| citation["supported"] == true), "{answer}");
    // How many there are of something is said besides.
    let told = citations.iter().filter(|citation| citation["column"] != "rows in all");
    told.map(|citation| citation["excerpt"].as_str().unwrap_or_default().to_owned()).collect()
}

fn cells(rows: &Value) -> Vec<Vec<String>> {
    let text = |cell: &Value| cell.as_str().map_or_else(|| cell.to_string(), str::to_owned);
    rows.as_array().unwrap().iter().map(|row| row.as_array().unwrap().iter().map(text).collect()).collect()
}

/// Whether an answer says what is so, by its kind.
fn is_right(kind: &str, answer: &Value, rows: &[Vec<String>]) -> bool {
    let cited = cited(answer);
    let mut cells = rows.iter().flatten();
    match kind {
        "what" => cells.all(|name| answer["message"]["content"].as_str().unwrap().contains(name.as_str())),
        "search" => cells.all(|cell| cited.iter().any(|row| row.contains(cell.as_str()))),
        _ if rows.len() == 1 && rows[0].len() == 1 => {
            let is_first = cited.first().is_some_and(|first| same(first, &rows[0][0]));
            is_first || (kind == "top" && cited.len() <= 3 && cited.iter().any(|cited| same(cited, &rows[0][0])))
        }
        _ => cells.all(|cell| cited.iter().any(|cited| same(cited, cell))),
    }
}

fn same(left: &str, right: &str) -> bool {
    match (left.parse::<f64>(), right.parse::<f64>()) {
        // As it is shown: with two decimals.
        (Ok(left), Ok(right)) => (left - right).abs() < 0.005,
        _ => left == right,
    }
}

fn says(answer: &Value, words: &[&str]) -> bool {
    let text = answer["message"]["content"].as_str().unwrap();
    words.iter().any(|words| text.contains(words))
}

fn refuses(answer: &Value) -> bool {
    says(answer, &["cannot answer", "nicht beantworten"])
}

fn is_unsure(answer: &Value) -> bool {
    refuses(answer) || says(answer, &["not sure", "nicht sicher"])
}

#[tokio::test(flavor = "multi_thread")]
async fn most_questions_are_answered_and_none_wrongly_without_saying_so() {
    let (_app, client) = with_documents(&[]).await;
    let questions = questions();
    assert!(questions.len() >= 60);
    let (mut right, mut wrong) = (BTreeMap::<String, [usize; 2]>::new(), Vec::new());
    for question in &questions {
        let mut conversation: Option<String> = None;
        for before in question["before"].as_array().into_iter().flatten() {
            let answer = ask(&client, before.as_str().unwrap(), conversation.as_deref()).await;
            conversation = answer["conversation_id"].as_str().map(str::to_owned);
        }
        let (text, kind) = (question["question"].as_str().unwrap(), question["kind"].as_str().unwrap());
        let answer = ask(&client, text, conversation.as_deref()).await;
        assert_eq!(answer["message"]["unsupported"], json!([]), "{text}: {answer}");
        let is_right = match question["expected"]["sql"].as_str() {
            // That a column is text is shown by a cell of it.
            None => {
                let has_example = says(&answer, &["for instance", "zum Beispiel"]);
                (cited(&answer).is_empty() || has_example) && refuses(&answer)
            }
            Some(sql) => {
                let rows = client.post("/api/tables/query", json!({ "sql": sql })).await.expect(200).json();
                is_right(kind, &answer, &cells(&rows["rows"]))
            }
        };
        let counts = right.entry(kind.to_owned()).or_default();
        counts[1] += 1;
        if is_right {
            counts[0] += 1;
        } else if !is_unsure(&answer) {
            wrong.push(format!("{text}: {}", answer["message"]["content"]));
        }
    }
    println!("right of asked, by kind: {right:?}");
    assert!(wrong.is_empty(), "wrong, and sure of it: {wrong:#?}");
    let all: usize = right.values().map(|[right, _]| right).sum();
    assert!(100 * all >= RIGHT_AT_LEAST * questions.len(), "{all} of {}: {right:?}", questions.len());
}

/// The result of the last call, as the model was told.
fn result_of(asked: &Value) -> Value {
    let last = asked["messages"].as_array().unwrap().last().unwrap();
    serde_json::from_str(last["content"].as_str().unwrap()).unwrap()
}

/// A model that says each cell of its first query, with where it stands.
fn says_all_cells(asked: &Value) -> Turn {
    let result = asked["messages"].as_array().unwrap().iter().find(|message| message["role"] == "tool").unwrap();
    let result: Value = serde_json::from_str(result["content"].as_str().unwrap()).unwrap();
    let mut text = String::new();
    for (row, cells) in cells(&result["rows"]).iter().enumerate() {
        for (column, cell) in result["columns"].as_array().unwrap().iter().zip(cells) {
            text.push_str(&format!("{cell} [[q1:{}:{}]], ", row + 1, column.as_str().unwrap()));
        }
        text.push_str("and.\n");
    }
    Turn::says(if text.is_empty() { "There is none.".to_owned() } else { text })
}

/// A model that asks for each question what is so: what it is told, what it cites, and what is drawn of it is that, cell for cell.
#[tokio::test(flavor = "multi_thread")]
async fn with_a_model_every_result_citation_and_chart_is_exact() {
    let model = ModelServer::start().await;
    let (_app, client) = with_documents(&borrowed(&model.openai_settings())).await;
    let (mut cited, mut drawn) = (0, 0);
    for question in questions() {
        let Some(sql) = question["expected"]["sql"].as_str() else { continue };
        let (text, is_group) = (question["question"].as_str().unwrap(), question["kind"] == "group");
        let mut turns = vec![Turn::calls("run_sql", json!({ "sql": sql }))];
        if is_group {
            turns.push(Turn::computed(|asked| {
                let result = result_of(asked);
                let columns = result["columns"].as_array().unwrap();
                let mut chart = json!({ "query": "q1", "mark": "bar", "x": columns[0], "y": columns.last() });
                if columns.len() == 3 {
                    chart["color"] = columns[1].clone();
                }
                Turn::calls("make_chart", chart)
            }));
        }
        turns.push(Turn::computed(says_all_cells));
        model.script(turns);
        let answer = ask(&client, text, None).await;
        let rows = client.post("/api/tables/query", json!({ "sql": sql })).await.expect(200).json();
        let wanted = cells(&rows["rows"]);
        let told = answer["message"]["citations"].as_array().unwrap();
        // What a statement without tables returns is what the model wrote.
        let is_shown = sql.contains("FROM");
        assert!(told.iter().all(|citation| citation["supported"] == is_shown), "{text}: {answer}");
        assert_eq!(answer["message"]["unsupported"], json!([]), "{text}: {answer}");
        let excerpts: Vec<&str> = told.iter().map(|citation| citation["excerpt"].as_str().unwrap()).collect();
        let wanted: Vec<&String> = wanted.iter().flatten().collect();
        assert_eq!(excerpts.len(), wanted.len(), "{text}: {answer}");
        assert!(excerpts.iter().zip(&wanted).all(|(excerpt, cell)| same(excerpt, cell)), "{text}: {answer}");
        assert_eq!(answer["message"]["queries"], json!([{ "name": "q1", "sql": sql }]), "{text}");
        cited += told.len();
        if is_group {
            let values = answer["message"]["charts"][0]["data"]["values"].as_array().unwrap();
            let names = (0..rows["columns"].as_array().unwrap().len()).map(|column| format!("c{column}"));
            let row = |value: &Value| names.clone().map(|name| value[&name].clone()).collect::<Vec<_>>();
            let shown: Vec<Vec<Value>> = values.iter().map(row).collect();
            assert_eq!(json!(shown), rows["rows"], "{text}: {answer}");
            drawn += 1;
        }
    }
    assert!(cited > 200 && drawn > 4, "{cited} cells, {drawn} charts");
}
