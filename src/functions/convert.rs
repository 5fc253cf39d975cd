//! `convert`: start a conversion, or look at what it would give.

use axum::{
    Json,
    body::Bytes,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, header};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    domain::{AuditAction, Job},
    http::{
        AppState, Problem, ProblemCode, SignedInUser,
        extract::{read_members, read_object},
        waiting::{StartedBody, accepted, preference_applied, preferred_wait, wait_for},
    },
    services::conversions::{ConvertRequest, Format, Preview, Wanted},
};

/// Rows of each table in a preview, if not said.
const PREVIEW_ROWS: usize = 20;
const MAX_PREVIEW_ROWS: usize = 200;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(convert)).routes(routes!(preview)).routes(routes!(formats))
}

/// A format that tables can be written in.
#[derive(Serialize, ToSchema)]
struct FormatBody {
    /// As it stands in a request; also the files' extension.
    format: &'static str,
    media_type: &'static str,
}

#[derive(Serialize, ToSchema)]
struct FormatsBody {
    /// The default first.
    items: Vec<FormatBody>,
}

/// The formats that this build writes.
#[utoipa::path(get, path = "/api/convert/formats", tag = "convert", security(("bearer" = [])),
    responses((status = 200, body = FormatsBody)))]
async fn formats(_user: SignedInUser) -> Json<FormatsBody> {
    let written = Format::ALL.into_iter().filter(|format| format.is_available());
    let items = written.map(|format| FormatBody { format: format.as_str(), media_type: format.media_type() });
    Json(FormatsBody { items: items.collect() })
}

/// Convert documents into tables. With `Prefer: wait=N` the finished job is the answer if it ends within N seconds.
#[utoipa::path(post, path = "/api/convert", tag = "convert", security(("bearer" = [])), request_body = ConvertRequest,
    responses((status = 202, body = StartedBody), (status = 200, body = Job),
    (status = 422, description = "`nothing_to_convert`, `unknown_documents` or `format_unavailable`")))]
async fn convert(
    State(state): State<AppState>,
    SignedInUser(who): SignedInUser,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let request: ConvertRequest = read_body(&headers, &body)?;
    let job = state.services.conversions.start(who.session.id, &request).await?;
    let audit = &state.services.audit;
    let asked = json!({ "format": request.format.as_str(), "documents": job.progress.documents_total });
    audit.record(audit.entry(&who.actor(), AuditAction::ConversionStarted).about(job.id).with(asked)).await;
    if let Some(limit) = preferred_wait(&headers)
        && let Some(finished) = wait_for(&state, who.session.id, job.id, limit).await?
    {
        return Ok(preference_applied(Json(finished).into_response(), limit));
    }
    accepted(job.id)
}

/// The tables as they would be, with their first rows. The body is that of a conversion, and `rows` (1 to 200) and `partial` (`true` shows the
/// rows of broken documents as well, up to where each is broken).
#[utoipa::path(post, path = "/api/convert/preview", tag = "convert", security(("bearer" = [])),
    request_body = ConvertRequest, responses((status = 200, body = Preview),
    (status = 422, description = "`nothing_to_convert`, `unknown_documents` or `conversion_impossible`")))]
async fn preview(
    State(state): State<AppState>,
    SignedInUser(who): SignedInUser,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Preview>, Problem> {
    let mut members: serde_json::Map<String, serde_json::Value> = read_body(&headers, &body)?;
    let partial = match members.remove("partial") {
        None => false,
        Some(serde_json::Value::Bool(partial)) => partial,
        Some(_) => return Err(Problem::new(ProblemCode::InvalidParameter, "partial takes true or false")),
    };
    // All but these two is the body of a conversion, which knows what it may contain.
    let rows = match members.remove("rows") {
        None => PREVIEW_ROWS,
        Some(rows) => wanted_rows(&rows)?,
    };
    let request: ConvertRequest = read_members(serde_json::Value::from(members))?;
    Ok(Json(state.services.conversions.preview(who.session.id, &request, Wanted { rows, partial }).await?))
}

fn wanted_rows(value: &serde_json::Value) -> Result<usize, Problem> {
    let rows = value.as_u64().and_then(|rows| usize::try_from(rows).ok());
    rows.filter(|rows| (1..=MAX_PREVIEW_ROWS).contains(rows)).ok_or_else(|| {
        Problem::new(ProblemCode::InvalidParameter, format!("rows takes a number from 1 to {MAX_PREVIEW_ROWS}"))
    })
}

/// Reads a JSON body; none at all means the defaults.
fn read_body<T: DeserializeOwned + Default>(headers: &HeaderMap, body: &[u8]) -> Result<T, Problem> {
    if body.is_empty() {
        return Ok(T::default());
    }
    let json = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(|value| {
        let essence = value.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case("application/json") || essence.to_ascii_lowercase().ends_with("+json")
    });
    if !json {
        return Err(Problem::new(ProblemCode::UnsupportedMediaType, "send the body as application/json"));
    }
    read_object(body)
}
