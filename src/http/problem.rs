//! Errors as RFC 9457 problem documents.
//!
//! A handler returns a [`Problem`]; the correlation layer writes it out, because only that layer knows the request's id. The codes are
//! stable and listed in `docs/problems.md`, one anchor each.

use std::time::Duration;

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::domain::DocumentProblem;

macro_rules! problem_codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $code:literal, $status:ident, $title:literal;)+) => {
        /// The kind of a problem.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ProblemCode {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl ProblemCode {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code on the wire.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The code that reads so on the wire.
            #[must_use]
            pub fn find(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.as_str() == code)
            }

            /// The status it answers with.
            #[must_use]
            pub fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status),+ }
            }

            /// What it means, the same for every occurrence.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),+ }
            }

            /// What it means and what mends it, in a sentence or two.
            #[must_use]
            pub fn help(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+)),+ }
            }
        }
    };
}

problem_codes! {
    /// The username or the password is wrong, or the account is disabled. Check both and try again.
    InvalidCredentials = "invalid_credentials", UNAUTHORIZED, "Wrong username or password";
    /// The call needs `Authorization: Bearer` with an access token that holds. Log in, or refresh the token.
    NotSignedIn = "not_signed_in", UNAUTHORIZED, "Not signed in";
    /// The refresh token is unknown, expired or revoked. Log in again.
    InvalidRefreshToken = "invalid_refresh_token", UNAUTHORIZED, "The refresh token does not hold";
    /// The refresh token was used before, so its whole family was revoked. Log in again.
    RefreshTokenReused = "refresh_token_reused", UNAUTHORIZED, "The refresh token was used before";
    /// The call needs the role `admin`. Sign in with an administrator's account.
    AdminOnly = "admin_only", FORBIDDEN, "Administrators only";
    /// The call rests on a cookie and came from another site. Call it from the service's own pages, or with a bearer token.
    CrossSite = "cross_site_request", FORBIDDEN, "The request came from another site";
    /// The page that called is of an origin that may not. Call without a browser, or have the origin added to `CORS_ORIGINS`.
    OriginNotAllowed = "origin_not_allowed", FORBIDDEN, "The origin is not allowed";
    /// There is nothing at this path, or it is not yours. Check the path and the ids in it.
    NotFound = "not_found", NOT_FOUND, "Not found";
    /// The path exists but not for this method. See the contract at `/api/openapi.json`.
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED, "Method not allowed";
    /// The body is not JSON of the form the call takes. The detail names the member.
    InvalidBody = "invalid_body", BAD_REQUEST, "The body cannot be read";
    /// A parameter of the query string or the path has a value that cannot be used. The detail names it.
    InvalidParameter = "invalid_parameter", BAD_REQUEST, "A parameter cannot be used";
    /// The body's media type is not one the call takes. Send `application/json`, or `multipart/form-data` for uploads.
    UnsupportedMediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE, "Unsupported media type";
    /// More requests than the limit came from this address, or other statements of yours are still running. Wait as long as `Retry-After` says.
    RateLimited = "rate_limited", TOO_MANY_REQUESTS, "Too many requests";
    /// Other answers of yours are still being written. Wait for one of them, or stop it.
    TooManyAnswers = "too_many_answers", TOO_MANY_REQUESTS, "Too many answers at once";
    /// The model failed; the detail says what happened. What was said until then is kept.
    ModelUnavailable = "model_unavailable", SERVICE_UNAVAILABLE, "There is no answer";
    /// The password does not follow the rules; the detail names them.
    WeakPassword = "weak_password", UNPROCESSABLE_ENTITY, "The password cannot be used";
    /// The account's fields do not follow the rules; the detail names them.
    InvalidAccount = "invalid_account", UNPROCESSABLE_ENTITY, "The account cannot be made";
    /// Another account has that username. Choose another.
    UsernameTaken = "username_taken", CONFLICT, "The username is taken";
    /// It would leave the service without an enabled administrator. Make another administrator first.
    LastAdmin = "last_admin", CONFLICT, "The last administrator";
    /// The file's name is empty, too long, or could point elsewhere. Rename the file.
    InvalidFileName = "invalid_file_name", UNPROCESSABLE_ENTITY, "The file name cannot be used";
    /// The upload is larger than the limit. Split it, or raise `RET_MAX_UPLOAD_BYTES`.
    UploadTooLarge = "upload_too_large", PAYLOAD_TOO_LARGE, "The upload is too large";
    /// The body is larger than the call takes.
    BodyTooLarge = "body_too_large", PAYLOAD_TOO_LARGE, "The body is too large";
    /// The upload has no file, or a file without bytes. Send at least one part named `file` with content.
    EmptyUpload = "empty_upload", UNPROCESSABLE_ENTITY, "Nothing was uploaded";
    /// A file of the upload has the same path as one that came with another upload. Rename the upload, or remove the other first.
    PathTaken = "path_taken", CONFLICT, "The path is taken";
    /// The ticket's hour is over, or its session has ended. Ask for a new ticket, and send the file again.
    TicketExpired = "ticket_expired", GONE, "The ticket does not hold any more";
    /// The ticket was completed, so what was sent for it cannot change any more. Ask for a new ticket to upload another file.
    TicketCompleted = "ticket_completed", CONFLICT, "The ticket was completed";
    /// What was to be sent for the ticket is not there, or not all of it. Send the file to the ticket's `upload_url`, what is missing of it by `PATCH`, or
    /// ask for a new ticket if you did, then complete it.
    ContentMissing = "content_missing", CONFLICT, "The content is missing";
    /// What was sent has more or fewer bytes than the ticket is for. Send the file as large as it was named, or ask for a ticket of its true size.
    ContentSizeMismatch = "content_size_mismatch", UNPROCESSABLE_ENTITY, "The content has another size";
    /// The bytes were to go behind others than those that have arrived. `Upload-Offset` says how many these are: go on from there.
    ContentOffsetMismatch = "content_offset_mismatch", CONFLICT, "The content goes on elsewhere";
    /// Another request sends the bytes of the ticket: of several the latest goes on, and the others end. Ask by `HEAD` how many bytes have arrived, and
    /// go on from there once you are alone.
    ContentInUse = "content_in_use", CONFLICT, "Another request sends the content";
    /// The upload was cancelled while it waited or was read, and nothing of it is left. Ask for a new ticket to send the file again.
    UploadCancelled = "upload_cancelled", CONFLICT, "The upload was cancelled";
    /// The request breaks HTTP itself; the detail says how. Send exactly one Host header.
    BadRequest = "bad_request", BAD_REQUEST, "The request cannot be read";
    /// No readable XML document was found; `errors` says for each file why. Mend the files and upload again.
    NoDocuments = "no_documents", UNPROCESSABLE_ENTITY, "No readable XML document";
    /// The session has no documents yet. Upload XML or a ZIP of it first.
    NothingToConvert = "nothing_to_convert", UNPROCESSABLE_ENTITY, "Nothing to convert";
    /// The request names documents or groups that the session does not have. See `/api/documents`.
    UnknownDocuments = "unknown_documents", UNPROCESSABLE_ENTITY, "Unknown documents";
    /// None of the chosen documents can be converted; `errors` says why. Mend the documents and upload again.
    NothingConvertible = "no_convertible_documents", UNPROCESSABLE_ENTITY, "No document can be converted";
    /// The tables cannot be made as asked: a record that does not occur, or more tables or columns than the limits. The detail says which. Name
    /// another record or layout, or fewer groups; who runs the service can raise the limits.
    ConversionImpossible = "conversion_impossible", UNPROCESSABLE_ENTITY, "The conversion is not possible as asked";
    /// This build does not write the format. Use `csv`, `xlsx` or `jsonl`, or a build with the feature that the detail names.
    FormatUnavailable = "format_unavailable", UNPROCESSABLE_ENTITY, "The format is not available";
    /// The statement is not one read-only statement over the session's tables, or does not compile. The detail says what is wrong with it.
    SqlRejected = "sql_rejected", UNPROCESSABLE_ENTITY, "The statement is not allowed";
    /// The statement is allowed but failed; the detail is the database's own text.
    SqlFailed = "sql_failed", UNPROCESSABLE_ENTITY, "The statement failed";
    /// The statement ran longer than it may. Ask for less, or raise `RET_SQL_SECONDS`.
    SqlTimeout = "sql_timeout", REQUEST_TIMEOUT, "The statement took too long";
    /// Nothing has been converted in this session yet. Call `/api/convert` first.
    NothingConverted = "nothing_converted", CONFLICT, "There are no tables yet";
    /// There is a message of this id in the conversation that says something else. Give the new message an id of its own.
    MessageExists = "message_exists", CONFLICT, "The message's id is taken";
    /// The message is longer than it may be; the detail says how long that is. Send it in parts, or raise `HISTORY_MAX_MESSAGE_BYTES`.
    MessageTooLarge = "message_too_large", PAYLOAD_TOO_LARGE, "The message is too long";
    /// The temporary conversations of this session take as much as they may. Delete one of them, or go on in a conversation that is kept.
    TemporaryFull = "temporary_full", CONFLICT, "No room in temporary conversations";
    /// The message that this one is to follow is not in the conversation. Leave `parent_id` out to follow the last one.
    UnknownParent = "unknown_parent", UNPROCESSABLE_ENTITY, "The parent message is not there";
    /// The requested range lies outside the file. `Content-Range` says how long the file is.
    RangeNotSatisfiable = "range_not_satisfiable", RANGE_NOT_SATISFIABLE, "The range lies outside the file";
    /// The session ended while the request ran. Log in again.
    SessionEnded = "session_ended", UNAUTHORIZED, "The session has ended";
    /// There is no room left for files. Try again after others have logged out, or give the service more room.
    StorageFull = "storage_full", INSUFFICIENT_STORAGE, "There is no room left";
    /// A part of the service cannot be reached at the moment. Try again as `Retry-After` says.
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "Not available at the moment";
    /// Something went wrong inside the service. Report it with the correlation id.
    Internal = "internal_error", INTERNAL_SERVER_ERROR, "Internal error";
}

