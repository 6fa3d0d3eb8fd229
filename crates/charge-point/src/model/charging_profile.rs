//! Charging profiles in no protocol's words: what a charger may give, and when.

use kernel::{Invalid, MilliAmps, Timestamp, TransactionId, W};
use serde::{Deserialize, Serialize};

/// The longest time that the protocols can say: about 68 years.
const MAX_SECONDS: u32 = i32::MAX.unsigned_abs();

/// A limit over time. The unit of every offset is in its name, because a schedule that is off by a
/// factor of a thousand still looks like one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargingProfile {
    pub id: i32,
    /// Higher wins within a purpose; unique per purpose and connector.
    pub stack_level: u16,
    pub purpose: ProfilePurpose,
    pub kind: ProfileKind,
    /// The transaction that a profile of purpose `Tx` is for.
    pub transaction: Option<TransactionRef>,
    pub valid_from: Option<Timestamp>,
    pub valid_to: Option<Timestamp>,
    pub schedule: ProfileSchedule,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProfilePurpose {
    /// Caps the whole charge point, whatever else is set.
    ChargePointMax,
    /// Holds for every transaction that has no profile of its own.
    TxDefault,
    /// Holds for one running transaction.
    Tx,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProfileKind {
    /// Starts at an instant; now, where none is given.
    Absolute { start: Option<Timestamp> },
    /// Starts again and again.
    Recurring { every: Recurrency, start: Timestamp },
    /// Starts with the transaction.
    Relative,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recurrency {
    Daily,
    Weekly,
}

/// A transaction, by our id or by the number the charger knows it by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransactionRef {
    Id(TransactionId),
    Ocpp(i64),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileSchedule {
    pub unit: LimitUnit,
    /// How long it holds; until replaced, where not given.
    pub duration_seconds: Option<u32>,
    /// Below this charging is inefficient, a hint to the charger.
    pub min_rate: Option<Rate>,
    /// In the order of their start, the first at 0.
    pub periods: Vec<ProfilePeriod>,
}

impl ProfileSchedule {
    /// One limit, from the start on.
    pub fn constant(unit: LimitUnit, limit: Rate, phases: Option<u8>) -> Self {
        let periods = vec![ProfilePeriod { start_seconds: 0, limit, phases }];
        Self { unit, duration_seconds: None, min_rate: None, periods }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfilePeriod {
    /// Seconds, never milliseconds, after the start of the schedule.
    pub start_seconds: u32,
    pub limit: Rate,
    /// 1 to 3. A charger assumes 3 where none is given.
    pub phases: Option<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitUnit {
    /// Per phase.
    Amps,
    /// Over all phases.
    Watts,
}

/// A limit in amperes or watts with one decimal, the resolution of the protocols; kept in tenths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rate {
    tenths: i64,
}

impl Rate {
    pub const ZERO: Self = Self { tenths: 0 };

    pub const fn from_tenths(tenths: i64) -> Self {
        Self { tenths }
    }

    pub const fn tenths(self) -> i64 {
        self.tenths
    }

    /// In amperes, rounded down so that no limit grows.
    pub const fn from_current(current: MilliAmps) -> Self {
        Self { tenths: current.0.div_euclid(100) }
    }

    /// In watts, exactly.
    pub const fn from_power(power: W) -> Self {
        Self { tenths: power.0.saturating_mul(10) }
    }

    /// From a number of amperes or watts, rounded down to tenths; `None` unless it is finite, not
    /// negative and below 10⁹.
    #[expect(clippy::cast_possible_truncation, reason = "checked to be small")]
    pub fn from_number(number: f64) -> Option<Self> {
        // 16.1 · 10 is 160.99999999999997 and means 161.
        (0.0..1e9).contains(&number).then(|| Self { tenths: (number * 10.0 + 1e-6).floor() as i64 })
    }

    #[expect(clippy::cast_precision_loss, reason = "limits stay far below 2^53")]
    pub fn to_number(self) -> f64 {
        self.tenths as f64 / 10.0
    }
}

impl ChargingProfile {
    /// Checks the rules that hold in every protocol. `connector` is where it is to be set, 0 for
    /// the whole charge point, and `None` where it comes with a remote start.
    pub(crate) fn check(&self, pointer: &str, connector: Option<u16>, invalid: &mut Invalid) {
        let at = |field: &str| format!("{pointer}/{field}");
        invalid.range(&at("stack_level"), self.stack_level, 0, 1_000);
        match (self.purpose, connector) {
            (ProfilePurpose::Tx, Some(0)) => {
                invalid.push(at("purpose"), "other_connector", "a tx profile needs a connector above 0");
            }
            (ProfilePurpose::Tx, Some(_)) if self.transaction.is_none() => {
                invalid.push(at("transaction_id"), "required", "a tx profile is for one transaction");
            }
            (ProfilePurpose::ChargePointMax, Some(1..)) => {
                invalid.push(
                    at("purpose"),
                    "other_connector",
                    "a charge_point_max profile is for connector 0",
                );
            }
            (ProfilePurpose::ChargePointMax | ProfilePurpose::TxDefault, None) => {
                invalid.push(at("purpose"), "other_purpose", "a remote start takes a tx profile");
            }
            _ => {}
        }
        if let Some(TransactionRef::Ocpp(number)) = self.transaction {
            invalid.range(&at("ocpp_transaction_id"), number, i32::MIN.into(), i32::MAX.into());
        }
        if self.purpose != ProfilePurpose::Tx && self.transaction.is_some() {
            invalid.push(at("transaction_id"), "unexpected", "only a tx profile names a transaction");
        }
        if self.purpose == ProfilePurpose::ChargePointMax && self.kind == ProfileKind::Relative {
            invalid.push(
                at("kind"),
                "other_kind",
                "a charge_point_max profile has no start to be relative to",
            );
        }
        if let (Some(from), Some(to)) = (self.valid_from, self.valid_to)
            && to <= from
        {
            invalid.push(at("valid_to"), "out_of_range", "must lie after valid_from");
        }
        self.schedule.check(pointer, invalid);
    }
}

impl ProfileSchedule {
    fn check(&self, pointer: &str, invalid: &mut Invalid) {
        if self.periods.is_empty() {
            invalid.push(format!("{pointer}/periods"), "required", "must hold at least one period");
        }
        if self.periods.len() > 1_024 {
            invalid.push(format!("{pointer}/periods"), "too_many", "must hold at most 1024 periods");
        }
        if let Some(duration) = self.duration_seconds {
            invalid.range(&format!("{pointer}/duration_seconds"), duration, 1, MAX_SECONDS);
        }
        let mut previous = None;
        for (index, period) in self.periods.iter().enumerate() {
            let at = |field: &str| format!("{pointer}/periods/{index}/{field}");
            match previous {
                None if period.start_seconds != 0 => {
                    invalid.push(at("start_seconds"), "out_of_range", "the first period starts at 0");
                }
                Some(previous) if period.start_seconds <= previous => {
                    invalid.push(at("start_seconds"), "out_of_order", "must lie after the period before");
                }
                _ => {}
            }
            previous = Some(period.start_seconds);
            invalid.range(&at("start_seconds"), period.start_seconds, 0, MAX_SECONDS);
            if period.limit < Rate::ZERO {
                invalid.push(at("limit"), "out_of_range", "must not be negative");
            }
            if let Some(phases) = period.phases {
                invalid.range(&at("phases"), phases, 1, 3);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn profile(purpose: ProfilePurpose) -> ChargingProfile {
        ChargingProfile {
            id: 1,
            stack_level: 0,
            purpose,
            kind: ProfileKind::Absolute { start: None },
            transaction: None,
            valid_from: None,
            valid_to: None,
            schedule: ProfileSchedule::constant(LimitUnit::Amps, Rate::from_tenths(160), Some(3)),
        }
    }

    fn codes(profile: &ChargingProfile, connector: Option<u16>) -> Vec<String> {
        let mut invalid = Invalid::default();
        profile.check("/p", connector, &mut invalid);
        invalid.errors.into_iter().map(|error| format!("{} {}", error.pointer, error.code)).collect()
    }

    #[test]
    fn a_tx_profile_needs_its_transaction_unless_it_starts_one() {
        let mut tx = profile(ProfilePurpose::Tx);
        assert_eq!(codes(&tx, Some(1)), ["/p/transaction_id required"]);
        assert!(codes(&tx, None).is_empty());
        tx.transaction = Some(TransactionRef::Ocpp(7));
        assert!(codes(&tx, Some(1)).is_empty());
        assert_eq!(codes(&tx, Some(0)), ["/p/purpose other_connector"]);
    }

    #[test]
    fn a_cap_of_the_whole_is_set_on_the_whole() {
        let cap = profile(ProfilePurpose::ChargePointMax);
        assert!(codes(&cap, Some(0)).is_empty());
        assert_eq!(codes(&cap, Some(1)), ["/p/purpose other_connector"]);
        assert_eq!(codes(&cap, None), ["/p/purpose other_purpose"]);
    }

    #[test]
    fn periods_start_at_zero_and_ascend() {
        let mut default = profile(ProfilePurpose::TxDefault);
        let period = |start_seconds| ProfilePeriod { start_seconds, limit: Rate::ZERO, phases: None };
        default.schedule.periods = vec![period(0), period(900), period(900)];
        assert_eq!(codes(&default, Some(0)), ["/p/periods/2/start_seconds out_of_order"]);
        default.schedule.periods = vec![period(1)];
        assert_eq!(codes(&default, Some(0)), ["/p/periods/0/start_seconds out_of_range"]);
        default.schedule.periods.clear();
        assert_eq!(codes(&default, Some(0)), ["/p/periods required"]);
    }

    #[test]
    fn limits_keep_one_decimal_and_never_grow() {
        assert_eq!(Rate::from_number(16.1), Some(Rate::from_tenths(161)));
        assert_eq!(Rate::from_number(8.1).map(Rate::to_number), Some(8.1));
        assert_eq!(Rate::from_number(f64::NAN), None);
        assert_eq!(Rate::from_number(-1.0), None);
    }

    proptest! {
        #[test]
        fn a_current_becomes_at_most_itself(milli in 0_i64..1_000_000) {
            let rate = Rate::from_current(MilliAmps(milli));
            prop_assert!(rate.tenths() * 100 <= milli && milli < rate.tenths() * 100 + 100);
        }

        #[test]
        fn tenths_survive_the_way_through_a_number(tenths in 0_i64..1_000_000_000) {
            let rate = Rate::from_tenths(tenths);
            prop_assert_eq!(Rate::from_number(rate.to_number()), Some(rate));
        }
    }
}
