//! Limits that others set.

use chrono::TimeDelta;
use kernel::Clock;
use serde_json::json;

use crate::{
    app::TestApp,
    world::{World, column},
};

#[tokio::test]
async fn a_limit_from_outside_holds_until_its_time_is_over() {
    let app = TestApp::start().await;
    let world = World::furnish(&app).await;
    let ours = app.ours().await;
    let tree = ours.get(&format!("/depots/{}/circuits", world.depot)).await;
    insta::assert_json_snapshot!(tree.body, {".items[].id" => "(id)", ".items[].depot_id" => "(id)"});
    let path = format!("/circuits/{}/external-limits", world.circuit);
    let at = |minutes| (app.clock.now() + TimeDelta::minutes(minutes)).to_rfc3339();
    let limits = json!([{"from": at(-5), "to": at(60), "limit_kw": 40}]);
    let put = ours.put(&path, json!({"source": "grid", "expires_at": at(10), "limits": limits})).await;
    assert_eq!(put.status, 200, "{}", put.body);
    insta::assert_json_snapshot!(put.body, {".circuit_id" => "(id)"});

    let overview = format!("/depots/{}/overview", world.depot);
    assert_eq!(ours.get(&overview).await.body["limit_kw"], 40.0);
    app.clock.advance(TimeDelta::minutes(10));
    assert_eq!(ours.get(&overview).await.body["limit_kw"], 400.0, "whoever falls silent binds nobody");

    let refused = ours.put(&path, json!({"source": "", "limits": limits})).await;
    assert_eq!((refused.status.as_u16(), refused.fields()[0].0), (422, "/source"));
    let theirs = app.theirs().await;
    assert_eq!(theirs.put(&path, json!({"source": "grid", "limits": []})).await.status, 404);
    assert_eq!(theirs.get(&format!("/depots/{}/circuits", world.depot)).await.status, 404);
    let page = ours.get(&format!("/depots/{}/circuits?limit=1", world.depot)).await;
    assert_eq!(column(&page, "name"), ["Grid"]);
}
