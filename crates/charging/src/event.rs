//! The facts that this domain publishes.

use kernel::{Clock, Event, IdSource, OrganisationId, W};
use serde_json::json;

use crate::{
    control::{EvseView, FollowingChange},
    outlook::DepotPlan,
};

pub const PLAN_COMPUTED: &str = "manage.plan.computed.v1";
pub const NOT_FOLLOWING: &str = "manage.evse.not_following.v1";
pub const FOLLOWING_AGAIN: &str = "manage.evse.following_again.v1";

/// A plan in a few numbers; whoever wants all of it reads it. Keyed by the depot.
pub(crate) fn plan(
    clock: &dyn Clock,
    ids: &dyn IdSource,
    organisation: OrganisationId,
    plan: &DepotPlan,
) -> Event {
    let data = json!({
        "depot_id": plan.depot,
        "computed_at": plan.computed_at,
        "trigger": plan.trigger,
        "starts_at": plan.starts_at,
        "vehicles": plan.vehicles.len(),
        "unmet_kwh": plan.unmet().to_kilo(),
        "peak_kw": plan.bill.peak.to_kilo(),
        "currency": plan.bill.currency,
        "energy_cost_micros": plan.bill.energy,
        "demand_cost_micros": plan.bill.demand,
        "demand_target_excess_kw": plan.target.map(|target| target.excess.to_kilo()),
    });
    Event::new(clock, ids, organisation, PLAN_COMPUTED, &plan.depot, data)
}

/// An EVSE draws more than it was told, or obeys again. Keyed by its charge point.
pub(crate) fn following(
    clock: &dyn Clock,
    ids: &dyn IdSource,
    change: FollowingChange,
    evse: &EvseView,
) -> Event {
    let name = match change {
        FollowingChange::Lost => NOT_FOLLOWING,
        FollowingChange::Regained => FOLLOWING_AGAIN,
    };
    let setpoint = &evse.setpoint;
    let data = json!({
        "depot_id": setpoint.depot,
        "charge_point_id": setpoint.charge_point,
        "evse_id": setpoint.evse,
        "setpoint_kw": setpoint.told().map(W::to_kilo),
        "measured_kw": evse.measured.map(W::to_kilo),
    });
    Event::new(clock, ids, setpoint.organisation, name, &setpoint.charge_point, data)
}
