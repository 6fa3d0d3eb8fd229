//! Plans are kept whole, their slots once, and the past is summed up alike on both engines.

use std::sync::Arc;

use async_trait::async_trait;
use charge_point::{ChargePoint, ChargePointTx, testing::charger_at};
use charging::{
    ChargerDrew, ChargingError, PlanHistory, PlanReader, PlanService, PlanTx, PlanUpkeep, PlannedSlot,
    Planner, Trigger,
    outlook::{DepotOutlook, LoadQuarter},
    plan::{Plan, Problem, Settings, plan},
};
use chrono::TimeDelta;
use depot::{Circuit, DepotTx, LoadReading};
use infra_sea::Sea;
use kernel::{
    Begin, Clock, DepotId, EvseId, FenceSource, IdSource, OrganisationId, OutboxReader, Scope, StoreError,
    Timestamp, VehicleId, W, Wh, testing::CountingIds,
};
use transaction::{
    Quarter, QuarterStore, QuarterSums, Recorder, TransactionPlace, TransactionTx, testing::start,
};
use vehicle::{VehicleTx, testing::bus};

use crate::{Fixture, on_both_engines};

on_both_engines!(
    the_past_is_summed_up,
    a_depot_is_planned_and_its_plan_is_kept,
    who_is_fenced_off_keeps_no_plan,
    slots_keep_what_was_first_planned_of_them,
);

/// Plans at once.
struct Here;

#[async_trait]
impl Planner for Here {
    async fn compute(&self, problem: Problem) -> Result<Plan, StoreError> {
        Ok(plan(&problem, Settings::default()))
    }
}

struct Yard {
    organisation: OrganisationId,
    depot: DepotId,
    grid: Circuit,
    charger: ChargePoint,
    vehicle: VehicleId,
}

impl Yard {
    /// A charger under a grid connection, and a bus without a state of charge that is plugged in there.
    async fn of(fixture: &Fixture, ids: &Arc<CountingIds>) -> Self {
        let sea = &*fixture.sea;
        let home = depot::testing::depot(ids, ids.uuid().into(), "D-1");
        let grid = depot::testing::circuit(ids, &home, None);
        let mut tx = Begin::<dyn DepotTx>::begin(sea).await.unwrap();
        tx.depots().depot_insert(&home).await.unwrap();
        tx.circuits().circuit_insert(&grid).await.unwrap();
        tx.commit().await.unwrap();
        let mut charger = charger_at(&**ids, home.organisation, home.id, "CP-1");
        charger.live.online = true;
        let mut tx = Begin::<dyn ChargePointTx>::begin(sea).await.unwrap();
        tx.charge_points().charge_point_insert(&charger).await.unwrap();
        tx.charger_state().charge_point_update_live(&charger).await.unwrap();
        tx.commit().await.unwrap();
        let vehicle = bus(&**ids, home.organisation, "B-1");
        let mut tx = Begin::<dyn VehicleTx>::begin(sea).await.unwrap();
        tx.vehicles().vehicle_insert(&vehicle).await.unwrap();
        tx.commit().await.unwrap();
        let yard =
            Self { organisation: home.organisation, depot: home.id, grid, charger, vehicle: vehicle.id };
        yard.start(fixture, ids).await;
        yard
    }

    fn evse(&self) -> EvseId {
        self.charger.evses[0].id
    }

    async fn start(&self, fixture: &Fixture, ids: &Arc<CountingIds>) {
        let place = TransactionPlace {
            charge_point: self.charger.id,
            depot: self.depot,
            evse: Some(self.evse()),
            evse_number: 1,
            connector: 1,
        };
        let recorder = Recorder::new(fixture.clock.clone(), ids.clone());
        let mut report = start(place, 0);
        report.vehicle = Some(self.vehicle);
        let mut tx = Begin::<dyn TransactionTx>::begin(&*fixture.sea).await.unwrap();
        recorder.start(&mut *tx, self.organisation, report).await.unwrap();
        tx.commit().await.unwrap();
    }

