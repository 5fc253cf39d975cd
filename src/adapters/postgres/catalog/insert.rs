//! Many rows with few statements: an archive may hold tens of thousands of documents, and each statement is a way to the server and back.

use sqlx::query;
use uuid::Uuid;

use super::path_sha256;
use crate::{
    domain::{SessionId, StoredFile},
    ports::catalog::ScannedDocument,
};

use super::super::{fault::Result, lease::Lease, rows};

/// Rows of one statement at most.
const ROWS: usize = 1000;
/// Bytes of shapes in one statement, unless a single one is larger.
const SHAPE_BYTES: usize = 4 << 20;

/// Inserts files' rows; `owner` is the upload or the job.
pub(in super::super) async fn insert_files(
    transaction: &mut Lease,
    session: SessionId,
    owner: Uuid,
    files: &[&StoredFile],
) -> Result<()> {
    for files in files.chunks(ROWS) {
        let column = |value: fn(&StoredFile) -> String| files.iter().map(|file| value(file)).collect::<Vec<_>>();
        let statement = query(
            "INSERT INTO files (session_id, owner_id, area, path, path_sha256, key, bytes, sha256, content_type,
                                modified_at)
             SELECT $1, $2, f.* FROM unnest($3::text[], $4::text[], $5::bytea[], $6::text[], $7::bigint[], $8::text[],
                                            $9::text[], $10::bigint[]) AS f",
        )
        .bind(session.0)
        .bind(owner)
        .bind(column(|file| file.area.as_str().to_owned()))
        .bind(column(|file| file.path.clone()))
        .bind(files.iter().map(|file| path_sha256(&file.path)).collect::<Vec<_>>())
        .bind(column(|file| file.key.clone()))
        .bind(files.iter().map(|file| rows::signed(file.bytes)).collect::<Vec<_>>())
        .bind(files.iter().map(|file| file.sha256.clone()).collect::<Vec<_>>())
        .bind(column(|file| file.content_type.clone()))
        .bind(files.iter().map(|file| file.modified_at.as_millis()).collect::<Vec<_>>());
        transaction.execute(statement).await?;
    }
    Ok(())
}

/// Inserts documents' rows.
pub(super) async fn insert_documents(
    transaction: &mut Lease,
    session: SessionId,
    documents: &[ScannedDocument],
) -> Result<()> {
    for documents in portions(documents) {
        transaction.execute(insertion(session, documents)?).await?;
    }
    Ok(())
}

fn insertion(session: SessionId, scanned: &[ScannedDocument]) -> Result<super::super::lease::Statement<'static>> {
    let documents = || scanned.iter().map(|scanned| &scanned.document);
    let problems = documents().map(|document| document.problem.as_ref().map(rows::to_json).transpose());
    Ok(query(
        "INSERT INTO documents (session_id, id, upload_id, path, group_name, bytes, key, root, record_path,
                                records_estimate, problem, shape)
         SELECT $1, d.* FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::bigint[], $7::text[],
                                    $8::text[], $9::text[], $10::bigint[], $11::text[], $12::text[]) AS d",
    )
    .bind(session.0)
    .bind(documents().map(|document| document.id.0).collect::<Vec<_>>())
    .bind(documents().map(|document| document.upload.0).collect::<Vec<_>>())
    .bind(documents().map(|document| document.path.clone()).collect::<Vec<_>>())
    .bind(documents().map(|document| document.group.clone()).collect::<Vec<_>>())
    .bind(documents().map(|document| rows::signed(document.bytes)).collect::<Vec<_>>())
    .bind(documents().map(|document| document.key.clone()).collect::<Vec<_>>())
    .bind(documents().map(|document| document.root.clone()).collect::<Vec<_>>())
    .bind(documents().map(|document| document.record_path.clone()).collect::<Vec<_>>())
    .bind(documents().map(|document| document.records_estimate.map(rows::signed)).collect::<Vec<_>>())
    .bind(problems.collect::<sqlx::Result<Vec<Option<String>>>>()?)
    .bind(scanned.iter().map(|scanned| scanned.shape.clone()).collect::<Vec<_>>()))
}

/// Cuts a list so that no statement is too large.
fn portions(documents: &[ScannedDocument]) -> impl Iterator<Item = &[ScannedDocument]> {
    let mut rest = documents;
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fits = |scanned: &ScannedDocument| {
            bytes += scanned.shape.as_ref().map_or(0, String::len);
            bytes <= SHAPE_BYTES
        };
        let count = rest.iter().take(ROWS).map(fits).take_while(|fits| *fits).count().max(1);
        let (portion, after) = rest.split_at_checked(count)?;
        rest = after;
        Some(portion)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Document, DocumentId, UploadId};

    fn with_shape_of(bytes: usize) -> ScannedDocument {
        let document = Document {
            id: DocumentId(Uuid::nil()),
            upload: UploadId(Uuid::nil()),
            path: String::new(),
            group: String::new(),
            bytes: 0,
            key: String::new(),
            root: None,
            record_path: None,
            records_estimate: None,
            problem: None,
        };
        ScannedDocument { document, shape: Some("s".repeat(bytes)) }
    }

    fn lengths(shapes: &[usize]) -> Vec<usize> {
        let documents: Vec<_> = shapes.iter().map(|bytes| with_shape_of(*bytes)).collect();
        portions(&documents).map(<[_]>::len).collect()
    }

    #[test]
    fn no_statement_is_too_large_and_no_document_is_left_out() {
        assert!(lengths(&[]).is_empty());
        assert_eq!(lengths(&vec![1; 2 * ROWS + 1]), [ROWS, ROWS, 1]);
        assert_eq!(lengths(&[SHAPE_BYTES, 1, 1, SHAPE_BYTES + 1, 1]), [1, 2, 1, 1]);
    }
}
