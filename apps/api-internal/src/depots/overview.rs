//! `GET /depots/{id}/overview`

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use depot::{Overview, Risk};
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
    circuits: u32,
    /// The latest power of the running sessions, summed.
    measured_kw: f64,
    /// Load of others to reckon with, in the whole tree.
    unmanaged_kw: f64,
    /// The limit of the grid connection that holds now; null without one.
    #[schema(required)]
    limit_kw: Option<f64>,
    /// The limit less its safety margin.
    #[schema(required)]
    usable_limit_kw: Option<f64>,
    /// What may keep the depot from doing its work.
    risks: Vec<RiskWord>,
}

#[derive(Clone, Copy, Serialize, ToSchema)]
#[schema(as = Risk)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RiskWord {
    /// No grid connection is described: nothing limits the charging.
    NoGridConnection,
    /// Charging and other load together are above the limit.
    OverLimit,
    /// They are above 95 % of what may be used.
    NearLimit,
    /// A meter fell silent; the worst of its history is reckoned with.
    StaleMeter,
    ChargePointsOffline,
    ConnectorsFaulted,
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
            circuits: overview.circuits,
            measured_kw: live.measured_power.to_kilo(),
            unmanaged_kw: overview.unmanaged_load.to_kilo(),
            limit_kw: overview.limit.map(W::to_kilo),
            usable_limit_kw: overview.usable_limit.map(W::to_kilo),
            risks: overview.risks.into_iter().map(RiskWord::from).collect(),
        }
    }
}

impl From<Risk> for RiskWord {
    fn from(risk: Risk) -> Self {
        match risk {
            Risk::NoGridConnection => Self::NoGridConnection,
            Risk::OverLimit => Self::OverLimit,
            Risk::NearLimit => Self::NearLimit,
            Risk::StaleMeter => Self::StaleMeter,
            Risk::ChargePointsOffline => Self::ChargePointsOffline,
            Risk::ConnectorsFaulted => Self::ConnectorsFaulted,
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
