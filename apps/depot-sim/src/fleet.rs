//! A depot's day: many chargers, and vehicles that leave on their shifts and come back hungry.
//!
//! Days pass `time_factor` times faster than real ones, and batteries fill as much faster, so that a
//! day can be watched in minutes. What chargers report stays true to the clock on the wall.

use std::time::Duration;

use rand::{Rng, SeedableRng, rngs::StdRng};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};
use tokio_tungstenite::tungstenite::http::Uri;
use tokio_util::sync::CancellationToken;

use crate::{
    charger::{ChargerHandle, SimCharger},
    clock::SimClock,
    spec::ChargerSpec,
    vehicle::Vehicle,
};

const DAY: f64 = 1_440.0;
/// Minutes of the simulated day between two looks for a free place.
const PATIENCE: f64 = 5.0;

#[derive(Clone, Debug)]
pub struct FleetSpec {
    pub chargers: Vec<ChargerSpec>,
    pub vehicles: Vec<VehicleSpec>,
    /// How many times faster than real ones the days pass.
    pub time_factor: f64,
    /// The minute of the day at which it begins: 1,020 is 17:00.
    pub begins_at: u32,
    /// The same seed makes the same choices.
    pub seed: u64,
}

#[derive(Clone, Debug)]
pub struct VehicleSpec {
    pub vehicle: Vehicle,
    /// Its own place: the index of a charger and the number of a connector. Where that is taken it
    /// looks for the next free one.
    pub place: (usize, usize),
    pub shifts: Vec<Shift>,
}

/// A daily absence, in minutes of the day. A return before the departure is on the next day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shift {
    pub leaves: u32,
    pub returns: u32,
    /// The share of the battery that it uses, more or less.
    pub uses: f64,
}

impl FleetSpec {
    /// A depot with a mix of AC and DC chargers of one connector, named `{prefix}-001` and so on,
    /// and vehicles with the tags `{prefix}-TAG-001` and so on.
    pub fn depot(prefix: &str, chargers: usize, vehicles: usize, time_factor: f64, seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let chargers: Vec<ChargerSpec> = (1..=chargers)
            .map(|number| {
                let identity = format!("{prefix}-{number:03}");
                let charger = match number % 5 {
                    0 => ChargerSpec::dc(identity, 150_000.0),
                    2 | 4 => ChargerSpec::dc(identity, 60_000.0),
                    _ => ChargerSpec::ac(identity, 22_000.0),
                };
                let register_wh = f64::from(rng.random_range(50_000..5_000_000_u32));
                ChargerSpec { register_wh, seed: rng.random(), ..charger }
            })
            .collect();
        let vehicles = (0..vehicles)
            .map(|index| vehicle_spec(prefix, index, &chargers, time_factor, &mut rng))
            .collect();
        Self { chargers, vehicles, time_factor, begins_at: 17 * 60, seed }
    }
}

fn vehicle_spec(
    prefix: &str,
    index: usize,
    chargers: &[ChargerSpec],
    time_factor: f64,
    rng: &mut StdRng,
) -> VehicleSpec {
    let charger = index % chargers.len().max(1);
    let dc = chargers.get(charger).is_some_and(|charger| charger.connectors[0].dc);
    let (battery, max_ac_w, max_dc_w, phases) = match (dc, rng.random_range(0..4)) {
        (true, _) => (rng.random_range(240..=420), 22_000.0, 150_000.0, 3),
        (false, 0) => (rng.random_range(35..=50), 7_400.0, 50_000.0, 1),
        (false, _) => (rng.random_range(60..=110), 22_000.0, 100_000.0, 3),
    };
    let (leaves, returns) = duty(index, chargers.len(), rng);
    VehicleSpec {
        vehicle: Vehicle {
            id_tag: format!("{prefix}-TAG-{:03}", index + 1),
            battery_wh: f64::from(battery) * 1_000.0,
            soc: rng.random_range(0.15..0.6),
            max_ac_w,
            max_dc_w,
            phases,
            haste: time_factor,
        },
        place: (charger, 1),
        shifts: vec![Shift { leaves, returns, uses: rng.random_range(0.35..0.7) }],
    }
}

/// When a vehicle leaves and returns, in minutes of the day. Duties are spread so that at any hour
/// more are in the yard than out; those who share a place with another work at night.
fn duty(index: usize, places: usize, rng: &mut StdRng) -> (u32, u32) {
    let (morning, late, night) = ((270..480, 870..1_110), (660..780, 1_200..1_380), (1_140..1_260, 240..330));
    let (leaves, returns) = match index % 3 {
        _ if index >= places => night,
        0 => morning,
        1 => late,
        _ => night,
    };
    (rng.random_range(leaves), rng.random_range(returns))
}

/// A depot that runs.
pub struct Fleet;

