//! The facts that planning publishes.

use kernel::{Clock, Event, IdSource, OrganisationId};
use serde_json::json;

use crate::outlook::DepotPlan;

pub const PLAN_COMPUTED: &str = "manage.plan.computed.v1";

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
