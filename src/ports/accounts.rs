//! Accounts of people.

use async_trait::async_trait;

use super::StoreError;
use crate::domain::{AuditEntry, Role, Timestamp, User, UserId};

/// An account with the hash of its password (a PHC string).
#[derive(Clone, Debug)]
pub struct Account {
    /// What may be shown.
    pub user: User,
    /// The password's hash.
    pub password_hash: String,
}

/// How adding an account ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddAccount {
    /// It is there now.
    Added,
    /// Another account has the name (without regard to case); nothing changed.
    NameTaken,
}

/// Fields of an account to change; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct AccountChange {
    /// A new role.
    pub role: Option<Role>,
    /// `Some(Some(t))` disables as of `t`, `Some(None)` enables.
    pub disabled_at: Option<Option<Timestamp>>,
    /// A new password hash.
    pub password_hash: Option<String>,
}

/// How changing or removing an account ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeAccount {
    /// Done; the account as it was before a removal or is after a change.
    Changed(User),
    /// There is no such account.
    NotFound,
    /// It would leave the service without an enabled administrator; nothing changed.
    LastAdmin,
}

/// The store of accounts. No account is changed without an entry in the audit log: it is kept in the same transaction, if there is a change.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// Adds an account. Names are unique by [`crate::domain::user::username_key`]; the store decides, not a check before.
    async fn add(&self, account: &Account, entry: &AuditEntry) -> Result<AddAccount, StoreError>;

    /// The account of that name, whatever its letters' case; disabled ones too.
    async fn find_by_name(&self, username: &str) -> Result<Option<Account>, StoreError>;

    /// The account of that id; disabled ones too.
    async fn get(&self, id: UserId) -> Result<Option<Account>, StoreError>;

    /// Accounts after `after` by id (so by time of making), at most `limit`.
    async fn list(&self, after: Option<UserId>, limit: u32) -> Result<Vec<User>, StoreError>;

    /// Changes the fields given. Refuses to disable or demote the last enabled administrator.
    async fn change(&self, id: UserId, change: &AccountChange, entry: &AuditEntry)
    -> Result<ChangeAccount, StoreError>;

    /// Removes an account that has no sessions left (its sessions are ended first). Refuses the last enabled administrator.
    async fn remove(&self, id: UserId, entry: &AuditEntry) -> Result<ChangeAccount, StoreError>;

    /// How many accounts there are.
    async fn count(&self) -> Result<u64, StoreError>;
}
