//! Files of runs: what they may hold, row by row. `docs/dispatch.md` describes the format.
//!
//! A file is read into rows of texts, whatever it is written in; each row is then read alike. What a
//! file names in depots and vehicles is looked up by the use case.

mod csv;
mod json;
mod row;

pub(crate) use row::{Draft, VehicleName, draft};

/// The most rows of one file.
pub const MOST_ROWS: usize = 10_000;
/// The most errors that are told; more than these nobody reads.
pub const MOST_ERRORS: usize = 1_000;

/// What a file is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma, semicolon or tab; with a header; UTF-8.
    Csv,
    /// An array of objects.
    Json,
}

/// What came of an import. Where it has errors, nothing was stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    pub rows: usize,
    pub created: usize,
    pub updated: usize,
    /// Runs that are as the file says already.
    pub unchanged: usize,
    /// By row.
    pub errors: Vec<RowError>,
    /// How many more there are.
    pub omitted_errors: usize,
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowError {
    /// Counted from 1, without the header; 0 for the file as a whole.
    pub row: usize,
    /// The column or member, where it is one.
    pub column: Option<String>,
    pub code: &'static str,
    /// A sentence for people: lowercase, no full stop.
    pub detail: String,
}

/// The columns that a file may have, by the names of their members in JSON.
pub(crate) const COLUMNS: [&str; 12] = [
    "depot",
    "service_date",
    "block",
    "departure_at",
    "arrival_at",
    "distance_km",
    "energy_required_kwh",
    "required_soc_percent",
    "minimum_soc_percent",
    "vehicle",
    "vehicle_class",
    "priority_level",
];
/// Those that it must have.
const REQUIRED: [&str; 4] = ["depot", "block", "departure_at", "arrival_at"];

/// The texts of one row, by the places of [`COLUMNS`]: absent where the file has no such column or
/// member, empty where it has nothing there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) number: usize,
    pub(crate) texts: [Option<String>; COLUMNS.len()],
}

/// The rows of a file.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) rows: Vec<Row>,
    /// How many there were, also of those that cannot be read.
    pub(crate) count: usize,
    pub(crate) errors: Vec<RowError>,
}

impl RowError {
    pub(crate) fn new(
        row: usize,
        column: Option<&str>,
        code: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self { row, column: column.map(str::to_owned), code, detail: detail.into() }
    }

    /// A broken rule of a run, at the column that its field comes from.
    pub(crate) fn of_field(row: usize, error: &kernel::FieldError) -> Self {
        let field = error.pointer.trim_start_matches('/');
        let column = match field {
            "depot_id" => "depot",
            "vehicle_id" => "vehicle",
            other => other,
        };
        Self::new(row, Some(column), error.code, error.detail.clone())
    }
}

impl Rows {
    fn refused(code: &'static str, detail: impl Into<String>) -> Self {
        Self { errors: vec![RowError::new(0, None, code, detail)], ..Self::default() }
    }

    /// Takes up a row unless there are too many; returns whether there is room for more.
    fn push(&mut self, row: Row) -> bool {
        if self.count > MOST_ROWS {
            let detail = format!("must be at most {MOST_ROWS} rows");
            self.errors.push(RowError::new(0, None, "too_many_rows", detail));
            return false;
        }
        for (column, text) in COLUMNS.iter().zip(&row.texts) {
            if text.as_ref().is_some_and(|text| text.chars().any(char::is_control)) {
                let detail = "must not hold control characters";
                self.errors.push(RowError::new(row.number, Some(column), "control_character", detail));
            }
        }
        self.rows.push(row);
        true
    }
}

/// Reads a file into its rows.
pub(crate) fn read(format: Format, body: &[u8]) -> Rows {
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    match (format, std::str::from_utf8(body)) {
        (_, Err(_)) => Rows::refused("not_utf8", "must be written in UTF-8"),
        (Format::Csv, Ok(text)) => csv::rows(text),
        (Format::Json, Ok(text)) => json::rows(text),
    }
}

fn place(name: &str) -> Option<usize> {
    COLUMNS.iter().position(|column| *column == name)
}
