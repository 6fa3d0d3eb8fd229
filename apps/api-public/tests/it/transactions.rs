//! Charging sessions as partners see them.

use serde_json::json;

use crate::{
    app::TestApp,
    world::{World, column},
};

#[tokio::test]
async fn a_session_is_read_with_its_readings() {
    let app = TestApp::start().await;
    let world = World::furnish(&app).await;
    let ours = app.ours().await;
    let path = format!("/transactions/{}", world.transaction);
    let read = ours.get(&path).await;
    insta::assert_json_snapshot!(read.body, {
        ".id" => "(id)", ".charge_point_id" => "(id)", ".depot_id" => "(id)", ".vehicle_id" => "(id)",
    });
    let first = ours.get(&format!("{path}/readings?limit=2")).await;
    insta::assert_json_snapshot!(first.body, {".next_cursor" => "(cursor)"});
    let cursor = first.body["next_cursor"].as_str().unwrap();
    let rest = ours.get(&format!("{path}/readings?cursor={cursor}")).await;
    assert_eq!(
        (&rest.body["items"][0]["energy_wh"], &rest.body["next_cursor"]),
        (&json!(4_000), &json!(null))
    );
    let theirs = app.theirs().await;
    assert_eq!(theirs.get(&path).await.status, 404);
    assert_eq!(theirs.get(&format!("{path}/readings")).await.status, 404);
}

#[tokio::test]
async fn sessions_are_filtered() {
    let app = TestApp::start().await;
    let world = World::furnish(&app).await;
    let ours = app.ours().await;
    let id = world.transaction.to_string();
    for (query, found) in [
        (String::new(), true),
        (format!("?charge_point_id={}", world.charge_point), true),
        (format!("?vehicle_id={}", world.vehicle), true),
        (format!("?vehicle_id={}", world.depot), false),
        (format!("?depot_id={}", world.depot), true),
        ("?state=active".to_owned(), true),
        ("?state=finished".to_owned(), false),
        ("?from=2026-03-02T08:00:00Z&to=2026-03-02T08:00:01Z".to_owned(), true),
        ("?to=2026-03-02T08:00:00Z".to_owned(), false),
    ] {
        let page = ours.get(&format!("/transactions{query}")).await;
        let expected = if found { vec![id.as_str()] } else { Vec::new() };
        assert_eq!(column(&page, "id"), expected, "{query}");
    }
    assert_eq!(ours.get("/transactions?state=running").await.status, 400);
    assert!(column(&app.theirs().await.get("/transactions").await, "id").is_empty());
}
