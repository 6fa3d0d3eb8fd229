//! Who stands where from when until when.

use charging::outlook::{PLUG_IN, Stay, stays};
use chrono::TimeDelta;
use dispatch::{Cause, RunState};
use kernel::{EvseId, Timestamp, VehicleId, W};
use vehicle::{SocObservation, SocSource};

use super::yard::{Yard, hours, morning, percent};

/// Where, from when, until when, with what, and what is needed.
type Seen = (Option<EvseId>, Timestamp, Timestamp, f64, f64);

fn seen(yard: &Yard, vehicle: VehicleId) -> Vec<Seen> {
    let of =
        |stay: &Stay<'_>, evse| (evse, stay.from, stay.to, stay.soc.to_percent(), stay.needed.to_percent());
    let places = yard.sight.places();
    let stays = stays(&yard.sight, &places, &yard.sight.grid());
    let mine = stays.iter().filter(|stay| stay.vehicle.id == vehicle);
    mine.map(|stay| of(stay, stay.place.map(|place| places[place].evse.id))).collect()
}

fn trouble(yard: &Yard, vehicle: VehicleId) -> Option<Cause> {
    let places = yard.sight.places();
    let stays = stays(&yard.sight, &places, &yard.sight.grid());
    stays.iter().find(|stay| stay.vehicle.id == vehicle).unwrap().trouble
}

#[test]
fn a_vehicle_without_a_run_stays_and_is_charged_to_its_target() {
    let mut yard = Yard::new();
    let (vehicle, evse) = (yard.bus(Some(40.0)), yard.charger());
    yard.plug(vehicle, evse);
    let ends = yard.sight.grid().ends_at();
    assert_eq!(seen(&yard, vehicle), [(Some(evse), morning() - hours(1), ends, 40.0, 90.0)]);
}

#[test]
fn runs_cut_the_day_into_stays_and_each_takes_out_its_energy() {
    let mut yard = Yard::new();
    let (vehicle, evse) = (yard.bus(Some(60.0)), yard.charger());
    yard.plug(vehicle, evse);
    // 140 kWh of 350 are 40 %, and 10 % must be left.
    yard.run(vehicle, 3, 6, 140);
    yard.run(vehicle, 10, 13, 210);
    let (now, ends) = (morning(), yard.sight.grid().ends_at());
    let expected = [
        (Some(evse), now - hours(1), now + hours(3), 60.0, 50.0),
        // It leaves with the 60 % that it has, and comes back with 20 %.
        (Some(evse), now + hours(6), now + hours(10), 20.0, 70.0),
        (Some(evse), now + hours(13), ends, 10.0, 90.0),
    ];
    assert_eq!(seen(&yard, vehicle), expected);
}

#[test]
fn a_vehicle_on_its_run_comes_back_to_where_it_charged_last() {
    let mut yard = Yard::new();
    let (_, second) = (yard.charger(), yard.charger());
    let vehicle = yard.bus(Some(80.0));
    yard.sight.history.last_places.insert(vehicle, second);
    let run = yard.run(vehicle, -1, 1, 140);
    yard.run_mut(run).state = RunState::Departed;
    let (now, ends) = (morning(), yard.sight.grid().ends_at());
    // Half of the run is over, so half of its 40 % is still to be used.
    assert_eq!(seen(&yard, vehicle), [(Some(second), now + hours(1), ends, 60.0, 90.0)]);
    assert_eq!(trouble(&yard, vehicle), None);
    // What was observed before it left says nothing of the way so far.
    yard.vehicle(vehicle).soc =
        Some(SocObservation { soc: percent(80.0), source: SocSource::Charger, at: now - hours(2) });
    assert_eq!(seen(&yard, vehicle)[0].3, 40.0);
}

