//! The allocation as JSON in, JSON out: what `manage allocate` and the preview endpoint offer.
//!
//! The format is that of the real-time snapshots of smartbench: a three-phase tree in amperes,
//! EVSEs steered in whole steps of an ampere, and sessions with departure and remaining energy.
//! Names are the caller's; this module turns them into the indices of [`Problem`] and back.

use std::collections::{BTreeMap, HashMap};

use kernel::{Fault, FaultClass, Invalid, MilliAmps};
use serde::{Deserialize, Serialize};

use super::{
    outcome::Allocation,
    phases::Phases,
    problem::{Ask, CircuitInput, EvseInput, Problem, Service},
    solve::allocate,
};

const SNAPSHOT: &str = "smartbench-rt-1";
const ALLOCATION: &str = "smartbench-rt-alloc-1";
/// Amperes that a vehicle may always be given while it needs anything: the least that charges.
const LEAST_AMPS: f64 = 6.0;
const MOST_AMPS: f64 = 100_000.0;

/// Allocates a `smartbench-rt-1` snapshot; the answer is `smartbench-rt-alloc-1` with amperes per
/// phase of every session (`current_a`), and besides what each session is kept down by (`reasons`).
///
/// # Errors
/// [`AllocateJsonError::Malformed`] for what is not JSON of this shape, and
/// [`AllocateJsonError::Invalid`] with a pointer to every value that cannot be.
pub fn allocate_json(snapshot: &str) -> Result<String, AllocateJsonError> {
    let snapshot: Snapshot = serde_json::from_str(snapshot).map_err(AllocateJsonError::malformed)?;
    let problem = snapshot.problem()?;
    let answer = Answer::of(&snapshot, &allocate(&problem));
    serde_json::to_string(&answer).map_err(AllocateJsonError::Unwritable)
}

/// Why a snapshot has no allocation.
#[derive(Debug, thiserror::Error)]
pub enum AllocateJsonError {
    #[error("not a snapshot of the format {SNAPSHOT}")]
    Malformed { invalid: Invalid, source: serde_json::Error },
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error("the allocation cannot be written")]
    Unwritable(#[source] serde_json::Error),
}

impl AllocateJsonError {
    fn malformed(source: serde_json::Error) -> Self {
        Self::Malformed { invalid: Invalid::one("", "malformed", source.to_string()), source }
    }
}

impl Fault for AllocateJsonError {
    fn class(&self) -> FaultClass<'_> {
        match self {
            Self::Malformed { invalid, .. } | Self::Invalid(invalid) => FaultClass::Invalid(invalid),
            Self::Unwritable(_) => FaultClass::Internal,
        }
    }
}

#[derive(Deserialize)]
struct Snapshot {
    format: String,
    name: String,
    voltage: f64,
    period_min: f64,
    circuits: Vec<Circuit>,
    evses: Vec<Evse>,
    sessions: Vec<Session>,
}

#[derive(Deserialize)]
struct Circuit {
    id: String,
    parent: Option<String>,
    limit_a: [f64; 3],
    base_a: [f64; 3],
}

#[derive(Deserialize)]
struct Evse {
    id: String,
    circuit: String,
    phases: Vec<u8>,
    min_a: f64,
    max_a: f64,
    step_a: f64,
}

#[derive(Deserialize)]
struct Session {
    id: String,
    evse: String,
    tier: u8,
    departure_min: f64,
    remaining_kwh: f64,
    max_a: f64,
}

#[derive(Serialize)]
struct Answer<'a> {
    format: &'static str,
    instance: &'a str,
    current_a: BTreeMap<&'a str, f64>,
    reasons: BTreeMap<&'a str, Why<'a>>,
}

#[derive(Serialize)]
struct Why<'a> {
    reason: &'static str,
    circuit: Option<&'a str>,
}

impl<'a> Answer<'a> {
    fn of(snapshot: &'a Snapshot, allocation: &Allocation) -> Self {
        let given = || snapshot.sessions.iter().zip(&allocation.evses);
        Self {
            format: ALLOCATION,
            instance: &snapshot.name,
            current_a: given().map(|(session, given)| (&*session.id, given.current.to_kilo())).collect(),
            reasons: given()
                .map(|(session, given)| {
                    let circuit = given.reason.binding_circuit().map(|index| &*snapshot.circuits[index].id);
                    (&*session.id, Why { reason: given.reason.code(), circuit })
                })
                .collect(),
        }
    }
}

impl Snapshot {
    /// One EVSE of the problem for every session, in their order.
    fn problem(&self) -> Result<Problem, Invalid> {
        let mut invalid = Invalid::default();
        if self.format != SNAPSHOT {
            invalid.push("/format", "unknown_format", format!("must be {SNAPSHOT}"));
        }
        invalid.range("/voltage", self.voltage, 1.0, 1_000.0);
        invalid.range("/period_min", self.period_min, 0.001, 100_000.0);
        let circuits = index(&mut invalid, "circuits", self.circuits.iter().map(|circuit| &*circuit.id));
        let evses = index(&mut invalid, "evses", self.evses.iter().map(|evse| &*evse.id));
        index(&mut invalid, "sessions", self.sessions.iter().map(|session| &*session.id));
        let tree = self.circuits.iter().enumerate();
        let tree = tree.map(|(at, circuit)| circuit.input(at, &circuits, &mut invalid)).collect();
        for (at, evse) in self.evses.iter().enumerate() {
            evse.check(at, &circuits, &mut invalid);
        }
        let mut taken = HashMap::new();
        for (at, session) in self.sessions.iter().enumerate() {
            session.check(at, &evses, &mut invalid);
            if let Some(other) = taken.insert(&*session.evse, &*session.id) {
                let detail = format!("session {other} is there already");
                invalid.push(format!("/sessions/{at}/evse"), "taken", detail);
            }
        }
        invalid.into_result()?;
        let sessions = self.sessions.iter().enumerate();
        let asks = sessions.filter_map(|(at, session)| {
            let evse = &self.evses[*evses.get(&*session.evse)?];
            self.ask(at, session, evse, *circuits.get(&*evse.circuit)?)
        });
        Problem::new(tree, asks.collect()).map_err(|error| Invalid::one("", "impossible", error.to_string()))
    }

