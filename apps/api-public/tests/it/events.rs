//! The feed of events, page by page.

use std::collections::BTreeSet;

use kernel::{Clock, OutboxReader, Permission};
use resource_group::{CreateGroup, Member};
use serde_json::json;

use crate::{
    app::{As, OURS, TestApp},
    happenings::{happens, publish, stored},
    world::World,
};

const STARTED: &str = "manage.transaction.started.v1";
const CHANGED: &str = "manage.vehicle.changed.v1";

/// Where the feed ends now.
async fn now(partner: &As<'_>) -> String {
    let page = partner.get("/events").await;
    assert_eq!((page.status.as_u16(), &page.body["items"]), (200, &json!([])), "{}", page.body);
    page.body["next_cursor"].as_str().unwrap().to_owned()
}

/// The `connector_number` of all that is told after a cursor, and the next.
async fn numbers(partner: &As<'_>, after: &str, query: &str) -> (Vec<i64>, String) {
    let (mut seen, mut cursor) = (Vec::new(), after.to_owned());
    loop {
        let page = partner.get(&format!("/events?after={cursor}{query}")).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let items = page.body["items"].as_array().unwrap();
        seen.extend(items.iter().map(|item| item["data"]["connector_number"].as_i64().unwrap()));
        page.body["next_cursor"].as_str().unwrap().clone_into(&mut cursor);
        if page.body["has_more"] == false {
            return (seen, cursor);
        }
    }
}

#[tokio::test]
async fn what_partners_are_told_of_their_own_work() {
    let app = TestApp::start().await;
    publish(&app, 500).await;
    let ours = app.ours().await;
    let start = now(&ours).await;
    World::furnish(&app).await;
    publish(&app, 500).await;
    let page = ours.get(&format!("/events?after={start}")).await;
    insta::assert_json_snapshot!(page.body, {
        ".next_cursor" => "(cursor)", ".items[].id" => "(id)", ".items[].subject" => "(id)",
        ".items[].data.depot_id" => "(id)", ".items[].data.circuit_id" => "(id)",
        ".items[].data.charge_point_id" => "(id)", ".items[].data.vehicle_id" => "(id)",
        ".items[].data.transaction_id" => "(id)",
    });
    let theirs = app.theirs().await;
    assert_eq!(theirs.get(&format!("/events?after={start}")).await.body["items"], json!([]));
}

#[tokio::test]
async fn a_poller_gets_on_and_misses_nothing_that_was_slow_to_be_stored() {
    let app = TestApp::start().await;
    let ours = app.ours().await;
    publish(&app, 500).await;
    let mut cursor = now(&ours).await;
    let mut seen = Vec::new();
    for round in 0..5 {
        let number = |n| json!({"connector_number": round * 3 + n});
        // The first draws its sequence first, and is known only after the others were told.
        for n in 0..3 {
            stored(&app, STARTED, number(n)).await;
        }
        publish(&app, 2).await;
        let (told, next) = numbers(&ours, &cursor, "&limit=1").await;
        assert_eq!(told, [round * 3 + 1, round * 3 + 2]);
        publish(&app, 1).await;
        let (late, next) = numbers(&ours, &next, "").await;
        seen.extend(late.into_iter().chain(told));
        let (again, same) = numbers(&ours, &next, "").await;
        assert_eq!((again, &same), (Vec::new(), &next), "nothing is told twice");
        cursor = next;
    }
    assert_eq!(seen, (0..15).collect::<Vec<_>>());
    // What is of no interest moves the cursor as well.
    happens(&app, "manage.user.created.v1", json!({})).await;
    let (told, next) = numbers(&ours, &cursor, "").await;
    assert!(told.is_empty() && next != cursor, "{next} after {cursor}");
}

#[tokio::test]
async fn types_and_reach_narrow_what_is_told() {
    let app = TestApp::start().await;
    let world = World::furnish(&app).await;
    publish(&app, 500).await;
    let ours = app.ours().await;
    let start = now(&ours).await;
    let within = json!({"connector_number": 1, "depot_id": world.depot});
    happens(&app, STARTED, within).await;
    happens(&app, STARTED, json!({"connector_number": 2, "depot_id": uuid::Uuid::from_u128(7)})).await;
    for inside in ["manage.alert.raised.v1", "manage.api_key.created.v1", "manage.plan.computed.v1"] {
        happens(&app, inside, json!({"depot_id": world.depot})).await;
    }
    let secret = json!({"charge_point_id": world.charge_point, "type": "set_configuration"});
    happens(&app, "manage.command.requested.v1", secret).await;
    assert_eq!(numbers(&ours, &start, "").await.0, [1, 2]);
    assert_eq!(numbers(&ours, &start, "&types=manage.transaction.*").await.0, [1, 2]);
    assert_eq!(numbers(&ours, &start, &format!("&types={CHANGED}")).await.0, [0; 0]);

    let members = BTreeSet::from([Member::Depot(world.depot)]);
    let command = CreateGroup { parent: None, name: "Home".into(), members };
    let group = app.services.resource_groups.group_create(&app.scope(OURS).await, command).await.unwrap();
    let partner = app.partner(OURS, Permission::ALL, Some([group.id].into())).await;
    assert_eq!(numbers(&partner, &start, "").await.0, [1]);
    let reader = app.partner(OURS, &[Permission::VehicleRead], None).await;
    assert_eq!(numbers(&reader, &start, "").await.0, [0; 0]);
    let deaf = app.partner(OURS, &[Permission::VehicleWrite], None).await;
    assert_eq!(deaf.get("/events").await.status, 403);
}

#[tokio::test]
async fn a_cursor_that_is_too_old_says_so() {
    let app = TestApp::start().await;
    let ours = app.ours().await;
    happens(&app, STARTED, json!({"connector_number": 1})).await;
    let old = now(&ours).await;
    for n in 2..=3 {
        happens(&app, STARTED, json!({"connector_number": n})).await;
    }
    app.clock.advance(chrono::TimeDelta::days(8));
    app.backends.sea.forget_published(app.clock.now()).await.unwrap();
    let gone = ours.get(&format!("/events?after={old}")).await;
    assert_eq!((gone.status.as_u16(), gone.code()), (410, "cursor_expired"), "{}", gone.body);
    let fresh = now(&ours).await;
    happens(&app, STARTED, json!({"connector_number": 4})).await;
    assert_eq!(numbers(&ours, &fresh, "").await.0, [4]);
    assert_eq!(ours.get("/events?after=99999999").await.code(), "cursor_expired");
    for bad in ["after=x", "after=-1", "limit=0", "limit=501", "types=", "types=*", "since=1"] {
        assert_eq!(ours.get(&format!("/events?{bad}")).await.code(), "malformed_query", "{bad}");
    }
}
