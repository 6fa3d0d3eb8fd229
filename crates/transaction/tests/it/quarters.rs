//! Quarters say what the readings say, in whichever order and batches they came.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use chrono::{TimeDelta, TimeZone, Utc};
use futures::executor::block_on;
use kernel::{ChargePointId, OrganisationId, StoreError, Timestamp, W, Wh, testing::FakeClock};
use proptest::prelude::*;
use transaction::{
    MeteredConnector, Quarter, QuarterPlace, QuarterStore, QuarterSums, Quarters, Reading, ReadingContext,
    quarter_of, quarters,
};
use uuid::Uuid;

const CHARGER: u128 = 7;

fn begin() -> Timestamp {
    Utc.with_ymd_and_hms(2026, 3, 2, 8, 0, 0).unwrap()
}

fn reading(seconds: i64, energy: Option<i64>, power: Option<i64>) -> Reading {
    Reading {
        id: Uuid::nil(),
        organisation: Uuid::nil().into(),
        charge_point: Uuid::from_u128(CHARGER).into(),
        connector: 1,
        transaction: None,
        at: begin() + TimeDelta::seconds(seconds),
        context: ReadingContext::Periodic,
        energy: energy.map(Wh),
        power: power.map(W),
        current: None,
        offered: None,
        voltage_millivolts: None,
        soc: None,
        rest: serde_json::Map::new(),
    }
}

/// One connector's readings, those that came since the last look, and the quarters.
#[derive(Default)]
struct Memory {
    readings: Mutex<Vec<Reading>>,
    fresh: Mutex<Vec<Timestamp>>,
    quarters: Mutex<BTreeMap<Timestamp, QuarterSums>>,
}

impl Memory {
    fn store(&self, reading: &Reading) {
        let mut readings = self.readings.lock().unwrap();
        readings.push(reading.clone());
        readings.sort_by_key(|reading| reading.at);
        self.fresh.lock().unwrap().push(reading.at);
    }

    fn pick(&self, wanted: impl Fn(&&Reading) -> bool) -> Vec<Reading> {
        self.readings.lock().unwrap().iter().filter(wanted).cloned().collect()
    }
}

#[async_trait]
impl QuarterStore for Memory {
    async fn summed_until(&self) -> Result<Option<Timestamp>, StoreError> {
        Ok(None)
    }

    async fn summed_until_save(&self, _: Timestamp) -> Result<(), StoreError> {
        Ok(())
    }

    async fn readings_stored_since(&self, _: Timestamp) -> Result<Vec<MeteredConnector>, StoreError> {
        let fresh = std::mem::take(&mut *self.fresh.lock().unwrap());
        let (Some(first), Some(last)) = (fresh.iter().min(), fresh.iter().max()) else {
            return Ok(Vec::new());
        };
        Ok(vec![MeteredConnector {
            organisation: Uuid::nil().into(),
            depot: Uuid::nil().into(),
            charge_point: Uuid::from_u128(CHARGER).into(),
            connector: 1,
            first: *first,
            last: *last,
        }])
    }

