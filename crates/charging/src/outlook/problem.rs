//! From what is seen of a depot to what the planner is asked.
//!
//! The room of a circuit in a slot is the lowest limit that holds at any instant of it, less the margin,
//! less what others will draw at and below it, less what is kept free for chargers that cannot be steered.
//! Each stay is one demand, and another where the vehicle is preconditioned.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use depot::Price;
use dispatch::{Cause, SPARE};
use kernel::{RunId, Soc, Timestamp, W, Wh};

use super::{
    forecast::load_forecast,
    grid::{Grid, SLOT_MINUTES},
    limits::{SlotLimit, slot_limits},
    model::{BatteryOutlook, Progress},
    places::STRANGERS_STAY,
    progress::progress,
    sight::{KEPT_OF_DC, Place, Sight},
    stays::{Stay, stays},
};
use crate::plan::{Battery, CircuitRoom, Demand, DemandTarget, Horizon, Plan, Problem, ProblemError, Tariff};

/// Where no curve is known, a battery takes its full DC power up to 80 %, and a fifth of it when full.
const TAPERS_FROM: u16 = 8_000;
const TAPERS_TO: i64 = 5;
/// A vehicle that waits for no run is to have what it needs so long after it came.
const UNHURRIED: TimeDelta = TimeDelta::hours(12);
/// A million per kWh, in millionths: the most that a tariff may name.
const HIGHEST_PRICE: i64 = 1_000_000_000_000;
/// Where nothing limits a circuit: more than any site draws.
const NO_LIMIT: W = W(1_000_000_000);

/// What the planner is asked, and what its answer will be about.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    pub grid: Grid,
    pub places: Vec<Place<'a>>,
    pub stays: Vec<Asked<'a>>,
    /// By circuit and slot; one without a limit where the depot has no tree.
    pub rooms: Vec<Room>,
    pub problem: Problem,
}

/// A stay with its demands.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    pub stay: Stay<'a>,
    pub tier: u8,
    pub need: Wh,
    pub battery: BatteryOutlook,
    pub progress: Option<Progress>,
    /// Positions among the demands: charging, preconditioning.
    pub charging: Option<usize>,
    pub besides: Option<usize>,
    /// Whether it is to be ready before it has to be.
    pub spares: bool,
    /// The power that vehicle and place can do.
    pub most: W,
}

/// A circuit by slot.
#[derive(Clone, Debug)]
pub struct Room {
    pub parent: Option<usize>,
    pub limits: Vec<SlotLimit>,
    /// What others draw and what is kept free, at and below it.
    pub unmanaged: Vec<W>,
    /// What chargers at and below it have drawn since the first slot began, as a mean of that slot.
    pub drawn: W,
}

/// Builds the problem.
///
/// Who leaves for a run is charged until [`SPARE`] before it, so that it is ready in time, but for `hurried`
/// runs: those that would miss energy by it.
///
/// # Errors
/// [`ProblemError`] where the circuits make no tree or a number is absurd.
pub fn question<'a>(sight: &'a Sight, hurried: &BTreeSet<RunId>) -> Result<Question<'a>, ProblemError> {
    let (grid, places) = (sight.grid(), sight.places());
    let mut demands = Vec::new();
    let asked: Vec<Asked<'a>> = stays(sight, &places, &grid)
        .into_iter()
        .map(|stay| ask(sight, &grid, &places, hurried, stay, &mut demands))
        .collect();
    let rooms = rooms(sight, &grid, &places);
    let circuits = rooms.iter().map(|room| room.circuit(&grid)).collect();
    let horizon = Horizon { slots: grid.slots, slot_minutes: SLOT_MINUTES };
    let tariff = tariff(sight, &grid, &rooms, &demands);
    let problem = Problem::new(horizon, circuits, demands, tariff)?;
    Ok(Question { grid, places, stays: asked, rooms, problem })
}

/// The price of a kWh by slot, in millionths; nothing where there is no tariff.
pub(super) fn prices(sight: &Sight, grid: &Grid) -> Vec<i64> {
    let zone = sight.topology.depot.time_zone;
    let price =
        |slot| sight.tariff.as_ref().map_or(0, |tariff| tariff.price_at(zone, grid.at(slot)).millionths());
    (0..grid.slots).map(price).collect()
}

