//! Reading settings one by one, collecting what is wrong.

use std::{
    collections::BTreeMap,
    num::{NonZero, NonZeroU32, NonZeroUsize},
    path::PathBuf,
    str::FromStr,
    sync::Arc,
    time::Duration,
};

use super::{APP_NAME, Environment, HANDLER_PORT, Secret, SettingError, Settings};
use crate::{
    domain::rate::Quota,
    services::{Policy, policy::HistoryPolicy},
};

/// A whole number that a setting may be.
pub(super) trait Number: FromStr {
    const LEAST: u64;
    /// `None` if nobody comes near it.
    const MOST: Option<u64>;

    /// What it may be, in words.
    fn range() -> String {
        match Self::MOST {
            Some(most) => format!("a whole number from {} to {most}", Self::LEAST),
            None => format!("a whole number, at least {}", Self::LEAST),
        }
    }
}

macro_rules! numbers {
    ($($number:ty: $least:literal, $most:expr;)+) => {
        $(impl Number for $number {
            const LEAST: u64 = $least;
            const MOST: Option<u64> = $most;
        })+
    };
}

numbers! {
    NonZero<u8>: 1, Some(u8::MAX as u64);
    u16: 0, Some(u16::MAX as u64);
    NonZero<u16>: 1, Some(u16::MAX as u64);
    u32: 0, Some(u32::MAX as u64);
    NonZero<u32>: 1, Some(u32::MAX as u64);
    u64: 0, None;
    NonZero<u64>: 1, None;
    usize: 0, None;
    NonZero<usize>: 1, None;
}

/// Given values, and the problems found so far.
pub(super) struct Reader {
    pub(super) values: BTreeMap<String, String>,
    pub(super) problems: Vec<SettingError>,
}

impl Reader {
    pub(super) fn settings(&mut self) -> Settings {
        let runtime_root = PathBuf::from(self.text("RET_RUNTIME_ROOT", "./runtime"));
        let environment = match self.text("ENV", "development").to_ascii_lowercase().as_str() {
            "production" => Environment::Production,
            "development" | "dev" | "test" | "staging" => Environment::Development,
            _ => {
                self.problem("ENV", "takes development, test, staging or production");
                Environment::Development
            }
        };
        let debug = self.flag("DEBUG", false);
        let settings = Settings {
            app_name: self.text("APP_NAME", APP_NAME),
            environment,
            log_filter: self.text("LOG_LEVEL", if debug { "debug" } else { "info" }).to_ascii_lowercase(),
            http_host: self.text("RET_HTTP_HOST", "127.0.0.1"),
            http_port: self.number("RET_HTTP_PORT", 7071),
            handler_port: self
                .optional(HANDLER_PORT)
                .and_then(|text| self.parsed(HANDLER_PORT, &text, "takes a port number")),
            database: self.path("RET_DB", &runtime_root, "ret.db"),
            session_database: self.path("RET_SESSION_DB", &runtime_root, "ret_session.db"),
            session_cache_max_size: self.number("SESSION_CACHE_MAX_SIZE", NonZeroUsize::MIN.saturating_add(999)),
            session_cache_compress_above: self.number("SESSION_CACHE_COMPRESS_BYTES", 1 << 20),
            token_key: self.optional("JWT_SECRET_KEY").map(Secret),
            admin_password: self.optional("RET_ADMIN_PASSWORD").map(Secret),
            client_ip_header: self.optional("CLIENT_IP_HEADER").and_then(|text| {
                self.parsed("CLIENT_IP_HEADER", &text, "takes the name of a header, for instance Client-IP")
            }),
            cors_origins: self.origins(),
            metrics_key: self.optional("RET_METRICS_KEY").map(Secret),
            job_queue: self.job_queue(),
            file_storage: self.file_storage(),
            file_container: self.text("STORAGE_CONTAINER", "sessions"),
            kept_bytes: self.number("RET_MAX_KEPT_BYTES", 512 << 20),
            database_server: self.database_server(),
            database_connections: self.number("DATABASE_MAX_CONNECTIONS", NonZeroU32::MIN.saturating_add(3)),
            redis_server: self.redis_server(),
            redis_cache_ttl: self.seconds("REDIS_CACHE_TTL", Duration::from_secs(1800)),
            session_store: self.session_store(),
            models: self.models(),
            otlp: self.otlp(),
            client_id: self.optional("AZURE_CLIENT_ID"),
            has_managed_identity: self.optional("IDENTITY_ENDPOINT").is_some(),
            policy: self.policy(),
            runtime_root,
            values: Arc::new(self.values.clone()),
        };
        let is_level = ["off", "error", "warn", "info", "debug", "trace"].contains(&settings.log_filter.as_str());
        if !is_level && !settings.log_filter.contains('=') {
            self.problem(
                "LOG_LEVEL",
                "takes error, warn, info, debug, trace, or a filter such as info,ret::services=debug",
            );
        }
        if settings.token_key.as_ref().is_some_and(|key| key.expose().len() < 32) {
            self.problem("JWT_SECRET_KEY", "takes at least 32 characters; leave it out to have one generated");
        }
        if environment == Environment::Production && settings.token_key.is_none() {
            self.problem(
                "JWT_SECRET_KEY",
                "must be set when ENV is production: every instance signs with the same key",
            );
        }
        settings
    }

