//! Planning over stores in memory.

use std::sync::Arc;

use charging::{ChargingError, PlanService, Trigger};
use chrono::TimeDelta;
use dispatch::{Cause, ReadinessState};
use futures::executor::block_on;
use kernel::{
    Clock, DepotId, Fence, OrganisationId, RunId, Scope, W, Wh,
    testing::{CountingIds, FakeClock},
};

use super::{
    fakes::FakeStore,
    yard::{Yard, percent, reading},
};

struct Planned {
    store: FakeStore,
    clock: Arc<FakeClock>,
    plans: PlanService,
    organisation: OrganisationId,
    depot: DepotId,
}

impl Planned {
    fn of(yard: Yard) -> Self {
        let (store, clock) = (FakeStore::of(yard.sight), Arc::new(FakeClock::default()));
        let ids = Arc::new(CountingIds::default());
        let plans = PlanService::new(Arc::new(store.clone()), Arc::new(store.clone()), clock.clone(), ids);
        Self { store, clock, plans, organisation: yard.depot.organisation, depot: yard.depot.id }
    }

    fn replan(&self, trigger: Trigger) -> charging::Replanned {
        block_on(self.plans.replan(self.organisation, self.depot, trigger, None)).unwrap()
    }

    fn due(&self) -> Option<Trigger> {
        block_on(self.plans.due(self.organisation, self.depot)).unwrap()
    }

    fn readiness(&self, run: RunId) -> (ReadinessState, Option<Cause>) {
        let kept = self.store.kept();
        let found = &kept.sight.runs.iter().find(|known| known.id == run).unwrap().readiness;
        (found.state, found.cause)
    }
}

#[test]
fn a_run_that_cannot_be_met_is_told_once_with_its_cause() {
    let mut yard = Yard::new();
    yard.tree(|nodes| nodes[0].circuit.limit.power = Some(W(10_000)));
    let vehicle = yard.plugged_in(40.0);
    let run = yard.run(vehicle, 4, 12, 175);
    let planned = Planned::of(yard);
    let first = planned.replan(Trigger::PluggedIn);
    assert_eq!((first.trigger, first.runs_changed), (Trigger::First, 1));
    assert_eq!(planned.readiness(run), (ReadinessState::WillMiss, Some(Cause::CircuitLimit)));
    assert_eq!(planned.store.told(), ["manage.plan.computed.v1", "manage.run.readiness_changed.v1"]);
    assert_eq!(planned.store.kept().computed, 2, "it was hurried, and still lacks energy");

    let second = planned.replan(Trigger::LimitChanged);
    assert_eq!((second.trigger, second.runs_changed), (Trigger::LimitChanged, 0));
    assert_eq!(planned.store.told(), ["manage.plan.computed.v1"]);

    // With more room it will be ready.
    let mut nodes = planned.store.kept().sight.topology.circuits.to_vec();
    nodes[0].circuit.limit.power = Some(W(30_000));
    planned.store.kept().sight.topology.circuits = nodes.into();
    planned.store.kept().computed = 0;
    assert_eq!(planned.replan(Trigger::LimitChanged).runs_changed, 1);
    assert_eq!(planned.readiness(run), (ReadinessState::OnTrack, None));
    assert_eq!(planned.store.kept().computed, 1);
}

