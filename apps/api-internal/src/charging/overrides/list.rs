//! `GET /charging/overrides`

use axum::{Json, extract::State};
use charging::overrides::OverrideFilter;
use http_kit::{Answer, Caller, PageBody, PageParams, PagedQuery};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::body::OverrideBody;
use crate::App;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChargingOverrideQuery {
    charge_point_id: Option<Uuid>,
    evse_id: Option<Uuid>,
    vehicle_id: Option<Uuid>,
    /// Whether those that have expired are listed too.
    #[serde(default)]
    #[param(required = false)]
    include_expired: bool,
}

/// Overrides, oldest first.
#[utoipa::path(
    get,
    path = "/charging/overrides",
    tag = "charging",
    params(ChargingOverrideQuery, PageParams),
    responses((status = 200, description = "One page.", body = PageBody<OverrideBody>))
)]
pub(crate) async fn charging_override_list(
    State(app): State<App>,
    Caller(scope): Caller,
    query: PagedQuery<ChargingOverrideQuery>,
) -> Answer<Json<PageBody<OverrideBody>>> {
    let ChargingOverrideQuery { charge_point_id, evse_id, vehicle_id, include_expired } = query.filter;
    let filter = OverrideFilter {
        charge_point: charge_point_id.map(Into::into),
        evse: evse_id.map(Into::into),
        vehicle: vehicle_id.map(Into::into),
        active_at: None,
    };
    let page = app.charging_overrides.override_list(&scope, filter, include_expired, query.page).await?;
    Ok(Json(PageBody::of(page, OverrideBody::from)))
}
