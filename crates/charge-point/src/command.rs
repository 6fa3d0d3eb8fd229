//! What callers may ask for, and the checks that turn input into valid values.

use kernel::{ChargePointId, CircuitId, DepotId, Invalid, MilliAmps, W, ZoneId};

use crate::model::{
    ChargePoint, CommandKind, ConnectorStandard, CurrentType, MaintenanceTarget, PhaseRotation, RateUnits,
    Registration, Span,
};

/// A new charge point. Only identity, depot and power are needed; the rest has usual values.
#[derive(Clone, Debug)]
pub struct CreateChargePoint {
    pub identity: String,
    pub depot: DepotId,
    pub circuit: Option<CircuitId>,
    pub zone: Option<ZoneId>,
    /// 0.1 to 10,000 kW.
    pub max_power: W,
    /// None means one EVSE with one connector.
    pub evses: Vec<EvseInput>,
    /// From the connectors, else DC above 43 kW.
    pub current: Option<CurrentType>,
    /// 230 V between phase and neutral, unless told.
    pub voltage: Option<i64>,
    /// 6 A, unless told.
    pub min_current: Option<MilliAmps>,
    pub min_power: Option<W>,
    pub rate_units: Option<RateUnits>,
    pub offline_limit: Option<W>,
    /// At least eight characters; hashed, never shown.
    pub password: Option<String>,
    /// 1 with a password and 0 without, unless told.
    pub security_profile: Option<u8>,
    pub registration: Option<Registration>,
}

impl CreateChargePoint {
    /// The least that has to be said.
    pub fn new(identity: impl Into<String>, depot: DepotId, max_power: W) -> Self {
        Self {
            identity: identity.into(),
            depot,
            circuit: None,
            zone: None,
            max_power,
            evses: Vec::new(),
            current: None,
            voltage: None,
            min_current: None,
            min_power: None,
            rate_units: None,
            offline_limit: None,
            password: None,
            security_profile: None,
            registration: None,
        }
    }
}

/// A merge patch of a charge point.
#[derive(Clone, Debug, Default)]
pub struct ChangeChargePoint {
    pub identity: Option<String>,
    pub depot: Option<DepotId>,
    pub circuit: kernel::Change<CircuitId>,
    pub zone: kernel::Change<ZoneId>,
    pub max_power: Option<W>,
    /// Replaces all of them; those with a known number keep their id and their state.
    pub evses: Option<Vec<EvseInput>>,
    pub current: Option<CurrentType>,
    pub voltage: Option<i64>,
    pub min_current: Option<MilliAmps>,
    pub min_power: Option<W>,
    pub rate_units: kernel::Change<RateUnits>,
    pub offline_limit: kernel::Change<W>,
    pub password: kernel::Change<String>,
    pub security_profile: Option<u8>,
    pub registration: Option<Registration>,
}

#[derive(Clone, Debug, Default)]
pub struct EvseInput {
    /// Its place in the list, unless told.
    pub number: Option<u16>,
    pub rotation: Option<PhaseRotation>,
    /// None means one.
    pub connectors: Vec<ConnectorInput>,
}

#[derive(Clone, Debug, Default)]
pub struct ConnectorInput {
    /// Its EVSE's number where every EVSE has one connector, else its place in the list.
    pub number: Option<u16>,
    /// Type 2 for AC and CCS 2 for DC, unless told.
    pub standard: Option<String>,
    /// The charge point's, unless told.
    pub max_power: Option<W>,
    /// 1 or 3; 3 except for small AC connectors, unless told.
    pub phases: Option<u8>,
}

/// An order to a charger.
/// Planned work that shall not count as down.
#[derive(Clone, Debug)]
pub struct CreateMaintenance {
    pub target: MaintenanceTarget,
    /// At most 366 days long.
    pub span: Span,
    pub reason: String,
}

#[derive(Clone, Debug)]
pub struct RequestCommand {
    pub charge_point: ChargePointId,
    pub kind: CommandKind,
    /// Takes the place of unsent orders to this charger with the same key.
    pub replaces: Option<String>,
}

impl RequestCommand {
    pub fn new(charge_point: ChargePointId, kind: CommandKind) -> Self {
        Self { charge_point, kind, replaces: None }
    }
}

/// Notes every broken rule of a charge point's own fields. The identity, the EVSEs and the places
/// are checked where they are built.
pub(crate) fn check(charge_point: &ChargePoint, invalid: &mut Invalid) {
    invalid.range("/max_power_kw", charge_point.max_power.to_kilo(), 0.1, 10_000.0);
    let electrics = &charge_point.electrics;
    invalid.range("/voltage", electrics.voltage, 100, 1_000);
    invalid.range("/min_current_amps", electrics.min_current.to_kilo(), 0.0, 80.0);
    let max = charge_point.max_power.to_kilo();
    invalid.range("/min_power_kw", electrics.min_power.to_kilo(), 0.0, max);
    if let Some(limit) = electrics.offline_limit {
        invalid.range("/offline_limit_kw", limit.to_kilo(), 0.0, max);
    }
    invalid.range("/security_profile", charge_point.security_profile, 0, 3);
}

/// AC or DC, from the connectors where their standards tell, else DC above 43 kW.
pub(crate) fn current_of(evses: &[EvseInput], max_power: W) -> CurrentType {
    evses
        .iter()
        .flat_map(|evse| &evse.connectors)
        .filter_map(|connector| ConnectorStandard::parse("", connector.standard.as_deref()?).ok()?.current())
        .next()
        .unwrap_or(if max_power > W(43_000) { CurrentType::Dc } else { CurrentType::Ac })
}

/// Notes what is wrong with a password: it has 8 to 64 characters, none of them a control
/// character.
pub(crate) fn check_password(password: &str, invalid: &mut Invalid) {
    let length = password.chars().count();
    if !(8..=64).contains(&length) {
        invalid.push("/password", "out_of_range", "must have 8 to 64 characters");
    }
    if password.chars().any(char::is_control) {
        invalid.push("/password", "control_character", "must not hold control characters");
    }
}