#[test]
fn a_vehicle_that_should_be_plugged_in_is_taken_to_be_soon() {
    let mut yard = Yard::new();
    let (evse, vehicle) = (yard.charger(), yard.bus(Some(40.0)));
    yard.run(vehicle, 8, 12, 140);
    let now = morning();
    assert_eq!(seen(&yard, vehicle)[0], (Some(evse), now + PLUG_IN, now + hours(8), 40.0, 50.0));
    assert_eq!(trouble(&yard, vehicle), Some(Cause::NotPluggedIn));
}

#[test]
fn nobody_is_sent_where_somebody_stands() {
    let mut yard = Yard::new();
    let (taken, broken) = (yard.charger(), yard.charger());
    let standing = yard.bus(Some(10.0));
    yard.plug(standing, taken);
    yard.fault(broken);
    let coming = yard.bus(Some(40.0));
    yard.run(coming, 8, 12, 140);
    assert_eq!(seen(&yard, coming)[0].0, None);
    // Once the other leaves in time, there is room.
    yard.run(standing, 2, 20, 10);
    yard.sight.runs.iter_mut().find(|run| run.vehicle == Some(coming)).unwrap().departure_at += hours(1);
    let back = yard.run(coming, 0, 3, 10);
    yard.run_mut(back).departure_at = morning() - TimeDelta::minutes(5);
    yard.run_mut(back).state = RunState::Departed;
    assert_eq!(seen(&yard, coming)[0].0, Some(taken));
}

#[test]
fn among_free_places_the_strongest_that_is_online_is_chosen() {
    let mut yard = Yard::new();
    yard.charger();
    let fast = yard.fast_charger(W(100_000));
    let offline = yard.fast_charger(W(300_000));
    yard.charger_mut(offline).live.online = false;
    let vehicle = yard.bus(Some(40.0));
    yard.run(vehicle, 8, 12, 140);
    assert_eq!(seen(&yard, vehicle)[0].0, Some(fast));
}

#[test]
fn a_vehicle_at_a_broken_charger_has_to_be_moved() {
    let mut yard = Yard::new();
    let (broken, other) = (yard.charger(), yard.charger());
    let vehicle = yard.bus(Some(40.0));
    yard.plug(vehicle, broken);
    yard.fault(broken);
    yard.run(vehicle, 8, 12, 140);
    let stay = seen(&yard, vehicle)[0];
    assert_eq!((stay.0, stay.1), (Some(other), morning() + PLUG_IN));
    assert_eq!(trouble(&yard, vehicle), Some(Cause::ChargerFaulted));
}

#[test]
fn one_that_should_have_left_leaves_with_the_slot() {
    let mut yard = Yard::new();
    let (vehicle, evse) = (yard.bus(Some(40.0)), yard.charger());
    yard.plug(vehicle, evse);
    let run = yard.run(vehicle, -1, 4, 140);
    let found = seen(&yard, vehicle);
    assert_eq!((found.len(), found[0].2), (2, yard.sight.grid().at(1)));
    // Two hours later nobody believes that it still will.
    yard.run_mut(run).departure_at -= hours(2);
    assert_eq!(seen(&yard, vehicle).len(), 1);
}

#[test]
fn one_that_is_late_has_not_what_it_left_with() {
    let mut yard = Yard::new();
    yard.charger();
    let vehicle = yard.bus(Some(90.0));
    // Seen when it left; 140 kWh of 350 are 40 %, and it should have been back an hour ago.
    let run = yard.run(vehicle, -5, -1, 140);
    yard.run_mut(run).state = RunState::Departed;
    let left = morning() - hours(5);
    yard.vehicle(vehicle).soc.as_mut().unwrap().at = left;
    assert!((seen(&yard, vehicle)[0].3 - 50.0).abs() < 0.01, "{:?}", seen(&yard, vehicle));
    // Seen when half of it was over, the other half is still to come off.
    yard.vehicle(vehicle).soc.as_mut().unwrap().at = left + hours(2);
    assert!((seen(&yard, vehicle)[0].3 - 70.0).abs() < 0.01, "{:?}", seen(&yard, vehicle));
}