    async fn readings_between(
        &self,
        _: ChargePointId,
        _: u16,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Reading>, StoreError> {
        Ok(self.pick(|reading| reading.at >= from && reading.at < to))
    }

    async fn register_before(
        &self,
        _: ChargePointId,
        _: u16,
        at: Timestamp,
    ) -> Result<Option<Reading>, StoreError> {
        Ok(self.pick(|reading| reading.at < at && reading.energy.is_some()).pop())
    }

    async fn register_after(
        &self,
        _: ChargePointId,
        _: u16,
        at: Timestamp,
    ) -> Result<Option<Reading>, StoreError> {
        Ok(self.pick(|reading| reading.at > at && reading.energy.is_some()).into_iter().next())
    }

    async fn quarters_save(&self, quarters: &[Quarter]) -> Result<(), StoreError> {
        self.quarters.lock().unwrap().extend(quarters.iter().map(|quarter| (quarter.at, quarter.sums)));
        Ok(())
    }

    async fn quarters_of(
        &self,
        _: OrganisationId,
        _: QuarterPlace,
        _: Timestamp,
        _: Timestamp,
    ) -> Result<Vec<Quarter>, StoreError> {
        Ok(Vec::new())
    }
}

#[test]
fn a_quarter_has_its_rise_its_peak_and_its_mean() {
    let readings = [
        reading(0, Some(1_000), Some(10_000)),
        reading(600, Some(2_000), Some(20_000)),
        reading(900, Some(2_500), Some(5_000)),
        // The meter was changed: it counts from there.
        reading(1_200, Some(10), None),
        reading(1_500, Some(110), Some(6_000)),
    ];
    let found = quarters(None, &readings);
    let (first, second) = (found[&begin()], found[&(begin() + transaction::QUARTER)]);
    assert_eq!((first.energy, first.max_power, first.readings), (Wh(1_500), Some(W(20_000)), 2));
    assert_eq!(first.mean_power, Some(W(19_999)), "the first reading has no time before it");
    assert_eq!((second.energy, second.max_power, second.readings), (Wh(100), Some(W(6_000)), 3));
}

#[test]
fn what_rises_across_the_end_of_a_quarter_is_shared_by_time() {
    let second = begin() + transaction::QUARTER;
    let across = [reading(840, Some(0), None), reading(960, Some(1_000), None)];
    let found = quarters(None, &across);
    assert_eq!((found[&begin()].energy, found[&second].energy), (Wh(500), Wh(500)));
    let on_the_edge = [reading(840, Some(0), None), reading(900, Some(1_000), None)];
    let found = quarters(None, &on_the_edge);
    assert_eq!((found[&begin()].energy, found[&second].energy), (Wh(1_000), Wh(0)));
    // Of what came before, only the share of our own quarters is known whole.
    let found = quarters(across.first(), &across[1..]);
    assert_eq!(
        found.into_iter().map(|(at, sums)| (at, sums.energy)).collect::<Vec<_>>(),
        [(second, Wh(500))]
    );
    // Nobody knows when it rose in a long silence.
    let silent = [reading(0, Some(0), None), reading(901, Some(1_000), None)];
    let found = quarters(None, &silent);
    assert_eq!((found[&begin()].energy, found[&second].energy), (Wh(0), Wh(1_000)));
}

proptest! {
    #[test]
    fn quarters_do_not_depend_on_how_readings_came(
        steps in prop::collection::vec((1_i64..2_000, 0_i64..500, prop::option::of(0_i64..50_000)), 1..60),
        order in any::<prop::sample::Index>(),
        batch in 1_usize..10,
        seed in any::<u64>(),
    ) {
        let (mut seconds, mut register) = (order.index(900) as i64, 0);
        let readings: Vec<Reading> = steps
            .iter()
            .map(|(wait, rise, power)| {
                seconds += wait;
                register += rise;
                // Every few has no register.
                reading(seconds, (rise % 5 != 0).then_some(register), *power)
            })
            .collect();
        let mut shuffled = readings.clone();
        for (index, swap) in (1..shuffled.len()).rev().zip((0..).map(|n| seed.wrapping_mul(6_364_136_223_846_793_005).rotate_left(n))) {
            shuffled.swap(index, usize::try_from(swap % (index as u64 + 1)).unwrap());
        }
        let memory = Arc::new(Memory::default());
        let sums = Quarters::new(memory.clone(), Arc::new(FakeClock::default()));
        for some in shuffled.chunks(batch) {
            some.iter().for_each(|reading| memory.store(reading));
            block_on(sums.sum_up()).unwrap();
        }
        let at_once = quarters(None, &readings);
        let came = memory.quarters.lock().unwrap().clone();
        let whole = |found: &BTreeMap<Timestamp, QuarterSums>| -> Vec<_> {
            found.iter().map(|(at, sums)| (*at, sums.energy, sums.max_power, sums.readings)).collect()
        };
        prop_assert_eq!(whole(&came), whole(&at_once));
        let registers: Vec<i64> = readings.iter().filter_map(|reading| reading.energy).map(Wh::get).collect();
        let total: i64 = at_once.values().map(|sums| sums.energy.get()).sum();
        prop_assert_eq!(total, registers.last().unwrap_or(&0) - registers.first().unwrap_or(&0));
        prop_assert!(at_once.keys().all(|at| quarter_of(*at) == *at));
    }
}