    fn origins(&mut self) -> Vec<http::HeaderValue> {
        let mut origins = Vec::new();
        for origin in self.text("CORS_ORIGINS", "").split(',').map(str::trim).filter(|origin| !origin.is_empty()) {
            let has_form = origin.split_once("://").is_some_and(|(_, host)| !host.is_empty() && !host.contains('/'));
            match http::HeaderValue::from_str(origin) {
                Ok(value) if has_form => origins.push(value),
                _ => self.problem("CORS_ORIGINS", "takes origins such as https://app.example.org, separated by commas"),
            }
        }
        origins
    }

    fn policy(&mut self) -> Policy {
        let mut policy = Policy::default();
        policy.access_token_lifetime = self.duration("ACCESS_TOKEN_EXPIRE_MINUTES", 60, policy.access_token_lifetime);
        policy.refresh_token_lifetime =
            self.duration("REFRESH_TOKEN_EXPIRE_DAYS", 24 * 3600, policy.refresh_token_lifetime);
        policy.session_idle = self.seconds("SESSION_IDLE_SECONDS", policy.session_idle);
        policy.cache_ttl = self.seconds("SESSION_CACHE_TTL_SECONDS", policy.cache_ttl);
        let requests = NonZero::new(policy.rate.requests).unwrap_or(NonZero::<u32>::MIN);
        let requests = self.number("RATE_LIMIT_PER_MINUTE", requests).get();
        policy.rate = Quota { requests, period: policy.rate.period };
        policy.embedding.rows = self.number("RET_MAX_EMBEDDED_ROWS", policy.embedding.rows);
        policy.upload_bytes = self.number("RET_MAX_UPLOAD_BYTES", policy.upload_bytes);
        policy.upload_files = self.number("RET_MAX_UPLOAD_FILES", policy.upload_files);
        self.read_conversion(&mut policy);
        policy.audit_retention = self.days("AUDIT_RETENTION_DAYS", policy.audit_retention);
        policy.usage_retention = self.days("USAGE_RETENTION_DAYS", policy.usage_retention);
        policy.history = self.history();
        policy.query.time = self.seconds("RET_SQL_SECONDS", policy.query.time);
        policy.query.rows = self.number("RET_SQL_MAX_ROWS", policy.query.rows);
        policy.query.bytes = self.number("RET_SQL_MAX_BYTES", policy.query.bytes);
        policy.model.first_byte = self.seconds("RET_MODEL_FIRST_BYTE_SECONDS", policy.model.first_byte);
        policy.model.idle = self.seconds("RET_MODEL_IDLE_SECONDS", policy.model.idle);
        policy.model.whole = self.seconds("RET_MODEL_SECONDS", policy.model.whole);
        policy.model.text_bytes = self.number("RET_MAX_ANSWER_BYTES", policy.model.text_bytes);
        policy
    }

    fn history(&mut self) -> HistoryPolicy {
        let default = HistoryPolicy::default();
        let poll = NonZero::<u16>::try_from(u16::try_from(default.poll.as_millis()).unwrap_or(u16::MAX));
        let poll = self.number("HISTORY_POLL_MS", poll.unwrap_or(NonZero::<u16>::MIN)).get();
        let mut temporary = default.temporary;
        temporary.all_bytes = self.number("HISTORY_TEMPORARY_BYTES", temporary.all_bytes);
        HistoryPolicy {
            acknowledgement: self.word("HISTORY_ACK", default.acknowledgement, "takes durable or fast"),
            poll: Duration::from_millis(poll.into()),
            keep_copies: self.seconds("REDIS_CACHE_TTL", default.keep_copies),
            has_others: self.optional("DATABASE_URL").is_some(),
            message_bytes: self.number("HISTORY_MAX_MESSAGE_BYTES", default.message_bytes),
            temporary,
            retention: self.days("HISTORY_RETENTION_DAYS", default.retention),
            ..default
        }
    }

