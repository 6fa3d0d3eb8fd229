//! What a vehicle and an id tag are.

use std::fmt;

use chrono::TimeDelta;
use kernel::{
    DepotId, EvseId, IdTagId, Invalid, OrganisationId, PriorityLevel, Soc, Timestamp, VehicleId, Version, W,
    Wh,
};
use serde::{Deserialize, Serialize};

/// A vehicle of the fleet.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Vehicle {
    pub id: VehicleId,
    pub organisation: OrganisationId,
    pub version: Version,
    /// The operator's own number, unique within the organisation.
    pub fleet_number: String,
    /// The registration plate.
    pub registration: Option<String>,
    /// ISO 3779 vehicle identification number, unique within the organisation.
    pub vin: Option<String>,
    /// The operator's own name of its class; runs may ask for one.
    pub class: Option<String>,
    pub depot: Option<DepotId>,
    /// Usable capacity.
    pub battery: Wh,
    /// What the on-board charger takes at most; zero where the vehicle charges by DC only.
    pub max_ac: W,
    /// What the battery takes by DC at most; zero where the vehicle charges by AC only.
    pub max_dc: W,
    pub efficiency_wh_per_km: Option<i64>,
    /// Charging aims at this state of charge.
    pub target_soc: Soc,
    pub priority_level: PriorityLevel,
    /// What it takes from the charger before a departure, besides charging.
    pub precondition: Option<Precondition>,
    pub out_of_service: bool,
    /// The observation that is believed.
    pub soc: Option<SocObservation>,
    pub plugged_in: Option<EvseId>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Heating or cooling of cabin and battery in the last minutes before a departure, by the charger's
/// power.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Precondition {
    pub power: W,
    pub minutes: u16,
}

impl Vehicle {
    pub fn state(&self) -> VehicleState {
        match (self.out_of_service, self.plugged_in) {
            (true, _) => VehicleState::OutOfService,
            (false, Some(_)) => VehicleState::PluggedIn,
            (false, None) => VehicleState::Available,
        }
    }

    /// Everything it is called.
    pub fn all_names(&self) -> Vec<VehicleName> {
        let mut names = vec![VehicleName::Id(self.id), VehicleName::FleetNumber(self.fleet_number.clone())];
        names.extend(self.vin.clone().map(VehicleName::Vin));
        names
    }

    /// Energy still missing to the target; the whole way from empty where nothing was observed.
    pub fn missing_energy(&self) -> Wh {
        let have = self.soc.map_or(0, |soc| soc.soc.hundredths());
        let missing = i64::from(self.target_soc.hundredths().saturating_sub(have));
        Wh(self.battery.get().saturating_mul(missing) / 10_000)
    }

    /// Takes up an observation where it is worth more than the present one. Returns whether it did:
    /// the same observation again says nothing new.
    pub fn observe(&mut self, observation: SocObservation) -> bool {
        let new = |current| observation != current && observation.replaces(&current);
        let believed = self.soc.is_none_or(new);
        if believed {
            self.soc = Some(observation);
        }
        believed
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VehicleState {
    Available,
    PluggedIn,
    OutOfService,
}

/// What names one vehicle of an organisation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum VehicleName {
    Id(VehicleId),
    Vin(String),
    FleetNumber(String),
}

impl VehicleName {
    /// In the spelling in which vehicles are stored.
    pub fn vin(text: &str) -> Self {
        Self::Vin(text.trim().to_ascii_uppercase())
    }

    /// In the spelling in which vehicles are stored.
    pub fn fleet_number(text: &str) -> Self {
        Self::FleetNumber(text.trim().to_owned())
    }
}

/// One report of a state of charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SocObservation {
    pub soc: Soc,
    pub source: SocSource,
    pub at: Timestamp,
}

impl SocObservation {
    /// For how long a report of a better source stands against a newer one of a worse source.
    pub const BETTER_SOURCE_HOLDS: TimeDelta = TimeDelta::minutes(10);

    /// Newer replaces older, except that a worse source waits until the better one has aged.
    pub fn replaces(&self, current: &Self) -> bool {
        if self.at < current.at {
            return false;
        }
        self.source <= current.source || self.at - current.at >= Self::BETTER_SOURCE_HOLDS
    }
}

