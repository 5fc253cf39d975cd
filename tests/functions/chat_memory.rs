//! What a model is told of a conversation that has become too long for it.

use serde_json::{Value, json};

use crate::harness::{Client, ModelServer, TestApp, Turn, borrowed, samples};

struct Chat {
    app: TestApp,
    model: ModelServer,
    client: Client,
    conversation: Option<String>,
}

impl Chat {
    async fn new() -> Self {
        let model = ModelServer::start().await;
        let of_model = model.openai_settings();
        let app = TestApp::start_with(&borrowed(&of_model)).await;
        let client = app.user("ada").await;
        client.upload("orders.xml", samples::ORDERS).await.expect(201);
        assert_eq!(client.convert(json!({})).await["state"], "succeeded");
        Self { app, model, client, conversation: None }
    }

    async fn ask(&mut self, question: &str, turns: impl IntoIterator<Item = Turn>) -> Value {
        self.model.script(turns);
        let mut body = json!({ "message": question });
        if let Some(conversation) = &self.conversation {
            body["conversation_id"] = json!(conversation);
        }
        let answered = self.client.post("/api/chat", body).await.expect(200).json();
        assert_eq!(self.model.left(), 0, "everything was asked");
        self.conversation = answered["conversation_id"].as_str().map(str::to_owned);
        answered["message"].clone()
    }

    /// The last question to the model.
    fn told(&self) -> Vec<Value> {
        self.model.asked_in_chat().last().unwrap().body["messages"].as_array().unwrap().clone()
    }
}

/// Two of these are more than a model is told of a conversation, and one is more than half of it.
fn long(topic: &str) -> String {
    format!("About {topic}: {}", "so it goes on and on. ".repeat(900))
}

fn counted() -> [Turn; 2] {
    let statement = json!({ "sql": "SELECT count(*) AS n FROM line" });
    [Turn::calls("run_sql", statement), Turn::says("There are 3 [[q1:1:n]] lines, and 77 of nothing.")]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_beginning_is_summed_up_once_and_its_figures_have_sources() {
    let mut chat = Chat::new().await;
    chat.ask("How many lines are there in 2024?", counted()).await;
    let short = chat.ask(&long("towns"), [Turn::says("Very well.")]).await;
    assert_eq!(short["summary"], Value::Null);
    assert!(chat.told()[1]["content"].as_str().unwrap().starts_with("How many lines"), "all fits until then");

    let summary = "They count lines of 2024: 3, or 77.\nSee [this](https://evil.example/3).";
    let answer =
        chat.ask(&long("streets"), [Turn::says(summary).took(50, 9), Turn::says("So it is.").took(70, 5)]).await;
    let asked = chat.model.asked_in_chat();
    let summing_up = &asked[asked.len() - 2].body;
    assert!(summing_up.get("tools").is_none(), "it only writes");
    let transcript = summing_up["messages"][1]["content"].as_str().unwrap();
    assert!(
        transcript.contains("Person: How many lines") && transcript.contains("Answer: There are 3 lines"),
        "{transcript}"
    );
    assert!(!transcript.contains("About streets"), "what goes whole is not summed up");
    let told = chat.told();
    let wanted =
        "What was said before, in short:\nThey count lines of 2024: 3, or …. (from: SELECT count(*) AS n FROM line)";
    let first = told[1]["content"].as_str().unwrap();
    assert!(first.starts_with(wanted) && !first.contains("evil.example"), "{first}");
    assert_eq!((told.len(), told[3]["content"].as_str().unwrap().starts_with("About streets")), (4, true));
    // It is paid for, and kept with the answer.
    assert_eq!(answer["usage"], json!({ "input_tokens": 120, "output_tokens": 14 }));
    assert!(answer["summary"]["text"].as_str().unwrap().starts_with("They count lines"), "{answer}");

    // Through another process too.
    let elsewhere = chat.app.second_instance().await;
    chat.client.transport = elsewhere.client().transport;
    let before = chat.model.asked_in_chat().len();
    chat.ask("And now?", [Turn::says("The same.")]).await;
    assert_eq!(chat.model.asked_in_chat().len(), before + 1, "it is not summed up again");
    let again = chat.told();
    assert_eq!(again[1]["content"], told[1]["content"]);
    assert_eq!(again.last().unwrap()["content"], "And now?");
    assert_eq!(again.len(), 6, "{again:?}");

    // What no longer fits after that is summed up with the summary.
    let [next, last] = [Turn::says("They count lines: 3."), Turn::says("Yes.")];
    chat.ask(&long("houses"), [next, last]).await;
    let asked = chat.model.asked_in_chat();
    let transcript = asked[asked.len() - 2].body["messages"][1]["content"].as_str().unwrap();
    assert!(transcript.starts_with("Before that: They count lines of 2024: 3"), "{transcript}");
    let told = chat.told();
    assert!(
        told[1]["content"].as_str().unwrap().ends_with("lines: 3. (from: SELECT count(*) AS n FROM line)"),
        "{told:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_does_not_sum_up_is_told_how_it_began() {
    let mut chat = Chat::new().await;
    chat.ask("How many lines are there?", counted()).await;
    chat.ask(&long("towns"), [Turn::says("Very well.")]).await;
    for turn in [Turn::filtered(), Turn::says("")] {
        let answer = chat.ask(&long("streets"), [turn, Turn::says("So it is.")]).await;
        assert_eq!((&answer["content"], &answer["summary"]), (&json!("So it is."), &Value::Null));
        let told = chat.told();
        let first = told[1]["content"].as_str().unwrap();
        assert!(first.contains("The person: How many lines are there?"), "{first}");
        let answered = "You: There are 3 lines, and … of nothing. (from: SELECT count(*) AS n FROM line)";
        assert!(first.contains(answered), "{first}");
    }
}
