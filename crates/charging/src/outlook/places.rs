//! Where a vehicle that is not here yet will stand.
//!
//! Whoever comes first chooses first: the place where the vehicle stands now, else the one where it
//! charged last, else the free place that gives it most. A place is free while nobody else is planned
//! there; one with a fault is not chosen, one that is offline only where there is no other.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use dispatch::Cause;
use kernel::{EvseId, Timestamp, VehicleId, W};

use super::{
    grid::Grid,
    sight::{Place, Sight},
    stays::Stay,
};

/// How long somebody who was not recognised is taken to stay, drawing what is drawn now.
pub const STRANGERS_STAY: TimeDelta = TimeDelta::hours(2);

/// The places of a depot, and when they are taken.
pub(super) struct Yard<'a, 'b> {
    sight: &'a Sight,
    places: &'b [Place<'a>],
    by_evse: BTreeMap<EvseId, usize>,
    taken: Vec<Vec<(Timestamp, Timestamp)>>,
}

impl<'a, 'b> Yard<'a, 'b> {
    pub(super) fn new(sight: &'a Sight, places: &'b [Place<'a>], grid: &Grid) -> Self {
        let by_evse: BTreeMap<EvseId, usize> =
            places.iter().enumerate().map(|(index, place)| (place.evse.id, index)).collect();
        let mut taken = vec![Vec::new(); places.len()];
        for session in sight.sessions.iter().filter(|session| session.vehicle.is_none()) {
            if let Some(place) = session.place.evse.and_then(|evse| by_evse.get(&evse)) {
                taken[*place].push((grid.now, grid.now + STRANGERS_STAY));
            }
        }
        Self { sight, places, by_evse, taken }
    }

    pub(super) fn find(&self, evse: EvseId) -> Option<usize> {
        self.by_evse.get(&evse).copied()
    }

    /// Gives a place to every stay that has none, as far as places are free.
    pub(super) fn settle(&mut self, stays: &mut [Stay<'a>]) {
        let mut stands: BTreeMap<VehicleId, usize> = BTreeMap::new();
        for stay in stays.iter() {
            if let Some(place) = stay.place {
                self.taken[place].push((stay.from, stay.to));
                stands.insert(stay.vehicle.id, place);
            }
        }
        let mut coming: Vec<usize> = (0..stays.len()).filter(|at| stays[*at].place.is_none()).collect();
        coming.sort_by_key(|at| (stays[*at].from, stays[*at].vehicle.id));
        for at in coming {
            let stay = &mut stays[at];
            let last =
                || self.sight.history.last_places.get(&stay.vehicle.id).and_then(|evse| self.find(*evse));
            let usual = stands.get(&stay.vehicle.id).copied().or_else(last);
            let free = |place: &usize| self.rank(*place, stay).is_some();
            stay.place = usual.filter(free).or_else(|| self.best(stay));
            if let Some(place) = stay.place {
                self.taken[place].push((stay.from, stay.to));
                stands.entry(stay.vehicle.id).or_insert(place);
            } else if stay.trouble.is_none() {
                stay.trouble = Some(Cause::NotPluggedIn);
            }
        }
    }

    fn best(&self, stay: &Stay<'_>) -> Option<usize> {
        // Of equals the first.
        (0..self.places.len())
            .rev()
            .filter_map(|place| Some((self.rank(place, stay)?, place)))
            .max_by_key(|(rank, _)| *rank)
            .map(|(_, place)| place)
    }

    /// How good a place is for a stay; `None` where it is taken or of no use.
    fn rank(&self, at: usize, stay: &Stay<'_>) -> Option<(bool, W)> {
        let place = &self.places[at];
        let power = place.most_for(stay.vehicle);
        if power == W::ZERO || place.trouble == Some(Cause::ChargerFaulted) {
            return None;
        }
        let overlaps = |(from, to): &(Timestamp, Timestamp)| *from < stay.to && stay.from < *to;
        let is_free = !self.taken[at].iter().any(overlaps);
        is_free.then_some((place.trouble.is_none(), power))
    }
}
