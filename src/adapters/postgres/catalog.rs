//! Rows of files and documents in PostgreSQL.

mod insert;

use async_trait::async_trait;
use sha2::{Digest as _, Sha256};
use sqlx::{Row, postgres::PgRow, query};
use uuid::Uuid;

pub(super) use insert::insert_files;

use super::{
    PostgresDatabase, fault,
    lease::Lease,
    locks::{lock_open_session, lock_session},
    rows,
};
use crate::{
    domain::{Area, Document, DocumentId, SessionId, StoredFile, UploadId},
    ports::{
        Catalog, StoreError,
        catalog::{NewUpload, Published, RemovedFiles},
    },
};

#[async_trait]
impl Catalog for PostgresDatabase {
    async fn publish_uploads(&self, uploads: &[NewUpload]) -> Result<Published, StoreError> {
        self.write("publish upload", async || path_taken(self.publish(uploads).await)).await
    }

    async fn list_files(
        &self,
        session: SessionId,
        area: Option<Area>,
        after: Option<(Area, String)>,
        limit: u32,
    ) -> Result<Vec<StoredFile>, StoreError> {
        let (after_area, after_path) = after.as_ref().map_or(("", ""), |(area, path)| (area.as_str(), path));
        // In the order of the index, which holds the beginnings of paths.
        let sql = "SELECT area, path, key, bytes, sha256, content_type, modified_at FROM files
                   WHERE session_id = $1 AND ($2::text IS NULL OR area = $2)
                     AND (area, left(path, 500), path) > ($3, left($4, 500), $4)
                   ORDER BY area, left(path, 500), path LIMIT $5";
        let statement = || {
            query(sql)
                .bind(session.0)
                .bind(area.map(Area::as_str))
                .bind(after_area)
                .bind(rows::storable_part(after_path))
                .bind(i64::from(limit))
        };
        self.find_all("list files", statement, file).await
    }

    async fn get_file(&self, session: SessionId, area: Area, path: &str) -> Result<Option<StoredFile>, StoreError> {
        let sql = "SELECT area, path, key, bytes, sha256, content_type, modified_at FROM files
                   WHERE session_id = $1 AND area = $2 AND path_sha256 = $3";
        let statement = || query(sql).bind(session.0).bind(area.as_str()).bind(path_sha256(path));
        self.find_one("get file", statement, file).await
    }

    async fn remove_file(&self, session: SessionId, area: Area, path: &str) -> Result<RemovedFiles, StoreError> {
        self.write("remove file", || self.remove(session, area, path)).await
    }

    async fn list_documents(
        &self,
        session: SessionId,
        group: Option<&str>,
        after: Option<DocumentId>,
        limit: u32,
    ) -> Result<Vec<Document>, StoreError> {
        if group.is_some_and(|group| !rows::is_storable(group)) {
            return Ok(Vec::new());
        }
        let sql = "SELECT id, upload_id, path, group_name, bytes, key, root, record_path, records_estimate, problem
                   FROM documents
                   WHERE session_id = $1 AND ($2::text IS NULL OR group_name = $2) AND ($3::uuid IS NULL OR id > $3)
                   ORDER BY id LIMIT $4";
        let statement = || query(sql).bind(session.0).bind(group).bind(after.map(|id| id.0)).bind(i64::from(limit));
        self.find_all("list documents", statement, document).await
    }

    async fn get_shape(&self, session: SessionId, document: DocumentId) -> Result<Option<String>, StoreError> {
        let sql = "SELECT shape FROM documents WHERE session_id = $1 AND id = $2";
        let statement = || query(sql).bind(session.0).bind(document.0);
        let found = self.find_one("get shape", statement, |row| row.try_get::<Option<String>, _>("shape")).await?;
        Ok(found.flatten())
    }

    async fn total_bytes(&self) -> Result<u64, StoreError> {
        let summed = || query("SELECT coalesce(sum(bytes), 0)::bigint AS n FROM files");
        Ok(self.find_one("sum files", summed, |row| rows::unsigned(row, "n")).await?.unwrap_or(0))
    }
}

