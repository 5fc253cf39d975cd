//! Answers that the runtime gives itself, for the application to word.

use axum::response::{IntoResponse, Response};
use http::{StatusCode, request::Parts};

use super::invocation::Invocation;

/// The bodies of the runtime's own HTTP answers. An application implements this to answer in its own format; the
/// statuses are meant to be kept.
pub trait ErrorPages: Send + Sync {
    /// A handler panicked: 500. The panic is logged already.
    fn panicked(&self, _invocation: &Invocation) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, "internal error").into_response()
    }

    /// No function serves what was asked for: 404. Also what anyone but the host gets at the paths of triggers.
    fn not_found(&self, _asked: &Parts) -> Response {
        (StatusCode::NOT_FOUND, "not found").into_response()
    }

    /// The request breaks HTTP itself: 400. The reason says how.
    fn bad_request(&self, reason: &'static str) -> Response {
        (StatusCode::BAD_REQUEST, reason).into_response()
    }
}

/// Short plain text.
pub(super) struct PlainPages;

impl ErrorPages for PlainPages {}
