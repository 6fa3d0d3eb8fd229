//! `POST /dispatch/assignment-suggestions`

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use dispatch::{Obstacle, Suggestion, Suggestions};
use http_kit::{Answer, Caller, ValidJson};
use kernel::RunId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::App;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SuggestionsQuestion {
    depot_id: Uuid,
    /// Runs departing at or after this instant, and not before now.
    from: DateTime<Utc>,
    /// Runs departing before this instant; at most seven days after `from`, and at most 500 of them
    /// without a vehicle.
    to: DateTime<Utc>,
    /// Those to choose from; those at home in the depot, unless told.
    #[schema(max_items = 2000)]
    vehicle_ids: Option<Vec<Uuid>>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = AssignmentSuggestions)]
pub(crate) struct SuggestionsBody {
    /// By departure.
    suggestions: Vec<SuggestionBody>,
    /// Runs that are left without a vehicle.
    unassigned: Vec<UnassignedBody>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = AssignmentSuggestion)]
pub(crate) struct SuggestionBody {
    run_id: Uuid,
    vehicle_id: Uuid,
    /// What speaks against it, to compare: a point for each kWh to charge, up to 1,000 for how much of
    /// its time the vehicle needs to charge, 500 where it is at home in another depot.
    cost: i64,
    /// What the vehicle has to charge before the departure.
    charge_kwh: f64,
    /// How long that takes at the vehicle's full power.
    charge_minutes: i64,
    /// From now, or from when it is back from its run before, until the departure.
    available_minutes: i64,
    /// At home in another depot.
    from_elsewhere: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = UnassignedRun)]
pub(crate) struct UnassignedBody {
    run_id: Uuid,
    /// What stands in the way of the vehicle that came closest.
    reason: ObstacleWord,
}

#[derive(Clone, Copy, Serialize, ToSchema)]
#[schema(as = AssignmentObstacle)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ObstacleWord {
    /// There is none to choose from.
    NoVehicle,
    OutOfService,
    ClassMismatch,
    /// Not even a full battery is enough.
    BatteryTooSmall,
    /// It is on another run then.
    Overlap,
    /// It cannot charge what the run needs in the time it has.
    TooLittleTime,
    /// Afterwards it could not charge in time for the run it has next.
    SpoilsNextRun,
    /// All that could run it run others.
    Taken,
}

impl From<Obstacle> for ObstacleWord {
    fn from(obstacle: Obstacle) -> Self {
        match obstacle {
            Obstacle::NoVehicle => Self::NoVehicle,
            Obstacle::OutOfService => Self::OutOfService,
            Obstacle::ClassMismatch => Self::ClassMismatch,
            Obstacle::BatteryTooSmall => Self::BatteryTooSmall,
            Obstacle::Overlap => Self::Overlap,
            Obstacle::TooLittleTime => Self::TooLittleTime,
            Obstacle::SpoilsNextRun => Self::SpoilsNextRun,
            Obstacle::Taken => Self::Taken,
        }
    }
}

impl From<Suggestion> for SuggestionBody {
    fn from(suggestion: Suggestion) -> Self {
        let cost = suggestion.cost;
        Self {
            run_id: suggestion.run.into(),
            vehicle_id: suggestion.vehicle.into(),
            cost: cost.total(),
            charge_kwh: cost.charge.to_kilo(),
            charge_minutes: cost.charge_minutes,
            available_minutes: cost.available_minutes,
            from_elsewhere: cost.from_elsewhere,
        }
    }
}

impl From<Suggestions> for SuggestionsBody {
    fn from(found: Suggestions) -> Self {
        let left = |(run, obstacle): (RunId, Obstacle)| UnassignedBody {
            run_id: run.into(),
            reason: obstacle.into(),
        };
        Self {
            suggestions: found.suggestions.into_iter().map(SuggestionBody::from).collect(),
            unassigned: found.left.into_iter().map(left).collect(),
        }
    }
}

/// Suggest vehicles for runs that have none. Nothing is changed: taking a suggestion up is a `PATCH`
/// of the run.
///
/// As many runs as possible get a vehicle, at the least cost, looking at runs that overlap each other
/// together and at later ones after them. A vehicle may get several. Whoever cannot run something is
/// never suggested for it.
#[utoipa::path(
    post,
    path = "/dispatch/assignment-suggestions",
    tag = "dispatch",
    request_body = SuggestionsQuestion,
    responses((status = 200, description = "Who should run what, and why some are left.", body = SuggestionsBody))
)]
pub(crate) async fn assignment_suggest(
    State(app): State<App>,
    Caller(scope): Caller,
    ValidJson(body): ValidJson<SuggestionsQuestion>,
) -> Answer<Json<SuggestionsBody>> {
    let vehicles = body.vehicle_ids.map(|ids| ids.into_iter().map(Into::into).collect());
    let time = (body.from, body.to);
    let found = app.dispatch.suggestions(&scope, body.depot_id.into(), time, vehicles).await?;
    Ok(Json(found.into()))
}
