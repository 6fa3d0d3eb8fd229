//! Who should drive what: a proposal for runs without a vehicle, at the least cost.
//!
//! Runs are looked at in the order of their departures, in *rounds*: a round is as many of them as all
//! overlap each other, so that no vehicle can run two of a round. Within a round the assignment is
//! exact (Kuhn–Munkres): as many runs as possible get a vehicle, and of all ways to do so the one with
//! the least cost is taken. A vehicle may have runs of several rounds; what it has been given in
//! earlier rounds counts in later ones. Whoever cannot run something is never proposed for it.

mod fit;

use std::collections::BTreeMap;

use kernel::{RunId, Timestamp, VehicleId};
use pathfinding::{kuhn_munkres::kuhn_munkres_min, matrix::Matrix};
use vehicle::Vehicle;

use crate::model::Run;

pub use fit::{Cost, Obstacle, fit};

/// A vehicle that may be given runs, and the runs it has.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub vehicle: Vehicle,
    /// Those that are not cancelled.
    pub runs: Vec<Run>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    pub run: RunId,
    pub vehicle: VehicleId,
    pub cost: Cost,
}

/// What is proposed, by departure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suggestions {
    pub suggestions: Vec<Suggestion>,
    /// Runs that are left without a vehicle, and what stands in the way of the vehicle that came
    /// closest.
    pub left: Vec<(RunId, Obstacle)>,
}

/// More than any sum of costs: a run without a vehicle is worse than any way to give it one.
const UNASSIGNED: i64 = 1 << 40;
/// Worse than leaving a run without a vehicle, which is always possible.
const NEVER: i64 = 1 << 50;

/// Proposes vehicles for `runs`.
pub fn suggest(runs: &[Run], mut candidates: Vec<Candidate>, now: Timestamp) -> Suggestions {
    let mut runs: Vec<&Run> = runs.iter().collect();
    runs.sort_by_key(|run| (run.departure_at, run.id));
    let mut proposed = Suggestions::default();
    let mut rest = &runs[..];
    while !rest.is_empty() {
        let (round, later) = rest.split_at(round_length(rest));
        assign_round(round, &mut candidates, now, &mut proposed);
        rest = later;
    }
    proposed
}

/// How many runs from the first on all overlap each other.
fn round_length(runs: &[&Run]) -> usize {
    let mut first_back = Timestamp::MAX_UTC;
    let fits = runs.iter().take_while(|run| {
        let overlaps = run.departure_at < first_back;
        first_back = first_back.min(run.arrival_at);
        overlaps
    });
    fits.count().max(1)
}

fn assign_round(round: &[&Run], candidates: &mut [Candidate], now: Timestamp, proposed: &mut Suggestions) {
    let mut fits = BTreeMap::new();
    let mut nearest = vec![Obstacle::NoVehicle; round.len()];
    let vehicles = candidates.len();
    // One column for each vehicle, and one for each run that is left without.
    let mut costs = Matrix::new(round.len(), vehicles + round.len(), UNASSIGNED);
    for (row, run) in round.iter().enumerate() {
        for (column, candidate) in candidates.iter().enumerate() {
            match fit(run, candidate, now) {
                Ok(cost) => {
                    costs[(row, column)] = cost.total();
                    nearest[row] = nearest[row].max(Obstacle::Taken);
                    fits.insert((row, column), cost);
                }
                Err(obstacle) => {
                    costs[(row, column)] = NEVER;
                    nearest[row] = nearest[row].max(obstacle);
                }
            }
        }
    }
    let (_, columns) = kuhn_munkres_min(&costs);
    for (row, column) in columns.into_iter().enumerate() {
        let run = round[row];
        let Some(cost) = fits.remove(&(row, column)) else {
            proposed.left.push((run.id, nearest[row]));
            continue;
        };
        let candidate = &mut candidates[column];
        let vehicle = candidate.vehicle.id;
        candidate.runs.push(Run { vehicle: Some(vehicle), ..run.clone() });
        proposed.suggestions.push(Suggestion { run: run.id, vehicle, cost });
    }
}
