//! Who stands where from when until when, and with what it is to leave.
//!
//! A vehicle that is plugged in stays until its next run. One that is out comes back when its run says,
//! one that should be here is taken to be plugged in half an hour from now. After each run follows
//! another stay, until the end of the horizon.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use dispatch::{Cause, Run, RunState};
use kernel::{Soc, Timestamp, VehicleId, Wh};
use transaction::OpenSession;
use vehicle::Vehicle;

use super::{
    grid::Grid,
    places::Yard,
    sight::{Place, Sight},
};

/// How long it takes until a vehicle that should be plugged in is.
pub const PLUG_IN: TimeDelta = TimeDelta::minutes(30);
/// How long after its departure a vehicle that still stands here is expected to leave.
pub const OVERDUE: TimeDelta = TimeDelta::hours(2);
/// What a battery of which nobody knows anything is taken to hold: 20 %.
const UNKNOWN: u16 = 2_000;

/// One stay of one vehicle.
#[derive(Clone, Debug)]
pub struct Stay<'a> {
    pub vehicle: &'a Vehicle,
    /// Position among the places; `None` where none is free for it.
    pub place: Option<usize>,
    /// The run it leaves for.
    pub run: Option<&'a Run>,
    pub from: Timestamp,
    pub to: Timestamp,
    /// Where it stands plugged in now.
    pub session: Option<&'a OpenSession>,
    pub is_here: bool,
    /// Whether nothing comes before it: the vehicle is not out on a run.
    pub is_next: bool,
    /// When it comes, or now.
    pub soc: Soc,
    /// Whether that is only assumed.
    pub assumed: bool,
    /// What it is to leave with.
    pub needed: Soc,
    /// When it should have come.
    pub expected_at: Option<Timestamp>,
    /// What is wrong with it now.
    pub trouble: Option<Cause>,
}

/// The stays of all vehicles that are plugged in or have runs; those of one vehicle in their order.
pub fn stays<'a>(sight: &'a Sight, places: &[Place<'a>], grid: &Grid) -> Vec<Stay<'a>> {
    let mut runs: BTreeMap<VehicleId, Vec<&Run>> = BTreeMap::new();
    for run in &sight.runs {
        if let Some(vehicle) = run.vehicle {
            runs.entry(vehicle).or_default().push(run);
        }
    }
    let sessions: BTreeMap<VehicleId, &OpenSession> =
        sight.sessions.iter().filter_map(|session| Some((session.vehicle?, session))).collect();
    let known: BTreeSet<VehicleId> = runs.keys().chain(sessions.keys()).copied().collect();
    let mut yard = Yard::new(sight, places, grid);
    let mut stays = Vec::new();
    for vehicle in known.into_iter().filter_map(|id| sight.vehicles.get(&id)) {
        let session = sessions.get(&vehicle.id).copied();
        let evse = session.map_or(vehicle.plugged_in, |session| session.place.evse);
        let place = evse.and_then(|evse| yard.find(evse));
        let own = runs.get(&vehicle.id).map(Vec::as_slice).unwrap_or_default();
        stays.extend(Chain { grid, vehicle, session, place, runs: own }.stays(places));
    }
    yard.settle(&mut stays);
    stays
}

/// All stays of one vehicle.
struct Chain<'a, 'b> {
    grid: &'b Grid,
    vehicle: &'a Vehicle,
    session: Option<&'a OpenSession>,
    /// Where it is plugged in.
    place: Option<usize>,
    runs: &'b [&'a Run],
}

