//! Charge points over HTTP.

use std::collections::BTreeSet;

use axum::http::Method;
use depot::{
    Circuit, Depot, DepotTx,
    testing::{circuit, depot},
};
use kernel::{Begin, Permission, Wh, testing::CountingIds};
use runtime::Backends;
use serde_json::{Value, json};
use transaction::{Recorder, StartReport, TransactionPlace, TransactionTx};
use uuid::Uuid;

use crate::app::{As, OURS, THEIRS, TestApp};

pub const DEPOT: Uuid = Uuid::from_u128(0xd0);
const OTHER_DEPOT: Uuid = Uuid::from_u128(0xd1);
const CIRCUIT: Uuid = Uuid::from_u128(0xc0);

/// Our two depots, and a circuit in the second of them.
pub async fn lay_ground(app: &TestApp) {
    let ids = CountingIds::default();
    let mut tx = Begin::<dyn DepotTx>::begin(&*app.backends.sea).await.unwrap();
    for (id, code) in [(DEPOT, "A"), (OTHER_DEPOT, "B")] {
        let home = Depot { id: id.into(), ..depot(&ids, OURS, code) };
        tx.depots().depot_insert(&home).await.unwrap();
        if id == OTHER_DEPOT {
            let root = Circuit { id: CIRCUIT.into(), ..circuit(&ids, &home, None) };
            tx.circuits().circuit_insert(&root).await.unwrap();
        }
    }
    tx.commit().await.unwrap();
}

pub async fn started() -> TestApp {
    let app = TestApp::start().await;
    lay_ground(&app).await;
    app
}

pub fn charger(identity: &str) -> Value {
    json!({"identity": identity, "depot_id": DEPOT, "max_power_kw": 22})
}

/// The path of a new charge point of ours.
pub async fn created(ours: &As<'_>, identity: &str) -> String {
    let created = ours.post("/charge-points", charger(identity)).await;
    assert_eq!(created.status, 201, "{}", created.body);
    format!("/charge-points/{}", created.id())
}

#[tokio::test]
async fn a_charge_point_lives_from_creation_to_deletion() {
    let app = started().await;
    let ours = app.ours();
    let full = json!({
        "identity": "CP-1", "depot_id": DEPOT, "max_power_kw": 150, "password": "open sesame",
        "offline_limit_kw": 11.5, "rate_units": "both",
        "evses": [
            {"connectors": [{"standard": "iec_62196_t2_combo"}, {"standard": "chademo", "max_power_kw": 50}]},
            {"number": 7, "phase_rotation": "str"},
        ],
    });
    let created = ours.post("/charge-points", full).await;
    assert_eq!(created.status, 201, "{}", created.body);
    let path = format!("/charge-points/{}", created.id());
    assert_eq!(created.headers["location"], format!("/api/v1{path}"));
    insta::assert_json_snapshot!(created.body, {
        ".id" => "(id)", ".evses[].id" => "(id)", ".created_at" => "(time)", ".updated_at" => "(time)",
    });

    let read = ours.get(&path).await;
    assert_eq!((&read.body, read.etag()), (&created.body, created.etag()));
    let moved = ours.patch(&path, json!({"depot_id": OTHER_DEPOT, "circuit_id": CIRCUIT})).await;
    assert_eq!((moved.status.as_u16(), &moved.body["circuit_id"]), (200, &json!(CIRCUIT)));
    assert_eq!(moved.body["evses"], created.body["evses"]);
    let open = ours.patch(&path, json!({"password": null, "security_profile": 0, "circuit_id": null})).await;
    assert_eq!((&open.body["has_password"], &open.body["circuit_id"]), (&json!(false), &Value::Null));

    let stale = ours.ask(Method::DELETE, &path, None, &[("if-match", created.etag())]).await;
    assert_eq!((stale.status.as_u16(), stale.code()), (412, "stale"));
    assert_eq!(ours.delete(&path).await.status, 204);
    assert_eq!(ours.get(&path).await.status, 404);
    assert_eq!(ours.get(&format!("{path}/configuration")).await.status, 404);
}

#[tokio::test]
async fn every_broken_rule_is_named_at_once() {
    let app = started().await;
    let ours = app.ours();
    let absurd = json!({
        "identity": "CP", "depot_id": DEPOT, "max_power_kw": 1e300, "password": "short", "voltage": 5,
        "evses": [{"connectors": [{"standard": "no plug", "phases": 2}]}],
    });
    let refused = ours.post("/charge-points", absurd).await;
    assert_eq!(
        refused.fields(),
        [
            ("/password", "out_of_range"),
            ("/evses/0/connectors/0/max_power_kw", "out_of_range"),
            ("/evses/0/connectors/0/standard", "malformed"),
            ("/evses/0/connectors/0/phases", "out_of_range"),
            ("/max_power_kw", "out_of_range"),
            ("/voltage", "out_of_range"),
        ]
    );
    let nowhere =
        json!({"identity": "CP", "depot_id": Uuid::nil(), "max_power_kw": 22, "circuit_id": CIRCUIT});
    let refused = ours.post("/charge-points", nowhere).await;
    assert_eq!(refused.fields(), [("/depot_id", "unknown_depot"), ("/circuit_id", "other_depot")]);
    let refused = app.theirs().post("/charge-points", charger("CP")).await;
    assert_eq!(refused.fields(), [("/depot_id", "unknown_depot")]);
    let mut misspelt = charger("CP");
    misspelt["evses"] = json!([{"numbr": 1}]);
    let refused = ours.post("/charge-points", misspelt).await;
    assert_eq!(refused.fields(), [("/evses/0/numbr", "unknown_field")]);
}

