//! Searching rows for what words mean, with a server that gives vectors by a script, and the jobs that make the vectors of the rows.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Client, ModelServer, TestApp, Turn, borrowed, samples};

const SOON: Duration = Duration::from_secs(30);

/// No word of one is a word of another, and none is asked for below.
const GOODS: &str = "<goods>\
    <thing><name>Brass lantern</name><place>garden</place></thing>\
    <thing><name>Oak stool</name><place>kitchen</place></thing>\
    <thing><name>Wool carpet</name><place>hall</place></thing>\
    </goods>";

const PEOPLE: &str = "<people>\
    <person><name>Ida</name><work>surgeon</work></person>\
    <person><name>Max</name><work>baker</work></person>\
    </people>";

struct Shop {
    app: TestApp,
    model: ModelServer,
    client: Client,
}

/// Somebody who has converted these documents, where a server gives vectors after it has followed a script.
async fn shop(settings: &[(&str, &str)], script: Vec<Turn>, documents: &[(&str, &[u8])]) -> Shop {
    let model = ModelServer::start().await;
    model.script_embeddings(script);
    let of_model = model.openai_settings();
    let mut all = borrowed(&of_model);
    all.extend_from_slice(settings);
    let app = TestApp::start_with(&all).await;
    let client = app.user("ada").await;
    for (name, document) in documents {
        client.upload(name, document).await.expect(201);
    }
    assert_eq!(client.convert(json!({ "layout": "relational" })).await["state"], "succeeded");
    Shop { app, model, client }
}

impl Shop {
    async fn of_goods(script: Vec<Turn>) -> Self {
        let archive = samples::zip(&[("A/goods.xml", GOODS.as_bytes()), ("B/people.xml", PEOPLE.as_bytes())]);
        // So many that no two of these words fall together.
        shop(&[("EMBED_DIMENSIONS", "1021")], script, &[("all.zip", &archive)]).await
    }

    /// The newest job that makes vectors, once it is as asked.
    async fn job(&self, is_so: impl Fn(&Value) -> bool) -> Value {
        let asking = async {
            loop {
                let jobs = self.client.get("/api/jobs").await.expect(200).json();
                let mut of_kind = jobs["items"].as_array().unwrap().iter().filter(|job| job["kind"] == "embed");
                match of_kind.next() {
                    Some(job) if is_so(job) => return job.clone(),
                    _ => tokio::time::sleep(Duration::from_millis(20)).await,
                }
            }
        };
        tokio::time::timeout(SOON, asking).await.expect("the vectors do not come so far")
    }

    async fn ended(&self) -> Value {
        self.job(|job| job["state"] != "queued" && job["state"] != "running").await
    }

    async fn search(&self, query: &str) -> Value {
        self.client.get(&format!("/api/tables/search?{query}")).await.expect(200).json()
    }

