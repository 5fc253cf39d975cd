//! Reads what the app is given out of the templates, with values for what is known only when they are deployed.

use std::collections::BTreeMap;

use regex::Regex;

use super::read;

/// What a deployment would put in the place of expressions.
pub const IDENTITY_NAME: &str = "id-ret-test";
pub const CLIENT_ID: &str = "7d3f1c9e-0000-4000-8000-00000000c11e";
pub const PRINCIPAL_ID: &str = "7d3f1c9e-0000-4000-8000-0000000b1ec7";

/// Whether the parts that may be left out are deployed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Parts {
    All,
    Needed,
}

/// The lines `NAME: value` of a block `NAME = {` or `NAME: {` in a template.
pub fn entries(template: &str, block: &str) -> Vec<(String, String)> {
    let start = Regex::new(&format!(r"(?m)^( *)(?:var )?{}(?: =|:) \{{\n", regex::escape(block))).unwrap();
    let found = start.captures(template).unwrap_or_else(|| panic!("no {block}"));
    let indent = found[1].len() + 2;
    let entry = Regex::new(&format!(r"^ {{{indent}}}'?([\w-]+)'?: (.+)$")).unwrap();
    let lines = template[found.get(0).unwrap().end()..].lines();
    let within = lines.take_while(|line| line.trim().is_empty() || line.starts_with(&" ".repeat(indent)));
    let read = |line| entry.captures(line).map(|found| (found[1].to_owned(), found[2].to_owned()));
    within.filter_map(read).collect()
}

/// The settings of the app as the templates make them. Of what a deployment tells, some may be told otherwise.
pub fn settings(parts: Parts, told: &[(&str, &str)]) -> BTreeMap<String, String> {
    let template = read("infra/modules/function-app.bicep");
    let mut values = values(parts);
    values.extend(told.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    values.insert("database.url".into(), evaluate(&given_to_the_app("url"), &values));
    let redis = given_to_the_app("redisUrl");
    let redis = evaluate(redis.split_once(" ? '' : ").expect("redisUrl is a choice").1, &values);
    values.insert("redisUrl".into(), if parts == Parts::All { redis } else { String::new() });
    let all = entries(&template, "hostSettings").into_iter().chain(entries(&template, "handlerSettings"));
    // With none besides, which is the default of what a deployment may add.
    assert_eq!(given_to_the_app("furtherSettings"), "union(diskSettings, furtherSettings)");
    let further = entries(&read("infra/main.bicep"), "diskSettings");
    all.chain(further).map(|(name, value)| (name, evaluate(&value, &values))).collect()
}

/// The expression that `main.bicep` gives a parameter of the app.
fn given_to_the_app(parameter: &str) -> String {
    let text = read("infra/main.bicep");
    let app = text.split("module app ").nth(1).unwrap();
    let line = app.lines().find_map(|line| line.trim().strip_prefix(&format!("{parameter}: ")));
    line.unwrap_or_else(|| panic!("the app is given no {parameter}")).to_owned()
}

fn values(parts: Parts) -> BTreeMap<String, String> {
    let certain = [
        ("identity.clientId", CLIENT_ID),
        ("identity.outputs.name", IDENTITY_NAME),
        ("identity.outputs.principalId", PRINCIPAL_ID),
        ("clientIpHeader", "Client-IP"),
        ("signingKeyUri", "https://kv-ret-test.vault.azure.net/secrets/signing-key"),
        ("applicationInsights", "InstrumentationKey=00000000-0000-0000-0000-000000000000"),
        ("hostStorage.blobEndpoint", "https://sthosttest.blob.core.windows.net/"),
        ("hostStorage.queueEndpoint", "https://sthosttest.queue.core.windows.net/"),
        ("hostStorage.tableEndpoint", "https://sthosttest.table.core.windows.net/"),
        ("sessionFiles.blobEndpoint", "https://stdatatest.blob.core.windows.net/"),
        ("sessionFiles.container", "sessions"),
        ("database.outputs.host", "psql-ret-test.postgres.database.azure.com"),
        ("database.outputs.port", "6432"),
        ("database.outputs.databaseName", "ret"),
        ("database.connections", "4"),
        ("redis.server", "redis-ret-test.westeurope.redis.azure.net:10000"),
        ("sessionCache.store", if parts == Parts::All { "cosmos" } else { "postgres" }),
    ];
    let optional = [
        ("allowedOrigins", "https://app.example.org"),
        ("sessionCache.cosmosEndpoint", "https://cosmos-ret-test.documents.azure.com:443/"),
        ("sessionCache.cosmosDatabase", "ret"),
        ("models.endpoint", "https://oai-ret-test.openai.azure.com/"),
        ("models.chat", "gpt-4.1-mini"),
        ("models.embedding", "text-embedding-3-small"),
    ];
    let optional = optional.map(|(name, value)| (name, if parts == Parts::All { value } else { "" }));
    certain.into_iter().chain(optional).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The value of an expression as the settings have them: a text, with expressions in it or without, a name, and the few functions used.
fn evaluate(expression: &str, values: &BTreeMap<String, String>) -> String {
    let named = |name: &str| values.get(name).unwrap_or_else(|| panic!("no value for {name}: give it one")).clone();
    if let Some(text) = expression.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''))
        && !text.contains('\'')
    {
        let within = Regex::new(r"\$\{([^}]+)\}").unwrap();
        return within.replace_all(text, |found: &regex::Captures<'_>| named(&found[1])).into_owned();
    }
    match expression {
        "empty(redisUrl) ? 'false' : 'true'" => (!named("redisUrl").is_empty()).to_string(),
        "join(allowedOrigins, ',')" => named("allowedOrigins"),
        "string(database.connections)" => named("database.connections"),
        name => named(name),
    }
}

#[test]
fn entries_are_read_at_their_own_depth_only() {
    let template =
        "var a = {\n  // why\n  ONE: 'x'\n  two: { x: 1 }\n  three: [\n    four: 3\n  ]\n}\nvar b = {\n  FOUR: y\n}\n";
    let names: Vec<_> = entries(template, "a").into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["ONE", "two", "three"]);
    assert_eq!(entries(template, "b"), [("FOUR".to_owned(), "y".to_owned())]);
}
