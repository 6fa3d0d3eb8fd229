//! One row, read as what is to become of a run.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use depot::{Depot, TimeZone};
use kernel::{Change, DepotId, PriorityLevel, Soc, Timestamp, VehicleId, Wh};

use super::{COLUMNS, Row, RowError};
use crate::command::ChangeDuty;

/// A row whose texts can be read. What it does not tell of a run that exists stays as it is.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) row: usize,
    pub(crate) depot: DepotId,
    pub(crate) service_date: NaiveDate,
    pub(crate) block: String,
    pub(crate) departure_at: Timestamp,
    pub(crate) arrival_at: Timestamp,
    /// But for the vehicle.
    pub(crate) duty: ChangeDuty,
    pub(crate) vehicle: Change<VehicleName>,
}

/// How a row names a vehicle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum VehicleName {
    Id(VehicleId),
    FleetNumber(String),
}

/// The texts of a row, and what is wrong with them.
struct Reading<'a> {
    row: &'a Row,
    errors: Vec<RowError>,
}

impl Reading<'_> {
    fn text(&self, column: &str) -> Option<&str> {
        let place = COLUMNS.iter().position(|name| *name == column)?;
        self.row.texts[place].as_deref()
    }

    fn wrong(&mut self, column: &str, code: &'static str, detail: &str) {
        self.errors.push(RowError::new(self.row.number, Some(column), code, detail));
    }

    fn required(&mut self, column: &str) -> Option<String> {
        let text = self.text(column).filter(|text| !text.is_empty()).map(str::to_owned);
        if text.is_none() {
            self.wrong(column, "required", "is required");
        }
        text
    }

    /// A column that may be empty, or absent altogether.
    fn optional<T>(
        &mut self,
        column: &str,
        detail: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Change<T> {
        match self.text(column) {
            None => Change::Keep,
            Some("") => Change::Clear,
            Some(text) => match parse(text) {
                Some(value) => Change::Set(value),
                None => {
                    self.wrong(column, "malformed", detail);
                    Change::Keep
                }
            },
        }
    }

    fn number<T>(&mut self, column: &str, make: impl FnOnce(f64) -> T) -> Change<T> {
        self.optional(column, "must be a number", |text| number(text).map(make))
    }

    fn soc(&mut self, column: &str) -> Change<Soc> {
        let parse = |text: &str| number(text).and_then(Soc::from_percent);
        self.optional(column, "must be a number between 0 and 100", parse)
    }
}

/// A number, with a decimal point or comma.
fn number(text: &str) -> Option<f64> {
    let text = match (text.split_once(','), text.contains('.')) {
        (Some((whole, part)), false) => format!("{whole}.{part}"),
        _ => text.to_owned(),
    };
    text.parse::<f64>().ok().filter(|number| number.is_finite())
}

/// Reads a row. `None` where it has errors, which are added to the others.
pub(crate) fn draft(row: &Row, depots: &[Depot], errors: &mut Vec<RowError>) -> Option<Draft> {
    let mut reading = Reading { row, errors: Vec::new() };
    let depot = reading.required("depot").and_then(|name| {
        let id = name.parse::<DepotId>().ok();
        let found = depots.iter().find(|depot| depot.code == name || Some(depot.id) == id);
        if found.is_none() {
            reading.wrong("depot", "unknown_depot", "no depot has this code or id");
        }
        found
    });
    let zone = depot.map_or(TimeZone::UTC, |depot| depot.time_zone);
    let day =
        reading.optional("service_date", "must be a date, written YYYY-MM-DD", |text| text.parse().ok());
    let day: Option<NaiveDate> = if let Change::Set(day) = day { Some(day) } else { None };
    let times = times(&mut reading, day, zone);
    let block = reading.required("block");
    let level = |text: &str| text.parse().ok().and_then(PriorityLevel::new);
    let minimum_soc = match reading.soc("minimum_soc_percent") {
        Change::Keep => None,
        Change::Clear => Some(Soc::EMPTY),
        Change::Set(soc) => Some(soc),
    };
    let duty = ChangeDuty {
        distance_m: reading.number("distance_km", |kilometres| Wh::from_kilo(kilometres).get()),
        energy_required: reading.number("energy_required_kwh", Wh::from_kilo),
        required_soc: reading.soc("required_soc_percent"),
        minimum_soc,
        vehicle: Change::Keep,
        vehicle_class: reading.optional("vehicle_class", "", |text| Some(text.to_owned())),
        priority_level: reading.optional("priority_level", "must be between 1 and 9", level),
    };
    let vehicle = reading.optional("vehicle", "", |text| {
        let id = text.parse::<VehicleId>().ok();
        Some(id.map_or_else(|| VehicleName::FleetNumber(text.to_owned()), VehicleName::Id))
    });
    let sound = reading.errors.is_empty();
    errors.append(&mut reading.errors);
    let (depot, block, (departure_at, arrival_at)) = (depot.filter(|_| sound)?, block?, times?);
    let service_date = day.unwrap_or_else(|| departure_at.with_timezone(&zone.tz()).date_naive());
    let row = row.number;
    Some(Draft { row, depot: depot.id, service_date, block, departure_at, arrival_at, duty, vehicle })
}

/// Departure and arrival. One that is a time of the day is of the service date; an arrival that is not
/// after the departure then is on the day after.
fn times(
    reading: &mut Reading<'_>,
    day: Option<NaiveDate>,
    zone: TimeZone,
) -> Option<(Timestamp, Timestamp)> {
    let departure = reading.required("departure_at");
    let arrival = reading.required("arrival_at");
    let detail = "must be an instant, a local date and time, or HH:MM beside a service_date";
    let mut parse = |column: &str, text: Option<String>| {
        let parsed = moment(&text?, day);
        if parsed.is_none() {
            reading.wrong(column, "malformed", detail);
        }
        parsed
    };
    let (departure, arrival) = (parse("departure_at", departure), parse("arrival_at", arrival));
    let (departure, arrival) = (departure?, arrival?);
    let instant = |moment: Moment| match moment {
        Moment::Instant(at) => at,
        Moment::Local(local) | Moment::OfDay(local) => zone.instant(local),
    };
    let departure = instant(departure);
    let arrival = match arrival {
        Moment::OfDay(local) if zone.instant(local) <= departure => zone.instant(local + Days::new(1)),
        other => instant(other),
    };
    Some((departure, arrival))
}

#[derive(Clone, Copy)]
enum Moment {
    Instant(Timestamp),
    Local(NaiveDateTime),
    /// A time of the day, on the service date.
    OfDay(NaiveDateTime),
}

fn moment(text: &str, day: Option<NaiveDate>) -> Option<Moment> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(Moment::Instant(instant.with_timezone(&Utc)));
    }
    for format in ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"] {
        if let Ok(local) = NaiveDateTime::parse_from_str(text, format) {
            return Some(Moment::Local(local));
        }
    }
    let time = NaiveTime::parse_from_str(text, "%H:%M").ok()?;
    Some(Moment::OfDay(day?.and_time(time)))
}
