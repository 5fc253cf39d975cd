//! `ret` and `ret serve`: alone, or as the handler of a Functions host.

use std::{
    convert::Infallible,
    net::ToSocketAddrs as _,
    process::ExitCode,
    sync::{Arc, OnceLock},
    time::Duration,
};

use ret::{
    adapters::system::SystemClock,
    app::{App, RuntimeClock},
    config::{SettingError, Settings},
    runtime::{BoxError, Environment, Functions, Mode, SettingLookup, run_when_built},
    services::accounts::FirstAdmin,
    telemetry::{self, Export, LogFormat},
};

use super::{block_on, failed, settings};

/// How long closing the database may take; it waits for work that the end of the server has not waited for.
const CLOSE_WITHIN: Duration = Duration::from_secs(2);

/// How long the last figures may take to be read and sent.
const LAST_FIGURES_WITHIN: Duration = Duration::from_secs(2);

/// How long after a store was away at the start it is asked again for the first account.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Serves until a signal.
pub(crate) fn run() -> ExitCode {
    if Settings::has_host() {
        return run_for_host();
    }
    let settings = match settings() {
        Ok(settings) => settings,
        Err(code) => return code,
    };
    block_on(async {
        match telemetry::install_exporting(&settings.log_filter, LogFormat::Text, settings.otlp.as_ref()) {
            Ok(export) => Box::pin(serve(settings, export)).await.unwrap_or_else(failed),
            Err(error) => failed(error),
        }
    })
}

/// The same as the handler of a Functions host, to whose log everything goes.
fn run_for_host() -> ExitCode {
    block_on(async {
        let settings = Settings::from_environment();
        let installed = match &settings {
            Ok(settings) => telemetry::install_exporting(&settings.log_filter, LogFormat::Json, settings.otlp.as_ref()),
            Err(_) => telemetry::install("info", LogFormat::Json).map(|()| None),
        };
        match (settings, installed) {
            (Ok(settings), Ok(export)) => Box::pin(serve_host(settings, export)).await,
            (settings, installed) => {
                // Where the filter is what is wrong, the usual one tells of it.
                if installed.is_err() {
                    let _ = telemetry::install("info", LogFormat::Json);
                }
                let problems = settings.err().unwrap_or_default().into_iter().chain(installed.err());
                for SettingError { key, problem } in problems {
                    tracing::error!(setting = key, problem, "a setting cannot be used");
                }
                ExitCode::from(2)
            }
        }
    })
}

async fn serve_host(settings: Settings, export: Option<Export>) -> ExitCode {
    if settings.handler_port.is_some() && settings.client_ip_header.is_none() {
        tracing::warn!("CLIENT_IP_HEADER is not set: all clients share one rate limit, that of the host");
    }
    Box::pin(serve(settings, export)).await.unwrap_or_else(|error| {
        tracing::error!(error, "the service cannot start");
        ExitCode::FAILURE
    })
}

/// Serves, and sends figures and traces meanwhile and at the end.
async fn serve(settings: Settings, export: Option<Export>) -> Result<ExitCode, BoxError> {
    let Some(export) = export else { return Box::pin(serve_only(settings, None)).await };
    let served = Box::pin(serve_only(settings, Some(&export))).await;
    export.end().await;
    served
}

async fn serve_only(settings: Settings, export: Option<&Export>) -> Result<ExitCode, BoxError> {
    tell_unknown(&settings);
    let environment = environment(&settings)?;
    let app = OnceLock::new();
    let serving = Box::pin(run_when_built(build(settings, &app), environment));
    let served = match export {
        Some(export) => {
            let told = tell_figures(export, &app);
            tokio::select! {
                served = serving => served,
                never = told => match never {},
            }
        }
        None => serving.await,
    };
    if let Some(app) = app.get() {
        if let Some(export) = export {
            let _ = tokio::time::timeout(LAST_FIGURES_WITHIN, send_figures(export, app)).await;
        }
        // The end of the process would overtake connections that are only dropped, and leave files of theirs beside the database.
        if tokio::time::timeout(CLOSE_WITHIN, app.close()).await.is_err() {
            tracing::warn!(
                "work still holds the database when the time to close it is over; nothing that was committed is lost"
            );
        }
    }
    Ok(served?)
}

