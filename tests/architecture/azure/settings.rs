//! The settings of the app: each is known, those that must be set are, and together they can be used.

use std::collections::BTreeMap;

use ret::config::{Environment, ServerLogin, SessionStore, Settings, StorageAccount};

use super::{
    files, known_settings, read,
    template::{self, Parts},
};

/// The host's own: the service does not read these.
const OF_THE_HOST: [&str; 5] = [
    "APPLICATIONINSIGHTS_CONNECTION_STRING",
    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
    "AzureWebJobsStorage__credential",
    "AzureWebJobsStorage__blobServiceUri",
    "AzureWebJobsStorage__tableServiceUri",
];

/// Settings of the host's account that the service reads besides, to announce jobs where the host listens.
const READ_BY_BOTH: [&str; 2] = ["AzureWebJobsStorage__queueServiceUri", "AzureWebJobsStorage__clientId"];

/// What Flex Consumption refuses, or takes from elsewhere.
const REFUSED_BY_THE_PLAN: [&str; 9] = [
    "ENABLE_ORYX_BUILD",
    "FUNCTIONS_EXTENSION_VERSION",
    "FUNCTIONS_MAX_HTTP_CONCURRENCY",
    "FUNCTIONS_WORKER_RUNTIME",
    "SCM_DO_BUILD_DURING_DEPLOYMENT",
    "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING",
    "WEBSITE_CONTENTSHARE",
    "WEBSITE_RUN_FROM_PACKAGE",
    "WEBSITE_VNET_ROUTE_ALL",
];

/// Secrets that have no place in a template: there is an identity in their stead, or they are not used there.
const SECRETS: [&str; 8] = [
    "AZURE_OPENAI_API_KEY",
    "AzureWebJobsStorage",
    "COSMOS_KEY",
    "OPENAI_API_KEY",
    "OTEL_EXPORTER_OTLP_HEADERS",
    "RET_ADMIN_PASSWORD",
    "RET_METRICS_KEY",
    "STORAGE_CONNECTION_STRING",
];

