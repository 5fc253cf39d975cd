//! Access tokens: JWTs signed with HS256, bound to a session.

use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};

use crate::domain::{SessionId, Timestamp, UserId};

const ISSUER: &str = "ret";
const AUDIENCE: &str = "ret-api";
/// How far clocks of several machines may be apart.
const LEEWAY_SECONDS: i64 = 5;

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: UserId,
    sid: SessionId,
    iat: i64,
    exp: i64,
}

/// Whom a token names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The account.
    pub user: UserId,
    /// The session.
    pub session: SessionId,
}

/// Makes and checks access tokens.
pub struct AccessTokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    lifetime: Duration,
}

impl AccessTokens {
    /// Tokens signed with `key` that hold for `lifetime`.
    #[must_use]
    pub fn new(key: &[u8], lifetime: Duration) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // The library would ask the machine for the time; expiry is checked against the clock given.
        validation.validate_exp = false;
        Self { encoding: EncodingKey::from_secret(key), decoding: DecodingKey::from_secret(key), validation, lifetime }
    }

    /// A token for a user's session, issued at `now`.
    #[must_use]
    pub fn issue(&self, user: UserId, session: SessionId, now: Timestamp) -> String {
        let claims = Claims {
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            sub: user,
            sid: session,
            iat: now.as_seconds(),
            exp: now.plus(self.lifetime).as_seconds(),
        };
        // HS256 over serializable claims cannot fail; an empty token would simply not verify.
        encode(&Header::new(Algorithm::HS256), &claims, &self.encoding).unwrap_or_default()
    }

    /// Whom the token names, if it is one of ours and holds at `now`.
    #[must_use]
    pub fn verify(&self, token: &str, now: Timestamp) -> Option<Verified> {
        let claims = decode::<Claims>(token, &self.decoding, &self.validation).ok()?.claims;
        let holds = now.as_seconds() < claims.exp.saturating_add(LEEWAY_SECONDS)
            && claims.iat.saturating_sub(LEEWAY_SECONDS) <= now.as_seconds();
        holds.then_some(Verified { user: claims.sub, session: claims.sid })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const KEY: &[u8] = b"an honest secret of thirty-two by";
    const NOW: Timestamp = Timestamp::from_millis(1_772_359_200_000);

    fn who() -> (UserId, SessionId) {
        (UserId(Uuid::from_u128(1)), SessionId(Uuid::from_u128(2)))
    }

    fn tokens() -> AccessTokens {
        AccessTokens::new(KEY, Duration::from_secs(1800))
    }

    #[test]
    fn holds_until_it_expires() {
        let (user, session) = who();
        let token = tokens().issue(user, session, NOW);
        assert_eq!(tokens().verify(&token, NOW), Some(Verified { user, session }));
        assert!(tokens().verify(&token, NOW.plus(Duration::from_secs(1804))).is_some());
        assert!(tokens().verify(&token, NOW.plus(Duration::from_secs(1805))).is_none());
        assert!(tokens().verify(&token, NOW.minus(Duration::from_secs(6))).is_none());
    }

    #[test]
    fn anything_else_is_refused() {
        let (user, session) = who();
        let sign = |header: &Header, audience: &str, key: &[u8]| {
            let claims = Claims {
                iss: ISSUER.into(),
                aud: audience.into(),
                sub: user,
                sid: session,
                iat: NOW.as_seconds(),
                exp: NOW.as_seconds() + 60,
            };
            encode(header, &claims, &EncodingKey::from_secret(key)).unwrap()
        };
        let hs256 = Header::new(Algorithm::HS256);
        assert!(tokens().verify(&sign(&hs256, AUDIENCE, KEY), NOW).is_some());
        assert!(tokens().verify(&sign(&hs256, "another", KEY), NOW).is_none());
        assert!(tokens().verify(&sign(&hs256, AUDIENCE, b"another key"), NOW).is_none());
        assert!(tokens().verify(&sign(&Header::new(Algorithm::HS384), AUDIENCE, KEY), NOW).is_none());
        let good = sign(&hs256, AUDIENCE, KEY);
        let (_, rest) = good.split_once('.').unwrap();
        let unsigned = format!("eyJhbGciOiJub25lIn0.{}", rest.split('.').next().unwrap());
        for bad in ["", "a.b.c", &format!("{good}x"), &format!("{unsigned}."), &good[..good.len() - 2]] {
            assert!(tokens().verify(bad, NOW).is_none(), "{bad}");
        }
    }
}
