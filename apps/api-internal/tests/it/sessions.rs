//! People's own sessions: where they are signed in, and ending it.

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    access::{EMAIL, PASSWORD},
    app::{As, Reply, TestApp},
};

async fn from_device(app: &TestApp, email: &str, device: &str) -> Reply {
    let body = json!({"email": email, "password": PASSWORD});
    let reply = app.bearing("").ask(Method::POST, "/auth/token", Some(body), &[("user-agent", device)]).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply
}

fn bearing<'a>(app: &'a TestApp, tokens: &Reply) -> As<'a> {
    app.bearing(tokens.body["access_token"].as_str().unwrap())
}

async fn refresh(app: &TestApp, tokens: &Reply, device: &str) -> Reply {
    let body = json!({"refresh_token": tokens.body["refresh_token"]});
    app.bearing("").ask(Method::POST, "/auth/refresh", Some(body), &[("user-agent", device)]).await
}

fn find<'a>(sessions: &'a Value, device: &str) -> &'a Value {
    let all = sessions["items"].as_array().unwrap();
    all.iter()
        .find(|session| session["user_agent"] == device)
        .unwrap_or_else(|| panic!("{device}: {sessions}"))
}

#[tokio::test]
async fn ones_own_sessions_are_seen_and_ended_at_once() {
    let app = TestApp::guarded().await;
    let admin = app.administrator("Stadtwerke", EMAIL).await;
    let bob = json!({"email": "bob@depot.example", "display_name": "Bob", "password": PASSWORD});
    assert_eq!(admin.post("/admin/users", bob).await.status, 201);
    let desk = from_device(&app, "bob@depot.example", "desk").await;
    let phone = from_device(&app, "bob@depot.example", "phone").await;
    let lost = from_device(&app, "bob@depot.example", "lost").await;
    let me = bearing(&app, &desk);

    let sessions = me.get("/me/sessions").await.body;
    assert_eq!(sessions["items"].as_array().map(Vec::len), Some(3));
    let current: Vec<_> =
        sessions["items"].as_array().unwrap().iter().filter(|session| session["current"] == true).collect();
    assert_eq!(current, [find(&sessions, "desk")]);
    for word in ["begun_at", "refreshed_at", "expires_at"] {
        assert!(find(&sessions, "lost")[word].is_string(), "{word}");
    }
    // The same session tells of where it was used last, and still when it was begun.
    let phone = refresh(&app, &phone, "phone, updated").await;
    let later = me.get("/me/sessions").await.body;
    let (before, after) = (find(&sessions, "phone"), find(&later, "phone, updated"));
    assert_eq!((&before["id"], &before["begun_at"]), (&after["id"], &after["begun_at"]));
    assert!(before["refreshed_at"].as_str() < after["refreshed_at"].as_str());

    // One of them ends: its family of tokens is no longer good, whatever of it somebody has.
    let id = find(&sessions, "lost")["id"].as_str().unwrap().to_owned();
    assert_eq!(bearing(&app, &lost).get("/me").await.status, 200);
    assert_eq!(me.delete(&format!("/me/sessions/{id}")).await.status, 204);
    assert_eq!(bearing(&app, &lost).get("/me").await.status, 401);
    assert_eq!(refresh(&app, &lost, "lost").await.status, 401);
    assert_eq!(me.delete(&format!("/me/sessions/{id}")).await.status, 404);
    let trail = admin.get(&format!("/admin/audit?resource=session&resource_id={id}")).await.body;
    let entry = &trail["items"][0];
    assert_eq!(
        (&entry["verb"], &entry["before"]["device"]["user_agent"]),
        (&json!("delete"), &json!("lost"))
    );

    // Nobody ends another's.
    let theirs = admin.get("/me/sessions").await.body["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(me.delete(&format!("/me/sessions/{theirs}")).await.status, 404);
    assert_eq!(me.delete("/me/sessions").await.status, 204);
    assert_eq!(bearing(&app, &phone).get("/me").await.status, 401);
    assert_eq!(refresh(&app, &phone, "phone").await.status, 401);
    assert_eq!(
        (me.get("/me").await.status, admin.get("/me").await.status.as_u16()),
        (200.try_into().unwrap(), 200)
    );
    let left = me.get("/me/sessions").await.body;
    assert_eq!(left["items"].as_array().map(Vec::len), Some(1));

    // One's own ends as well, where that is wanted.
    let own = left["items"][0]["id"].as_str().unwrap();
    assert_eq!(me.delete(&format!("/me/sessions/{own}")).await.status, 204);
    assert_eq!(me.get("/me").await.status, 401);
}
