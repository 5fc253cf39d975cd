//! Signing in, staying signed in, and knowing who asks.

mod login;
pub mod password;
pub mod rate_limit;
pub mod tokens;
mod turns;

use std::{sync::Arc, time::Duration};

use sha2::{Digest, Sha256};

use super::{Policy, Stores, accounts::AccountError, audit::AuditService, session_end::SessionEnd, tables::Asker};
use crate::{
    domain::{
        Actor, AuditAction, Session, SessionId, Timestamp, User, session::touch_interval_ms, user::check_password,
    },
    ports::{
        StoreError,
        accounts::AccountChange,
        refresh_tokens::{Rotation, TokenHash},
    },
};
use password::PasswordHasher;
use tokens::AccessTokens;

/// Secrets of the service; never shown.
pub struct Secrets {
    /// Signs access tokens; at least 32 bytes.
    pub token_key: Vec<u8>,
}

/// Who is behind a request.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The account.
    pub user: User,
    /// The open session.
    pub session: Session,
    /// The address of the client.
    pub address: String,
}

impl SignedIn {
    /// Who asks for what is in tables.
    #[must_use]
    pub fn asker(&self) -> Asker {
        Asker { user: self.user.id, session: self.session.id }
    }
}

impl SignedIn {
    /// The same for the audit log.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::person(&self.user).at(&self.address)
    }
}

/// What a login or a refresh gives.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Bearer token of the API.
    pub access_token: String,
    /// How long it holds.
    pub expires_in: Duration,
    /// Token for the cookie.
    pub refresh_token: String,
    /// How long that one holds.
    pub refresh_expires_in: Duration,
    /// The session.
    pub session: SessionId,
    /// Whose.
    pub user: User,
}

/// Why somebody is not let in.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// Unknown user, wrong password or disabled account: not told apart.
    #[error("username or password is wrong")]
    InvalidCredentials,
    /// Somebody signed in wants another password, and the current one is not this.
    #[error("the current password is wrong; give the one that you sign in with")]
    WrongPassword,
    /// Too many failed logins of this account or from this address.
    #[error("too many failed logins")]
    Throttled {
        /// When to try again.
        retry_after: Duration,
    },
    /// No token, or one that does not hold.
    #[error("not signed in")]
    NotSignedIn,
    /// A refresh token that is unknown, expired or revoked.
    #[error("the refresh token does not hold")]
    InvalidRefreshToken,
    /// A refresh token that was used before: its family is revoked.
    #[error("the refresh token was used before")]
    RefreshTokenReused,
    /// A new password outside the rules.
    #[error("{0}")]
    WeakPassword(String),
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Signs people in and checks their tokens.
#[derive(Clone)]
pub struct AuthService {
    stores: Stores,
    policy: Arc<Policy>,
    passwords: PasswordHasher,
    access_tokens: Arc<AccessTokens>,
    session_end: SessionEnd,
    audit: AuditService,
    account_turns: turns::Turns,
    address_turns: turns::Turns,
}

impl AuthService {
    pub(super) fn new(
        stores: Stores,
        policy: Arc<Policy>,
        secrets: &Secrets,
        session_end: SessionEnd,
        audit: AuditService,
    ) -> Self {
        let passwords = PasswordHasher::new(Arc::clone(&stores.random));
        let access_tokens = Arc::new(AccessTokens::new(&secrets.token_key, policy.access_token_lifetime));
        let (account_turns, address_turns) = (turns::Turns::new(), turns::Turns::new());
        Self { stores, policy, passwords, access_tokens, session_end, audit, account_turns, address_turns }
    }

    /// The signed-in user behind an access token. Holds only while the session is open and the account enabled, so a logout or
    /// a disabled account ends it at once. `address` is the client's.
    pub async fn authenticate(&self, access_token: &str, address: String) -> Result<SignedIn, AuthError> {
        let now = self.stores.clock.now();
        let claims = self.access_tokens.verify(access_token, now).ok_or(AuthError::NotSignedIn)?;
        let found = self.stores.sessions.authenticate(claims.session).await?;
        let (session, user) = found.filter(|(_, user)| user.id == claims.user).ok_or(AuthError::NotSignedIn)?;
        self.touch(&session, now).await?;
        Ok(SignedIn { user, session, address })
    }

    /// Keeps the session from idling away while a long request of it runs.
    pub async fn touch(&self, session: &Session, now: Timestamp) -> Result<(), StoreError> {
        let idle_ms = u64::try_from(self.policy.session_idle.as_millis()).unwrap_or(u64::MAX);
        let stale = now.since(session.last_seen_at).as_millis() >= u128::from(touch_interval_ms(idle_ms));
        if stale { self.stores.sessions.touch(session.id, now).await } else { Ok(()) }
    }

