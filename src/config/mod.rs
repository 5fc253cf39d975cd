//! The only reader of the environment. Every setting has a default; a wrong value is an error that names its key and what it takes.
//! `local.settings.json.example` lists them all.

mod models;
mod otlp;
mod reader;
mod storage;
mod stores;
mod unknown;

use std::{
    collections::BTreeMap,
    fmt,
    num::{NonZeroU32, NonZeroUsize},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use crate::services::Policy;
pub use models::{ModelServer, ModelSettings};
pub use otlp::OtlpSettings;
use reader::Reader;
pub use storage::StorageAccount;
pub use stores::{CosmosAccount, ServerAccount, ServerLogin, SessionStore};
pub use unknown::UnknownSetting;
use unknown::unknown_settings;

/// What the service calls itself unless `APP_NAME` says otherwise.
pub const APP_NAME: &str = "RET";

/// Set by the Functions host for its handler.
const HANDLER_PORT: &str = "FUNCTIONS_CUSTOMHANDLER_PORT";

/// What leads to the database.
const OF_DATABASE: [&str; 7] = [
    "AZURE_CLIENT_ID",
    "DATABASE_MAX_CONNECTIONS",
    "DATABASE_URL",
    "IDENTITY_ENDPOINT",
    "RET_DB",
    "RET_RUNTIME_ROOT",
    "RET_SERVER_IDENTITY",
];

/// The kind of deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// Generated secrets and plain http on loopback are fine.
    Development,
    /// They are not.
    Production,
}

/// A secret: shown as dots wherever it is printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The secret itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("••••")
    }
}

/// All settings.
#[derive(Clone)]
pub struct Settings {
    /// `APP_NAME`: shown in the contract's title.
    pub app_name: String,
    /// `ENV`.
    pub environment: Environment,
    /// `LOG_LEVEL` (or `debug` when `DEBUG` is true): a tracing filter.
    pub log_filter: String,
    /// `RET_HTTP_HOST` and `RET_HTTP_PORT`: where to listen when alone.
    pub http_host: String,
    /// See `http_host`.
    pub http_port: u16,
    /// `FUNCTIONS_CUSTOMHANDLER_PORT`: set by the Functions host; then this is its handler.
    pub handler_port: Option<u16>,
    /// `RET_RUNTIME_ROOT`.
    pub runtime_root: PathBuf,
    /// `RET_DB`.
    pub database: PathBuf,
    /// `RET_SESSION_DB`.
    pub session_database: PathBuf,
    /// `SESSION_CACHE_MAX_SIZE`.
    pub session_cache_max_size: NonZeroUsize,
    /// `SESSION_CACHE_COMPRESS_BYTES`: larger values are compressed where instances share the cache.
    pub session_cache_compress_above: usize,
    /// `JWT_SECRET_KEY`; generated and kept in the runtime root if not given.
    pub token_key: Option<Secret>,
    /// `RET_ADMIN_PASSWORD`: for the first start.
    pub admin_password: Option<Secret>,
    /// `CLIENT_IP_HEADER`: the one header that is trusted to name the client.
    pub client_ip_header: Option<http::HeaderName>,
    /// `CORS_ORIGINS`: other origins whose pages may call the API, separated by commas.
    pub cors_origins: Vec<http::HeaderValue>,
    /// `RET_METRICS_KEY`: lets a collector read the metrics without an account.
    pub metrics_key: Option<Secret>,
    /// The storage account of the job queue, when the Functions host feeds it.
    pub job_queue: Option<StorageAccount>,
    /// `STORAGE_BLOB_ENDPOINT` or `STORAGE_CONNECTION_STRING`: the storage account of session files.
    pub file_storage: Option<StorageAccount>,
    /// `STORAGE_CONTAINER`: its container of session files.
    pub file_container: String,
    /// `RET_MAX_KEPT_BYTES`: what one process keeps of the files in that account on its own disk.
    pub kept_bytes: u64,
    /// `DATABASE_URL`: the server of all rows.
    pub database_server: Option<ServerAccount>,
    /// `DATABASE_MAX_CONNECTIONS`: how many connections to it this process holds at most.
    pub database_connections: NonZeroU32,
    /// `REDIS_CONNECTION_STRING`, if `REDIS_ENABLED`: what instances share between the tiers.
    pub redis_server: Option<ServerAccount>,
    /// `REDIS_CACHE_TTL`: how long an entry of the session cache stays in Redis at most.
    pub redis_cache_ttl: Duration,
    /// `SESSION_STORE`.
    pub session_store: SessionStore,
    /// `AZURE_OPENAI_ENDPOINT` or `OPENAI_BASE_URL`: the models of the chat; without them it answers by rules.
    pub models: Option<ModelSettings>,
    /// `OTEL_EXPORTER_OTLP_ENDPOINT` and what belongs to it: where traces and figures are sent.
    pub otlp: Option<OtlpSettings>,
    /// `AZURE_CLIENT_ID`: the user-assigned identity of the process.
    pub client_id: Option<String>,
    /// `IDENTITY_ENDPOINT` is there, by which the platform gives this process an identity.
    pub has_managed_identity: bool,
    /// Limits and durations of the services.
    pub policy: Policy,
    /// Everything that was given, for `%NAME%` in function.json.
    values: Arc<BTreeMap<String, String>>,
}

