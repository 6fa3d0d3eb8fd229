//! What a night cost, and who was ready.

use std::{collections::BTreeMap, fmt::Write};

use chrono::TimeDelta;
use kernel::Timestamp;

use crate::{
    clock::SLOT,
    optimum::Optimum,
    scene::Scene,
    tariff::{DEMAND, price},
};

/// A state of charge that lacks less than this is there: vehicles tell no more.
const WHOLE: f64 = 0.0005;

/// How a night went.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    pub rule: &'static str,
    pub runs: usize,
    /// Runs that left with what they needed.
    pub ready: usize,
    /// Runs of which the product said at their departure that they were ready.
    pub told_ready: usize,
    /// Kilowatt-hours that batteries lacked at their departure.
    pub lacking_kwh: f64,
    /// From the grid.
    pub energy_kwh: f64,
    pub energy_cost: f64,
    /// Of the highest quarter of an hour, others included.
    pub peak_kw: f64,
    pub demand_cost: f64,
    /// By how much the connection or a panel was ever exceeded.
    pub excess_kw: f64,
}

impl Score {
    pub fn cost(&self) -> f64 {
        self.energy_cost + self.demand_cost
    }
}

/// Sums of a running night.
pub(crate) struct Tally<'a> {
    scene: &'a Scene,
    quarters: BTreeMap<i64, f64>,
    energy_kwh: f64,
    energy_cost: f64,
    excess_kw: f64,
    left_with: BTreeMap<usize, f64>,
    told_ready: usize,
}

impl<'a> Tally<'a> {
    pub(crate) fn new(scene: &'a Scene) -> Self {
        Self {
            scene,
            quarters: BTreeMap::new(),
            energy_kwh: 0.0,
            energy_cost: 0.0,
            excess_kw: 0.0,
            left_with: BTreeMap::new(),
            told_ready: 0,
        }
    }

    /// Adds what each place drew from an instant on, in kilowatt-hours; no quarter ends meanwhile.
    pub(crate) fn drawn(&mut self, from: Timestamp, time: TimeDelta, kwh: &[f64]) {
        let total: f64 = kwh.iter().sum();
        let hours = time.as_seconds_f64() / 3_600.0;
        *self.quarters.entry(from.timestamp().div_euclid(SLOT.num_seconds())).or_default() +=
            total + self.scene.unmanaged_kw * hours;
        self.energy_kwh += total;
        self.energy_cost += total * millionths(price(from));
        let mut panels = vec![0.0; self.scene.panels()];
        kwh.iter().zip(&self.scene.chargers).for_each(|(kwh, charger)| panels[charger.panel] += kwh / hours);
        let over_site = total / hours + self.scene.unmanaged_kw - self.scene.usable_kw();
        let over_panels = panels.into_iter().map(|kw| kw - self.scene.panel_kw);
        self.excess_kw = over_panels.fold(self.excess_kw.max(over_site), f64::max);
    }

    /// A vehicle left, with so much charge; `thought` is what the product thought of its run.
    pub(crate) fn departed(&mut self, place: usize, soc: f64, thought: &str) {
        self.left_with.insert(place, soc);
        self.told_ready += usize::from(thought == "ready");
    }

    /// The sums at the end.
    pub(crate) fn score(self, rule: &'static str) -> Score {
        let duties = self.scene.duties.iter().enumerate();
        let lacks = duties.map(|(place, duty)| {
            let soc = self.left_with.get(&place).copied().unwrap_or_default();
            (duty.needed.to_percent() / 100.0 - soc, duty.battery_kwh)
        });
        let lacks: Vec<(f64, f64)> = lacks.collect();
        let hours = SLOT.as_seconds_f64() / 3_600.0;
        let peak_kw = self.quarters.values().fold(0.0, |peak: f64, kwh| peak.max(kwh / hours));
        Score {
            rule,
            runs: lacks.len(),
            ready: lacks.iter().filter(|(lack, _)| *lack <= WHOLE).count(),
            told_ready: self.told_ready,
            lacking_kwh: lacks.iter().map(|(lack, kwh)| if *lack > WHOLE { lack * kwh } else { 0.0 }).sum(),
            energy_kwh: self.energy_kwh,
            energy_cost: self.energy_cost,
            peak_kw,
            demand_cost: peak_kw * millionths(DEMAND),
            excess_kw: self.excess_kw,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "prices are small")]
fn millionths(price: i64) -> f64 {
    price as f64 / 1e6
}

/// Nights beside their optimum.
pub fn table(scene: &Scene, optimum: &Optimum, scores: &[Score]) -> String {
    let mut text = format!(
        "{} night, {} vehicles, {:.0} kW connection ({:.0} kW of others)\n\
         {:<12} {:>7} {:>8} {:>9} {:>8} {:>9} {:>9} {:>9} {:>7} {:>7}\n",
        scene.night.name(),
        scene.duties.len(),
        scene.connection_kw,
        scene.unmanaged_kw,
        "",
        "ready",
        "lack kWh",
        "grid kWh",
        "peak kW",
        "energy €",
        "demand €",
        "total €",
        "cost",
        "peak",
    );
    let mut row = |name: &str, ready: String, lack: f64, energy: f64, peak: f64, costs: (f64, f64)| {
        let total = costs.0 + costs.1;
        let _ = writeln!(
            text,
            "{name:<12} {ready:>7} {lack:>8.1} {energy:>9.1} {peak:>8.1} {:>9.2} {:>9.2} {total:>9.2} {:>7.3} {:>7.3}",
            costs.0,
            costs.1,
            total / optimum.cost(),
            peak / optimum.peak_kw,
        );
    };
    row(
        "optimum",
        format!("{}", scene.duties.len()),
        optimum.lacking_kwh,
        optimum.energy_kwh,
        optimum.peak_kw,
        (optimum.energy_cost, optimum.demand_cost),
    );
    for score in scores {
        row(
            score.rule,
            format!("{}/{}", score.ready, score.runs),
            score.lacking_kwh,
            score.energy_kwh,
            score.peak_kw,
            (score.energy_cost, score.demand_cost),
        );
    }
    text
}
