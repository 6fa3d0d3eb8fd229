//! `GET /admin/api-keys`

use access::ApiKeyFilter;
use axum::{Json, extract::State};
use http_kit::{Answer, Caller, PageBody, PageParams, PagedQuery};
use serde::Deserialize;
use utoipa::IntoParams;

use super::body::ApiKeyBody;
use crate::App;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ApiKeyQuery {
    revoked: Option<bool>,
}

impl From<ApiKeyQuery> for ApiKeyFilter {
    fn from(query: ApiKeyQuery) -> Self {
        Self { revoked: query.revoked }
    }
}

/// API keys, oldest first; revoked ones among them.
#[utoipa::path(
    get,
    path = "/admin/api-keys",
    tag = "administration",
    params(ApiKeyQuery, PageParams),
    responses((status = 200, description = "One page.", body = PageBody<ApiKeyBody>))
)]
pub(crate) async fn api_key_list(
    State(app): State<App>,
    Caller(scope): Caller,
    query: PagedQuery<ApiKeyQuery>,
) -> Answer<Json<PageBody<ApiKeyBody>>> {
    let page = app.access.api_keys.api_key_list(&scope, &query.filter.into(), query.page).await?;
    Ok(Json(PageBody::of(page, ApiKeyBody::from)))
}
