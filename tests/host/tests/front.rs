//! What the host answers itself, and how a handler is launched.

use std::time::Duration;

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};

use super::support::{
    all_paths, data, get, host_json, http_function, options, post, proxied_host, proxying, send, soon, staged, whole,
};
use crate::host::{Auth, Cors, Host, Level, worker::WorkerState};

#[tokio::test]
async fn the_first_function_that_fits_is_called_and_a_wrong_method_fits_none() {
    let functions = [
        ("b_all", http_function("{*path}", json!(["get"]))),
        ("a_one", http_function("one", json!(["post"]))),
        ("c_one", http_function("one/two", json!(["get"]))),
    ];
    // In the default mode the handler is told which function it is called for.
    let folder = staged(&host_json(json!({}), json!({})), &functions);
    let host = Host::start(options(&folder)).await.unwrap();
    for (method, path, function) in [
        ("POST", "/api/one", Some("a_one")),
        ("GET", "/api/ONE", Some("b_all")),
        ("GET", "/api/one/two", Some("b_all")),
        ("PUT", "/api/one", None),
        ("GET", "/one", None),
    ] {
        let seen = host.logs().records().len();
        let answer =
            whole(send(host.address(), Request::builder().method(method).uri(path), Body::empty()).await).await;
        match function {
            Some(function) => {
                assert_eq!((answer.status.as_u16(), answer.json()), (201, json!({ "ok": true })), "{method} {path}");
                assert_eq!(answer.headers["x-from"], "handler");
                let name = format!("Function.{function}");
                assert!(host.logs().since(seen).iter().any(|record| record.category == name), "{method} {path}");
            }
            None => assert_eq!((answer.status.as_u16(), answer.text().as_str()), (404, ""), "{method} {path}"),
        }
    }
    host.stop().await;
}

#[tokio::test]
async fn without_a_prefix_a_function_takes_the_root_but_not_what_the_host_keeps_for_itself() {
    let functions = [
        ("calls", http_function("api/{*path}", json!(["get", "post"]))),
        ("web", http_function("{*path}", json!(["get"]))),
    ];
    let folder = staged(&host_json(json!({}), json!({ "http": { "routePrefix": "" } })), &functions);
    let host = Host::start(options(&folder)).await.unwrap();
    for (method, path, function) in [
        ("GET", "/", Some("web")),
        ("GET", "/assets/a.js", Some("web")),
        ("GET", "/api/x", Some("calls")),
        ("POST", "/api/x", Some("calls")),
        ("GET", "/apis", Some("web")),
        ("POST", "/", None),
        ("GET", "/admin", None),
        ("GET", "/Runtime/health", None),
    ] {
        let seen = host.logs().records().len();
        let answer =
            whole(send(host.address(), Request::builder().method(method).uri(path), Body::empty()).await).await;
        let called = host
            .logs()
            .since(seen)
            .iter()
            .find_map(|record| record.category.strip_prefix("Function.").map(str::to_owned));
        assert_eq!(called.as_deref(), function, "{method} {path}");
        // Where no function takes it, POST to the root gets the host's own page as well.
        assert_eq!(
            answer.status.as_u16(),
            if function.is_some() {
                201
            } else if path == "/" {
                200
            } else {
                404
            }
        );
    }
    host.stop().await;
}

#[tokio::test]
async fn the_root_has_a_page_or_nothing() {
    let (host, folder) = proxied_host().await;
    let page = get(host.address(), "/").await;
    assert_eq!((page.status.as_u16(), &page.headers["content-type"]), (200, &"text/html".parse().unwrap()));
    host.stop().await;
    let host = Host::start(options(&folder).with_setting("AzureWebJobsDisableHomepage", "true")).await.unwrap();
    assert_eq!(get(host.address(), "/").await.status, 204);
    host.stop().await;
}

#[tokio::test]
async fn functions_that_are_not_anonymous_need_a_key() {
    let closed = json!({ "bindings": [
        { "name": "req", "type": "httpTrigger", "route": "echo" }, { "name": "res", "type": "http", "direction": "out" },
    ] });
    let open = http_function("echo/open", json!(["get"]));
    let folder = staged(&proxying(), &[("closed", closed), ("open", open)]);
    let mut options = options(&folder);
    options.auth = Auth::Keys(vec!["k".to_owned()]);
    let host = Host::start(options).await.unwrap();
    assert_eq!(get(host.address(), "/api/echo").await.status, 401);
    assert_eq!(get(host.address(), "/api/echo?code=x").await.status, 401);
    assert_eq!(get(host.address(), "/api/echo/open").await.status, 200);
    assert_eq!(get(host.address(), "/api/echo?code=k").await.json()["target"], "/api/echo?code=k");
    let request = Request::get("/api/echo").header("x-functions-key", "k");
    assert_eq!(whole(send(host.address(), request, Body::empty()).await).await.status, 200);
    host.stop().await;
}

