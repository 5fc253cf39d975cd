//! Conversations in PostgreSQL: one row for each register.

mod join;

use std::time::Duration;

use async_trait::async_trait;
use sqlx::{Row, postgres::PgRow, query};

use self::join::CHANGE_INCARNATIONS;
use super::{PostgresDatabase, portions::Portions, rows};
use crate::{
    domain::{
        ConversationId, Timestamp, UserId,
        conversation::{Entry, Revision, State},
    },
    ports::{
        Conversations, StoreError,
        conversations::{Join, Joined, LAST_NOTES, ListPosition, Noted, Stored, Summary},
    },
};

/// Notes are small.
const NOTES: Portions = Portions { rows: 10_000, at_most: 100 };

#[async_trait]
impl Conversations for PostgresDatabase {
    async fn join(&self, join: Join<'_>) -> Result<Vec<Joined>, StoreError> {
        // It may be done twice.
        self.read("join conversations", || self.join_conversations(join)).await
    }

    async fn read(&self, id: ConversationId) -> Result<Option<Stored>, StoreError> {
        // One statement, so one moment.
        let sql = "SELECT c.owner_id, c.deleted_at, r.register, r.revision, r.at, r.value FROM conversations c
                   LEFT JOIN conversation_registers r ON r.conversation_id = c.id WHERE c.id = $1";
        let read = |row: &PgRow| {
            let owner = UserId(rows::id(row, "owner_id")?);
            let is_deleted = row.try_get::<Option<i64>, _>("deleted_at")?.is_some();
            let register = row.try_get::<Option<&str>, _>("register")?;
            let kept =
                register.map(|_| Ok::<_, sqlx::Error>((rows::parsed(row, "register")?, entry(row)?))).transpose()?;
            Ok((owner, is_deleted, kept))
        };
        let found = self.find_all("read conversation", || query(sql).bind(id.0), read).await?;
        let Some((owner, is_deleted, _)) = found.first() else { return Ok(None) };
        let (owner, mut state) = (*owner, if *is_deleted { State::deleted() } else { State::new() });
        for (register, entry) in found.into_iter().filter_map(|(_, _, kept)| kept) {
            state.put(register, entry);
        }
        Ok(Some(Stored { owner, state }))
    }

    async fn list(
        &self,
        owner: UserId,
        words: &[String],
        after: Option<ListPosition>,
        limit: u32,
    ) -> Result<Vec<Summary>, StoreError> {
        let sql = "SELECT c.id, c.created_at, c.updated_at, t.value AS title FROM conversations c
                   LEFT JOIN conversation_registers t ON t.conversation_id = c.id AND t.register = 't'
                   WHERE c.owner_id = $1 AND c.deleted_at IS NULL AND (c.updated_at, c.id) < ($2, $3)
                     AND ($4 = '' OR c.id IN (SELECT conversation_id FROM conversation_registers
                                              WHERE words @@ $4::tsquery))
                   ORDER BY c.updated_at DESC, c.id DESC LIMIT $5";
        let after = after.unwrap_or(ListPosition {
            updated_at: Timestamp::from_millis(i64::MAX),
            id: ConversationId(uuid::Uuid::max()),
        });
        // Words are letters and digits.
        let wanted = words.iter().map(|word| format!("'{word}':*")).collect::<Vec<_>>().join(" & ");
        let statement = || {
            query(sql)
                .bind(owner.0)
                .bind(after.updated_at.as_millis())
                .bind(after.id.0)
                .bind(wanted.clone())
                .bind(i64::from(limit))
        };
        let read = |row: &PgRow| {
            Ok(Summary {
                id: ConversationId(rows::id(row, "id")?),
                title: rows::json_option(row, "title")?,
                created_at: rows::time(row, "created_at")?,
                updated_at: rows::time(row, "updated_at")?,
            })
        };
        self.find_all("list conversations", statement, read).await
    }

    async fn list_unused(&self, since: Timestamp, limit: u32) -> Result<Vec<(ConversationId, UserId)>, StoreError> {
        let sql = "SELECT id, owner_id FROM conversations WHERE deleted_at IS NULL AND updated_at < $1
                   ORDER BY updated_at LIMIT $2";
        let read = |row: &PgRow| Ok((ConversationId(rows::id(row, "id")?), UserId(rows::id(row, "owner_id")?)));
        let statement = || query(sql).bind(since.as_millis()).bind(i64::from(limit));
        self.find_all("list unused conversations", statement, read).await
    }

    async fn note_incarnation(&self, incarnation: &str) -> Result<Noted, StoreError> {
        let sql = "SELECT number, name, is_admitted FROM hot_incarnations ORDER BY number DESC LIMIT 1";
        let number = |row: &PgRow| row.try_get::<i64, _>("number");
        let read = |row: &PgRow| Ok((number(row)?, row.try_get::<String, _>("name")?, row.try_get("is_admitted")?));
        if let Some((number, last, is_admitted)) = self.find_one("look for incarnation", || query(sql), read).await?
            && last == incarnation
        {
            return Ok(if is_admitted { Noted::Last } else { Noted::New(number) });
        }
        let note = async || {
            let mut transaction = self.connections.begin().await?;
            transaction.execute(query(CHANGE_INCARNATIONS)).await?;
            let forget = query("DELETE FROM hot_incarnations WHERE name = $1").bind(incarnation.to_owned());
            let known = transaction.execute(forget).await? > 0;
            let note = "INSERT INTO hot_incarnations (name, is_admitted) VALUES ($1, false) RETURNING number";
            let numbers = transaction.all(query(note).bind(incarnation.to_owned()), number).await?;
            transaction.commit().await?;
            let number = numbers.into_iter().next().unwrap_or_default();
            Ok(if known { Noted::Superseded(number) } else { Noted::New(number) })
        };
        self.write("note incarnation", note).await
    }

    async fn admit_incarnation(&self, number: i64) -> Result<(), StoreError> {
        let sql = "UPDATE hot_incarnations SET is_admitted = true WHERE number = $1";
        self.execute("admit incarnation", || query(sql).bind(number)).await?;
        Ok(())
    }

    async fn forgettable(&self, span: Duration) -> Result<Vec<(i64, ConversationId)>, StoreError> {
        let sql = "SELECT max(number) AS number, conversation_id FROM conversation_forgettable
                   WHERE at > (extract(epoch FROM clock_timestamp()) * 1000)::bigint - $1
                      OR number > (SELECT max(number) - $2 FROM conversation_forgettable)
                   GROUP BY conversation_id ORDER BY 1";
        let read = |row: &PgRow| Ok((row.try_get("number")?, ConversationId(rows::id(row, "conversation_id")?)));
        self.find_all("read what to forget", || query(sql).bind(millis(span)).bind(LAST_NOTES), read).await
    }

    async fn remove_forgettable(&self, older_than: Duration) -> Result<u64, StoreError> {
        let sql = "DELETE FROM conversation_forgettable WHERE number IN
                       (SELECT number FROM conversation_forgettable
                        WHERE at <= (extract(epoch FROM clock_timestamp()) * 1000)::bigint - $1 LIMIT $2)";
        let statement = |rows| query(sql).bind(millis(older_than)).bind(rows);
        self.remove_in_portions("remove what to forget", NOTES, statement).await
    }
}

fn entry(row: &PgRow) -> sqlx::Result<Entry> {
    Ok(Entry {
        revision: Revision::new(rows::unsigned(row, "revision")?),
        at: rows::time(row, "at")?,
        value: row.try_get::<&str, _>("value")?.into(),
    })
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}
