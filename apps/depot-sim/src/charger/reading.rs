//! What the meters say, in OCPP's sampled values.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{connector::Connector, station::stamp};
use crate::profile::VOLTS;

/// The payload of MeterValues; the transaction's number is added when it is sent.
pub(super) fn meter_values(connector: &Connector, context: &str, now: DateTime<Utc>) -> Value {
    json!({
        "connectorId": connector.number,
        "meterValue": [{"timestamp": stamp(now), "sampledValue": sampled(connector, context)}],
    })
}

pub(super) fn sampled(connector: &Connector, context: &str) -> Vec<Value> {
    let value = |measurand: &str, unit: &str, value: String| json!({"value": value, "context": context, "measurand": measurand, "location": "Outlet", "unit": unit});
    let amps = connector.power_w / connector.volts();
    let mut values = vec![
        value("Energy.Active.Import.Register", "Wh", connector.register().to_string()),
        value("Power.Active.Import", "W", format!("{:.0}", connector.power_w)),
        value("Power.Offered", "W", format!("{:.0}", connector.offered_w)),
    ];
    for phase in ["L1", "L2", "L3"].into_iter().take(connector.phases().into()) {
        let mut current = value("Current.Import", "A", format!("{amps:.1}"));
        current["phase"] = json!(phase);
        let mut voltage = value("Voltage", "V", format!("{VOLTS:.1}"));
        voltage["phase"] = json!(format!("{phase}-N"));
        values.extend([current, voltage]);
    }
    // Only DC vehicles tell their state of charge.
    if let Some(vehicle) = connector.vehicle.as_ref().filter(|_| connector.spec.dc) {
        let mut soc = value("SoC", "Percent", format!("{:.1}", vehicle.soc * 100.0));
        soc["location"] = json!("EV");
        values.push(soc);
    }
    values
}
