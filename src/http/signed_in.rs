//! The signed-in user as an extractor: a handler that names it cannot be reached without.

use axum::extract::FromRequestParts;
use http::{HeaderMap, header, request::Parts};

use super::{AppState, Problem, ProblemCode, client_address::client_address};
use crate::{domain::Role, services::auth::SignedIn};

/// The user behind the request's access token, with the open session.
#[derive(Clone, Debug)]
pub struct SignedInUser(pub SignedIn);

impl FromRequestParts<AppState> for SignedInUser {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let token = bearer_token(&parts.headers).ok_or_else(|| Problem::of(ProblemCode::NotSignedIn))?;
        let signed_in = state
            .services
            .auth
            .authenticate(token, client_address(parts, state.http.client_ip_header.as_ref()))
            .await?;
        let span = tracing::Span::current();
        span.record("user_id", tracing::field::display(signed_in.user.id));
        span.record("session_id", tracing::field::display(signed_in.session.id));
        Ok(Self(signed_in))
    }
}

/// The same, for administrators only.
#[derive(Clone, Debug)]
pub struct AdminUser(pub SignedIn);

impl FromRequestParts<AppState> for AdminUser {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let SignedInUser(signed_in) = SignedInUser::from_request_parts(parts, state).await?;
        match signed_in.user.role {
            Role::Admin => Ok(Self(signed_in)),
            Role::User => Err(Problem::of(ProblemCode::AdminOnly)),
        }
    }
}

/// The token of `Authorization: Bearer`, if there is exactly one such header.
#[must_use]
pub fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() {
        return None;
    }
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}
