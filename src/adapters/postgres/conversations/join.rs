//! Joining changes into the rows: one transaction, however many they are.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use sqlx::{Row, postgres::PgRow, query};
use uuid::Uuid;

use super::entry;
use crate::{
    adapters::postgres::{PostgresDatabase, fault, lease::Lease, rows},
    domain::{
        ConversationId, UserId,
        conversation::{Change, Entry, Register},
    },
    ports::conversations::{Join, Joined, greatest},
};

/// While it is held no incarnation is noted: who uses a new one, and reads the database for it, sees what this transaction wrote. Every
/// statement that comes after it sees what was noted before.
const BEGIN_HOLDING_INCARNATIONS: &str = "BEGIN; SELECT pg_advisory_xact_lock_shared(731500202)";
/// Waits for all who hold the incarnations, and keeps others from it.
pub(super) const CHANGE_INCARNATIONS: &str = "SELECT pg_advisory_xact_lock(731500202)";

/// What is known of a conversation, which the transaction holds.
struct Head {
    owner: UserId,
    is_deleted: bool,
}

type Heads = HashMap<ConversationId, Head>;

impl PostgresDatabase {
    pub(super) async fn join_conversations(&self, join: Join<'_>) -> fault::Result<Vec<Joined>> {
        let begin = if join.incarnation.is_some() { BEGIN_HOLDING_INCARNATIONS } else { "BEGIN" };
        let mut transaction = self.connections.begin_with(begin).await?;
        let mut heads = hold(&mut transaction, join).await?;
        let greatest = greatest(join.changes);
        let may = |change: &Change, heads: &Heads| {
            heads.get(&change.conversation).is_some_and(|head| head.owner == change.owner && !head.is_deleted)
        };
        let ends: Vec<&Change> = greatest
            .values()
            .copied()
            .filter(|change| change.register == Register::Tombstone && may(change, &heads))
            .collect();
        if !ends.is_empty() {
            bury(&mut transaction, &ends).await?;
            for end in &ends {
                heads.entry(end.conversation).and_modify(|head| head.is_deleted = true);
            }
        }
        let puts: Vec<&Change> = greatest.into_values().filter(|change| may(change, &heads)).collect();
        let greater = if puts.is_empty() { HashMap::new() } else { put(&mut transaction, &puts).await? };
        tell(&mut transaction, join).await?;
        transaction.commit().await?;
        Ok(join.changes.iter().map(|change| outcome(change, join, &heads, &greater)).collect())
    }
}

fn outcome(
    change: &Change,
    join: Join<'_>,
    heads: &Heads,
    greater: &HashMap<(ConversationId, Register), Entry>,
) -> Joined {
    match heads.get(&change.conversation) {
        None if join.not_to_be_made.contains(&change.conversation) => Joined::Unknown,
        None => Joined::Gone,
        Some(head) if head.owner != change.owner => Joined::Forbidden,
        Some(_) if change.register == Register::Tombstone => Joined::Kept,
        Some(head) if head.is_deleted => Joined::Gone,
        Some(_) => match greater.get(&(change.conversation, change.register)) {
            Some(kept) if *kept > change.entry => Joined::Behind(kept.revision),
            _ => Joined::Kept,
        },
    }
}

/// Makes the conversations that are not there, of people who are, dates those that are used, and holds all until the transaction ends: in
/// one order, so that nobody waits for one who waits for them. One that is not to be made is taken only where it is.
async fn hold(transaction: &mut Lease, join: Join<'_>) -> fault::Result<Heads> {
    let mut firsts: BTreeMap<ConversationId, (&Change, Option<i64>)> = BTreeMap::new();
    for change in join.changes {
        let (first, used_at) = firsts.entry(change.conversation).or_insert((change, None));
        if change.register.counts_as_use() && change.owner == first.owner {
            *used_at = (*used_at).max(Some(change.entry.at.as_millis()));
        }
    }
    let made_at = |change: &Change| change.conversation.made_at().unwrap_or(change.entry.at).as_millis();
    let hold = query(
        "INSERT INTO conversations AS c (id, owner_id, created_at, updated_at)
         SELECT f.id, u.id, f.created_at,
                coalesce(CASE WHEN u.id = f.owner_id THEN f.used_at END, there.updated_at, f.at)
         FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[]) AS f (id, owner_id, created_at, at, used_at)
         LEFT JOIN conversations there ON there.id = f.id
         JOIN users u ON u.id = coalesce(there.owner_id, f.owner_id)
         WHERE f.id <> ALL($6) OR there.id IS NOT NULL
         ORDER BY f.id FOR KEY SHARE OF u
         ON CONFLICT (id) DO UPDATE
             SET updated_at = CASE WHEN c.deleted_at IS NULL THEN greatest(c.updated_at, excluded.updated_at) ELSE c.updated_at END
         RETURNING id, owner_id, deleted_at IS NOT NULL AS is_deleted",
    )
    .bind(firsts.keys().map(|id| id.0).collect::<Vec<_>>())
    .bind(firsts.values().map(|(change, _)| change.owner.0).collect::<Vec<_>>())
    .bind(firsts.values().map(|(change, _)| made_at(change)).collect::<Vec<_>>())
    .bind(firsts.values().map(|(change, _)| change.entry.at.as_millis()).collect::<Vec<_>>())
    .bind(firsts.values().map(|(_, used_at)| *used_at).collect::<Vec<_>>())
    .bind(join.not_to_be_made.iter().map(|id| id.0).collect::<Vec<_>>());
    let read = |row: &PgRow| {
        let head = Head { owner: UserId(rows::id(row, "owner_id")?), is_deleted: row.try_get("is_deleted")? };
        Ok((ConversationId(rows::id(row, "id")?), head))
    };
    Ok(transaction.all(hold, read).await?.into_iter().collect())
}