impl<'a> Chain<'a, '_> {
    fn stays(&self, places: &[Place<'a>]) -> Vec<Stay<'a>> {
        let now = self.grid.now;
        let stands = |run: &Run| {
            run.state != RunState::Departed
                && (run.departure_at > now || (self.place.is_some() && now - run.departure_at < OVERDUE))
        };
        let begun = self.runs.iter().rev().copied().find(|run| !stands(run) && run.departure_at <= now);
        let Some(mut next) = self.first(begun, places) else { return Vec::new() };
        let mut stays = Vec::new();
        for run in self.runs.iter().copied().filter(|run| stands(run)) {
            let needed = run.soc_needed(self.vehicle);
            // One that is overdue leaves with the end of the running slot.
            let to = if run.departure_at > now { run.departure_at } else { self.grid.at(1) };
            let stay = Stay { run: Some(run), to: to.max(next.from), needed, ..next };
            next = Stay {
                place: None,
                run: None,
                from: run.arrival_at.max(stay.to),
                to: self.grid.ends_at(),
                session: None,
                is_here: false,
                is_next: false,
                soc: back_from(run, self.vehicle, needed.max(stay.soc), 10_000),
                assumed: false,
                needed: self.vehicle.target_soc,
                expected_at: Some(run.arrival_at),
                trouble: None,
                vehicle: self.vehicle,
            };
            stays.push(stay);
        }
        if next.from < next.to {
            stays.push(next);
        }
        stays
    }

    /// The stay that it is in, or that begins next. `None` where it is not here before the horizon ends.
    fn first(&self, begun: Option<&'a Run>, places: &[Place<'a>]) -> Option<Stay<'a>> {
        let now = self.grid.now;
        let out = begun.filter(|run| self.place.is_none() && now < run.arrival_at);
        let (soc, assumed) = self.believed(begun, places);
        let from = match (out, self.session) {
            (Some(run), _) => run.arrival_at,
            (None, Some(session)) => session.started_at.min(now),
            (None, None) if self.place.is_some() => now,
            (None, None) => now + PLUG_IN,
        };
        let trouble = match self.place {
            Some(place) => {
                let place = &places[place];
                let connector = self.session.map(|session| session.place.connector);
                super::sight::trouble(place.charger, place.evse, connector)
            }
            None if out.is_none() => Some(Cause::NotPluggedIn),
            None => None,
        };
        let is_here = self.place.is_some();
        let stay = Stay {
            vehicle: self.vehicle,
            place: self.place,
            run: None,
            from,
            to: self.grid.ends_at(),
            session: self.session,
            is_here,
            is_next: out.is_none(),
            soc,
            assumed,
            needed: self.vehicle.target_soc,
            expected_at: begun.map(|run| run.arrival_at),
            trouble,
        };
        (from < self.grid.ends_at()).then(|| stay.moved_off_a_fault(self.grid))
    }

    /// What it has, or will have once it is back from the run that has begun, and whether that is only
    /// assumed. What was observed before the end of the run shrinks by what the rest of it takes; what was
    /// observed has grown by what was charged since: by the session's energy, in proportion to its time.
    fn believed(&self, begun: Option<&Run>, places: &[Place<'a>]) -> (Soc, bool) {
        let measured = self.session.and_then(|session| session.latest).and_then(|latest| latest.soc);
        if let Some(measured) = measured {
            return (measured, false);
        }
        let observed = self.vehicle.soc;
        let before = observed.map(|observed| observed.soc).or(Soc::from_hundredths(UNKNOWN));
        let unseen = begun.map(|run| (run, self.unseen(run))).filter(|(_, unseen)| *unseen > 0);
        let before = match unseen {
            Some((run, unseen)) => before.map(|soc| back_from(run, self.vehicle, soc, unseen)),
            None => before,
        };
        let kept = self.place.map_or(0, |place| i64::from(places[place].kept()));
        let since = |session: &OpenSession| {
            let now = self.grid.now;
            let all = (now - session.started_at).num_seconds().max(1);
            let seen = observed.map_or(session.started_at, |observed| observed.at.max(session.started_at));
            session.energy.get().max(0).saturating_mul((now - seen).num_seconds().clamp(0, all)) / all
        };
        let energy = self.session.map_or(0, since);
        let gained = energy.saturating_mul(kept) * 10 / self.vehicle.battery.get().max(1);
        let now = i64::from(before.unwrap_or(Soc::EMPTY).hundredths()) + gained;
        let now = u16::try_from(now.min(10_000)).ok().and_then(Soc::from_hundredths);
        (now.unwrap_or(Soc::FULL), observed.is_none())
    }

    /// How much of a run came or comes after the last observation, in ten-thousandths of its time. A run
    /// ends when its vehicle is plugged in, or when it is said to: one that is late is still to come back.
    fn unseen(&self, run: &Run) -> i64 {
        let plugged_in = self.session.map(|session| session.started_at.max(run.departure_at));
        let end = plugged_in.map_or(run.arrival_at, |at| at.min(run.arrival_at));
        let seen = self.vehicle.soc.map_or(run.departure_at, |soc| soc.at.max(run.departure_at));
        let all = (end - run.departure_at).num_seconds().max(1);
        ((end - seen).num_seconds().saturating_mul(10_000) / all).clamp(0, 10_000)
    }
}

impl Stay<'_> {
    /// A vehicle at a connector that is out of order has to be moved.
    fn moved_off_a_fault(mut self, grid: &Grid) -> Self {
        if self.trouble == Some(Cause::ChargerFaulted) {
            self.place = None;
            self.from = grid.now + PLUG_IN;
        }
        self
    }

    /// Energy that it took already in the running slot.
    pub fn taken(&self, sight: &Sight) -> Wh {
        let Some(session) = self.session.filter(|_| self.place.is_some()) else { return Wh::ZERO };
        let drawn = session.place.evse.and_then(|evse| sight.drawn.get(&evse).copied());
        // Who stood there before it in the same slot drew for themselves.
        drawn.unwrap_or(Wh::ZERO).min(session.energy).at_least_zero()
    }
}

/// What a vehicle comes back with that leaves with `soc`, of which `ahead` ten-thousandths of the run's
/// energy are still to be used. Where nobody knows that energy, with the least that the run allows.
fn back_from(run: &Run, vehicle: &Vehicle, soc: Soc, ahead: i64) -> Soc {
    let Some(energy) = run.energy_needed(vehicle) else { return run.minimum_soc.min(soc) };
    let used = energy.get().saturating_mul(ahead) / vehicle.battery.get().max(1);
    let left = i64::from(soc.hundredths()) - used;
    u16::try_from(left.max(0)).ok().and_then(Soc::from_hundredths).unwrap_or(soc)
}