#[tokio::test]
async fn an_identity_is_taken_for_everybody() {
    let app = started().await;
    let path = created(&app.ours(), "CP-1").await;
    let again = app.ours().post("/charge-points", charger("CP-1")).await;
    assert_eq!((again.status.as_u16(), again.code()), (409, "identity_taken"));
    created(&app.ours(), "CP-2").await;
    let renamed = app.ours().patch(&path, json!({"identity": "CP-2"})).await;
    assert_eq!((renamed.status.as_u16(), renamed.code()), (409, "identity_taken"));
}

#[tokio::test]
async fn a_busy_charge_point_cannot_go() {
    let app = started().await;
    let ours = app.ours();
    let created = ours.post("/charge-points", charger("CP-1")).await;
    let id: Uuid = created.id().parse().unwrap();
    make_busy(&app, id).await;
    let refused = ours.delete(&format!("/charge-points/{id}")).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (409, "transaction_open"));
}

async fn make_busy(app: &TestApp, charge_point: Uuid) {
    let Backends { sea, clock, ids, .. } = app.backends.clone();
    let report = StartReport {
        place: TransactionPlace {
            charge_point: charge_point.into(),
            depot: DEPOT.into(),
            evse: None,
            evse_number: 1,
            connector: 1,
        },
        id_tag: None,
        vehicle: None,
        at: clock.now(),
        meter_start: Wh::ZERO,
        refused: false,
        flags: BTreeSet::new(),
    };
    let mut tx = Begin::<dyn TransactionTx>::begin(&*sea).await.unwrap();
    Recorder::new(clock, ids).start(&mut *tx, OURS, report).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn pages_hold_every_charge_point_once_and_filters_narrow_them() {
    let app = started().await;
    let ours = app.ours();
    for number in 0..5 {
        created(&ours, &format!("CP-{number}")).await;
    }
    let mut seen = Vec::new();
    let mut path = "/charge-points?limit=2".to_owned();
    loop {
        let page = ours.get(&path).await;
        seen.extend(page.body["items"].as_array().unwrap().iter().map(|item| item["identity"].clone()));
        match page.body["next_cursor"].as_str() {
            Some(cursor) => path = format!("/charge-points?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen, ["CP-0", "CP-1", "CP-2", "CP-3", "CP-4"]);
    let there = format!("depot_id={DEPOT}");
    let elsewhere = format!("depot_id={OTHER_DEPOT}");
    for (query, expected) in [
        (there.as_str(), 5),
        (&elsewhere, 0),
        ("search=cp-3", 1),
        ("online=true", 0),
        ("online=false&status=unknown", 5),
        ("status=charging", 0),
        (&format!("circuit_id={CIRCUIT}"), 0),
        (&format!("zone_id={CIRCUIT}"), 0),
    ] {
        let found = ours.get(&format!("/charge-points?{query}")).await;
        assert_eq!(found.body["items"].as_array().unwrap().len(), expected, "{query}");
    }
    for wrong in ["depot=1", "status=dancing", "online=perhaps", "depot_id=7"] {
        assert_eq!(ours.get(&format!("/charge-points?{wrong}")).await.status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn settings_are_shown_once_reported() {
    let app = started().await;
    let ours = app.ours();
    let path = created(&ours, "CP-1").await;
    let settings = ours.get(&format!("{path}/configuration")).await;
    assert_eq!(settings.body, json!({"items": [], "next_cursor": null}));
    assert_eq!(app.theirs().get(&format!("{path}/configuration")).await.status, 404);
}

#[tokio::test]
async fn others_see_nothing_and_readers_change_nothing() {
    let app = started().await;
    let path = created(&app.ours(), "CP-1").await;
    let theirs = app.theirs();
    assert_eq!(theirs.get(&path).await.status, 404);
    assert_eq!(theirs.patch(&path, json!({"max_power_kw": 1})).await.status, 404);
    assert_eq!(theirs.delete(&path).await.status, 404);
    assert!(theirs.get("/charge-points").await.body["items"].as_array().unwrap().is_empty());
    assert_eq!(app.caller(THEIRS, &[]).get("/charge-points").await.status, 403);
    let reader = app.caller(OURS, &[Permission::ChargePointRead]);
    assert_eq!(reader.get(&path).await.status, 200);
    assert_eq!(reader.delete(&path).await.code(), "forbidden");
    assert_eq!(reader.post("/charge-points", charger("CP-2")).await.code(), "forbidden");
}
