//! `ret doctor`: checks settings and dependencies and says what would mend what is wrong. What is not there yet is not made.

mod places;

use std::{
    io::{Read as _, Write as _},
    net::ToSocketAddrs as _,
    path::Path,
    process::ExitCode,
    time::Duration,
};

use ret::{
    app::{App, ModelReport},
    config::{ModelServer, OtlpSettings, SessionStore, SettingError, Settings, UnknownSetting},
    ports::schema::{SchemaStanding, SchemaState},
    telemetry::{self, LogFormat},
};

use self::places::{check_places, spared};
use super::block_on;

/// Checks everything, in the order in which a start would need it.
pub(crate) fn run() -> ExitCode {
    let settings = match Settings::from_environment() {
        Ok(settings) => {
            say!("ok    settings: all can be used");
            for UnknownSetting { key, nearest } in settings.unknown() {
                say!("WARN  setting {key}: there is no setting of this name, so it has no effect");
                if let Some(nearest) = nearest {
                    say!("      is {nearest} meant?");
                }
            }
            settings
        }
        Err(problems) => {
            for SettingError { key, problem } in problems {
                say!("FAIL  setting {key}: {problem}");
            }
            return ExitCode::FAILURE;
        }
    };
    block_on(check(settings))
}

async fn check(settings: Settings) -> ExitCode {
    let has_places = check_places(&settings);
    let mut healthy = check_log(&settings) && has_places;
    if settings.handler_port.is_none() {
        healthy &= check_port(&settings);
    }
    if settings.token_key.is_none() {
        say!("note  JWT_SECRET_KEY: not set; a key is made and kept in {}", settings.runtime_root.display());
    }
    if settings.client_ip_header.is_none() {
        say!("note  CLIENT_IP_HEADER: not set; clients are told apart by the address of their connection.");
        say!("      behind a proxy or the Functions host that is one address for all: name the header that it sets");
    }
    healthy &= check_storage_queue(&settings).await;
    healthy &= check_redis(&settings).await;
    healthy &= check_models(&settings).await;
    if let Some(otlp) = &settings.otlp {
        check_collectors(otlp).await;
    }
    // Where nothing can be kept, stores that are tried elsewhere say nothing.
    if has_places {
        healthy &= Box::pin(check_stores(&settings)).await;
    }
    say!("{}", if healthy { "everything is well" } else { "something has to be mended" });
    if healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Installs the log, which says why a dependency does not answer.
fn check_log(settings: &Settings) -> bool {
    let installed = telemetry::install(&settings.log_filter, LogFormat::Text);
    installed.inspect_err(|error| say!("FAIL  setting {error}")).is_ok()
}

/// Asks the stores; those that are not there yet are made in a folder that is thrown away.
async fn check_stores(settings: &Settings) -> bool {
    let temporary = match tempfile::tempdir() {
        Ok(temporary) => temporary,
        Err(error) => {
            say!("FAIL  temporary folder {}: {error}", std::env::temp_dir().display());
            return false;
        }
    };
    let mut spared = spared(settings, temporary.path());
    if !check_schema(settings, &mut spared, temporary.path()).await {
        return false;
    }
    let settings = spared;
    let app = match App::build(&settings).await {
        Ok(app) => app,
        Err(error) => {
            say!("FAIL  {error}");
            return false;
        }
    };
    let mut healthy = true;
    for dependency in app.state.services.health.dependencies().await {
        let millis = dependency.latency.as_millis();
        if dependency.healthy {
            say!("ok    {}: answers in {millis} ms", dependency.name);
        } else {
            say!("FAIL  {}: does not answer; the log above says why", dependency.name);
            healthy = false;
        }
    }
    match app.first_admin_problem(&settings).await {
        Ok(None) => {}
        Ok(Some(problem)) => {
            say!("FAIL  RET_ADMIN_PASSWORD: {problem}");
            healthy = false;
        }
        Err(error) => {
            say!("FAIL  accounts: {error}");
            healthy = false;
        }
    }
    app.close().await;
    healthy
}

/// Looks at the schema, and has another store tried where a start would make or change it.
async fn check_schema(settings: &Settings, spared: &mut Settings, temporary: &Path) -> bool {
    let (setting, place) = match &settings.database_server {
        Some(_) => ("DATABASE_URL", "the database".to_owned()),
        None => ("RET_DB", settings.database.display().to_string()),
    };
    if settings.database_server.is_none() && !settings.database.exists() {
        say!("note  RET_DB: {place} is not there yet; the first start makes it, and a temporary one is tried here");
        return true;
    }
    match App::schema_state(settings).await {
        Ok(SchemaState { version, standing: SchemaStanding::Current }) => {
            let number = version.map(|version| format!(", number {version}")).unwrap_or_default();
            say!("ok    {setting}: {place} has the schema of this version{number}");
        }
        Ok(SchemaState { version, standing: SchemaStanding::Ahead }) => {
            let number = version.map(|version| format!(", number {version}")).unwrap_or_default();
            say!("ok    {setting}: {place} has the schema of a newer version{number}, beside which this one works");
        }
        Ok(SchemaState { version, standing: SchemaStanding::Behind }) => {
            let number = version.map_or_else(|| " or none".to_owned(), |version| format!(", number {version}"));
            say!("note  {setting}: {place} has another schema{number}, which a start brings up to date if it can;");
            say!("      a temporary one is tried here");
            spared.database_server = None;
            if spared.session_store == SessionStore::Postgres {
                spared.session_store = SessionStore::Sqlite;
            }
            spared.database = temporary.join("ret.db");
        }
        Err(error) => {
            say!("FAIL  {error}");
            if settings.database_server.is_some() {
                say!(
                    "      see that the server runs and may be reached from here, and that it knows this user and database"
                );
            }
            return false;
        }
    }
    true
}

/// The queue that the Functions host listens to, which the settings may name for a later start under it.
async fn check_storage_queue(settings: &Settings) -> bool {
    match App::check_storage_queue(settings).await {
        None => true,
        Some(Ok(latency)) => {
            say!("ok    queue of the Functions host: answers in {latency:.1?}");
            true
        }
        Some(Err(error)) => {
            say!("FAIL  queue of the Functions host: {error}");
            false
        }
    }
}

/// The service starts and works without it, so this says more than whether it answers.
async fn check_redis(settings: &Settings) -> bool {
    match App::check_redis(settings).await {
        None => true,
        Some(Ok(report)) => {
            say!("ok    REDIS_CONNECTION_STRING: version {}, answers in {:.1?}", report.version, report.latency);
            if let Some(reason) = &report.unfit {
                say!("WARN  redis: conversations cannot be kept hot in it: {reason}");
                say!("      the service works without that, and every write of a conversation waits for the database");
            }
            if !report.eviction_is_safe() {
                say!("WARN  redis: maxmemory-policy is {:?}", report.eviction);
                say!(
                    "      set it to volatile-lru, so that only what has a time to live is removed when memory is full"
                );
            }
            true
        }
        Some(Err(error)) => {
            say!("FAIL  REDIS_CONNECTION_STRING: {error}");
            say!("      see that the server runs and may be reached from here, and that it knows this user");
            false
        }
    }
}

/// Only an answer tells whether a model is there and may be used.
async fn check_models(settings: &Settings) -> bool {
    let Some(models) = &settings.models else {
        say!(
            "note  chat: no model is set; it answers by rules and search. Name one by AZURE_OPENAI_ENDPOINT or OPENAI_BASE_URL"
        );
        return true;
    };
    let setting = models.server.setting();
    match App::check_models(settings).await {
        Ok(reports) => {
            for ModelReport { name, latency, dimensions } in reports {
                let vectors = dimensions.map(|count| format!(" with vectors of {count} numbers")).unwrap_or_default();
                say!("ok    {setting}: the model {name} answers in {latency:.1?}{vectors}");
            }
            true
        }
        Err(error) => {
            say!("FAIL  {error}");
            if matches!(models.server, ModelServer::Azure { key: None, .. }) {
                say!("      the identity of the process needs the role Cognitive Services OpenAI User on the resource");
            }
            false
        }
    }
}

/// Nobody waits for a collector, so one that is away is no failure.
async fn check_collectors(otlp: &OtlpSettings) {
    for (place, answered) in telemetry::check_collector(otlp).await {
        match answered {
            Ok(()) => say!("ok    OTEL_EXPORTER_OTLP_ENDPOINT: {place} takes what is sent"),
            Err(problem) => {
                say!("WARN  OTEL_EXPORTER_OTLP_ENDPOINT: {place}: {problem}");
                say!("      the service works without it, and what it cannot send is lost");
            }
        }
    }
}

fn check_port(settings: &Settings) -> bool {
    let (host, port) = (settings.http_host.as_str(), settings.http_port);
    // The first address of a name is the one that a start listens on.
    let address = (host, port).to_socket_addrs().and_then(|mut addresses| {
        addresses.next().ok_or_else(|| std::io::Error::other("it is not an address of this machine"))
    });
    match address.and_then(std::net::TcpListener::bind) {
        Ok(_) => {
            say!("ok    RET_HTTP_PORT: {host}:{port} is free");
            true
        }
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse && answers_as_ret(host, port) => {
            say!("ok    RET_HTTP_PORT: ret is running on {host}:{port}");
            true
        }
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            say!("FAIL  RET_HTTP_PORT: another program listens on {host}:{port}");
            say!("      stop it, or name another port");
            false
        }
        Err(error) => {
            say!("FAIL  RET_HTTP_PORT: cannot listen on {host}:{port}: {error}");
            say!("      name another host or port");
            false
        }
    }
}

/// Whether what listens there is this service.
fn answers_as_ret(host: &str, port: u16) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = std::net::TcpStream::connect((host, port))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.write_all(b"GET /api/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.take(4096).read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.contains("x-correlation-id") && answer.contains("\"status\":\"ok\""))
}
