//! Removing blobs by what their names start with.

use futures::{StreamExt as _, TryStreamExt as _, stream};

use super::{
    STORE, Store, area_of,
    lists::{Listed, Listing},
    prefix_of,
    writer::sent_at,
};
use crate::{
    adapters::azure::failure::Failure,
    domain::{SessionId, Timestamp},
    ports::{StoreError, session_files::Removed},
};

/// How many blobs are removed at once.
const AT_ONCE: usize = 16;
/// How often a removal looks again for what writers have added meanwhile.
const ROUNDS: usize = 10;

/// Removes all of a session. Its mark goes first: from then on every writer takes back what it publishes, so that what is not in the list
/// will not come. Every blob is counted by the one caller that removed it.
pub(super) async fn remove_session(store: &Store, session: SessionId) -> Result<Removed, StoreError> {
    store.forget(session);
    let failed = |failure: Failure| failure.into_error(STORE, "remove session");
    store.container.delete(&store.mark_of(session)).await.map_err(failed)?;
    let mut removed = Removed::default();
    for _ in 0..ROUNDS {
        let (round, seen) = remove_prefix(store, &prefix_of(session)).await.map_err(failed)?;
        removed.files += round.files;
        removed.bytes += round.bytes;
        if seen == 0 {
            break;
        }
    }
    Ok(removed)
}

/// Removes everything whose name starts so, blocks of unfinished blobs included. What went, and how much was met.
pub(super) async fn remove_prefix(store: &Store, prefix: &str) -> Result<(Removed, u64), Failure> {
    let (mut removed, mut seen) = (Removed::default(), 0);
    let mut pages = store.container.list(prefix, Listing::AndUnfinished)?;
    while let Some(page) = pages.next().await? {
        seen += page.len() as u64;
        let mut removals =
            stream::iter(page.into_iter().map(|blob| remove_listed(store, blob))).buffer_unordered(AT_ONCE);
        while let Some(bytes) = removals.try_next().await? {
            removed.files += u64::from(bytes.is_some());
            removed.bytes += bytes.unwrap_or(0);
        }
    }
    Ok((removed, seen))
}

/// Removes a blob that was listed; how many bytes it had, if it was a file and is removed by this call.
async fn remove_listed(store: &Store, blob: Listed) -> Result<Option<u64>, Failure> {
    // Empty, or of blocks only: the list does not tell.
    if blob.bytes == 0 && store.container.find(&blob.name).await?.is_none() {
        store.container.drop_staged(&blob.name).await?;
        return Ok(None);
    }
    let removed = store.container.delete(&blob.name).await?;
    Ok((removed && area_of(&blob.name).is_some()).then_some(blob.bytes))
}

/// Drops the blocks of unfinished blobs to which none was added since then. Blocks that clients sent themselves are left: the service knows
/// nothing of their age, and removes them after a week.
pub(super) async fn remove_abandoned(
    store: &Store,
    session: SessionId,
    untouched_since: Timestamp,
) -> Result<Removed, Failure> {
    let mut removed = Removed::default();
    let mut pages = store.container.list(&prefix_of(session), Listing::AndUnfinished)?;
    while let Some(page) = pages.next().await? {
        for blob in page.into_iter().filter(|blob| blob.bytes == 0) {
            match store.container.find_any(&blob.name).await? {
                Some(found) if found.is_dropped => {
                    store.container.delete_if(&blob.name, Some(found.etag)).await?;
                    continue;
                }
                Some(_) => continue,
                None => {}
            }
            let (blocks, bytes) = store.container.staged(&blob.name).await?;
            let last = blocks.iter().map(|block| sent_at(block)).max().flatten();
            let all_ours = blocks.iter().all(|block| sent_at(block).is_some());
            if all_ours && last.is_some_and(|last| last < untouched_since) {
                store.container.drop_staged(&blob.name).await?;
                removed.files += 1;
                removed.bytes += bytes;
            }
        }
    }
    Ok(removed)
}
