//! `files`: list, download and remove files; all outputs as one ZIP.

mod archive;
mod range;

use std::time::Duration;

use axum::{
    Json,
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    domain::{Area, AuditAction, StoredFile, Timestamp, file::hexadecimal, names::content_disposition},
    http::{
        AppPath, AppQuery, AppState, Problem, ProblemCode, SignedInUser,
        etag::names_etag,
        paging::{ItemPage, PageQuery},
    },
    services::{
        auth::SignedIn,
        files::FileService,
        tables::{RowsRequest, TablePage},
    },
};
use range::{Wanted, wanted_range};

const MAX_PREVIEW_ROWS: u32 = 1_000;
/// When a client should try again that found all packing slots taken.
const BUSY_RETRY: Duration = Duration::from_secs(5);

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get, remove)).routes(routes!(download))
}

#[derive(Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FilesQuery {
    /// Files of this area only.
    area: Option<Area>,
    /// Items of a page, 1 to 1000; 100 if not given.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

#[derive(Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PreviewQuery {
    /// The first so many rows of a table as JSON instead of the file, 1 to 1000.
    preview: Option<u32>,
}

#[derive(Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DownloadQuery {
    /// Names of tables, separated by commas; all if not given.
    tables: Option<String>,
}

/// One file.
#[derive(Serialize, ToSchema)]
struct FileBody {
    path: String,
    area: Area,
    bytes: u64,
    modified_at: Timestamp,
    content_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
}

/// The files of the session.
#[utoipa::path(get, path = "/api/files", tag = "files", security(("bearer" = [])), params(FilesQuery),
    responses((status = 200, body = ItemPage<FileBody>)))]
async fn list(
    State(state): State<AppState>,
    SignedInUser(who): SignedInUser,
    AppQuery(query): AppQuery<FilesQuery>,
) -> Result<Json<ItemPage<FileBody>>, Problem> {
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let after = page.cursor(FileService::parse_cursor)?;
    let files = state.services.files.list(who.session.id, query.area, after, page.limit()?).await?;
    Ok(Json(ItemPage::from_page(files, FileBody::from)))
}

/// Download a file, or a part of it, or look at its first rows.
#[utoipa::path(get, path = "/api/files/{area}/{*path}", tag = "files", security(("bearer" = [])),
    params(("area" = Area, Path, description = "input, extracted or output"),
    ("path" = String, Path, description = "the file's path; may contain slashes"), PreviewQuery),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>), (status = 206, description = "the range asked for"),
    (status = 304, description = "not modified"), (status = 404, description = "`not_found`"),
    (status = 416, description = "`range_not_satisfiable`")))]
async fn get(
    State(state): State<AppState>,
    SignedInUser(who): SignedInUser,
    AppPath((area, path)): AppPath<(Area, String)>,
    AppQuery(query): AppQuery<PreviewQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let found = state.services.files.get(who.session.id, area, &path).await?;
    let file = found.ok_or_else(|| Problem::of(ProblemCode::NotFound))?;
    match query.preview {
        Some(rows) => preview(&state, &who, &file, rows).await,
        None => send(&state, &who, &file, &headers).await,
    }
}

/// Remove a file; an upload goes with the documents in it. Tables keep their rows of it until they are converted again. A table's file goes from the
/// files and the archive; the rows, and what `datapackage.json` says of them, stay until the next conversion.
#[utoipa::path(delete, path = "/api/files/{area}/{*path}", tag = "files", security(("bearer" = [])),
    params(("area" = Area, Path, description = "input, extracted or output"),
    ("path" = String, Path, description = "the file's path; may contain slashes")),
    responses((status = 204, description = "removed"), (status = 404, description = "`not_found`")))]
async fn remove(
    State(state): State<AppState>,
    SignedInUser(who): SignedInUser,
    AppPath((area, path)): AppPath<(Area, String)>,
) -> Result<StatusCode, Problem> {
    if state.services.files.remove(who.session.id, area, &path).await? {
        let audit = &state.services.audit;
        let entry = audit.entry(&who.actor(), AuditAction::FilesRemoved).about(format_args!("{area}/{path}"));
        audit.record(entry).await;
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::of(ProblemCode::NotFound))
    }
}

/// All tables, or some, as one ZIP with their description.
#[utoipa::path(get, path = "/api/download", tag = "files", security(("bearer" = [])), params(DownloadQuery),
    responses((status = 200, content_type = "application/zip", body = Vec<u8>),
    (status = 404, description = "`not_found`: there are no tables, or none of those names"), (status = 409, description = "`nothing_converted`")))]
