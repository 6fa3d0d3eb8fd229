//! What the plan says of vehicles and runs, and why.

use charging::{Setpoint, outlook::SLOT_MINUTES};
use chrono::TimeDelta;
use depot::{Price, PriceBand, WeekBand, Weekdays};
use dispatch::{Cause, ReadinessState};
use kernel::{PriorityLevel, W, Wh};
use priority::{Effective, Source};
use vehicle::Precondition;

use super::yard::{Yard, hours, morning, percent, reading};

#[test]
fn who_has_time_is_ready_before_it_leaves() {
    let mut yard = Yard::new();
    let vehicle = yard.plugged_in(40.0);
    // 50 % of 350 kWh and 10 % to be left: 20 % or 70 kWh are missing, 77.8 kWh at the grid.
    let run = yard.run(vehicle, 8, 12, 175);
    let (found, _) = yard.planned();
    let plan = &found.plan.vehicles[0];
    assert_eq!((plan.need, plan.unmet, plan.run), (Wh(77_778), Wh(0), Some(run)));
    assert_eq!(plan.predicted_soc, Some(percent(60.0)));
    // Nothing costs anything, so it charges at once: 77 kWh at 22 kW, the rest with the charger's least.
    let ready = plan.ready_at.unwrap() - morning();
    assert_eq!(ready.num_minutes(), 225);
    let readiness = yard.judged(run);
    assert_eq!((readiness.state, readiness.cause), (ReadinessState::OnTrack, None));
    // The state of charge rises with the plan.
    let socs = plan.soc_by_slot(&found.plan.grid());
    assert!(socs.is_sorted_by_key(|(_, soc)| *soc) && socs.last().unwrap().1 >= percent(59.9));
    assert_eq!(found.plan.power_of(vehicle, morning() + hours(1)), Some(W(22_000)));
    assert_eq!(found.plan.power_of(vehicle, morning() + hours(5)), Some(W(0)));
}

#[test]
fn a_run_that_cannot_be_met_names_the_circuit_that_is_full() {
    let mut yard = Yard::new();
    let panel = yard.panel(W(10_000));
    let evse = yard.charger_with(|charger| charger.circuit = Some(panel.id));
    let vehicle = yard.bus(Some(40.0));
    yard.plug(vehicle, evse);
    let run = yard.run(vehicle, 4, 12, 175);
    let (found, _) = yard.planned();
    let plan = &found.plan.vehicles[0];
    // 40 of 77.8 kWh.
    assert_eq!(plan.unmet, Wh(37_778));
    let full = plan.binding[0];
    assert_eq!((full.circuit, full.from, full.to), (panel.id, morning(), morning() + hours(4)));
    let readiness = yard.judged(run);
    assert_eq!((readiness.state, readiness.cause), (ReadinessState::WillMiss, Some(Cause::CircuitLimit)));
    assert_eq!(readiness.predicted_soc, Some(percent(50.28)));
    assert_eq!(readiness.shortfall, Wh(34_020));
}

#[test]
fn what_nobody_can_charge_in_the_time_is_the_limit_of_its_power() {
    let mut yard = Yard::new();
    let vehicle = yard.plugged_in(10.0);
    let run = yard.run(vehicle, 2, 12, 300);
    let readiness = yard.judged(run);
    assert_eq!((readiness.state, readiness.cause), (ReadinessState::WillMiss, Some(Cause::PowerLimit)));
    // One that came an hour later than its run said would have made it.
    let earlier = yard.run(vehicle, -20, -14, 10);
    yard.run_mut(earlier).state = dispatch::RunState::Departed;
    assert_eq!(yard.judged(run).cause, Some(Cause::LateArrival));
}