    fn quarter(&self, at: Timestamp, connector: u16, energy: i64) -> Quarter {
        Quarter {
            organisation: self.organisation,
            depot: self.depot,
            charge_point: self.charger.id,
            connector,
            at,
            sums: QuarterSums { energy: Wh(energy), readings: 1, ..QuarterSums::default() },
        }
    }
}

fn service(fixture: &Fixture, ids: &Arc<CountingIds>) -> PlanService {
    PlanService::new(fixture.sea.clone(), Arc::new(Here), fixture.clock.clone(), ids.clone())
}

async fn outlook(sea: &Sea, yard: &Yard) -> Option<DepotOutlook> {
    sea.outlook_of(yard.organisation, yard.depot).await.unwrap()
}

async fn the_past_is_summed_up(fixture: &Fixture) {
    let (sea, ids, now) = (&*fixture.sea, Arc::new(CountingIds::default()), fixture.clock.now());
    let yard = Yard::of(fixture, &ids).await;
    let minutes = TimeDelta::minutes;
    let load = |ago, power| LoadReading { at: now - minutes(ago), power: W(power) };
    let readings = [load(61, 99_000), load(60, 1_000), load(50, 2_000), load(46, 6_000), load(45, 4_000)];
    let mut tx = Begin::<dyn DepotTx>::begin(sea).await.unwrap();
    tx.circuits().load_append(yard.grid.id, &readings).await.unwrap();
    tx.commit().await.unwrap();
    let of = |ago, mean| LoadQuarter { circuit: yard.grid.id, at: now - minutes(ago), mean: W(mean) };
    let mut found = sea.load_quarters(yard.organisation, yard.depot, now - minutes(60)).await.unwrap();
    found.sort_by_key(|load| load.at);
    assert_eq!(found, [of(60, 3_000), of(45, 4_000)]);

    let quarters = [
        yard.quarter(now - minutes(30), 1, 2_000),
        yard.quarter(now - minutes(30), 2, 500),
        yard.quarter(now - minutes(15), 1, 700),
    ];
    sea.quarters_save(&quarters).await.unwrap();
    let charged = sea.charged_quarters(yard.organisation, yard.depot, now - minutes(30), now).await.unwrap();
    assert_eq!(charged, [(now - minutes(30), Wh(2_500)), (now - minutes(15), Wh(700))]);
    let drew =
        |connector, energy| ChargerDrew { charge_point: yard.charger.id, connector, energy: Wh(energy) };
    let mut drawn = sea.drawn_in(yard.organisation, yard.depot, now - minutes(30)).await.unwrap();
    drawn.sort_by_key(|drew| drew.connector);
    assert_eq!(drawn, [drew(1, 2_000), drew(2, 500)]);

    let places = sea.last_places(yard.organisation, yard.depot, now - minutes(60)).await.unwrap();
    assert_eq!(places, [(yard.vehicle, yard.evse())]);
    assert!(sea.last_places(yard.organisation, yard.depot, now + minutes(60)).await.unwrap().is_empty());
    let stranger: OrganisationId = ids.uuid().into();
    assert!(sea.load_quarters(stranger, yard.depot, now - minutes(90)).await.unwrap().is_empty());
    assert!(sea.charged_quarters(stranger, yard.depot, now - minutes(90), now).await.unwrap().is_empty());
    assert!(sea.drawn_in(stranger, yard.depot, now - minutes(30)).await.unwrap().is_empty());
    assert!(sea.last_places(stranger, yard.depot, now - minutes(90)).await.unwrap().is_empty());
}

