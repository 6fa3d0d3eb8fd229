//! `GET /charge-points`

use axum::{Json, extract::State};
use charge_point::ChargePointFilter;
use http_kit::{Answer, Caller, PageBody, PageParams, PagedQuery};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::{body::ChargePointBody, words::StatusWord};
use crate::App;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChargePointQuery {
    depot_id: Option<Uuid>,
    circuit_id: Option<Uuid>,
    zone_id: Option<Uuid>,
    online: Option<bool>,
    /// Charge points with a connector in this status.
    #[param(inline)]
    status: Option<StatusWord>,
    /// Part of the identity, in any case.
    search: Option<String>,
}

impl From<ChargePointQuery> for ChargePointFilter {
    fn from(query: ChargePointQuery) -> Self {
        Self {
            depot: query.depot_id.map(Into::into),
            circuit: query.circuit_id.map(Into::into),
            zone: query.zone_id.map(Into::into),
            online: query.online,
            status: query.status.map(Into::into),
            identity: query.search,
        }
    }
}

/// Charge points, oldest first.
#[utoipa::path(
    get,
    path = "/charge-points",
    tag = "charge points",
    params(ChargePointQuery, PageParams),
    responses((status = 200, description = "One page.", body = PageBody<ChargePointBody>))
)]
pub(crate) async fn charge_point_list(
    State(app): State<App>,
    Caller(scope): Caller,
    query: PagedQuery<ChargePointQuery>,
) -> Answer<Json<PageBody<ChargePointBody>>> {
    let page = app.charge_points.charge_point_list(&scope, &query.filter.into(), query.page).await?;
    Ok(Json(PageBody::of(page, ChargePointBody::from)))
}
