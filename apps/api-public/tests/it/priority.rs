//! Levels that partners set for a time.

use axum::http::Method;
use chrono::TimeDelta;
use kernel::Clock;
use serde_json::json;

use crate::{
    app::TestApp,
    world::{World, column},
};

#[tokio::test]
async fn an_override_is_made_read_and_ended() {
    let app = TestApp::start().await;
    let world = World::furnish(&app).await;
    let ours = app.ours().await;
    let until = (app.clock.now() + TimeDelta::hours(2)).to_rfc3339();
    let body = json!({"vehicle_id": world.vehicle, "level": 1, "reason": "late", "expires_at": until});
    let made = ours.post("/priority/overrides", body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    insta::assert_json_snapshot!(made.body, {".id" => "(id)", ".vehicle_id" => "(id)"});
    assert_eq!(made.headers["location"], format!("/v1/priority/overrides/{}", made.id()));
    let path = format!("/priority/overrides/{}", made.id());
    assert_eq!(ours.get(&path).await.body, made.body);
    let list = ours.get(&format!("/priority/overrides?vehicle_id={}", world.vehicle)).await;
    assert_eq!(column(&list, "id"), [made.id()]);
    let theirs = app.theirs().await;
    assert!(column(&theirs.get("/priority/overrides").await, "id").is_empty());
    assert_eq!(theirs.delete(&path).await.status, 404);

    let stale = ours.ask(Method::DELETE, &path, None, &[("if-match", "\"v9\"")]).await;
    assert_eq!(stale.status, 412);
    assert_eq!(ours.delete(&path).await.status, 204);
    assert_eq!(ours.get(&path).await.status, 404);
}

#[tokio::test]
async fn an_override_names_one_thing_and_ends_by_itself() {
    let app = TestApp::start().await;
    let world = World::furnish(&app).await;
    let ours = app.ours().await;
    let until = (app.clock.now() + TimeDelta::hours(2)).to_rfc3339();
    for (body, field) in [
        (json!({"level": 1, "reason": "r", "expires_at": until}), ("/vehicle_id", "required")),
        (
            json!({"vehicle_id": world.vehicle, "charge_point_id": world.charge_point, "level": 1, "reason": "r",
                   "expires_at": until}),
            ("/charge_point_id", "unexpected"),
        ),
        (
            json!({"vehicle_id": world.vehicle, "level": 0, "reason": "r", "expires_at": until}),
            ("/level", "out_of_range"),
        ),
    ] {
        assert_eq!(ours.post("/priority/overrides", body).await.fields(), [field]);
    }
    let body = json!({"charge_point_id": world.charge_point, "level": 9, "reason": "r", "expires_at": until});
    let made = ours.post("/priority/overrides", body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    app.clock.advance(TimeDelta::hours(2));
    assert!(column(&ours.get("/priority/overrides").await, "id").is_empty());
    let all = ours.get("/priority/overrides?include_expired=true").await;
    assert_eq!(column(&all, "id"), [made.id()]);
}
