//! `GET /admin/users`

use access::UserFilter;
use axum::{Json, extract::State};
use http_kit::{Answer, Caller, PageBody, PageParams, PagedQuery};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::body::UserBody;
use crate::App;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct UserQuery {
    active: Option<bool>,
    role_id: Option<Uuid>,
    /// Part of the email or the display name, in any case.
    search: Option<String>,
}

impl From<UserQuery> for UserFilter {
    fn from(query: UserQuery) -> Self {
        Self { active: query.active, role: query.role_id.map(Into::into), search: query.search }
    }
}

/// Users, oldest first.
#[utoipa::path(
    get,
    path = "/admin/users",
    tag = "administration",
    params(UserQuery, PageParams),
    responses((status = 200, description = "One page.", body = PageBody<UserBody>))
)]
pub(crate) async fn user_list(
    State(app): State<App>,
    Caller(scope): Caller,
    query: PagedQuery<UserQuery>,
) -> Answer<Json<PageBody<UserBody>>> {
    let page = app.access.users.user_list(&scope, &query.filter.into(), query.page).await?;
    Ok(Json(PageBody::of(page, UserBody::from)))
}
