//! `upload`: take files in, and the documents that were found in them.

mod content;
mod tickets;

use std::collections::HashSet;

use axum::{
    Json,
    body::Body,
    extract::{
        DefaultBodyLimit, FromRequest, Multipart, Request, State,
        multipart::{Field, MultipartError},
    },
    response::{IntoResponse, Response},
};
use futures::StreamExt;
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    domain::{AuditAction, Document, DocumentId, DocumentProblem, SessionId},
    http::{
        AppPath, AppQuery, AppState, Problem, ProblemCode, SignedInUser,
        paging::{ItemPage, PageQuery},
    },
    services::{
        auth::SignedIn,
        uploads::{IncomingFile, PreparedUpload, UploadError, UploadReport, UploadService},
    },
};

pub(super) fn router() -> OpenApiRouter<AppState> {
    // The service counts the bytes of each file itself.
    OpenApiRouter::new()
        .routes(routes!(upload))
        .routes(routes!(upload_one))
        .routes(routes!(documents))
        .layer(DefaultBodyLimit::disable())
        .merge(tickets::router())
        .merge(content::router())
}

/// A form with one or more parts named `file`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only describes the form")]
struct UploadForm {
    #[schema(value_type = Vec<String>, format = Binary)]
    file: Vec<String>,
}

/// One document.
#[derive(Serialize, ToSchema)]
struct DocumentBody {
    id: DocumentId,
    path: String,
    group: String,
    bytes: u64,
    /// Name of the root element.
    root: Option<String>,
    /// Path of the element that makes a record.
    record_path: Option<String>,
    records_estimate: Option<u64>,
    /// Why the document cannot be converted.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<DocumentProblem>,
}

#[derive(Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DocumentsQuery {
    /// Documents of this group only.
    group: Option<String>,
    /// Items of a page, 1 to 1000; 100 if not given.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Upload XML documents and ZIP archives of them.
#[utoipa::path(post, path = "/api/upload", tag = "upload", security(("bearer" = [])),
    request_body(content = UploadForm, content_type = "multipart/form-data"), responses(
    (status = 201, body = UploadReport), (status = 413, description = "`upload_too_large`"),
    (status = 422, description = "`no_documents`, `empty_upload` or `invalid_file_name`")))]
async fn upload(
    State(state): State<AppState>,
    SignedInUser(who): SignedInUser,
    request: Request,
) -> Result<Response, Problem> {
    let form = Multipart::from_request(request, &state).await.map_err(|_| {
        Problem::new(ProblemCode::UnsupportedMediaType, "send the files as multipart/form-data, in parts named 'file'")
    })?;
    let uploads = &state.services.uploads;
    let mut taken = Taken::default();
    match take_all(uploads, who.session.id, form, &mut taken).await {
        Ok(()) if !taken.prepared.is_empty() => publish(&state, &who, taken.prepared, taken.rejected).await,
        Ok(()) if !taken.rejected.is_empty() => Err(UploadError::NoDocuments { rejected: taken.rejected }.into()),
        Ok(()) => Err(Problem::new(ProblemCode::EmptyUpload, "the form has no part named 'file' with a file name")),
        Err(problem) => {
            // The request could not be read to its end: nothing of it is kept, so that it can be repeated as a whole.
            uploads.discard_prepared(taken.prepared).await;
            Err(problem)
        }
    }
}

/// Upload one file as the body.
#[utoipa::path(put, path = "/api/upload/{name}", tag = "upload", security(("bearer" = [])),
    params(("name" = String, Path, description = "the file's name")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses(
    (status = 201, body = UploadReport), (status = 413, description = "`upload_too_large`"),
    (status = 422, description = "`no_documents`, `empty_upload` or `invalid_file_name`")))]
async fn upload_one(
    State(state): State<AppState>,
    SignedInUser(who): SignedInUser,
    AppPath(name): AppPath<String>,
    request: Request,
) -> Result<Response, Problem> {
    let uploads = &state.services.uploads;
    refuse_declared_size(uploads, &request)?;
    let mut incoming = uploads.begin(who.session.id, &name).await?;
    let mut body: axum::body::BodyDataStream = Body::into_data_stream(request.into_body());
    while let Some(chunk) = body.next().await {
        incoming.write(chunk.map_err(|_| broken_off())?).await?;
    }
    let prepared = uploads.prepare(incoming).await?;
    publish(&state, &who, vec![prepared], Vec::new()).await
}

/// The documents of the session.
#[utoipa::path(get, path = "/api/documents", tag = "upload", security(("bearer" = [])), params(DocumentsQuery),
    responses((status = 200, body = ItemPage<DocumentBody>)))]
