//! A planning problem as its JSON has it.

use kernel::{Invalid, Soc, W, Wh};
use serde::Deserialize;

use super::check::{self, Index};
use crate::plan::{
    curve::Battery,
    problem::{CircuitRoom, DEEPEST, Demand, DemandTarget, Horizon, Problem, Tariff},
};

#[derive(Deserialize)]
pub(super) struct Instance {
    pub(super) format: String,
    pub(super) name: String,
    pub(super) slots: usize,
    pub(super) slot_minutes: u16,
    pub(super) tariff: Prices,
    pub(super) circuits: Vec<Circuit>,
    pub(super) chargers: Vec<Charger>,
    pub(super) vehicles: Vec<Vehicle>,
    #[serde(default)]
    pub(super) base_load: Vec<BaseLoad>,
}

#[derive(Deserialize)]
pub(super) struct Prices {
    pub(super) energy_eur_per_kwh: Vec<f64>,
    #[serde(default)]
    pub(super) demand_eur_per_kw: f64,
    #[serde(default)]
    pub(super) peak_so_far_kw: f64,
    /// A peak to keep for money's sake.
    pub(super) demand_target_kw: Option<f64>,
    #[serde(default)]
    pub(super) may_break_demand_target: bool,
}

#[derive(Deserialize)]
pub(super) struct Circuit {
    pub(super) id: String,
    pub(super) parent: Option<String>,
    pub(super) limit_kw: f64,
    pub(super) limit_profile_kw: Option<Vec<f64>>,
}

#[derive(Deserialize)]
pub(super) struct Charger {
    pub(super) id: String,
    pub(super) circuit: String,
    pub(super) max_kw: f64,
    #[serde(default)]
    pub(super) min_kw: f64,
}

#[derive(Deserialize)]
pub(super) struct Vehicle {
    pub(super) id: String,
    pub(super) charger: String,
    pub(super) arrival_slot: usize,
    pub(super) departure_slot: usize,
    pub(super) energy_kwh: f64,
    pub(super) energy_max_kwh: Option<f64>,
    pub(super) max_kw: f64,
    #[serde(default)]
    pub(super) min_kw: f64,
    pub(super) tier: u8,
    pub(super) battery_kwh: Option<f64>,
    pub(super) soc_arrival: Option<f64>,
    pub(super) efficiency: Option<f64>,
    /// Highest power from each state of charge (0 to 1) on.
    #[serde(default)]
    pub(super) curve: Vec<CurvePoint>,
    pub(super) precondition: Option<Precondition>,
}

#[derive(Deserialize)]
pub(super) struct CurvePoint {
    pub(super) soc: f64,
    pub(super) max_kw: f64,
}

/// Heating or cooling in the last slots before departure, besides charging.
#[derive(Deserialize)]
pub(super) struct Precondition {
    pub(super) kw: f64,
    pub(super) slots: usize,
}

#[derive(Deserialize)]
pub(super) struct BaseLoad {
    pub(super) circuit: String,
    pub(super) kw: Vec<f64>,
}

impl Instance {
    /// The problem, and by demand the vehicle it belongs to.
    pub(super) fn problem(&self) -> Result<(Problem, Vec<usize>), Invalid> {
        let mut invalid = Invalid::default();
        let (circuits, chargers) = check::all(self, &mut invalid);
        invalid.into_result()?;
        let base = self.base(&circuits);
        let site = self.circuits.iter().position(|circuit| circuit.parent.is_none()).unwrap_or_default();
        let tree = self.circuits.iter().zip(&base).map(|(circuit, base)| circuit.room(&circuits, base));
        let mut demands = Vec::with_capacity(self.vehicles.len());
        let mut owners = Vec::with_capacity(self.vehicles.len());
        for (owner, vehicle) in self.vehicles.iter().enumerate() {
            let charger = &self.chargers[chargers[&*vehicle.charger]];
            for demand in vehicle.demands(charger, circuits[&*charger.circuit]) {
                demands.push(demand);
                owners.push(owner);
            }
        }
        let horizon = Horizon { slots: self.slots, slot_minutes: self.slot_minutes };
        let tariff = self.tariff.tariff(&base[site]);
        let problem = Problem::new(horizon, tree.collect(), demands, tariff);
        let problem = problem.map_err(|error| Invalid::one("", "impossible", error.to_string()))?;
        Ok((problem, owners))
    }

