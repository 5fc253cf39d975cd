//! Large files past everything in front of the service: a ticket, the bytes to the address that comes with it (`content`), and the completion.

use std::{collections::BTreeMap, time::Duration};

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    domain::{Job, JobState, Timestamp},
    http::{
        AppJson, AppPath, AppState, Problem, ProblemCode, SignedInUser,
        origin::origin,
        waiting::{StartedBody, accepted, preference_applied, preferred_wait, wait_for},
    },
    services::uploads::{Destination, UploadReport},
};

/// How long a completion waits for its job, if the client does not say.
const USUAL_WAIT: Duration = Duration::from_secs(20);

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(offer)).routes(routes!(complete))
}

/// A file that is to come.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TicketRequest {
    /// Its name; folders in it are kept.
    name: String,
    /// Its size in bytes.
    bytes: u64,
}

/// Where the bytes go, and by what the upload is completed then.
#[derive(Serialize, ToSchema)]
struct TicketBody {
    /// Takes the bytes as the body, from whoever knows it: no token is needed, and none to be sent. Where it is of the service itself, `HEAD` tells
    /// how many bytes have arrived, and `PATCH` sends the rest. Of Blob Storage it takes 5,000 MiB at once; more goes there in blocks (Put Block,
    /// Put Block List).
    upload_url: String,
    /// `PUT`.
    method: &'static str,
    /// Headers to send with the bytes.
    headers: BTreeMap<String, String>,
    /// When address and ticket stop to hold.
    expires_at: Timestamp,
    /// Names the upload in `/api/upload/tickets/{ticket}/complete`.
    ticket: String,
}

/// Ask for a ticket for one large file.
#[utoipa::path(post, path = "/api/upload/tickets", tag = "upload", security(("bearer" = [])),
    request_body = TicketRequest, responses(
    (status = 201, body = TicketBody), (status = 413, description = "`upload_too_large`"),
    (status = 422, description = "`empty_upload` or `invalid_file_name`")))]
async fn offer(
    State(state): State<AppState>,
    SignedInUser(who): SignedInUser,
    headers: HeaderMap,
    AppJson(request): AppJson<TicketRequest>,
) -> Result<Response, Problem> {
    let offer = state.services.uploads.offer(who.session.id, &request.name, request.bytes).await?;
    let (upload_url, headers) = match offer.destination {
        Destination::Store(address) => (address.url, address.headers.into_iter().collect()),
        Destination::Service { signature } => {
            let origin = match &state.http.upload_origin {
                Some(origin) => origin.clone(),
                None => origin(&headers)?,
            };
            let path = format!("/api/upload/tickets/{}/content", offer.ticket);
            (format!("{origin}{path}?signature={signature}"), BTreeMap::new())
        }
    };
    let (method, expires_at, ticket) = ("PUT", offer.expires_at, offer.ticket);
    Ok((StatusCode::CREATED, Json(TicketBody { upload_url, method, headers, expires_at, ticket })).into_response())
}

/// Have the bytes of a ticket opened and scanned. Waits for the end up to 20 seconds, or as long as `Prefer: wait=N` says. May be repeated.
#[utoipa::path(post, path = "/api/upload/tickets/{ticket}/complete", tag = "upload", security(("bearer" = [])),
    params(("ticket" = String, Path, description = "the ticket")), responses(
    (status = 201, body = UploadReport), (status = 202, body = StartedBody), (status = 404, description = "`not_found`"),
    (status = 409, description = "`content_missing`: not all bytes have arrived; `upload_cancelled` or `path_taken`"),
    (status = 410, description = "`ticket_expired`"),
    (status = 422, description = "`no_documents` or `content_size_mismatch`")))]
async fn complete(
    State(state): State<AppState>,
    SignedInUser(who): SignedInUser,
    AppPath(ticket): AppPath<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let job = state.services.uploads.complete(who.session.id, &ticket).await?;
    let preferred = preferred_wait(&headers);
    let Some(ended) = wait_for(&state, who.session.id, job.id, preferred.unwrap_or(USUAL_WAIT)).await? else {
        return accepted(job.id);
    };
    let response = answer(ended)?;
    Ok(match preferred {
        Some(wait) => preference_applied(response, wait),
        None => response,
    })
}

/// What an upload of the same file would have answered.
fn answer(job: Job) -> Result<Response, Problem> {
    if job.state == JobState::Succeeded {
        return Ok((StatusCode::CREATED, Json(job.result)).into_response());
    }
    let Some(failure) = job.error else { return Err(Problem::of(ProblemCode::UploadCancelled)) };
    Err(match ProblemCode::find(&failure.code) {
        Some(code) => Problem::of(code).with_errors(failure.errors),
        None => Problem::new(ProblemCode::Internal, failure.detail),
    })
}