async fn a_depot_is_planned_and_its_plan_is_kept(fixture: &Fixture) {
    let (sea, ids) = (&*fixture.sea, Arc::new(CountingIds::default()));
    let yard = Yard::of(fixture, &ids).await;
    let plans = service(fixture, &ids);
    assert_eq!(plans.due(yard.organisation, yard.depot).await.unwrap(), Some(Trigger::First));
    let fence = sea.fence_next("plan").await.unwrap();
    let replanned =
        plans.replan(yard.organisation, yard.depot, Trigger::PluggedIn, Some(&fence)).await.unwrap();
    assert_eq!((replanned.trigger, replanned.vehicles), (Trigger::First, 1));
    let first = outlook(sea, &yard).await.unwrap();
    assert_eq!(first.plan.vehicles[0].evse, Some(yard.evse()));
    assert_eq!(first.circuits[0].circuit, yard.grid.id);
    assert_eq!(sea.plan_of(yard.organisation, yard.depot).await.unwrap().as_ref(), Some(&first.plan));
    assert_eq!(plans.due(yard.organisation, yard.depot).await.unwrap(), None);
    let stranger: OrganisationId = ids.uuid().into();
    assert_eq!(sea.outlook_of(stranger, yard.depot).await.unwrap(), None);
    assert_eq!(sea.plan_of(stranger, yard.depot).await.unwrap(), None);
    let events = sea.unpublished(100).await.unwrap();
    let told = events.iter().find(|stored| stored.event.name == "manage.plan.computed.v1").unwrap();
    assert_eq!(told.event.data["trigger"], "first");

    // The next slot wants another plan; what was planned of it before is what counts.
    fixture.clock.advance(TimeDelta::minutes(16));
    assert_eq!(plans.due(yard.organisation, yard.depot).await.unwrap(), Some(Trigger::NewSlot));
    let scope = Scope::system(yard.organisation);
    let second = plans.plan_now(&scope, yard.depot).await.unwrap();
    assert_eq!(second.plan.trigger, Trigger::Requested);
    let (from, to) = (first.plan.starts_at, second.plan.starts_at + TimeDelta::minutes(30));
    let slots = plans.plan_vs_actual(&scope, yard.depot, Some(from), Some(to)).await.unwrap();
    let planned: Vec<_> = slots.iter().map(|slot| slot.planned).collect();
    let expected = [first.plan.charging[0], first.plan.charging[1], second.plan.charging[1]].map(Some);
    assert_eq!(planned, expected);
    assert_eq!(slots.iter().map(|slot| slot.actual).collect::<Vec<_>>(), [Some(W(0)), None, None]);
}

async fn who_is_fenced_off_keeps_no_plan(fixture: &Fixture) {
    let (sea, ids) = (&*fixture.sea, Arc::new(CountingIds::default()));
    let yard = Yard::of(fixture, &ids).await;
    let before = sea.fence_next("plan").await.unwrap();
    sea.fence_next("plan").await.unwrap();
    let refused =
        service(fixture, &ids).replan(yard.organisation, yard.depot, Trigger::NewSlot, Some(&before)).await;
    assert!(matches!(refused, Err(ChargingError::Fenced)), "{refused:?}");
    assert_eq!(outlook(sea, &yard).await, None);
}

async fn slots_keep_what_was_first_planned_of_them(fixture: &Fixture) {
    let (sea, ids, now) = (&*fixture.sea, Arc::new(CountingIds::default()), fixture.clock.now());
    let yard = Yard::of(fixture, &ids).await;
    let slot = |minutes, planned| PlannedSlot { at: now + TimeDelta::minutes(minutes), planned: W(planned) };
    for slots in [vec![slot(0, 1), slot(15, 2)], vec![slot(15, 9), slot(30, 3)], Vec::new()] {
        let mut tx = Begin::<dyn PlanTx>::begin(sea).await.unwrap();
        tx.plans().planned_slots_save(yard.organisation, yard.depot, &slots).await.unwrap();
        tx.commit().await.unwrap();
    }
    let to = now + TimeDelta::minutes(30);
    let found = sea.planned_slots(yard.organisation, yard.depot, now, to).await.unwrap();
    assert_eq!(found, [slot(0, 1), slot(15, 2)]);
    let stranger: OrganisationId = ids.uuid().into();
    assert!(sea.planned_slots(stranger, yard.depot, now, to).await.unwrap().is_empty());

    // Those that are old enough are forgotten, and no others.
    assert_eq!(sea.planned_slots_forget(now + TimeDelta::minutes(15)).await.unwrap(), 1);
    let to = now + TimeDelta::minutes(45);
    let left = sea.planned_slots(yard.organisation, yard.depot, now, to).await.unwrap();
    assert_eq!(left, [slot(15, 2), slot(30, 3)]);
    assert_eq!(sea.planned_slots_forget(now + TimeDelta::minutes(15)).await.unwrap(), 0);
}
