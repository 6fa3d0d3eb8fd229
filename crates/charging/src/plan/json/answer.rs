//! A plan as its JSON tells it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    PLAN,
    instance::{Instance, Vehicle},
};
use crate::plan::{
    outcome::{Plan, Shortfall, TargetKept, WattMinutes},
    problem::Problem,
};

#[derive(Serialize)]
pub(super) struct Answer<'a> {
    format: &'static str,
    instance: &'a str,
    power_kw: BTreeMap<&'a str, Vec<f64>>,
    unmet: Vec<Unmet<'a>>,
    figures: Figures,
    demand_target: Option<Target>,
}

#[derive(Serialize)]
struct Unmet<'a> {
    vehicle: &'a str,
    unmet_kwh: f64,
    /// The part that it could not take at full power all the time.
    beyond_power_kwh: f64,
    reason: &'static str,
    circuits: Vec<Full<'a>>,
}

/// A circuit without room, in the slots that would help.
#[derive(Serialize)]
struct Full<'a> {
    circuit: &'a str,
    slots: Vec<usize>,
}

#[derive(Serialize)]
struct Figures {
    unmet_kwh: f64,
    energy_cost: f64,
    demand_cost: f64,
    peak_kw: f64,
    slots_below_min_kw: usize,
}

#[derive(Serialize)]
struct Target {
    target_kw: f64,
    excess_kw: f64,
    excess_cost: f64,
}

impl<'a> Answer<'a> {
    pub(super) fn of(instance: &'a Instance, problem: &Problem, owners: &[usize], plan: &Plan) -> Self {
        let mut energy = vec![vec![0; instance.slots]; instance.vehicles.len()];
        for (slots, &owner) in plan.energy.iter().zip(owners) {
            slots.iter().zip(&mut energy[owner]).for_each(|(energy, sum)| *sum += energy.0);
        }
        let power = |slots: Vec<i64>| {
            let power =
                slots.into_iter().map(|energy| WattMinutes(energy).to_kilowatts(instance.slot_minutes));
            power.map(|power| (power * 1e6).round() / 1e6).collect()
        };
        let powers =
            instance.vehicles.iter().zip(energy).map(|(vehicle, slots)| (&*vehicle.id, power(slots)));
        let power_kw = powers.collect();
        let unmet = unmet(instance, problem, owners, plan);
        let figures = Figures {
            unmet_kwh: sum(unmet.iter().map(|unmet| unmet.unmet_kwh)),
            energy_cost: money(plan.bill.energy),
            demand_cost: money(plan.bill.demand),
            peak_kw: plan.bill.peak.to_kilo(),
            slots_below_min_kw: plan.below_least,
        };
        let demand_target = plan.target.as_ref().map(Target::of);
        Self { format: PLAN, instance: &instance.name, power_kw, unmet, figures, demand_target }
    }
}

impl Target {
    fn of(kept: &TargetKept) -> Self {
        Self {
            target_kw: kept.target.to_kilo(),
            excess_kw: kept.excess.to_kilo(),
            excess_cost: money(kept.cost),
        }
    }
}

/// By vehicle: what its demands lack together, and what its battery has no room for.
fn unmet<'a>(instance: &'a Instance, problem: &Problem, owners: &[usize], plan: &Plan) -> Vec<Unmet<'a>> {
    let mut by_vehicle: BTreeMap<usize, Vec<&Shortfall>> = BTreeMap::new();
    for shortfall in &plan.shortfalls {
        by_vehicle.entry(owners[shortfall.demand]).or_default().push(shortfall);
    }
    for (at, vehicle) in instance.vehicles.iter().enumerate() {
        if vehicle.beyond_battery() > 0.0 {
            by_vehicle.entry(at).or_default();
        }
    }
    let rows = by_vehicle.into_iter().map(|(at, shortfalls)| {
        let vehicle = &instance.vehicles[at];
        let lacking = sum(shortfalls.iter().map(|shortfall| shortfall.unmet.to_kilowatt_hours()));
        let beyond = shortfalls.iter().map(|shortfall| shortfall.beyond_power.to_kilowatt_hours());
        let bindings = shortfalls.iter().flat_map(|shortfall| &shortfall.binding);
        let reason = match shortfalls.first() {
            None => "battery_full",
            Some(first) if first.binding.is_empty() || first.beyond_power == first.unmet => "vehicle_power",
            Some(first) if first.binding.iter().any(|binding| binding.target) => "demand_target",
            Some(_) => "circuit_limit",
        };
        let circuits = bindings.map(|binding| Full {
            circuit: &instance.circuits[binding.circuit].id,
            slots: binding.slots.clone(),
        });
        let unmet_kwh = lacking + vehicle.beyond_battery();
        Unmet {
            vehicle: &vehicle.id,
            unmet_kwh,
            beyond_power_kwh: sum(beyond),
            reason,
            circuits: circuits.collect(),
        }
    });
    debug_assert_eq!(owners.len(), problem.demands().len(), "every demand has an owner");
    rows.collect()
}

impl Vehicle {
    /// What is wanted and cannot fit, in kWh.
    fn beyond_battery(&self) -> f64 {
        self.energy_max_kwh.map_or(0.0, |most| (self.energy_kwh - most).max(0.0))
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
fn money(micros: i64) -> f64 {
    micros as f64 / 1e6
}

/// From zero on: the sum of nothing would be minus zero.
fn sum(numbers: impl Iterator<Item = f64>) -> f64 {
    numbers.fold(0.0, |sum, number| sum + number)
}