/// An error as it will be answered.
#[derive(Clone, Debug)]
pub struct Problem {
    code: ProblemCode,
    detail: String,
    errors: Vec<DocumentProblem>,
    retry_after: Option<Duration>,
    headers: Vec<(header::HeaderName, HeaderValue)>,
}

#[derive(Serialize)]
struct Document<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    code: &'a str,
    correlation_id: &'a str,
    #[serde(skip_serializing_if = "<[DocumentProblem]>::is_empty")]
    errors: &'a [DocumentProblem],
}

impl Problem {
    /// A problem with a detail of its own.
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new(), retry_after: None, headers: Vec::new() }
    }

    /// A problem whose help says all there is to say.
    #[must_use]
    pub fn of(code: ProblemCode) -> Self {
        Self::new(code, code.help().trim())
    }

    /// Adds an entry for each thing at fault.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<DocumentProblem>) -> Self {
        self.errors = errors;
        self
    }

    /// Says when to try again.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn with_header(mut self, name: header::HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The kind.
    #[must_use]
    pub fn code(&self) -> ProblemCode {
        self.code
    }

    /// Writes the problem out as the answer to the request of that id.
    #[must_use]
    pub fn render(&self, correlation_id: &str) -> Response {
        let body = Document {
            r#type: format!("/api/docs#{}", self.code.as_str()),
            title: self.code.title(),
            status: self.code.status().as_u16(),
            detail: &self.detail,
            code: self.code.as_str(),
            correlation_id,
            errors: &self.errors,
        };
        let text = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = Response::new(Body::from(text));
        *response.status_mut() = self.code.status();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(wait) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(whole_seconds(wait)));
        }
        if self.code.status() == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        for (name, value) in &self.headers {
            headers.insert(name.clone(), value.clone());
        }
        response
    }
}