    /// When the session ends if nothing more is heard of it.
    #[must_use]
    pub fn session_expires_at(&self, session: &Session) -> Timestamp {
        session.last_seen_at.max(self.stores.clock.now()).plus(self.policy.session_idle)
    }

    /// Spends a refresh token and gives new tokens. `address` is the client's.
    pub async fn refresh(&self, refresh_token: &str, address: &str) -> Result<Grant, AuthError> {
        let now = self.stores.clock.now();
        let (successor, successor_hash) = self.new_refresh_token();
        let grace_ms = u64::try_from(self.policy.refresh_grace.as_millis()).unwrap_or(u64::MAX);
        let expires_at = now.plus(self.policy.refresh_token_lifetime);
        let rotation = self
            .stores
            .refresh_tokens
            .rotate(&hash_token(refresh_token), &successor_hash, now, grace_ms, expires_at)
            .await?;
        match rotation {
            Rotation::Rotated { session } => {
                let found = self.stores.sessions.authenticate(session).await?;
                let (session, user) = found.ok_or(AuthError::InvalidRefreshToken)?;
                self.touch(&session, now).await?;
                Ok(self.grant(user, session.id, successor, now))
            }
            Rotation::Reused { session } => {
                tracing::warn!(session_id = %session, "a spent refresh token was presented: its family is revoked");
                let owner = self.audit.actor_of(session).await.at(address);
                let entry = self.audit.entry(&owner, AuditAction::TokenReused).about(session);
                self.audit.record(entry.refused()).await;
                Err(AuthError::RefreshTokenReused)
            }
            Rotation::Unknown => Err(AuthError::InvalidRefreshToken),
        }
    }

    /// The session to which a refresh token belongs: lets somebody whose access token has run out still log out.
    pub async fn session_of_refresh_token(&self, refresh_token: &str) -> Result<Option<SessionId>, AuthError> {
        Ok(self.stores.refresh_tokens.session_of(&hash_token(refresh_token)).await?)
    }

    /// The session that an access token names, whether or not the session is still there: lets logout be repeated.
    #[must_use]
    pub fn session_of_access_token(&self, access_token: &str) -> Option<SessionId> {
        self.access_tokens.verify(access_token, self.stores.clock.now()).map(|claims| claims.session)
    }

    /// Changes the password of the signed-in user and ends their other sessions.
    pub async fn change_password(&self, who: &SignedIn, current: &str, new: &str) -> Result<(), AuthError> {
        let key = login::account_key(&who.user.username);
        let _turn = self.account_turns.take(&key).await;
        self.refuse_if_throttled(&key).await?;
        let account = self.stores.accounts.get(who.user.id).await?.ok_or(AuthError::NotSignedIn)?;
        let entry = self.audit.entry(&who.actor(), AuditAction::PasswordChanged);
        if !self.passwords.verify(current, Some(account.password_hash)).await? {
            self.record_failure(&key, crate::domain::backoff::FREE_FOR_ACCOUNT).await?;
            self.audit.record(entry.refused()).await;
            return Err(AuthError::WrongPassword);
        }
        check_password(new, &who.user.username).map_err(AuthError::WeakPassword)?;
        let password_hash = Some(self.passwords.hash(new).await?);
        let change = AccountChange { password_hash, ..AccountChange::default() };
        self.stores.accounts.change(who.user.id, &change, &entry).await?;
        self.session_end.end_all_of(who.user.id, Some(who.session.id)).await?;
        Ok(())
    }

    /// Does once what would make the first login of an unknown user slower than others.
    pub async fn warm_up(&self) -> Result<(), StoreError> {
        self.passwords.warm_up().await
    }

    /// Hashes a password for a new account.
    pub async fn hash_password(&self, password: &str, username: &str) -> Result<String, AccountError> {
        check_password(password, username).map_err(AccountError::Invalid)?;
        Ok(self.passwords.hash(password).await?)
    }

    fn grant(&self, user: User, session: SessionId, refresh_token: String, now: Timestamp) -> Grant {
        Grant {
            access_token: self.access_tokens.issue(user.id, session, now),
            expires_in: self.policy.access_token_lifetime,
            refresh_token,
            refresh_expires_in: self.policy.refresh_token_lifetime,
            session,
            user,
        }
    }

    /// A new opaque token and the hash under which it is kept.
    fn new_refresh_token(&self) -> (String, TokenHash) {
        use base64::Engine as _;
        let mut secret = [0; 32];
        self.stores.random.fill(&mut secret);
        let token = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(secret);
        let hash = hash_token(&token);
        (token, hash)
    }
}

fn hash_token(token: &str) -> TokenHash {
    Sha256::digest(token.as_bytes()).into()
}
