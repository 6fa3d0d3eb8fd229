//! Recurring times of the week, by the clock on some wall. Whose wall it is, whoever asks knows.

use std::{fmt, str::FromStr};

use chrono::Weekday;
use serde::{Deserialize, Serialize, de::Error as _};

const DAY: u16 = 24 * 60;
const WEEK: u16 = 7 * DAY;

/// A set of weekdays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weekdays(u8);

impl Weekdays {
    pub const ALL: Self = Self(0b111_1111);

    pub fn of(days: impl IntoIterator<Item = Weekday>) -> Self {
        Self(days.into_iter().fold(0, |set, day| set | 1 << day.num_days_from_monday()))
    }

    pub fn contains(self, day: Weekday) -> bool {
        self.0 & (1 << day.num_days_from_monday()) != 0
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The days of the set, Monday first.
    pub fn iter(self) -> impl Iterator<Item = Weekday> {
        [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun]
            .into_iter()
            .filter(move |day| self.contains(*day))
    }
}

impl Serialize for Weekdays {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(|day| day.to_string()))
    }
}

impl<'de> Deserialize<'de> for Weekdays {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let days = Vec::<String>::deserialize(deserializer)?;
        let parse = |day: &String| day.parse::<Weekday>().map_err(|_| D::Error::custom("no weekday"));
        Ok(Self::of(days.iter().map(parse).collect::<Result<Vec<_>, _>>()?))
    }
}

/// A minute of the day: 00:00 to 24:00, the last only as an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay(u16);

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a time from 00:00 to 24:00, written HH:MM")]
pub struct BadTimeOfDay;

impl TimeOfDay {
    pub const MIDNIGHT: Self = Self(0);
    pub const END: Self = Self(DAY);

    /// The minute that a clock shows.
    pub fn at(hour: u32, minute: u32) -> Self {
        Self(u16::try_from(hour * 60 + minute).unwrap_or(0) % DAY)
    }

    pub const fn minutes(self) -> u16 {
        self.0
    }
}

impl FromStr for TimeOfDay {
    type Err = BadTimeOfDay;

    fn from_str(text: &str) -> Result<Self, BadTimeOfDay> {
        let number = |text: &str| match text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            true => text.parse::<u16>().map_err(|_| BadTimeOfDay),
            false => Err(BadTimeOfDay),
        };
        let (hour, minute) = text.split_once(':').ok_or(BadTimeOfDay)?;
        let (hour, minute) = (number(hour)?, number(minute)?);
        let total = hour * 60 + minute;
        if minute < 60 && total <= DAY { Ok(Self(total)) } else { Err(BadTimeOfDay) }
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = BadTimeOfDay;

    fn try_from(text: String) -> Result<Self, BadTimeOfDay> {
        text.parse()
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> Self {
        time.to_string()
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// The same hours on some days of the week. Where the end is not after the start, it lies on the
/// next day, and the band belongs to the day on which it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeekBand {
    weekdays: Weekdays,
    from: TimeOfDay,
    to: TimeOfDay,
}

impl WeekBand {
    /// `None` without a day, for an empty time, or for a start at 24:00.
    pub fn new(weekdays: Weekdays, from: TimeOfDay, to: TimeOfDay) -> Option<Self> {
        let sound = !weekdays.is_empty() && from != to && from != TimeOfDay::END;
        sound.then_some(Self { weekdays, from, to })
    }

    pub fn weekdays(&self) -> Weekdays {
        self.weekdays
    }

    pub fn from(&self) -> TimeOfDay {
        self.from
    }

    pub fn to(&self) -> TimeOfDay {
        self.to
    }

    /// Whether a reading of the wall clock lies in it. The start counts, the end does not.
    pub fn contains(&self, weekday: Weekday, time: TimeOfDay) -> bool {
        if self.from < self.to {
            return self.weekdays.contains(weekday) && self.from <= time && time < self.to;
        }
        (self.weekdays.contains(weekday) && self.from <= time)
            || (self.weekdays.contains(weekday.pred()) && time < self.to)
    }

    /// Whether some minute of the week lies in both.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.spans().any(|mine| {
            other.spans().any(|theirs| {
                // Each span is shorter than a week, so comparing it a week apart finds the turn.
                [-i32::from(WEEK), 0, i32::from(WEEK)].into_iter().any(|turn| {
                    let (start, end) = (i32::from(theirs.0) + turn, i32::from(theirs.1) + turn);
                    i32::from(mine.0) < end && start < i32::from(mine.1)
                })
            })
        })
    }

    /// Start and end in minutes from Monday 00:00; the end may lie beyond the week.
    fn spans(&self) -> impl Iterator<Item = (u16, u16)> {
        let length =
            if self.from < self.to { self.to.0 - self.from.0 } else { self.to.0 + DAY - self.from.0 };
        let from = self.from.0;
        self.weekdays.iter().zip(std::iter::repeat((from, length))).map(|(day, (from, length))| {
            let start = u16::try_from(day.num_days_from_monday()).unwrap_or(0) * DAY + from;
            (start, start + length)
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bands() -> impl Strategy<Value = WeekBand> {
        (1_u8..128, 0_u16..DAY, 0_u16..=DAY).prop_filter_map("an empty time", |(days, from, to)| {
            WeekBand::new(Weekdays(days), TimeOfDay(from), TimeOfDay(to))
        })
    }

    fn minutes() -> impl Iterator<Item = (Weekday, TimeOfDay)> {
        Weekdays::ALL.iter().flat_map(|day| (0..DAY).step_by(1).map(move |minute| (day, TimeOfDay(minute))))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn bands_overlap_where_they_share_a_minute(a in bands(), b in bands()) {
            let shared = minutes().any(|(day, time)| a.contains(day, time) && b.contains(day, time));
            prop_assert_eq!(a.overlaps(&b), shared);
            prop_assert_eq!(b.overlaps(&a), shared);
        }

        #[test]
        fn times_round_trip(minute in 0..=DAY) {
            let time = TimeOfDay(minute);
            prop_assert_eq!(time.to_string().parse::<TimeOfDay>(), Ok(time));
        }

        #[test]
        fn any_text_is_parsed_or_refused(text in "\\PC{0,8}") {
            let _ = text.parse::<TimeOfDay>();
        }
    }

    #[test]
    fn a_band_over_midnight_belongs_to_the_day_it_starts() {
        let night =
            WeekBand::new(Weekdays::of([Weekday::Sun]), "22:00".parse().unwrap(), "06:00".parse().unwrap())
                .unwrap();
        let at = |time: &str| time.parse::<TimeOfDay>().unwrap();
        assert!(night.contains(Weekday::Sun, at("22:00")));
        assert!(night.contains(Weekday::Mon, at("05:59")));
        assert!(!night.contains(Weekday::Mon, at("06:00")));
        assert!(!night.contains(Weekday::Sun, at("05:59")));
    }

    #[test]
    fn nonsense_is_no_time() {
        for text in ["24:01", "12:60", "1:00", "12:0", "+1:00", "12-00", "noon", "12:000", "99:99"] {
            assert!(text.parse::<TimeOfDay>().is_err(), "{text}");
        }
        assert_eq!("24:00".parse(), Ok(TimeOfDay::END));
    }
}
