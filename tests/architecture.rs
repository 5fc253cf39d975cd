//! The rules between the parts, read off the `use` lines and paths of the source; and the agreement of manifests, contract and code.

pub mod azure;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use ret::{functions, runtime};

use crate::harness::TestApp;

const MODULES: [&str; 11] = [
    "adapters",
    "app",
    "config",
    "conversion",
    "domain",
    "functions",
    "http",
    "ports",
    "runtime",
    "services",
    "telemetry",
];

/// What each module may name of ours.
fn allowed(module: &str) -> Option<&'static [&'static str]> {
    Some(match module {
        "functions" => &["functions", "http", "services", "runtime", "domain"],
        "http" => &["http", "services", "domain"],
        "services" => &["services", "ports", "domain", "conversion"],
        "adapters" => &["adapters", "ports", "domain"],
        "ports" => &["ports", "domain"],
        "domain" => &["domain"],
        "conversion" => &["conversion"],
        "runtime" => &["runtime"],
        "config" => &["config", "services", "domain"],
        "telemetry" => &["telemetry", "config", "domain"],
        // The composition root and the command line above it may name everything.
        "app" | "main" | "lib" | "commands" => return None,
        other => panic!("no rule for the module {other}: add one to DESIGN and here"),
    })
}

/// Words that a module must not contain outside its tests: machinery it is to be free of.
fn forbidden_words(module: &str) -> &'static [&'static str] {
    match module {
        "domain" | "conversion" => {
            &["tokio", "axum", "sqlx", "redis", "tracing", "std::fs", "std::net", "std::env", "std::time::SystemTime"]
        }
        "ports" => &["axum", "sqlx", "redis", "rusqlite"],
        "services" => &["axum", "sqlx", "redis", "rusqlite", "hyper"],
        "http" | "functions" => &["sqlx", "redis", "rusqlite"],
        _ => &[],
    }
}

fn source_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            source_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every source file with the module it belongs to and its code without comments.
fn sources() -> Vec<(PathBuf, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    source_files(&root, &mut files);
    let describe = |path: PathBuf| {
        let relative = path.strip_prefix(&root).unwrap().to_owned();
        let first = relative.components().next().unwrap().as_os_str().to_str().unwrap();
        let module = first.strip_suffix(".rs").unwrap_or(first).to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let is_code = |line: &&str| !line.trim_start().starts_with("//");
        let code = text.lines().filter(is_code).collect::<Vec<_>>().join("\n");
        (relative, module, code)
    };
    files.into_iter().map(describe).collect()
}

