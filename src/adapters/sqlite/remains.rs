//! What was deleted goes out of the file and its log: SQLite overwrites what it frees (`secure_delete`), but leaves the words of deleted rows
//! in the index of words until that is merged, and pages from before in the log until that is written over.

use std::time::Duration;

use async_trait::async_trait;
use sqlx::{ConnectOptions as _, Connection as _, query, query_scalar};

use super::{SqliteDatabase, failed};
use crate::ports::{Remains, StoreError};

/// Pages of the index that are merged in one transaction, and transactions at most: 4 MiB and 200 MiB.
const PAGES: i64 = 1_000;
const PORTIONS: usize = 50;

/// How long readers are waited for; nobody writes meanwhile.
const WAIT: Duration = Duration::from_millis(200);

#[async_trait]
impl Remains for SqliteDatabase {
    async fn erase(&self) -> Result<(), StoreError> {
        self.erase_words().await.map_err(failed("erase words"))?;
        self.empty_log().await.map_err(failed("empty log"))
    }
}

impl SqliteDatabase {
    async fn erase_words(&self) -> sqlx::Result<()> {
        for _ in 0..PORTIONS {
            let asked_for = "SELECT EXISTS (SELECT 1 FROM conversation_words_deleted)";
            if !query_scalar::<_, bool>(asked_for).fetch_one(&self.pool).await? {
                break;
            }
            let mut transaction = self.write().await?;
            let changes = || query_scalar::<_, i64>("SELECT total_changes()");
            let before = changes().fetch_one(&mut *transaction).await?;
            // Below zero: all segments are merged, however few they are.
            query("INSERT INTO conversation_words (conversation_words, rank) VALUES ('merge', ?)")
                .bind(-PAGES)
                .execute(&mut *transaction)
                .await?;
            // As the documentation of FTS5 has it: fewer than two changes, and there was nothing left to do.
            if changes().fetch_one(&mut *transaction).await? - before < 2 {
                query("DELETE FROM conversation_words_deleted").execute(&mut *transaction).await?;
            }
            transaction.commit().await?;
        }
        Ok(())
    }

    /// Copies the log into the file and cuts it to nothing, if nobody reads it.
    async fn empty_log(&self) -> sqlx::Result<()> {
        let options = self.pool.connect_options();
        let mut log = options.get_filename().as_os_str().to_owned();
        log.push("-wal");
        if tokio::fs::metadata(log).await.is_ok_and(|log| log.len() == 0) {
            return Ok(());
        }
        let mut connection = options.as_ref().clone().busy_timeout(WAIT).connect().await?;
        query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut connection).await?;
        connection.close().await
    }
}
