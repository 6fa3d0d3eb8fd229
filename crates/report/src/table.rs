//! What a report says, before anybody knows what it is written as.

use std::borrow::Cow;

use chrono::NaiveDate;
use chrono_tz::Tz;
use kernel::{Timestamp, W, Wh};

/// What comes before the rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    pub title: &'static str,
    /// Where the report is about: a depot's name, or how many there are.
    pub place: String,
    /// Inclusive.
    pub from: Timestamp,
    /// Exclusive.
    pub to: Timestamp,
    /// In which times and days are told.
    pub zone: Tz,
    pub columns: &'static [Column],
    pub made_at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// For programs: with the unit, `snake_case`.
    pub key: &'static str,
    /// For people.
    pub title: &'static str,
    pub kind: ColumnKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    Text,
    Instant,
    Date,
    Number,
}

/// One field of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Empty,
    Text(String),
    Instant(Timestamp),
    Date(NaiveDate),
    Integer(i64),
    /// Thousandths: exact, however many are added up.
    Milli(i64),
    /// Millionths.
    Micro(i64),
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub fn kwh(energy: Wh) -> Self {
        Self::Milli(energy.get())
    }

    pub fn kw(power: W) -> Self {
        Self::Milli(power.get())
    }

    pub fn or_empty<T>(value: Option<T>, cell: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Empty, cell)
    }

    /// A number, exact, as programs read it; `None` for what is none.
    pub fn decimal(&self) -> Option<String> {
        match *self {
            Self::Integer(value) => Some(value.to_string()),
            Self::Milli(value) => Some(fraction(value, 3)),
            Self::Micro(value) => Some(fraction(value, 6)),
            Self::Empty | Self::Text(_) | Self::Instant(_) | Self::Date(_) => None,
        }
    }

    /// A number as spreadsheets keep it; `None` for what is none.
    #[expect(clippy::cast_precision_loss, reason = "spreadsheets have no other numbers")]
    pub fn number(&self) -> Option<f64> {
        match *self {
            Self::Integer(value) => Some(value as f64),
            Self::Milli(value) => Some(value as f64 / 1e3),
            Self::Micro(value) => Some(value as f64 / 1e6),
            Self::Empty | Self::Text(_) | Self::Instant(_) | Self::Date(_) => None,
        }
    }
}

fn fraction(value: i64, digits: usize) -> String {
    let scale = 10_u64.pow(u32::try_from(digits).unwrap_or(0));
    let (sign, value) = (if value < 0 { "-" } else { "" }, value.unsigned_abs());
    format!("{sign}{}.{:0digits$}", value / scale, value % scale)
}

/// What comes after the rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Foot {
    pub rows: u64,
    /// Sums over all rows, by their names for people.
    pub totals: Vec<(Cow<'static, str>, Cell)>,
    pub chart: Option<Chart>,
}

/// Bars, and a line across them where there is something not to be exceeded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chart {
    pub title: &'static str,
    pub unit: &'static str,
    pub bars: Vec<Bar>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    pub label: String,
    pub value: f64,
    pub limit: Option<f64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_exactly() {
        for (cell, text) in [
            (Cell::Milli(1), "0.001"),
            (Cell::Milli(-1_500), "-1.500"),
            (Cell::Milli(i64::MIN), "-9223372036854775.808"),
            (Cell::Micro(2_000_010), "2.000010"),
            (Cell::Integer(-7), "-7"),
        ] {
            assert_eq!(cell.decimal().as_deref(), Some(text));
        }
        assert_eq!(Cell::Empty.decimal(), None);
        assert_eq!(Cell::Milli(1_500).number(), Some(1.5));
    }
}
