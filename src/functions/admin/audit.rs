//! Who did what, when.

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    domain::{AuditAction, AuditEntry, UserId},
    http::{
        AdminUser, AppQuery, AppState, Problem,
        paging::{ItemPage, PageQuery},
    },
    services::audit::AuditFilter,
};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_audit))
}

#[derive(Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AuditQuery {
    /// Entries of this action only.
    action: Option<AuditAction>,
    /// Entries of what this account did only.
    actor: Option<UserId>,
    /// Items of a page, 1 to 1000; 100 if not given.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// The audit log, the newest entry first.
#[utoipa::path(get, path = "/api/admin/audit", tag = "admin", security(("bearer" = [])), params(AuditQuery),
    responses((status = 200, body = ItemPage<AuditEntry>), (status = 400, description = "`invalid_parameter`"),
    (status = 403, description = "`admin_only`")))]
async fn list_audit(
    State(state): State<AppState>,
    _admin: AdminUser,
    AppQuery(query): AppQuery<AuditQuery>,
) -> Result<Json<ItemPage<AuditEntry>>, Problem> {
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let after = page.cursor(|text| text.parse().ok())?;
    let filter = AuditFilter { action: query.action, actor: query.actor };
    let found = state.services.audit.list(filter, after, page.limit()?).await?;
    Ok(Json(ItemPage::from_page(found, |entry| entry)))
}
