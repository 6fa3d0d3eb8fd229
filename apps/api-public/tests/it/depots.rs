//! Depots as partners see them.

use crate::{
    app::TestApp,
    world::{World, column, depot},
};

#[tokio::test]
async fn depots_are_listed_found_and_read() {
    let app = TestApp::start().await;
    let world = World::furnish(&app).await;
    depot(&app, "BER").await;
    let ours = app.ours().await;
    let path = format!("/depots/{}", world.depot);
    let read = ours.get(&path).await;
    insta::assert_json_snapshot!(read.body, {".id" => "(id)"});
    assert_eq!(read.etag(), "\"v1\"");

    let first = ours.get("/depots?limit=1").await;
    let cursor = first.body["next_cursor"].as_str().unwrap();
    let rest = ours.get(&format!("/depots?limit=1&cursor={cursor}")).await;
    assert_eq!((column(&first, "code"), column(&rest, "code")), (vec!["MUC"], vec!["BER"]));
    assert!(rest.body["next_cursor"].is_null());
    assert_eq!(first.body["items"][0], read.body);
    assert_eq!(column(&ours.get("/depots?search=ber").await, "code"), ["BER"]);
    assert_eq!(ours.get("/depots?code=BER").await.code(), "malformed_query");
    let theirs = app.theirs().await;
    assert_eq!(theirs.get(&path).await.status, 404);
    assert!(column(&theirs.get("/depots").await, "code").is_empty());
}

#[tokio::test]
async fn a_depot_is_seen_at_a_glance() {
    let app = TestApp::start().await;
    let world = World::furnish(&app).await;
    let overview = app.ours().await.get(&format!("/depots/{}/overview", world.depot)).await;
    insta::assert_json_snapshot!(overview.body, {".depot_id" => "(id)"});
}