fn tariff(sight: &Sight, grid: &Grid, rooms: &[Room], demands: &[Demand]) -> Tariff {
    let known = sight.tariff.as_ref();
    let target = known.and_then(|tariff| {
        let peak = tariff.demand_target?;
        Some(DemandTarget { peak, may_be_broken: tariff.may_break_demand_target })
    });
    // Among equal prices the earlier slot: what is charged cannot be missed.
    let energy = prices(sight, grid).into_iter().zip(0_i64..);
    let unmanaged = rooms.first().map(|site| site.unmanaged.clone()).unwrap_or_default();
    let energy = energy.map(|(price, slot)| (price + slot).min(HIGHEST_PRICE));
    Tariff {
        energy: energy.collect(),
        demand: known.and_then(|tariff| tariff.demand_charge).map_or(0, Price::millionths),
        peak_so_far: sight.history.peak.max(lowest_peak(&unmanaged, demands)),
        unmanaged: with_drawn(unmanaged, rooms),
        target,
    }
}

/// What was drawn in the running slot counts in its mean like a load that nobody can change.
fn with_drawn(mut unmanaged: Vec<W>, rooms: &[Room]) -> Vec<W> {
    if let Some((first, site)) = unmanaged.first_mut().zip(rooms.first()) {
        *first += site.drawn;
    }
    unmanaged
}

/// A peak that nobody gets below who charges at all: the calmest slot, with the least of any charger that
/// is needed. To save more would be to plan with power that chargers cannot give.
fn lowest_peak(unmanaged: &[W], demands: &[Demand]) -> W {
    let calmest = unmanaged.iter().copied().min().unwrap_or_default();
    let wanted = demands.iter().filter(|demand| demand.need > Wh::ZERO);
    wanted.flat_map(|demand| &demand.least).map(|least| calmest + *least).max().unwrap_or_default()
}

fn rooms(sight: &Sight, grid: &Grid, places: &[Place<'_>]) -> Vec<Room> {
    let nodes = &sight.topology.circuits;
    let position = |id| nodes.iter().position(|node| node.circuit.id == id);
    let mut rooms: Vec<Room> = nodes
        .iter()
        .map(|node| Room {
            parent: node.circuit.parent.and_then(position),
            limits: slot_limits(node, sight.topology.depot.time_zone, grid),
            unmanaged: load_forecast(&sight.topology, node, &sight.history.loads, grid),
            drawn: W::ZERO,
        })
        .collect();
    if rooms.is_empty() {
        let nothing = SlotLimit { limit: None, usable: None };
        let (limits, unmanaged) = (vec![nothing; grid.slots], vec![W::ZERO; grid.slots]);
        rooms.push(Room { parent: None, limits, unmanaged, drawn: W::ZERO });
    }
    let sessions = sight.sessions_by_evse();
    for place in places {
        let room = &mut rooms[place.circuit];
        let session = sessions.get(&place.evse.id).copied();
        let drawn = sight.drawn.get(&place.evse.id).copied().unwrap_or(Wh::ZERO).at_least_zero();
        room.drawn += slot_mean(drawn);
        if place.trouble == Some(Cause::ChargerOffline) {
            let kept = place.fallback(sight, session.is_some());
            room.unmanaged.iter_mut().for_each(|unmanaged| *unmanaged += kept);
        } else if let Some(stranger) = session.filter(|session| session.vehicle.is_none()) {
            let draws = stranger.latest.and_then(|latest| latest.power).unwrap_or(W::ZERO);
            let until = grid.touched(grid.now, grid.now + STRANGERS_STAY).map_or(0, |(_, last)| last);
            let slots = room.unmanaged.iter_mut().take(until);
            slots.for_each(|unmanaged| *unmanaged += draws.at_least_zero().min(place.strength));
        }
    }
    // Parents come before their children, so each is complete before it is added.
    for child in (1..rooms.len()).rev() {
        let Some(parent) = rooms[child].parent.filter(|parent| *parent < child) else { continue };
        let (above, below) = rooms.split_at_mut(child);
        let (above, below) = (&mut above[parent], &below[0]);
        above.drawn += below.drawn;
        above.unmanaged.iter_mut().zip(&below.unmanaged).for_each(|(above, below)| *above += *below);
    }
    rooms
}

/// Energy of a slot as its mean power.
fn slot_mean(energy: Wh) -> W {
    W(energy.get().saturating_mul(60) / i64::from(SLOT_MINUTES))
}

impl Asked<'_> {
    /// Whether the stay is to end with all that is needed, and not just with its share of it.
    pub(super) fn is_whole(&self) -> bool {
        self.need >= self.battery.missing(self.stay.needed)
    }
}

