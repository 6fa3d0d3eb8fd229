//! `GET /dispatch/runs`

use axum::{Json, extract::State};
use chrono::{DateTime, NaiveDate, Utc};
use dispatch::RunFilter;
use http_kit::{Answer, Caller, PageBody, PageParams, PagedQuery};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::body::RunBody;
use crate::{
    App,
    dispatch::words::{ReadinessWord, StateWord},
};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RunQuery {
    depot_id: Option<Uuid>,
    vehicle_id: Option<Uuid>,
    service_date: Option<NaiveDate>,
    /// Departing at or after this instant.
    from: Option<DateTime<Utc>>,
    /// Departing before this instant.
    to: Option<DateTime<Utc>>,
    #[param(inline)]
    readiness: Option<ReadinessWord>,
    #[param(inline)]
    state: Option<StateWord>,
    /// The whole name of the block.
    block: Option<String>,
    /// Without a vehicle, or with one.
    unassigned: Option<bool>,
}

impl From<RunQuery> for RunFilter {
    fn from(query: RunQuery) -> Self {
        Self {
            depot: query.depot_id.map(Into::into),
            vehicle: query.vehicle_id.map(Into::into),
            service_date: query.service_date,
            from: query.from,
            to: query.to,
            readiness: query.readiness.map(Into::into),
            state: query.state.map(Into::into),
            block: query.block,
            unassigned: query.unassigned,
            ..Self::default()
        }
    }
}

/// Runs by departure.
#[utoipa::path(
    get,
    path = "/dispatch/runs",
    tag = "dispatch",
    params(RunQuery, PageParams),
    responses((status = 200, description = "One page.", body = PageBody<RunBody>))
)]
pub(crate) async fn run_list(
    State(app): State<App>,
    Caller(scope): Caller,
    query: PagedQuery<RunQuery>,
) -> Answer<Json<PageBody<RunBody>>> {
    let page = app.dispatch.run_list(&scope, &query.filter.into(), query.page).await?;
    Ok(Json(PageBody::of(page, RunBody::from)))
}
