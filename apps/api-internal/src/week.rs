//! Recurring times of the week as callers write them.

use chrono::Weekday;
use depot::{TimeOfDay, WeekBand, Weekdays};
use kernel::Invalid;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The same hours on some days of the week, by the depot's clock. Where `to` is not after `from`,
/// it lies on the next day.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = WeekBand)]
#[serde(deny_unknown_fields)]
pub(crate) struct WeekBandBody {
    #[schema(min_items = 1)]
    weekdays: Vec<WeekdayWord>,
    /// `HH:MM`, inclusive.
    from: String,
    /// `HH:MM`, exclusive; `24:00` is the end of the day.
    to: String,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Weekday)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WeekdayWord {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl WeekBandBody {
    /// The band, or field errors below `pointer`.
    pub(crate) fn band(&self, pointer: &str, invalid: &mut Invalid) -> Option<WeekBand> {
        let mut time = |field: &str, text: &str| {
            let parsed = text.parse::<TimeOfDay>();
            parsed
                .map_err(|error| invalid.push(format!("{pointer}/{field}"), "malformed", error.to_string()))
                .ok()
        };
        let (from, to) = (time("from", &self.from), time("to", &self.to));
        let band = WeekBand::new(Weekdays::of(self.weekdays.iter().map(|day| day.day())), from?, to?);
        if band.is_none() {
            invalid.push(
                pointer,
                "empty",
                "must name a day, and a from that is neither 24:00 nor equal to to",
            );
        }
        band
    }
}

impl From<WeekBand> for WeekBandBody {
    fn from(band: WeekBand) -> Self {
        Self {
            weekdays: band.weekdays().iter().map(WeekdayWord::from).collect(),
            from: band.from().to_string(),
            to: band.to().to_string(),
        }
    }
}

impl WeekdayWord {
    pub(crate) const fn day(self) -> Weekday {
        match self {
            Self::Monday => Weekday::Mon,
            Self::Tuesday => Weekday::Tue,
            Self::Wednesday => Weekday::Wed,
            Self::Thursday => Weekday::Thu,
            Self::Friday => Weekday::Fri,
            Self::Saturday => Weekday::Sat,
            Self::Sunday => Weekday::Sun,
        }
    }
}

impl From<Weekday> for WeekdayWord {
    fn from(day: Weekday) -> Self {
        match day {
            Weekday::Mon => Self::Monday,
            Weekday::Tue => Self::Tuesday,
            Weekday::Wed => Self::Wednesday,
            Weekday::Thu => Self::Thursday,
            Weekday::Fri => Self::Friday,
            Weekday::Sat => Self::Saturday,
            Weekday::Sun => Self::Sunday,
        }
    }
}
