//! What stands between the runtime and the product: pages of other origins, the runtime's own answers, the clock.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use axum::response::{IntoResponse, Response};
use http::{Method, header, request::Parts};
use tower_http::cors::{AllowHeaders, CorsLayer};

use crate::{
    functions::not_found_page,
    http::{
        Problem, ProblemCode,
        correlation::{CORRELATION_ID, new_id},
        partial_upload::{UPLOAD_COMPLETE, UPLOAD_OFFSET},
    },
    ports::{Clock, Ids},
    runtime::{ErrorPages, Invocation},
};

/// Lets pages of the given origins call the API with a bearer token; never with the cookie.
pub(super) fn cors(origins: &[http::HeaderValue]) -> CorsLayer {
    if origins.is_empty() {
        return CorsLayer::new();
    }
    CorsLayer::new()
        .allow_origin(origins.to_vec())
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([
            CORRELATION_ID,
            header::LOCATION,
            header::ETAG,
            header::RETRY_AFTER,
            UPLOAD_OFFSET,
            UPLOAD_COMPLETE,
        ])
}

/// The runtime's own answers in the product's words.
pub(super) struct Pages {
    pub(super) ids: Ids,
}

impl ErrorPages for Pages {
    fn panicked(&self, invocation: &Invocation) -> Response {
        Problem::of(ProblemCode::Internal).render(invocation.id())
    }

    fn not_found(&self, asked: &Parts) -> Response {
        let nothing = || {
            let detail = "there is no such path; the contract at /api/openapi.json lists what there is";
            Problem::new(ProblemCode::NotFound, detail).into_response()
        };
        not_found_page(asked).unwrap_or_else(nothing)
    }

    fn bad_request(&self, reason: &'static str) -> Response {
        let id = new_id(&self.ids);
        let mut response = Problem::new(ProblemCode::BadRequest, reason).render(&id);
        if let Ok(value) = http::HeaderValue::from_str(&id) {
            response.headers_mut().insert(CORRELATION_ID, value);
        }
        response
    }
}

/// The product's clock in the runtime's terms.
pub struct RuntimeClock(pub Arc<dyn Clock>);

impl crate::runtime::Clock for RuntimeClock {
    fn now(&self) -> SystemTime {
        let millis = u64::try_from(self.0.now().as_millis()).unwrap_or(0);
        SystemTime::UNIX_EPOCH + Duration::from_millis(millis)
    }
}
