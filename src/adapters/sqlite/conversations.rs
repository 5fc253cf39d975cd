//! Conversations in SQLite: one row for each register.

mod join;

use std::time::Duration;

use async_trait::async_trait;
use sqlx::{Row, query, sqlite::SqliteRow};

use super::{SqliteDatabase, failed, rows};
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

type Result<T> = std::result::Result<T, sqlx::Error>;

#[async_trait]
impl Conversations for SqliteDatabase {
    async fn join(&self, join: Join<'_>) -> std::result::Result<Vec<Joined>, StoreError> {
        self.join_conversations(join).await.map_err(failed("join conversations"))
    }

    async fn read(&self, id: ConversationId) -> std::result::Result<Option<Stored>, StoreError> {
        self.read_conversation(id).await.map_err(failed("read conversation"))
    }

    async fn list(
        &self,
        owner: UserId,
        words: &[String],
        after: Option<ListPosition>,
        limit: u32,
    ) -> std::result::Result<Vec<Summary>, StoreError> {
        let after = after.unwrap_or(ListPosition {
            updated_at: Timestamp::from_millis(i64::MAX),
            id: ConversationId(uuid::Uuid::max()),
        });
        query(
            "SELECT c.id, c.created_at, c.updated_at, t.value AS title FROM conversations c
             LEFT JOIN conversation_registers t ON t.conversation_id = c.id AND t.register = 't'
             WHERE c.owner_id = ?1 AND c.deleted_at IS NULL AND (c.updated_at, c.id) < (?2, ?3)
               AND (?4 = '' OR c.id IN (SELECT r.conversation_id FROM conversation_words w
                                        JOIN conversation_registers r ON r.number = w.rowid
                                        WHERE conversation_words MATCH ?4))
             ORDER BY c.updated_at DESC, c.id DESC LIMIT ?5",
        )
        .bind(owner.to_string())
        .bind(after.updated_at.as_millis())
        .bind(after.id.to_string())
        .bind(words.iter().map(|word| format!("\"{word}\"*")).collect::<Vec<_>>().join(" AND "))
        .bind(i64::from(limit))
        .try_map(|row: SqliteRow| summary(&row))
        .fetch_all(&self.pool)
        .await
        .map_err(failed("list conversations"))
    }

    async fn list_unused(
        &self,
        since: Timestamp,
        limit: u32,
    ) -> std::result::Result<Vec<(ConversationId, UserId)>, StoreError> {
        query("SELECT id, owner_id FROM conversations WHERE deleted_at IS NULL AND updated_at < ? ORDER BY updated_at LIMIT ?")
            .bind(since.as_millis())
            .bind(i64::from(limit))
            .try_map(|row: SqliteRow| Ok((rows::parsed(&row, "id")?, rows::parsed(&row, "owner_id")?)))
            .fetch_all(&self.pool)
            .await
            .map_err(failed("list unused conversations"))
    }

    async fn note_incarnation(&self, incarnation: &str) -> std::result::Result<Noted, StoreError> {
        self.note(incarnation).await.map_err(failed("note incarnation"))
    }

    async fn admit_incarnation(&self, number: i64) -> std::result::Result<(), StoreError> {
        let sql = "UPDATE hot_incarnations SET is_admitted = true WHERE number = ?";
        query(sql).bind(number).execute(&self.pool).await.map_err(failed("admit incarnation"))?;
        Ok(())
    }

    async fn forgettable(&self, span: Duration) -> std::result::Result<Vec<(i64, ConversationId)>, StoreError> {
        query(
            "SELECT max(number) AS number, conversation_id FROM conversation_forgettable
             WHERE at > CAST(unixepoch('subsec') * 1000 AS INTEGER) - ?
                OR number > (SELECT max(number) - ? FROM conversation_forgettable)
             GROUP BY conversation_id ORDER BY 1",
        )
        .bind(millis(span))
        .bind(LAST_NOTES)
        .try_map(|row: SqliteRow| Ok((row.try_get("number")?, rows::parsed(&row, "conversation_id")?)))
        .fetch_all(&self.pool)
        .await
        .map_err(failed("read what to forget"))
    }

    async fn remove_forgettable(&self, older_than: Duration) -> std::result::Result<u64, StoreError> {
        let removed =
            query("DELETE FROM conversation_forgettable WHERE at <= CAST(unixepoch('subsec') * 1000 AS INTEGER) - ?")
                .bind(millis(older_than))
                .execute(&self.pool)
                .await
                .map_err(failed("remove what to forget"))?;
        Ok(removed.rows_affected())
    }
}

impl SqliteDatabase {
    async fn note(&self, incarnation: &str) -> Result<Noted> {
        let mut transaction = self.write().await?;
        let last = query("SELECT number, name, is_admitted FROM hot_incarnations ORDER BY number DESC LIMIT 1")
            .try_map(|row: SqliteRow| {
                Ok((row.try_get::<i64, _>("number")?, row.try_get::<String, _>("name")?, row.try_get("is_admitted")?))
            })
            .fetch_optional(&mut *transaction)
            .await?;
        if let Some((number, last, is_admitted)) = last
            && last == incarnation
        {
            return Ok(if is_admitted { Noted::Last } else { Noted::New(number) });
        }
        let known =
            query("DELETE FROM hot_incarnations WHERE name = ?").bind(incarnation).execute(&mut *transaction).await?;
        let note = query("INSERT INTO hot_incarnations (name, is_admitted) VALUES (?, false)");
        let number = note.bind(incarnation).execute(&mut *transaction).await?.last_insert_rowid();
        transaction.commit().await?;
        Ok(if known.rows_affected() > 0 { Noted::Superseded(number) } else { Noted::New(number) })
    }

    async fn read_conversation(&self, id: ConversationId) -> Result<Option<Stored>> {
        let mut connection = self.pool.acquire().await?;
        // One statement, so one moment.
        let found = query(
            "SELECT c.owner_id, c.deleted_at, r.register, r.revision, r.at, r.value FROM conversations c
             LEFT JOIN conversation_registers r ON r.conversation_id = c.id WHERE c.id = ?",
        )
        .bind(id.to_string())
        .fetch_all(&mut *connection)
        .await?;
        let Some(first) = found.first() else { return Ok(None) };
        let owner = rows::parsed(first, "owner_id")?;
        if first.try_get::<Option<i64>, _>("deleted_at")?.is_some() {
            return Ok(Some(Stored { owner, state: State::deleted() }));
        }
        let mut state = State::new();
        for row in &found {
            if let Some(register) = rows::parsed_option(row, "register")? {
                state.put(register, entry(row)?);
            }
        }
        Ok(Some(Stored { owner, state }))
    }
}

fn entry(row: &SqliteRow) -> Result<Entry> {
    Ok(Entry {
        revision: Revision::new(rows::unsigned(row, "revision")?),
        at: rows::time(row, "at")?,
        value: row.try_get::<String, _>("value")?.into(),
    })
}

fn summary(row: &SqliteRow) -> Result<Summary> {
    Ok(Summary {
        id: rows::parsed(row, "id")?,
        title: rows::json_option(row, "title")?,
        created_at: rows::time(row, "created_at")?,
        updated_at: rows::time(row, "updated_at")?,
    })
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}