/// The modules of ours that a piece of code names as `crate::…` (also inside a `use crate::{…}` group).
fn named_modules(code: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0usize;
            let mut word = String::new();
            for character in group.chars() {
                match character {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    c if depth == 0 && (c.is_alphanumeric() || c == '_') => word.push(c),
                    _ if depth == 0 => {
                        named.insert(std::mem::take(&mut word));
                    }
                    _ => {}
                }
            }
            named.insert(word);
        } else {
            named.insert(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    named.into_iter().filter(|name| MODULES.contains(&name.as_str())).collect()
}

#[test]
fn modules_name_only_what_they_may() {
    let mut broken = Vec::new();
    for (path, module, code) in sources() {
        let Some(allowed) = allowed(&module) else { continue };
        for named in named_modules(&code) {
            if !allowed.contains(&named.as_str()) {
                broken.push(format!("{}: {module} must not name {named}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn the_reader_of_use_lines_sees_groups_and_paths() {
    let code = "use crate::{domain::{a, b}, ports::X};\nlet y = crate::adapters::z();\nuse crate::http;";
    let named: Vec<_> = named_modules(code).into_iter().collect();
    assert_eq!(named, ["adapters", "domain", "http", "ports"]);
}

#[test]
fn modules_are_free_of_machinery() {
    let mut broken = Vec::new();
    for (path, module, code) in sources() {
        let is_test = path.components().any(|part| part.as_os_str() == "tests") || path.ends_with("tests.rs");
        let production = code.split("#[cfg(test)]\nmod tests").next().unwrap();
        for word in forbidden_words(&module) {
            let named = production.match_indices(word).any(|(at, _)| {
                let before = production[..at].chars().next_back();
                let after = &production[at + word.len()..];
                !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
                    && (word.contains("::") || after.starts_with("::"))
            });
            if named && !is_test {
                broken.push(format!("{}: {module} must not use {word}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn one_adapter_never_names_another() {
    for (path, module, code) in sources() {
        if module != "adapters" {
            continue;
        }
        assert!(!code.contains("crate::adapters::"), "{} names an adapter", path.display());
    }
}

#[test]
fn only_the_composition_root_and_the_command_line_name_adapters() {
    for (path, module, code) in sources() {
        if matches!(module.as_str(), "app" | "commands" | "main" | "adapters" | "lib") {
            continue;
        }
        assert!(!named_modules(&code).contains("adapters"), "{} names adapters", path.display());
    }
}

#[test]
fn only_the_configuration_reads_the_environment() {
    for (path, module, code) in sources() {
        assert!(module == "config" || !code.contains("env::var"), "{} reads the environment", path.display());
    }
}

#[test]
fn the_runtime_knows_nothing_of_the_product() {
    for (path, module, code) in sources() {
        if module == "runtime" {
            let foreign: Vec<_> = named_modules(&code).into_iter().filter(|name| name != "runtime").collect();
            assert!(foreign.is_empty(), "{} names {foreign:?}", path.display());
        }
    }
}

/// Name and text of every `functions/<name>/function.json`.
fn manifests() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("functions");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        found.push((name, std::fs::read_to_string(folder.join("function.json")).unwrap()));
    }
    found.sort();
    found
}

#[tokio::test]
async fn every_manifest_agrees_with_the_code() {
    let app = TestApp::start().await;
    let registered = app.app.functions();
    let folders = manifests();
    let pairs = folders.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let drifts = runtime::check_manifests(&registered, pairs);
    assert!(drifts.is_empty(), "{drifts:#?}");
}

#[test]
fn every_function_has_its_folder_and_its_module() {
    let folders: BTreeSet<_> = manifests().into_iter().map(|(name, _)| name).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/functions");
    let modules: BTreeSet<_> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_str().unwrap().trim_end_matches(".rs").to_owned())
        .filter(|name| name != "mod")
        .collect();
    assert_eq!(folders, modules);
}

#[test]
fn every_problem_code_is_documented() {
    let documented = documented_codes();
    let mut known: BTreeSet<String> = ret::http::ProblemCode::ALL.iter().map(|code| code.as_str().to_owned()).collect();
    for source in ["src/conversion/error.rs", "src/services/intake/reject.rs"] {
        known.extend(codes_in(source));
    }
    assert_eq!(documented, known, "the headings of docs/problems.md are not the codes of the source");
}

/// The codes that a source file gives its variants: `Self::X => "code"`.
fn codes_in(source: &str) -> Vec<String> {
    let text = read(source);
    let code =
        |line: &str| line.trim().strip_prefix("Self::")?.split_once("=> \"")?.1.split('"').next().map(str::to_owned);
    let codes: Vec<_> = text.lines().filter_map(code).collect();
    assert!(codes.len() > 10, "{source} has another form than this test reads");
    codes
}

#[test]
fn every_setting_is_in_the_example_and_nothing_else() {
    let texts =
        ["mod", "models", "otlp", "reader", "storage", "stores"].map(|file| read(&format!("src/config/{file}.rs")));
    let production = texts.each_ref().map(|text| text.split("#[cfg(test)]").next().unwrap()).join("");
    let is_key = |word: &&str| word.len() > 2 && word.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    let mut read_keys: BTreeSet<&str> = production.split('"').filter(is_key).collect();
    // Set by the host or the platform for the process, never by a person.
    for platforms_own in ["FUNCTIONS_CUSTOMHANDLER_PORT", "IDENTITY_ENDPOINT"] {
        assert!(read_keys.remove(platforms_own), "{platforms_own}");
    }
    // The default of APP_NAME, not a key.
    assert!(read_keys.remove("RET"));
    let example: serde_json::Value = serde_json::from_str(&read("local.settings.json.example")).unwrap();
    let mut listed: BTreeSet<&str> = example["Values"].as_object().unwrap().keys().map(String::as_str).collect();
    for hosts_own in ["FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsStorage"] {
        assert!(listed.remove(hosts_own), "{hosts_own}");
    }
    assert_eq!(listed, read_keys);
    for key in listed {
        assert!(example["_about"][key].is_string(), "{key} is not explained");
    }
}

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

#[test]
fn every_operation_of_the_contract_is_served_by_a_described_path() {
    let document = functions::openapi("RET");
    assert!(document.paths.paths.len() > 25);
    for path in document.paths.paths.keys() {
        assert!(path.starts_with("/api/"), "{path}");
    }
}

#[test]
fn every_operation_of_the_contract_has_a_name_of_its_own() {
    let document = serde_json::to_value(functions::openapi("RET")).unwrap();
    let operations =
        document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values());
    let names: Vec<&str> = operations.map(|operation| operation["operationId"].as_str().unwrap()).collect();
    let distinct: BTreeSet<&str> = names.iter().copied().collect();
    assert_eq!(distinct.len(), names.len(), "{names:?}");
    assert!(distinct.contains("auth_login"), "{distinct:?}");
}

fn documented_codes() -> BTreeSet<String> {
    let text = read("docs/problems.md");
    let heading = |line: &str| line.strip_prefix("### `")?.strip_suffix('`').map(str::to_owned);
    text.lines().filter_map(heading).collect()
}