/// Finds what was given under a name.
pub type Lookup = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// One setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {problem}")]
pub struct SettingError {
    /// The setting's name.
    pub key: String,
    /// What is wrong and what it takes.
    pub problem: String,
}

impl Settings {
    /// What was given under names that look like settings and are none.
    #[must_use]
    pub fn unknown(&self) -> Vec<UnknownSetting> {
        unknown_settings(&self.values)
    }

    /// Looks up what was given under a name, for `%NAME%` in function.json.
    #[must_use]
    pub fn lookup(&self) -> Lookup {
        let values = Arc::clone(&self.values);
        Arc::new(move |name| values.get(name).cloned())
    }

    /// Reads the process's environment.
    pub fn from_environment() -> Result<Self, Vec<SettingError>> {
        Self::from_values(environment())
    }

    /// Reads from the process's environment what leads to the database, and nothing else: no signing key is asked for.
    pub fn of_database_from_environment() -> Result<Self, Vec<SettingError>> {
        Self::of_database_from_values(environment())
    }

    /// The same from given values.
    pub fn of_database_from_values(mut values: BTreeMap<String, String>) -> Result<Self, Vec<SettingError>> {
        values.retain(|key, _| OF_DATABASE.contains(&key.as_str()));
        Self::from_values(values)
    }

    /// Whether a Functions host has started this process: what is wrong with the settings is for its log then.
    #[must_use]
    pub fn has_host() -> bool {
        environment().contains_key(HANDLER_PORT)
    }

    /// Reads settings from given values; all problems are reported at once.
    pub fn from_values(values: BTreeMap<String, String>) -> Result<Self, Vec<SettingError>> {
        let mut reader = Reader { values, problems: Vec::new() };
        let settings = reader.settings();
        if reader.problems.is_empty() { Ok(settings) } else { Err(reader.problems) }
    }
}

/// Reads from the process's environment what a conversion of files goes by, and nothing else: limits, the parser's options, threads.
pub fn conversion_from_environment() -> Result<Policy, Vec<SettingError>> {
    conversion_from_values(environment())
}

/// The same from given values.
pub fn conversion_from_values(values: BTreeMap<String, String>) -> Result<Policy, Vec<SettingError>> {
    let mut reader = Reader { values, problems: Vec::new() };
    let mut policy = Policy::default();
    reader.read_conversion(&mut policy);
    if reader.problems.is_empty() { Ok(policy) } else { Err(reader.problems) }
}

