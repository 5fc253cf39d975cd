//! Signing in by tokens of the process's identity, again and again: the server drops a connection whose token has ended.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use redis::{ErrorKind, RedisError, RedisResult};

use super::line::Line;
use crate::{
    domain::Timestamp,
    ports::{AccessTokens, Clock, Random, access_tokens::AccessToken},
};

/// What tokens are for.
const SCOPE: &str = "https://redis.azure.com/.default";

/// A new token is wanted so long before the old one ends, and up to a minute more, so that instances that start together do not ask together.
const LEAD: Duration = Duration::from_secs(4 * 60);

/// Pause before the next attempt, if there is no newer token yet.
const RETRY_PAUSE: Duration = Duration::from_secs(10);

/// A token that is not there after this will not come.
const TOKEN_LIMIT: Duration = Duration::from_secs(10);

/// Who this process is to the server.
pub(super) struct Identity {
    tokens: Arc<dyn AccessTokens>,
    clock: Arc<dyn Clock>,
    lead: Duration,
}

impl Identity {
    pub(super) fn new(tokens: Arc<dyn AccessTokens>, clock: Arc<dyn Clock>, random: &dyn Random) -> Self {
        let mut jitter = [0; 1];
        random.fill(&mut jitter);
        let lead = LEAD + Duration::from_millis(u64::from(jitter[0]) * 60_000 / 256);
        Self { tokens, clock, lead }
    }

    pub(super) async fn token(&self) -> RedisResult<AccessToken> {
        let refused = |why: String| {
            RedisError::from((ErrorKind::AuthenticationFailed, "no token of the process's identity", why))
        };
        match tokio::time::timeout(TOKEN_LIMIT, self.tokens.token(SCOPE)).await {
            Ok(Ok(token)) => Ok(token),
            Ok(Err(error)) => Err(refused(error.to_string())),
            Err(_) => Err(refused("no answer within the time limit".into())),
        }
    }

    /// How long the token need not be replaced yet.
    fn rest(&self, expires_at: Timestamp) -> Duration {
        expires_at.minus(self.lead).since(self.clock.now())
    }
}

/// Signs in again on a live connection before its token ends, for as long as the connection is in use.
pub(super) async fn keep_signed_in(line: Weak<Line>, number: u64, mut expires_at: Timestamp) {
    let mut pause = Duration::ZERO;
    loop {
        let Some(rest) = line.upgrade().and_then(|line| line.identity().map(|own| own.rest(expires_at))) else {
            return;
        };
        tokio::time::sleep(rest.max(pause)).await;
        pause = RETRY_PAUSE;
        let Some(line) = line.upgrade() else { return };
        let (Some(identity), Some(mut connection)) = (line.identity(), line.live(number)) else { return };
        let again = async {
            let token = identity.token().await?;
            if token.expires_at > expires_at {
                let mut sign_in = redis::cmd("AUTH");
                sign_in.arg(line.username()).arg(&token.secret);
                sign_in.query_async::<()>(&mut connection).await?;
            }
            Ok::<_, RedisError>(token.expires_at)
        };
        match tokio::time::timeout(TOKEN_LIMIT, again).await {
            Ok(Ok(later)) => expires_at = later.max(expires_at),
            Ok(Err(error)) => tracing::warn!(%error, "cannot sign in to redis again; trying on until the token ends"),
            Err(_) => tracing::warn!("redis does not take a new token; trying on until the old one ends"),
        }
    }
}
