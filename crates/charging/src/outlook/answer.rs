//! From what the planner answers to the plan of a depot.

use std::collections::BTreeMap;

use depot::Price;
use dispatch::Cause;
use kernel::{CircuitId, Timestamp, W, Wh};

use super::{
    grid::{Grid, SLOT_MINUTES},
    model::{
        CircuitOutlook, DepotOutlook, DepotPlan, FullCircuit, PlanCost, TargetOutlook, Trigger, VehiclePlan,
    },
    problem::{Asked, Question, prices},
    progress::is_stalled,
    sight::Sight,
};
use crate::plan::{Plan, Shortfall, WattMinutes};

/// Watt-minutes in a watt-hour.
const MINUTES: i64 = 60;

/// What the answer means for the depot. The stays come in the order of the question.
pub fn outlook(sight: &Sight, question: &Question<'_>, plan: &Plan, trigger: Trigger) -> DepotOutlook {
    let grid = question.grid;
    let mut energy = plan.energy.clone();
    let short: BTreeMap<usize, &Shortfall> =
        plan.shortfalls.iter().map(|short| (short.demand, short)).collect();
    let vehicles: Vec<VehiclePlan> =
        question.stays.iter().map(|asked| vehicle(sight, question, &short, &mut energy, asked)).collect();
    let circuits = circuits(sight, question, &energy);
    let charging = carried(question, &energy).into_iter().next().unwrap_or_default();
    let bill = bill(sight, &grid, plan, &charging);
    let target = sight.tariff.as_ref().zip(plan.target).map(|(tariff, kept)| TargetOutlook {
        target: kept.target,
        may_be_broken: tariff.may_break_demand_target,
        excess: kept.excess,
        cost: kept.cost,
    });
    let plan = DepotPlan {
        depot: sight.topology.depot.id,
        computed_at: grid.now,
        trigger,
        starts_at: grid.starts_at,
        slot_minutes: SLOT_MINUTES,
        slots: grid.slots,
        vehicles,
        charging,
        bill,
        target,
    };
    DepotOutlook { plan, circuits }
}

fn vehicle(
    sight: &Sight,
    question: &Question<'_>,
    shortfalls: &BTreeMap<usize, &Shortfall>,
    energy: &mut [Vec<WattMinutes>],
    asked: &Asked<'_>,
) -> VehiclePlan {
    let (grid, stay) = (&question.grid, &asked.stay);
    let taken = asked.battery.taken.get() * MINUTES;
    // The planner was asked for what lies ahead.
    if let Some(first) = asked.charging.and_then(|demand| energy[demand].first_mut()) {
        first.0 += taken;
    }
    let flow = |demand: Option<usize>, slot: usize| demand.map_or(0, |demand| energy[demand][slot].0);
    // What is still to be charged in a slot.
    let ahead = |slot: usize| {
        let all = flow(asked.charging, slot);
        if slot == 0 { all - taken } else { all }
    };
    let strength = stay.place.map_or(W::ZERO, |place| question.places[place].strength);
    let rate = |slot: usize| {
        let seconds = grid.seconds(slot, stay.from, stay.to);
        let energy = ahead(slot) + flow(asked.besides, slot);
        // Never above what the place can, whatever was rounded.
        W(energy * 60 / seconds.max(1)).min(strength)
    };
    let power: Vec<W> = (0..grid.slots).map(rate).collect();
    let charged: i64 = (0..grid.slots).map(ahead).sum::<i64>() + taken;
    let demands = [asked.charging, asked.besides].into_iter().flatten();
    let short: Vec<&Shortfall> = demands.filter_map(|demand| shortfalls.get(&demand).copied()).collect();
    let unmet = (asked.need.get() * MINUTES - charged).max(0) / MINUTES;
    let is_met = unmet <= 1;
    let reason = reason(sight, question, asked, &short, is_met);
    // An offline charger may go on or not: nobody knows.
    let unsteered = stay.is_here && stay.trouble == Some(Cause::ChargerOffline);
    let is_known = !asked.battery.assumed && !unsteered;
    let mut predicted = asked.battery.charged_with(Wh(charged / MINUTES));
    if is_met && asked.is_whole() {
        // Watt-hours lost to rounding are no shortfall.
        predicted = predicted.max(stay.needed.max(asked.battery.soc));
    }
    VehiclePlan {
        vehicle: stay.vehicle.id,
        evse: stay.place.map(|place| question.places[place].evse.id),
        run: stay.run.map(|run| run.id),
        tier: asked.tier,
        arrival_at: stay.from,
        departure_at: stay.to,
        need: asked.need,
        unmet: Wh(if is_met { 0 } else { unmet }),
        binding: short.iter().flat_map(|short| binding(sight, question, short)).collect(),
        ready_at: ready_at(grid, asked, is_met, &ahead),
        power,
        battery: asked.battery,
        predicted_soc: is_known.then_some(predicted),
        reason,
        progress: asked.progress,
    }
}

/// When the vehicle has what it needs: within the slot in which the last of it comes, by its power there.
fn ready_at(grid: &Grid, asked: &Asked<'_>, is_met: bool, ahead: &dyn Fn(usize) -> i64) -> Option<Timestamp> {
    let stay = &asked.stay;
    let mut missing = asked.need.get() * MINUTES - asked.battery.taken.get() * MINUTES;
    if missing <= 0 || stay.soc >= stay.needed {
        return Some(stay.from.max(grid.now));
    }
    if !is_met || !asked.is_whole() || asked.battery.assumed {
        return None;
    }
    let mut last = None;
    for slot in 0..grid.slots {
        let (gain, seconds) = (ahead(slot), grid.seconds(slot, stay.from, stay.to));
        if gain == 0 {
            continue;
        }
        let begins = grid.at(slot).max(grid.now).max(stay.from);
        if gain >= missing {
            return Some(begins + chrono::TimeDelta::seconds(seconds * missing / gain));
        }
        missing -= gain;
        last = Some(begins + chrono::TimeDelta::seconds(seconds));
    }
    last
}

