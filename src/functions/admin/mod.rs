//! `admin`: accounts, sessions, jobs, figures, the audit log, usage, cleanup and flush, for administrators.

mod audit;
mod dead_letters;
mod jobs;
mod sessions;
mod usage;

use axum::{Json, extract::State};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    domain::{AuditAction, Role, Timestamp, User, UserId},
    http::{
        AdminUser, AppJson, AppPath, AppQuery, AppState, Problem,
        paging::{ItemPage, PageQuery},
    },
    services::{
        accounts::{AccountEdit, NewAccount},
        cleanup::{CleanupReport, Thoroughness},
        conversations::Flushed,
    },
};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_users, add_user))
        .routes(routes!(edit_user, remove_user))
        .routes(routes!(stats))
        .routes(routes!(flush))
        .routes(routes!(cleanup))
        .merge(audit::router())
        .merge(dead_letters::router())
        .merge(jobs::router())
        .merge(sessions::router())
        .merge(usage::router())
}

/// One account.
#[derive(Serialize, ToSchema)]
struct AccountBody {
    id: UserId,
    username: String,
    role: Role,
    disabled: bool,
    created_at: Timestamp,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewAccountBody {
    /// 1 to 64 letters, digits or the characters . _ - @ +
    username: String,
    /// 8 to 256 characters.
    password: String,
    role: Option<Role>,
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct EditBody {
    role: Option<Role>,
    disabled: Option<bool>,
    password: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct StatsBody {
    open_sessions: u64,
    accounts: u64,
    /// Number of jobs by state.
    #[schema(value_type = Object)]
    jobs: serde_json::Map<String, serde_json::Value>,
    file_bytes: u64,
    cache: CacheBody,
}

#[derive(Serialize, ToSchema)]
struct CacheBody {
    hits_memory: u64,
    hits_shared: u64,
    hits_durable: u64,
    misses: u64,
    evictions: u64,
    shared_failures: u64,
}

/// Accounts by time of making.
#[utoipa::path(get, path = "/api/admin/users", tag = "admin", security(("bearer" = [])), params(PageQuery),
    responses((status = 200, body = ItemPage<AccountBody>), (status = 403, description = "`admin_only`")))]
async fn list_users(
    State(state): State<AppState>,
    _admin: AdminUser,
    AppQuery(page): AppQuery<PageQuery>,
) -> Result<Json<ItemPage<AccountBody>>, Problem> {
    let after = page.cursor(|text| text.parse::<UserId>().ok())?;
    let users = state.services.accounts.list(after, page.limit()?).await?;
    Ok(Json(ItemPage::from_page(users, AccountBody::from)))
}

/// Make an account.
#[utoipa::path(post, path = "/api/admin/users", tag = "admin", security(("bearer" = [])), request_body = NewAccountBody,
    responses((status = 201, body = AccountBody), (status = 403, description = "`admin_only`"),
    (status = 409, description = "`username_taken`"), (status = 422, description = "`invalid_account`")))]
async fn add_user(
    State(state): State<AppState>,
    AdminUser(admin): AdminUser,
    AppJson(body): AppJson<NewAccountBody>,
) -> Result<(StatusCode, Json<AccountBody>), Problem> {
    let new = NewAccount { username: body.username, password: body.password, role: body.role.unwrap_or(Role::User) };
    let user = state.services.accounts.add(&admin.actor(), &new).await?;
    tracing::info!(account_id = %user.id, by = %admin.user.id, "account added");
    Ok((StatusCode::CREATED, Json(user.into())))
}

/// Change an account. Disabling it or giving it a new password ends its sessions.
#[utoipa::path(patch, path = "/api/admin/users/{id}", tag = "admin", security(("bearer" = [])), request_body = EditBody,
    params(("id" = UserId, Path, description = "the account")),
    responses((status = 200, body = AccountBody), (status = 403, description = "`admin_only`"),
    (status = 404, description = "`not_found`"), (status = 409, description = "`last_admin`"),
    (status = 422, description = "`invalid_account`")))]
