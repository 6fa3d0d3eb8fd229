//! Overrides of charging over HTTP, and what the control makes of them.

use std::sync::Arc;

use axum::http::Method;
use charge_point::ChargePointTx;
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Begin, FenceSource, Permission, testing::FakeClock};
use serde_json::{Value, json};
use transaction::{Recorder, TransactionTx};
use uuid::Uuid;

use crate::{
    app::{OURS, TestApp},
    charge_points::{DEPOT, created, started},
};

const PATH: &str = "/charging/overrides";

fn in_an_hour(app: &TestApp) -> DateTime<Utc> {
    app.backends.clock.now() + TimeDelta::hours(1)
}

/// One charge point and its EVSE.
async fn charger(app: &TestApp) -> (String, String) {
    let ours = app.ours();
    let charger = ours.get(&created(&ours, "CP-1").await).await.body;
    let id = |value: &Value| value.as_str().unwrap().to_owned();
    (id(&charger["id"]), id(&charger["evses"][0]["id"]))
}

#[tokio::test]
async fn an_override_is_made_once_read_and_ended() {
    let app = started().await;
    let (ours, (_, evse)) = (app.ours(), charger(&app).await);
    let over = json!({"evse_id": evse, "action": "limit", "max_kw": 7.5, "reason": " works on the panel ",
                      "expires_at": in_an_hour(&app)});
    let asked = [("idempotency-key", "once")];
    let created = ours.ask(Method::POST, PATH, Some(over.clone()), &asked).await;
    assert_eq!(created.headers["location"], format!("/api/v1{PATH}/{}", created.id()));
    insta::assert_json_snapshot!(created.body, {
        ".id" => "(id)", ".evse_id" => "(id)", ".created_at" => "(time)", ".expires_at" => "(time)",
    });
    let again = ours.ask(Method::POST, PATH, Some(over), &asked).await;
    assert_eq!(again.id(), created.id());

    let listed = ours.get(&format!("{PATH}?evse_id={evse}")).await;
    assert_eq!(listed.body["items"], json!([created.body]));
    assert_eq!(ours.get(&format!("{PATH}?vehicle_id={evse}")).await.body["items"], json!([]));
    let path = format!("{PATH}/{}", created.id());
    let read = ours.get(&path).await;
    assert_eq!(read.body, created.body);
    assert_eq!(app.theirs().get(&path).await.status, 404);
    let reader = app.caller(OURS, &[Permission::ChargingRead]);
    assert_eq!(reader.delete(&path).await.status, 403);
    let stale = ours.ask(Method::DELETE, &path, None, &[("if-match", "\"7\"")]).await;
    assert_eq!(stale.status, 412);
    let ended = ours.ask(Method::DELETE, &path, None, &[("if-match", read.etag())]).await;
    assert_eq!(ended.status, 204);
    assert_eq!(ours.get(&path).await.status, 404);
}

#[tokio::test]
async fn what_makes_no_override_is_refused_with_its_place() {
    let app = started().await;
    let (ours, (charger, evse)) = (app.ours(), charger(&app).await);
    let refused = async |body: Value| {
        let refused = ours.post(PATH, body).await;
        assert_eq!(refused.status, 422, "{}", refused.body);
        let fields = refused.fields();
        fields.into_iter().map(|(pointer, code)| format!("{pointer} {code}")).collect::<Vec<_>>()
    };
    let until = in_an_hour(&app);
    let both = json!({"charge_point_id": charger, "evse_id": evse, "action": "limit", "strategy": "priority",
                      "reason": "r", "expires_at": until});
    assert_eq!(refused(both).await, ["/evse_id unexpected", "/strategy unexpected", "/max_kw required"]);
    let nobody = json!({"action": "boost", "max_kw": 5, "reason": "r", "expires_at": until});
    assert_eq!(refused(nobody).await, ["/charge_point_id required", "/max_kw unexpected"]);
    let absurd = json!({"vehicle_id": evse, "action": "limit", "max_kw": -1, "reason": " ",
                        "expires_at": until - TimeDelta::hours(2)});
    assert_eq!(
        refused(absurd).await,
        [
            "/reason required",
            "/max_kw out_of_range",
            "/expires_at in_the_past",
            "/vehicle_id unknown_vehicle"
        ]
    );
    let for_years = json!({"evse_id": evse, "action": "pause", "reason": "r",
                           "expires_at": until + TimeDelta::days(400)});
    assert_eq!(refused(for_years).await, ["/expires_at out_of_range"]);
    let uncontrolled = json!({"evse_id": evse, "action": "strategy", "strategy": "uncontrolled",
                              "reason": "r", "expires_at": until});
    assert_eq!(ours.post(PATH, uncontrolled).await.status, 422);
    let forever = json!({"evse_id": evse, "action": "pause", "reason": "r"});
    assert_eq!(ours.post(PATH, forever).await.status, 422);
}

