//! `ret` and `ret serve`: alone, or as the handler of a Functions host.

use std::{net::ToSocketAddrs as _, process::ExitCode, sync::Arc, time::Duration};

use ret::{
    adapters::system::SystemClock,
    app::{App, RuntimeClock},
    config::{SettingError, Settings},
    runtime::{BoxError, Environment, Functions, Mode, SettingLookup, run_when_built},
    services::accounts::FirstAdmin,
    telemetry::{self, LogFormat},
};

use super::{block_on, failed, settings};

/// How long closing the database may take; it waits for work that the end of the server has not waited for.
const CLOSE_WITHIN: Duration = Duration::from_secs(2);

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
    if let Err(error) = telemetry::install(&settings.log_filter, LogFormat::Text) {
        return failed(error);
    }
    block_on(async { Box::pin(serve(settings)).await.unwrap_or_else(failed) })
}

/// The same as the handler of a Functions host, to whose log everything goes.
fn run_for_host() -> ExitCode {
    let settings = Settings::from_environment();
    let filter = settings.as_ref().map_or("info", |settings| &settings.log_filter);
    let installed = telemetry::install(filter, LogFormat::Json);
    let settings = match (settings, installed) {
        (Ok(settings), Ok(())) => settings,
        (settings, installed) => {
            // Where the filter is what is wrong, the usual one tells of it.
            if installed.is_err() {
                let _ = telemetry::install("info", LogFormat::Json);
            }
            for SettingError { key, problem } in settings.err().unwrap_or_default().into_iter().chain(installed.err()) {
                tracing::error!(setting = key, problem, "a setting cannot be used");
            }
            return ExitCode::from(2);
        }
    };
    if settings.handler_port.is_some() && settings.client_ip_header.is_none() {
        tracing::warn!("CLIENT_IP_HEADER is not set: all clients share one rate limit, that of the host");
    }
    block_on(async {
        Box::pin(serve(settings)).await.unwrap_or_else(|error| {
            tracing::error!(error, "the service cannot start");
            ExitCode::FAILURE
        })
    })
}

async fn serve(settings: Settings) -> Result<ExitCode, BoxError> {
    let environment = environment(&settings)?;
    let mut app = None;
    let served = Box::pin(run_when_built(build(settings, &mut app), environment)).await;
    if let Some(app) = app {
        // The end of the process would overtake connections that are only dropped, and leave files of theirs beside the database.
        if tokio::time::timeout(CLOSE_WITHIN, app.close()).await.is_err() {
            tracing::warn!(
                "work still holds the database when the time to close it is over; nothing that was committed is lost"
            );
        }
    }
    Ok(served?)
}

/// Builds the functions over an application, which is left to be closed.
async fn build(settings: Settings, built: &mut Option<Arc<App>>) -> Result<Functions, BoxError> {
    let app = built.insert(Arc::new(App::build(&settings).await?));
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