/// Everything that is set. What is not UTF-8 shows by U+FFFD; if it is one of the settings, it is found wrong when it is read.
#[expect(clippy::disallowed_methods, reason = "this is the one reader of the environment")]
fn environment() -> BTreeMap<String, String> {
    let text = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
    std::env::vars_os().map(|(key, value)| (text(key), text(value))).collect()
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("environment", &self.environment)
            .field("http", &format_args!("{}:{}", self.http_host, self.http_port))
            .field("runtime_root", &self.runtime_root)
            .field("database", &self.database)
            .field("session_database", &self.session_database)
            .field("token_key", &self.token_key)
            .field("admin_password", &self.admin_password)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[(&str, &str)]) -> Result<Settings, Vec<SettingError>> {
        Settings::from_values(values.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect())
    }

    #[test]
    fn nothing_needs_to_be_set() {
        let settings = read(&[]).unwrap();
        assert_eq!(settings.http_port, 7071);
        assert_eq!(settings.database, PathBuf::from("./runtime/ret.db"));
        assert_eq!(settings.session_cache_max_size.get(), 1000);
        assert_eq!(settings.policy.rate.requests, 100);
        assert_eq!(settings.kept_bytes, 512 << 20);
        assert_eq!(settings.handler_port, None);
    }

    #[test]
    fn every_wrong_value_is_named_at_once() {
        let problems =
            read(&[("RET_HTTP_PORT", "70710"), ("DEBUG", "perhaps"), ("JWT_SECRET_KEY", "short")]).unwrap_err();
        let mut keys: Vec<_> = problems.iter().map(|problem| problem.key.as_str()).collect();
        keys.sort_unstable();
        assert_eq!(keys, ["DEBUG", "JWT_SECRET_KEY", "RET_HTTP_PORT"]);
    }

    #[test]
    fn the_range_of_a_number_is_named() {
        for (key, value, takes) in [
            ("RET_HTTP_PORT", "70710", "takes a whole number from 0 to 65535"),
            ("RET_CONVERSION_THREADS", "0", "takes a whole number from 1 to 255"),
            ("REFRESH_TOKEN_EXPIRE_DAYS", "-1", "takes a whole number from 1 to 4294967295"),
            ("RATE_LIMIT_PER_MINUTE", "0", "takes a whole number from 1 to 4294967295"),
            ("SESSION_IDLE_SECONDS", "0", "takes a whole number, at least 1"),
            ("RET_MAX_XML_DEPTH", "-1", "takes a whole number, at least 0"),
        ] {
            let problem = read(&[(key, value)]).unwrap_err().remove(0).to_string();
            assert_eq!(problem, format!("{key}: '{value}' cannot be used: the setting {takes}"));
        }
        let longest = read(&[("REFRESH_TOKEN_EXPIRE_DAYS", "4294967295")]).unwrap().policy.refresh_token_lifetime;
        assert_eq!(longest.as_secs(), 4_294_967_295 * 86_400);
    }

    #[test]
    fn a_conversion_of_files_asks_for_no_other_settings() {
        let values =
            |given: &[(&str, &str)]| given.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        let given = [("ENV", "production"), ("RET_HTTP_PORT", "http"), ("RET_MAX_XML_DEPTH", "7")];
        assert_eq!(conversion_from_values(values(&given)).unwrap().engine.depth, 7);
        let problems = conversion_from_values(values(&[("RET_MAX_TABLES", "many"), ("ENV", "nowhere")])).unwrap_err();
        assert_eq!(problems.iter().map(|problem| problem.key.as_str()).collect::<Vec<_>>(), ["RET_MAX_TABLES"]);
    }

    #[test]
    fn documents_are_parsed_strictly_unless_asked_otherwise() {
        assert_eq!(read(&[]).unwrap().policy.parser, Policy::default().parser);
        let given = [("RET_EXTERNAL_ENTITIES", "refuse"), ("RET_NAMESPACE_RULES", "apply")];
        assert_eq!(read(&given).unwrap().policy.parser, Policy::default().parser);
        let loose = read(&[("RET_EXTERNAL_ENTITIES", "skip"), ("RET_NAMESPACE_RULES", "Ignore")]).unwrap();
        assert_eq!(format!("{:?}", loose.policy.parser.external_entities), "Skip");
        assert_eq!(format!("{:?}", loose.policy.parser.namespace_rules), "Ignore");
        let problem = read(&[("RET_EXTERNAL_ENTITIES", "fetch")]).unwrap_err().remove(0);
        assert!(problem.to_string().ends_with("takes refuse or skip"), "{problem}");
    }

    #[test]
    fn what_is_not_utf_8_is_never_taken_for_something_else() {
        let problem = read(&[("RET_RUNTIME_ROOT", "/data\u{fffd}")]).unwrap_err().remove(0).to_string();
        assert_eq!(problem, "RET_RUNTIME_ROOT: is not UTF-8");
        assert!(read(&[("SOMEBODY_ELSES", "\u{fffd}")]).is_ok());
    }

    #[test]
    fn production_wants_a_key_of_its_own() {
        assert!(read(&[("ENV", "production")]).is_err());
        assert!(read(&[("ENV", "production"), ("JWT_SECRET_KEY", &"k".repeat(32))]).is_ok());
    }

    #[test]
    fn the_database_asks_for_no_other_settings() {
        let values =
            |given: &[(&str, &str)]| given.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        let url = ("DATABASE_URL", "postgres://ret@a.postgres.database.azure.com/ret");
        let given = [("ENV", "production"), ("RET_HTTP_PORT", "http"), ("AZURE_CLIENT_ID", "me"), url];
        let settings = Settings::of_database_from_values(values(&given)).unwrap();
        assert_eq!(settings.database_server.unwrap().login, ServerLogin::Identity);
        assert_eq!(settings.client_id.as_deref(), Some("me"));
        let problems = Settings::of_database_from_values(values(&[("DATABASE_URL", "mysql://a/ret")])).unwrap_err();
        assert_eq!(problems.iter().map(|problem| problem.key.as_str()).collect::<Vec<_>>(), ["DATABASE_URL"]);
    }

    #[test]
    fn a_reference_to_a_secret_is_never_taken_for_the_secret() {
        let reference = "@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/signing-key)";
        let problems = read(&[("ENV", "production"), ("JWT_SECRET_KEY", reference)]).unwrap_err();
        assert!(problems[0].to_string().starts_with("JWT_SECRET_KEY: refers to a secret"), "{problems:?}");
    }

    #[test]
    fn secrets_are_never_printed() {
        let settings = read(&[("JWT_SECRET_KEY", &"k".repeat(40)), ("RET_ADMIN_PASSWORD", "hunter22")]).unwrap();
        let printed = format!("{settings:?}");
        assert!(!printed.contains("kkkk") && !printed.contains("hunter22"), "{printed}");
    }
}
