//! Plans of one's own making over HTTP.

use serde_json::{Value, json};

use crate::app::TestApp;

/// Two vehicles, 10 kWh each, in an hour whose middle is cheap: worth a higher peak only if that were
/// cheaper than it is.
fn yard() -> Value {
    let vehicle = |id: &str, charger: &str, tier: u8| {
        json!({"id": id, "charger": charger, "arrival_slot": 0, "departure_slot": 4, "energy_kwh": 10,
               "energy_max_kwh": 30, "max_kw": 22, "min_kw": 4.14, "tier": tier})
    };
    json!({
        "format": "smartbench-instance-1", "name": "yard", "slots": 4, "slot_minutes": 15,
        "tariff": {"energy_eur_per_kwh": [0.3, 0.2, 0.2, 0.3], "demand_eur_per_kw": 0.4, "peak_so_far_kw": 10},
        "circuits": [{"id": "site", "parent": null, "limit_kw": 33}],
        "chargers": [
            {"id": "c1", "circuit": "site", "max_kw": 22, "min_kw": 4.14},
            {"id": "c2", "circuit": "site", "max_kw": 22, "min_kw": 4.14},
        ],
        "vehicles": [vehicle("v1", "c1", 1), vehicle("v2", "c2", 2)],
        "base_load": [{"circuit": "site", "kw": [3, 3, 3, 3]}],
    })
}

#[tokio::test]
async fn a_yard_is_planned_at_the_least_cost_of_energy_and_peak() {
    let app = TestApp::start().await;
    let planned = app.ours().post("/charging/plan-preview", yard()).await;
    assert_eq!(planned.status, 200, "{}", planned.body);
    insta::assert_json_snapshot!(planned.body);
}

#[tokio::test]
async fn too_little_room_is_no_error_but_an_answer() {
    let app = TestApp::start().await;
    let mut yard = yard();
    yard["circuits"][0]["limit_kw"] = json!(15);
    let planned = app.ours().post("/charging/plan-preview", yard).await;
    assert_eq!(planned.status, 200, "{}", planned.body);
    let circuits = json!([{"circuit": "site", "slots": [0, 1, 2, 3]}]);
    let unmet = json!([{"vehicle": "v2", "unmet_kwh": 8.0, "beyond_power_kwh": 0.0,
                        "reason": "circuit_limit", "circuits": circuits}]);
    assert_eq!(planned.body["unmet"], unmet);
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_its_place() {
    let app = TestApp::start().await;
    let mut yard = yard();
    yard["slots"] = json!(5);
    yard["vehicles"][1]["charger"] = json!("c1");
    let refused = app.ours().post("/charging/plan-preview", yard).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    let mut fields = refused.fields();
    fields.sort_unstable();
    let expected = [
        ("/base_load/0/kw", "wrong_length"),
        ("/tariff/energy_eur_per_kwh", "wrong_length"),
        ("/vehicles/1/charger", "taken"),
    ];
    assert_eq!(fields, expected);
}
