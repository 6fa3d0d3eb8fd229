//! The plan of a depot over HTTP.

use std::sync::Arc;

use kernel::{Begin, OrganisationId, testing::FakeClock};
use serde_json::{Value, json};
use transaction::{Recorder, TransactionPlace, TransactionTx};
use uuid::Uuid;

use crate::{
    access::EMAIL,
    app::{As, TestApp},
};

/// A bus of 100 kWh with 20 % at a charger of 22 kW, behind a grid connection of 10 kW.
async fn yard(app: &TestApp, admin: &As<'_>) -> String {
    let made = async |path: String, body: Value| {
        let made = admin.post(&path, body).await;
        assert!(made.status.is_success(), "{path}: {}", made.body);
        made.body
    };
    let depot =
        made("/depots".into(), json!({"code": "MUC", "name": "Munich", "timezone": "Europe/Berlin"})).await;
    let depot = depot["id"].as_str().unwrap().to_owned();
    let grid = json!({"name": "Grid", "kind": "grid_connection", "limit_kw": 10});
    made(format!("/depots/{depot}/circuits"), grid).await;
    let tariff = json!({"currency": "EUR", "base_price_per_kwh": "0.30", "demand_charge_per_kw": "2",
                        "demand_target_kw": 8, "may_break_demand_target": true});
    let tariff = admin.put(&format!("/depots/{depot}/electricity-tariff"), tariff).await;
    assert_eq!(tariff.status, 200, "{}", tariff.body);
    let charger = json!({"identity": "CP-1", "depot_id": depot, "max_power_kw": 22});
    let charger = made("/charge-points".into(), charger).await;
    let bus = json!({"fleet_number": "1", "battery_kwh": 100, "max_ac_kw": 22, "target_soc_percent": 90, "depot_id": depot});
    let bus = made("/vehicles".into(), bus).await;
    let bus = bus["id"].as_str().unwrap();
    made(format!("/vehicles/{bus}/soc"), json!({"percent": 20, "source": "manual"})).await;
    let id = |value: &Value| value.as_str().unwrap().parse::<Uuid>().unwrap();
    let place = TransactionPlace {
        charge_point: id(&charger["id"]).into(),
        depot: depot.parse().unwrap(),
        evse: Some(id(&charger["evses"][0]["id"]).into()),
        evse_number: 1,
        connector: 1,
    };
    let organisation: OrganisationId = id(&admin.get("/me").await.body["organisation"]["id"]).into();
    let recorder = Recorder::new(Arc::new(FakeClock::default()), app.backends.ids.clone());
    let mut start = transaction::testing::start(place, 0);
    start.vehicle = bus.parse().ok();
    let mut tx = Begin::<dyn TransactionTx>::begin(&*app.backends.sea).await.unwrap();
    recorder.start(&mut *tx, organisation, start).await.unwrap();
    tx.commit().await.unwrap();
    connected(app, organisation, id(&charger["id"])).await;
    depot
}

/// A charger that nobody reaches is not planned for.
async fn connected(app: &TestApp, organisation: OrganisationId, charger: Uuid) {
    let sea = &*app.backends.sea;
    let mut tx = Begin::<dyn charge_point::ChargePointTx>::begin(sea).await.unwrap();
    let found = tx.charge_points().charge_point_find(organisation, charger.into()).await.unwrap();
    let mut found = found.unwrap();
    found.live.online = true;
    tx.charger_state().charge_point_update_live(&found).await.unwrap();
    tx.commit().await.unwrap();
}

/// The plan with no more than its first slots.
fn beginning(mut plan: Value) -> Value {
    fn cut(value: &mut Value) {
        match value {
            Value::Array(items) => {
                items.truncate(2);
                items.iter_mut().for_each(cut);
            }
            Value::Object(fields) => fields.values_mut().for_each(cut),
            _ => {}
        }
    }
    cut(&mut plan);
    plan
}

#[tokio::test]
async fn a_depot_is_planned_when_somebody_asks() {
    let app = TestApp::frozen().await;
    let admin = app.administrator("Stadtwerke", EMAIL).await;
    let depot = yard(&app, &admin).await;
    let path = format!("/depots/{depot}/plan");
    let nothing = admin.get(&path).await;
    assert_eq!((nothing.status.as_u16(), &nothing.body["computed_at"]), (200, &Value::Null));
    assert_eq!(nothing.body["vehicles"], json!([]));

    let planned = admin.post(&path, json!({})).await;
    assert_eq!(planned.status, 200, "{}", planned.body);
    assert_eq!(admin.get(&path).await.body, planned.body);
    insta::assert_json_snapshot!(beginning(planned.body), {
        ".**.vehicle_id" => "(id)", ".**.evse_id" => "(id)", ".**.circuit_id" => "(id)",
    });

    let span = "from=2026-03-02T07:30:00Z&to=2026-03-02T08:30:00Z";
    let compared = admin.get(&format!("/depots/{depot}/plan-vs-actual?{span}")).await;
    insta::assert_json_snapshot!(compared.body);
}

#[tokio::test]
async fn spans_that_are_none_are_refused() {
    let app = TestApp::start().await;
    let ours = app.ours();
    let depot = ours.post("/depots", json!({"code": "MUC", "name": "Munich"})).await;
    let path = format!("/depots/{}/plan-vs-actual", depot.id());
    let asked = async |span: &str| ours.get(&format!("{path}?{span}")).await;
    let backwards = asked("from=2026-03-02T08:00:00Z&to=2026-03-02T08:00:00Z").await;
    assert_eq!((backwards.status.as_u16(), backwards.fields()), (422, vec![("/to", "out_of_range")]));
    let long = asked("from=2026-03-02T08:00:00Z&to=2026-05-02T08:00:00Z").await;
    assert_eq!(long.fields(), [("/to", "too_long")]);
    assert_eq!(asked("").await.body["slots"].as_array().unwrap().len(), 96);
    assert_eq!(app.theirs().get(&path).await.status, 404);
    let reader = app.caller(crate::app::OURS, &[kernel::Permission::ChargingRead]);
    let plan = format!("/depots/{}/plan", depot.id());
    assert_eq!(reader.get(&plan).await.status, 200);
    assert_eq!(reader.post(&plan, json!({})).await.status, 403);
}