#[test]
fn a_target_for_the_peak_holds_or_gives_way_as_the_depot_says() {
    let mut yard = Yard::new();
    let vehicle = yard.plugged_in(40.0);
    let run = yard.run(vehicle, 4, 12, 175);
    // Nothing is to be charged after the run.
    yard.vehicle(vehicle).target_soc = percent(10.0);
    let tariff = yard.tariff("0.20");
    tariff.demand_charge = Some(Price::parse("10").unwrap());
    tariff.demand_target = Some(W(12_000));
    let readiness = yard.judged(run);
    assert_eq!((readiness.state, readiness.cause), (ReadinessState::WillMiss, Some(Cause::DemandTarget)));
    let kept = yard.outlook().plan;
    assert!(kept.charging.iter().all(|power| *power <= W(12_000)));
    assert_eq!(kept.target.unwrap().excess, W(0));

    yard.sight.tariff.as_mut().unwrap().may_break_demand_target = true;
    let broken = yard.outlook().plan;
    assert_eq!(broken.unmet(), Wh(0));
    // 77.8 kWh until a quarter of an hour before it leaves need 20.741 kW.
    let target = broken.target.unwrap();
    assert_eq!((target.excess, target.cost), (W(8_741), 87_410_000));
    assert_eq!(yard.judged(run).state, ReadinessState::OnTrack);

    // A wire is never overloaded for it.
    yard.tree(|nodes| nodes[0].circuit.limit.power = Some(W(15_000)));
    let limited = yard.outlook().plan;
    assert!(limited.charging.iter().all(|power| *power <= W(15_000)));
    assert_eq!(yard.judged(run).cause, Some(Cause::CircuitLimit));
}

#[test]
fn no_peak_is_saved_that_chargers_cannot_keep() {
    let mut yard = Yard::new();
    let vehicle = yard.plugged_in(85.0);
    yard.sight.history.peak = W(1_000);
    yard.tariff("0.20").demand_charge = Some(Price::parse("10").unwrap());
    // 19.4 kWh in 27 hours would be 0.7 kW, but the charger gives 4.14 at least.
    let plan = yard.outlook().plan;
    let power = &plan.vehicles[0].power;
    // 18.8 slots: what is left of the last one has no place beside others.
    assert_eq!(power.iter().filter(|power| **power == W(4_140)).count(), 18, "{power:?}");
    assert_eq!(power.iter().filter(|power| (1..4_140).contains(&power.get())).count(), 1, "{power:?}");
    assert_eq!((plan.vehicles[0].vehicle, plan.bill.peak, plan.unmet()), (vehicle, W(4_140), Wh(0)));
    assert_eq!(plan.bill.demand, 31_400_000);
}

#[test]
fn cheap_hours_are_used_and_paid_exactly() {
    let mut yard = Yard::new();
    let vehicle = yard.plugged_in(40.0);
    yard.run(vehicle, 14, 20, 175);
    let tariff = yard.tariff("0.30");
    // 13:00 to 17:00 in Berlin is 12:00 to 16:00 UTC.
    let noon = WeekBand::new(Weekdays::ALL, "13:00".parse().unwrap(), "17:00".parse().unwrap()).unwrap();
    tariff.bands = vec![PriceBand { name: None, band: noon, price: Price::parse("0.10").unwrap() }];
    let plan = yard.outlook().plan;
    let charged: Vec<usize> = plan.vehicles[0]
        .power
        .iter()
        .enumerate()
        .filter(|(_, power)| **power > W(0))
        .map(|(slot, _)| slot)
        .collect();
    assert!(charged.iter().all(|slot| (16..32).contains(slot)), "{charged:?}");
    // The stay after the run is charged as well, in the cheap hours that the horizon has left.
    let energy: i64 = plan.charging.iter().take(32).map(|power| power.get() / 4).sum();
    assert!((77_700..77_900).contains(&energy));
    assert_eq!(plan.bill.currency.as_deref(), Some("EUR"));
    assert!(plan.bill.energy >= energy * 100);
}

