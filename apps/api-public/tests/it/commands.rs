//! What partners may tell chargers.

use charge_point::{CommandKind, RequestCommand};
use kernel::Permission;
use serde_json::{Value, json};

use crate::{
    app::{OURS, TestApp},
    world::World,
};

/// One of every kind, as shown again.
fn orders(world: &World) -> Vec<Value> {
    vec![
        json!({"type": "reset", "kind": "hard"}),
        json!({"type": "unlock", "connector_number": 1}),
        json!({"type": "remote_start", "connector_number": 1, "id_tag": "04A2F1"}),
        json!({"type": "remote_stop", "transaction_id": world.transaction}),
        json!({"type": "change_availability", "connector_number": 0, "availability": "inoperative"}),
        json!({"type": "trigger_message", "message": "meter_values", "connector_number": 1}),
    ]
}

#[tokio::test]
async fn every_order_for_partners_is_taken_and_can_be_followed() {
    let app = TestApp::start().await;
    let world = World::furnish(&app).await;
    let ours = app.ours().await;
    let path = format!("/charge-points/{}/commands", world.charge_point);
    let mut shown = Vec::new();
    for order in orders(&world) {
        let taken = ours.post(&path, order.clone()).await;
        assert_eq!(taken.status, 202, "{order}: {}", taken.body);
        assert_eq!(taken.headers["location"], format!("/v1/commands/{}", taken.id()));
        let followed = ours.get(&format!("/commands/{}", taken.id())).await;
        assert_eq!((followed.status.as_u16(), &followed.body), (200, &taken.body));
        shown.push(taken.body);
    }
    insta::assert_json_snapshot!(shown, {
        "[].id" => "(id)", "[].charge_point_id" => "(id)", "[].transaction_id" => "(id)",
    });
    assert_eq!(ours.post(&path, json!({"type": "reset"})).await.body["kind"], "soft");
}

#[tokio::test]
async fn what_only_operators_say_is_refused_by_name_and_never_shown() {
    let app = TestApp::start().await;
    let world = World::furnish(&app).await;
    let ours = app.ours().await;
    let path = format!("/charge-points/{}/commands", world.charge_point);
    for body in [
        json!({"type": "set_configuration", "key": "AuthorizationKey", "value": "x"}),
        json!({"type": "clear_cache"}),
        json!({"type": "data_transfer", "vendor_id": "com.example"}),
    ] {
        let refused = ours.post(&path, body).await;
        assert_eq!(refused.status, 422, "{}", refused.body);
        assert_eq!(refused.fields(), [("/type", "command_not_offered")]);
    }
    for (body, field) in [
        (json!({"type": "dance"}), ("", "unknown_value")),
        (json!({"connector_number": 1}), ("/type", "required")),
        (json!({"type": "unlock"}), ("/connector_number", "required")),
        (json!({"type": "reset", "force": true}), ("/force", "unknown_field")),
        (
            json!({"type": "remote_start", "id_tag": "A", "charging_profile": {}}),
            ("/charging_profile", "unknown_field"),
        ),
    ] {
        let refused = ours.post(&path, body).await;
        assert_eq!((refused.status.as_u16(), refused.fields()), (422, vec![field]), "{}", refused.body);
    }
    let kind = CommandKind::GetConfiguration { keys: Vec::new() };
    let scope = app.scope(OURS).await;
    let request = RequestCommand::new(world.charge_point, kind);
    let theirs = app.services.commands.command_request(&scope, request).await.unwrap();
    assert_eq!(ours.get(&format!("/commands/{}", theirs.id)).await.status, 404);
}

#[tokio::test]
async fn to_read_is_not_to_command() {
    let app = TestApp::start().await;
    let world = World::furnish(&app).await;
    let path = format!("/charge-points/{}/commands", world.charge_point);
    let reader = app.partner(OURS, &[Permission::ChargePointRead], None).await;
    let refused = reader.post(&path, json!({"type": "reset"})).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (403, "forbidden"));
    let stranger = app.theirs().await;
    assert_eq!(stranger.post(&path, json!({"type": "reset"})).await.status, 404);
}

#[tokio::test]
async fn a_repeated_order_with_its_key_is_given_once() {
    let app = TestApp::start().await;
    let world = World::furnish(&app).await;
    let ours = app.ours().await;
    let path = format!("/charge-points/{}/commands", world.charge_point);
    let key = [("idempotency-key", "once")];
    let order = || Some(json!({"type": "reset"}));
    let first = ours.ask(axum::http::Method::POST, &path, order(), &key).await;
    let again = ours.ask(axum::http::Method::POST, &path, order(), &key).await;
    assert_eq!((first.status.as_u16(), &first.body), (again.status.as_u16(), &again.body));
}
