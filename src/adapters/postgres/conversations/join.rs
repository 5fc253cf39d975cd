//! Joining changes into the rows: one statement, however many they are; a transaction where something is deleted.

use std::collections::{BTreeMap, HashMap, HashSet};

use sqlx::{Row, postgres::PgRow, query};
use uuid::Uuid;

use super::entry;
use crate::{
    adapters::postgres::{
        PostgresDatabase, fault,
        lease::{Lease, Statement},
        rows,
    },
    domain::{
        ConversationId, UserId,
        conversation::{Change, Entry, Register},
    },
    ports::conversations::{Join, Joined, beside, greatest},
};

/// Waits for all who hold the incarnation, and keeps others from it: who uses a new one, and reads the database for it, sees what they wrote.
pub(super) const CHANGE_INCARNATIONS: &str = "SELECT pg_advisory_xact_lock(731500202)";

/// First the incarnation is held, then the conversations, in one order, so that nobody waits for one who waits for them. Those that are not
/// there are made, for people who are; one that is not to be made is taken only where it is; those that are used are dated. Of claims to write a message (revision 1) the first
/// stays.
const JOIN: &str = "
    WITH latest AS MATERIALIZED (SELECT hold_incarnation() AS name WHERE $7::text IS NOT NULL),
    held AS (
        INSERT INTO conversations AS c (id, owner_id, created_at, updated_at)
        SELECT f.id, u.id, f.created_at, coalesce(CASE WHEN u.id = f.owner_id THEN f.used_at END, there.updated_at, f.at)
        FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[]) AS f (id, owner_id, created_at, at, used_at)
        LEFT JOIN latest ON true
        LEFT JOIN conversations there ON there.id = f.id
        JOIN users u ON u.id = coalesce(there.owner_id, f.owner_id)
        WHERE f.id <> ALL($6) OR there.id IS NOT NULL
        ORDER BY f.id FOR KEY SHARE OF u
        ON CONFLICT (id) DO UPDATE
            SET updated_at = CASE WHEN c.deleted_at IS NULL THEN greatest(c.updated_at, excluded.updated_at) ELSE c.updated_at END
        RETURNING id, owner_id, deleted_at IS NOT NULL AS is_deleted
    ),
    put AS (
        INSERT INTO conversation_registers AS kept (conversation_id, register, revision, at, value, words)
        SELECT p.id, p.register, p.revision, p.at, p.value, array_to_tsvector(string_to_array(p.words, ' '))
        FROM unnest($8::uuid[], $9::uuid[], $10::text[], $11::bigint[], $12::bigint[], $13::text[], $14::text[])
             AS p (id, owner_id, register, revision, at, value, words)
        JOIN held ON held.id = p.id AND held.owner_id = p.owner_id AND NOT held.is_deleted
        ON CONFLICT (conversation_id, register) DO UPDATE
            SET revision = excluded.revision, at = excluded.at, value = excluded.value, words = excluded.words
            WHERE (kept.revision, -kept.at, kept.value) < (excluded.revision, -excluded.at, excluded.value)
              AND NOT (kept.revision = 1 AND excluded.revision = 1 AND starts_with(excluded.register, 'm:'))
        RETURNING conversation_id, register
    ),
    told AS (
        INSERT INTO conversation_forgettable (conversation_id, at)
        SELECT id, (extract(epoch FROM clock_timestamp()) * 1000)::bigint
        FROM (SELECT unnest($15::uuid[]) AS id
              UNION
              SELECT unnest($1) WHERE $7 IS NOT NULL AND (SELECT name FROM latest) IS DISTINCT FROM $7) AS old
    )
    SELECT id, owner_id, is_deleted, ARRAY(SELECT register FROM put WHERE put.conversation_id = held.id) AS written FROM held";

/// What is known of a conversation that was held.
struct Head {
    owner: UserId,
    is_deleted: bool,
    written: HashSet<Register>,
}

type Heads = HashMap<ConversationId, Head>;

/// What registers hold that were not written; nothing, if they were emptied meanwhile.
type Unwritten = HashMap<(ConversationId, Register), Option<Entry>>;

impl PostgresDatabase {
    pub(super) async fn join_conversations(&self, join: Join<'_>) -> fault::Result<Vec<Joined>> {
        let greatest = greatest(join.changes);
        let (ends, puts): (Vec<&Change>, Vec<&Change>) =
            greatest.values().copied().partition(|change| change.register == Register::Tombstone);
        let mut lease =
            if ends.is_empty() { self.connections.single().await? } else { self.connections.begin().await? };
        let mut heads: Heads = lease.all(statement(join, &puts), head).await?.into_iter().collect();
        let is_owners =
            |change: &Change| heads.get(&change.conversation).is_some_and(|head| head.owner == change.owner);
        let ends: Vec<&Change> = ends.into_iter().filter(|end| is_owners(end)).collect();
        if !ends.is_empty() {
            bury(&mut lease, &ends).await?;
            for end in ends {
                heads.entry(end.conversation).and_modify(|head| head.is_deleted = true);
            }
        }
        let is_unwritten = |change: &&&Change| {
            let head = heads.get(&change.conversation);
            head.is_some_and(|head| {
                head.owner == change.owner && !head.is_deleted && !head.written.contains(&change.register)
            })
        };
        let unwritten: Vec<&Change> = puts.iter().filter(is_unwritten).copied().collect();
        let unwritten = if unwritten.is_empty() { HashMap::new() } else { look_at(&mut lease, &unwritten).await? };
        lease.commit().await?;
        let outcome = |change| beside(change, &greatest, outcome(change, join, &heads, &unwritten));
        Ok(join.changes.iter().map(outcome).collect())
    }
}