/// What the control makes of an override at a charger where somebody charges, after a boost.
async fn steered_by(action: Value) -> [Value; 2] {
    let app = started().await;
    let (ours, (charger, evse)) = (app.ours(), charger(&app).await);
    let id = |text: &str| text.parse::<Uuid>().unwrap();
    let mut tx = Begin::<dyn ChargePointTx>::begin(&*app.backends.sea).await.unwrap();
    let mut live = tx.charge_points().charge_point_find(OURS, id(&charger).into()).await.unwrap().unwrap();
    live.live.online = true;
    tx.charger_state().charge_point_update_live(&live).await.unwrap();
    tx.commit().await.unwrap();
    let recorder = Recorder::new(Arc::new(FakeClock::default()), app.backends.ids.clone());
    let place = transaction::TransactionPlace {
        charge_point: id(&charger).into(),
        depot: DEPOT.into(),
        evse: Some(id(&evse).into()),
        evse_number: 1,
        connector: 1,
    };
    let mut tx = Begin::<dyn TransactionTx>::begin(&*app.backends.sea).await.unwrap();
    recorder.start(&mut *tx, OURS, transaction::testing::start(place, 0)).await.unwrap();
    tx.commit().await.unwrap();
    let share = async || {
        let turn = app.backends.sea.fence_next("control").await.unwrap();
        app.services.control.tick(OURS, DEPOT.into(), &turn).await.unwrap();
        let mut share = ours.get(&format!("/depots/{DEPOT}/allocation")).await.body["evses"][0].take();
        ["target_kw", "reason", "override_id", "priority_reason", "plan_kw"].map(|field| share[field].take())
    };
    let none = Value::Null;
    assert_eq!(
        share().await,
        [json!(21.39), json!("charger_limit"), none.clone(), json!("default"), none.clone()]
    );
    let made = async |action: Value| {
        let mut body = json!({"charge_point_id": charger, "reason": "r", "expires_at": in_an_hour(&app)});
        body.as_object_mut().unwrap().extend(action.as_object().unwrap().clone());
        json!(ours.post(PATH, body).await.id())
    };
    let boost = made(json!({"action": "boost"})).await;
    assert_eq!(share().await, [json!(21.39), json!("charger_limit"), boost, json!("boost"), none.clone()]);
    let over = made(action).await;
    let [target, reason, shown, ..] = share().await;
    assert_eq!(shown, over);
    [target, reason]
}

#[tokio::test]
async fn the_control_does_what_is_set_by_hand_and_says_so() {
    let pause = steered_by(json!({"action": "pause"})).await;
    assert_eq!(pause, [json!(0.0), json!("override")]);
    // In whole amperes on three phases.
    let limit = steered_by(json!({"action": "limit", "max_kw": 7})).await;
    assert_eq!(limit, [json!(6.9), json!("override")]);
}

#[tokio::test]
async fn a_depot_without_a_plan_says_so() {
    let app = started().await;
    let ours = app.ours();
    let path = format!("/depots/{DEPOT}");
    let changed = ours.patch(&path, json!({"charging_strategy": "scheduled", "use_spare_room": true})).await;
    assert_eq!(
        (&changed.body["charging_strategy"], &changed.body["use_spare_room"]),
        (&json!("scheduled"), &json!(true))
    );
    let turn = app.backends.sea.fence_next("control").await.unwrap();
    app.services.control.tick(OURS, DEPOT.into(), &turn).await.unwrap();
    let allocation = ours.get(&format!("/depots/{DEPOT}/allocation")).await.body;
    assert_eq!(
        (&allocation["plan_state"], &allocation["plan_computed_at"]),
        (&json!("missing"), &Value::Null)
    );
}
