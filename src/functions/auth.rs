//! `auth`: log in, stay logged in, who am I and what did I use, change the password.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    domain::{DayOfUsage, Role, SessionId, Timestamp, UserId},
    http::{
        AppJson, AppQuery, AppState, Problem, ProblemCode, SignedInUser,
        client_address::ClientAddress,
        cookies::{refresh_cookie, refresh_token, refuse_cross_site},
        paging::{ItemPage, PageQuery},
    },
    services::auth::Grant,
};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(login))
        .routes(routes!(refresh))
        .routes(routes!(me))
        .routes(routes!(password))
        .routes(routes!(usage))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LoginBody {
    /// The account's name; the case of letters does not matter.
    username: String,
    password: String,
}

/// Tokens for the client; the refresh token comes in a cookie.
#[derive(Serialize, ToSchema)]
struct GrantBody {
    access_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// Seconds.
    expires_in: u64,
    session_id: SessionId,
    user: UserBody,
}

#[derive(Serialize, ToSchema)]
struct UserBody {
    id: UserId,
    username: String,
    role: Role,
}

#[derive(Serialize, ToSchema)]
struct MeBody {
    user: UserBody,
    session: SessionBody,
}

#[derive(Serialize, ToSchema)]
struct SessionBody {
    id: SessionId,
    created_at: Timestamp,
    /// When the session ends if nothing more is heard of it.
    expires_at: Timestamp,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordBody {
    current_password: String,
    /// 8 to 256 characters.
    new_password: String,
}

/// Log in: opens a session.
#[utoipa::path(post, path = "/api/auth/login", tag = "auth", request_body = LoginBody, responses(
    (status = 200, body = GrantBody), (status = 401, description = "`invalid_credentials`"),
    (status = 429, description = "`rate_limited`: too many failed logins")))]
async fn login(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    AppJson(LoginBody { username, password }): AppJson<LoginBody>,
) -> Result<Response, Problem> {
    let grant = state.services.auth.login(&username, &password, &address).await?;
    answer(&state, &headers, grant)
}

/// Exchange the refresh token of the cookie for new tokens.
#[utoipa::path(post, path = "/api/auth/refresh", tag = "auth", responses(
    (status = 200, body = GrantBody),
    (status = 401, description = "`invalid_refresh_token` or `refresh_token_reused`")))]
async fn refresh(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    refuse_cross_site(&headers)?;
    let token =
        refresh_token(&headers, state.http.cookies).ok_or_else(|| Problem::of(ProblemCode::InvalidRefreshToken))?;
    let grant = state.services.auth.refresh(&token, &address).await?;
    answer(&state, &headers, grant)
}

/// The signed-in user and the current session.
#[utoipa::path(get, path = "/api/auth/me", tag = "auth", security(("bearer" = [])), responses(
    (status = 200, body = MeBody), (status = 401, description = "`not_signed_in`")))]
async fn me(State(state): State<AppState>, SignedInUser(who): SignedInUser) -> impl IntoResponse {
    let session = SessionBody {
        id: who.session.id,
        created_at: who.session.created_at,
        expires_at: state.services.auth.session_expires_at(&who.session),
    };
    Json(MeBody { user: UserBody { id: who.user.id, username: who.user.username, role: who.user.role }, session })
}

/// What answers of the chat to you took, by day (in UTC) and model, the latest day first.
#[utoipa::path(get, path = "/api/auth/usage", tag = "auth", security(("bearer" = [])), params(PageQuery),
    responses((status = 200, body = ItemPage<DayOfUsage>), (status = 400, description = "`invalid_parameter`"),
    (status = 401, description = "`not_signed_in`")))]
async fn usage(
    State(state): State<AppState>,
    SignedInUser(who): SignedInUser,
    AppQuery(page): AppQuery<PageQuery>,
) -> Result<Json<ItemPage<DayOfUsage>>, Problem> {
    let after = page.cursor(|text| text.parse().ok())?;
    let found = state.services.usage.list(Some(who.user.id), after, page.limit()?).await?;
    Ok(Json(ItemPage::from_page(found, |day| day)))
}

/// Change the password; the user's other sessions end.
#[utoipa::path(post, path = "/api/auth/password", tag = "auth", security(("bearer" = [])),
    request_body = PasswordBody, responses(
    (status = 204, description = "changed"), (status = 401, description = "`invalid_credentials`"),
    (status = 422, description = "`weak_password`")))]
async fn password(
    State(state): State<AppState>,
    SignedInUser(who): SignedInUser,
    AppJson(body): AppJson<PasswordBody>,
) -> Result<StatusCode, Problem> {
    state.services.auth.change_password(&who, &body.current_password, &body.new_password).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn answer(state: &AppState, headers: &HeaderMap, grant: Grant) -> Result<Response, Problem> {
    let cookie = refresh_cookie(headers, state.http.cookies, &grant.refresh_token, grant.refresh_expires_in)?;
    let body = GrantBody {
        access_token: grant.access_token,
        token_type: "Bearer",
        expires_in: grant.expires_in.as_secs(),
        session_id: grant.session,
        user: UserBody { id: grant.user.id, username: grant.user.username, role: grant.user.role },
    };
    let mut response = Json(body).into_response();
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    response.headers_mut().insert(header::CACHE_CONTROL, http::HeaderValue::from_static("no-store"));
    Ok(response)
}
