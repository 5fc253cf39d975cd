//! Extractors whose refusals are problem documents too.

use axum::{
    Json,
    extract::{
        FromRequest, FromRequestParts, Path, Query, Request,
        rejection::{JsonRejection, PathRejection, QueryRejection},
    },
};
use http::{StatusCode, request::Parts};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::{
    Problem, ProblemCode,
    expected::{expected, not_json, not_read},
};

/// A JSON object as body.
#[derive(Clone, Copy, Debug)]
pub struct AppJson<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for AppJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let AnyJson(body) = AnyJson::<Box<RawValue>>::from_request(request, state).await?;
        read_object(body.get().as_bytes()).map(Self)
    }
}

/// Any JSON as body.
#[derive(Clone, Copy, Debug)]
pub struct AnyJson<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for AnyJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let limit = request.extensions().get::<BodyLimit>().copied();
        match Json::<T>::from_request(request, state).await {
            Ok(Json(value)) => Ok(Self(value)),
            Err(rejection) => Err(json_problem(&rejection, limit)),
        }
    }
}

fn json_problem(rejection: &JsonRejection, limit: Option<BodyLimit>) -> Problem {
    match rejection {
        JsonRejection::MissingJsonContentType(_) => {
            Problem::new(ProblemCode::UnsupportedMediaType, "send the body as application/json")
        }
        JsonRejection::JsonDataError(error) => Problem::new(ProblemCode::InvalidBody, expected(&error.body_text())),
        JsonRejection::JsonSyntaxError(error) => Problem::new(ProblemCode::InvalidBody, not_json(&error.body_text())),
        other if other.status() == StatusCode::PAYLOAD_TOO_LARGE => match limit {
            Some(limit) => limit.exceeded(),
            None => Problem::of(ProblemCode::BodyTooLarge),
        },
        _ => Problem::new(ProblemCode::InvalidBody, "the body could not be read to its end"),
    }
}

/// Reads a JSON object. A list is none, whatever the reader could make of its members.
pub fn read_object<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    if body.trim_ascii_start().starts_with(b"[") {
        return Err(Problem::new(ProblemCode::InvalidBody, "the body: takes an object"));
    }
    read_members(&mut serde_json::Deserializer::from_slice(body))
}

/// Reads what a JSON reader gives; what is wrong is told with the member's path.
pub fn read_members<'de, T, D>(reader: D) -> Result<T, Problem>
where
    T: DeserializeOwned,
    D: serde::Deserializer<'de, Error = serde_json::Error>,
{
    serde_path_to_error::deserialize(reader).map_err(|error| {
        let path = error.path().to_string();
        Problem::new(ProblemCode::InvalidBody, not_read(&path, error.inner()))
    })
}

/// How many bytes a JSON body may have.
#[derive(Clone, Copy, Debug)]
pub struct BodyLimit(pub usize);

impl BodyLimit {
    /// A body has more.
    #[must_use]
    pub fn exceeded(self) -> Problem {
        Problem::new(
            ProblemCode::BodyTooLarge,
            format!("the body has more than the {} bytes that the call takes", self.0),
        )
    }
}

/// Parameters of the path.
#[derive(Clone, Copy, Debug)]
pub struct AppPath<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for AppPath<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        // An id that is not one names nothing: the same answer as for an id that is not there.
        let refused = |_: PathRejection| Problem::of(ProblemCode::NotFound);
        Path::<T>::from_request_parts(parts, state).await.map(|Path(value)| Self(value)).map_err(refused)
    }
}

/// Parameters of the query string.
#[derive(Clone, Copy, Debug)]
pub struct AppQuery<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for AppQuery<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let refused =
            |rejection: QueryRejection| Problem::new(ProblemCode::InvalidParameter, expected(&rejection.body_text()));
        Query::<T>::from_request_parts(parts, state).await.map(|Query(value)| Self(value)).map_err(refused)
    }
}
