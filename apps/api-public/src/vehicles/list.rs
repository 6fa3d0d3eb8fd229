//! `GET /vehicles`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, PageBody, PageParams, PagedQuery};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;
use vehicle::VehicleFilter;

use super::body::VehicleBody;
use crate::App;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct VehicleQuery {
    depot_id: Option<Uuid>,
    /// The whole name of the class.
    class: Option<String>,
    plugged_in: Option<bool>,
    /// Part of the fleet number, the registration or the VIN, in any case.
    search: Option<String>,
}

/// Vehicles, oldest first.
#[utoipa::path(
    get,
    path = "/vehicles",
    tag = "vehicles",
    params(VehicleQuery, PageParams),
    responses((status = 200, description = "One page.", body = PageBody<VehicleBody>))
)]
pub(crate) async fn vehicle_list(
    State(app): State<App>,
    Caller(scope): Caller,
    query: PagedQuery<VehicleQuery>,
) -> Answer<Json<PageBody<VehicleBody>>> {
    let filter = VehicleFilter {
        depot: query.filter.depot_id.map(Into::into),
        class: query.filter.class,
        plugged_in: query.filter.plugged_in,
        search: query.filter.search,
        ..VehicleFilter::default()
    };
    let page = app.vehicles.vehicle_list(&scope, &filter, query.page).await?;
    Ok(Json(PageBody::of(page, VehicleBody::from)))
}
