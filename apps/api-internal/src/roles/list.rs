//! `GET /admin/roles`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, PageBody, PageParams, PagedQuery};
use serde::Deserialize;

use super::body::RoleBody;
use crate::App;

/// Roles have no filter.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleQuery {}

/// Roles, oldest first; the built-in ones among them.
#[utoipa::path(
    get,
    path = "/admin/roles",
    tag = "administration",
    params(PageParams),
    responses((status = 200, description = "One page.", body = PageBody<RoleBody>))
)]
pub(crate) async fn role_list(
    State(app): State<App>,
    Caller(scope): Caller,
    query: PagedQuery<RoleQuery>,
) -> Answer<Json<PageBody<RoleBody>>> {
    let page = app.access.roles.role_list(&scope, query.page).await?;
    Ok(Json(PageBody::of(page, RoleBody::from)))
}