#[tokio::test]
async fn preflights_are_answered_by_the_host() {
    let folder = staged(&proxying(), &all_paths());
    let mut options = options(&folder);
    options.cors = Some(Cors { origins: vec!["https://app.example".to_owned()], credentials: true });
    let host = Host::start(options).await.unwrap();
    for (origin, allowed) in [("https://app.example", true), ("https://evil.example", false)] {
        let request =
            Request::options("/api/echo").header("origin", origin).header("access-control-request-method", "PUT");
        let answer = whole(send(host.address(), request, Body::empty()).await).await;
        assert_eq!((answer.status.as_u16(), answer.text().as_str()), (204, ""), "{origin}");
        assert_eq!(answer.headers.contains_key("access-control-allow-origin"), allowed, "{origin}");
        assert_eq!(answer.headers.contains_key("access-control-allow-methods"), allowed, "{origin}");
    }
    let plain = whole(
        send(host.address(), Request::options("/api/echo").header("origin", "https://app.example"), Body::empty())
            .await,
    )
    .await;
    assert_eq!(
        (plain.json()["method"].as_str(), plain.headers["access-control-allow-credentials"].as_bytes()),
        (Some("OPTIONS"), &b"true"[..])
    );
    host.stop().await;
}

#[tokio::test]
async fn bodies_beyond_the_limit_are_refused_with_and_without_a_length() {
    let folder = staged(&proxying(), &all_paths());
    let host = Host::start(options(&folder).with_setting("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", "4")).await.unwrap();
    assert_eq!(post(host.address(), "/api/echo", "1234").await.json()["length"], 4);
    assert_eq!(post(host.address(), "/api/echo", "12345").await.status, 413);
    let chunked = |text: &'static str| Body::from_stream(futures::stream::iter([Ok::<_, std::io::Error>(text)]));
    let request = || Request::post("/api/echo");
    assert_eq!(whole(send(host.address(), request(), chunked("1234")).await).await.json()["length"], 4);
    assert_eq!(whole(send(host.address(), request(), chunked("12345")).await).await.status, 413);
    host.stop().await;
}

#[tokio::test]
async fn a_body_with_a_length_is_read_whole_before_the_handler_is_called() {
    let (host, _folder) = proxied_host().await;
    host.handler().await.unwrap();
    let (sender, receiver) = tokio::sync::mpsc::channel::<Result<&'static str, std::io::Error>>(1);
    let stream =
        futures::stream::unfold(receiver, |mut receiver| async { receiver.recv().await.map(|item| (item, receiver)) });
    let request = Request::post("/api/echo").header("content-length", "2");
    let address = host.address();
    let answer = tokio::spawn(async move { whole(send(address, request, Body::from_stream(stream)).await).await });
    sender.send(Ok("1")).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let is_called = || host.logs().records().iter().any(|record| record.text.starts_with("Executing"));
    assert!(!is_called(), "the body has not come yet");
    sender.send(Ok("2")).await.unwrap();
    assert_eq!(soon(answer).await.unwrap().json()["length"], 2);
    assert!(is_called());
    host.stop().await;
}

#[tokio::test]
async fn the_handler_is_launched_with_its_variables_in_its_folder() {
    let mut host_json = proxying();
    host_json["customHandler"]["description"]["workingDirectory"] = json!("%WORK%/inner");
    let folder = staged(&host_json, &all_paths());
    let inner = folder.path().join("work/inner");
    std::fs::create_dir_all(&inner).unwrap();
    let host = Host::start(options(&folder).with_setting("WORK", "work").with_core_tools(0)).await.unwrap();
    let handler = host.handler().await.unwrap();
    let told = get(host.address(), "/api/environment").await.json();
    let expected: Value = serde_json::from_str(&data("startup-env.json")).unwrap();
    for (name, value) in expected.as_object().unwrap().iter().filter(|(name, _)| !name.starts_with('_')) {
        let value = match value.as_str().unwrap() {
            "<port>" => handler.port.to_string(),
            "<guid>" => handler.worker_id.clone(),
            "<script root>" => folder.path().display().to_string(),
            other => panic!("{other}"),
        };
        assert_eq!(told["variables"][name], value, "{name}");
    }
    assert!(uuid::Uuid::parse_str(&handler.worker_id).is_ok());
    assert_eq!(told["variables"]["AzureFunctionsJobHost__SequentialRestart"], "true");
    assert_eq!(told["folder"], json!(inner.canonicalize().unwrap()));
    host.stop().await;
}

#[tokio::test]
async fn lines_of_the_handler_are_logged_by_stream_and_word() {
    let (host, _folder) = proxied_host().await;
    assert_eq!(get(host.address(), "/api/lines").await.text(), "said");
    for (text, level) in [
        ("an error on stdout", Level::Information),
        ("a plain line on stderr", Level::Error),
        ("a WARNing on stderr", Level::Warning),
    ] {
        let record = host.logs().wait_for(text).await;
        assert_eq!((record.level, record.category.as_str()), (level, "Host.Function.Console"), "{text}");
    }
    host.stop().await;
}

#[tokio::test]
async fn without_functions_no_handler_is_launched() {
    let folder = staged(&proxying(), &[]);
    let host = Host::start(options(&folder)).await.unwrap();
    assert!(matches!(host.worker_state(), WorkerState::Idle));
    assert_eq!(get(host.address(), "/").await.status, 200);
    assert!(host.handler().await.is_err());
    host.stop().await;
}
