//! Which depots need a new plan, and why: events say so.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use charging::Trigger;
use kernel::{DepotId, Event, EventSubscriber};
use serde_json::Value;
use tokio::sync::Notify;

/// What changes a plan. States of charge are not among them: they come with every reading, and a plan is
/// looked at often enough to see when they stray from it.
const OF_PLANS: [(&str, Trigger); 17] = [
    ("manage.circuit.", Trigger::LimitChanged),
    ("manage.electricity_tariff.", Trigger::TariffChanged),
    ("manage.depot.", Trigger::LimitChanged),
    ("manage.transaction.started.", Trigger::PluggedIn),
    ("manage.transaction.changed.", Trigger::PluggedIn),
    ("manage.transaction.stopped.", Trigger::Unplugged),
    ("manage.transaction.abandoned.", Trigger::Unplugged),
    ("manage.vehicle.plugged_in.", Trigger::PluggedIn),
    ("manage.vehicle.unplugged.", Trigger::Unplugged),
    ("manage.vehicle.changed.", Trigger::VehicleChanged),
    ("manage.vehicle.deleted.", Trigger::VehicleChanged),
    ("manage.run.", Trigger::RunChanged),
    ("manage.priority_rule.", Trigger::PriorityChanged),
    ("manage.priority_override.", Trigger::PriorityChanged),
    ("manage.charge_point.connected.", Trigger::ChargerChanged),
    ("manage.charge_point.disconnected.", Trigger::ChargerChanged),
    ("manage.charge_point.changed.", Trigger::ChargerChanged),
];
const STATUS_CHANGED: &str = "manage.charge_point.status_changed.";
/// What planning itself says of runs.
const READINESS: &str = "manage.run.readiness";

/// Depots that should be planned anew. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct PlanWakes(Arc<Inner>);

#[derive(Default)]
struct Inner {
    wanted: Mutex<Wanted>,
    depots: Notify,
}

/// What came first is the reason; the rest is planned for as well.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) all: Option<Trigger>,
    pub(crate) depots: BTreeMap<DepotId, Trigger>,
}

impl PlanWakes {
    pub(crate) fn depots(&self) -> &Notify {
        &self.0.depots
    }

    pub(crate) fn take(&self) -> Wanted {
        std::mem::take(&mut *self.0.wanted.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Wanted {
    pub(crate) fn of(&self, depot: DepotId) -> Option<Trigger> {
        self.depots.get(&depot).copied().or(self.all)
    }
}

fn trigger(event: &Event) -> Option<Trigger> {
    if event.name.starts_with(STATUS_CHANGED) {
        // Whether somebody can charge there; that somebody does, transactions say.
        let status = event.data.get("status").and_then(Value::as_str)?;
        return matches!(status, "faulted" | "unavailable" | "available").then_some(Trigger::ChargerChanged);
    }
    let is_own = event.name.starts_with(READINESS);
    let found = OF_PLANS.iter().find(|(prefix, _)| event.name.starts_with(prefix) && !is_own);
    found.map(|(_, trigger)| *trigger)
}

#[async_trait]
impl EventSubscriber for PlanWakes {
    async fn receive(&self, event: &Event) {
        let Some(trigger) = trigger(event) else { return };
        let depot = event.data.get("depot_id").and_then(Value::as_str).and_then(|id| id.parse().ok());
        let mut wanted = self.0.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        match depot {
            Some(depot) => _ = wanted.depots.entry(depot).or_insert(trigger),
            None => _ = wanted.all.get_or_insert(trigger),
        }
        drop(wanted);
        self.0.depots.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use kernel::{
        IdSource,
        testing::{CountingIds, FakeClock},
    };
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn what_changes_a_plan_names_its_depot_and_its_reason() {
        let (clock, ids, wakes) = (FakeClock::default(), CountingIds::default(), PlanWakes::default());
        let (one, two): (DepotId, DepotId) = (ids.uuid().into(), ids.uuid().into());
        let event = |name, data| Event::new(&clock, &ids, ids.uuid().into(), name, "key", data);
        let of = |depot: DepotId| json!({ "depot_id": depot });
        for (name, data) in [
            ("manage.vehicle.soc_observed.v1", of(one)),
            ("manage.run.readiness_changed.v1", of(one)),
            ("manage.plan.computed.v1", of(one)),
            ("manage.charge_point.status_changed.v1", json!({"depot_id": one, "status": "charging"})),
        ] {
            wakes.receive(&event(name, data)).await;
            assert_eq!(wakes.take(), Wanted::default(), "{name}");
        }
        wakes.receive(&event("manage.transaction.started.v1", of(one))).await;
        wakes.receive(&event("manage.circuit.limits_changed.v1", of(one))).await;
        let faulted = json!({"depot_id": two, "status": "faulted"});
        wakes.receive(&event("manage.charge_point.status_changed.v1", faulted)).await;
        let wanted = wakes.take();
        assert_eq!(
            (wanted.of(one), wanted.of(two)),
            (Some(Trigger::PluggedIn), Some(Trigger::ChargerChanged))
        );
        assert_eq!(wanted.of(ids.uuid().into()), None);
        wakes.receive(&event("manage.priority_rule.changed.v1", json!({}))).await;
        assert_eq!(wakes.take().of(two), Some(Trigger::PriorityChanged));
    }
}
