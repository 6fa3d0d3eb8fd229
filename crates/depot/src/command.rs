//! What callers may ask for, and the checks of what its types cannot say.

use kernel::{Change, ChargePointId, CircuitId, DepotId, Invalid, MilliAmps, Timestamp, W, ZoneId};

use crate::model::{
    Bay, ChargingStrategy, Circuit, CircuitKind, CircuitLimit, Depot, ExternalLimit, GeoPoint, LimitWindow,
    Margin, Phases, Precedence, Price, PriceBand, Schedule, TimeZone, Volts, Zone,
};

/// Power and current beyond this are a slip of the pen: 1 GW, 100 kA.
const MOST_POWER: W = W(1_000_000_000);
const MOST_CURRENT: MilliAmps = MilliAmps(100_000_000);
/// Periods in one list of external limits, and bands in one tariff.
const MOST_PERIODS: usize = 2_000;
const MOST_BANDS: usize = 200;

#[derive(Clone, Debug)]
pub struct CreateDepot {
    pub code: String,
    pub name: String,
    pub time_zone: TimeZone,
    pub address: Option<String>,
    pub location: Option<GeoPoint>,
    pub charging_strategy: ChargingStrategy,
    pub use_spare_room: bool,
}

/// A merge patch of a depot.
#[derive(Clone, Debug, Default)]
pub struct ChangeDepot {
    pub code: Option<String>,
    pub name: Option<String>,
    pub time_zone: Option<TimeZone>,
    pub address: Change<String>,
    pub location: Change<GeoPoint>,
    pub charging_strategy: Option<ChargingStrategy>,
    pub use_spare_room: Option<bool>,
}

#[derive(Clone, Debug)]
pub struct CreateZone {
    pub depot: DepotId,
    pub code: String,
    pub name: String,
}

#[derive(Clone, Debug, Default)]
pub struct ChangeZone {
    pub code: Option<String>,
    pub name: Option<String>,
}

#[derive(Clone, Debug)]
pub struct CreateBay {
    pub depot: DepotId,
    pub zone: Option<ZoneId>,
    pub charge_point: Option<ChargePointId>,
    pub code: String,
    pub name: String,
}

#[derive(Clone, Debug, Default)]
pub struct ChangeBay {
    pub zone: Change<ZoneId>,
    pub charge_point: Change<ChargePointId>,
    pub code: Option<String>,
    pub name: Option<String>,
}

#[derive(Clone, Debug)]
pub struct CreateCircuit {
    pub depot: DepotId,
    /// `None` for the grid connection.
    pub parent: Option<CircuitId>,
    pub name: String,
    pub kind: CircuitKind,
    pub limit: CircuitLimit,
    pub phases: Phases,
    pub voltage: Volts,
    pub safety_margin: Margin,
    pub fallback_reserve: Option<W>,
    pub unmanaged_load: W,
}

#[derive(Clone, Debug, Default)]
pub struct ChangeCircuit {
    pub parent: Option<CircuitId>,
    pub name: Option<String>,
    pub kind: Option<CircuitKind>,
    pub limit_power: Change<W>,
    pub limit_current: Change<MilliAmps>,
    pub phases: Option<Phases>,
    pub voltage: Option<Volts>,
    pub safety_margin: Option<Margin>,
    pub fallback_reserve: Change<W>,
    pub unmanaged_load: Option<W>,
}

#[derive(Clone, Debug)]
pub struct CreateLimitWindow {
    pub circuit: CircuitId,
    pub name: Option<String>,
    pub precedence: Precedence,
    pub schedule: Schedule,
    pub limit: CircuitLimit,
}

#[derive(Clone, Debug, Default)]
pub struct ChangeLimitWindow {
    pub name: Change<String>,
    pub precedence: Option<Precedence>,
    pub schedule: Option<Schedule>,
    pub limit: Option<CircuitLimit>,
}

/// Everything that one source wants of a circuit: replaces what it wanted before. An empty list
/// takes it all back.
#[derive(Clone, Debug)]
pub struct PutExternalLimits {
    pub circuit: CircuitId,
    pub source: String,
    /// From then on the list is void; the end of its last period, where not given.
    pub expires_at: Option<Timestamp>,
    pub limits: Vec<ExternalLimit>,
}

#[derive(Clone, Debug)]
pub struct PutTariff {
    pub depot: DepotId,
    pub currency: String,
    pub base_price: Price,
    pub bands: Vec<PriceBand>,
    pub demand_charge: Option<Price>,
    pub demand_target: Option<W>,
    pub may_break_demand_target: bool,
}

pub(crate) fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

