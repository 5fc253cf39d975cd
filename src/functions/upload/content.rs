//! The address that takes the bytes of a ticket, after "Resumable Uploads for HTTP" of the IETF: `PUT` sends all of them, `HEAD` tells how many have
//! arrived, `PATCH` sends more behind those, `DELETE` gives them up.

use std::pin::pin;

use axum::{
    body::{Body, BodyDataStream},
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use futures::StreamExt;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::Deserialize;
use tracing::Instrument as _;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    domain::SessionId,
    http::{
        AppPath, AppQuery, AppState, Problem, ProblemCode,
        partial_upload::{PARTIAL_UPLOAD, UPLOAD_COMPLETE, UPLOAD_OFFSET},
    },
    services::uploads::{Arrived, IncomingContent, Sending, TicketError, UploadService},
};

const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
const UPLOAD_LIMIT: HeaderName = HeaderName::from_static("upload-limit");

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(put_content, arrived, go_on, discard))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ContentQuery {
    /// Lets the bytes in; part of `upload_url`.
    #[serde(default)]
    #[param(required = true)]
    signature: String,
}

/// Send the bytes of a ticket to its `upload_url`, all of them. May be repeated until the ticket is completed; the last whole body counts. What
/// has arrived before a connection breaks off is kept.
#[utoipa::path(put, path = "/api/upload/tickets/{ticket}/content", tag = "upload",
    params(("ticket" = String, Path, description = "the ticket"), ContentQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses(
    (status = 201, description = "stored; complete the ticket now"), (status = 404, description = "`not_found`"),
    (status = 409, description = "`ticket_completed`, or `content_in_use`: a later request sends the bytes"),
    (status = 410, description = "`ticket_expired`"), (status = 422, description = "`content_size_mismatch`")))]
async fn put_content(
    State(state): State<AppState>,
    AppPath(ticket): AppPath<String>,
    AppQuery(query): AppQuery<ContentQuery>,
    request: Request,
) -> Result<StatusCode, Problem> {
    let sending = Sending { offset: None, length: declared_length(request.headers()) };
    let arrived = take(&state, (&ticket, &query.signature), sending, request.into_body()).await?;
    if !arrived.is_whole {
        return Err(TicketError::WrongSize { expected: arrived.of }.into());
    }
    Ok(StatusCode::CREATED)
}

/// How many bytes of a ticket have arrived at its `upload_url`.
#[utoipa::path(head, path = "/api/upload/tickets/{ticket}/content", tag = "upload",
    params(("ticket" = String, Path, description = "the ticket"), ContentQuery), responses(
    (status = 204, description = "`PATCH` goes on behind them, or the ticket can be completed", headers(
        ("Upload-Offset" = u64, description = "So many bytes have arrived."),
        ("Upload-Complete" = String, description = "`?1` if these are all, else `?0`."),
        ("Upload-Length" = u64, description = "So many bytes the ticket is for."),
        ("Upload-Limit" = String, description = "`max-age` is the seconds for which the ticket still holds."))),
    (status = 404, description = "`not_found`"), (status = 410, description = "`ticket_expired`")))]
async fn arrived(
    State(state): State<AppState>,
    AppPath(ticket): AppPath<String>,
    AppQuery(query): AppQuery<ContentQuery>,
) -> Result<Response, Problem> {
    let (session, arrived) = state.services.uploads.arrived(&ticket, &query.signature).await?;
    note_session(session);
    let limit = format!("max-size={}, max-age={}", arrived.of, arrived.holds_for.as_secs());
    let limit = HeaderValue::try_from(limit).map_err(|_| Problem::of(ProblemCode::Internal))?;
    let more = [
        (UPLOAD_LENGTH, HeaderValue::from(arrived.of)),
        (UPLOAD_LIMIT, limit),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((StatusCode::NO_CONTENT, progress(arrived), more).into_response())
}

/// Send more bytes of a ticket to its `upload_url`, behind those that have arrived. Another request that sends bytes for the ticket is ended.
#[utoipa::path(patch, path = "/api/upload/tickets/{ticket}/content", tag = "upload",
    params(("ticket" = String, Path, description = "the ticket"), ContentQuery,
        ("Upload-Offset" = u64, Header, description = "how many bytes are to have arrived before")),
    request_body(content = Vec<u8>, content_type = "application/partial-upload"), responses(
    (status = 201, description = "all bytes are stored; complete the ticket now"),
    (status = 204, description = "stored; `Upload-Offset` says how many bytes have arrived", headers(
        ("Upload-Offset" = u64, description = "So many bytes have arrived."),
        ("Upload-Complete" = String, description = "`?1` if these are all, else `?0`."))),
    (status = 404, description = "`not_found`"),
    (status = 409, description = "`content_offset_mismatch`: `Upload-Offset` says how many bytes have arrived; `ticket_completed`, or \
        `content_in_use`: a later request sends the bytes"),
    (status = 410, description = "`ticket_expired`"),
    (status = 415, description = "`unsupported_media_type`"),
    (status = 422, description = "`content_size_mismatch`: more bytes than are missing; none of this request is kept")))]
