//! The audit log in SQLite.

use async_trait::async_trait;
use sqlx::{Row, SqliteConnection, query, sqlite::SqliteRow};

use super::{SqliteDatabase, failed, rows};
use crate::{
    domain::{AuditEntry, Timestamp},
    ports::{
        Audit, StoreError,
        audit::{AuditFilter, AuditPosition},
    },
};

/// Rows that are removed at once, so that other writers get their turn.
const PORTION: u32 = 100;
/// Portions of one call.
const PORTIONS_AT_MOST: usize = 1000;

macro_rules! list {
    ($filter:literal) => {
        concat!(
            "SELECT at, id, actor, actor_name, action, subject, client_address, outcome, details FROM audit
             WHERE (at, id) < (?, ?)",
            $filter,
            " ORDER BY at DESC, id DESC LIMIT ?"
        )
    };
}

#[async_trait]
impl Audit for SqliteDatabase {
    async fn record(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        let keep = async || insert(&mut *self.pool.acquire().await?, entry).await;
        keep().await.map_err(failed("keep audit entry"))
    }

    async fn list(
        &self,
        filter: AuditFilter,
        after: Option<AuditPosition>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let after = after.unwrap_or_else(AuditPosition::start);
        // One statement for each filter, so that each goes by the index that fits.
        let sql = match (filter.actor, filter.action) {
            (None, None) => list!(""),
            (Some(_), None) => list!(" AND actor = ?"),
            (None, Some(_)) => list!(" AND action = ?"),
            (Some(_), Some(_)) => list!(" AND actor = ? AND action = ?"),
        };
        let mut statement = query(sql).bind(after.at.as_millis()).bind(after.id.to_string());
        if let Some(actor) = filter.actor {
            statement = statement.bind(actor.to_string());
        }
        if let Some(action) = filter.action {
            statement = statement.bind(action.as_str());
        }
        statement
            .bind(limit)
            .try_map(|row: SqliteRow| entry(&row))
            .fetch_all(&self.pool)
            .await
            .map_err(failed("list audit entries"))
    }

    async fn remove_before(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut removed = 0;
        for _ in 0..PORTIONS_AT_MOST {
            let portion = query(
                "DELETE FROM audit WHERE (at, id) IN (SELECT at, id FROM audit WHERE at < ? ORDER BY at, id LIMIT ?)",
            )
            .bind(before.as_millis())
            .bind(PORTION)
            .execute(&self.pool)
            .await
            .map_err(failed("remove old audit entries"))?
            .rows_affected();
            removed += portion;
            if portion < u64::from(PORTION) {
                break;
            }
        }
        Ok(removed)
    }
}

/// Keeps an entry, in the transaction of the connection if there is one.
pub(super) async fn insert(connection: &mut SqliteConnection, entry: &AuditEntry) -> Result<(), sqlx::Error> {
    query(
        "INSERT INTO audit (at, id, actor, actor_name, action, subject, client_address, outcome, details)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    )
    .bind(entry.at.as_millis())
    .bind(entry.id.to_string())
    .bind(entry.actor.map(|actor| actor.to_string()))
    .bind(&entry.actor_name)
    .bind(entry.action.as_str())
    .bind(&entry.subject)
    .bind(&entry.client_address)
    .bind(entry.outcome.as_str())
    .bind(entry.details.to_string())
    .execute(connection)
    .await?;
    Ok(())
}

fn entry(row: &SqliteRow) -> Result<AuditEntry, sqlx::Error> {
    Ok(AuditEntry {
        id: rows::parsed(row, "id")?,
        at: rows::time(row, "at")?,
        actor: rows::parsed_option(row, "actor")?,
        actor_name: row.try_get("actor_name")?,
        action: rows::parsed(row, "action")?,
        subject: row.try_get("subject")?,
        client_address: row.try_get("client_address")?,
        outcome: rows::parsed(row, "outcome")?,
        details: rows::json(row, "details")?,
    })
}
