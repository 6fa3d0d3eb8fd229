//! Rows of delimited text, as spreadsheets write it.

use ::csv::{ReaderBuilder, StringRecord, Trim};

use super::{REQUIRED, Row, RowError, Rows, place};

/// The separator that a header uses the most. Names of columns hold none of them.
fn separator(text: &str) -> u8 {
    let header = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let uses = |separator: u8| header.bytes().filter(|byte| *byte == separator).count();
    // Of equals the last counts: a comma, where there is none at all.
    [b'\t', b';', b','].into_iter().max_by_key(|separator| uses(*separator)).unwrap_or(b',')
}

pub(super) fn rows(text: &str) -> Rows {
    let mut reader = ReaderBuilder::new()
        .delimiter(separator(text))
        .flexible(true)
        .trim(Trim::All)
        .from_reader(text.as_bytes());
    let mut rows = Rows::default();
    let places = match reader.headers() {
        Ok(header) => columns(header, &mut rows.errors),
        Err(error) => return Rows::refused("malformed", error.to_string()),
    };
    if !rows.errors.is_empty() {
        return rows;
    }
    let mut record = StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                rows.errors.push(RowError::new(rows.count + 1, None, "malformed", error.to_string()));
                break;
            }
        }
        if record.iter().all(str::is_empty) {
            continue;
        }
        rows.count += 1;
        if record.len() != places.len() {
            let detail = format!("must have {} fields, as the header has", places.len());
            rows.errors.push(RowError::new(rows.count, None, "wrong_number_of_fields", detail));
            continue;
        }
        let mut row = Row { number: rows.count, ..Row::default() };
        for (place, text) in places.iter().zip(&record) {
            row.texts[*place] = Some(text.to_owned());
        }
        if !rows.push(row) {
            break;
        }
    }
    rows
}

/// The place of each column of a header.
fn columns(header: &StringRecord, errors: &mut Vec<RowError>) -> Vec<usize> {
    let mut places = Vec::with_capacity(header.len());
    for name in header {
        let name = name.to_ascii_lowercase();
        match place(&name) {
            None => errors.push(RowError::new(0, Some(&name), "unknown_column", "is not a known column")),
            Some(place) if places.contains(&place) => {
                errors.push(RowError::new(0, Some(&name), "duplicate_column", "is given more than once"));
            }
            Some(place) => places.push(place),
        }
    }
    for name in REQUIRED {
        if !place(name).is_some_and(|place| places.contains(&place)) {
            errors.push(RowError::new(0, Some(name), "required", "is needed in the header"));
        }
    }
    places
}
