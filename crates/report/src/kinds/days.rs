//! A bar for every day, or for as many days together as there is room for.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use crate::table::{Bar, Chart};

/// Bars that a chart has room for.
const MOST: usize = 62;

/// What is charted of a day.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Day {
    pub(super) value: f64,
    pub(super) limit: Option<f64>,
}

/// How days become one bar.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Together {
    Sum,
    Highest,
    Mean,
}

/// A chart over days: those of a month where there are too many.
pub(super) fn chart(
    title: &'static str,
    unit: &'static str,
    days: &BTreeMap<NaiveDate, Day>,
    together: Together,
) -> Option<Chart> {
    let monthly = days.len() > MOST;
    let mut bars: BTreeMap<NaiveDate, (Day, f64)> = BTreeMap::new();
    for (date, day) in days {
        let place = if monthly { date.with_day(1).unwrap_or(*date) } else { *date };
        let (bar, days) = bars.entry(place).or_default();
        *days += 1.0;
        bar.value = match together {
            Together::Mean => bar.value + (day.value - bar.value) / *days,
            Together::Sum => bar.value + day.value,
            Together::Highest => bar.value.max(day.value),
        };
        bar.limit = match (bar.limit, day.limit) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }
    let label = |date: NaiveDate| date.format(if monthly { "%b %Y" } else { "%d %b" }).to_string();
    let bars: Vec<Bar> = bars
        .into_iter()
        .map(|(date, (day, _))| Bar { label: label(date), value: day.value, limit: day.limit })
        .collect();
    (!bars.is_empty()).then_some(Chart { title, unit, bars })
}