    /// The uncontrolled load through every circuit, that of its children included.
    fn base(&self, circuits: &Index<'_>) -> Vec<Vec<f64>> {
        let mut base = vec![vec![0.0; self.slots]; self.circuits.len()];
        for load in &self.base_load {
            let mut at = circuits.get(&*load.circuit).copied();
            // A way to the grid that is too long, or has no end, is found later, with the tree.
            for _ in 0..=DEEPEST {
                let Some(circuit) = at else { break };
                base[circuit].iter_mut().zip(&load.kw).for_each(|(base, load)| *base += load);
                at = self.circuits[circuit]
                    .parent
                    .as_ref()
                    .and_then(|parent| circuits.get(&**parent).copied());
            }
        }
        base
    }
}

impl Circuit {
    fn room(&self, circuits: &Index<'_>, base: &[f64]) -> CircuitRoom {
        let limit = |slot: usize| {
            let profile = self.limit_profile_kw.as_ref().and_then(|profile| profile.get(slot));
            profile.map_or(self.limit_kw, |profile| profile.min(self.limit_kw))
        };
        let room = base.iter().enumerate().map(|(slot, base)| down(limit(slot) - base));
        let parent = self.parent.as_ref().and_then(|parent| circuits.get(&**parent).copied());
        CircuitRoom { parent, room: room.collect() }
    }
}

impl Vehicle {
    /// What it charges, and what it is preconditioned with.
    fn demands(&self, charger: &Charger, circuit: usize) -> Vec<Demand> {
        let stay = self.departure_slot - self.arrival_slot;
        let need = Wh::from_kilo(self.energy_kwh);
        let room = self.energy_max_kwh.map_or(need, Wh::from_kilo);
        let mut charging = Demand {
            circuit,
            arrival: self.arrival_slot,
            departure: self.departure_slot,
            tier: self.tier,
            need: need.min(room),
            spare: (room - need).at_least_zero(),
            most: vec![down(self.max_kw.min(charger.max_kw)); stay],
            least: vec![W::from_kilo(self.min_kw.max(charger.min_kw)); stay],
            battery: self.battery(),
        };
        let Some(precondition) = &self.precondition else { return vec![charging] };
        let power = W::from_kilo(precondition.kw).min(down(charger.max_kw));
        let left = down(charger.max_kw) - power;
        let slots = precondition.slots.min(stay);
        charging.most[stay - slots..].iter_mut().for_each(|most| *most = left.min(*most));
        if slots == 0 {
            return vec![charging];
        }
        let conditioning = Demand {
            arrival: self.departure_slot - slots,
            spare: Wh::ZERO,
            most: vec![power; slots],
            least: vec![W::ZERO; slots],
            battery: None,
            ..charging.clone()
        };
        vec![charging, conditioning]
    }

    fn battery(&self) -> Option<Battery> {
        if self.curve.is_empty() {
            return None;
        }
        let mut curve: Vec<(Soc, W)> =
            self.curve.iter().map(|point| (share(point.soc), down(point.max_kw))).collect();
        curve.sort_unstable();
        Some(Battery {
            capacity: Wh::from_kilo(self.battery_kwh?),
            arrival: share(self.soc_arrival?),
            efficiency: per_mille(self.efficiency.unwrap_or(1.0)),
            curve,
        })
    }
}

impl Prices {
    fn tariff(&self, unmanaged: &[f64]) -> Tariff {
        let target = self
            .demand_target_kw
            .map(|peak| DemandTarget { peak: down(peak), may_be_broken: self.may_break_demand_target });
        Tariff {
            energy: self.energy_eur_per_kwh.iter().map(|price| micros(*price)).collect(),
            demand: micros(self.demand_eur_per_kw),
            peak_so_far: down(self.peak_so_far_kw),
            unmanaged: unmanaged.iter().map(|load| W::from_kilo(*load)).collect(),
            target,
        }
    }
}

/// Watts, rounded down but for the noise of binary fractions.
fn down(kilowatts: f64) -> W {
    W(W::from_kilo(kilowatts * 1000.0).get().div_euclid(1000))
}

/// Millionths, to the nearest.
fn micros(amount: f64) -> i64 {
    W::from_kilo(amount * 1000.0).get()
}

fn share(soc: f64) -> Soc {
    Soc::from_percent(soc * 100.0).unwrap_or_default()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be up to 1")]
fn per_mille(share: f64) -> u16 {
    (share * 1000.0).round() as u16
}
