//! Who has to be looked at before their time: events say so.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use kernel::{DepotId, Event, EventSubscriber};
use tokio::sync::Notify;

/// What an event may change about a depot's power.
const OF_POWER: [&str; 8] = [
    "manage.circuit.",
    "manage.depot.",
    "manage.charge_point.",
    "manage.transaction.",
    "manage.command.finished.",
    "manage.priority_rule.",
    "manage.priority_override.",
    "manage.charging_override.",
];

/// Depots that should be looked at now. Cheap to clone.
#[derive(Clone, Default)]
pub struct Wakes(Arc<Inner>);

#[derive(Default)]
struct Inner {
    wanted: Mutex<Wanted>,
    depots: Notify,
    orders: Arc<Notify>,
}

#[derive(Default)]
struct Wanted {
    all: bool,
    depots: BTreeSet<DepotId>,
}

impl Wakes {
    /// Rung when orders to chargers were given.
    pub fn orders(&self) -> Arc<Notify> {
        self.0.orders.clone()
    }

    pub(crate) fn depots(&self) -> &Notify {
        &self.0.depots
    }

    /// Takes what is wanted: `None` for every depot.
    pub(crate) fn take(&self) -> Option<BTreeSet<DepotId>> {
        let wanted = std::mem::take(&mut *self.0.wanted.lock().unwrap_or_else(PoisonError::into_inner));
        (!wanted.all).then_some(wanted.depots)
    }
}

#[async_trait]
impl EventSubscriber for Wakes {
    async fn receive(&self, event: &Event) {
        if event.name.starts_with("manage.command.requested.") {
            self.0.orders.notify_one();
        }
        if !OF_POWER.iter().any(|prefix| event.name.starts_with(prefix)) {
            return;
        }
        let depot = event.data.get("depot_id").and_then(|id| id.as_str()).and_then(|id| id.parse().ok());
        let mut wanted = self.0.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        match depot {
            Some(depot) => _ = wanted.depots.insert(depot),
            None => wanted.all = true,
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
    async fn events_of_power_wake_their_depot_and_others_nobody() {
        let (clock, ids, wakes) = (FakeClock::default(), CountingIds::default(), Wakes::default());
        let depot = DepotId::from_uuid(ids.uuid());
        let event = |name, data| Event::new(&clock, &ids, ids.uuid().into(), name, "key", data);
        wakes.receive(&event("manage.vehicle.changed.v1", json!({"depot_id": depot}))).await;
        assert_eq!(wakes.take(), Some(BTreeSet::new()));
        wakes.receive(&event("manage.circuit.changed.v1", json!({"depot_id": depot}))).await;
        assert_eq!(wakes.take(), Some(BTreeSet::from([depot])));
        for everywhere in [
            "manage.command.finished.v1",
            "manage.priority_override.created.v1",
            "manage.charging_override.created.v1",
        ] {
            wakes.receive(&event(everywhere, json!({}))).await;
            assert_eq!(wakes.take(), None);
        }
    }
}