impl PostgresDatabase {
    async fn publish(&self, uploads: &[NewUpload]) -> fault::Result<Published> {
        let mut transaction = self.connections.begin().await?;
        let mut obsolete = Vec::new();
        for upload in uploads {
            if !lock_open_session(&mut transaction, upload.session).await? {
                return Ok(Published::SessionClosed);
            }
            obsolete.extend(publish_one(&mut transaction, upload).await?);
        }
        transaction.commit().await?;
        Ok(Published::Done { obsolete })
    }

    async fn remove(&self, session: SessionId, area: Area, path: &str) -> fault::Result<RemovedFiles> {
        let mut transaction = self.connections.begin().await?;
        if !lock_session(&mut transaction, session).await? {
            return Ok(RemovedFiles::default());
        }
        let removed =
            query("DELETE FROM files WHERE session_id = $1 AND area = $2 AND path_sha256 = $3 RETURNING key, owner_id")
                .bind(session.0)
                .bind(area.as_str())
                .bind(path_sha256(path));
        let found = transaction
            .optional(removed, |row| Ok((row.try_get::<String, _>("key")?, rows::id(row, "owner_id")?)))
            .await?;
        let Some((key, owner)) = found else { return Ok(RemovedFiles::default()) };
        let mut keys = vec![key];
        if area == Area::Input {
            keys.extend(remove_owner(&mut transaction, session, owner).await?);
        } else {
            let removed = query("DELETE FROM documents WHERE session_id = $1 AND key = $2");
            transaction.execute(removed.bind(session.0).bind(&keys[0])).await?;
        }
        transaction.commit().await?;
        Ok(RemovedFiles { keys })
    }
}

/// Tells a path that is another upload's from other failures.
pub(super) fn path_taken(published: fault::Result<Published>) -> fault::Result<Published> {
    match published {
        Err(fault) if fault.broken_constraint() == Some("files_path") => Ok(Published::PathTaken),
        other => other,
    }
}

/// Inserts an upload's rows in place of those of an earlier one of the same name; the keys of that one's files. The session is locked.
pub(super) async fn publish_one(transaction: &mut Lease, upload: &NewUpload) -> fault::Result<Vec<String>> {
    let earlier = query("SELECT id FROM uploads WHERE session_id = $1 AND name = $2")
        .bind(upload.session.0)
        .bind(&upload.file.path);
    let obsolete = match transaction.optional(earlier, |row| rows::id(row, "id")).await? {
        Some(id) => remove_owner(transaction, upload.session, id).await?,
        None => Vec::new(),
    };
    let added = query("INSERT INTO uploads (id, session_id, name, created_at) VALUES ($1, $2, $3, $4)")
        .bind(upload.id.0)
        .bind(upload.session.0)
        .bind(&upload.file.path)
        .bind(upload.at.as_millis());
    transaction.execute(added).await?;
    let files: Vec<&StoredFile> = std::iter::once(&upload.file).chain(&upload.extracted).collect();
    insert_files(transaction, upload.session, upload.id.0, &files).await?;
    insert::insert_documents(transaction, upload.session, &upload.documents).await?;
    Ok(obsolete)
}

/// Removes an upload with all its rows; the keys of its files.
async fn remove_owner(transaction: &mut Lease, session: SessionId, owner: Uuid) -> fault::Result<Vec<String>> {
    let files =
        query("DELETE FROM files WHERE session_id = $1 AND owner_id = $2 RETURNING key").bind(session.0).bind(owner);
    let keys = transaction.all(files, |row| row.try_get("key")).await?;
    transaction.execute(query("DELETE FROM uploads WHERE id = $1").bind(owner)).await?;
    Ok(keys)
}

fn path_sha256(path: &str) -> Vec<u8> {
    Sha256::digest(path).to_vec()
}

fn file(row: &PgRow) -> sqlx::Result<StoredFile> {
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

fn document(row: &PgRow) -> sqlx::Result<Document> {
    Ok(Document {
        id: DocumentId(rows::id(row, "id")?),
        upload: UploadId(rows::id(row, "upload_id")?),
        path: row.try_get("path")?,
        group: row.try_get("group_name")?,
        bytes: rows::unsigned(row, "bytes")?,
        key: row.try_get("key")?,
        root: row.try_get("root")?,
        record_path: row.try_get("record_path")?,
        records_estimate: rows::unsigned_option(row, "records_estimate")?,
        problem: rows::json_option(row, "problem")?,
    })
}
