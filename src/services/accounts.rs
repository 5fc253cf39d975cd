//! Managing accounts: by an administrator, by the command line, and the first one at the first start.

use serde_json::json;

use super::{Page, Stores, audit::AuditService, auth::AuthService, session_end::SessionEnd};
use crate::{
    domain::{Actor, AuditAction, Role, User, UserId, user::check_username},
    ports::{
        StoreError,
        accounts::{Account, AccountChange, AddAccount, ChangeAccount},
    },
};

/// Why an account was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// A name or password outside the rules.
    #[error("{0}")]
    Invalid(String),
    /// Another account has the name.
    #[error("the username is taken")]
    NameTaken,
    /// There is no such account.
    #[error("there is no such account")]
    NotFound,
    /// It would leave no enabled administrator.
    #[error("this is the last enabled administrator")]
    LastAdmin,
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An account to make.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// The name to sign in with.
    pub username: String,
    /// The password.
    pub password: String,
    /// What it may do.
    pub role: Role,
}

/// Fields to change; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct AccountEdit {
    /// A new role.
    pub role: Option<Role>,
    /// Disable or enable.
    pub disabled: Option<bool>,
    /// A new password.
    pub password: Option<String>,
}

/// The name of the account that the first start makes.
pub const FIRST_ADMIN: &str = "admin";

/// Manages accounts.
#[derive(Clone)]
pub struct AccountService {
    stores: Stores,
    auth: AuthService,
    session_end: SessionEnd,
    audit: AuditService,
}

impl AccountService {
    pub(super) fn new(stores: Stores, auth: AuthService, session_end: SessionEnd, audit: AuditService) -> Self {
        Self { stores, auth, session_end, audit }
    }

    /// Makes an account.
    pub async fn add(&self, by: &Actor, new: &NewAccount) -> Result<User, AccountError> {
        check_username(&new.username).map_err(AccountError::Invalid)?;
        let password_hash = self.auth.hash_password(&new.password, &new.username).await?;
        let user = User {
            id: UserId(self.stores.ids.next()),
            username: new.username.clone(),
            role: new.role,
            disabled_at: None,
            created_at: self.stores.clock.now(),
        };
        let about = json!({ "username": user.username, "role": user.role });
        let entry = self.audit.entry(by, AuditAction::AccountAdded).about(user.id).with(about);
        match self.stores.accounts.add(&Account { user: user.clone(), password_hash }, &entry).await? {
            AddAccount::Added => Ok(user),
            AddAccount::NameTaken => Err(AccountError::NameTaken),
        }
    }

    /// Accounts by time of making, after `after`.
    pub async fn list(&self, after: Option<UserId>, limit: u32) -> Result<Page<User>, AccountError> {
        let users = self.stores.accounts.list(after, limit + 1).await?;
        Ok(Page::of(users, limit, |user| user.id.to_string()))
    }

    /// The account of that name.
    pub async fn find(&self, username: &str) -> Result<User, AccountError> {
        let account = self.stores.accounts.find_by_name(username).await?;
        Ok(account.ok_or(AccountError::NotFound)?.user)
    }

    /// Changes an account. Disabling it, or giving it a new password, ends its sessions.
    pub async fn edit(&self, by: &Actor, id: UserId, edit: &AccountEdit) -> Result<User, AccountError> {
        let username = self.username(id).await?;
        let password_hash = match &edit.password {
            Some(password) => Some(self.auth.hash_password(password, &username).await?),
            None => None,
        };
        let ends_sessions = edit.disabled == Some(true) || password_hash.is_some();
        let disabled_at = edit.disabled.map(|disabled| disabled.then(|| self.stores.clock.now()));
        let change = AccountChange { role: edit.role, disabled_at, password_hash };
        let mut about = json!({ "username": username });
        if let Some(role) = edit.role {
            about["role"] = json!(role);
        }
        if let Some(disabled) = edit.disabled {
            about["disabled"] = disabled.into();
        }
        if edit.password.is_some() {
            about["new_password"] = true.into();
        }
        let entry = self.audit.entry(by, AuditAction::AccountChanged).about(id).with(about);
        let user = changed(self.stores.accounts.change(id, &change, &entry).await?)?;
        if ends_sessions {
            self.session_end.end_all_of(id, None).await?;
        }
        Ok(user)
    }

    /// Removes an account and everything of its sessions.
    pub async fn remove(&self, by: &Actor, id: UserId) -> Result<(), AccountError> {
        // Disabled first: no session can be opened between the end of the others and the removal.
        let disable = AccountEdit { disabled: Some(true), ..AccountEdit::default() };
        let user = self.edit(by, id, &disable).await?;
        let about = json!({ "username": user.username });
        let entry = self.audit.entry(by, AuditAction::AccountRemoved).about(id).with(about);
        changed(self.stores.accounts.remove(id, &entry).await?)?;
        Ok(())
    }

    async fn username(&self, id: UserId) -> Result<String, AccountError> {
        let account = self.stores.accounts.get(id).await?;
        Ok(account.ok_or(AccountError::NotFound)?.user.username)
    }

    /// Makes the first administrator if there is no account at all; its password if it was made here.
    pub async fn bootstrap(&self, password: FirstPassword) -> Result<Option<FirstAdmin>, AccountError> {
        if self.stores.accounts.count().await? > 0 {
            return Ok(None);
        }
        let (password, generated) = match password {
            FirstPassword::Given(password) => (password, false),
            FirstPassword::Generate => (self.generate_password(), true),
            FirstPassword::Missing => {
                let detail = "set it for the first start; in production no password is made up and printed";
                return Err(AccountError::Invalid(detail.into()));
            }
        };
        let new = NewAccount { username: FIRST_ADMIN.into(), password: password.clone(), role: Role::Admin };
        match self.add(&Actor::service("the first start"), &new).await {
            Ok(user) => {
                Ok(Some(FirstAdmin { username: user.username, generated_password: generated.then_some(password) }))
            }
            // Another instance was first.
            Err(AccountError::NameTaken) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// 120 random bits in letters and digits that are not mistaken for each other, in groups of six.
    fn generate_password(&self) -> String {
        const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        let mut random = [0; 24];
        self.stores.random.fill(&mut random);
        let letters = random.map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
        letters.chunks(6).map(String::from_iter).collect::<Vec<_>>().join("-")
    }
}

/// Where the first administrator's password comes from.
#[derive(Clone)]
pub enum FirstPassword {
    /// A setting.
    Given(String),
    /// It is made up and shown once.
    Generate,
    /// Nobody gave one and none may be made up.
    Missing,
}

/// The account made at the first start.
#[derive(Clone, Debug)]
pub struct FirstAdmin {
    /// Its name.
    pub username: String,
    /// Its password, if nobody gave one: to be shown once.
    pub generated_password: Option<String>,
}

fn changed(outcome: ChangeAccount) -> Result<User, AccountError> {
    match outcome {
        ChangeAccount::Changed(user) => Ok(user),
        ChangeAccount::NotFound => Err(AccountError::NotFound),
        ChangeAccount::LastAdmin => Err(AccountError::LastAdmin),
    }
}