    /// The files of vectors, once there are so many: what is not needed any more goes after a job has ended.
    async fn files_of_vectors(&self, count: usize) -> Vec<String> {
        let files =
            || self.app.session_files().into_iter().filter(|path| path.contains("/vectors.")).collect::<Vec<_>>();
        let waiting = async {
            while files().len() != count {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(SOON, waiting).await.unwrap_or_else(|_| panic!("not {count}: {:?}", files()));
        files()
    }
}

/// The rows that were found: words of their excerpts, and by what.
fn found(answer: &Value) -> Vec<(String, Value)> {
    let of_hit = |hit: &Value| {
        let excerpt = hit["excerpt"].as_str().unwrap();
        let name = excerpt.split(" · ").find_map(|cell| cell.strip_prefix("name: ")).unwrap_or(excerpt);
        (name.to_owned(), hit["found_by"].clone())
    };
    answer["items"].as_array().unwrap().iter().map(of_hit).collect()
}

fn by(name: &str, ways: &[&str]) -> (String, Value) {
    (name.to_owned(), json!(ways))
}

#[tokio::test(flavor = "multi_thread")]
async fn meaning_finds_what_words_cannot() {
    let shop = Shop::of_goods(vec![]).await;
    let job = shop.ended().await;
    assert_eq!(job["state"], "succeeded", "{job}");
    let result = &job["result"];
    assert_eq!((&result["rows"], &result["rows_in_all"], &result["refused"]), (&json!(5), &json!(5), &json!(0)));
    assert_eq!((&result["model"], &result["dimensions"]), (&json!("hashed"), &json!(1021)));
    assert_eq!(job["progress"]["rows"], 5);

    let answer = shop.search("q=lamp&limit=1").await;
    assert_eq!(found(&answer), [by("Brass lantern", &["meaning"])]);
    assert_eq!(answer["meaning"], json!({ "state": "used", "rows": 5, "rows_in_all": 5 }));
    assert_eq!(answer["indexed"], true);
    assert_eq!(found(&shop.search("q=physician&limit=1").await), [by("Ida", &["meaning"])]);
    // What both find comes first, and says so.
    assert_eq!(found(&shop.search("q=lantern").await)[0], by("Brass lantern", &["words", "meaning"]));
    // A word that the row has finds it among those of one meaning.
    assert_eq!(found(&shop.search("q=kitchen+lamp&limit=2").await).len(), 2);
    // Within a table or a group, meaning too.
    for (query, wanted) in [
        ("q=physician&table=thing", None),
        ("q=physician&table=PERSON", Some("Ida")),
        ("q=physician&group=b", Some("Ida")),
        ("q=physician&group=A", None),
        ("q=ida&group=A", None),
    ] {
        let answer = shop.search(query).await;
        assert_eq!(found(&answer).first().map(|(name, _)| name.as_str()), wanted, "{query}: {answer}");
    }
    for query in ["q=ida&group=C", "q=ida&group=A&table=person"] {
        let answer = shop.client.get(&format!("/api/tables/search?{query}")).await.expect(404);
        assert_eq!(answer.code(), "not_found");
    }
    // The rows went to the model once, each with its table and its columns.
    let texts = shop.model.texts();
    let of_rows: Vec<_> = texts.iter().filter(|text| text.contains("; name: ")).collect();
    assert_eq!(of_rows.len(), 5, "{texts:?}");
    assert!(of_rows.contains(&&"thing; _ord: 1; name: Brass lantern; place: garden".to_owned()), "{texts:?}");
    shop.files_of_vectors(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_searches_by_meaning_too() {
    let shop = Shop::of_goods(vec![]).await;
    shop.ended().await;
    shop.model.script([
        Turn::calls("search_rows", json!({ "words": "lamp", "limit": 1, "group": "A" })),
        Turn::says("There is one: Brass lantern [[thing#1]]."),
    ]);
    let answer = shop.client.post("/api/chat", json!({ "message": "Which lamps are there?" })).await.expect(200).json();
    let told = shop.model.asked_in_chat().last().unwrap().body["messages"].as_array().unwrap().clone();
    let result: Value = serde_json::from_str(told.last().unwrap()["content"].as_str().unwrap()).unwrap();
    assert_eq!(result["hits"][0]["found_by"], json!(["meaning"]), "{result}");
    assert!(result["hits"][0]["excerpt"].as_str().unwrap().contains("Brass lantern"), "{result}");
    assert_eq!(result["note"], Value::Null, "all rows were searched");
    let citations = &answer["message"]["citations"];
    assert_eq!(citations[0]["supported"], true, "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_model_words_count_alone_and_it_is_said() {
    let app = TestApp::start().await;
    let client = app.user("ada").await;
    client.upload("goods.xml", GOODS).await.expect(201);
    assert_eq!(client.convert(json!({})).await["state"], "succeeded");
    let answer = client.get("/api/tables/search?q=oak").await.expect(200).json();
    assert_eq!(answer["meaning"], json!({ "state": "off" }));
    assert_eq!(answer["items"][0]["found_by"], json!(["words"]));
    client.jobs_end().await;
    let jobs = client.get("/api/jobs").await.expect(200).json();
    assert!(jobs["items"].as_array().unwrap().iter().all(|job| job["kind"] != "embed"), "{jobs}");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_vectors_are_made_words_count_alone_and_a_cancelled_job_leaves_nothing() {
    let shop = Shop::of_goods(vec![Turn::hangs()]).await;
    let job = shop.job(|job| job["state"] == "running").await;
    let answer = shop.search("q=lantern").await;
    assert_eq!(found(&answer), [by("Brass lantern", &["words"])]);
    assert_eq!((&answer["meaning"], &answer["indexed"]), (&json!({ "state": "building" }), &json!(true)));
    let began = Instant::now();
    shop.client.delete(&format!("/api/jobs/{}", job["id"].as_str().unwrap())).await;
    assert_eq!(shop.ended().await["state"], "cancelled");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    let answer = shop.search("q=lamp").await;
    assert_eq!((found(&answer), &answer["meaning"]), (vec![], &json!({ "state": "missing" })));
    shop.files_of_vectors(0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_fails_at_a_search_leaves_the_words() {
    let shop = Shop::of_goods(vec![]).await;
    shop.ended().await;
    for (turns, within) in [
        (vec![Turn::refuses(401, "invalid_api_key")], 1),
        (vec![Turn::refuses(500, "internal"), Turn::refuses(500, "internal"), Turn::refuses(500, "internal")], 4),
        (vec![Turn::hangs()], 4),
    ] {
        shop.model.script_embeddings(turns);
        let began = Instant::now();
        let answer = shop.search("q=stool").await;
        assert_eq!(found(&answer), [by("Oak stool", &["words"])]);
        assert_eq!(answer["meaning"], json!({ "state": "unanswered" }));
        assert!(began.elapsed() < Duration::from_secs(within), "{:?}", began.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_so_many_rows_get_a_vector_and_the_answer_says_so() {
    let (document, rows) = samples::flat(40_000);
    let setting = [("RET_MAX_EMBEDDED_ROWS", "300")];
    let shop = shop(&setting, vec![], &[("a.xml", document.as_slice()), ("goods.xml", GOODS.as_bytes())]).await;
    assert!(rows > 300);
    let job = shop.ended().await;
    assert_eq!((&job["result"]["rows"], &job["result"]["rows_in_all"]), (&json!(300), &json!(rows + 3)), "{job}");
    let answer = shop.search("q=lamp").await;
    assert_eq!(answer["meaning"], json!({ "state": "used", "rows": 300, "rows_in_all": rows + 3 }));
    assert!(found(&answer).contains(&by("Brass lantern", &["meaning"])), "small tables are whole: {answer}");
    let last = found(&shop.search(&format!("q={rows}")).await);
    assert!(last.contains(&by(&format!("name of {rows}"), &["words"])), "{last:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_model_is_waited_for() {
    let busy = || Turn::refuses(429, "rate_limit_exceeded");
    let down = || Turn::refuses(503, "overloaded");
    // More often than one call asks by itself.
    let shop = Shop::of_goods(vec![busy(), down(), busy(), down()]).await;
    let job = shop.ended().await;
    assert_eq!((&job["state"], &job["result"]["rows"]), (&json!("succeeded"), &json!(5)), "{job}");
    assert_eq!(found(&shop.search("q=lamp&limit=1").await), [by("Brass lantern", &["meaning"])]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_may_not_be_used_fails_the_job_with_what_would_mend_it() {
    for (turn, words) in [
        (Turn::refuses(401, "invalid_api_key"), "right to use the model"),
        (Turn::refuses(404, "model_not_found"), "name a model that is there"),
    ] {
        let shop = Shop::of_goods(vec![turn]).await;
        let job = shop.ended().await;
        assert_eq!((&job["state"], &job["error"]["code"]), (&json!("failed"), &json!("model_refused")), "{job}");
        let detail = job["error"]["detail"].as_str().unwrap();
        assert!(detail.contains(words) && !detail.contains("own words"), "{detail}");
        assert_eq!(shop.search("q=oak").await["meaning"], json!({ "state": "missing" }));
        shop.files_of_vectors(0).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_a_filter_refuses_is_left_out_and_the_others_are_not() {
    let model = ModelServer::start().await;
    model.refuses_texts_with("carpet");
    let of_model = model.openai_settings();
    let app = TestApp::start_with(&borrowed(&of_model)).await;
    let client = app.user("ada").await;
    client.upload("goods.xml", GOODS).await.expect(201);
    assert_eq!(client.convert(json!({})).await["state"], "succeeded");
    let shop = Shop { app, model, client };
    let job = shop.ended().await;
    assert_eq!((&job["result"]["rows"], &job["result"]["refused"]), (&json!(2), &json!(1)), "{job}");
    assert_eq!(found(&shop.search("q=lamp&limit=1").await), [by("Brass lantern", &["meaning"])]);
    assert_eq!(found(&shop.search("q=carpet").await), [by("Wool carpet", &["words"])]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_conversion_and_a_logout_take_the_vectors_along() {
    let shop = Shop::of_goods(vec![]).await;
    shop.ended().await;
    let before = shop.files_of_vectors(1).await;
    assert_eq!(shop.client.convert(json!({ "groups": ["A"] })).await["state"], "succeeded");
    let another = async {
        while shop.search("q=lamp").await["meaning"]["rows"] != 3 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(SOON, another).await.expect("there are no other vectors");
    assert_ne!(shop.files_of_vectors(1).await, before);
    // In the middle of work too.
    shop.model.script_embeddings([Turn::hangs()]);
    assert_eq!(shop.client.convert(json!({})).await["state"], "succeeded");
    shop.job(|job| job["state"] == "running").await;
    let session = shop.client.session.clone().unwrap();
    shop.client.post("/api/logout", json!({})).await.expect(200);
    let gone = async {
        while shop.app.session_files().iter().any(|path| path.contains(&session)) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(SOON, gone).await.expect("something is left");
}

/// What the model that makes vectors took of somebody's account, once it is as asked: what a search took is kept behind its answer.
async fn taken(client: &Client, is_so: impl Fn(&Value) -> bool) -> Value {
    let asking = async {
        loop {
            let days = client.get("/api/auth/usage").await.expect(200).json()["items"].as_array().unwrap().clone();
            match days.into_iter().find(|day| day["model"] == "hashed") {
                Some(day) if is_so(&day) => return day,
                _ => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    };
    tokio::time::timeout(SOON, asking).await.expect("it is not kept")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_vectors_take_is_counted_for_whose_session_it_is() {
    let shop = Shop::of_goods(vec![]).await;
    let job = shop.ended().await;
    let of_rows = job["result"]["tokens"].as_u64().unwrap();
    assert!(of_rows > 0, "{job}");
    let day = taken(&shop.client, |day| day["turns"] == 1).await;
    assert_eq!((&day["input_tokens"], &day["output_tokens"]), (&json!(of_rows), &json!(0)));
    shop.search("q=lamp").await;
    shop.search("q=physician").await;
    let day = taken(&shop.client, |day| day["turns"] == 3).await;
    let with_searches = day["input_tokens"].as_u64().unwrap();
    assert!(with_searches > of_rows, "{day}");
    let others = shop.app.user("grace").await;
    assert_eq!(others.get("/api/auth/usage").await.expect(200).json()["items"], json!([]));
    let admin = shop.app.admin().await;
    let metrics = String::from_utf8(admin.get("/api/metrics").await.expect(200).body.to_vec()).unwrap();
    // Jobs may be done by another process than the one that is asked.
    assert!(metrics.contains("# TYPE ret_vectors_tokens_total counter\n"), "{metrics}");
    assert!(metrics.contains("ret_vectors_uses_total{model=\"hashed\"}"), "{metrics}");
    assert!(!metrics.contains("ret_chat_answers_total{model=\"hashed\"}"), "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn vectors_that_take_long_are_made_in_many_attempts() {
    const BATCH: usize = 256;
    let model = ModelServer::start().await;
    let of_model = model.openai_settings();
    // No time at all: each attempt asks for four batches and makes room for others.
    let app = TestApp::start_limited(|policy| policy.embedding.attempt = Duration::ZERO, &borrowed(&of_model)).await;
    let (document, rows) = samples::flat(900_000);
    let rows = usize::try_from(rows).unwrap();
    assert!(rows > 6 * 4 * BATCH, "{rows} rows go into as many attempts as any job has");
    let client = app.user("ada").await;
    client.upload("large.xml", &document).await.expect(201);
    assert_eq!(client.convert(json!({})).await["state"], "succeeded");
    let shop = Shop { app, model, client };
    let ended = shop.job(|job| job["state"] == "succeeded" || job["state"] == "failed").await;
    assert_eq!((&ended["result"]["rows"], &ended["result"]["rows_in_all"]), (&json!(rows), &json!(rows)), "{ended}");
    assert!(ended["result"]["tokens"].as_u64().unwrap() > rows as u64, "of all attempts: {ended}");
    let mut texts = shop.model.texts();
    texts.sort_unstable();
    texts.dedup();
    assert_eq!((texts.len(), shop.model.texts().len()), (rows, rows), "each row was asked for once");
    assert_eq!(shop.search("q=999&limit=3").await["meaning"]["state"], "used");
    shop.files_of_vectors(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn models_that_do_not_answer_keep_no_conversion_waiting() {
    let model = ModelServer::start().await;
    model.script_embeddings((0..100).map(|_| Turn::hangs()));
    let of_model = model.openai_settings();
    let app = TestApp::start_with(&borrowed(&of_model)).await;
    let mut clients = Vec::new();
    for name in ["ada", "eve", "ida"] {
        let client = app.user(name).await;
        client.upload("people.xml", PEOPLE).await.expect(201);
        assert_eq!(client.convert(json!({})).await["state"], "succeeded", "{name}");
        clients.push(client);
        let began = Instant::now();
        // The first one's vectors are asked for; those of the others wait.
        while clients.len() == 1 && model.texts().is_empty() {
            assert!(began.elapsed() < SOON, "no vectors are asked for");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    assert_eq!(model.texts().len(), 2, "the rows of one session");
    // When the first is over, it is the next one's turn.
    let jobs = clients[0].get("/api/jobs").await.expect(200).json();
    let first = jobs["items"].as_array().unwrap().iter().find(|job| job["kind"] == "embed").unwrap()["id"].clone();
    clients[0].delete(&format!("/api/jobs/{}", first.as_str().unwrap())).await;
    let began = Instant::now();
    while model.texts().len() < 4 {
        assert!(began.elapsed() < SOON, "the others wait for ever");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