    fn ask(&self, at: usize, session: &Session, evse: &Evse, circuit: usize) -> Option<EvseInput> {
        let phases = Phases::from_numbers(&evse.phases)?;
        let kilowatts_per_amp = self.voltage * f64::from(phases.count()) / 1000.0;
        // No more than what still fits into the vehicle in this period.
        let fits = session.remaining_kwh / kilowatts_per_amp * 60.0 / self.period_min;
        let fits = if fits >= LEAST_AMPS { fits.floor() } else { LEAST_AMPS };
        let most = evse.max_a.min(session.max_a).min(fits);
        let hours = session.departure_min / 60.0 - session.remaining_kwh / (most * kilowatts_per_amp);
        let (min, max, step) = (down(evse.min_a), down(most), down(evse.step_a));
        Some(EvseInput {
            circuit,
            phases,
            voltage: whole(self.voltage),
            ask: Ask::Current { min, max, step },
            tier: session.tier,
            laxity: down(hours.clamp(-1e9, 1e9) * 3.6).get(),
            service: Service::default(),
            tie_break: at as u128,
        })
    }
}

impl Circuit {
    fn input(&self, at: usize, circuits: &HashMap<&str, usize>, invalid: &mut Invalid) -> CircuitInput {
        let mut parent = None;
        if let Some(name) = &self.parent {
            parent = circuits.get(&**name).copied();
            if parent.is_none() {
                let pointer = format!("/circuits/{at}/parent");
                invalid.push(pointer, "unknown_circuit", format!("there is no circuit {name}"));
            }
        }
        let mut usable = [MilliAmps::ZERO; 3];
        for (phase, usable) in usable.iter_mut().enumerate() {
            let (limit, base) = (self.limit_a[phase], self.base_a[phase]);
            invalid.range(&format!("/circuits/{at}/limit_a/{phase}"), limit, 0.0, MOST_AMPS);
            invalid.range(&format!("/circuits/{at}/base_a/{phase}"), base, 0.0, MOST_AMPS);
            // A snapshot's base load is what is measured through the circuit: it stays here.
            *usable = down(limit - base).at_least_zero();
        }
        CircuitInput { parent, max_current: Some(usable), ..CircuitInput::default() }
    }
}

impl Evse {
    fn check(&self, at: usize, circuits: &HashMap<&str, usize>, invalid: &mut Invalid) {
        let pointer = |field| format!("/evses/{at}/{field}");
        if !circuits.contains_key(&*self.circuit) {
            let detail = format!("there is no circuit {}", self.circuit);
            invalid.push(pointer("circuit"), "unknown_circuit", detail);
        }
        if Phases::from_numbers(&self.phases).is_none() {
            invalid.push(pointer("phases"), "out_of_range", "must be one to three of 1, 2, 3, each once");
        }
        invalid.range(&pointer("min_a"), self.min_a, 0.0, MOST_AMPS / 10.0);
        invalid.range(&pointer("max_a"), self.max_a, 0.0, MOST_AMPS / 10.0);
        invalid.range(&pointer("step_a"), self.step_a, 0.001, MOST_AMPS / 10.0);
    }
}

impl Session {
    fn check(&self, at: usize, evses: &HashMap<&str, usize>, invalid: &mut Invalid) {
        let pointer = |field| format!("/sessions/{at}/{field}");
        if !evses.contains_key(&*self.evse) {
            invalid.push(pointer("evse"), "unknown_evse", format!("there is no evse {}", self.evse));
        }
        invalid.range(&pointer("tier"), self.tier, 1, 9);
        invalid.range(&pointer("departure_min"), self.departure_min, -1e9, 1e9);
        invalid.range(&pointer("remaining_kwh"), self.remaining_kwh, 0.0, 1e6);
        invalid.range(&pointer("max_a"), self.max_a, 0.0, MOST_AMPS / 10.0);
    }
}

/// Positions by name; a name that comes twice is an error.
fn index<'a>(
    invalid: &mut Invalid,
    list: &str,
    names: impl Iterator<Item = &'a str>,
) -> HashMap<&'a str, usize> {
    let mut index = HashMap::new();
    for (at, name) in names.enumerate() {
        if index.insert(name, at).is_some() {
            invalid.push(format!("/{list}/{at}/id"), "duplicate", format!("{name} comes twice"));
        }
    }
    index
}

/// Thousandths, rounded down but for the noise of binary fractions.
fn down(amps: f64) -> MilliAmps {
    MilliAmps(MilliAmps::from_kilo(amps * 1000.0).get().div_euclid(1000))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be 1 to 1,000")]
fn whole(voltage: f64) -> u32 {
    voltage.round() as u32
}