#[test]
fn the_more_important_is_served_first_whatever_gave_it_its_level() {
    let mut yard = Yard::new();
    yard.tree(|nodes| nodes[0].circuit.limit.power = Some(W(22_000)));
    let (first, second) = (yard.plugged_in(40.0), yard.plugged_in(40.0));
    let (one, two) = (yard.run(first, 4, 12, 175), yard.run(second, 4, 12, 175));
    let level = |level| PriorityLevel::new(level).unwrap();
    yard.vehicle(first).priority_level = level(2);
    let states = |yard: &Yard| [one, two].map(|run| yard.judged(run).state);
    assert_eq!(states(&yard), [ReadinessState::OnTrack, ReadinessState::WillMiss]);
    // The run's own level wins over the vehicle's, and an override over both.
    yard.run_mut(two).priority_level = Some(level(1));
    assert_eq!(states(&yard), [ReadinessState::WillMiss, ReadinessState::OnTrack]);
    let over = Effective { level: level(1), source: Source::Override(yard.ids_uuid().into()), because: None };
    yard.sight.priorities.insert(first, over);
    yard.run_mut(two).priority_level = Some(level(2));
    assert_eq!(states(&yard), [ReadinessState::OnTrack, ReadinessState::WillMiss]);
}

#[test]
fn what_is_unknown_is_said_and_planned_for_the_worse() {
    let mut yard = Yard::new();
    let (vehicle, evse) = (yard.bus(None), yard.charger());
    yard.plug(vehicle, evse).energy = Wh(0);
    let run = yard.run(vehicle, 12, 20, 175);
    // 77.8 kWh are another 20 %.
    yard.sight.sessions[0].energy = Wh(77_780);
    assert_eq!(yard.outlook().plan.vehicles[0].need, Wh(77_778));
    yard.sight.sessions[0].energy = Wh(0);
    let plan = yard.outlook().plan;
    // From 20 % to 60 %.
    assert_eq!((plan.vehicles[0].need, plan.vehicles[0].predicted_soc), (Wh(155_556), None));
    assert!(plan.vehicles[0].soc_by_slot(&plan.grid()).is_empty());
    let readiness = yard.judged(run);
    assert_eq!((readiness.state, readiness.cause), (ReadinessState::AtRisk, Some(Cause::SocUnknown)));
}

#[test]
fn troubles_at_the_charger_are_named() {
    let mut yard = Yard::new();
    let (vehicle, evse) = (yard.bus(Some(40.0)), yard.charger());
    let run = yard.run(vehicle, 8, 12, 175);
    assert_eq!(yard.judged(run).cause, Some(Cause::NotPluggedIn));
    assert_eq!(yard.judged(run).state, ReadinessState::AtRisk);
    yard.plug(vehicle, evse);
    yard.charger_mut(evse).live.online = false;
    let readiness = yard.judged(run);
    assert_eq!((readiness.state, readiness.cause), (ReadinessState::AtRisk, Some(Cause::ChargerOffline)));
    // What it may draw is kept free.
    assert_eq!(yard.outlook().circuits[0].unmanaged[0], W(22_000));
    yard.charger_mut(evse).live.online = true;
    yard.fault(evse);
    let readiness = yard.judged(run);
    assert_eq!((readiness.state, readiness.cause), (ReadinessState::WillMiss, Some(Cause::ChargerFaulted)));
    yard.charger();
    assert_eq!(yard.judged(run).state, ReadinessState::AtRisk, "it can be moved");
    yard.vehicle(vehicle).soc.as_mut().unwrap().soc = percent(80.0);
    assert_eq!(yard.judged(run).state, ReadinessState::Ready);
}

#[test]
fn a_slow_vehicle_is_foretold_by_what_it_draws() {
    let mut yard = Yard::new();
    let (vehicle, evse) = (yard.bus(Some(40.0)), yard.charger());
    yard.plug(vehicle, evse).latest = reading(7_000, Some(40.0));
    let run = yard.run(vehicle, 8, 12, 175);
    assert_eq!(yard.judged(run).state, ReadinessState::OnTrack);
    // It has been allowed 22 kW for five minutes, and draws seven.
    let (organisation, depot) = (yard.depot.organisation, yard.depot.id);
    let charger = yard.charger_mut(evse).id;
    let mut setpoint = Setpoint::unset(evse, organisation, depot, charger);
    setpoint.confirmed = Some(W(22_000));
    setpoint.confirmed_at = Some(morning() - TimeDelta::minutes(5));
    yard.sight.setpoints.insert(evse, setpoint.clone());
    let readiness = yard.judged(run);
    assert_eq!((readiness.state, readiness.cause), (ReadinessState::WillMiss, Some(Cause::PowerLimit)));
    // Told to draw no more than that, it cannot show that it could; it is believed for half an hour.
    let before = yard.outlook().plan;
    yard.sight.before = Some(before);
    setpoint.confirmed = Some(W(7_000));
    yard.sight.setpoints.insert(evse, setpoint.clone());
    assert_eq!(yard.judged(run).state, ReadinessState::WillMiss);
    yard.sight.sessions[0].latest = reading(9_000, Some(40.0));
    assert_eq!(yard.judged(run).state, ReadinessState::OnTrack, "it does draw more");
}

