//! The audit log in PostgreSQL.

use async_trait::async_trait;
use sqlx::{Row, postgres::PgRow, query};
use uuid::Uuid;

use super::{PostgresDatabase, lease::Statement, portions::OF_WHAT_ENDED, rows};
use crate::{
    domain::{AuditEntry, AuditEntryId, Timestamp, UserId},
    ports::{
        Audit, StoreError,
        audit::{AuditFilter, AuditPosition},
    },
};

macro_rules! list {
    ($filter:literal) => {
        concat!(
            "SELECT at, id, actor, actor_name, action, subject, client_address, outcome, details FROM audit
             WHERE (at, id) < ($1, $2)",
            $filter,
            " ORDER BY at DESC, id DESC LIMIT $3"
        )
    };
}

#[async_trait]
impl Audit for PostgresDatabase {
    async fn record(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        self.execute("keep audit entry", || insert(entry)).await?;
        Ok(())
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
            (Some(_), None) => list!(" AND actor = $4"),
            (None, Some(_)) => list!(" AND action = $4"),
            (Some(_), Some(_)) => list!(" AND actor = $4 AND action = $5"),
        };
        let statement = || {
            let mut statement = query(sql).bind(after.at.as_millis()).bind(after.id.0).bind(i64::from(limit));
            if let Some(actor) = filter.actor {
                statement = statement.bind(actor.0);
            }
            if let Some(action) = filter.action {
                statement = statement.bind(action.as_str());
            }
            statement
        };
        self.find_all("list audit entries", statement, entry).await
    }

    async fn remove_before(&self, before: Timestamp) -> Result<u64, StoreError> {
        let sql =
            "DELETE FROM audit WHERE (at, id) IN (SELECT at, id FROM audit WHERE at < $1 ORDER BY at, id LIMIT $2)";
        let statement = |rows| query(sql).bind(before.as_millis()).bind(rows);
        self.remove_in_portions("remove old audit entries", OF_WHAT_ENDED, statement).await
    }
}

/// What keeps an entry, for the transaction of what it tells of too.
pub(super) fn insert(entry: &AuditEntry) -> Statement<'_> {
    query(
        "INSERT INTO audit (at, id, actor, actor_name, action, subject, client_address, outcome, details)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
    )
    .bind(entry.at.as_millis())
    .bind(entry.id.0)
    .bind(entry.actor.map(|actor| actor.0))
    .bind(&entry.actor_name)
    .bind(entry.action.as_str())
    .bind(&entry.subject)
    .bind(&entry.client_address)
    .bind(entry.outcome.as_str())
    .bind(entry.details.to_string())
}

fn entry(row: &PgRow) -> sqlx::Result<AuditEntry> {
    Ok(AuditEntry {
        id: AuditEntryId(rows::id(row, "id")?),
        at: rows::time(row, "at")?,
        actor: row.try_get::<Option<Uuid>, _>("actor")?.map(UserId),
        actor_name: row.try_get("actor_name")?,
        action: rows::parsed(row, "action")?,
        subject: row.try_get("subject")?,
        client_address: row.try_get("client_address")?,
        outcome: rows::parsed(row, "outcome")?,
        details: rows::json(row, "details")?,
    })
}
