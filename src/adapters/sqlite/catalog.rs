//! Rows of files and documents in SQLite.

use async_trait::async_trait;
use sqlx::{Row, Sqlite, Transaction, sqlite::SqliteRow};

use super::{SqliteDatabase, failed, rows};
use crate::{
    domain::{Area, Document, DocumentId, SessionId, StoredFile},
    ports::{
        Catalog, StoreError,
        catalog::{NewUpload, Published, RemovedFiles, ScannedDocument},
    },
};

#[async_trait]
impl Catalog for SqliteDatabase {
    async fn publish_uploads(&self, uploads: &[NewUpload]) -> Result<Published, StoreError> {
        path_taken(self.publish(uploads).await).map_err(failed("publish upload"))
    }

    async fn list_files(
        &self,
        session: SessionId,
        area: Option<Area>,
        after: Option<(Area, String)>,
        limit: u32,
    ) -> Result<Vec<StoredFile>, StoreError> {
        let (after_area, after_path) = after.map(|(area, path)| (area.as_str(), path)).unwrap_or_default();
        sqlx::query(
            "SELECT * FROM files
             WHERE session_id = ? AND (? IS NULL OR area = ?) AND (area, path) > (?, ?)
             ORDER BY area, path LIMIT ?",
        )
        .bind(session.to_string())
        .bind(area.map(Area::as_str))
        .bind(area.map(Area::as_str))
        .bind(after_area)
        .bind(after_path)
        .bind(limit)
        .try_map(|row: SqliteRow| file(&row))
        .fetch_all(&self.pool)
        .await
        .map_err(failed("list files"))
    }

    async fn get_file(&self, session: SessionId, area: Area, path: &str) -> Result<Option<StoredFile>, StoreError> {
        sqlx::query("SELECT * FROM files WHERE session_id = ? AND area = ? AND path = ?")
            .bind(session.to_string())
            .bind(area.as_str())
            .bind(path)
            .try_map(|row: SqliteRow| file(&row))
            .fetch_optional(&self.pool)
            .await
            .map_err(failed("get file"))
    }

    async fn remove_file(&self, session: SessionId, area: Area, path: &str) -> Result<RemovedFiles, StoreError> {
        self.remove(session, area, path).await.map_err(failed("remove file"))
    }

    async fn list_documents(
        &self,
        session: SessionId,
        group: Option<&str>,
        after: Option<DocumentId>,
        limit: u32,
    ) -> Result<Vec<Document>, StoreError> {
        sqlx::query(
            "SELECT id, upload_id, path, group_name, bytes, key, root, record_path, records_estimate, problem
             FROM documents WHERE session_id = ? AND (? IS NULL OR group_name = ?) AND id > ? ORDER BY id LIMIT ?",
        )
        .bind(session.to_string())
        .bind(group)
        .bind(group)
        .bind(after.map(|id| id.to_string()).unwrap_or_default())
        .bind(limit)
        .try_map(|row: SqliteRow| document(&row))
        .fetch_all(&self.pool)
        .await
        .map_err(failed("list documents"))
    }

    async fn get_shape(&self, session: SessionId, document: DocumentId) -> Result<Option<String>, StoreError> {
        let found = sqlx::query("SELECT shape FROM documents WHERE session_id = ? AND id = ?")
            .bind(session.to_string())
            .bind(document.to_string())
            .try_map(|row: SqliteRow| row.try_get::<Option<String>, _>("shape"))
            .fetch_optional(&self.pool)
            .await
            .map_err(failed("get shape"))?;
        Ok(found.flatten())
    }

    async fn total_bytes(&self) -> Result<u64, StoreError> {
        sqlx::query("SELECT coalesce(sum(bytes), 0) AS n FROM files")
            .try_map(|row: SqliteRow| rows::unsigned(&row, "n"))
            .fetch_one(&self.pool)
            .await
            .map_err(failed("sum files"))
    }
}

impl SqliteDatabase {
    async fn publish(&self, uploads: &[NewUpload]) -> Result<Published, sqlx::Error> {
        let mut transaction = self.write().await?;
        let mut obsolete = Vec::new();
        for upload in uploads {
            if !session_is_open(&mut transaction, upload.session).await? {
                return Ok(Published::SessionClosed);
            }
            obsolete.extend(publish_one(&mut transaction, upload).await?);
        }
        transaction.commit().await?;
        Ok(Published::Done { obsolete })
    }

    async fn remove(&self, session: SessionId, area: Area, path: &str) -> Result<RemovedFiles, sqlx::Error> {
        let mut transaction = self.write().await?;
        let found = sqlx::query("SELECT key, owner_id FROM files WHERE session_id = ? AND area = ? AND path = ?")
            .bind(session.to_string())
            .bind(area.as_str())
            .bind(path)
            .try_map(|row: SqliteRow| Ok((row.try_get::<String, _>("key")?, row.try_get::<String, _>("owner_id")?)))
            .fetch_optional(&mut *transaction)
            .await?;
        let Some((key, owner)) = found else { return Ok(RemovedFiles::default()) };
        let keys = if area == Area::Input {
            remove_owner(&mut transaction, session, &owner).await?
        } else {
            sqlx::query("DELETE FROM files WHERE session_id = ? AND area = ? AND path = ?")
                .bind(session.to_string())
                .bind(area.as_str())
                .bind(path)
                .execute(&mut *transaction)
                .await?;
            sqlx::query("DELETE FROM documents WHERE session_id = ? AND key = ?")
                .bind(session.to_string())
                .bind(&key)
                .execute(&mut *transaction)
                .await?;
            vec![key]
        };
        transaction.commit().await?;
        Ok(RemovedFiles { keys })
    }
}

