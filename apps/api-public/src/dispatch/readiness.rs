//! `GET /dispatch/readiness`

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use dispatch::{ReadinessOverview, ReadinessState};
use http_kit::{Answer, Caller, ValidQuery};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::runs::RunBody;
use crate::App;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReadinessQuery {
    depot_id: Uuid,
    /// Departing at or after this instant. Now, unless told, and then also runs that should have
    /// departed in the last 24 hours and have not.
    from: Option<DateTime<Utc>>,
    /// Departing before this instant: 24 hours after `from`, unless told; at most seven days.
    to: Option<DateTime<Utc>>,
}

/// How the runs of a depot stand. Cancelled runs do not count.
#[derive(Serialize, ToSchema)]
#[schema(as = Readiness)]
pub(crate) struct OverviewBody {
    depot_id: Uuid,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    counts: CountsBody,
    /// By departure.
    runs: Vec<RunBody>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ReadinessCounts)]
pub(crate) struct CountsBody {
    unassigned: usize,
    on_track: usize,
    at_risk: usize,
    will_miss: usize,
    ready: usize,
    departed: usize,
    missed: usize,
}

impl OverviewBody {
    fn of(depot_id: Uuid, overview: ReadinessOverview) -> Self {
        let count = |state| overview.counts.get(&state).copied().unwrap_or_default();
        Self {
            depot_id,
            from: overview.from,
            to: overview.to,
            counts: CountsBody {
                unassigned: count(ReadinessState::Unassigned),
                on_track: count(ReadinessState::OnTrack),
                at_risk: count(ReadinessState::AtRisk),
                will_miss: count(ReadinessState::WillMiss),
                ready: count(ReadinessState::Ready),
                departed: count(ReadinessState::Departed),
                missed: count(ReadinessState::Missed),
            },
            runs: overview.runs.into_iter().map(RunBody::from).collect(),
        }
    }
}

/// Whether the vehicles of a depot will be ready for their runs.
#[utoipa::path(
    get,
    path = "/dispatch/readiness",
    tag = "dispatch",
    params(ReadinessQuery),
    responses((status = 200, description = "Counts by state, and the runs.", body = OverviewBody))
)]
pub(crate) async fn dispatch_readiness(
    State(app): State<App>,
    Caller(scope): Caller,
    ValidQuery(query): ValidQuery<ReadinessQuery>,
) -> Answer<Json<OverviewBody>> {
    let depot = query.depot_id;
    let overview = app.dispatch.readiness_at(&scope, depot.into(), query.from, query.to).await?;
    Ok(Json(OverviewBody::of(depot, overview)))
}
