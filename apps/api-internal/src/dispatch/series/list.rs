//! `GET /dispatch/series`

use axum::{Json, extract::State};
use dispatch::SeriesFilter;
use http_kit::{Answer, Caller, PageBody, PageParams, PagedQuery};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::body::SeriesBody;
use crate::App;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SeriesQuery {
    depot_id: Option<Uuid>,
    vehicle_id: Option<Uuid>,
}

impl From<SeriesQuery> for SeriesFilter {
    fn from(query: SeriesQuery) -> Self {
        Self { depot: query.depot_id.map(Into::into), vehicle: query.vehicle_id.map(Into::into) }
    }
}

/// Series of runs, oldest first.
#[utoipa::path(
    get,
    path = "/dispatch/series",
    tag = "dispatch",
    params(SeriesQuery, PageParams),
    responses((status = 200, description = "One page.", body = PageBody<SeriesBody>))
)]
pub(crate) async fn run_series_list(
    State(app): State<App>,
    Caller(scope): Caller,
    query: PagedQuery<SeriesQuery>,
) -> Answer<Json<PageBody<SeriesBody>>> {
    let page = app.dispatch.series_list(&scope, &query.filter.into(), query.page).await?;
    Ok(Json(PageBody::of(page, SeriesBody::from)))
}