impl Question<'_> {
    /// The runs whose vehicles lack energy only because they are to be ready before they have to be.
    pub fn hurried(&self, plan: &Plan) -> BTreeSet<RunId> {
        let short: BTreeSet<usize> = plan.shortfalls.iter().map(|short| short.demand).collect();
        let stays = self.stays.iter().filter(|asked| asked.spares);
        let stays = stays.filter(|asked| asked.charging.is_some_and(|demand| short.contains(&demand)));
        stays.filter_map(|asked| Some(asked.stay.run?.id)).collect()
    }
}

impl Room {
    /// What chargers may draw together in a slot while all of it is ahead.
    pub fn usable(&self, slot: usize) -> W {
        (self.limits[slot].usable.unwrap_or(NO_LIMIT).min(NO_LIMIT) - self.unmanaged[slot]).at_least_zero()
    }

    /// In the slot that runs: what may be drawn in the rest of it, which together with what has been
    /// is no more than in a whole slot.
    fn circuit(&self, grid: &Grid) -> CircuitRoom {
        let mut room: Vec<W> = (0..grid.slots).map(|slot| self.usable(slot)).collect();
        if let Some(first) = room.first_mut() {
            let rest = grid.seconds(0, grid.now, grid.at(1));
            *first = Grid::mean(*first, rest).min(*first - self.drawn);
        }
        CircuitRoom { parent: self.parent, room }
    }
}

/// The demands of a stay, where it has any.
fn ask<'a>(
    sight: &Sight,
    grid: &Grid,
    places: &[Place<'a>],
    hurried: &BTreeSet<RunId>,
    stay: Stay<'a>,
    demands: &mut Vec<Demand>,
) -> Asked<'a> {
    let place = stay.place.map(|place| &places[place]);
    let tier = match sight.topology.depot.charging_strategy {
        depot::ChargingStrategy::EqualShare => kernel::PriorityLevel::default().get(),
        _ => sight.tier(stay.vehicle, stay.run),
    };
    let progress = place.and_then(|place| progress(sight, &stay, place));
    let battery = battery(sight, &stay, place);
    let full = place.map_or(W::ZERO, |place| place.most_for(stay.vehicle));
    let slow = progress.and_then(|progress| progress.slow).map(|(most, _)| most);
    let need = due_within(grid, &stay, battery.missing(with_reserve(stay.needed, sight.reserve)));
    let most = slow.map_or(full, |slow| slow.min(full));
    let (charging, besides, spares) = (None, None, false);
    let ahead = (need - battery.taken).at_least_zero();
    let spare = (battery.missing(Soc::FULL) - battery.taken - ahead).at_least_zero();
    let mut asked = Asked { tier, need, battery, progress, charging, besides, spares, most, stay };
    // What stands at a charger that is offline goes on as it was told, and cannot be planned.
    let offline = asked.stay.is_here && asked.stay.trouble == Some(Cause::ChargerOffline);
    let (Some(place), false) = (place, offline) else { return asked };
    let Some((arrival, departure)) = grid.touched(asked.stay.from, asked.stay.to) else { return asked };
    let share = |slot: usize, power: W| Grid::mean(power, grid.seconds(slot, asked.stay.from, asked.stay.to));
    let mut charging = Demand {
        circuit: place.circuit,
        arrival,
        departure,
        tier,
        need: ahead,
        spare,
        most: (arrival..departure).map(|slot| share(slot, most)).collect(),
        least: (arrival..departure).map(|slot| share(slot, place.least.min(most))).collect(),
        battery: curve(&asked, place),
    };
    let conditioning = conditioning(grid, &asked.stay, place, &charging);
    if let Some(besides) = &conditioning {
        for (offset, power) in besides.most.iter().enumerate() {
            let at = besides.arrival - arrival + offset;
            let left = share(besides.arrival + offset, place.strength) - *power;
            charging.most[at] = charging.most[at].min(left.at_least_zero());
        }
    }
    if asked.stay.run.is_some_and(|run| !hurried.contains(&run.id)) {
        asked.spares = leave_early(grid, &asked.stay, &mut charging);
    }
    asked.charging = Some(demands.len());
    demands.push(charging);
    if let Some(besides) = conditioning {
        asked.besides = Some(demands.len());
        demands.push(besides);
    }
    asked
}

/// A little more than what is needed: what limits in whole amperes, and orders on their way, leave undone
/// would else be missing at the departure, where no time is left for it.
fn with_reserve(needed: Soc, reserve: Soc) -> Soc {
    Soc::from_hundredths(needed.hundredths().saturating_add(reserve.hundredths())).unwrap_or(Soc::FULL)
}

