//! A small depot of ours: what partners do not make themselves.

use charge_point::{CreateChargePoint, EvseInput};
use depot::{CircuitKind, CircuitLimit, CreateCircuit, CreateDepot, Margin, Phases, TimeZone, Volts};
use kernel::{Begin, ChargePointId, CircuitId, DepotId, TransactionId, VehicleId, W};
use serde_json::{Value, json};
use transaction::{
    Recorder, TransactionPlace, TransactionTx,
    testing::{meter, start},
};

use crate::app::{OURS, Reply, TestApp};

/// One of everything.
pub struct World {
    pub depot: DepotId,
    pub circuit: CircuitId,
    pub charge_point: ChargePointId,
    pub vehicle: VehicleId,
    /// On the charge point, by the vehicle, with three readings.
    pub transaction: TransactionId,
}

pub async fn depot(app: &TestApp, code: &str) -> DepotId {
    let command = CreateDepot {
        code: code.into(),
        name: format!("Depot {code}"),
        time_zone: "Europe/Berlin".parse::<TimeZone>().unwrap(),
        address: Some("Dachauer Str. 1".into()),
        location: depot::GeoPoint::new(48.1, 11.5),
        charging_strategy: depot::ChargingStrategy::default(),
        use_spare_room: false,
    };
    app.services.depots.depot_create(&app.scope(OURS).await, command).await.unwrap().id
}

pub async fn charge_point(app: &TestApp, depot: DepotId, identity: &str) -> ChargePointId {
    let command = CreateChargePoint {
        identity: identity.into(),
        depot,
        circuit: None,
        zone: None,
        max_power: W(22_000),
        evses: vec![EvseInput::default(), EvseInput::default()],
        current: None,
        voltage: None,
        min_current: None,
        min_power: None,
        rate_units: None,
        offline_limit: None,
        password: Some("open sesame".into()),
        security_profile: None,
        registration: None,
    };
    app.services.charge_points.charge_point_create(&app.scope(OURS).await, command).await.unwrap().id
}

async fn circuit(app: &TestApp, depot: DepotId) -> CircuitId {
    let command = CreateCircuit {
        depot,
        parent: None,
        name: "Grid".into(),
        kind: CircuitKind::GridConnection,
        limit: CircuitLimit { power: Some(W(400_000)), current: None },
        phases: Phases::Three,
        voltage: Volts::default(),
        safety_margin: Margin::from_percent(5.0).unwrap(),
        fallback_reserve: None,
        unmanaged_load: W(12_000),
    };
    app.services.circuits.circuit_create(&app.scope(OURS).await, command).await.unwrap().id
}

/// A vehicle as partners make one.
pub fn bus(fleet_number: &str, depot: DepotId) -> Value {
    json!({"fleet_number": fleet_number, "battery_kwh": 350, "max_dc_kw": 150, "depot_id": depot,
           "efficiency_kwh_per_km": 1.2, "class": "solo"})
}

async fn session(app: &TestApp, place: TransactionPlace, vehicle: VehicleId) -> TransactionId {
    let organisation = app.scope(OURS).await.organisation();
    let recorder = Recorder::new(app.clock.clone(), app.backends.ids.clone());
    let mut tx = Begin::<dyn TransactionTx>::begin(&*app.backends.sea).await.unwrap();
    let started = transaction::StartReport { vehicle: Some(vehicle), ..start(place, 0) };
    let begun = recorder.start(&mut *tx, organisation, started).await.unwrap().transaction;
    let readings = vec![meter(1, 2_000), meter(2, 3_000), meter(3, 4_000)];
    recorder.readings(&mut *tx, organisation, place.charge_point, 1, None, readings).await.unwrap();
    tx.commit().await.unwrap();
    begun.id
}

impl World {
    pub async fn furnish(app: &TestApp) -> Self {
        let depot = depot(app, "MUC").await;
        let circuit = circuit(app, depot).await;
        let charge_point = charge_point(app, depot, "CP-1").await;
        let made = app.ours().await.post("/vehicles", bus("101", depot)).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let vehicle = made.id().parse::<uuid::Uuid>().unwrap().into();
        let place = TransactionPlace { charge_point, depot, evse: None, evse_number: 1, connector: 1 };
        let transaction = session(app, place, vehicle).await;
        Self { depot, circuit, charge_point, vehicle, transaction }
    }
}

/// The texts of one field over all items of a page.
pub fn column<'a>(reply: &'a Reply, field: &str) -> Vec<&'a str> {
    let items = reply.body["items"].as_array().unwrap_or_else(|| panic!("no page: {}", reply.body));
    items.iter().map(|item| item[field].as_str().unwrap()).collect()
}
