//! `GET /depots/{id}/overview`

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use depot::Overview;
use http_kit::{Answer, Caller, PathId};
use kernel::{DepotId, W};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::App;

#[derive(Serialize, ToSchema)]
#[schema(as = DepotOverview)]
pub(crate) struct OverviewBody {
    depot_id: Uuid,
    at: DateTime<Utc>,
    charge_points: u32,
    charge_points_online: u32,
    connectors: u32,
    connectors_available: u32,
    /// With a vehicle.
    connectors_occupied: u32,
    connectors_faulted: u32,
    sessions_active: u32,
    vehicles: u32,
    vehicles_plugged_in: u32,
    /// What the running sessions draw together.
    charging_kw: f64,
    /// Load of others on the same grid connection.
    other_load_kw: f64,
    /// The limit of the grid connection that holds now; null without one.
    #[schema(required)]
    limit_kw: Option<f64>,
    /// The part of the limit that charging and others may use.
    #[schema(required)]
    usable_limit_kw: Option<f64>,
}

impl From<Overview> for OverviewBody {
    fn from(overview: Overview) -> Self {
        let live = overview.live;
        Self {
            depot_id: overview.depot.into(),
            at: overview.at,
            charge_points: live.charge_points,
            charge_points_online: live.charge_points_online,
            connectors: live.connectors,
            connectors_available: live.connectors_available,
            connectors_occupied: live.connectors_occupied,
            connectors_faulted: live.connectors_faulted,
            sessions_active: live.sessions_active,
            vehicles: live.vehicles,
            vehicles_plugged_in: live.vehicles_plugged_in,
            charging_kw: live.measured_power.to_kilo(),
            other_load_kw: overview.unmanaged_load.to_kilo(),
            limit_kw: overview.limit.map(W::to_kilo),
            usable_limit_kw: overview.usable_limit.map(W::to_kilo),
        }
    }
}

/// The depot at a glance.
#[utoipa::path(
    get,
    path = "/depots/{id}/overview",
    tag = "depots",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "As it is now.", body = OverviewBody))
)]
pub(crate) async fn depot_overview(
    State(app): State<App>,
    Caller(scope): Caller,
    PathId(id): PathId<DepotId>,
) -> Answer<Json<OverviewBody>> {
    Ok(Json(app.depots.depot_overview(&scope, id).await?.into()))
}