/// Tells a path that is another upload's from failures of the database.
pub(super) fn path_taken(published: Result<Published, sqlx::Error>) -> Result<Published, sqlx::Error> {
    match published {
        Err(sqlx::Error::Database(error)) if error.message().contains("files.path") => Ok(Published::PathTaken),
        other => other,
    }
}

/// Inserts an upload's rows in place of those of an earlier one of the same name; the keys of that one's files.
pub(super) async fn publish_one(
    transaction: &mut Transaction<'static, Sqlite>,
    upload: &NewUpload,
) -> Result<Vec<String>, sqlx::Error> {
    let earlier = sqlx::query("SELECT id FROM uploads WHERE session_id = ? AND name = ?")
        .bind(upload.session.to_string())
        .bind(&upload.file.path)
        .try_map(|row: SqliteRow| row.try_get::<String, _>("id"))
        .fetch_optional(&mut **transaction)
        .await?;
    let obsolete = match earlier {
        Some(id) => remove_owner(transaction, upload.session, &id).await?,
        None => Vec::new(),
    };
    let owner = upload.id.to_string();
    sqlx::query("INSERT INTO uploads (id, session_id, name, created_at) VALUES (?, ?, ?, ?)")
        .bind(&owner)
        .bind(upload.session.to_string())
        .bind(&upload.file.path)
        .bind(upload.at.as_millis())
        .execute(&mut **transaction)
        .await?;
    for stored in std::iter::once(&upload.file).chain(&upload.extracted) {
        insert_file(transaction, upload.session, &owner, stored).await?;
    }
    for scanned in &upload.documents {
        insert_document(transaction, upload.session, scanned).await?;
    }
    Ok(obsolete)
}

/// Whether things may still be published into the session.
pub(super) async fn session_is_open(
    transaction: &mut Transaction<'static, Sqlite>,
    session: SessionId,
) -> Result<bool, sqlx::Error> {
    let open = sqlx::query("SELECT 1 FROM sessions WHERE id = ? AND closed_at IS NULL")
        .bind(session.to_string())
        .fetch_optional(&mut **transaction)
        .await?;
    Ok(open.is_some())
}

/// Inserts a file's row; `owner` is the upload or the job.
pub(super) async fn insert_file(
    transaction: &mut Transaction<'static, Sqlite>,
    session: SessionId,
    owner: &str,
    stored: &StoredFile,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO files (session_id, area, path, key, owner_id, bytes, sha256, content_type, modified_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(session.to_string())
    .bind(stored.area.as_str())
    .bind(&stored.path)
    .bind(&stored.key)
    .bind(owner)
    .bind(rows::signed(stored.bytes))
    .bind(&stored.sha256)
    .bind(&stored.content_type)
    .bind(stored.modified_at.as_millis())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn insert_document(
    transaction: &mut Transaction<'static, Sqlite>,
    session: SessionId,
    scanned: &ScannedDocument,
) -> Result<(), sqlx::Error> {
    let document = &scanned.document;
    sqlx::query(
        "INSERT INTO documents (id, session_id, upload_id, path, group_name, bytes, key, root, record_path,
                                records_estimate, problem, shape)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(document.id.to_string())
    .bind(session.to_string())
    .bind(document.upload.to_string())
    .bind(&document.path)
    .bind(&document.group)
    .bind(rows::signed(document.bytes))
    .bind(&document.key)
    .bind(&document.root)
    .bind(&document.record_path)
    .bind(document.records_estimate.map(rows::signed))
    .bind(document.problem.as_ref().map(rows::to_json).transpose()?)
    .bind(&scanned.shape)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Removes an upload with all its rows; the keys of its files.
async fn remove_owner(
    transaction: &mut Transaction<'static, Sqlite>,
    session: SessionId,
    owner: &str,
) -> Result<Vec<String>, sqlx::Error> {
    let keys = sqlx::query("DELETE FROM files WHERE session_id = ? AND owner_id = ? RETURNING key")
        .bind(session.to_string())
        .bind(owner)
        .try_map(|row: SqliteRow| row.try_get::<String, _>("key"))
        .fetch_all(&mut **transaction)
        .await?;
    sqlx::query("DELETE FROM uploads WHERE id = ?").bind(owner).execute(&mut **transaction).await?;
    Ok(keys)
}

fn file(row: &SqliteRow) -> Result<StoredFile, sqlx::Error> {
    Ok(StoredFile {
        area: rows::parsed(row, "area")?,
        path: row.try_get("path")?,
        key: row.try_get("key")?,
        bytes: rows::unsigned(row, "bytes")?,
        sha256: row.try_get("sha256")?,
        content_type: row.try_get("content_type")?,
        modified_at: rows::time(row, "modified_at")?,
    })
}

fn document(row: &SqliteRow) -> Result<Document, sqlx::Error> {
    Ok(Document {
        id: rows::parsed(row, "id")?,
        upload: rows::parsed(row, "upload_id")?,
        path: row.try_get("path")?,
        group: row.try_get("group_name")?,
        bytes: rows::unsigned(row, "bytes")?,
        key: row.try_get("key")?,
        root: row.try_get("root")?,
        record_path: row.try_get("record_path")?,
        records_estimate: row
            .try_get::<Option<i64>, _>("records_estimate")?
            .map(|_| rows::unsigned(row, "records_estimate"))
            .transpose()?,
        problem: rows::json_option(row, "problem")?,
    })
}