/// A misspelt setting has no effect, which nobody would notice.
fn tell_unknown(settings: &Settings) {
    let names: Vec<String> = settings
        .unknown()
        .into_iter()
        .map(|unknown| match unknown.nearest {
            Some(nearest) => format!("{} (is {nearest} meant?)", unknown.key),
            None => unknown.key,
        })
        .collect();
    if !names.is_empty() {
        tracing::warn!(names = names.join(", "), "there are no such settings, so these have no effect");
    }
}

/// Sends the figures again and again, once the application is there.
async fn tell_figures(export: &Export, app: &OnceLock<Arc<App>>) -> Infallible {
    let Some(pause) = export.figures_every() else { return std::future::pending().await };
    loop {
        tokio::time::sleep(pause).await;
        if let Some(app) = app.get() {
            send_figures(export, app).await;
        }
    }
}

async fn send_figures(export: &Export, app: &App) {
    if export.figures_every().is_none() {
        return;
    }
    match app.state.services.metrics().await {
        Ok(metrics) => export.send_figures(metrics).await,
        Err(error) => tracing::warn!(%error, "figures cannot be read, and are not sent this time"),
    }
}

/// Builds the functions over an application, which is left to be closed.
async fn build(settings: Settings, built: &OnceLock<Arc<App>>) -> Result<Functions, BoxError> {
    let app = App::build(&settings).await?;
    let app = built.get_or_init(|| Arc::new(app));
    match app.make_first_admin(&settings).await {
        Ok(first) => tell(first.as_ref()),
        Err(error) if error.may_pass() => {
            tracing::warn!(%error, "a store is away at the start: requests that need it are refused until it is back");
            tokio::spawn(make_first_admin_later(Arc::clone(app), settings));
        }
        Err(error) => return Err(error.into()),
    }
    let auth = app.state.services.auth.clone();
    tokio::spawn(async move {
        if let Err(error) = auth.warm_up().await {
            tracing::warn!(%error, "the first login of an unknown user may take longer than others");
        }
    });
    Ok(app.functions())
}

/// Makes the first account once the store is there.
async fn make_first_admin_later(app: Arc<App>, settings: Settings) {
    loop {
        tokio::time::sleep(AGAIN_AFTER).await;
        match app.make_first_admin(&settings).await {
            Ok(first) => return tell(first.as_ref()),
            Err(error) if error.may_pass() => {}
            Err(error) => return tracing::error!(%error, "there may be no account to sign in with"),
        }
    }
}

fn tell(first: Option<&FirstAdmin>) {
    let Some(first) = first else { return };
    match &first.generated_password {
        // To standard error and never to the log, which may be kept.
        Some(password) => eprintln!(
            "\n  First start: made the account '{}' with the password  {password}\n  It is shown this once; \
             change it with `ret user password {}`.\n",
            first.username, first.username
        ),
        None => eprintln!("First start: made the account '{}' with RET_ADMIN_PASSWORD.", first.username),
    }
}

fn environment(settings: &Settings) -> Result<Environment, String> {
    let mode = match settings.handler_port {
        Some(port) => Mode::Handler { port },
        None => {
            let (host, port) = (settings.http_host.as_str(), settings.http_port);
            let addresses = (host, port).to_socket_addrs();
            let address = addresses.ok().and_then(|mut addresses| addresses.next());
            Mode::Standalone {
                address: address.ok_or_else(|| format!("RET_HTTP_HOST: '{host}' is not an address of this machine"))?,
            }
        }
    };
    let lookup: SettingLookup = settings.lookup();
    let mut environment = Environment::new(mode, Arc::new(RuntimeClock(Arc::new(SystemClock))));
    environment.settings = lookup;
    Ok(environment)
}