async fn edit_user(
    State(state): State<AppState>,
    AdminUser(admin): AdminUser,
    AppPath(id): AppPath<UserId>,
    AppJson(body): AppJson<EditBody>,
) -> Result<Json<AccountBody>, Problem> {
    let edit = AccountEdit { role: body.role, disabled: body.disabled, password: body.password };
    let user = state.services.accounts.edit(&admin.actor(), id, &edit).await?;
    tracing::info!(account_id = %id, by = %admin.user.id, "account changed");
    Ok(Json(user.into()))
}

/// Remove an account and everything of its sessions.
#[utoipa::path(delete, path = "/api/admin/users/{id}", tag = "admin", security(("bearer" = [])),
    params(("id" = UserId, Path, description = "the account")),
    responses((status = 204, description = "removed"), (status = 403, description = "`admin_only`"),
    (status = 404, description = "`not_found`"), (status = 409, description = "`last_admin`")))]
async fn remove_user(
    State(state): State<AppState>,
    AdminUser(admin): AdminUser,
    AppPath(id): AppPath<UserId>,
) -> Result<StatusCode, Problem> {
    state.services.accounts.remove(&admin.actor(), id).await?;
    tracing::info!(account_id = %id, by = %admin.user.id, "account removed");
    Ok(StatusCode::NO_CONTENT)
}

/// Figures of the service.
#[utoipa::path(get, path = "/api/admin/stats", tag = "admin", security(("bearer" = [])),
    responses((status = 200, body = StatsBody), (status = 403, description = "`admin_only`")))]
async fn stats(State(state): State<AppState>, _admin: AdminUser) -> Result<Json<StatsBody>, Problem> {
    let figures = state.services.health.figures().await?;
    let cache = CacheBody {
        hits_memory: figures.cache.hits_memory,
        hits_shared: figures.cache.hits_shared,
        hits_durable: figures.cache.hits_durable,
        misses: figures.cache.misses,
        evictions: figures.cache.evictions,
        shared_failures: figures.cache.shared_failures,
    };
    Ok(Json(StatsBody {
        open_sessions: figures.open_sessions,
        accounts: figures.accounts,
        jobs: figures.jobs.into_iter().map(|(name, number)| (name, number.into())).collect(),
        file_bytes: figures.file_bytes,
        cache,
    }))
}

/// Write all conversations that wait to the database now, of this process and of others that left some.
#[utoipa::path(post, path = "/api/admin/flush", tag = "admin", security(("bearer" = [])),
    responses((status = 200, body = Flushed), (status = 403, description = "`admin_only`")))]
async fn flush(State(state): State<AppState>, AdminUser(admin): AdminUser) -> Result<Json<Flushed>, Problem> {
    let done = state.services.conversations.flush(None).await?;
    let audit = &state.services.audit;
    let counts = json!({ "flushed": done.flushed, "remaining": done.remaining });
    audit.record(audit.entry(&admin.actor(), AuditAction::Flush).with(counts)).await;
    Ok(Json(done))
}

/// Clean up now, files included.
#[utoipa::path(post, path = "/api/admin/cleanup", tag = "admin", security(("bearer" = [])),
    responses((status = 200, body = CleanupReport), (status = 403, description = "`admin_only`")))]
async fn cleanup(State(state): State<AppState>, AdminUser(admin): AdminUser) -> Json<CleanupReport> {
    let report = state.services.cleanup.run(Thoroughness::RowsAndFiles).await;
    let audit = &state.services.audit;
    audit.record(audit.entry(&admin.actor(), AuditAction::Cleanup).with(json!(report))).await;
    Json(report)
}

impl From<User> for AccountBody {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            username: user.username,
            role: user.role,
            disabled: user.disabled_at.is_some(),
            created_at: user.created_at,
        }
    }
}
