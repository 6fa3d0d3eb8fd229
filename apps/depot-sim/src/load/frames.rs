//! Frames made of text, so that making them costs next to nothing.

use std::fmt::Write;

/// 2026-03-02 08:00:00 UTC: what is sent is old, and each reading a second after the one before.
const BEGIN: u64 = 8 * 3_600;

/// A second since the beginning of the load, as chargers write it.
fn at(second: u64) -> String {
    let (day, second) = (2 + (BEGIN + second) / 86_400, (BEGIN + second) % 86_400);
    format!("2026-03-{day:02}T{:02}:{:02}:{:02}Z", second / 3_600, second / 60 % 60, second % 60)
}

pub(super) fn boot() -> &'static str {
    r#"{"chargePointVendor":"Load","chargePointModel":"L1"}"#
}

pub(super) fn available() -> &'static str {
    r#"{"connectorId":1,"status":"Charging","errorCode":"NoError"}"#
}

pub(super) fn start(id_tag: &str) -> String {
    format!(r#"{{"connectorId":1,"idTag":"{id_tag}","meterStart":0,"timestamp":"{}"}}"#, at(0))
}

pub(super) fn stop(transaction: i64, nth: u64) -> String {
    format!(r#"{{"transactionId":{transaction},"meterStop":{},"timestamp":"{}"}}"#, nth * 10, at(nth))
}

/// Four samples of one instant.
pub(super) fn meter_values(frame: &mut String, id: u64, transaction: i64, nth: u64) {
    frame.clear();
    // Writing to a text cannot fail.
    let _ = write!(
        frame,
        r#"[2,"{id}","MeterValues",{{"connectorId":1,"transactionId":{transaction},"meterValue":[{{"timestamp":"{}","sampledValue":[{{"value":"{}","measurand":"Energy.Active.Import.Register","unit":"Wh"}},{{"value":"11000","measurand":"Power.Active.Import","unit":"W"}},{{"value":"16","measurand":"Current.Import","unit":"A","phase":"L1"}},{{"value":"230","measurand":"Voltage","unit":"V","phase":"L1-N"}}]}}]}}]"#,
        at(nth),
        nth * 10,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_are_json_a_second_apart_also_past_midnight() {
        let mut frame = String::new();
        meter_values(&mut frame, 7, 42, 16 * 3_600);
        let value: serde_json::Value = serde_json::from_str(&frame).unwrap();
        assert_eq!(value[3]["meterValue"][0]["timestamp"], "2026-03-03T00:00:00Z");
        assert_eq!(value[3]["meterValue"][0]["sampledValue"].as_array().unwrap().len(), 4);
        assert_eq!(value[3]["meterValue"][0]["sampledValue"][0]["value"], (16 * 36_000).to_string());
    }
}