/// What stands in a vehicle's way; what is wrong with its place comes before what the plan says.
fn reason(
    sight: &Sight,
    question: &Question<'_>,
    asked: &Asked<'_>,
    short: &[&Shortfall],
    is_met: bool,
) -> Option<Cause> {
    let stay = &asked.stay;
    if stay.soc >= stay.needed && !stay.assumed {
        return None;
    }
    if stay.trouble.is_some() {
        return stay.trouble;
    }
    if asked.progress.is_some_and(|progress| is_stalled(&progress, sight)) {
        return Some(Cause::StalledCharging);
    }
    if stay.assumed {
        return Some(Cause::SocUnknown);
    }
    if is_met {
        return None;
    }
    let full = short.iter().flat_map(|short| &short.binding).next();
    let by_power = short.iter().all(|short| short.beyond_power >= short.unmet);
    match full {
        Some(full) if !by_power => Some(if full.target { Cause::DemandTarget } else { Cause::CircuitLimit }),
        _ if came_too_late(question, asked) => Some(Cause::LateArrival),
        _ => Some(Cause::PowerLimit),
    }
}

/// Whether the time from its expected arrival on would have been enough at full power.
fn came_too_late(question: &Question<'_>, asked: &Asked<'_>) -> bool {
    let stay = &asked.stay;
    let Some(expected) = stay.expected_at.filter(|expected| *expected < stay.from) else { return false };
    let seconds = (stay.to - expected).num_seconds().max(0);
    let full = stay.place.map_or(W::ZERO, |place| question.places[place].most_for(stay.vehicle));
    full.get().saturating_mul(seconds) / 3_600 >= asked.need.get()
}

/// The stretches of time in which circuits are full.
fn binding(sight: &Sight, question: &Question<'_>, short: &Shortfall) -> Vec<FullCircuit> {
    let mut found: Vec<FullCircuit> = Vec::new();
    for full in &short.binding {
        let Some(circuit) = circuit_of(sight, full.circuit) else { continue };
        let mut slots = full.slots.iter().copied().peekable();
        while let Some(first) = slots.next() {
            let mut last = first;
            while let Some(next) = slots.next_if(|next| *next == last + 1) {
                last = next;
            }
            let (from, to) = (question.grid.at(first), question.grid.at(last + 1));
            found.push(FullCircuit { circuit, from, to, target: full.target });
        }
    }
    found
}

fn circuit_of(sight: &Sight, position: usize) -> Option<CircuitId> {
    sight.topology.circuits.get(position).map(|node| node.circuit.id)
}

/// What each circuit carries of the chargers at and below it, by slot; rounded up.
fn carried(question: &Question<'_>, energy: &[Vec<WattMinutes>]) -> Vec<Vec<W>> {
    let slots = question.grid.slots;
    let mut carried = vec![vec![0_i64; slots]; question.rooms.len()];
    for (demand, slots) in question.problem.demands().iter().zip(energy) {
        carried[demand.circuit].iter_mut().zip(slots).for_each(|(sum, slot)| *sum += slot.0);
    }
    for child in (1..carried.len()).rev() {
        let Some(parent) = question.rooms[child].parent.filter(|parent| *parent < child) else { continue };
        let (above, below) = carried.split_at_mut(child);
        above[parent].iter_mut().zip(&below[0]).for_each(|(above, below)| *above += below);
    }
    let minutes = i64::from(SLOT_MINUTES);
    let mean = |energy: i64| W((energy + minutes - 1).div_euclid(minutes));
    carried.into_iter().map(|slots| slots.into_iter().map(mean).collect()).collect()
}

fn circuits(sight: &Sight, question: &Question<'_>, energy: &[Vec<WattMinutes>]) -> Vec<CircuitOutlook> {
    let carried = carried(question, energy);
    let nodes = sight.topology.circuits.iter().zip(&question.rooms).zip(carried);
    nodes
        .map(|((node, room), planned)| CircuitOutlook {
            circuit: node.circuit.id,
            limit: room.limits.iter().map(|limit| limit.limit).collect(),
            unmanaged: room.unmanaged.clone(),
            planned,
        })
        .collect()
}

fn bill(sight: &Sight, grid: &Grid, plan: &Plan, charging: &[W]) -> PlanCost {
    let priced = charging.iter().zip(prices(sight, grid));
    let energy: i128 = priced
        .map(|(power, price)| i128::from(power.get()) * i128::from(price) * i128::from(SLOT_MINUTES))
        .sum();
    let charge = sight.tariff.as_ref().and_then(|tariff| tariff.demand_charge);
    let excess = (plan.bill.peak - sight.history.peak).at_least_zero();
    let demand = i128::from(excess.get()) * i128::from(charge.map_or(0, Price::millionths));
    PlanCost {
        currency: sight.tariff.as_ref().map(|tariff| tariff.currency.clone()),
        energy: i64::try_from(energy.div_euclid(60_000)).unwrap_or(i64::MAX),
        demand: i64::try_from(demand / 1_000).unwrap_or(i64::MAX),
        peak: plan.bill.peak,
        peak_so_far: sight.history.peak,
    }
}