#[test]
fn who_draws_nothing_for_twenty_minutes_has_stalled() {
    let mut yard = Yard::new();
    let (vehicle, evse) = (yard.bus(Some(40.0)), yard.charger());
    yard.plug(vehicle, evse).latest = reading(0, Some(40.0));
    let run = yard.run(vehicle, 8, 12, 175);
    let (organisation, depot) = (yard.depot.organisation, yard.depot.id);
    let charger = yard.charger_mut(evse).id;
    let mut setpoint = Setpoint::unset(evse, organisation, depot, charger);
    setpoint.confirmed = Some(W(22_000));
    setpoint.confirmed_at = Some(morning() - TimeDelta::minutes(30));
    yard.sight.setpoints.insert(evse, setpoint);
    assert_eq!(yard.judged(run).state, ReadinessState::OnTrack);
    yard.sight.before = Some(yard.outlook().plan);
    yard.sight.now = morning() + TimeDelta::minutes(20);
    yard.sight.sessions[0].latest.as_mut().unwrap().at = yard.sight.now;
    let readiness = yard.judged(run);
    assert_eq!((readiness.state, readiness.cause), (ReadinessState::AtRisk, Some(Cause::StalledCharging)));
}

#[test]
fn preconditioning_has_its_power_beside_the_charging() {
    let mut yard = Yard::new();
    let vehicle = yard.plugged_in(40.0);
    yard.vehicle(vehicle).precondition = Some(Precondition { power: W(10_000), minutes: 30 });
    // 77.8 kWh take 14.1 of 16 slots at 22 kW: the last two have 12 kW left for charging.
    yard.run(vehicle, 4, 12, 175);
    let plan = yard.outlook().plan;
    let power = &plan.vehicles[0].power;
    assert!(
        power[14] >= W(10_000) && power[15] >= W(10_000) && power.iter().all(|power| *power <= W(22_000))
    );
    assert_eq!(plan.unmet(), Wh(0));
    // What it is preconditioned with is no charge.
    let socs = plan.vehicles[0].soc_by_slot(&plan.grid());
    assert_eq!(socs.last().unwrap().1.to_percent().round(), 60.0);
}

#[test]
fn a_dc_battery_tapers_above_four_fifths() {
    let mut yard = Yard::new();
    yard.tree(|nodes| nodes[0].circuit.limit.power = Some(W(200_000)));
    let (vehicle, evse) = (yard.bus(Some(70.0)), yard.fast_charger(W(150_000)));
    yard.plug(vehicle, evse);
    let run = yard.run(vehicle, 1, 12, 315);
    let plan = yard.outlook().plan;
    let power = &plan.vehicles[0].power[..4];
    assert!(
        power[0] == W(150_000) && power[1] < W(150_000) && power.is_sorted_by(|a, b| a >= b),
        "{power:?}"
    );
    let readiness = yard.judged(run);
    assert_eq!((readiness.state, readiness.cause), (ReadinessState::WillMiss, Some(Cause::PowerLimit)));
}

