//! Accounts in SQLite.

use async_trait::async_trait;
use sqlx::{Row, sqlite::SqliteRow};

use super::{SqliteDatabase, audit, failed, rows};
use crate::{
    domain::{AuditEntry, Role, User, UserId, user::username_key},
    ports::{
        Accounts, StoreError,
        accounts::{Account, AccountChange, AddAccount, ChangeAccount},
    },
};

#[async_trait]
impl Accounts for SqliteDatabase {
    async fn add(&self, account: &Account, entry: &AuditEntry) -> Result<AddAccount, StoreError> {
        match self.add_account(account, entry).await {
            Ok(()) => Ok(AddAccount::Added),
            Err(sqlx::Error::Database(error)) if error.message().contains("users.username_key") => {
                Ok(AddAccount::NameTaken)
            }
            Err(error) => Err(failed("add account")(error)),
        }
    }

    async fn find_by_name(&self, username: &str) -> Result<Option<Account>, StoreError> {
        sqlx::query("SELECT * FROM users WHERE username_key = ?")
            .bind(username_key(username))
            .try_map(|row: SqliteRow| account(&row))
            .fetch_optional(&self.pool)
            .await
            .map_err(failed("find account"))
    }

    async fn get(&self, id: UserId) -> Result<Option<Account>, StoreError> {
        sqlx::query("SELECT * FROM users WHERE id = ?")
            .bind(id.to_string())
            .try_map(|row: SqliteRow| account(&row))
            .fetch_optional(&self.pool)
            .await
            .map_err(failed("get account"))
    }

    async fn list(&self, after: Option<UserId>, limit: u32) -> Result<Vec<User>, StoreError> {
        sqlx::query("SELECT * FROM users WHERE id > ? ORDER BY id LIMIT ?")
            .bind(after.map(|id| id.to_string()).unwrap_or_default())
            .bind(limit)
            .try_map(|row: SqliteRow| user(&row))
            .fetch_all(&self.pool)
            .await
            .map_err(failed("list accounts"))
    }

    async fn change(
        &self,
        id: UserId,
        change: &AccountChange,
        entry: &AuditEntry,
    ) -> Result<ChangeAccount, StoreError> {
        self.change_unless_last_admin(id, Some(change), entry).await.map_err(failed("change account"))
    }

    async fn remove(&self, id: UserId, entry: &AuditEntry) -> Result<ChangeAccount, StoreError> {
        self.change_unless_last_admin(id, None, entry).await.map_err(failed("remove account"))
    }

    async fn count(&self) -> Result<u64, StoreError> {
        sqlx::query("SELECT count(*) AS n FROM users")
            .try_map(|row: SqliteRow| rows::unsigned(&row, "n"))
            .fetch_one(&self.pool)
            .await
            .map_err(failed("count accounts"))
    }
}

impl SqliteDatabase {
    async fn add_account(&self, account: &Account, entry: &AuditEntry) -> Result<(), sqlx::Error> {
        let user = &account.user;
        let mut transaction = self.write().await?;
        sqlx::query(
            "INSERT INTO users (id, username, username_key, role, password_hash, disabled_at, created_at)
             VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(user.id.to_string())
        .bind(&user.username)
        .bind(username_key(&user.username))
        .bind(user.role.as_str())
        .bind(&account.password_hash)
        .bind(user.disabled_at.map(|at| at.as_millis()))
        .bind(user.created_at.as_millis())
        .execute(&mut *transaction)
        .await?;
        audit::insert(&mut transaction, entry).await?;
        transaction.commit().await
    }

    /// Changes or (with `None`) removes an account, and takes it back if no enabled administrator is left.
    async fn change_unless_last_admin(
        &self,
        id: UserId,
        change: Option<&AccountChange>,
        entry: &AuditEntry,
    ) -> Result<ChangeAccount, sqlx::Error> {
        let mut transaction = self.write().await?;
        let before = sqlx::query("SELECT * FROM users WHERE id = ?")
            .bind(id.to_string())
            .try_map(|row: SqliteRow| user(&row))
            .fetch_optional(&mut *transaction)
            .await?;
        let Some(before) = before else { return Ok(ChangeAccount::NotFound) };
        let after = match change {
            Some(change) => {
                let role = change.role.unwrap_or(before.role);
                let disabled_at = change.disabled_at.unwrap_or(before.disabled_at);
                sqlx::query(
                    "UPDATE users SET role = ?, disabled_at = ?, password_hash = coalesce(?, password_hash)
                     WHERE id = ?",
                )
                .bind(role.as_str())
                .bind(disabled_at.map(|at| at.as_millis()))
                .bind(&change.password_hash)
                .bind(id.to_string())
                .execute(&mut *transaction)
                .await?;
                User { role, disabled_at, ..before.clone() }
            }
            None => {
                sqlx::query("DELETE FROM users WHERE id = ?").bind(id.to_string()).execute(&mut *transaction).await?;
                before.clone()
            }
        };
        let was_admin = before.role == Role::Admin && before.disabled_at.is_none();
        let admins = sqlx::query("SELECT 1 FROM users WHERE role = 'admin' AND disabled_at IS NULL LIMIT 1")
            .fetch_optional(&mut *transaction)
            .await?;
        if was_admin && admins.is_none() {
            transaction.rollback().await?;
            return Ok(ChangeAccount::LastAdmin);
        }
        audit::insert(&mut transaction, entry).await?;
        transaction.commit().await?;
        Ok(ChangeAccount::Changed(after))
    }
}

fn account(row: &SqliteRow) -> Result<Account, sqlx::Error> {
    Ok(Account { user: user(row)?, password_hash: row.try_get("password_hash")? })
}

fn user(row: &SqliteRow) -> Result<User, sqlx::Error> {
    Ok(User {
        id: rows::parsed(row, "id")?,
        username: row.try_get("username")?,
        role: rows::parsed(row, "role")?,
        disabled_at: rows::time_option(row, "disabled_at")?,
        created_at: rows::time(row, "created_at")?,
    })
}