/// Marks conversations that are held as deleted, and empties them: by statements of their own, which see what others wrote while the first
/// one waited for them.
async fn bury(lease: &mut Lease, ends: &[&Change]) -> fault::Result<()> {
    let ids = uuids(ends.iter().map(|end| end.conversation));
    let mark = query(
        "UPDATE conversations c SET deleted_at = coalesce(c.deleted_at, e.at)
         FROM unnest($1::uuid[], $2::bigint[]) AS e (id, at) WHERE c.id = e.id",
    )
    .bind(ids.clone())
    .bind(ends.iter().map(|end| end.entry.at.as_millis()).collect::<Vec<_>>());
    lease.execute(mark).await?;
    let empty = query("DELETE FROM conversation_registers WHERE conversation_id = ANY($1)").bind(ids);
    lease.execute(empty).await?;
    Ok(())
}

fn outcome(change: &Change, join: Join<'_>, heads: &Heads, unwritten: &Unwritten) -> Joined {
    match heads.get(&change.conversation) {
        None if join.not_to_be_made.contains(&change.conversation) => Joined::Unknown,
        None => Joined::Gone,
        Some(head) if head.owner != change.owner => Joined::Forbidden,
        Some(_) if change.register == Register::Tombstone => Joined::Kept,
        Some(head) if head.is_deleted => Joined::Gone,
        Some(_) => match unwritten.get(&(change.conversation, change.register)) {
            Some(None) => Joined::Gone,
            Some(Some(kept)) if *kept != change.entry => Joined::Behind(kept.revision),
            Some(Some(_)) | None => Joined::Kept,
        },
    }
}

fn statement<'q>(join: Join<'_>, puts: &[&Change]) -> Statement<'q> {
    let mut firsts: BTreeMap<ConversationId, (&Change, Option<i64>)> = BTreeMap::new();
    for change in join.changes {
        let (first, used_at) = firsts.entry(change.conversation).or_insert((change, None));
        if change.register.counts_as_use() && change.owner == first.owner {
            *used_at = (*used_at).max(Some(change.entry.at.as_millis()));
        }
    }
    let made_at = |change: &Change| change.conversation.made_at().unwrap_or(change.entry.at).as_millis();
    let words = |change: &&Change| {
        let words: Vec<String> = change.register.words(&change.entry.value).into_iter().collect();
        (!words.is_empty()).then(|| words.join(" "))
    };
    query(JOIN)
        .bind(firsts.keys().map(|id| id.0).collect::<Vec<_>>())
        .bind(firsts.values().map(|(change, _)| change.owner.0).collect::<Vec<_>>())
        .bind(firsts.values().map(|(change, _)| made_at(change)).collect::<Vec<_>>())
        .bind(firsts.values().map(|(change, _)| change.entry.at.as_millis()).collect::<Vec<_>>())
        .bind(firsts.values().map(|(_, used_at)| *used_at).collect::<Vec<_>>())
        .bind(uuids(join.not_to_be_made.iter().copied()))
        .bind(join.incarnation.map(str::to_owned))
        .bind(uuids(puts.iter().map(|change| change.conversation)))
        .bind(puts.iter().map(|change| change.owner.0).collect::<Vec<_>>())
        .bind(puts.iter().map(|change| change.register.to_string()).collect::<Vec<_>>())
        .bind(puts.iter().map(|change| rows::signed(change.entry.revision.number())).collect::<Vec<_>>())
        .bind(puts.iter().map(|change| change.entry.at.as_millis()).collect::<Vec<_>>())
        .bind(puts.iter().map(|change| change.entry.value.to_string()).collect::<Vec<_>>())
        .bind(puts.iter().map(words).collect::<Vec<_>>())
        .bind(uuids(join.unseen_by_hot_tier.iter().copied()))
}

fn uuids(ids: impl Iterator<Item = ConversationId>) -> Vec<Uuid> {
    ids.map(|id| id.0).collect()
}

fn head(row: &PgRow) -> sqlx::Result<(ConversationId, Head)> {
    let head = Head {
        owner: UserId(rows::id(row, "owner_id")?),
        is_deleted: row.try_get("is_deleted")?,
        written: rows::parsed_all(row, "written")?,
    };
    Ok((ConversationId(rows::id(row, "id")?), head))
}

async fn look_at(lease: &mut Lease, changes: &[&Change]) -> fault::Result<Unwritten> {
    let kept = query(
        "SELECT r.conversation_id, r.register, r.revision, r.at, r.value FROM conversation_registers r
         JOIN unnest($1::uuid[], $2::text[]) AS p (id, register) ON r.conversation_id = p.id AND r.register = p.register",
    )
    .bind(uuids(changes.iter().map(|change| change.conversation)))
    .bind(changes.iter().map(|change| change.register.to_string()).collect::<Vec<_>>());
    let read = |row: &PgRow| {
        let key = (ConversationId(rows::id(row, "conversation_id")?), rows::parsed(row, "register")?);
        Ok((key, entry(row)?))
    };
    let mut kept: HashMap<(ConversationId, Register), Entry> = lease.all(kept, read).await?.into_iter().collect();
    let keys = changes.iter().map(|change| (change.conversation, change.register));
    Ok(keys.map(|key| (key, kept.remove(&key))).collect())
}
