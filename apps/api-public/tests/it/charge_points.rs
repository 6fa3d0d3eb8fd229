//! Charge points as partners see them.

use crate::{
    app::TestApp,
    world::{World, charge_point, column, depot},
};

#[tokio::test]
async fn charge_points_are_listed_found_and_read() {
    let app = TestApp::start().await;
    let world = World::furnish(&app).await;
    let other = depot(&app, "BER").await;
    charge_point(&app, other, "CP-2").await;
    let ours = app.ours().await;
    let path = format!("/charge-points/{}", world.charge_point);
    let read = ours.get(&path).await;
    insta::assert_json_snapshot!(read.body, {
        ".id" => "(id)", ".depot_id" => "(id)", ".evses[].id" => "(id)",
    });
    for (query, expected) in [
        (String::new(), vec!["CP-1", "CP-2"]),
        (format!("?depot_id={other}"), vec!["CP-2"]),
        ("?search=cp-1".to_owned(), vec!["CP-1"]),
        ("?online=true".to_owned(), vec![]),
        ("?online=false".to_owned(), vec!["CP-1", "CP-2"]),
    ] {
        assert_eq!(
            column(&ours.get(&format!("/charge-points{query}")).await, "identity"),
            expected,
            "{query}"
        );
    }
    assert_eq!(ours.get("/charge-points?zone_id=x").await.code(), "malformed_query");
    let theirs = app.theirs().await;
    assert_eq!(theirs.get(&path).await.status, 404);
    assert!(column(&theirs.get("/charge-points").await, "identity").is_empty());
}
