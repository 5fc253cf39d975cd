//! What answers took.

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    domain::{DayOfUsage, UserId},
    http::{
        AdminUser, AppQuery, AppState, Problem,
        paging::{ItemPage, PageQuery},
    },
};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list))
}

#[derive(Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct UsageQuery {
    /// Of this account only.
    user: Option<UserId>,
    /// Items of a page, 1 to 1000; 100 if not given.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// What answers of the chat took, by day (in UTC), person and model, the latest day first.
#[utoipa::path(get, path = "/api/admin/usage", tag = "admin", security(("bearer" = [])), params(UsageQuery),
    responses((status = 200, body = ItemPage<DayOfUsage>), (status = 400, description = "`invalid_parameter`"),
    (status = 403, description = "`admin_only`")))]
async fn list(
    State(state): State<AppState>,
    _admin: AdminUser,
    AppQuery(query): AppQuery<UsageQuery>,
) -> Result<Json<ItemPage<DayOfUsage>>, Problem> {
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let after = page.cursor(|text| text.parse().ok())?;
    let found = state.services.usage.list(query.user, after, page.limit()?).await?;
    Ok(Json(ItemPage::from_page(found, |day| day)))
}
