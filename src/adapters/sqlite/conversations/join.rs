//! Joining changes into the rows: one transaction, which no other writer stands beside.

use std::collections::{HashMap, hash_map};

use sqlx::{Row, Sqlite, SqliteConnection, Transaction, query, sqlite::SqliteRow};

use super::{Result, entry};
use crate::{
    adapters::sqlite::{SqliteDatabase, rows},
    domain::{
        ConversationId, UserId,
        conversation::{Change, Register},
    },
    ports::conversations::{Join, Joined, beside, greatest},
};

/// What a batch has found and done, by register.
type Outcomes = HashMap<(ConversationId, Register), Joined>;

impl SqliteDatabase {
    pub(super) async fn join_conversations(&self, join: Join<'_>) -> Result<Vec<Joined>> {
        let mut transaction = self.write().await?;
        let mut heads = HashMap::new();
        for change in join.changes {
            if let hash_map::Entry::Vacant(place) = heads.entry(change.conversation) {
                let may_be_made = !join.not_to_be_made.contains(&change.conversation);
                place.insert(head(&mut transaction, change, may_be_made).await?);
            }
        }
        let mut outcomes = Outcomes::new();
        // Tombstones come last among the registers of a conversation, but above all.
        let greatest = greatest(join.changes);
        for ((id, register, owner), change) in &greatest {
            let is_ended = greatest.contains_key(&(*id, Register::Tombstone, *owner));
            let outcome = match heads.get(id) {
                Some(Some(head)) if head.owner != change.owner => continue,
                Some(Some(_)) if *register == Register::Tombstone => {
                    bury(&mut transaction, change).await?;
                    Joined::Kept
                }
                Some(Some(head)) if !head.is_deleted && !is_ended => put(&mut transaction, change).await?,
                _ => Joined::Gone,
            };
            outcomes.insert((*id, *register), outcome);
        }
        tell(&mut transaction, join).await?;
        transaction.commit().await?;
        let outcome = |change| beside(change, &greatest, outcome_of(change, join, &heads, &outcomes));
        Ok(join.changes.iter().map(outcome).collect())
    }
}

/// What is known of a conversation before the batch.
struct Head {
    owner: UserId,
    is_deleted: bool,
}

/// The conversation of a change, made if it is not there; `None` if there is no such person.
async fn head(
    transaction: &mut Transaction<'static, Sqlite>,
    change: &Change,
    may_be_made: bool,
) -> Result<Option<Head>> {
    let at = change.entry.at;
    query(
        "INSERT INTO conversations (id, owner_id, created_at, updated_at) SELECT ?, id, ?, ? FROM users WHERE id = ? AND ?
         ON CONFLICT DO NOTHING",
    )
    .bind(change.conversation.to_string())
    .bind(change.conversation.made_at().unwrap_or(at).as_millis())
    .bind(at.as_millis())
    .bind(change.owner.to_string())
    .bind(may_be_made)
    .execute(&mut **transaction)
    .await?;
    query("SELECT owner_id, deleted_at IS NOT NULL AS is_deleted FROM conversations WHERE id = ?")
        .bind(change.conversation.to_string())
        .try_map(|row: SqliteRow| {
            Ok(Head { owner: rows::parsed(&row, "owner_id")?, is_deleted: row.try_get("is_deleted")? })
        })
        .fetch_optional(&mut **transaction)
        .await
}

async fn bury(transaction: &mut SqliteConnection, end: &Change) -> Result<()> {
    let id = end.conversation.to_string();
    query("UPDATE conversations SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL")
        .bind(end.entry.at.as_millis())
        .bind(&id)
        .execute(&mut *transaction)
        .await?;
    query("DELETE FROM conversation_registers WHERE conversation_id = ?").bind(&id).execute(transaction).await?;
    Ok(())
}

async fn put(transaction: &mut SqliteConnection, change: &Change) -> Result<Joined> {
    let (id, register, at) =
        (change.conversation.to_string(), change.register.to_string(), change.entry.at.as_millis());
    let revision = i64::try_from(change.entry.revision.number()).unwrap_or(i64::MAX);
    let number = query(
        "INSERT INTO conversation_registers (conversation_id, register, revision, at, value) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (conversation_id, register) DO UPDATE
             SET revision = excluded.revision, at = excluded.at, value = excluded.value
             WHERE (revision, -at, value) < (excluded.revision, -excluded.at, excluded.value)
               AND NOT (revision = 1 AND excluded.revision = 1 AND excluded.register GLOB 'm:*')
         RETURNING number",
    )
    .bind(&id)
    .bind(&register)
    .bind(revision)
    .bind(at)
    .bind(&*change.entry.value)
    .try_map(|row: SqliteRow| row.try_get::<i64, _>("number"))
    .fetch_optional(&mut *transaction)
    .await?;
    let Some(number) = number else {
        let kept =
            query("SELECT revision, at, value FROM conversation_registers WHERE conversation_id = ? AND register = ?")
                .bind(&id)
                .bind(&register)
                .try_map(|row: SqliteRow| entry(&row))
                .fetch_one(transaction)
                .await?;
        return Ok(if kept == change.entry { Joined::Kept } else { Joined::Behind(kept.revision) });
    };
    let words: Vec<String> = change.register.words(&change.entry.value).into_iter().collect();
    query("DELETE FROM conversation_words WHERE rowid = ?").bind(number).execute(&mut *transaction).await?;
    if !words.is_empty() {
        query("INSERT INTO conversation_words (rowid, words) VALUES (?, ?)")
            .bind(number)
            .bind(words.join(" "))
            .execute(&mut *transaction)
            .await?;
    }
    if change.register.counts_as_use() {
        query("UPDATE conversations SET updated_at = ?1 WHERE id = ?2 AND updated_at < ?1")
            .bind(at)
            .bind(&id)
            .execute(transaction)
            .await?;
    }
    Ok(Joined::Kept)
}

/// Tells instances what to forget.
async fn tell(transaction: &mut SqliteConnection, join: Join<'_>) -> Result<()> {
    let mut ids: Vec<ConversationId> = join.unseen_by_hot_tier.to_vec();
    if let Some(incarnation) = join.incarnation {
        let latest = query("SELECT name FROM hot_incarnations ORDER BY number DESC LIMIT 1")
            .try_map(|row: SqliteRow| row.try_get::<String, _>("name"))
            .fetch_optional(&mut *transaction)
            .await?;
        if latest.as_deref() != Some(incarnation) {
            ids.extend(join.changes.iter().map(|change| change.conversation));
        }
    }
    ids.sort_unstable();
    ids.dedup();
    for id in ids {
        query(
            "INSERT INTO conversation_forgettable (conversation_id, at)
             VALUES (?, CAST(unixepoch('subsec') * 1000 AS INTEGER))",
        )
        .bind(id.to_string())
        .execute(&mut *transaction)
        .await?;
    }
    Ok(())
}

fn outcome_of(
    change: &Change,
    join: Join<'_>,
    heads: &HashMap<ConversationId, Option<Head>>,
    outcomes: &Outcomes,
) -> Joined {
    match heads.get(&change.conversation) {
        Some(Some(head)) if head.owner != change.owner => Joined::Forbidden,
        Some(None) if join.not_to_be_made.contains(&change.conversation) => Joined::Unknown,
        _ => outcomes.get(&(change.conversation, change.register)).copied().unwrap_or(Joined::Gone),
    }
}