/// Where a state of charge was learned, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SocSource {
    /// Measured by the vehicle and passed on by the charger.
    Charger,
    /// Sent by the vehicle's telematics.
    Telematics,
    /// Typed in by a person.
    Manual,
    /// Computed from energy.
    Estimate,
}

/// Something a charger reads to recognise a vehicle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IdTag {
    pub id: IdTagId,
    pub organisation: OrganisationId,
    pub version: Version,
    pub value: IdTagValue,
    pub kind: IdTagKind,
    pub vehicle: Option<VehicleId>,
    pub status: IdTagStatus,
    pub expires_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl IdTag {
    /// What a charger that reads this tag is told.
    pub fn authorisation(&self, now: Timestamp) -> Authorisation {
        match self.status {
            IdTagStatus::Blocked => Authorisation::Blocked,
            IdTagStatus::Active if self.expires_at.is_some_and(|expiry| expiry <= now) => {
                Authorisation::Expired
            }
            IdTagStatus::Active => Authorisation::Accepted,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdTagKind {
    Rfid,
    /// The MAC address of the vehicle's communication controller (autocharge).
    Evccid,
    /// The contract id of ISO 15118 plug and charge.
    Emaid,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdTagStatus {
    Active,
    Blocked,
}

/// The answer to "may this tag charge?".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authorisation {
    Accepted,
    Blocked,
    Expired,
    /// No such tag.
    Unknown,
}

/// A tag's text in the one spelling it is stored and compared in: chargers differ in case and in
/// the separators of a MAC address, so both are dropped.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct IdTagValue(String);

impl IdTagValue {
    pub const MAX_CHARS: usize = 36;

    /// # Errors
    /// [`Invalid`] where the text is empty, longer than 36 characters, or not printable ASCII.
    pub fn parse(pointer: &str, text: &str) -> Result<Self, Invalid> {
        let value = Self::normalise(text);
        let mut invalid = Invalid::default();
        invalid.text(pointer, &value.0, Self::MAX_CHARS);
        if !value.0.chars().all(|c| c.is_ascii_graphic()) {
            invalid.push(pointer, "not_ascii", "must be printable ASCII without spaces");
        }
        invalid.into_result().map(|()| value)
    }

    /// The stored spelling of whatever a charger sent, which may be no valid tag at all.
    pub fn normalise(text: &str) -> Self {
        let upper = text.trim().to_ascii_uppercase();
        let hex: String = upper.chars().filter(|c| !matches!(c, ':' | '-')).collect();
        let is_mac = hex.len() == 12 && upper.len() == 17 && hex.chars().all(|c| c.is_ascii_hexdigit());
        Self(if is_mac { hex } else { upper })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IdTagValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use kernel::{Clock, testing::FakeClock};

    use super::*;

    fn observation(source: SocSource, minutes: i64) -> SocObservation {
        let at = FakeClock::default().now() + TimeDelta::minutes(minutes);
        SocObservation { soc: Soc::FULL, source, at }
    }

    #[test]
    fn a_worse_source_waits_until_the_better_one_has_aged() {
        let measured = observation(SocSource::Charger, 0);
        assert!(!observation(SocSource::Manual, 5).replaces(&measured));
        assert!(observation(SocSource::Manual, 10).replaces(&measured));
        assert!(observation(SocSource::Charger, 1).replaces(&measured));
        assert!(observation(SocSource::Charger, 1).replaces(&observation(SocSource::Estimate, 0)));
    }

    #[test]
    fn an_older_report_never_wins() {
        assert!(!observation(SocSource::Charger, 0).replaces(&observation(SocSource::Estimate, 1)));
    }

    #[test]
    fn tags_compare_without_case_and_mac_separators() {
        assert_eq!(IdTagValue::normalise("04:a2:f1:9c:0e:77"), IdTagValue::normalise("04A2F19C0E77"));
        assert_eq!(IdTagValue::normalise(" ab-cd ").as_str(), "AB-CD");
        assert!(IdTagValue::parse("/value", "").is_err());
        assert!(IdTagValue::parse("/value", "tag with space").is_err());
        assert!(IdTagValue::parse("/value", &"x".repeat(37)).is_err());
    }
}