impl Fleet {
    /// Runs all chargers and vehicles until told to stop. `endpoint` is what comes before an
    /// identity, as in `ws://127.0.0.1:8082/ocpp`.
    pub async fn run(spec: FleetSpec, endpoint: Uri, stopping: CancellationToken) {
        let clock = SimClock::ambient();
        let mut tasks = JoinSet::new();
        let mut handles = Vec::with_capacity(spec.chargers.len());
        for charger in spec.chargers {
            let (charger, handle) = SimCharger::new(charger, endpoint.clone(), clock, stopping.child_token());
            tasks.spawn(charger.run());
            handles.push(handle);
        }
        let day =
            Day { began: Instant::now(), begins_at: spec.begins_at, factor: spec.time_factor.max(0.001) };
        for (number, vehicle) in (0..).zip(spec.vehicles) {
            let rng = StdRng::seed_from_u64(spec.seed.wrapping_add(number));
            let life = Life { spec: vehicle, places: handles.clone(), day, rng };
            let stopping = stopping.clone();
            tasks.spawn(async move {
                // A vehicle may be left wherever it is: the chargers tell the server goodbye.
                let _stopped = stopping.run_until_cancelled(life.live()).await;
            });
        }
        while let Some(ended) = tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a simulated charger or vehicle broke down");
            }
        }
    }
}

/// The simulated day.
#[derive(Clone, Copy)]
struct Day {
    began: Instant,
    begins_at: u32,
    factor: f64,
}

impl Day {
    /// Minutes of the day, from 0 to 1,440.
    fn minute(&self) -> f64 {
        let passed = self.began.elapsed().as_secs_f64() / 60.0 * self.factor;
        (f64::from(self.begins_at) + passed).rem_euclid(DAY)
    }

    async fn pass(&self, minutes: f64) {
        sleep(Duration::from_secs_f64((minutes * 60.0 / self.factor).max(0.0))).await;
    }

    /// Minutes until a minute of the day comes next.
    fn until(&self, minute: u32) -> f64 {
        (f64::from(minute) - self.minute()).rem_euclid(DAY)
    }
}

struct Life {
    spec: VehicleSpec,
    places: Vec<ChargerHandle>,
    day: Day,
    rng: StdRng,
}

impl Life {
    async fn live(mut self) {
        let mut vehicle = self.spec.vehicle.clone();
        let begins = self.day.minute();
        if let Some(shift) = self.spec.shifts.iter().find(|shift| shift.holds(begins)).copied() {
            vehicle = self.travel(vehicle, shift).await;
        }
        loop {
            let next = self
                .spec
                .shifts
                .iter()
                .copied()
                .min_by(|one, other| self.day.until(one.leaves).total_cmp(&self.day.until(other.leaves)));
            let Some(shift) = next else {
                // It never leaves: one who waits for ever is waiting to be stopped.
                self.park(vehicle, f64::INFINITY).await;
                return std::future::pending().await;
            };
            let stay = self.day.until(shift.leaves);
            let Some(rested) = self.park(vehicle, stay).await else { return };
            vehicle = self.travel(rested, shift).await;
        }
    }

    /// Stays for so many minutes, on a charger as soon as one is free. `None`: its charger stopped.
    async fn park(&mut self, vehicle: Vehicle, minutes: f64) -> Option<Vehicle> {
        let dawdle = self.rng.random_range(0.0..3.0_f64).min(minutes);
        self.day.pass(dawdle).await;
        let mut left = minutes - dawdle;
        loop {
            if let Some((handle, connector)) = self.find_place(&vehicle).await {
                if left.is_finite() {
                    self.day.pass(left).await;
                    return handle.unplug(connector).await;
                }
                return None;
            }
            if left <= 0.0 {
                return Some(vehicle);
            }
            self.day.pass(PATIENCE.min(left)).await;
            left -= PATIENCE;
        }
    }

    /// Plugs in at its own place, or the next one that is free.
    async fn find_place(&self, vehicle: &Vehicle) -> Option<(ChargerHandle, usize)> {
        let (own, connector) = self.spec.place;
        let others = (1..self.places.len()).map(|offset| (own + offset) % self.places.len());
        let others = others.flat_map(|index| {
            let connectors = self.places[index].view().borrow().connectors.len();
            (1..=connectors).map(move |connector| (index, connector))
        });
        for (index, connector) in std::iter::once((own, connector)).chain(others) {
            let Some(handle) = self.places.get(index) else { continue };
            if handle.plug_in(connector, vehicle.clone()).await {
                return Some((handle.clone(), connector));
            }
        }
        None
    }

    async fn travel(&mut self, mut vehicle: Vehicle, shift: Shift) -> Vehicle {
        self.day.pass(self.day.until(shift.returns)).await;
        vehicle.drive(shift.uses * self.rng.random_range(0.8..1.2));
        vehicle
    }
}

impl Shift {
    fn holds(&self, minute: f64) -> bool {
        let (leaves, returns) = (f64::from(self.leaves), f64::from(self.returns));
        if leaves <= returns {
            (leaves..returns).contains(&minute)
        } else {
            minute >= leaves || minute < returns
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shift_over_midnight_holds_on_both_sides_of_it() {
        let night = Shift { leaves: 1_200, returns: 300, uses: 0.5 };
        assert!(night.holds(1_300.0) && night.holds(10.0));
        assert!(!night.holds(300.0) && !night.holds(1_199.0));
    }

    #[test]
    fn the_same_seed_makes_the_same_depot() {
        let depot = |seed| format!("{:?}", FleetSpec::depot("SIM", 20, 25, 60.0, seed));
        assert_eq!(depot(1), depot(1));
        assert_ne!(depot(1), depot(2));
    }
}