async fn download(
    State(state): State<AppState>,
    SignedInUser(who): SignedInUser,
    AppQuery(query): AppQuery<DownloadQuery>,
) -> Result<Response, Problem> {
    let names = query.tables.unwrap_or_default();
    let tables: Vec<String> =
        names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let files = state.services.files.outputs(who.session.id, &tables).await?;
    if files.is_empty() {
        return Err(Problem::of(ProblemCode::NothingConverted));
    }
    if !tables.is_empty() && files.iter().all(|file| file.path == "datapackage.json") {
        return Err(Problem::new(ProblemCode::NotFound, "there are no tables of these names"));
    }
    let busy = || Problem::of(ProblemCode::Unavailable).retry_after(BUSY_RETRY);
    let slot = state.services.files.packing_slot().ok_or_else(busy)?;
    let body = archive::stream(state.services.files.clone(), who.session.id, files, slot);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/zip")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"tables.zip\"")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    Ok((headers, body).into_response())
}

async fn preview(state: &AppState, who: &SignedIn, file: &StoredFile, rows: u32) -> Result<Response, Problem> {
    if !(1..=MAX_PREVIEW_ROWS).contains(&rows) {
        let detail = format!("preview takes a number from 1 to {MAX_PREVIEW_ROWS}");
        return Err(Problem::new(ProblemCode::InvalidParameter, detail));
    }
    let full_path = format!("{}/{}", file.area, file.path);
    let tables = state.services.tables.list(who.session.id).await?;
    let Some(table) = tables.into_iter().find(|table| table.path == full_path) else {
        return Err(Problem::new(ProblemCode::InvalidParameter, "preview works for tables in output only"));
    };
    let request = RowsRequest { limit: rows, ..RowsRequest::default() };
    let TablePage { table, rows: mut found, .. } =
        state.services.tables.rows(who.asker(), &table.name, request).await?;
    found.rows.truncate(rows as usize);
    Ok(Json(json!({ "table": table.name, "columns": found.columns, "rows": found.rows })).into_response())
}

async fn send(state: &AppState, who: &SignedIn, file: &StoredFile, headers: &HeaderMap) -> Result<Response, Problem> {
    let internal = |_| Problem::of(ProblemCode::Internal);
    let etag = etag(file);
    let etag_value = HeaderValue::from_str(&etag).map_err(internal)?;
    if names_etag(headers, header::IF_NONE_MATCH, &etag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, etag_value)]).into_response());
    }
    // A range of another version would be mixed with this one: then the whole file is sent.
    let same_version = !headers.contains_key(header::IF_RANGE) || names_etag(headers, header::IF_RANGE, &etag);
    let wanted = if same_version { wanted_range(headers, file.bytes) } else { Wanted::Whole };
    let (status, range) = match wanted {
        Wanted::Whole => (StatusCode::OK, None),
        Wanted::Part(range) => (StatusCode::PARTIAL_CONTENT, Some(range)),
        Wanted::Outside => {
            let length = HeaderValue::from_str(&format!("bytes */{}", file.bytes)).map_err(internal)?;
            return Err(Problem::of(ProblemCode::RangeNotSatisfiable).with_header(header::CONTENT_RANGE, length));
        }
    };
    let bytes = state.services.files.read(who.session.id, file, range.clone()).await?;
    let bytes = bytes.ok_or_else(|| Problem::of(ProblemCode::NotFound))?;
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    let length = range.as_ref().map_or(file.bytes, |range| range.end - range.start);
    let mut response = Response::new(Body::from_stream(bytes));
    *response.status_mut() = status;
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_str(&file.content_type).map_err(internal)?);
    out.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    out.insert(header::ETAG, etag_value);
    out.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    out.insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&content_disposition(name)).map_err(internal)?);
    if let Some(range) = range {
        let text = format!("bytes {}-{}/{}", range.start, range.end - 1, file.bytes);
        out.insert(header::CONTENT_RANGE, HeaderValue::from_str(&text).map_err(internal)?);
    }
    Ok(response)
}

/// Keys are made anew for every upload and conversion and their bytes never change, so the key identifies the version.
fn etag(file: &StoredFile) -> String {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(file.key.as_bytes());
    format!("\"{}\"", hexadecimal(&digest[..12]))
}

impl From<StoredFile> for FileBody {
    fn from(file: StoredFile) -> Self {
        Self {
            path: file.path,
            area: file.area,
            bytes: file.bytes,
            modified_at: file.modified_at,
            content_type: file.content_type,
            sha256: file.sha256,
        }
    }
}
