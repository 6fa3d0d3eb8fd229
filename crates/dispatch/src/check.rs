//! The rules of runs and series, checked all at once.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Invalid, Soc, TimeOfDay, Timestamp, Wh, clock::to_micros};
use vehicle::Vehicle;

use crate::{
    model::{Duty, Run},
    series::{Length, Recurrence, RunSeries},
};

/// The most that a duty may ask for.
const FARTHEST_KM: f64 = 5_000.0;
const MOST_KWH: f64 = 2_000.0;
/// How far the day a run counts for may lie from its departure: time zones, and runs after midnight.
const SERVICE_DAY: TimeDelta = TimeDelta::days(2);

/// Tidies a run and notes what is wrong with it by itself.
pub(crate) fn check_run(run: &mut Run, invalid: &mut Invalid) {
    run.block = invalid.text("/block", &run.block, 64);
    run.departure_at = to_micros(run.departure_at);
    run.arrival_at = to_micros(run.arrival_at);
    if !sensible(run.departure_at) {
        invalid.push("/departure_at", "out_of_range", "must lie between the years 2000 and 2200");
    } else if run.arrival_at <= run.departure_at {
        invalid.push("/arrival_at", "out_of_order", "must lie after the departure");
    } else if run.arrival_at - run.departure_at > Run::LONGEST {
        invalid.push("/arrival_at", "out_of_range", "must be at most 72 hours after the departure");
    }
    let day = run.departure_at.date_naive();
    if (run.service_date - day).abs() > SERVICE_DAY {
        invalid.push("/service_date", "out_of_range", "must lie within two days of the departure");
    }
    let mut duty = run.duty();
    check_duty(&mut duty, invalid);
    run.set_duty(duty);
}

fn sensible(at: Timestamp) -> bool {
    let year = |seconds| DateTime::<Utc>::from_timestamp(seconds, 0);
    year(946_684_800).is_some_and(|first| first <= at) && year(7_258_118_400).is_some_and(|last| at < last)
}

fn check_duty(duty: &mut Duty, invalid: &mut Invalid) {
    if let Some(distance) = duty.distance_m {
        amount(invalid, "/distance_km", Wh(distance), FARTHEST_KM);
    }
    if let Some(energy) = duty.energy_required {
        amount(invalid, "/energy_required_kwh", energy, MOST_KWH);
    }
    if duty.required_soc.is_some_and(|required| required < duty.minimum_soc || required == Soc::EMPTY) {
        let detail = "must be above 0 and not below minimum_soc_percent";
        invalid.push("/required_soc_percent", "out_of_order", detail);
    }
    if let Some(class) = &mut duty.vehicle_class {
        *class = invalid.text("/vehicle_class", class, 40);
    }
}

/// Thousandths of what `most` counts; above nothing.
fn amount(invalid: &mut Invalid, pointer: &str, thousandths: Wh, most: f64) {
    if thousandths.get() <= 0 || thousandths.to_kilo() > most {
        invalid.push(pointer, "out_of_range", format!("must be above 0 and at most {most}"));
    }
}

/// Notes why a vehicle can never run a duty.
pub(crate) fn check_vehicle(run: &Run, vehicle: &Vehicle, invalid: &mut Invalid) {
    if !fits_class(run, vehicle) {
        let class = run.vehicle_class.as_deref().unwrap_or_default();
        invalid.push("/vehicle_id", "class_mismatch", format!("must be of the class `{class}`"));
    }
    if !fits_battery(run, vehicle) {
        let pointer = if run.energy_required.is_some() { "/energy_required_kwh" } else { "/distance_km" };
        let detail = "must be in the vehicle's battery, above the state of charge to come back with";
        invalid.push(pointer, "beyond_battery", detail);
    }
}

pub(crate) fn fits_class(run: &Run, vehicle: &Vehicle) -> bool {
    run.vehicle_class.is_none() || run.vehicle_class == vehicle.class
}

/// Whether a full battery is enough.
pub(crate) fn fits_battery(run: &Run, vehicle: &Vehicle) -> bool {
    let usable = i64::from(Soc::FULL.hundredths() - run.minimum_soc.hundredths());
    run.energy_needed(vehicle)
        .is_none_or(|energy| energy.get() <= vehicle.battery.get().saturating_mul(usable) / 10_000)
}

/// Tidies a series and notes what is wrong with it by itself.
pub(crate) fn check_series(series: &mut RunSeries, invalid: &mut Invalid) {
    series.block = invalid.text("/block", &series.block, 64);
    check_duty(&mut series.duty, invalid);
    let recurrence = &series.recurrence;
    if recurrence.weekdays.is_empty() {
        invalid.push("/weekdays", "required", "must name a day");
    }
    if recurrence.departure == TimeOfDay::END {
        invalid.push("/departure_time", "out_of_range", "must be before 24:00");
    }
    match recurrence.length {
        Length::Minutes(minutes) => {
            invalid.range("/duration_minutes", minutes, 1, longest_minutes());
        }
        Length::Until(_) => {}
    }
    let midnight = recurrence.from.and_time(chrono::NaiveTime::MIN).and_utc();
    if !sensible(midnight) {
        invalid.push("/from", "out_of_range", "must lie between the years 2000 and 2200");
    }
    if recurrence.until.is_some_and(|until| until < recurrence.from) {
        invalid.push("/until", "out_of_order", "must not lie before from");
    }
    if recurrence.except.len() > Recurrence::MOST_EXCEPTIONS {
        let detail = format!("must be at most {} days", Recurrence::MOST_EXCEPTIONS);
        invalid.push("/except", "too_many", detail);
    }
}

fn longest_minutes() -> u32 {
    u32::try_from(Run::LONGEST.num_minutes()).unwrap_or(u32::MAX)
}
