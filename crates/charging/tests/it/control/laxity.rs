//! How long a vehicle can wait: by its next run, or by its target and a far departure.

use charging::{SetpointReason, TierSource};
use chrono::TimeDelta;
use dispatch::{Readiness, Run, RunState};
use kernel::{Clock, IdSource, Version, W, Wh};
use transaction::Latest;

use super::yard::{Kind, Yard, percent};

impl Yard {
    /// Its vehicle runs next in so many minutes, with 40 % of its battery.
    pub fn leaves_in(&mut self, place: usize, minutes: i64) {
        let (now, vehicle) = (self.clock.now(), &self.vehicles[place]);
        let home = &self.depot.topology.depot;
        let departure_at = now + TimeDelta::minutes(minutes);
        let run = Run {
            id: self.ids.uuid().into(),
            organisation: home.organisation,
            version: Version::FIRST,
            depot: home.id,
            service_date: departure_at.date_naive(),
            block: "1".to_owned(),
            departure_at,
            arrival_at: departure_at + TimeDelta::hours(4),
            distance_m: None,
            energy_required: Some(Wh(140_000)),
            required_soc: None,
            minimum_soc: percent(10.0),
            vehicle: Some(vehicle.id),
            vehicle_class: None,
            priority_level: None,
            series: None,
            series_date: None,
            by_hand: true,
            departed_at: None,
            state: RunState::Planned,
            readiness: Readiness::default(),
            created_at: now,
            updated_at: now,
        };
        self.depot.runs.insert(vehicle.id, run);
    }

    fn soc(&mut self, place: usize, soc: f64) {
        let at = self.clock.now();
        let latest = Latest { at, power: Some(W::ZERO), current: None, soc: Some(percent(soc)) };
        self.session(place).unwrap().latest = Some(latest);
    }
}

#[test]
fn it_is_the_time_to_the_departure_less_that_of_charging() {
    let mut yard = Yard::new(&[(None, 200)], &[Kind::dc(0, 50), Kind::dc(0, 50), Kind::dc(0, 50)]);
    for place in 0..3 {
        yard.plug_in(place, W(50_000));
        yard.soc(place, 30.0);
    }
    yard.leaves_in(0, 180);
    let view = yard.look();
    // 40 % for the run and 10 % to come back with, so 20 % of 350 kWh at 50 kW: 84 minutes.
    assert_eq!(view.evses[0].laxity, (180 - 84) * 60);
    // 60 % to its target, 252 minutes, and two days to go.
    assert_eq!(view.evses[1].laxity, (48 * 60 - 252) * 60);
    yard.leaves_in(0, 30);
    assert_eq!(yard.look().evses[0].laxity, (30 - 84) * 60);
}

#[test]
fn whoever_leaves_first_is_served_first_where_not_all_can_charge() {
    let mut yard = Yard::new(&[(None, 8)], &[Kind::dc(0, 50), Kind::dc(0, 50), Kind::dc(0, 50)]);
    for place in 0..3 {
        yard.plug_in(place, W(50_000));
        yard.soc(place, 30.0);
    }
    yard.leaves_in(0, 900);
    yard.leaves_in(2, 60);
    yard.step();
    yard.answer_all();
    yard.pass(TimeDelta::seconds(20));
    yard.step();
    assert_eq!([yard.told(0), yard.told(1)], [W::ZERO, W::ZERO]);
    assert!(yard.told(2) >= W(5_000));
    assert_eq!(yard.setpoint(0).reason, SetpointReason::Rotation);
}

#[test]
fn a_vehicle_has_enough_with_its_target_and_what_its_run_needs() {
    let mut yard = Yard::new(&[(None, 200)], &[Kind::dc(0, 50), Kind::dc(0, 50)]);
    for place in 0..2 {
        yard.plug_in(place, W(50_000));
        yard.soc(place, 92.0);
    }
    yard.leaves_in(0, 180);
    let run = yard.depot.runs.get_mut(&yard.vehicles[0].id).unwrap();
    run.required_soc = Some(percent(100.0));
    let view = yard.look();
    assert_eq!((view.evses[0].tier, view.evses[1].tier), (5, 9));
    assert_eq!(view.evses[1].tier_source, TierSource::TargetReached);
}
