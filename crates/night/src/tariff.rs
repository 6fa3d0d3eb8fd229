//! What electricity costs in this night.

use chrono::{DateTime, Timelike, Utc};
use serde_json::{Value, json};

use crate::clock::ZONE;

/// Prices of a kWh in millionths: day, night, and the small hours around the clock change.
const DAY: i64 = 310_000;
const NIGHT: i64 = 210_000;
const SMALL_HOURS: i64 = 150_000;
/// Of a kW of the highest quarter of an hour, in millionths.
pub(crate) const DEMAND: i64 = 4_000_000;

/// The price of a kWh by the clock of the depot, in millionths.
pub(crate) fn price(at: DateTime<Utc>) -> i64 {
    match at.with_timezone(&ZONE).hour() {
        1..5 => SMALL_HOURS,
        22.. | 0 | 5 => NIGHT,
        _ => DAY,
    }
}

/// The same as the API takes it.
pub(crate) fn body() -> Value {
    let all = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let band = |from: &str, to: &str, price: &str| json!({"when": {"weekdays": all, "from": from, "to": to}, "price_per_kwh": price});
    json!({
        "currency": "EUR",
        "base_price_per_kwh": "0.31",
        "bands": [
            band("22:00", "01:00", "0.21"),
            band("01:00", "05:00", "0.15"),
            band("05:00", "06:00", "0.21"),
        ],
        "demand_charge_per_kw": "4",
    })
}
