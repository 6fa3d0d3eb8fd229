//! Every value of an instance that cannot be, with a pointer to it.

use std::collections::HashMap;

use kernel::Invalid;

use super::{
    INSTANCE,
    instance::{Charger, Circuit, Instance, Vehicle},
};
use crate::plan::problem::{MOST_CELLS, MOST_SLOTS};

/// A gigawatt, or as many kWh.
const MOST_KILO: f64 = 1e6;
/// Per kWh or kW.
const MOST_EUR: f64 = 1e5;

/// Positions by name.
pub(super) type Index<'a> = HashMap<&'a str, usize>;

/// Checks everything; positions of circuits and chargers.
pub(super) fn all<'a>(instance: &'a Instance, invalid: &mut Invalid) -> (Index<'a>, Index<'a>) {
    if instance.format != INSTANCE {
        invalid.push("/format", "unknown_format", format!("must be {INSTANCE}"));
    }
    invalid.range("/slots", instance.slots, 1, MOST_SLOTS);
    invalid.range("/slot_minutes", instance.slot_minutes, 1, 1440);
    let rows = (2 * instance.vehicles.len()).max(instance.circuits.len()).max(1);
    if instance.slots.saturating_mul(rows) > MOST_CELLS {
        invalid.push("/vehicles", "too_many", format!("vehicles × slots must be at most {}", MOST_CELLS / 2));
    }
    tariff(instance, invalid);
    let circuits = index(invalid, "circuits", instance.circuits.iter().map(|circuit| &*circuit.id));
    let chargers = index(invalid, "chargers", instance.chargers.iter().map(|charger| &*charger.id));
    index(invalid, "vehicles", instance.vehicles.iter().map(|vehicle| &*vehicle.id));
    tree(instance, &circuits, invalid);
    for (at, charger) in instance.chargers.iter().enumerate() {
        charger.check(at, &circuits, invalid);
    }
    for (at, vehicle) in instance.vehicles.iter().enumerate() {
        vehicle.check(at, instance.slots, &chargers, invalid);
    }
    taken(instance, invalid);
    for (at, load) in instance.base_load.iter().enumerate() {
        known(invalid, &format!("/base_load/{at}/circuit"), "circuit", &load.circuit, &circuits);
        series(invalid, &format!("/base_load/{at}/kw"), &load.kw, instance.slots, 0.0, MOST_KILO);
    }
    (circuits, chargers)
}

fn tariff(instance: &Instance, invalid: &mut Invalid) {
    let tariff = &instance.tariff;
    let prices = &tariff.energy_eur_per_kwh;
    series(invalid, "/tariff/energy_eur_per_kwh", prices, instance.slots, -MOST_EUR, MOST_EUR);
    invalid.range("/tariff/demand_eur_per_kw", tariff.demand_eur_per_kw, 0.0, MOST_EUR);
    invalid.range("/tariff/peak_so_far_kw", tariff.peak_so_far_kw, 0.0, MOST_KILO);
    if let Some(target) = tariff.demand_target_kw {
        invalid.range("/tariff/demand_target_kw", target, 0.0, MOST_KILO);
    }
}

/// Parents are known, one circuit has none, and every way ends there.
fn tree(instance: &Instance, circuits: &Index<'_>, invalid: &mut Invalid) {
    let roots = instance.circuits.iter().filter(|circuit| circuit.parent.is_none()).count();
    if roots != 1 {
        invalid.push("/circuits", "no_tree", format!("one circuit must have no parent, not {roots}"));
    }
    for (at, circuit) in instance.circuits.iter().enumerate() {
        circuit.check(at, instance.slots, circuits, invalid);
    }
}

impl Circuit {
    fn check(&self, at: usize, slots: usize, circuits: &Index<'_>, invalid: &mut Invalid) {
        if let Some(parent) = &self.parent {
            known(invalid, &format!("/circuits/{at}/parent"), "circuit", parent, circuits);
        }
        invalid.range(&format!("/circuits/{at}/limit_kw"), self.limit_kw, 0.0, MOST_KILO);
        if let Some(profile) = &self.limit_profile_kw {
            series(invalid, &format!("/circuits/{at}/limit_profile_kw"), profile, slots, 0.0, MOST_KILO);
        }
    }
}

