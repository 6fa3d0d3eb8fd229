//! `GET /priority/effective`

use axum::{Json, extract::State};
use http_kit::{Answer, Caller, PageBody, PageParams, PagedQuery};
use kernel::VehicleId;
use priority::{Effective, Source};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::words::PriorityReason;
use crate::{App, units::page_of};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EffectiveQuery {
    depot_id: Uuid,
}

/// The level that holds for a vehicle now, and what gave it.
#[derive(Serialize, ToSchema)]
#[schema(as = EffectivePriority)]
pub(crate) struct EffectiveBody {
    vehicle_id: Uuid,
    /// 1 is the most important, 9 the least.
    #[schema(minimum = 1, maximum = 9)]
    level: u8,
    /// `override`, `rule`, `run`, `vehicle` or `default`.
    reason: PriorityReason,
    /// The rule, where one gave it.
    #[schema(required)]
    rule_id: Option<Uuid>,
    /// The override, where one gave it.
    #[schema(required)]
    override_id: Option<Uuid>,
    /// The run, where the vehicle's next one gave it.
    #[schema(required)]
    run_id: Option<Uuid>,
    /// The name of the rule, the block of the run, or the reason of the override.
    #[schema(required)]
    detail: Option<String>,
}

impl From<(VehicleId, Effective)> for EffectiveBody {
    fn from((vehicle, effective): (VehicleId, Effective)) -> Self {
        let given = given_by(effective.source);
        Self {
            vehicle_id: vehicle.into(),
            level: effective.level.get(),
            reason: given.reason,
            rule_id: given.rule,
            override_id: given.over,
            run_id: given.run,
            detail: effective.because,
        }
    }
}

/// What gave a level: the word for it, and its id where it has one.
pub(crate) struct GivenBy {
    pub(crate) reason: PriorityReason,
    pub(crate) rule: Option<Uuid>,
    pub(crate) over: Option<Uuid>,
    pub(crate) run: Option<Uuid>,
}

impl From<PriorityReason> for GivenBy {
    fn from(reason: PriorityReason) -> Self {
        Self { reason, rule: None, over: None, run: None }
    }
}

pub(crate) fn given_by(source: Source) -> GivenBy {
    match source {
        Source::Override(id) => GivenBy { over: Some(id.into()), ..PriorityReason::Override.into() },
        Source::Rule(id) => GivenBy { rule: Some(id.into()), ..PriorityReason::Rule.into() },
        Source::Run(id) => GivenBy { run: Some(id.into()), ..PriorityReason::Run.into() },
        Source::Vehicle => PriorityReason::Vehicle.into(),
        Source::Default => PriorityReason::Default.into(),
    }
}

/// The level of every vehicle at a depot, by the ids of the vehicles.
///
/// A vehicle is at the depot where it is plugged in; while it is plugged in nowhere, at its own.
/// The newest override wins, then the first rule by position that applies, then the level of the
/// vehicle's next run, then the vehicle's own.
#[utoipa::path(
    get,
    path = "/priority/effective",
    tag = "priority",
    params(EffectiveQuery, PageParams),
    responses((status = 200, description = "One page.", body = PageBody<EffectiveBody>))
)]
pub(crate) async fn priority_effective(
    State(app): State<App>,
    Caller(scope): Caller,
    query: PagedQuery<EffectiveQuery>,
) -> Answer<Json<PageBody<EffectiveBody>>> {
    let found = app.priorities.effective_at(&scope, query.filter.depot_id.into()).await?;
    let page = page_of(found, query.page, |(vehicle, _)| (*vehicle).into());
    Ok(Json(PageBody::of(page, EffectiveBody::from)))
}
