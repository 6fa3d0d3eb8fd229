//! A simulated yard under a limit: what is drawn stays within it, also when it falls.

use std::time::Duration;

use depot_sim::{ChargerSpec, Fleet, FleetSpec, Vehicle, VehicleSpec};
use kernel::Clock;
use serde_json::{Value, json};

use crate::{
    raw_charger::RawCharger,
    whole::{Whole, until},
};

const CHARGERS: usize = 6;
/// What adding up numbers of one decimal may be off by.
const ROUNDING: f64 = 1e-6;

/// Chargers of 60 kW with a hungry vehicle at each.
fn fleet() -> FleetSpec {
    let chargers: Vec<_> =
        (0..CHARGERS).map(|index| ChargerSpec::dc(format!("SIM-{index}"), 60_000.0)).collect();
    let vehicles = (0..CHARGERS).map(|index| VehicleSpec {
        vehicle: Vehicle {
            id_tag: format!("TAG-{index}"),
            battery_wh: 400_000.0,
            soc: 0.2,
            max_ac_w: 22_000.0,
            max_dc_w: 150_000.0,
            phases: 3,
            haste: 60.0,
        },
        place: (index, 1),
        shifts: Vec::new(),
    });
    let vehicles = vehicles.collect();
    FleetSpec { chargers, vehicles, time_factor: 60.0, begins_at: 1_020, seed: 1 }
}

/// Every connector of the yard, as it is now.
async fn watched(whole: &Whole, depot: &str) {
    let path = format!("/depots/{depot}/live");
    until("every connector to be watched", || async {
        let live = whole.get(&path).await;
        let connectors = live["connectors"].as_array()?;
        let is_charging = |connector: &&Value| {
            connector["online"] == true
                && connector["transaction_id"].is_string()
                && connector["vehicle_id"].is_string()
                && connector["measured_at"].is_string()
                && connector["power_kw"].as_f64().is_some_and(|power| power > 0.0)
                && connector["setpoint_kw"].is_number()
        };
        (connectors.iter().filter(is_charging).count() == CHARGERS).then_some(())
    })
    .await;
}