impl Charger {
    fn check(&self, at: usize, circuits: &Index<'_>, invalid: &mut Invalid) {
        known(invalid, &format!("/chargers/{at}/circuit"), "circuit", &self.circuit, circuits);
        invalid.range(&format!("/chargers/{at}/max_kw"), self.max_kw, 0.0, MOST_KILO);
        invalid.range(&format!("/chargers/{at}/min_kw"), self.min_kw, 0.0, MOST_KILO);
    }
}

impl Vehicle {
    fn check(&self, at: usize, slots: usize, chargers: &Index<'_>, invalid: &mut Invalid) {
        let pointer = |field: &str| format!("/vehicles/{at}/{field}");
        known(invalid, &pointer("charger"), "charger", &self.charger, chargers);
        invalid.range(&pointer("departure_slot"), self.departure_slot, 1, slots.max(1));
        if self.arrival_slot >= self.departure_slot {
            invalid.push(pointer("arrival_slot"), "out_of_range", "must be before departure_slot");
        }
        invalid.range(&pointer("energy_kwh"), self.energy_kwh, 0.0, MOST_KILO);
        invalid.range(&pointer("energy_max_kwh"), self.energy_max_kwh.unwrap_or(0.0), 0.0, MOST_KILO);
        invalid.range(&pointer("max_kw"), self.max_kw, 0.0, MOST_KILO);
        invalid.range(&pointer("min_kw"), self.min_kw, 0.0, MOST_KILO);
        invalid.range(&pointer("tier"), self.tier, 1, 9);
        invalid.range(&pointer("battery_kwh"), self.battery_kwh.unwrap_or(1.0), 0.001, MOST_KILO);
        invalid.range(&pointer("soc_arrival"), self.soc_arrival.unwrap_or(0.0), 0.0, 1.0);
        invalid.range(&pointer("efficiency"), self.efficiency.unwrap_or(1.0), 0.001, 1.0);
        for (point, curve) in self.curve.iter().enumerate() {
            invalid.range(&pointer(&format!("curve/{point}/soc")), curve.soc, 0.0, 1.0);
            invalid.range(&pointer(&format!("curve/{point}/max_kw")), curve.max_kw, 0.0, MOST_KILO);
        }
        if !self.curve.is_empty() && self.battery_kwh.is_none() {
            invalid.push(pointer("battery_kwh"), "required", "a curve needs it");
        }
        if !self.curve.is_empty() && self.soc_arrival.is_none() {
            invalid.push(pointer("soc_arrival"), "required", "a curve needs it");
        }
        if let Some(precondition) = &self.precondition {
            invalid.range(&pointer("precondition/kw"), precondition.kw, 0.0, MOST_KILO);
        }
    }
}

/// No charger has two vehicles at a time.
fn taken(instance: &Instance, invalid: &mut Invalid) {
    let mut stays: Vec<(&str, usize, usize)> = Vec::new();
    for (at, vehicle) in instance.vehicles.iter().enumerate() {
        stays.push((&vehicle.charger, vehicle.arrival_slot, at));
    }
    stays.sort_unstable();
    for pair in stays.windows(2) {
        let [(charger, _, before), (next, arrival, at)] = pair else { continue };
        let there = &instance.vehicles[*before];
        if charger == next && there.departure_slot > *arrival {
            let detail = format!("vehicle {} is still there", there.id);
            invalid.push(format!("/vehicles/{at}/charger"), "taken", detail);
        }
    }
}

fn known(invalid: &mut Invalid, pointer: &str, what: &str, name: &str, index: &Index<'_>) {
    if !index.contains_key(name) {
        let code = if what == "circuit" { "unknown_circuit" } else { "unknown_charger" };
        invalid.push(pointer, code, format!("there is no {what} {name}"));
    }
}

/// As many numbers as slots, each in a range.
fn series(invalid: &mut Invalid, pointer: &str, numbers: &[f64], slots: usize, min: f64, max: f64) {
    if numbers.len() != slots {
        invalid.push(pointer, "wrong_length", format!("must have {slots} numbers, one a slot"));
    }
    for (at, number) in numbers.iter().enumerate() {
        invalid.range(&format!("{pointer}/{at}"), *number, min, max);
    }
}

/// Positions by name; a name that comes twice is an error.
fn index<'a>(invalid: &mut Invalid, list: &str, names: impl Iterator<Item = &'a str>) -> Index<'a> {
    let mut index = HashMap::new();
    for (at, name) in names.enumerate() {
        if index.insert(name, at).is_some() {
            invalid.push(format!("/{list}/{at}/id"), "duplicate", format!("{name} comes twice"));
        }
    }
    index
}
