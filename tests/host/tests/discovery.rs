//! Which functions of a folder are served.

use std::path::Path;

use serde_json::{Value, json};

use super::support::{http_function, queue_function, staged, timer_function};
use crate::host::{
    HostOptions,
    discovery::{Discovery, discover},
    environment::Environment,
    function::{AuthLevel, Trigger},
    settings::{HostSettings, HttpMode, MessageEncoding},
};

fn host_json() -> Value {
    json!({ "version": "2.0", "customHandler": { "description": { "defaultExecutablePath": "handler" } } })
}

fn found(root: &Path, settings: &[(&str, &str)]) -> Discovery {
    let options =
        settings.iter().fold(HostOptions::new(root), |options, (key, value)| options.with_setting(key, *value));
    let environment = Environment::of(&options).unwrap();
    discover(root, &HostSettings::read(root, &environment).unwrap(), &environment).unwrap()
}

fn names(discovery: &Discovery) -> Vec<&str> {
    discovery.functions.iter().map(|function| function.name.as_str()).collect()
}

#[test]
fn direct_folders_are_found_in_the_order_of_upper_case_names() {
    let get = || http_function("{*rest}", json!(["get"]));
    let functions = [
        ("convert_worker", queue_function()),
        ("Convert", http_function("c", json!([]))),
        ("convertb", get()),
        ("a", timer_function("0 * * * * *", false)),
    ];
    let folder = staged(&host_json(), &functions);
    std::fs::create_dir_all(folder.path().join("deep/inner")).unwrap();
    std::fs::write(folder.path().join("deep/inner/function.json"), get().to_string()).unwrap();
    let discovery = found(folder.path(), &[]);
    assert_eq!(names(&discovery), ["a", "Convert", "convertb", "convert_worker"]);
    assert_eq!(discovery.refused, []);
    let groups: Vec<_> = discovery.functions.iter().map(|function| function.group()).collect();
    assert_eq!(groups, ["function:a", "http", "http", "function:convert_worker"]);
}

#[test]
fn wrong_functions_are_refused_and_others_served() {
    let with = |change: fn(&mut Value)| {
        let mut manifest = http_function("x", json!(["get"]));
        change(&mut manifest["bindings"]);
        manifest
    };
    let functions = [
        ("1st", http_function("first", json!([]))),
        ("host", http_function("second", json!([]))),
        ("adm", http_function("Administrators", json!([]))),
        ("run", http_function("/runtime/x", json!([]))),
        ("admin", json!({ "bindings": [{ "name": "req", "type": "httpTrigger" }] })),
        ("blob", json!({ "bindings": [{ "name": "b", "type": "blobTrigger" }] })),
        ("none", json!({ "bindings": [{ "name": "res", "type": "http", "direction": "out" }] })),
        (
            "two",
            json!({ "bindings": [{ "name": "a", "type": "httpTrigger" }, { "name": "b", "type": "httpTrigger" }] }),
        ),
        ("name", with(|bindings| bindings[0]["name"] = json!("r-q"))),
        ("twice", with(|bindings| bindings[1]["name"] = json!("REQ"))),
        ("when", timer_function("at noon", false)),
        ("same1", http_function("same/{x}", json!(["get", "put"]))),
        ("same2", http_function("SAME/{x}", json!(["post", "PUT"]))),
        ("same3", http_function("same/{x}", json!(["delete"]))),
        ("regex_admin", http_function("{root:regex(^admin$)}/{*rest}", json!(["get"]))),
    ];
    let folder = staged(&host_json(), &functions);
    std::fs::create_dir(folder.path().join("broken")).unwrap();
    std::fs::write(folder.path().join("broken/function.json"), "{").unwrap();
    std::fs::create_dir(folder.path().join("static")).unwrap();
    let discovery = found(folder.path(), &[]);
    assert_eq!(names(&discovery), ["regex_admin", "same1", "same3"]);
    let refused: Vec<_> = discovery.refused.iter().map(|refusal| refusal.name.as_str()).collect();
    let expected =
        ["1st", "adm", "admin", "blob", "broken", "host", "name", "none", "run", "same2", "twice", "two", "when"];
    assert_eq!(refused, expected);
}

