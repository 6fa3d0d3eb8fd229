//! The charge point: what the operator says it is, and what it reports of itself.

use kernel::{
    ChargePointId, CircuitId, DepotId, EvseId, MilliAmps, OrganisationId, Timestamp, Version, W, ZoneId,
};
use serde::{Deserialize, Serialize};

use super::{
    charging_profile::LimitUnit,
    evse::{Connector, ConnectorPlace, CurrentType, Evse},
    identity::{Identity, PasswordHash},
    status::{Availability, ConnectorLive, ConnectorStatus},
};

/// A charging station. Everything outside `live` is the operator's word and counts in `version`;
/// `live` is the charger's word and changes without one. Its serialised form is the audit
/// snapshot: without secrets and without live facts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChargePoint {
    pub id: ChargePointId,
    pub organisation: OrganisationId,
    pub version: Version,
    pub identity: Identity,
    pub depot: DepotId,
    /// The circuit that feeds it; the grid connection of its depot where none is named.
    pub circuit: Option<CircuitId>,
    pub zone: Option<ZoneId>,
    pub max_power: W,
    pub electrics: Electrics,
    /// OCPP security profile 0 to 3: how it has to prove its identity.
    pub security_profile: u8,
    #[serde(skip)]
    pub password_hash: Option<PasswordHash>,
    pub registration: Registration,
    /// In the order of their numbers; at least one.
    pub evses: Vec<Evse>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(skip)]
    pub live: ChargePointLive,
}

impl ChargePoint {
    /// A charger that reports more connectors than this is not believed.
    pub const MAX_CONNECTORS: usize = 64;

    pub fn evse(&self, id: EvseId) -> Option<&Evse> {
        self.evses.iter().find(|evse| evse.id == id)
    }

    /// Finds a connector by its number counted over the whole charge point.
    pub fn connector(&self, flat_number: u16) -> Option<(&Evse, &Connector)> {
        self.evses
            .iter()
            .flat_map(|evse| evse.connectors.iter().map(move |connector| (evse, connector)))
            .find(|(_, connector)| connector.flat_number == flat_number)
    }

    pub fn connector_mut(&mut self, flat_number: u16) -> Option<&mut Connector> {
        self.evses
            .iter_mut()
            .flat_map(|evse| evse.connectors.iter_mut())
            .find(|connector| connector.flat_number == flat_number)
    }

    pub fn place(&self, flat_number: u16) -> Option<ConnectorPlace> {
        self.connector(flat_number).map(|(evse, connector)| ConnectorPlace {
            depot: self.depot,
            evse: evse.id,
            evse_number: evse.number,
            connector_number: connector.number,
            flat_number,
        })
    }

    /// The most an EVSE of it may be given.
    pub fn evse_max_power(&self, evse: &Evse) -> W {
        evse.max_power().min(self.max_power)
    }

    /// The least an EVSE of it can charge with, below which it has to pause: from the minimum
    /// current for AC, the configured minimum for DC.
    pub fn evse_min_power(&self, evse: &Evse) -> W {
        match self.electrics.current {
            CurrentType::Ac => self.electrics.power_at(self.electrics.min_current, evse.phases()),
            CurrentType::Dc => self.electrics.min_power,
        }
        .max(self.electrics.min_power)
    }

    /// What the charger takes in a charging schedule: the operator's word, else its own.
    pub fn rate_units(&self) -> Option<RateUnits> {
        self.electrics.rate_units.or(self.live.capabilities.rate_units)
    }

    /// Whether any connector has the status.
    pub fn has_status(&self, status: ConnectorStatus) -> bool {
        self.evses.iter().flat_map(|evse| &evse.connectors).any(|connector| connector.live.status() == status)
    }
}

/// Which charger, where its own row is not at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChargerRef {
    pub organisation: OrganisationId,
    pub charge_point: ChargePointId,
}

/// What the planner has to know of its electronics.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Electrics {
    pub current: CurrentType,
    /// Volts between phase and neutral.
    pub voltage: i64,
    /// The least current per phase of an AC charger; below it charging pauses. 6 A by IEC 61851.
    pub min_current: MilliAmps,
    /// The least power it can charge with.
    pub min_power: W,
    pub rate_units: Option<RateUnits>,
    /// What it may draw, by its own settings, when the connection is lost; `None` where nothing
    /// holds it back.
    pub offline_limit: Option<W>,
}

impl Electrics {
    /// P = U · I · phases, the current being in thousandths of an ampere per phase.
    pub fn power_at(&self, current: MilliAmps, phases: u8) -> W {
        W(self.voltage.saturating_mul(current.get()).saturating_mul(i64::from(phases)) / 1000)
    }
}

/// Whether the charger may take part: its answer to a boot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Registration {
    #[default]
    Accepted,
    /// Known, but not yet released by the operator.
    Pending,
    Rejected,
}

/// Which units a charger takes in a charging schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RateUnits {
    Amps,
    Watts,
    Both,
}

