//! Rows of an array of objects.

use serde_json::{Value, value::RawValue};

use super::{Row, RowError, Rows, place};

pub(super) fn rows(text: &str) -> Rows {
    let items: Vec<&RawValue> = match serde_json::from_str(text) {
        Ok(items) => items,
        Err(error) => return Rows::refused("malformed", format!("must be an array of objects: {error}")),
    };
    let mut rows = Rows::default();
    for item in items {
        rows.count += 1;
        let Ok(Value::Object(members)) = serde_json::from_str::<Value>(item.get()) else {
            rows.errors.push(RowError::new(rows.count, None, "wrong_type", "must be an object"));
            continue;
        };
        let mut row = Row { number: rows.count, ..Row::default() };
        for (name, value) in members {
            let Some(place) = place(&name) else {
                let error = RowError::new(rows.count, Some(&name), "unknown_field", "is not a known field");
                rows.errors.push(error);
                continue;
            };
            row.texts[place] = match value {
                Value::Null => Some(String::new()),
                Value::String(text) => Some(text.trim().to_owned()),
                Value::Number(number) => Some(number.to_string()),
                Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                    let detail = "must be a text or a number";
                    rows.errors.push(RowError::new(rows.count, Some(&name), "wrong_type", detail));
                    continue;
                }
            };
        }
        if !rows.push(row) {
            break;
        }
    }
    rows
}