pub(crate) fn check_depot(depot: &mut Depot) -> Result<(), Invalid> {
    let mut invalid = Invalid::default();
    depot.code = invalid.text("/code", &depot.code, 32);
    depot.name = invalid.text("/name", &depot.name, 100);
    if let Some(address) = &mut depot.address {
        *address = invalid.text("/address", address, 300);
    }
    invalid.into_result()
}

pub(crate) fn check_zone(zone: &mut Zone) -> Result<(), Invalid> {
    let mut invalid = Invalid::default();
    zone.code = invalid.text("/code", &zone.code, 32);
    zone.name = invalid.text("/name", &zone.name, 100);
    invalid.into_result()
}

pub(crate) fn check_bay(bay: &mut Bay) -> Result<(), Invalid> {
    let mut invalid = Invalid::default();
    bay.code = invalid.text("/code", &bay.code, 32);
    bay.name = invalid.text("/name", &bay.name, 100);
    invalid.into_result()
}

pub(crate) fn check_circuit(circuit: &mut Circuit) -> Result<(), Invalid> {
    let mut invalid = Invalid::default();
    circuit.name = invalid.text("/name", &circuit.name, 100);
    check_limit(circuit.limit, &mut invalid);
    for (pointer, power) in [
        ("/fallback_reserve_kw", circuit.fallback_reserve),
        ("/unmanaged_load_kw", Some(circuit.unmanaged_load)),
    ] {
        if let Some(power) = power {
            invalid.range(pointer, power.to_kilo(), 0.0, MOST_POWER.to_kilo());
        }
    }
    invalid.into_result()
}

pub(crate) fn check_window(window: &mut LimitWindow) -> Result<(), Invalid> {
    let mut invalid = Invalid::default();
    if let Some(name) = &mut window.name {
        *name = invalid.text("/name", name, 100);
    }
    check_limit(window.limit, &mut invalid);
    if let Schedule::Once { from, to } = window.schedule
        && to <= from
    {
        invalid.push("/to", "out_of_range", "must lie after from");
    }
    invalid.into_result()
}

fn check_limit(limit: CircuitLimit, invalid: &mut Invalid) {
    if limit.is_empty() {
        invalid.push("/limit_kw", "required", "a limit is needed in kW, in amps per phase, or both");
    }
    if let Some(power) = limit.power {
        invalid.range("/limit_kw", power.to_kilo(), 0.0, MOST_POWER.to_kilo());
    }
    if let Some(current) = limit.current {
        invalid.range("/limit_amps", current.to_kilo(), 0.0, MOST_CURRENT.to_kilo());
    }
}

pub(crate) fn check_external(put: &PutExternalLimits) -> Result<(), Invalid> {
    let mut invalid = Invalid::default();
    invalid.text("/source", &put.source, 100);
    if put.limits.len() > MOST_PERIODS {
        invalid.push("/limits", "too_many", format!("must have at most {MOST_PERIODS} periods"));
    }
    for (index, limit) in put.limits.iter().enumerate() {
        if limit.to <= limit.from {
            invalid.push(format!("/limits/{index}/to"), "out_of_range", "must lie after from");
        }
        let mut own = Invalid::default();
        check_limit(limit.limit, &mut own);
        for error in own.errors {
            invalid.push(format!("/limits/{index}{}", error.pointer), error.code, error.detail);
        }
    }
    invalid.into_result()
}

pub(crate) fn check_tariff(put: &PutTariff) -> Result<(), Invalid> {
    let mut invalid = Invalid::default();
    if put.currency.len() != 3 || !put.currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
        invalid.push("/currency", "malformed", "must be three capital letters (ISO 4217)");
    }
    if put.demand_charge.is_some_and(Price::is_negative) {
        invalid.push("/demand_charge_per_kw", "out_of_range", "must not be negative");
    }
    if put.demand_target.is_some_and(|target| target < W::ZERO || target > MOST_POWER) {
        let most = MOST_POWER.to_kilo();
        invalid.push("/demand_target_kw", "out_of_range", format!("must be between 0 and {most}"));
    }
    if put.may_break_demand_target && put.demand_target.is_none() {
        invalid.push("/may_break_demand_target", "no_target", "there is no target to break");
    }
    if put.bands.len() > MOST_BANDS {
        invalid.push("/bands", "too_many", format!("must have at most {MOST_BANDS} bands"));
    }
    for (index, band) in put.bands.iter().enumerate() {
        if put.bands[..index].iter().any(|other| other.band.overlaps(&band.band)) {
            invalid.push(format!("/bands/{index}"), "overlap", "overlaps an earlier band");
        }
    }
    invalid.into_result()
}