impl RateUnits {
    pub const fn takes(self, unit: LimitUnit) -> bool {
        matches!(
            (self, unit),
            (Self::Both, _) | (Self::Amps, LimitUnit::Amps) | (Self::Watts, LimitUnit::Watts)
        )
    }

    /// From the value of `ChargingScheduleAllowedChargingRateUnit`: a list of `Current` and
    /// `Power`, which some chargers write as `A` and `W`.
    pub fn parse(text: &str) -> Option<Self> {
        let words = || text.split(',').map(|word| word.trim().to_ascii_lowercase());
        let amps = words().any(|word| matches!(word.as_str(), "current" | "a" | "amps"));
        let watts = words().any(|word| matches!(word.as_str(), "power" | "w" | "watts"));
        match (amps, watts) {
            (true, true) => Some(Self::Both),
            (true, false) => Some(Self::Amps),
            (false, true) => Some(Self::Watts),
            (false, false) => None,
        }
    }
}

/// The protocol the charger's last socket spoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Protocol {
    #[serde(rename = "ocpp1.6")]
    Ocpp16,
}

/// Which connection of a charger: a later one has a higher number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Generation(pub i64);

/// What is known of the charger at present.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ChargePointLive {
    pub vendor: Option<String>,
    pub model: Option<String>,
    pub serial: Option<String>,
    pub firmware: Option<String>,
    pub booted_at: Option<Timestamp>,
    pub protocol: Option<Protocol>,
    pub online: bool,
    pub generation: Generation,
    /// When it last came or went.
    pub connection_changed_at: Option<Timestamp>,
    /// To within half a minute.
    pub last_seen_at: Option<Timestamp>,
    /// The charge point as a whole: "connector 0".
    pub whole: ConnectorLive,
    pub firmware_status: Option<Progress>,
    pub diagnostics_status: Option<Progress>,
    pub capabilities: Capabilities,
}

impl ChargePointLive {
    /// Whether the operator wants it used.
    pub fn wanted(&self) -> Availability {
        self.whole.wanted
    }
}

/// How far a long job of a charger is, in the protocol's word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    pub status: String,
    pub at: Timestamp,
}

/// What the charger said it can do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Capabilities {
    pub rate_units: Option<RateUnits>,
    pub max_stack_level: Option<i64>,
    pub max_periods: Option<i64>,
    pub max_profiles: Option<i64>,
    /// Whether it can switch a running session between three phases and one.
    pub phase_switching: Option<bool>,
    pub smart_charging: Option<bool>,
    /// Whether it can be asked for its readings.
    pub remote_trigger: Option<bool>,
}

impl Capabilities {
    /// Takes up one configuration key of OCPP 1.6; others, and values nobody can read, change
    /// nothing.
    pub fn learn(&mut self, key: &str, value: &str) {
        let number = || value.trim().parse::<i64>().ok();
        match key {
            "ChargingScheduleAllowedChargingRateUnit" => {
                self.rate_units = RateUnits::parse(value).or(self.rate_units);
            }
            "ChargeProfileMaxStackLevel" => self.max_stack_level = number().or(self.max_stack_level),
            "ChargingScheduleMaxPeriods" => self.max_periods = number().or(self.max_periods),
            "MaxChargingProfilesInstalled" => self.max_profiles = number().or(self.max_profiles),
            "ConnectorSwitch3to1PhaseSupported" => {
                self.phase_switching =
                    value.trim().to_ascii_lowercase().parse().ok().or(self.phase_switching);
            }
            "SupportedFeatureProfiles" => {
                let has = |profile| value.split(',').any(|word| word.trim() == profile);
                self.smart_charging = Some(has("SmartCharging"));
                self.remote_trigger = Some(has("RemoteTrigger"));
            }
            _ => {}
        }
    }
}

/// One setting of a charger, as it reported it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConfigurationKey {
    pub key: String,
    pub value: Option<String>,
    pub readonly: bool,
    pub reported_at: Timestamp,
}

impl ConfigurationKey {
    /// Whether the value of this setting is a secret: the password for basic authentication.
    pub fn is_secret(key: &str) -> bool {
        key.eq_ignore_ascii_case("AuthorizationKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_units_are_read_in_every_spelling() {
        assert_eq!(RateUnits::parse("Current,Power"), Some(RateUnits::Both));
        assert_eq!(RateUnits::parse(" Current "), Some(RateUnits::Amps));
        assert_eq!(RateUnits::parse("W"), Some(RateUnits::Watts));
        assert_eq!(RateUnits::parse(""), None);
        assert!(!RateUnits::Amps.takes(LimitUnit::Watts));
        assert!(RateUnits::Both.takes(LimitUnit::Watts));
    }

    #[test]
    fn an_unreadable_value_does_not_unlearn() {
        let mut known = Capabilities::default();
        known.learn("ChargeProfileMaxStackLevel", " 8 ");
        known.learn("ChargeProfileMaxStackLevel", "many");
        known.learn("SupportedFeatureProfiles", "Core, SmartCharging");
        assert_eq!((known.max_stack_level, known.smart_charging), (Some(8), Some(true)));
    }
}
