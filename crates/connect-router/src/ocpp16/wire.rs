//! Values as chargers write them.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use kernel::Timestamp;
use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

/// Before this no charger of this protocol was made: such a clock was never set.
const EARLIEST: i64 = 1_262_304_000; // 2010-01-01
/// How far ahead a charger's clock may run.
const AHEAD: TimeDelta = TimeDelta::days(1);

/// A time as it was written: with or without zone, with a space for the `T`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Time(DateTime<Utc>);

impl Time {
    /// The charger's time where its clock was set, else when the message came.
    pub(super) fn or(time: Option<Self>, received_at: Timestamp) -> Timestamp {
        let plausible = |at: &DateTime<Utc>| at.timestamp() >= EARLIEST && *at <= received_at + AHEAD;
        kernel::clock::to_micros(time.map(|time| time.0).filter(plausible).unwrap_or(received_at))
    }

    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let zoned = DateTime::parse_from_rfc3339(text).map(|at| at.with_timezone(&Utc));
        if let Ok(at) = zoned {
            return Some(Self(at));
        }
        ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.fZ", "%Y-%m-%d %H:%M:%S%.fZ"]
            .iter()
            .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
            .map(|at| Self(at.and_utc()))
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("invalid value: not a time"))
    }
}

/// A whole number, which may be written as a text or with a fraction of zero.
#[derive(Clone, Copy, Debug)]
pub(super) struct Whole(pub(super) i64);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let number = match &value {
            Value::Number(number) => number.as_i64().or_else(|| number.as_f64().and_then(whole)),
            Value::String(text) => {
                text.trim().parse().ok().or_else(|| text.trim().parse().ok().and_then(whole))
            }
            _ => None,
        };
        number.map(Self).ok_or_else(|| de::Error::custom("invalid type: not a whole number"))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "checked to be within 2^53")]
fn whole(number: f64) -> Option<i64> {
    (number.is_finite() && number.abs() < 9e15).then(|| number.round() as i64)
}

/// A text, which may be written as a number.
#[derive(Clone, Debug)]
pub(super) struct Text(pub(super) String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self(text)),
            Value::Number(number) => Ok(Self(number.to_string())),
            Value::Bool(flag) => Ok(Self(flag.to_string())),
            _ => Err(de::Error::custom("invalid type: not a text")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_the_field_are_read() {
        for text in [
            "2026-03-02T08:00:00Z",
            "2026-03-02T09:00:00+01:00",
            "2026-03-02T08:00:00",
            "2026-03-02 08:00:00.000",
            "2026-03-02T08:00:00.0000000Z",
        ] {
            let time = Time::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(time.0.to_rfc3339(), "2026-03-02T08:00:00+00:00", "{text}");
        }
        assert!(Time::parse("yesterday").is_none() && Time::parse("").is_none());
    }

    #[test]
    fn a_clock_that_was_never_set_is_not_believed() {
        let received = Time::parse("2026-03-02T08:00:00Z").unwrap().0;
        for text in ["1970-01-01T00:00:05Z", "2999-01-01T00:00:00Z"] {
            assert_eq!(Time::or(Time::parse(text), received), received);
        }
        assert_eq!(Time::or(None, received), received);
        let old = Time::parse("2026-02-01T00:00:00Z");
        assert_eq!(Time::or(old, received), old.unwrap().0);
    }

    #[test]
    fn numbers_of_the_field_are_read() {
        for (json, number) in [
            ("7", Some(7)),
            ("\"7\"", Some(7)),
            ("7.0", Some(7)),
            ("\"7.6\"", Some(8)),
            ("1e300", None),
            ("\"x\"", None),
            ("null", None),
            ("[]", None),
        ] {
            assert_eq!(serde_json::from_str::<Whole>(json).ok().map(|whole| whole.0), number, "{json}");
        }
    }
}