async fn documents(
    State(state): State<AppState>,
    SignedInUser(who): SignedInUser,
    AppQuery(query): AppQuery<DocumentsQuery>,
) -> Result<Json<ItemPage<DocumentBody>>, Problem> {
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let after = page.cursor(|text| text.parse::<DocumentId>().ok())?;
    let found = state.services.documents.list(who.session.id, query.group.as_deref(), after, page.limit()?).await?;
    Ok(Json(ItemPage::from_page(found, DocumentBody::from)))
}

/// What came of the files of a form so far.
#[derive(Default)]
struct Taken {
    prepared: Vec<PreparedUpload>,
    rejected: Vec<DocumentProblem>,
    names: HashSet<String>,
}

/// Takes every file of a form. One in which nothing can be read is reported, and the others go on, as in an archive.
async fn take_all(
    uploads: &UploadService,
    session: SessionId,
    mut form: Multipart,
    taken: &mut Taken,
) -> Result<(), Problem> {
    while let Some(field) = form.next_field().await.map_err(|error| form_problem(&error))? {
        if field.name() != Some("file") {
            return Err(Problem::new(ProblemCode::InvalidBody, "every part of the form must be named 'file'"));
        }
        if taken.names.len() >= uploads.files_at_once() {
            let detail =
                format!("one request takes at most {} files; send the rest in another", uploads.files_at_once());
            return Err(Problem::new(ProblemCode::UploadTooLarge, detail));
        }
        let incoming = uploads.begin(session, field.file_name().unwrap_or_default()).await?;
        let name = incoming.name().to_owned();
        if !taken.names.insert(name.clone()) {
            let detail =
                format!("two files of the form are named '{name}'; rename one, or send them in a ZIP with folders");
            return Err(Problem::new(ProblemCode::InvalidFileName, detail));
        }
        match prepare(uploads, incoming, field).await {
            Ok(prepared) => taken.prepared.push(prepared),
            Err(Refused::File(rejected)) => taken.rejected.extend(rejected),
            Err(Refused::Request(problem)) => return Err(problem),
        }
    }
    Ok(())
}

/// Why a file of a form was not taken.
enum Refused {
    /// The file is at fault.
    File(Vec<DocumentProblem>),
    /// The request is, or the service.
    Request(Problem),
}

impl From<UploadError> for Refused {
    fn from(error: UploadError) -> Self {
        match error {
            UploadError::NoDocuments { rejected } => Self::File(rejected),
            UploadError::Empty { name } => Self::File(vec![DocumentProblem {
                file: name,
                line: None,
                column: None,
                code: ProblemCode::EmptyUpload.as_str().to_owned(),
                detail: "the file has no bytes".into(),
            }]),
            other => Self::Request(other.into()),
        }
    }
}

async fn prepare(
    uploads: &UploadService,
    mut incoming: IncomingFile,
    mut field: Field<'_>,
) -> Result<PreparedUpload, Refused> {
    while let Some(chunk) = field.chunk().await.map_err(|error| Refused::Request(form_problem(&error)))? {
        incoming.write(chunk).await?;
    }
    Ok(uploads.prepare(incoming).await?)
}

/// A body that says itself that it is too large is refused before a byte of it is read.
fn refuse_declared_size(uploads: &UploadService, request: &Request) -> Result<(), Problem> {
    let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let limit = uploads.bytes_at_most();
    match declared {
        Some(bytes) if u64::gt(&bytes, &limit) => Err(UploadError::TooLarge { limit }.into()),
        _ => Ok(()),
    }
}

fn form_problem(error: &MultipartError) -> Problem {
    if error.status() == StatusCode::BAD_REQUEST {
        Problem::new(ProblemCode::InvalidBody, format!("the form cannot be read: {}", error.body_text()))
    } else {
        broken_off()
    }
}

fn broken_off() -> Problem {
    Problem::new(ProblemCode::InvalidBody, "the upload broke off before its end; nothing of it was kept, send it again")
}

async fn publish(
    state: &AppState,
    who: &SignedIn,
    prepared: Vec<PreparedUpload>,
    rejected: Vec<DocumentProblem>,
) -> Result<Response, Problem> {
    let report = state.services.uploads.publish(prepared, rejected).await?;
    let audit = &state.services.audit;
    audit.record(report.describe(audit.entry(&who.actor(), AuditAction::UploadFinished))).await;
    Ok((StatusCode::CREATED, Json(report)).into_response())
}

impl From<Document> for DocumentBody {
    fn from(document: Document) -> Self {
        Self {
            id: document.id,
            path: document.path,
            group: document.group,
            bytes: document.bytes,
            root: document.root,
            record_path: document.record_path,
            records_estimate: document.records_estimate,
            error: document.problem,
        }
    }
}
