//! What the night could have cost, had everything been known beforehand.

use charging::plan::{Battery, CircuitRoom, Demand, Horizon, Problem, Settings, Tariff, plan};
use kernel::{Soc, Timestamp, W, Wh};

use crate::{
    clock::SLOT,
    scene::{Duty, Scene},
    tariff::{DEMAND, price},
    yard::tapered,
};

/// The best plan in hindsight. Stays are cut to whole slots, and slivers below a charger's least
/// power are allowed: no night can be cheaper than with them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Optimum {
    pub lacking_kwh: f64,
    pub energy_kwh: f64,
    pub energy_cost: f64,
    pub peak_kw: f64,
    pub demand_cost: f64,
}

impl Optimum {
    pub fn cost(&self) -> f64 {
        self.energy_cost + self.demand_cost
    }
}

/// Finds it.
///
/// # Errors
/// Where the scene makes no problem.
pub fn optimum(scene: &Scene) -> anyhow::Result<Optimum> {
    let slots = usize::try_from((scene.ends_at - scene.begins_at).num_minutes() / SLOT.num_minutes())?;
    let room = |kw: f64| vec![W::from_kilo(kw); slots];
    let mut circuits = vec![CircuitRoom { parent: None, room: room(scene.usable_kw() - scene.unmanaged_kw) }];
    circuits.extend((0..scene.panels()).map(|_| CircuitRoom { parent: Some(0), room: room(scene.panel_kw) }));
    let demands = scene.duties.iter().zip(&scene.chargers).map(|(duty, charger)| {
        let (arrival, departure) = (slot(scene, duty.arrives_at, true), slot(scene, duty.departs_at, false));
        let most = W::from_kilo(charger.max_kw.min(duty.max_kw));
        Demand {
            circuit: 1 + charger.panel,
            arrival,
            departure,
            tier: duty.level,
            need: Wh::from_kilo(duty.need_kwh(charger.dc)),
            spare: Wh::ZERO,
            most: vec![most; departure - arrival],
            least: vec![W::from_kilo(charger.min_kw); departure - arrival],
            battery: charger.dc.then(|| battery(duty)),
        }
    });
    let begin = |slot: usize| i32::try_from(slot).map(|slot| scene.begins_at + SLOT * slot);
    let energy = (0..slots).map(|slot| Ok(price(begin(slot)?))).collect::<anyhow::Result<_>>()?;
    let tariff = Tariff {
        energy,
        demand: DEMAND,
        peak_so_far: W::ZERO,
        unmanaged: vec![W::from_kilo(scene.unmanaged_kw); slots],
        target: None,
    };
    let horizon = Horizon { slots, slot_minutes: u16::try_from(SLOT.num_minutes())? };
    let problem = Problem::new(horizon, circuits, demands.collect(), tariff)?;
    let best = plan(&problem, Settings { merge_slivers: false });
    let energy_kwh = best.energy.iter().flatten().map(|energy| energy.to_kilowatt_hours()).sum();
    Ok(Optimum {
        lacking_kwh: best.shortfalls.iter().map(|shortfall| shortfall.unmet.to_kilowatt_hours()).sum(),
        energy_kwh,
        energy_cost: millionths(best.bill.energy),
        peak_kw: best.bill.peak.to_kilo(),
        demand_cost: millionths(best.bill.demand),
    })
}

/// The slot that an instant lies in, or the one after it where it is not its beginning.
fn slot(scene: &Scene, at: Timestamp, up: bool) -> usize {
    let seconds = (at - scene.begins_at).num_seconds() + if up { SLOT.num_seconds() - 1 } else { 0 };
    usize::try_from(seconds.div_euclid(SLOT.num_seconds())).unwrap_or(0)
}

fn battery(duty: &Duty) -> Battery {
    let points = [0.0, 0.8, 1.0].map(|soc: f64| {
        (Soc::from_percent(soc * 100.0).unwrap_or_default(), W::from_kilo(duty.max_kw * tapered(soc)))
    });
    Battery {
        capacity: Wh::from_kilo(duty.battery_kwh),
        arrival: duty.arrives_with,
        efficiency: 940,
        curve: points.to_vec(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
fn millionths(money: i64) -> f64 {
    money as f64 / 1e6
}