/// The most that the chargers may draw by all they were told, and whether everybody has a reason.
fn used(allocation: &Value) -> f64 {
    for evse in allocation["evses"].as_array().unwrap() {
        assert!(evse["setpoint_kw"].is_number() && evse["reason"].is_string(), "{evse}");
    }
    allocation["circuits"][0]["used_kw"].as_f64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_yard_keeps_its_limit_and_obeys_when_it_is_halved() {
    let whole = Whole::start().await;
    let (depot, grid) = whole.depot(200.0).await;
    for index in 0..CHARGERS {
        let body = json!({
            "identity": format!("SIM-{index}"), "depot_id": depot, "max_power_kw": 60, "current_type": "dc",
            "min_power_kw": 5,
        });
        whole.post("/charge-points", body).await;
        let bus = json!({"fleet_number": format!("B-{index}"), "battery_kwh": 400, "max_dc_kw": 150});
        let bus = whole.post("/vehicles", bus).await["id"].clone();
        whole.post("/id-tags", json!({"value": format!("TAG-{index}"), "vehicle_id": bus})).await;
    }
    let stopping = whole.process.lifecycle.stopping();
    let simulated =
        tokio::spawn(Fleet::run(fleet(), whole.endpoint().parse().unwrap(), stopping.child_token()));

    let path = format!("/depots/{depot}/allocation");
    let (whole, path) = (&whole, &path);
    let settled = |limit: f64| async move {
        let allocation = whole.get(path).await;
        if allocation["computed_at"].is_null() {
            return None;
        }
        let used = used(&allocation);
        (used > limit * 0.9 && used <= limit).then_some(())
    };
    let watch = |limit: f64| async move {
        until("the room to be used", || async {
            let allocation = whole.get(path).await;
            if !allocation["computed_at"].is_null() {
                assert!(used(&allocation) <= limit, "more than {limit} kW are given out: {allocation}");
            }
            settled(limit).await
        })
        .await;
    };
    watch(200.0).await;
    watched(whole, &depot).await;
    let before: Vec<f64> = setpoints(&whole.get(path).await);

    whole.send(reqwest::Method::PATCH, &format!("/circuits/{grid}"), json!({"limit_kw": 100})).await;
    until("the reductions", || async {
        let now = setpoints(&whole.get(path).await);
        assert!(now.iter().zip(&before).all(|(now, before)| now <= before), "{before:?} {now:?}");
        (now.iter().sum::<f64>() <= 100.0 + ROUNDING).then_some(())
    })
    .await;
    until("the reductions to be confirmed", || async {
        (used(&whole.get(path).await) <= 100.0).then_some(())
    })
    .await;
    watch(100.0).await;
    until("what is drawn to follow", || async {
        let measured = whole.get(path).await["circuits"][0]["measured_kw"].as_f64().unwrap();
        (measured > 0.0 && measured <= 100.0).then_some(())
    })
    .await;
    // Room that comes back is given out again, to those who have some already.
    whole.send(reqwest::Method::PATCH, &format!("/circuits/{grid}"), json!({"limit_kw": 300})).await;
    watch(300.0).await;
    until("the vehicles to be charged", || async {
        let vehicles = whole.list("/vehicles").await;
        let risen =
            vehicles.iter().filter(|v| v["soc"]["percent"].as_f64().is_some_and(|soc| soc > 20.5)).count();
        (risen == CHARGERS).then_some(())
    })
    .await;
    whole.process.lifecycle.stop();
    tokio::time::timeout(Duration::from_secs(20), simulated).await.unwrap().unwrap();
}

fn setpoints(allocation: &Value) -> Vec<f64> {
    allocation["evses"].as_array().unwrap().iter().map(|evse| evse["setpoint_kw"].as_f64().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charger_that_was_reduced_is_asked_whether_it_obeys() {
    let whole = Whole::start().await;
    let (depot, grid) = whole.depot(40.0).await;
    whole.tag("TAG-1").await;
    let body = json!({
        "identity": "CP-1", "depot_id": depot, "max_power_kw": 50, "current_type": "dc", "min_power_kw": 5,
    });
    whole.post("/charge-points", body).await;
    let mut charger = RawCharger::connect(&whole.endpoint(), "CP-1").await;
    charger.boot().await;
    let now = || runtime::SystemClock.now().to_rfc3339();
    let start = json!({"connectorId": 1, "idTag": "TAG-1", "meterStart": 0, "timestamp": now()});
    let number = charger.call("StartTransaction", start).await["transactionId"].clone();
    let draws = json!({"value": "38", "measurand": "Power.Active.Import", "unit": "kW"});
    let reading = json!({
        "connectorId": 1, "transactionId": number,
        "meterValue": [{"timestamp": now(), "sampledValue": [draws]}],
    });
    // What it draws is reported again after each order, until it is told to draw less.
    let told = async |charger: &mut RawCharger, wanted: std::ops::Range<f64>| loop {
        let order = charger.order("SetChargingProfile").await;
        let schedule = &order["csChargingProfiles"]["chargingSchedule"];
        let limit = schedule["chargingSchedulePeriod"][0]["limit"].as_f64().unwrap();
        if wanted.contains(&limit) {
            break;
        }
        charger.call("MeterValues", reading.clone()).await;
    };
    charger.call("MeterValues", reading.clone()).await;
    told(&mut charger, 30_000.0..40_001.0).await;
    whole.send(reqwest::Method::PATCH, &format!("/circuits/{grid}"), json!({"limit_kw": 20})).await;
    told(&mut charger, 1.0..20_001.0).await;
    let asked = charger.order("TriggerMessage").await;
    assert_eq!(asked, json!({"requestedMessage": "MeterValues", "connectorId": 1}));
    whole.stop().await;
}