#[test]
fn a_plan_is_good_until_a_vehicle_strays_from_it() {
    let mut yard = Yard::new();
    let vehicle = yard.plugged_in(40.0);
    yard.sight.sessions[0].latest = reading(22_000, Some(40.0));
    let planned = Planned::of(yard);
    assert_eq!(planned.due(), Some(Trigger::First));
    planned.replan(Trigger::NewSlot);
    assert_eq!(planned.due(), None);
    // It has taken 3.7 kWh of 3.7 after ten minutes.
    planned.clock.advance(TimeDelta::minutes(10));
    planned.store.kept().sight.sessions[0].energy = Wh(53_700);
    planned.store.kept().sight.sessions[0].latest = reading(22_000, Some(41.0));
    assert_eq!(planned.due(), None);
    planned.store.kept().sight.sessions[0].energy = Wh(59_000);
    assert_eq!(planned.due(), Some(Trigger::Deviation));
    planned.store.kept().sight.sessions[0].energy = Wh(53_700);
    planned.store.kept().sight.sessions[0].latest = reading(22_000, Some(47.0));
    assert_eq!(planned.due(), Some(Trigger::VehicleChanged));
    planned.store.kept().sight.sessions[0].latest = reading(22_000, Some(41.0));

    planned.clock.advance(TimeDelta::minutes(5));
    assert_eq!(planned.due(), Some(Trigger::NewSlot));
    planned.replan(Trigger::NewSlot);
    // Two slots have begun, each under a plan.
    let slots = planned.store.kept().slots.clone();
    assert_eq!(slots.iter().map(|slot| slot.planned).collect::<Vec<_>>(), [W(22_000), W(22_000)]);
    planned.store.kept().sight.vehicles.get_mut(&vehicle).unwrap().target_soc = percent(100.0);
    assert_eq!(planned.due(), None, "events tell of that");
}

#[test]
fn what_was_observed_before_the_plan_is_no_news() {
    let mut yard = Yard::new();
    yard.tree(|nodes| nodes[0].circuit.limit.power = Some(W(200_000)));
    let (vehicle, evse) = (yard.bus(Some(40.0)), yard.fast_charger(W(150_000)));
    yard.plug(vehicle, evse);
    let planned = Planned::of(yard);
    planned.replan(Trigger::NewSlot);
    // 25 kWh in ten minutes, as planned: nearly 7 % of the battery, which no charger reads.
    planned.clock.advance(TimeDelta::minutes(10));
    planned.store.kept().sight.sessions[0].energy = Wh(75_000);
    assert_eq!(planned.due(), None);
    planned.replan(Trigger::Requested);
    let soc = planned.store.kept().outlook.as_ref().unwrap().plan.vehicles[0].battery.soc;
    assert!(soc > percent(40.0), "it has grown by what was charged: {soc}");
    // A newer word counts.
    planned.clock.advance(TimeDelta::minutes(1));
    planned.store.kept().sight.sessions[0].energy = Wh(77_500);
    let now = planned.clock.now();
    let mut kept = planned.store.kept();
    let observed = kept.sight.vehicles.get_mut(&vehicle).unwrap().soc.as_mut().unwrap();
    (observed.soc, observed.at) = (percent(80.0), now);
    drop(kept);
    assert_eq!(planned.due(), Some(Trigger::VehicleChanged));
}

#[test]
fn who_is_not_in_the_plan_wants_one() {
    let mut yard = Yard::new();
    let vehicle = yard.plugged_in(40.0);
    let planned = Planned::of(yard);
    let session = planned.store.kept().sight.sessions.pop().unwrap();
    planned.replan(Trigger::NewSlot);
    planned.store.kept().sight.sessions.push(session);
    assert_eq!(planned.due(), Some(Trigger::PluggedIn));
    planned.replan(Trigger::PluggedIn);
    assert_eq!(planned.store.kept().outlook.as_ref().unwrap().plan.vehicles[0].vehicle, vehicle);
    assert_eq!(planned.due(), None);
}

#[test]
fn another_ones_turn_and_another_ones_depot_change_nothing() {
    let mut yard = Yard::new();
    yard.plugged_in(40.0);
    let planned = Planned::of(yard);
    let fence = |token| Fence { name: "plan".into(), token };
    let replan = |token| {
        block_on(planned.plans.replan(
            planned.organisation,
            planned.depot,
            Trigger::NewSlot,
            Some(&fence(token)),
        ))
    };
    assert!(matches!(replan(1), Err(ChargingError::Fenced)));
    assert!(planned.store.kept().outlook.is_none() && planned.store.told().is_empty());
    assert!(replan(2).is_ok());
    let stranger = Scope::system(Yard::new().ids_uuid().into());
    let refused = block_on(planned.plans.plan_get(&stranger, planned.depot));
    assert!(matches!(refused, Err(ChargingError::NoSuchDepot)), "{refused:?}");
}