async fn go_on(
    State(state): State<AppState>,
    AppPath(ticket): AppPath<String>,
    AppQuery(query): AppQuery<ContentQuery>,
    request: Request,
) -> Result<Response, Problem> {
    let headers = request.headers();
    if headers.get(header::CONTENT_TYPE).is_none_or(|kind| kind != PARTIAL_UPLOAD) {
        // Who holds no ticket is told nothing else.
        state.services.uploads.arrived(&ticket, &query.signature).await?;
        let detail = format!("send the bytes with `Content-Type: {PARTIAL_UPLOAD}`");
        return Err(Problem::new(ProblemCode::UnsupportedMediaType, detail));
    }
    let sending = Sending { offset: Some(offset(headers)?), length: declared_length(headers) };
    let arrived = take(&state, (&ticket, &query.signature), sending, request.into_body()).await?;
    let status = if arrived.is_whole { StatusCode::CREATED } else { StatusCode::NO_CONTENT };
    Ok((status, progress(arrived)).into_response())
}

/// Remove what has arrived of a ticket's bytes at its `upload_url`: nobody will send the rest. A request that sends bytes for the ticket is ended.
#[utoipa::path(delete, path = "/api/upload/tickets/{ticket}/content", tag = "upload",
    params(("ticket" = String, Path, description = "the ticket"), ContentQuery), responses(
    (status = 204, description = "nothing is left of them; the ticket may be used again"),
    (status = 404, description = "`not_found`"),
    (status = 409, description = "`ticket_completed`, or `content_in_use`: a later request sends the bytes"),
    (status = 410, description = "`ticket_expired`")))]
async fn discard(
    State(state): State<AppState>,
    AppPath(ticket): AppPath<String>,
    AppQuery(query): AppQuery<ContentQuery>,
) -> Result<StatusCode, Problem> {
    note_session(state.services.uploads.discard_content(&ticket, &query.signature).await?);
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a body for a ticket.
async fn take(
    state: &AppState,
    (ticket, signature): (&str, &str),
    sending: Sending,
    body: Body,
) -> Result<Arrived, Problem> {
    let uploads = state.services.uploads.clone();
    let incoming = uploads.begin_content(ticket, signature, sending).await?;
    note_session(incoming.session());
    // In a task of its own: with a connection that breaks off goes its handler, and bytes may be on their way to the disk.
    let taking = tokio::spawn(take_all(uploads, incoming, body.into_data_stream()).in_current_span());
    taking.await.unwrap_or_else(|_| Err(Problem::of(ProblemCode::Internal)))
}

async fn take_all(
    uploads: UploadService,
    mut incoming: IncomingContent,
    mut body: BodyDataStream,
) -> Result<Arrived, Problem> {
    let mut superseded = pin!(incoming.superseded());
    loop {
        let chunk = tokio::select! {
            biased;
            () = &mut superseded => return Err(TicketError::InUse.into()),
            chunk = body.next() => chunk,
        };
        match chunk {
            Some(chunk) => incoming.write(chunk.map_err(|_| broken_off())?).await?,
            None => return Ok(uploads.finish_content(incoming).await?),
        }
    }
}

fn note_session(session: SessionId) {
    tracing::Span::current().record("session_id", tracing::field::display(session));
}

fn progress(arrived: Arrived) -> [(HeaderName, HeaderValue); 2] {
    let is_whole = HeaderValue::from_static(if arrived.is_whole { "?1" } else { "?0" });
    [(UPLOAD_OFFSET, HeaderValue::from(arrived.bytes)), (UPLOAD_COMPLETE, is_whole)]
}

fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn offset(headers: &HeaderMap) -> Result<u64, Problem> {
    let given = headers.get(UPLOAD_OFFSET).and_then(|value| value.to_str().ok()?.parse().ok());
    given.ok_or_else(|| {
        let detail = "the header `Upload-Offset` takes the number of bytes that have arrived; `HEAD` tells it";
        Problem::new(ProblemCode::InvalidParameter, detail)
    })
}

fn broken_off() -> Problem {
    let detail = "the body broke off before its end; what arrived is kept: `HEAD` tells how much that is, and `PATCH` sends the rest";
    Problem::new(ProblemCode::InvalidBody, detail)
}
