//! What chargers write, read: units and phases brought to one form, and nothing that panics.

use connect_router::{Message, ocpp16};
use kernel::{Clock, MilliAmps, Soc, Timestamp, W, Wh, testing::FakeClock};
use proptest::prelude::*;
use serde_json::{
    Value, json,
    value::{RawValue, to_raw_value},
};
use transaction::{MeterReport, TransactionNumber};

const ACTIONS: [&str; 11] = [
    "BootNotification",
    "Heartbeat",
    "StatusNotification",
    "Authorize",
    "StartTransaction",
    "MeterValues",
    "StopTransaction",
    "DataTransfer",
    "DiagnosticsStatusNotification",
    "FirmwareStatusNotification",
    "SecurityEventNotification",
];

fn now() -> Timestamp {
    FakeClock::default().now()
}

/// The one report of one instant.
fn sampled(samples: &Value) -> MeterReport {
    let payload = json!({
        "connectorId": 1,
        "meterValue": [{"timestamp": "2026-03-02T08:00:00Z", "sampledValue": samples}],
    });
    match ocpp16::read("MeterValues", &to_raw_value(&payload).unwrap(), now()).unwrap() {
        Message::Readings { mut reports, .. } if reports.len() == 1 => reports.remove(0),
        other => panic!("{other:?}"),
    }
}

#[test]
fn units_become_base_units() {
    let report = sampled(&json!([
        {"value": "12.345", "unit": "kWh"},
        {"value": "7.4", "measurand": "Power.Active.Import", "unit": "kW"},
        {"value": "8.1", "measurand": "Current.Import", "unit": "A"},
        {"value": 231, "measurand": "Voltage"},
        {"value": "55.5", "measurand": "SoC", "unit": "Percent"},
    ]));
    assert_eq!(report.energy, Some(Wh(12_345)));
    assert_eq!(report.power, Some(W(7_400)));
    assert_eq!(report.current, Some(MilliAmps(8_100)));
    assert_eq!(report.voltage_millivolts, Some(231_000));
    assert_eq!(report.soc, Soc::from_hundredths(5_550));
}

#[test]
fn phases_become_one_value() {
    let per_phase = |measurand: &str, values: [&str; 3]| {
        ["L1", "L2", "L3"]
            .into_iter()
            .zip(values)
            .map(move |(phase, value)| json!({"value": value, "measurand": measurand, "phase": phase}))
            .collect::<Vec<_>>()
    };
    let samples: Vec<_> = per_phase("Power.Active.Import", ["1000", "2000", "3000"])
        .into_iter()
        .chain(per_phase("Current.Import", ["5", "16", "9"]))
        .collect();
    let report = sampled(&json!(samples));
    assert_eq!((report.power, report.current), (Some(W(6_000)), Some(MilliAmps(16_000))));
}

#[test]
fn what_cannot_be_true_is_kept_but_not_believed() {
    for (measurand, value, unit) in [
        ("Energy.Active.Import.Register", "1e300", "Wh"),
        ("Energy.Active.Import.Register", "-5", "Wh"),
        ("Power.Active.Import", "NaN", "W"),
        ("Power.Active.Import", "99999999", "kW"),
        ("SoC", "101", "Percent"),
        ("Temperature", "21", "Celcius"),
    ] {
        let report = sampled(&json!([{"value": value, "measurand": measurand, "unit": unit}]));
        assert_eq!((report.energy, report.power, report.soc), (None, None, None), "{measurand} {value}");
        assert_eq!(report.rest.get(&format!("{measurand}.{unit}")), Some(&json!(value)), "{measurand}");
    }
}

#[test]
fn numbers_that_no_transaction_has_are_as_good_as_none() {
    for (written, number) in [(json!(-1), -1), (json!(0), 0), (json!("7"), 7), (json!(1_u64 << 40), 0)] {
        let payload = json!({"transactionId": written, "meterStop": 5, "timestamp": "2026-03-02T08:00:00Z"});
        match ocpp16::read("StopTransaction", &to_raw_value(&payload).unwrap(), now()).unwrap() {
            Message::Stop(stop) => assert_eq!(stop.number, TransactionNumber(number)),
            other => panic!("{other:?}"),
        }
    }
}

/// Any JSON, with the names that are looked for more often than chance would have them.
fn any_json() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        Just("connectorId".to_owned()),
        Just("transactionId".to_owned()),
        Just("meterStart".to_owned()),
        Just("meterStop".to_owned()),
        Just("idTag".to_owned()),
        Just("timestamp".to_owned()),
        Just("status".to_owned()),
        Just("meterValue".to_owned()),
        Just("transactionData".to_owned()),
        Just("sampledValue".to_owned()),
        Just("value".to_owned()),
        Just("unit".to_owned()),
        ".{0,8}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[-+0-9.eENa:TZ ]{0,24}".prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::hash_map(name.clone(), inner, 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_payload_panics(action in prop::sample::select(&ACTIONS[..]), payload in any_json()) {
        let _ = ocpp16::read(action, &to_raw_value(&payload).unwrap(), now());
    }

    #[test]
    fn no_text_panics(action in ".{0,20}", text in ".{0,60}") {
        if let Ok(payload) = RawValue::from_string(text) {
            let _ = ocpp16::read(&action, &payload, now());
        }
    }

    /// Whatever a sample says, what is believed of it is within reason.
    #[test]
    fn believed_values_are_within_reason(
        value in prop_oneof![any::<f64>().prop_map(|value| value.to_string()), "[-+0-9.eE]{1,12}"],
        measurand in prop::sample::select(vec![
            "Energy.Active.Import.Register", "Power.Active.Import", "Current.Import", "Voltage", "SoC",
        ]),
        unit in prop::sample::select(vec!["Wh", "kWh", "W", "kW", "A", "V", "Percent"]),
    ) {
        let report = sampled(&json!([{"value": value, "measurand": measurand, "unit": unit}]));
        prop_assert!(report.energy.is_none_or(|energy| (0..=10_000_000_000_000).contains(&energy.0)));
        prop_assert!(report.power.is_none_or(|power| (0..=10_000_000).contains(&power.0)));
        prop_assert!(report.current.is_none_or(|current| (0..=10_000_000).contains(&current.0)));
        prop_assert!(report.voltage_millivolts.is_none_or(|voltage| (0..=5_000_000).contains(&voltage)));
    }
}