/// What of a need has to be met within the horizon. Nobody waits for a vehicle without a run: while it
/// stands here it has [`UNHURRIED`] from its arrival on, and where the horizon ends before that, its share
/// of it is enough. One that comes back later and leaves behind the horizon is left to a later plan: were it
/// to be full when the horizon ends, that hurry would set the peak of all.
fn due_within(grid: &Grid, stay: &Stay<'_>, need: Wh) -> Wh {
    if stay.run.is_some() {
        return need;
    }
    if !stay.is_here {
        return Wh::ZERO;
    }
    let from = stay.from.max(grid.starts_at);
    let (ahead, all) = (stay.to - from, (stay.from + UNHURRIED).max(stay.to) - from);
    let share = i128::from(need.get()) * i128::from(ahead.num_seconds().max(0));
    Wh(i64::try_from(share / i128::from(all.num_seconds().max(1))).unwrap_or(need.get()))
}

/// Ends the charging with the last slot that is over in time, where the vehicle's own power allows that.
/// Whether it did.
fn leave_early(grid: &Grid, stay: &Stay<'_>, charging: &mut Demand) -> bool {
    let whole =
        |until: Timestamp| usize::try_from((until - grid.starts_at).num_minutes() / i64::from(SLOT_MINUTES));
    let Ok(last) = whole(stay.to - SPARE) else { return false };
    if last <= charging.arrival || last >= charging.departure {
        return false;
    }
    let most: W = charging.most[..last - charging.arrival].iter().copied().sum();
    let can = most.get().saturating_mul(SLOT_MINUTES.into()) / 60;
    // A battery that tapers takes longer.
    let need = charging.need.get() * if charging.battery.is_some() { 5 } else { 4 } / 4;
    if can < need {
        return false;
    }
    charging.departure = last;
    charging.most.truncate(last - charging.arrival);
    charging.least.truncate(last - charging.arrival);
    true
}

/// The battery at the beginning of the plan: what the running slot has seen already is part of it.
fn battery(sight: &Sight, stay: &Stay<'_>, place: Option<&Place<'_>>) -> BatteryOutlook {
    let kept = place.map_or(KEPT_OF_DC, Place::kept);
    let taken = if place.is_some() { stay.taken(sight) } else { Wh::ZERO };
    let gained = taken.get().saturating_mul(i64::from(kept)) * 10 / stay.vehicle.battery.get().max(1);
    let before = i64::from(stay.soc.hundredths()) - gained;
    let soc = u16::try_from(before.max(0)).ok().and_then(Soc::from_hundredths).unwrap_or(Soc::EMPTY);
    let precondition = stay.run.and(stay.vehicle.precondition).filter(|_| place.is_some());
    let precondition = precondition
        .map(|before| (before.power.min(place.map_or(W::ZERO, |place| place.strength)), before.minutes));
    BatteryOutlook {
        capacity: stay.vehicle.battery,
        soc,
        assumed: stay.assumed,
        efficiency: kept,
        taken,
        precondition,
    }
}

/// The curve that is reckoned with where none is known; only where the stay reaches it.
fn curve(asked: &Asked<'_>, place: &Place<'_>) -> Option<Battery> {
    let knee = Soc::from_hundredths(TAPERS_FROM)?;
    if !place.is_dc() || asked.stay.needed <= knee {
        return None;
    }
    let strongest = asked.stay.vehicle.max_dc;
    Some(Battery {
        capacity: asked.battery.capacity,
        arrival: asked.stay.soc,
        efficiency: asked.battery.efficiency,
        curve: vec![(knee, strongest), (Soc::FULL, W(strongest.get() / TAPERS_TO))],
    })
}

/// What a vehicle is preconditioned with before it leaves for a run.
fn conditioning(grid: &Grid, stay: &Stay<'_>, place: &Place<'_>, charging: &Demand) -> Option<Demand> {
    let before = stay.run.and(stay.vehicle.precondition)?;
    let begins: Timestamp = stay.from.max(stay.to - TimeDelta::minutes(before.minutes.into()));
    let (arrival, departure) = grid.touched(begins, stay.to)?;
    let power = before.power.min(place.strength);
    let most: Vec<W> =
        (arrival..departure).map(|slot| Grid::mean(power, grid.seconds(slot, begins, stay.to))).collect();
    let need = Wh(most.iter().copied().sum::<W>().get().saturating_mul(SLOT_MINUTES.into()) / 60);
    Some(Demand {
        arrival,
        departure,
        need,
        spare: Wh::ZERO,
        least: vec![W::ZERO; most.len()],
        most,
        battery: None,
        ..charging.clone()
    })
}
