//! Whether a vehicle can run something beside what it has to run already, and what that costs.

use chrono::TimeDelta;
use kernel::{Soc, Timestamp, Wh};
use vehicle::Vehicle;

use super::Candidate;
use crate::{
    check::{fits_battery, fits_class},
    model::Run,
};

/// Why a run has no vehicle, the farthest from one first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Obstacle {
    /// There is none to choose from.
    NoVehicle,
    OutOfService,
    ClassMismatch,
    /// Not even a full battery is enough.
    BatteryTooSmall,
    /// It is on another run then.
    Overlap,
    /// It cannot charge what the run needs in the time it has.
    TooLittleTime,
    /// Afterwards it could not charge in time for the run it has next.
    SpoilsNextRun,
    /// All that could run it run others.
    Taken,
}

/// What speaks against a pairing. It is only compared, never paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// What the vehicle has to charge before the departure.
    pub charge: Wh,
    /// How long that takes at its full power, and the time it has.
    pub charge_minutes: i64,
    pub available_minutes: i64,
    /// At home in another depot.
    pub from_elsewhere: bool,
}

impl Cost {
    /// A point for each kWh to charge, up to 1,000 for how much of its time the vehicle needs to
    /// charge it, and 500 where it is at home elsewhere.
    pub fn total(&self) -> i64 {
        let haste = 1_000 * self.charge_minutes / self.available_minutes.max(1);
        self.charge.get() / 1_000 + haste.min(1_000) + if self.from_elsewhere { 500 } else { 0 }
    }
}

/// What it costs to give a run to a candidate.
///
/// Before its next run a vehicle charges from when it is back (or from now) at its full power; a
/// state of charge that nobody knows counts as empty. Back from a run it has what [`Run::soc_after`]
/// says.
///
/// # Errors
/// What stands in the way.
pub fn fit(run: &Run, candidate: &Candidate, now: Timestamp) -> Result<Cost, Obstacle> {
    let (vehicle, runs) = (&candidate.vehicle, &candidate.runs);
    if vehicle.out_of_service {
        return Err(Obstacle::OutOfService);
    }
    if !fits_class(run, vehicle) {
        return Err(Obstacle::ClassMismatch);
    }
    if !fits_battery(run, vehicle) {
        return Err(Obstacle::BatteryTooSmall);
    }
    if runs.iter().any(|other| other.overlaps(run)) {
        return Err(Obstacle::Overlap);
    }
    let earlier = runs.iter().filter(|other| other.arrival_at <= run.departure_at && other.arrival_at > now);
    let (from, soc) = match earlier.max_by_key(|other| other.arrival_at) {
        Some(earlier) => (earlier.arrival_at, earlier.soc_after(vehicle)),
        None => (now, vehicle.soc.map_or(Soc::EMPTY, |observed| observed.soc)),
    };
    let charge = Charge::before(run, vehicle, soc);
    let available = run.departure_at - from;
    if charge.time > available {
        return Err(Obstacle::TooLittleTime);
    }
    let next = runs.iter().filter(|other| other.departure_at >= run.arrival_at);
    if let Some(next) = next.min_by_key(|other| other.departure_at) {
        let after = Charge::before(next, vehicle, run.soc_after(vehicle));
        if after.time > next.departure_at - run.arrival_at {
            return Err(Obstacle::SpoilsNextRun);
        }
    }
    Ok(Cost {
        charge: charge.energy,
        charge_minutes: charge.time.num_minutes(),
        available_minutes: available.num_minutes(),
        from_elsewhere: vehicle.depot != Some(run.depot),
    })
}

/// What a vehicle has to charge for a run.
struct Charge {
    energy: Wh,
    time: TimeDelta,
}

impl Charge {
    fn before(run: &Run, vehicle: &Vehicle, soc: Soc) -> Self {
        let missing = i64::from(run.soc_needed(vehicle).hundredths().saturating_sub(soc.hundredths()));
        let energy = missing.saturating_mul(vehicle.battery.get()).saturating_add(9_999).div_euclid(10_000);
        let power = vehicle.max_ac.max(vehicle.max_dc).get().max(1);
        let seconds = energy.saturating_mul(3_600).saturating_add(power - 1).div_euclid(power);
        let time = TimeDelta::try_seconds(seconds).unwrap_or(TimeDelta::MAX);
        Self { energy: Wh(energy), time }
    }
}
