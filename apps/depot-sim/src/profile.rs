//! Charging profiles as OCPP 1.6 (section 3.13) has them: which are installed, and what they allow.
//!
//! Per purpose the profile with the highest stack level that says something now leads; a
//! `TxProfile` overrides the `TxDefaultProfile`; the lowest of the result and the
//! `ChargePointMaxProfile` wins. A `TxDefaultProfile` of a connector overrides one of connector 0,
//! which applies to every connector by itself.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

/// Volts, phase to neutral.
pub(crate) const VOLTS: f64 = 230.0;
pub(crate) const MOST_STACK_LEVEL: u32 = 10;
pub(crate) const MOST_PERIODS: usize = 100;
pub(crate) const MOST_PROFILES: usize = 50;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) enum Purpose {
    #[serde(rename = "ChargePointMaxProfile")]
    StationMost,
    #[serde(rename = "TxDefaultProfile")]
    Default,
    #[serde(rename = "TxProfile")]
    Transaction,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum Kind {
    Absolute,
    Recurring,
    Relative,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum Recurrency {
    Daily,
    Weekly,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) enum RateUnit {
    W,
    A,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Profile {
    charging_profile_id: i64,
    transaction_id: Option<i64>,
    stack_level: u32,
    charging_profile_purpose: Purpose,
    charging_profile_kind: Kind,
    recurrency_kind: Option<Recurrency>,
    valid_from: Option<DateTime<Utc>>,
    valid_to: Option<DateTime<Utc>>,
    charging_schedule: Schedule,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Schedule {
    duration: Option<i64>,
    start_schedule: Option<DateTime<Utc>>,
    charging_rate_unit: RateUnit,
    charging_schedule_period: Vec<Period>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Period {
    start_period: i64,
    limit: f64,
    number_phases: Option<u8>,
}

/// What a connector is doing, as far as profiles care.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Charging {
    pub(crate) transaction: Option<i64>,
    pub(crate) since: Option<DateTime<Utc>>,
}

#[derive(Debug, Default)]
pub(crate) struct Profiles(Vec<Installed>);

#[derive(Debug)]
struct Installed {
    connector: usize,
    at: DateTime<Utc>,
    profile: Profile,
}

impl Profiles {
    /// Installs a profile, in the place of one with its id or its purpose and stack level. False
    /// where a charger must refuse it.
    pub(crate) fn set(
        &mut self,
        connector: usize,
        profile: Profile,
        charging: Option<Charging>,
        now: DateTime<Utc>,
    ) -> bool {
        let (purpose, level) = (profile.charging_profile_purpose, profile.stack_level);
        let fits = match purpose {
            Purpose::StationMost => connector == 0 && profile.charging_profile_kind != Kind::Relative,
            Purpose::Default => profile.transaction_id.is_none(),
            Purpose::Transaction => {
                let running = charging.filter(|charging| charging.since.is_some());
                connector > 0
                    && running.is_some_and(|charging| {
                        profile.transaction_id.is_none() || profile.transaction_id == charging.transaction
                    })
            }
        };
        if !fits || !profile.is_sound() {
            return false;
        }
        self.0.retain(|other| {
            let same_place = other.connector == connector
                && other.profile.charging_profile_purpose == purpose
                && other.profile.stack_level == level;
            other.profile.charging_profile_id != profile.charging_profile_id && !same_place
        });
        if self.0.len() >= MOST_PROFILES {
            return false;
        }
        self.0.push(Installed { connector, at: now, profile });
        true
    }

    /// Removes what matches all criteria given; false where nothing does.
    pub(crate) fn clear(
        &mut self,
        id: Option<i64>,
        connector: Option<usize>,
        purpose: Option<Purpose>,
        level: Option<u32>,
    ) -> bool {
        let before = self.0.len();
        self.0.retain(|installed| {
            let profile = &installed.profile;
            // The id alone decides where it is given.
            let matches = match id {
                Some(id) => profile.charging_profile_id == id,
                None => {
                    connector.is_none_or(|connector| installed.connector == connector)
                        && purpose.is_none_or(|purpose| profile.charging_profile_purpose == purpose)
                        && level.is_none_or(|level| profile.stack_level == level)
                }
            };
            !matches
        });
        self.0.len() < before
    }

    /// A transaction's own profiles end with it.
    pub(crate) fn transaction_ended(&mut self, connector: usize) {
        self.clear(None, Some(connector), Some(Purpose::Transaction), None);
    }

    /// What the connector's own profiles allow, in watts over `phases`.
    pub(crate) fn connector_limit(
        &self,
        connector: usize,
        phases: u8,
        charging: Charging,
        now: DateTime<Utc>,
    ) -> Option<f64> {
        let leading = |purpose, connector| self.leading(purpose, connector, phases, charging.since, now);
        leading(Purpose::Transaction, connector)
            .filter(|_| charging.since.is_some())
            .or_else(|| leading(Purpose::Default, connector))
            .or_else(|| leading(Purpose::Default, 0))
    }

    /// What the whole station is allowed, in watts.
    pub(crate) fn station_limit(&self, now: DateTime<Utc>) -> Option<f64> {
        self.leading(Purpose::StationMost, 0, 3, None, now)
    }

    fn leading(
        &self,
        purpose: Purpose,
        connector: usize,
        phases: u8,
        since: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Option<f64> {
        self.0
            .iter()
            .filter(|other| other.connector == connector && other.profile.charging_profile_purpose == purpose)
            .filter_map(|other| {
                let limit = other.profile.limit(phases, other.at, since, now)?;
                Some((other.profile.stack_level, limit))
            })
            .max_by_key(|(level, _)| *level)
            .map(|(_, limit)| limit)
    }

    /// The answer to GetCompositeSchedule: what would be allowed from now on, joined into periods.
    pub(crate) fn composite(
        &self,
        connector: usize,
        (most_w, phases): (f64, u8),
        charging: Charging,
        (now, seconds): (DateTime<Utc>, i64),
        unit: RateUnit,
    ) -> Value {
        let mut periods: Vec<(i64, f64)> = Vec::new();
        for second in 0..seconds {
            let at = now + TimeDelta::seconds(second);
            let own =
                if connector == 0 { None } else { self.connector_limit(connector, phases, charging, at) };
            let watts = [own, self.station_limit(at)].into_iter().flatten().fold(most_w, f64::min);
            if periods.last().is_none_or(|(_, last)| (last - watts).abs() > 0.01) {
                periods.push((second, watts));
            }
        }
        let periods: Vec<Value> = periods
            .into_iter()
            .map(|(start, watts)| match unit {
                RateUnit::W => json!({"startPeriod": start, "limit": tenths(watts)}),
                RateUnit::A => {
                    let amps = tenths(watts / VOLTS / f64::from(phases));
                    json!({"startPeriod": start, "limit": amps, "numberPhases": phases})
                }
            })
            .collect();
        json!({
            "status": "Accepted",
            "connectorId": connector,
            "scheduleStart": now,
            "chargingSchedule": {
                "duration": seconds,
                "startSchedule": now,
                "chargingRateUnit": match unit { RateUnit::W => "W", RateUnit::A => "A" },
                "chargingSchedulePeriod": periods,
            },
        })
    }
}

impl Profile {
    pub(crate) fn is_transaction_profile(&self) -> bool {
        self.charging_profile_purpose == Purpose::Transaction
    }

    /// The word of `ChargingScheduleAllowedChargingRateUnit` for its unit.
    pub(crate) fn unit_name(&self) -> &'static str {
        match self.charging_schedule.charging_rate_unit {
            RateUnit::W => "Power",
            RateUnit::A => "Current",
        }
    }

    fn is_sound(&self) -> bool {
        let schedule = &self.charging_schedule;
        let periods = &schedule.charging_schedule_period;
        let kind_fits = match self.charging_profile_kind {
            Kind::Absolute => true,
            Kind::Recurring => schedule.start_schedule.is_some() && self.recurrency_kind.is_some(),
            Kind::Relative => schedule.start_schedule.is_none(),
        };
        kind_fits
            && self.stack_level <= MOST_STACK_LEVEL
            && periods.len() <= MOST_PERIODS
            && periods.first().is_some_and(|first| first.start_period == 0)
            && periods.is_sorted_by(|one, next| one.start_period < next.start_period)
            && periods.iter().all(|period| period.limit.is_finite() && period.limit >= 0.0)
            && schedule.duration.is_none_or(|duration| duration >= 0)
    }

    /// Watts allowed at an instant, where the profile says anything about it.
    fn limit(
        &self,
        phases: u8,
        installed_at: DateTime<Utc>,
        since: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Option<f64> {
        if self.valid_from.is_some_and(|from| now < from) || self.valid_to.is_some_and(|to| now >= to) {
            return None;
        }
        let schedule = &self.charging_schedule;
        let seconds = match (self.charging_profile_kind, schedule.start_schedule) {
            (Kind::Absolute, start) => (now - start.unwrap_or(installed_at)).num_seconds(),
            (Kind::Relative, _) => (now - since.unwrap_or(installed_at)).num_seconds(),
            (Kind::Recurring, start) => {
                let days = if self.recurrency_kind == Some(Recurrency::Weekly) { 7 } else { 1 };
                (now - start?).num_seconds().rem_euclid(days * 86_400)
            }
        };
        if seconds < 0 || schedule.duration.is_some_and(|duration| seconds >= duration) {
            return None;
        }
        let periods = schedule.charging_schedule_period.iter();
        let period = periods.rev().find(|period| period.start_period <= seconds)?;
        Some(match schedule.charging_rate_unit {
            RateUnit::W => period.limit,
            RateUnit::A => {
                period.limit * VOLTS * f64::from(period.number_phases.unwrap_or(3).clamp(1, 3).min(phases))
            }
        })
    }
}

fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap()
    }

    fn profile(id: i64, purpose: &str, level: u32, limit: f64) -> Value {
        json!({
            "chargingProfileId": id, "stackLevel": level, "chargingProfilePurpose": purpose,
            "chargingProfileKind": "Absolute",
            "chargingSchedule": {
                "chargingRateUnit": "W", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}],
            },
        })
    }

    fn charging() -> Charging {
        Charging { transaction: Some(7), since: Some(at(0)) }
    }

    fn install(profiles: &mut Profiles, connector: usize, profile: Value) -> bool {
        let profile = serde_json::from_value(profile).unwrap();
        profiles.set(connector, profile, Some(charging()), at(0))
    }

    fn limit(profiles: &Profiles, second: i64) -> Option<f64> {
        profiles.connector_limit(1, 3, charging(), at(second))
    }

    #[test]
    fn the_highest_level_leads_and_a_transaction_overrides_the_default() {
        let mut profiles = Profiles::default();
        assert!(install(&mut profiles, 0, profile(1, "TxDefaultProfile", 0, 4_000.0)));
        assert_eq!(limit(&profiles, 1), Some(4_000.0));
        assert!(install(&mut profiles, 1, profile(2, "TxDefaultProfile", 0, 5_000.0)));
        assert!(install(&mut profiles, 1, profile(3, "TxDefaultProfile", 3, 6_000.0)));
        assert_eq!(limit(&profiles, 1), Some(6_000.0));
        assert!(install(&mut profiles, 1, profile(4, "TxProfile", 0, 7_000.0)));
        assert_eq!(limit(&profiles, 1), Some(7_000.0));
        profiles.transaction_ended(1);
        assert_eq!(limit(&profiles, 1), Some(6_000.0));
    }

    #[test]
    fn a_profile_ends_after_its_duration_and_the_one_below_holds() {
        let mut profiles = Profiles::default();
        let mut short = profile(1, "TxProfile", 5, 50_000.0);
        short["chargingSchedule"]["duration"] = json!(60);
        assert!(install(&mut profiles, 1, short));
        assert!(install(&mut profiles, 1, profile(2, "TxDefaultProfile", 0, 3_000.0)));
        assert_eq!((limit(&profiles, 59), limit(&profiles, 60)), (Some(50_000.0), Some(3_000.0)));
    }

    #[test]
    fn amperes_count_per_phase_in_use() {
        let mut profiles = Profiles::default();
        let mut amps = profile(1, "TxDefaultProfile", 0, 10.0);
        amps["chargingSchedule"]["chargingRateUnit"] = json!("A");
        assert!(install(&mut profiles, 0, amps));
        assert_eq!(profiles.connector_limit(1, 3, charging(), at(1)), Some(6_900.0));
        assert_eq!(profiles.connector_limit(1, 1, charging(), at(1)), Some(2_300.0));
    }

    #[test]
    fn what_a_charger_must_refuse_is_refused() {
        let mut profiles = Profiles::default();
        assert!(!install(&mut profiles, 1, profile(1, "ChargePointMaxProfile", 0, 1.0)));
        assert!(!install(&mut profiles, 0, profile(1, "TxProfile", 0, 1.0)));
        assert!(!install(&mut profiles, 1, profile(1, "TxDefaultProfile", 11, 1.0)));
        let mut other = profile(1, "TxProfile", 0, 1.0);
        other["transactionId"] = json!(8);
        assert!(!install(&mut profiles, 1, other));
        let late = json!([{"startPeriod": 1, "limit": 5.0}]);
        let mut gap = profile(1, "TxDefaultProfile", 0, 1.0);
        gap["chargingSchedule"]["chargingSchedulePeriod"] = late;
        assert!(!install(&mut profiles, 1, gap));
    }

    #[test]
    fn the_same_place_or_id_replaces() {
        let mut profiles = Profiles::default();
        assert!(install(&mut profiles, 1, profile(1, "TxDefaultProfile", 0, 1.0)));
        assert!(install(&mut profiles, 1, profile(2, "TxDefaultProfile", 0, 2.0)));
        assert!(install(&mut profiles, 0, profile(2, "TxDefaultProfile", 4, 3.0)));
        assert_eq!(profiles.0.len(), 1);
        assert!(profiles.clear(Some(2), None, None, None));
        assert!(!profiles.clear(None, None, None, None));
    }

    #[test]
    fn the_composite_schedule_shows_every_change() {
        let mut profiles = Profiles::default();
        let mut steps = profile(1, "TxProfile", 0, 10_000.0);
        steps["chargingSchedule"]["chargingSchedulePeriod"] =
            json!([{"startPeriod": 0, "limit": 10_000.0}, {"startPeriod": 30, "limit": 20_000.0}]);
        assert!(install(&mut profiles, 1, steps));
        assert!(install(&mut profiles, 0, profile(2, "ChargePointMaxProfile", 0, 15_000.0)));
        let composite = profiles.composite(1, (22_000.0, 3), charging(), (at(0), 60), RateUnit::W);
        assert_eq!(
            composite["chargingSchedule"]["chargingSchedulePeriod"],
            json!([{"startPeriod": 0, "limit": 10_000.0}, {"startPeriod": 30, "limit": 15_000.0}]),
        );
    }
}
