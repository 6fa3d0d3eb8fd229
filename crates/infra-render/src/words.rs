//! How cells are told to people.

use chrono::SecondsFormat;
use chrono_tz::Tz;
use report::{Cell, Head};

/// As programs read it.
pub(crate) fn for_programs(cell: &Cell, zone: Tz) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => text.clone(),
        Cell::Instant(at) => at.with_timezone(&zone).to_rfc3339_opts(SecondsFormat::Secs, true),
        Cell::Date(date) => date.to_string(),
        Cell::Integer(_) | Cell::Milli(_) | Cell::Micro(_) => cell.decimal().unwrap_or_default(),
    }
}

/// As people read it: by the clock of the report, and with two decimals.
pub(crate) fn for_people(cell: &Cell, zone: Tz) -> String {
    match cell {
        Cell::Instant(at) => at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string(),
        Cell::Milli(_) | Cell::Micro(_) => cell.number().map(|n| format!("{n:.2}")).unwrap_or_default(),
        _ => for_programs(cell, zone),
    }
}

/// The time a report is about.
pub(crate) fn period(head: &Head) -> String {
    let at = |at: kernel::Timestamp| at.with_timezone(&head.zone).format("%Y-%m-%d %H:%M").to_string();
    format!("{} to {} ({})", at(head.from), at(head.to), head.zone.name())
}