#[test]
fn what_the_running_slot_has_seen_counts() {
    let mut yard = Yard::new();
    let (vehicle, evse) = (yard.bus(Some(40.0)), yard.charger());
    yard.plug(vehicle, evse).started_at = morning();
    yard.run(vehicle, 4, 12, 175);
    // Ten minutes at 22 kW.
    yard.sight.now = morning() + TimeDelta::minutes(10);
    yard.sight.drawn.insert(evse, Wh(3_667));
    yard.vehicle(vehicle).soc.as_mut().unwrap().at = yard.sight.now;
    let plan = yard.outlook().plan;
    let own = &plan.vehicles[0];
    // It goes on at full power, and the slot's mean is that of a whole one.
    assert!((21_990..=22_000).contains(&own.power[0].get()), "{}", own.power[0]);
    assert!((21_990..=22_001).contains(&plan.charging[0].get()), "{}", plan.charging[0]);
    assert_eq!(plan.slot_minutes, SLOT_MINUTES);
    // What is missing is missing from now on: 77.8 kWh.
    let ahead = own.energy_until(&plan.grid(), own.departure_at);
    assert!((77_700..=77_800).contains(&ahead.get()), "{ahead}");
    let in_an_hour = own.energy_until(&plan.grid(), yard.sight.now + hours(1));
    assert!((21_980..=22_000).contains(&in_an_hour.get()), "{in_an_hour}");
}

#[test]
fn who_comes_in_the_middle_of_a_slot_does_not_add_to_its_peak() {
    let mut yard = Yard::new();
    let (first, evse) = (yard.bus(Some(40.0)), yard.charger());
    yard.plug(first, evse).started_at = morning();
    yard.run(first, 8, 12, 175);
    yard.tariff("0.20").demand_charge = Some(Price::parse("10").unwrap());
    // Ten minutes at nearly 11 kW, and then another one comes.
    yard.sight.now = morning() + TimeDelta::minutes(10);
    yard.sight.drawn.insert(evse, Wh(1_800));
    yard.vehicle(first).soc.as_mut().unwrap().at = yard.sight.now;
    let second = yard.plugged_in(40.0);
    yard.run(second, 8, 12, 175);
    let plan = yard.outlook().plan;
    assert_eq!(plan.charging.iter().copied().max(), Some(plan.bill.peak));
    assert_eq!(plan.unmet(), Wh(0));
}

#[test]
fn strangers_and_offline_chargers_take_room_and_a_depot_without_a_tree_has_all_it_wants() {
    let mut yard = Yard::new();
    let evse = yard.charger();
    yard.session(None, evse).latest = reading(11_000, None);
    let unmanaged = &yard.outlook().circuits[0].unmanaged;
    assert_eq!((unmanaged[0], unmanaged[7], unmanaged[8]), (W(11_000), W(11_000), W(0)));
    yard.tree(Vec::clear);
    let vehicle = yard.plugged_in(40.0);
    let run = yard.run(vehicle, 8, 12, 175);
    assert!(yard.outlook().circuits.is_empty());
    assert_eq!(yard.judged(run).state, ReadinessState::OnTrack);
}

#[test]
fn a_run_is_judged_once_after_its_departure() {
    let mut yard = Yard::new();
    let vehicle = yard.bus(Some(40.0));
    let run = yard.run(vehicle, -1, 4, 175);
    assert_eq!(yard.judged(run).state, ReadinessState::Missed);
    let readiness = yard.judged(run);
    yard.run_mut(run).readiness = readiness;
    assert!(yard.planned().1.is_empty());
    let nobody = yard.run(vehicle, 5, 6, 10);
    yard.run_mut(nobody).vehicle = None;
    assert_eq!(yard.judged(nobody).state, ReadinessState::Unassigned);
}

#[test]
fn who_comes_back_late_and_leaves_behind_the_horizon_is_left_to_a_later_plan() {
    let mut yard = Yard::new();
    let (vehicle, evse) = (yard.bus(Some(90.0)), yard.charger());
    yard.plug(vehicle, evse);
    // It is back an hour before the horizon ends, with next to nothing.
    let hours_ahead = (yard.sight.grid().ends_at() - morning()).num_hours();
    yard.run(vehicle, 1, hours_ahead - 1, 260);
    let plan = yard.outlook().plan;
    let later = plan.vehicles.iter().find(|stay| stay.run.is_none()).unwrap();
    assert_eq!((later.need, later.unmet), (Wh::ZERO, Wh::ZERO));
    assert_eq!(plan.unmet(), Wh::ZERO);
}
