//! Logging in: throttled by account and by address, in the same time for known and unknown users.

use serde_json::json;

use super::{AuthError, AuthService, Grant};
use crate::{
    domain::{Actor, AuditAction, Session, SessionId, backoff, user::username_key},
    ports::{StoreError, accounts::Account},
};

impl AuthService {
    /// Checks a password and opens a new session. `address` is the client's.
    pub async fn login(&self, username: &str, password: &str, address: &str) -> Result<Grant, AuthError> {
        let (account_key, address_key) = (account_key(username), format!("address:{address}"));
        // Always the account's turn first: nobody waits in a circle.
        let _account_turn = self.account_turns.take(&account_key).await;
        let _address_turn = self.address_turns.take(&address_key).await;
        self.refuse_if_throttled(&account_key).await?;
        self.refuse_if_throttled(&address_key).await?;
        let account = self.stores.accounts.find_by_name(username).await?;
        // A name that is none of an account is not kept: it may be a password, typed into the wrong field.
        let known = account.as_ref().map(|account| Actor::person(&account.user)).unwrap_or_default();
        let actor = known.at(address);
        // An unknown or disabled account costs one verification like any other.
        let enabled = account.filter(|account| account.user.disabled_at.is_none());
        let hash = enabled.as_ref().map(|account| account.password_hash.clone());
        let matches = self.passwords.verify(password, hash).await?;
        let Some(account) = enabled.filter(|_| matches) else {
            self.record_failure(&account_key, backoff::FREE_FOR_ACCOUNT).await?;
            self.record_failure(&address_key, backoff::FREE_FOR_ADDRESS).await?;
            self.audit.record(self.audit.entry(&actor, AuditAction::LoginFailed).refused()).await;
            return Err(AuthError::InvalidCredentials);
        };
        self.stores.login_throttle.forget(&account_key).await?;
        let grant = self.open_session(account).await?;
        self.audit.record(self.audit.entry(&actor, AuditAction::Login).about(grant.session)).await;
        Ok(grant)
    }

    async fn open_session(&self, account: Account) -> Result<Grant, AuthError> {
        let Account { user, password_hash } = account;
        let now = self.stores.clock.now();
        let id = SessionId(self.stores.ids.next());
        let session =
            Session { id, user_id: user.id, created_at: now, last_seen_at: now, closed_at: None, conversion: None };
        let metadata = json!({ "session_id": id, "user_id": user.id, "created_at": now });
        // The row first: files without a row would have nobody to remove them.
        if !self.stores.sessions.open(&session, &password_hash).await? {
            // Disabled, removed or given a new password while this one was being checked.
            return Err(AuthError::InvalidCredentials);
        }
        self.stores.session_files.create_session(id, metadata.to_string().into()).await?;
        let (refresh_token, hash) = self.new_refresh_token();
        self.stores.refresh_tokens.add(&hash, id, now.plus(self.policy.refresh_token_lifetime)).await?;
        Ok(self.grant(user, id, refresh_token, now))
    }

    pub(super) async fn refuse_if_throttled(&self, key: &str) -> Result<(), AuthError> {
        let now = self.stores.clock.now();
        match self.stores.login_throttle.locked_until(key, now).await? {
            Some(until) => Err(AuthError::Throttled { retry_after: until.since(now) }),
            None => Ok(()),
        }
    }

    pub(super) async fn record_failure(&self, key: &str, free: u32) -> Result<(), StoreError> {
        self.stores.login_throttle.record_failure(key, free, self.stores.clock.now()).await
    }
}

/// The key under which an account's failures are counted, whether the account exists or not.
pub(super) fn account_key(username: &str) -> String {
    let mut name = username_key(username);
    // A name longer than any account's needs no row of its own length.
    if let Some((end, _)) = name.char_indices().nth(64) {
        name.truncate(end);
    }
    format!("account:{name}")
}