/// Rounded up: trying at that second must succeed.
fn whole_seconds(wait: Duration) -> u64 {
    u64::try_from(wait.as_millis().div_ceil(1000).max(1)).unwrap_or(u64::MAX)
}

/// A time to wait, in words.
pub(super) fn in_seconds(wait: Duration) -> String {
    match whole_seconds(wait) {
        1 => "a second".to_owned(),
        seconds => format!("{seconds} seconds"),
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.code.status();
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_are_distinct_and_snake_case() {
        let codes: HashSet<_> = ProblemCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(codes.len(), ProblemCode::ALL.len());
        assert!(codes.iter().all(|code| code.chars().all(|c| c.is_ascii_lowercase() || c == '_')));
    }

    #[test]
    fn waiting_times_are_rounded_up() {
        let problem = Problem::of(ProblemCode::RateLimited).retry_after(Duration::from_millis(1001));
        assert_eq!(problem.render("evt_1").headers()[header::RETRY_AFTER], "2");
        let problem = Problem::of(ProblemCode::RateLimited).retry_after(Duration::ZERO);
        assert_eq!(problem.render("evt_1").headers()[header::RETRY_AFTER], "1");
    }

    #[test]
    fn every_help_says_something() {
        for code in ProblemCode::ALL {
            assert!(code.help().trim().ends_with('.'), "{code:?}");
        }
    }
}
