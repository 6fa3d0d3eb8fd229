//! Readings by month, their retention, and their sums.

use std::sync::Arc;

use charge_point::{ChargePointTx, testing::charger_at};
use chrono::{TimeDelta, TimeZone, Utc};
use depot::DepotTx;
use futures::future::join_all;
use kernel::{Begin, ChargePointId, Clock, IdSource, OrganisationId, Timestamp, W, Wh, testing::CountingIds};
use transaction::{
    QuarterPlace, QuarterStore, Quarters, Reading, ReadingContext, ReadingUpkeep, TransactionTx,
};
use uuid::{NoContext, Uuid};

use crate::{Fixture, on_both_engines};

on_both_engines!(
    readings_of_any_time_are_kept_and_found,
    retention_drops_only_what_is_old,
    months_are_made_once_and_take_what_was_there,
    sums_follow_late_readings,
);

struct Yard {
    organisation: OrganisationId,
    charger: ChargePointId,
    depot: kernel::DepotId,
}

async fn yard(fixture: &Fixture) -> Yard {
    let ids = CountingIds::default();
    let home = depot::testing::depot(&ids, ids.uuid().into(), "D-1");
    let mut tx = Begin::<dyn DepotTx>::begin(&*fixture.sea).await.unwrap();
    tx.depots().depot_insert(&home).await.unwrap();
    tx.commit().await.unwrap();
    let charger = charger_at(&ids, home.organisation, home.id, "CP-1");
    let mut tx = Begin::<dyn ChargePointTx>::begin(&*fixture.sea).await.unwrap();
    tx.charge_points().charge_point_insert(&charger).await.unwrap();
    tx.commit().await.unwrap();
    Yard { organisation: home.organisation, charger: charger.id, depot: home.id }
}

impl Yard {
    /// A reading stored now, as ids tell.
    fn reading(&self, fixture: &Fixture, at: Timestamp, energy: i64) -> Reading {
        let now = fixture.clock.now();
        let seconds = u64::try_from(now.timestamp()).unwrap();
        let stamp = uuid::Timestamp::from_unix(NoContext, seconds, now.timestamp_subsec_nanos());
        Reading {
            id: Uuid::new_v7(stamp),
            organisation: self.organisation,
            charge_point: self.charger,
            connector: 1,
            transaction: None,
            at,
            context: ReadingContext::Periodic,
            energy: Some(Wh(energy)),
            power: Some(W(11_000)),
            current: None,
            offered: None,
            voltage_millivolts: None,
            soc: None,
            rest: serde_json::Map::new(),
        }
    }

    async fn store(&self, fixture: &Fixture, readings: &[Reading]) {
        let mut tx = Begin::<dyn TransactionTx>::begin(&*fixture.sea).await.unwrap();
        tx.transactions().readings_insert(readings).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn found(&self, fixture: &Fixture) -> Vec<Timestamp> {
        let (from, to) = (year(1900), year(2300));
        let readings = fixture.sea.readings_between(self.charger, 1, from, to).await.unwrap();
        readings.into_iter().map(|reading| reading.at).collect()
    }
}

fn year(year: i32) -> Timestamp {
    Utc.with_ymd_and_hms(year, 1, 1, 0, 0, 0).unwrap()
}

async fn readings_of_any_time_are_kept_and_found(fixture: &Fixture) {
    let (yard, now) = (yard(fixture).await, fixture.clock.now());
    let times = [year(1970), now - TimeDelta::days(365), now, now + TimeDelta::days(40), year(2199)];
    let readings: Vec<Reading> = times.iter().map(|at| yard.reading(fixture, *at, 1)).collect();
    yard.store(fixture, &readings).await;
    // Sent again, nothing changes.
    yard.store(fixture, &readings).await;
    assert_eq!(yard.found(fixture).await, times);
}

async fn retention_drops_only_what_is_old(fixture: &Fixture) {
    let (yard, now) = (yard(fixture).await, fixture.clock.now());
    let times = [year(1970), now - TimeDelta::days(300), now - TimeDelta::days(20), now, year(2199)];
    let readings: Vec<Reading> = times.iter().map(|at| yard.reading(fixture, *at, 1)).collect();
    yard.store(fixture, &readings).await;
    let before = now - TimeDelta::days(100);
    fixture.sea.months_ensure(before, now).await.unwrap();
    join_all([fixture.sea.readings_forget(before), fixture.sea.readings_forget(before)])
        .await
        .into_iter()
        .for_each(|forgotten| forgotten.unwrap());
    assert_eq!(yard.found(fixture).await, times[2..]);
}

async fn months_are_made_once_and_take_what_was_there(fixture: &Fixture) {
    let yard = yard(fixture).await;
    let month = Utc.with_ymd_and_hms(2198, 6, 1, 0, 0, 0).unwrap();
    let times =
        [month - TimeDelta::seconds(1), month, month + TimeDelta::days(20), month + TimeDelta::days(30)];
    let readings: Vec<Reading> = times.iter().map(|at| yard.reading(fixture, *at, 1)).collect();
    yard.store(fixture, &readings).await;
    let ensure = || fixture.sea.months_ensure(month, month + TimeDelta::days(20));
    join_all([ensure(), ensure()]).await.into_iter().for_each(|made| made.unwrap());
    ensure().await.unwrap();
    assert_eq!(yard.found(fixture).await, times);
    yard.store(fixture, &[yard.reading(fixture, month + TimeDelta::days(1), 1)]).await;
    assert_eq!(yard.found(fixture).await.len(), 5);
}

async fn sums_follow_late_readings(fixture: &Fixture) {
    let (yard, clock) = (yard(fixture).await, &fixture.clock);
    let sums = Quarters::new(fixture.sea.clone(), Arc::clone(clock) as Arc<dyn Clock>);
    let begin = transaction::quarter_of(clock.now());
    let at = |minutes: i64| begin + TimeDelta::minutes(minutes);
    let of_depot = async || {
        let place = QuarterPlace::Depot(yard.depot);
        let found = fixture.sea.quarters_of(yard.organisation, place, at(0), at(120)).await.unwrap();
        found
            .iter()
            .map(|quarter| (quarter.at, quarter.sums.energy.get(), quarter.sums.readings))
            .collect::<Vec<_>>()
    };
    yard.store(fixture, &[yard.reading(fixture, at(0), 1_000), yard.reading(fixture, at(40), 1_600)]).await;
    assert_eq!(sums.sum_up().await.unwrap(), 2);
    assert_eq!(of_depot().await, [(at(0), 0, 1), (at(30), 600, 1)]);
    assert_eq!(sums.sum_up().await.unwrap(), 2, "what overlaps is summed up again, to the same");
    assert_eq!(of_depot().await, [(at(0), 0, 1), (at(30), 600, 1)]);

    // An hour later the charger tells what it measured in between.
    clock.advance(TimeDelta::hours(1));
    yard.store(fixture, &[yard.reading(fixture, at(20), 1_250)]).await;
    assert_eq!(
        sums.sum_up().await.unwrap(),
        3,
        "what overlaps, its own quarter, and one whose rise is less now"
    );
    assert_eq!(of_depot().await, [(at(0), 0, 1), (at(15), 250, 1), (at(30), 350, 1)]);
    clock.advance(TimeDelta::hours(1));
    assert_eq!(sums.sum_up().await.unwrap(), 2);
    assert_eq!(sums.sum_up().await.unwrap(), 0, "nothing was stored since");

    let stranger = QuarterPlace::ChargePoint(CountingIds::default().uuid().into());
    assert!(fixture.sea.quarters_of(yard.organisation, stranger, at(0), at(120)).await.unwrap().is_empty());
}
