//! Accounts in PostgreSQL.

use async_trait::async_trait;
use sqlx::{Row, postgres::PgRow, query};

use super::{PostgresDatabase, audit, fault::Result, rows};
use crate::{
    domain::{AuditEntry, Role, User, UserId, user::username_key},
    ports::{
        Accounts, StoreError,
        accounts::{Account, AccountChange, AddAccount, ChangeAccount},
    },
};

#[async_trait]
impl Accounts for PostgresDatabase {
    async fn add(&self, account: &Account, entry: &AuditEntry) -> std::result::Result<AddAccount, StoreError> {
        self.write("add account", || self.add_account(account, entry)).await
    }

    async fn find_by_name(&self, username: &str) -> std::result::Result<Option<Account>, StoreError> {
        let key = username_key(username);
        if !rows::is_storable(&key) {
            return Ok(None);
        }
        let sql =
            "SELECT id, username, role, password_hash, disabled_at, created_at FROM users WHERE username_key = $1";
        self.find_one("find account", || query(sql).bind(&key), account).await
    }

    async fn get(&self, id: UserId) -> std::result::Result<Option<Account>, StoreError> {
        let sql = "SELECT id, username, role, password_hash, disabled_at, created_at FROM users WHERE id = $1";
        self.find_one("get account", || query(sql).bind(id.0), account).await
    }

    async fn list(&self, after: Option<UserId>, limit: u32) -> std::result::Result<Vec<User>, StoreError> {
        let sql = "SELECT id, username, role, disabled_at, created_at FROM users
                   WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT $2";
        let statement = || query(sql).bind(after.map(|id| id.0)).bind(i64::from(limit));
        self.find_all("list accounts", statement, user).await
    }

    async fn change(
        &self,
        id: UserId,
        change: &AccountChange,
        entry: &AuditEntry,
    ) -> std::result::Result<ChangeAccount, StoreError> {
        self.write("change account", || self.change_unless_last_admin(id, Some(change), entry)).await
    }

    async fn remove(&self, id: UserId, entry: &AuditEntry) -> std::result::Result<ChangeAccount, StoreError> {
        self.write("remove account", || self.change_unless_last_admin(id, None, entry)).await
    }

    async fn count(&self) -> std::result::Result<u64, StoreError> {
        let counted = || query("SELECT count(*) AS n FROM users");
        Ok(self.find_one("count accounts", counted, |row| rows::unsigned(row, "n")).await?.unwrap_or(0))
    }
}

impl PostgresDatabase {
    async fn add_account(&self, account: &Account, entry: &AuditEntry) -> Result<AddAccount> {
        let user = &account.user;
        let statement = query(
            "INSERT INTO users (id, username, username_key, role, password_hash, disabled_at, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(user.id.0)
        .bind(&user.username)
        .bind(username_key(&user.username))
        .bind(user.role.as_str())
        .bind(&account.password_hash)
        .bind(user.disabled_at.map(|at| at.as_millis()))
        .bind(user.created_at.as_millis());
        let mut transaction = self.connections.begin().await?;
        match transaction.execute(statement).await {
            Err(fault) if fault.broken_constraint() == Some("users_username_key") => return Ok(AddAccount::NameTaken),
            added => added?,
        };
        transaction.execute(audit::insert(entry)).await?;
        transaction.commit().await.map(|()| AddAccount::Added)
    }

    /// Changes or (with `None`) removes an account, and takes it back if no enabled administrator is left.
    async fn change_unless_last_admin(
        &self,
        id: UserId,
        change: Option<&AccountChange>,
        entry: &AuditEntry,
    ) -> Result<ChangeAccount> {
        let mut transaction = self.connections.begin().await?;
        // One change of accounts at a time: two administrators who dismiss each other would each find the other. Readers and logins go on.
        transaction.command("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE").await?;
        let before = query("SELECT id, username, role, disabled_at, created_at FROM users WHERE id = $1").bind(id.0);
        let Some(before) = transaction.optional(before, user).await? else { return Ok(ChangeAccount::NotFound) };
        let after = match change {
            Some(change) => {
                let role = change.role.unwrap_or(before.role);
                let disabled_at = change.disabled_at.unwrap_or(before.disabled_at);
                let statement = query(
                    "UPDATE users SET role = $1, disabled_at = $2, password_hash = coalesce($3, password_hash)
                     WHERE id = $4",
                )
                .bind(role.as_str())
                .bind(disabled_at.map(|at| at.as_millis()))
                .bind(&change.password_hash)
                .bind(id.0);
                transaction.execute(statement).await?;
                User { role, disabled_at, ..before.clone() }
            }
            None => {
                transaction.execute(query("DELETE FROM users WHERE id = $1").bind(id.0)).await?;
                before.clone()
            }
        };
        let was_admin = before.role == Role::Admin && before.disabled_at.is_none();
        let admins = query("SELECT id FROM users WHERE role = 'admin' AND disabled_at IS NULL LIMIT 1");
        if was_admin && transaction.optional(admins, |_| Ok(())).await?.is_none() {
            return Ok(ChangeAccount::LastAdmin);
        }
        transaction.execute(audit::insert(entry)).await?;
        transaction.commit().await?;
        Ok(ChangeAccount::Changed(after))
    }
}

fn account(row: &PgRow) -> sqlx::Result<Account> {
    Ok(Account { user: user(row)?, password_hash: row.try_get("password_hash")? })
}

fn user(row: &PgRow) -> sqlx::Result<User> {
    Ok(User {
        id: UserId(rows::id(row, "id")?),
        username: row.try_get("username")?,
        role: rows::parsed(row, "role")?,
        disabled_at: rows::time_option(row, "disabled_at")?,
        created_at: rows::time(row, "created_at")?,
    })
}
