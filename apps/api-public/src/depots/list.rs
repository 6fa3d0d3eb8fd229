//! `GET /depots`

use axum::{Json, extract::State};
use depot::DepotFilter;
use http_kit::{Answer, Caller, PageBody, PageParams, PagedQuery};
use serde::Deserialize;
use utoipa::IntoParams;

use super::body::DepotBody;
use crate::App;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DepotQuery {
    /// Part of the code or the name, in any case.
    search: Option<String>,
}

/// Depots, oldest first.
#[utoipa::path(
    get,
    path = "/depots",
    tag = "depots",
    params(DepotQuery, PageParams),
    responses((status = 200, description = "One page.", body = PageBody<DepotBody>))
)]
pub(crate) async fn depot_list(
    State(app): State<App>,
    Caller(scope): Caller,
    query: PagedQuery<DepotQuery>,
) -> Answer<Json<PageBody<DepotBody>>> {
    let filter = DepotFilter { search: query.filter.search };
    let page = app.depots.depot_list(&scope, &filter, query.page).await?;
    Ok(Json(PageBody::of(page, DepotBody::from)))
}