    /// What a conversion goes by: limits, the parser's options, threads.
    pub(super) fn read_conversion(&mut self, policy: &mut Policy) {
        policy.archive.entries = self.number("RET_MAX_ZIP_ENTRIES", policy.archive.entries);
        policy.archive.nesting = self.number("RET_MAX_ZIP_NESTING", policy.archive.nesting);
        policy.archive.ratio = self.number("RET_MAX_ZIP_RATIO", policy.archive.ratio);
        policy.archive.inflated_bytes = self.number("RET_MAX_ZIP_INFLATED_BYTES", policy.archive.inflated_bytes);
        policy.engine.depth = self.number("RET_MAX_XML_DEPTH", policy.engine.depth);
        policy.engine.attributes = self.number("RET_MAX_XML_ATTRIBUTES", policy.engine.attributes);
        policy.engine.token_bytes = self.number("RET_MAX_XML_TOKEN_BYTES", policy.engine.token_bytes);
        policy.engine.paths = self.number("RET_MAX_XML_PATHS", policy.engine.paths);
        policy.engine.columns = self.number("RET_MAX_COLUMNS", policy.engine.columns);
        policy.engine.tables = self.number("RET_MAX_TABLES", policy.engine.tables);
        let parser = policy.parser;
        policy.parser.external_entities =
            self.word("RET_EXTERNAL_ENTITIES", parser.external_entities, "takes refuse or skip");
        policy.parser.namespace_rules =
            self.word("RET_NAMESPACE_RULES", parser.namespace_rules, "takes apply or ignore");
        let threads = NonZero::<u8>::try_from(policy.conversion_threads).unwrap_or(NonZero::<u8>::MAX);
        policy.conversion_threads = self.number("RET_CONVERSION_THREADS", threads).into();
    }

    pub(super) fn optional(&mut self, key: &str) -> Option<String> {
        let value = self.values.get(key).map(|value| value.trim()).filter(|value| !value.is_empty())?.to_owned();
        if value.contains(char::REPLACEMENT_CHARACTER) {
            self.problem(key, "is not UTF-8");
            return None;
        }
        // Azure leaves the reference where it cannot put the secret. It is no secret, and long enough for one.
        if value.starts_with("@Microsoft.KeyVault(") {
            self.problem(
                key,
                "refers to a secret that the platform has not put in its place: see that it is there and may be read",
            );
            return None;
        }
        Some(value)
    }

    pub(super) fn text(&mut self, key: &str, default: &str) -> String {
        self.optional(key).unwrap_or_else(|| default.to_owned())
    }

    fn path(&mut self, key: &str, root: &std::path::Path, default: &str) -> PathBuf {
        self.optional(key).map_or_else(|| root.join(default), PathBuf::from)
    }

    pub(super) fn number<T: Number>(&mut self, key: &str, default: T) -> T {
        match self.optional(key) {
            Some(text) => self.parsed(key, &text, &format!("takes {}", T::range())).unwrap_or(default),
            None => default,
        }
    }

    fn seconds(&mut self, key: &str, default: Duration) -> Duration {
        match self.optional(key) {
            Some(_) => Duration::from_secs(self.number(key, NonZero::<u64>::MIN).get()),
            None => default,
        }
    }

    /// A duration that is given in units of so many seconds.
    fn duration(&mut self, key: &str, unit_seconds: u64, default: Duration) -> Duration {
        match self.optional(key) {
            Some(_) => Duration::from_secs(unit_seconds * u64::from(self.number(key, NonZero::<u32>::MIN).get())),
            None => default,
        }
    }

    /// A number of days; 0 means for ever.
    fn days(&mut self, key: &str, default: Option<Duration>) -> Option<Duration> {
        let days = match self.optional(key) {
            Some(_) => self.number(key, 0_u32),
            None => return default,
        };
        (days > 0).then(|| Duration::from_secs(u64::from(days) * 24 * 3600))
    }

    pub(super) fn flag(&mut self, key: &str, default: bool) -> bool {
        match self.optional(key).map(|text| text.to_ascii_lowercase()).as_deref() {
            None => default,
            Some("true" | "1" | "yes" | "on") => true,
            Some("false" | "0" | "no" | "off") => false,
            Some(_) => {
                self.problem(key, "takes true or false");
                default
            }
        }
    }

    fn word<T: FromStr>(&mut self, key: &str, default: T, takes: &str) -> T {
        match self.optional(key) {
            Some(text) => self.parsed(key, &text.to_ascii_lowercase(), takes).unwrap_or(default),
            None => default,
        }
    }

    fn parsed<T: FromStr>(&mut self, key: &str, text: &str, takes: &str) -> Option<T> {
        let parsed = text.parse().ok();
        if parsed.is_none() {
            self.problem(key, &format!("'{text}' cannot be used: the setting {takes}"));
        }
        parsed
    }

    pub(super) fn problem(&mut self, key: &str, problem: &str) {
        self.problems.push(SettingError { key: key.to_owned(), problem: problem.to_owned() });
    }
}