#[test]
fn functions_are_chosen_by_an_allow_list_and_disabled_by_settings() {
    let functions =
        [("a", http_function("a", json!([]))), ("b", http_function("b", json!([]))), ("c", queue_function())];
    let mut host_json = host_json();
    host_json["functions"] = json!(["A", "b"]);
    let folder = staged(&host_json, &functions);
    assert_eq!(names(&found(folder.path(), &[])), ["a", "b"]);
    assert_eq!(names(&found(folder.path(), &[("AzureFunctionsJobHost__functions__0", "c")])), ["b", "c"]);
    assert_eq!(names(&found(folder.path(), &[("AzureWebJobs.a.Disabled", "1")])), ["b"]);
}

#[test]
fn manifests_have_the_platforms_defaults() {
    let manifest = json!({ "bindings": [{ "Name": "req", "Type": "httpTrigger" }, { "name": "$return", "type": "http", "direction": "out" }] });
    let timer = json!({ "bindings": [{ "name": "t", "type": "timerTrigger", "schedule": "%WHEN%" }] });
    let folder = staged(&host_json(), &[("act", manifest), ("tick", timer)]);
    let discovery = found(folder.path(), &[("WHEN", "0 0 * * * *")]);
    let act = &discovery.functions[0];
    let Trigger::Http(http) = &act.trigger else { panic!("{act:?}") };
    assert_eq!((http.route.as_str(), &http.methods, http.auth_level), ("act", &None, AuthLevel::Function));
    assert_eq!((act.http_output.as_deref(), act.is_http_in_and_out), (Some("$return"), true));
    let Trigger::Timer(timer) = &discovery.functions[1].trigger else { panic!("no timer") };
    assert!(timer.use_monitor && !timer.run_on_startup);
}

#[test]
fn settings_have_the_platforms_defaults_and_give_way_to_the_environment() {
    let text = host_json().to_string();
    let settings = HostSettings::parse(&text, &Environment::of_pairs(&[])).unwrap();
    assert_eq!((settings.route_prefix.as_str(), settings.body_limit), ("api", 104_857_600));
    assert_eq!(settings.function_timeout.unwrap().as_secs(), 1800);
    let queues = &settings.queues;
    assert_eq!((queues.batch_size, queues.new_batch_threshold, queues.max_dequeue_count), (16, 8, 5));
    assert_eq!((queues.encoding, queues.visibility_timeout.as_secs()), (MessageEncoding::Base64, 0));
    let handler = &settings.handler;
    assert_eq!((handler.http, handler.port, handler.initialization_timeout.as_secs()), (HttpMode::Invoke, None, 30));
    assert!(handler.errors_only && !settings.sequential_restart);

    let pairs = [
        ("AzureFunctionsJobHost__functionTimeout", "-1"),
        ("AzureFunctionsJobHost__extensions__http__routePrefix", ""),
        ("AzureFunctionsJobHost__extensions__queues__messageEncoding", "none"),
        ("azurefunctionsjobhost__customHandler__enableProxyingHttpRequest", "True"),
        ("AzureFunctionsJobHost__customHandler__description__arguments", r#"["--a", "%B%"]"#),
        ("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", "5"),
        ("B", "c"),
    ];
    let settings = HostSettings::parse(&text, &Environment::of_pairs(&pairs)).unwrap();
    assert_eq!((settings.route_prefix.as_str(), settings.body_limit, settings.function_timeout), ("", 5, None));
    assert_eq!((settings.queues.encoding, settings.handler.http), (MessageEncoding::None, HttpMode::Proxy));
    assert_eq!(settings.handler.arguments, ["--a", "c"]);
}

#[test]
fn wrong_settings_are_errors() {
    let none = Environment::of_pairs(&[]);
    for text in ["{", r#"{"version":"1"}"#, r#"{"version":"2.0"}"#] {
        assert!(HostSettings::parse(text, &none).is_err(), "{text}");
    }
    let wrong = [
        ("functionTimeout", "00:00:00.5"),
        ("functionTimeout", "soon"),
        ("extensions__queues__batchSize", "33"),
        ("extensions__queues__messageEncoding", "utf8"),
        ("customHandler__port", "x"),
        ("customHandler__enableProxyingHttpRequest", "yes"),
    ];
    for (key, value) in wrong {
        let name = format!("AzureFunctionsJobHost__{key}");
        let environment = Environment::of_pairs(&[(&name, value)]);
        assert!(HostSettings::parse(&host_json().to_string(), &environment).is_err(), "{key}={value}");
    }
}
