//! How the process gets in: where the server is, how far it must prove who it is, and with what password.

use std::{
    net::IpAddr,
    str::FromStr as _,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use log::LevelFilter;
use sqlx::{
    ConnectOptions as _, PgPool,
    postgres::{PgConnectOptions, PgSslMode},
};
use url::Url;

use super::{PostgresLogin, fault::Fault};
use crate::{
    domain::Timestamp,
    ports::{AccessTokens, Clock},
};

/// What tokens for PostgreSQL on Azure are for.
const SCOPE: &str = "https://ossrdbms-aad.database.windows.net/.default";

/// How long before its end a token is asked for anew.
const RENEWED_BEFORE: Duration = Duration::from_secs(2 * 60);

/// When to ask again after no token was had, while the one before still lets connections be.
const ASKED_AGAIN_AFTER: Duration = Duration::from_secs(5);

/// How long one question for a token may hold up a call; the answer is kept for the next one.
const TOKEN_LIMIT: Duration = Duration::from_secs(2);

/// The port where PgBouncer listens by convention, on Azure always.
const PGBOUNCER: u16 = 6432;

/// The server ends statements that take longer, a little before the client would stop listening.
const STATEMENT_TIMEOUT_MS: u32 = 2_800;
/// The server ends transactions of clients that were lost without a word, with the locks they hold.
const IDLE_IN_TRANSACTION_MS: u32 = 10_000;

/// A statement that takes longer is told at `debug`, as all are: a slow server is no news of this process, and the limit above is.
const SLOW: Duration = Duration::from_secs(1);

/// The way in.
pub(super) struct Login {
    options: PgConnectOptions,
    identity: Option<Identity>,
}

struct Identity {
    tokens: Arc<dyn AccessTokens>,
    clock: Arc<dyn Clock>,
    /// `None` before the first token.
    renew_at: Mutex<Option<Timestamp>>,
}

impl Login {
    /// Errors say what is wrong with the URL and never show it: a password may stand in it.
    pub(super) fn new(url: &str, login: PostgresLogin, clock: Arc<dyn Clock>) -> Result<Self, String> {
        let identity = match login {
            PostgresLogin::AsGiven => None,
            PostgresLogin::Identity(tokens) => Some(Identity { tokens, clock, renew_at: Mutex::default() }),
        };
        Ok(Self { options: options(url, identity.is_some())?, identity })
    }

    /// What the first connections are opened with.
    pub(super) fn options(&self) -> PgConnectOptions {
        self.options.clone()
    }

    /// Whether statements of one client may reach several connections of the server.
    pub(super) fn is_through_pgbouncer(&self) -> bool {
        self.options.get_port() == PGBOUNCER
    }

    /// Sees to it that the pool opens new connections with a token that holds. Those that are open need none.
    pub(super) async fn renew(&self, pool: &PgPool) -> Result<(), Fault> {
        let Some(identity) = &self.identity else { return Ok(()) };
        let now = identity.clock.now();
        let renew_at = *identity.renew_at.lock().unwrap_or_else(PoisonError::into_inner);
        if renew_at.is_some_and(|at| now < at) {
            return Ok(());
        }
        let asked = tokio::time::timeout(TOKEN_LIMIT, identity.tokens.token(SCOPE)).await;
        let next = match (asked, renew_at) {
            (Ok(Ok(token)), _) => {
                pool.set_connect_options(self.options().password(&token.secret));
                token.expires_at.minus(RENEWED_BEFORE)
            }
            (Ok(Err(error)), None) => return Err(Fault::Identity(error)),
            (Err(_), None) => return Err(Fault::TimedOut(TOKEN_LIMIT)),
            (failed, Some(_)) => {
                let error = failed.map_or_else(
                    |elapsed| elapsed.to_string(),
                    |answer| answer.err().map(|error| error.to_string()).unwrap_or_default(),
                );
                tracing::warn!(error, "no new token to sign in to the database with; open connections go on");
                now.plus(ASKED_AGAIN_AFTER)
            }
        };
        *identity.renew_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(next);
        Ok(())
    }
}

fn options(url: &str, by_identity: bool) -> Result<PgConnectOptions, String> {
    let options = PgConnectOptions::from_str(url).map_err(|error| format!("the URL cannot be used: {error}"))?;
    let names_mode =
        Url::parse(url).is_ok_and(|url| url.query_pairs().any(|(name, _)| matches!(&*name, "sslmode" | "ssl-mode")));
    let options = options.application_name("ret").extra_float_digits(None);
    let options = options.log_slow_statements(LevelFilter::Debug, SLOW);
    let options = match is_this_machine(&options) {
        true => options,
        // A token would be as good as a password to somebody who poses as the server.
        false if by_identity || !names_mode => options.ssl_mode(PgSslMode::VerifyFull),
        false => options,
    };
    if options.get_port() == PGBOUNCER {
        // It refuses settings that it does not follow from connection to connection, and names of statements mean nothing on the next.
        return Ok(options.statement_cache_capacity(0));
    }
    Ok(options.options([
        ("statement_timeout", STATEMENT_TIMEOUT_MS.to_string()),
        ("idle_in_transaction_session_timeout", IDLE_IN_TRANSACTION_MS.to_string()),
    ]))
}

fn is_this_machine(options: &PgConnectOptions) -> bool {
    let host = options.get_host();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    options.get_socket().is_some() || host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str, by_identity: bool) -> String {
        format!("{:?}", options(url, by_identity).unwrap().get_ssl_mode())
    }

    #[test]
    fn a_server_elsewhere_must_prove_who_it_is_unless_the_url_says_otherwise() {
        assert_eq!(mode("postgres://ret:pw@db.example.org/ret", false), "VerifyFull");
        assert_eq!(mode("postgres://ret:pw@db.example.org/ret?sslmode=disable", false), "Disable");
        assert_eq!(mode("postgres://ret:pw@db.example.org/ret?sslmode=verify-ca", false), "VerifyCa");
        for here in ["127.0.0.1", "localhost", "[::1]"] {
            assert_eq!(mode(&format!("postgres://ret@{here}/ret"), false), "Prefer", "{here}");
        }
    }

    #[test]
    fn tokens_go_only_to_a_server_that_proved_who_it_is() {
        assert_eq!(mode("postgres://ret@a.postgres.database.azure.com/ret?sslmode=disable", true), "VerifyFull");
        assert_eq!(mode("postgres://ret@a.postgres.database.azure.com/ret?sslmode=require", true), "VerifyFull");
        assert_eq!(mode("postgres://ret@127.0.0.1/ret?sslmode=disable", true), "Disable");
    }

    #[test]
    fn what_is_wrong_with_a_url_is_said_without_its_password() {
        let problem = options("postgres://ret:secret@host:99999/ret", false).unwrap_err();
        assert!(problem.starts_with("the URL") && !problem.contains("secret"), "{problem}");
        let problem = options("postgres://ret:secret@host/ret?sslmode=perhaps", false).unwrap_err();
        assert!(problem.contains("`ssl_mode`") && !problem.contains("secret"), "{problem}");
    }
}