async fn bury(transaction: &mut Lease, ends: &[&Change]) -> fault::Result<()> {
    let ids: Vec<Uuid> = ends.iter().map(|end| end.conversation.0).collect();
    let mark = query(
        "UPDATE conversations c SET deleted_at = e.at FROM unnest($1::uuid[], $2::bigint[]) AS e (id, at) WHERE c.id = e.id",
    )
    .bind(ids.clone())
    .bind(ends.iter().map(|end| end.entry.at.as_millis()).collect::<Vec<_>>());
    transaction.execute(mark).await?;
    let empty = query("DELETE FROM conversation_registers WHERE conversation_id = ANY($1)").bind(ids);
    transaction.execute(empty).await?;
    Ok(())
}

/// Puts changes into their registers; the entries of those that held greater ones.
async fn put(transaction: &mut Lease, puts: &[&Change]) -> fault::Result<HashMap<(ConversationId, Register), Entry>> {
    let ids: Vec<Uuid> = puts.iter().map(|change| change.conversation.0).collect();
    let registers: Vec<String> = puts.iter().map(|change| change.register.to_string()).collect();
    let words = |change: &&Change| {
        let words: Vec<String> = change.register.words(&change.entry.value).into_iter().collect();
        (!words.is_empty()).then(|| words.join(" "))
    };
    let upsert = query(
        "INSERT INTO conversation_registers AS kept (conversation_id, register, revision, at, value, words)
         SELECT p.id, p.register, p.revision, p.at, p.value, array_to_tsvector(string_to_array(p.words, ' '))
         FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::text[])
              AS p (id, register, revision, at, value, words)
         ON CONFLICT (conversation_id, register) DO UPDATE
             SET revision = excluded.revision, at = excluded.at, value = excluded.value, words = excluded.words
             WHERE (kept.revision, -kept.at, kept.value) < (excluded.revision, -excluded.at, excluded.value)
         RETURNING conversation_id, register",
    )
    .bind(ids.clone())
    .bind(registers.clone())
    .bind(puts.iter().map(|change| rows::signed(change.entry.revision.number())).collect::<Vec<_>>())
    .bind(puts.iter().map(|change| change.entry.at.as_millis()).collect::<Vec<_>>())
    .bind(puts.iter().map(|change| change.entry.value.to_string()).collect::<Vec<_>>())
    .bind(puts.iter().map(words).collect::<Vec<_>>());
    let written: HashSet<(ConversationId, Register)> = transaction.all(upsert, key).await?.into_iter().collect();
    if written.len() == puts.len() {
        return Ok(HashMap::new());
    }
    let others = query(
        "SELECT r.conversation_id, r.register, r.revision, r.at, r.value FROM conversation_registers r
         JOIN unnest($1::uuid[], $2::text[]) AS p (id, register) ON r.conversation_id = p.id AND r.register = p.register",
    )
    .bind(ids)
    .bind(registers);
    let kept = transaction.all(others, |row| Ok((key(row)?, entry(row)?))).await?;
    Ok(kept.into_iter().filter(|(key, _)| !written.contains(key)).collect())
}

/// Tells instances what to forget.
async fn tell(transaction: &mut Lease, join: Join<'_>) -> fault::Result<()> {
    let mut ids: BTreeSet<Uuid> = join.unseen_by_hot_tier.iter().map(|id| id.0).collect();
    if let Some(incarnation) = join.incarnation {
        let latest = query("SELECT name FROM hot_incarnations ORDER BY number DESC LIMIT 1");
        let latest = transaction.optional(latest, |row| row.try_get::<String, _>("name")).await?;
        if latest.as_deref() != Some(incarnation) {
            ids.extend(join.changes.iter().map(|change| change.conversation.0));
        }
    }
    if !ids.is_empty() {
        let tell = query(
            "INSERT INTO conversation_forgettable (conversation_id, at)
             SELECT id, (extract(epoch FROM clock_timestamp()) * 1000)::bigint FROM unnest($1::uuid[]) AS id",
        )
        .bind(ids.into_iter().collect::<Vec<_>>());
        transaction.execute(tell).await?;
    }
    Ok(())
}

fn key(row: &PgRow) -> sqlx::Result<(ConversationId, Register)> {
    Ok((ConversationId(rows::id(row, "conversation_id")?), rows::parsed(row, "register")?))
}
