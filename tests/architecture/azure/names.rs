//! Names that the templates make and the code looks for, and sizes that must fit together.

use regex::Regex;
use serde_json::Value;

use super::{between, files, known_settings, read, read_json, set, template};

/// The value of `var NAME = …` in main.bicep.
fn variable(name: &str) -> String {
    let text = read("infra/main.bicep");
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("var {name} = ")).map(str::to_owned));
    line.unwrap_or_else(|| panic!("no variable {name}"))
}

fn bindings(function: &str) -> Vec<Value> {
    read_json(&format!("functions/{function}/function.json"))["bindings"].as_array().unwrap().clone()
}

#[test]
fn the_queue_is_the_one_that_the_host_listens_to() {
    let queue = bindings("convert_worker")[0]["queueName"].as_str().unwrap().to_owned();
    assert_eq!(variable("jobQueues"), format!("['{queue}', '{queue}-poison']"));
    assert!(read("src/app/mod.rs").contains(&format!("const CONVERT_QUEUE: &str = \"{queue}\"")));
    assert!(read("infra/queries/poison-messages.kql").contains(&format!("\"{queue}-poison\"")));
}

#[test]
fn the_container_of_session_files_is_the_default_one() {
    assert_eq!(variable("sessionContainer"), format!("'{}'", known_settings()["STORAGE_CONTAINER"]));
}

#[test]
fn the_container_of_the_session_cache_is_the_one_that_is_looked_for() {
    let template = read("infra/modules/cosmos.bicep");
    let adapter = read("src/adapters/cosmos/mod.rs");
    let name = between(&adapter, "const CONTAINER: &str = \"", "\"")[0];
    assert!(template.contains(&format!("var containerName = '{name}'")), "{name}");
    // The partition, and what is asked by, are members of an item.
    let item = read("src/adapters/cosmos/item.rs");
    let members = between(&item, "struct Item {", "\n}")[0];
    let paths: Vec<_> = between(&template, "'/", "'").into_iter().filter(|path| *path != "*").collect();
    assert_eq!(paths.len(), 3, "{paths:?}");
    for path in paths {
        assert!(members.contains(&format!(" {}: ", path.trim_end_matches("/?"))), "an item has no {path}");
    }
}

#[test]
fn the_database_has_the_name_that_is_the_default_in_cosmos() {
    assert_eq!(variable("databaseName"), format!("'{}'", known_settings()["COSMOS_DATABASE"]));
}

#[test]
fn instances_are_kept_ready_for_functions_that_are_there() {
    let pattern = Regex::new(r"(?s)alwaysReady = \[(.*?)\]\n").unwrap();
    let mut looked_at = 0;
    for path in files("infra/environments", ".bicepparam") {
        let text = read(&path);
        let Some(found) = pattern.captures(&text) else { continue };
        for name in between(found.get(1).unwrap().as_str(), "name: '", "'") {
            looked_at += 1;
            let Some(function) = name.strip_prefix("function:") else {
                assert_eq!(name, "http", "{path}: functions of queues and timers are groups of their own");
                continue;
            };
            let is_http = bindings(function).iter().any(|binding| binding["type"] == "httpTrigger");
            assert!(!is_http, "{path}: {function} is one of the group http");
        }
    }
    assert!(looked_at > 0);
}

/// User connections of a server of each size, by <https://learn.microsoft.com/azure/postgresql/configure-maintain/concepts-limits>; in front
/// of the greater ones PgBouncer takes 5,000 clients.
fn connections_of(tier: &str, sku: &str) -> u64 {
    match (tier, sku) {
        ("Burstable", "Standard_B1ms") => 35,
        ("Burstable", "Standard_B2s") => 414,
        ("Burstable", "Standard_B2ms") => 844,
        ("GeneralPurpose" | "MemoryOptimized", _) => 5_000,
        _ => panic!("how many connections has {sku}?"),
    }
}

#[test]
fn all_instances_together_take_no_more_connections_than_the_database_has() {
    for path in files("infra/environments", ".bicepparam") {
        let text = read(&path);
        let number = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(&format!("param {name} = ")));
            line.unwrap_or_else(|| panic!("{path}: no {name}")).parse::<u64>().unwrap()
        };
        let postgres = template::entries(&text, "param postgres");
        let of = |name: &str| postgres.iter().find(|(key, _)| key == name).unwrap().1.trim_matches('\'').to_owned();
        let wanted = number("maximumInstances") * number("databaseConnections");
        let there = connections_of(&of("tier"), &of("sku"));
        assert!(wanted <= there, "{path}: {wanted} connections of {there}");
    }
}

#[test]
fn hooks_and_pipelines_go_on_with_outputs_that_are_there() {
    let main = read("infra/main.bicep");
    let outputs = set(main.lines().filter_map(|line| line.strip_prefix("output ")?.split(' ').next()));
    let named = r"\b(?:AZURE_FUNCTION_NAME|SERVICE_API_[A-Z]+|RET_(?:DATABASE|IDENTITY|KEY_VAULT)_[A-Z_]+)\b";
    let named = Regex::new(named).unwrap();
    for path in
        [".azdo/deploy.yml", ".github/workflows/deploy-to.yml", "scripts/azure/database", "scripts/azure/azd-hook"]
    {
        let text = read(path);
        assert!(named.is_match(&text), "{path}");
        for name in named.find_iter(&text).map(|found| found.as_str()) {
            assert!(outputs.contains(name), "{path}: there is no output {name}");
        }
    }
}

/// A job has the variables of its environment only once it has found a runner.
#[test]
fn runners_are_not_named_by_variables_of_an_environment() {
    let text = read(".github/workflows/deploy-to.yml");
    let runners: Vec<_> = text.lines().filter_map(|line| line.trim().strip_prefix("runs-on: ")).collect();
    assert_eq!(runners, ["ubuntu-24.04", "${{ inputs.runner }}"]);
    let caller = read(".github/workflows/deploy.yml");
    for runner in ["STAGING_RUNNER", "PRODUCTION_RUNNER"] {
        assert!(caller.contains(&format!("runner: ${{{{ vars.{runner} }}}}")), "{runner}");
        assert!(read("docs/deploy.md").contains(&format!("`{runner}`")), "docs/deploy.md does not tell of {runner}");
    }
}

/// In the shell that is taken where none is named, a pipe fails by its last program only.
#[test]
fn a_deployment_that_fails_fails_its_step() {
    let text = read(".github/workflows/deploy-to.yml");
    let piped: Vec<_> =
        text.split("\n      - ").filter(|step| step.contains("run: ") && step.contains(" | tee")).collect();
    assert!(!piped.is_empty());
    for step in piped {
        assert!(step.contains("\n        shell: bash\n"), "{step}");
    }
}

#[test]
fn azd_deploys_the_service_that_the_app_is_marked_with() {
    let service = variable("serviceName");
    let service = service.trim_matches('\'');
    assert!(read("azure.yaml").contains(&format!("\nservices:\n  {service}:\n")), "{service}");
}