/// Reads them after the platform: it puts secrets in the place of references, and gives the handler its port and an identity.
fn read_settings(mut values: BTreeMap<String, String>) -> Settings {
    values.insert("JWT_SECRET_KEY".into(), "k".repeat(64));
    values.insert("FUNCTIONS_CUSTOMHANDLER_PORT".into(), "40000".into());
    values.insert("IDENTITY_ENDPOINT".into(), "http://127.0.0.1:41000/msi/token".into());
    Settings::from_values(values).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

#[test]
fn every_setting_of_the_app_is_known() {
    let known = known_settings();
    for name in template::settings(Parts::All, &[]).keys().map(String::as_str) {
        let is_known = known.contains_key(name) || OF_THE_HOST.contains(&name) || READ_BY_BOTH.contains(&name);
        assert!(is_known, "nobody knows {name}");
        assert!(!REFUSED_BY_THE_PLAN.contains(&name), "{name} is not for this plan");
        assert!(!SECRETS.contains(&name), "{name} is a secret");
    }
    let storage = read("src/config/storage.rs");
    for name in READ_BY_BOTH {
        assert!(storage.contains(&format!("\"{name}\"")), "the service does not read {name} any more");
    }
}

#[test]
fn further_settings_are_known() {
    let known = known_settings();
    let mut looked_at = 0;
    for path in files("infra/environments", ".bicepparam").into_iter().chain(["infra/main.bicep".to_owned()]) {
        let text = read(&path);
        let block = if path.ends_with(".bicep") { "var diskSettings" } else { "param furtherSettings" };
        if !text.contains(&format!("{block} = ")) {
            continue;
        }
        for (name, _) in template::entries(&text, block) {
            assert!(known.contains_key(&name), "{path}: nobody knows {name}");
            looked_at += 1;
        }
    }
    assert!(looked_at > 0);
}

/// What an instance keeps and takes in at once has room on its disk, which is 0.8 GB. Archives within archives may not have; what of them does not is
/// refused.
#[test]
fn limits_fit_the_disk_of_an_instance() {
    let given = template::settings(Parts::Needed, &[]);
    let bytes = ["RET_MAX_KEPT_BYTES", "RET_MAX_UPLOAD_BYTES"].map(|name| given[name].parse::<u64>().unwrap());
    assert!(bytes.iter().sum::<u64>() <= 500_000_000, "{bytes:?}");
}

/// Otherwise who sets one further setting would take the limits of the disk away.
#[test]
fn further_settings_are_beside_those_of_the_template() {
    assert!(read("infra/main.bicep").contains("\nparam furtherSettings object = {}\n"));
}

/// What a deployment tells by the environment is heard by azd and by the files of the environments.
#[test]
fn both_ways_to_deploy_read_the_same_of_their_environment() {
    let azd = read("infra/main.parameters.json");
    for path in files("infra/environments", ".bicepparam") {
        let text = read(&path);
        for (name, default) in [
            ("RET_REDIS_KIND", "managed"),
            ("RET_CLIENT_IP_HEADER", "Client-IP"),
            ("RET_ALERT_EMAIL", ""),
            ("RET_SIGNING_KEY", ""),
        ] {
            assert!(text.contains(&format!("readEnvironmentVariable('{name}', '{default}')")), "{path}: no {name}");
            assert!(azd.contains(&format!("\"${{{name}={default}}}\"")), "azd: no {name}");
        }
        for name in ["RET_PRINCIPAL_ID", "RET_PRINCIPAL_NAME"] {
            assert!(text.contains(&format!("readEnvironmentVariable('{name}')")), "{path}: no {name}");
            assert!(azd.contains(&format!("\"${{{name}}}\"")), "azd: no {name}");
        }
        assert!(text.contains("readEnvironmentVariable('RET_PRINCIPAL_TYPE', '"), "{path}: no RET_PRINCIPAL_TYPE");
    }
}

#[test]
fn the_settings_of_the_app_can_be_used() {
    let settings = read_settings(template::settings(Parts::All, &[]));
    assert_eq!(settings.environment, Environment::Production);
    assert_eq!(settings.database_server.unwrap().login, ServerLogin::Identity);
    assert_eq!(settings.redis_server.unwrap().login, ServerLogin::Identity);
    assert_eq!(settings.client_id.as_deref(), Some(template::CLIENT_ID));
    assert!(settings.has_managed_identity && settings.models.is_some() && settings.client_ip_header.is_some());
    let SessionStore::Cosmos(cosmos) = settings.session_store else { panic!("the session cache is not in Cosmos DB") };
    assert_eq!(cosmos.key, None);
    for (account, expected) in [
        (settings.job_queue, "https://sthosttest.queue.core.windows.net/"),
        (settings.file_storage, "https://stdatatest.blob.core.windows.net/"),
    ] {
        let Some(StorageAccount::Identity { endpoint, client_id, .. }) = account else { panic!("{account:?}") };
        assert_eq!((endpoint.as_str(), client_id.as_deref()), (expected, Some(template::CLIENT_ID)));
    }
}

#[test]
fn they_can_be_used_without_the_parts_that_may_be_left_out() {
    let settings = read_settings(template::settings(Parts::Needed, &[]));
    assert_eq!((settings.redis_server, settings.models), (None, None));
    assert_eq!(settings.session_store, SessionStore::Postgres);
}

#[test]
fn every_setting_that_must_be_set_is() {
    let given = template::settings(Parts::Needed, &[]);
    let needed =
        ["ENV", "JWT_SECRET_KEY", "DATABASE_URL", "STORAGE_BLOB_ENDPOINT", "RET_RUNTIME_ROOT", "CLIENT_IP_HEADER"];
    for name in needed {
        assert!(given.get(name).is_some_and(|value| !value.is_empty()), "{name}");
    }
    assert!(given["JWT_SECRET_KEY"].starts_with("@Microsoft.KeyVault("), "the key stands in the settings");
}
