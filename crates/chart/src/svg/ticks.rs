//! Round numbers along both axes.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveTime, TimeDelta};
use kernel::Timestamp;

use crate::model::{Chart, Shape, Unit};

/// Labels that fit along the axis of time.
const MOST_TIMES: i64 = 12;

/// The axis of values.
pub(super) struct Scale {
    pub(super) least: f64,
    pub(super) most: f64,
    step: f64,
}

impl Scale {
    pub(super) fn ticks(&self) -> impl Iterator<Item = f64> {
        let (first, step) = ((self.least / self.step).round(), self.step);
        let last = self.most / step + 0.5;
        (0..64_u8).map(move |n| first + f64::from(n)).take_while(move |n| *n < last).map(move |n| n * step)
    }

    pub(super) fn label(&self, value: f64) -> String {
        let decimals = usize::from(self.step < 1.0) + usize::from(self.step < 0.1);
        format!("{value:.decimals$}")
    }
}

/// From zero, or below where something is, to a round number at or above all that is shown.
pub(super) fn values(chart: &Chart) -> Scale {
    if chart.unit == Unit::Percent {
        return Scale { least: 0.0, most: 100.0, step: 20.0 };
    }
    let mut stacks: BTreeMap<Timestamp, f64> = BTreeMap::new();
    let (mut least, mut most) = (0.0_f64, 0.0_f64);
    for series in &chart.series {
        for point in &series.points {
            let Some(value) = point.value else { continue };
            let top = if series.shape == Shape::Stacked {
                let stack = stacks.entry(point.at).or_default();
                *stack += value;
                *stack
            } else {
                value
            };
            (least, most) = (least.min(top), most.max(top));
        }
    }
    let whole = if chart.unit == Unit::Runs { 1.0 } else { 0.01 };
    let step = round_above((most - least) / 5.0).max(whole);
    let most = (most / step).ceil().max(1.0) * step;
    Scale { least: (least / step).floor() * step, most, step }
}

/// 1, 2 or 5 times a power of ten.
fn round_above(value: f64) -> f64 {
    if value.is_nan() || value <= 0.0 {
        return 0.0;
    }
    let ten = 10_f64.powf(value.log10().floor());
    [1.0, 2.0, 5.0].into_iter().map(|factor| factor * ten).find(|step| *step >= value).unwrap_or(10.0 * ten)
}

/// A number as people write it: with as many digits as it has to say.
pub(super) fn plain(value: f64) -> String {
    let text = if value.abs() < 100.0 { format!("{value:.1}") } else { format!("{value:.0}") };
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// A label of the axis of time.
pub(super) struct Tick {
    pub(super) at: Timestamp,
    pub(super) label: String,
    pub(super) is_day: bool,
}

/// Round times by the clock of the depot.
pub(super) fn times(chart: &Chart) -> Vec<Tick> {
    let span = chart.to - chart.from;
    let fits = |step: &TimeDelta| span.num_seconds() / step.num_seconds() <= MOST_TIMES;
    let minutes = [5, 15, 30, 60, 120, 180, 360, 720].into_iter().map(TimeDelta::minutes);
    match minutes.into_iter().find(fits) {
        Some(step) => hours(chart, step),
        None => days(chart),
    }
}

fn hours(chart: &Chart, step: TimeDelta) -> Vec<Tick> {
    let tz = chart.zone.tz();
    let mut ticks = Vec::new();
    let mut day = chart.from.with_timezone(&tz).date_naive();
    while let Some(tomorrow) = day.checked_add_days(Days::new(1)) {
        let mut time = TimeDelta::zero();
        while time < TimeDelta::days(1) {
            let local = day.and_time(NaiveTime::MIN) + time;
            let at = chart.zone.instant(local);
            if at > chart.to {
                return ticks;
            }
            // A time that a clock change skips is not on the axis.
            let exists = at.with_timezone(&tz).naive_local() == local;
            if at >= chart.from && exists {
                let is_day = time.is_zero();
                let label = local.format(if is_day { "%a %-d %b" } else { "%H:%M" }).to_string();
                ticks.push(Tick { at, label, is_day });
            }
            time += step;
        }
        day = tomorrow;
    }
    ticks
}

/// Every so many days, or months, or years.
fn days(chart: &Chart) -> Vec<Tick> {
    let local = |at: Timestamp| at.with_timezone(&chart.zone.tz()).date_naive();
    let (first, last) = (local(chart.from), local(chart.to));
    let count = (last - first).num_days();
    let step = [1_u32, 2, 7, 14].into_iter().find(|step| count / i64::from(*step) <= MOST_TIMES);
    let months =
        [1, 3, 6].into_iter().find(|months| count / (30 * i64::from(*months)) <= MOST_TIMES).unwrap_or(12);
    let mut ticks = Vec::new();
    for day in first.iter_days().take_while(|day| *day <= last) {
        let fits = match step {
            // Weeks begin on Mondays.
            Some(step @ (7 | 14)) => day.num_days_from_ce().rem_euclid(i32::try_from(step).unwrap_or(7)) == 1,
            Some(step) => (day - first).num_days() % i64::from(step) == 0,
            None => day.day() == 1 && day.month0() % months == 0,
        };
        let at = chart.zone.instant(day.and_time(NaiveTime::MIN));
        if fits && chart.from <= at && at <= chart.to {
            let label = day.format(if step.is_some() { "%-d %b" } else { "%b %Y" }).to_string();
            ticks.push(Tick { at, label, is_day: false });
        }
    }
    ticks
}
