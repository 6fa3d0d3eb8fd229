//! Charging profiles in the API's words.

use charge_point::{ChargingProfile, ProfileKind, ProfilePeriod, ProfileSchedule, Rate, Recurrency};
use chrono::{DateTime, Utc};
use kernel::Invalid;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::words::{PurposeWord, RecurrencyWord, UnitWord, transaction, transaction_fields};

/// What a charger may give over time.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = ChargingProfile)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProfileBody {
    #[serde(default = "first")]
    #[schema(default = 1)]
    id: i32,
    /// Higher wins within a purpose.
    #[serde(default)]
    stack_level: u16,
    purpose: PurposeWord,
    #[serde(default)]
    kind: KindWord,
    /// For `recurring` profiles only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recurrency: Option<RecurrencyWord>,
    /// When the schedule starts; now, unless told. Needed for `recurring` profiles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    start_at: Option<DateTime<Utc>>,
    /// The transaction that a `tx` profile is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    transaction_id: Option<Uuid>,
    /// The same, by the number the charger knows it by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ocpp_transaction_id: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    valid_from: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    valid_to: Option<DateTime<Utc>>,
    unit: UnitWord,
    /// How long the schedule holds; until replaced, unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    duration_seconds: Option<u32>,
    /// Below this, charging is inefficient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    min_rate: Option<f64>,
    /// In the order of their start, the first at 0.
    periods: Vec<PeriodBody>,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = ChargingPeriod)]
#[serde(deny_unknown_fields)]
pub(crate) struct PeriodBody {
    /// Seconds after the start of the schedule.
    start_seconds: u32,
    /// In the profile's unit, with one decimal.
    #[schema(minimum = 0)]
    limit: f64,
    /// A charger assumes 3, unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 3)]
    phases: Option<u8>,
}

/// What the schedule starts from: an instant, every day or week, or the transaction.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ChargingProfileKind)]
#[serde(rename_all = "snake_case")]
enum KindWord {
    #[default]
    Absolute,
    Recurring,
    Relative,
}

fn first() -> i32 {
    1
}

impl ProfileBody {
    pub(super) fn profile(self, pointer: &str, invalid: &mut Invalid) -> ChargingProfile {
        let at = |field: &str| format!("{pointer}/{field}");
        let kind = match (self.kind, self.recurrency, self.start_at) {
            (KindWord::Absolute, _, start) => ProfileKind::Absolute { start },
            (KindWord::Relative, ..) => ProfileKind::Relative,
            (KindWord::Recurring, Some(every), Some(start)) => {
                ProfileKind::Recurring { every: every.into(), start }
            }
            (KindWord::Recurring, every, start) => {
                if every.is_none() {
                    invalid.push(at("recurrency"), "required", "a recurring profile says how often");
                }
                if start.is_none() {
                    invalid.push(at("start_at"), "required", "a recurring profile says from when");
                }
                ProfileKind::Relative
            }
        };
        if self.kind != KindWord::Recurring && self.recurrency.is_some() {
            invalid.push(at("recurrency"), "unexpected", "only a recurring profile says how often");
        }
        if self.kind == KindWord::Relative && self.start_at.is_some() {
            invalid.push(at("start_at"), "unexpected", "a relative profile starts with its transaction");
        }
        let transaction = transaction(pointer, self.transaction_id, self.ocpp_transaction_id, invalid);
        let min_rate = self.min_rate.map(|number| rate(&at("min_rate"), number, invalid));
        let periods = self.periods.into_iter().enumerate();
        let periods = periods
            .map(|(index, period)| ProfilePeriod {
                start_seconds: period.start_seconds,
                limit: rate(&at(&format!("periods/{index}/limit")), period.limit, invalid),
                phases: period.phases,
            })
            .collect();
        ChargingProfile {
            id: self.id,
            stack_level: self.stack_level,
            purpose: self.purpose.into(),
            kind,
            transaction,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            schedule: ProfileSchedule {
                unit: self.unit.into(),
                duration_seconds: self.duration_seconds,
                min_rate,
                periods,
            },
        }
    }
}

fn rate(pointer: &str, number: f64, invalid: &mut Invalid) -> Rate {
    Rate::from_number(number).unwrap_or_else(|| {
        invalid.push(pointer, "out_of_range", "must be between 0 and 1000000000");
        Rate::ZERO
    })
}

impl From<ChargingProfile> for ProfileBody {
    fn from(profile: ChargingProfile) -> Self {
        let (kind, every, start_at) = match profile.kind {
            ProfileKind::Absolute { start } => (KindWord::Absolute, None::<Recurrency>, start),
            ProfileKind::Recurring { every, start } => (KindWord::Recurring, Some(every), Some(start)),
            ProfileKind::Relative => (KindWord::Relative, None, None),
        };
        let (transaction_id, ocpp_transaction_id) = transaction_fields(profile.transaction);
        let ProfileSchedule { unit, duration_seconds, min_rate, periods } = profile.schedule;
        Self {
            id: profile.id,
            stack_level: profile.stack_level,
            purpose: profile.purpose.into(),
            kind,
            recurrency: every.map(Into::into),
            start_at,
            transaction_id,
            ocpp_transaction_id,
            valid_from: profile.valid_from,
            valid_to: profile.valid_to,
            unit: unit.into(),
            duration_seconds,
            min_rate: min_rate.map(Rate::to_number),
            periods: periods
                .into_iter()
                .map(|period| PeriodBody {
                    start_seconds: period.start_seconds,
                    limit: period.limit.to_number(),
                    phases: period.phases,
                })
                .collect(),
        }
    }
}
