//! Webhooks from their making to what arrives, and what becomes of those that nobody answers.

use std::sync::Arc;

use axum::http::Method;
use chrono::TimeDelta;
use kernel::{Clock, Permission};
use notification::{Fanout, Outcome, SendError, WebhookCourier, WebhookSecret, testing::Recorder};
use runtime::notify::fanout;
use serde_json::{Value, json};

use crate::{
    app::{OURS, TestApp},
    happenings::happens,
    world::column,
};

const STARTED: &str = "manage.transaction.started.v1";
const CHANGED: &str = "manage.vehicle.changed.v1";

/// What workers do, step by step.
struct Worker {
    fanout: Fanout,
    courier: WebhookCourier,
    sent: Recorder,
}

impl Worker {
    fn of(app: &TestApp) -> Self {
        let (sent, backends) = (Recorder::default(), app.backends.clone());
        let courier =
            WebhookCourier::new(backends.sea, Arc::new(sent.clone()), app.clock.clone(), backends.ids);
        Self { fanout: fanout(&app.backends, app.services.clone()), courier, sent }
    }

    /// Everything that is due is tried once.
    async fn work(&mut self) -> Vec<Outcome> {
        while self.fanout.step().await.unwrap() > 0 {}
        let mut outcomes = Vec::new();
        for delivery in self.courier.claim().await.unwrap() {
            outcomes.push(self.courier.deliver(delivery).await.unwrap());
        }
        outcomes
    }
}

fn hook(types: &Value) -> Value {
    json!({"url": "https://partner.example/hook", "description": "ours", "types": types})
}

#[tokio::test]
async fn a_webhook_lives_from_creation_to_deletion() {
    let app = TestApp::start().await;
    let ours = app.ours().await;
    let made = ours.post("/webhooks", hook(&json!(["manage.run.*"]))).await;
    assert_eq!(made.status, 201, "{}", made.body);
    insta::assert_json_snapshot!(made.body, {".id" => "(id)", ".secret" => "(secret)"});
    assert!(made.body["secret"].as_str().unwrap().starts_with("whsec_"));
    assert_eq!(made.headers["location"], format!("/v1/webhooks/{}", made.id()));
    let path = format!("/webhooks/{}", made.id());
    let read = ours.get(&path).await;
    assert_eq!((read.etag(), &read.body["secret"]), (made.etag(), &Value::Null));
    assert_eq!(column(&ours.get("/webhooks").await, "id"), [made.id()]);

    let change = Some(json!({"types": [], "description": null, "enabled": false}));
    let tag = [("if-match", made.etag())];
    let changed = ours.ask(Method::PATCH, &path, change.clone(), &tag).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!((&changed.body["types"], &changed.body["enabled"]), (&json!([]), &json!(false)));
    assert_eq!(ours.ask(Method::PATCH, &path, change, &tag).await.status, 412);

    // Not even another key of the same organisation sees it.
    for stranger in [app.ours().await, app.theirs().await] {
        assert_eq!(stranger.get(&path).await.status, 404);
        assert_eq!(stranger.delete(&path).await.status, 404);
        assert!(column(&stranger.get("/webhooks").await, "id").is_empty());
    }
    let deaf = app.partner(OURS, &[Permission::VehicleWrite], None).await;
    assert_eq!(deaf.post("/webhooks", hook(&json!([]))).await.status, 403);
    assert_eq!(ours.delete(&path).await.status, 204);
    assert_eq!(ours.get(&path).await.status, 404);
}

#[tokio::test]
async fn a_webhook_has_a_url_and_wants_what_partners_are_told() {
    let app = TestApp::start().await;
    let ours = app.ours().await;
    for (body, field) in [
        (json!({"url": "ftp://partner.example"}), ("/url", "malformed")),
        (json!({"url": ""}), ("/url", "required")),
        (hook(&json!(["manage.run.*", "manage.alert.raised.v1"])), ("/types/1", "unknown_event")),
        (hook(&json!(["*x"])), ("/types/0", "unknown_event")),
        (hook(&json!(vec!["*"; 51])), ("/types", "too_many")),
        (json!({"url": "https://a.example", "secret": "x"}), ("/secret", "unknown_field")),
    ] {
        assert_eq!(ours.post("/webhooks", body).await.fields(), [field]);
    }
    for _ in 0..20 {
        assert_eq!(ours.post("/webhooks", hook(&json!([]))).await.status, 201);
    }
    let over = ours.post("/webhooks", hook(&json!([]))).await;
    assert_eq!((over.status.as_u16(), over.code()), (409, "too_many_webhooks"));
    assert_eq!(app.ours().await.post("/webhooks", hook(&json!([]))).await.status, 201, "each key by itself");
}

#[tokio::test]
async fn a_repeated_creation_does_not_tell_the_secret_again() {
    let app = TestApp::start().await;
    let ours = app.ours().await;
    let key = [("idempotency-key", "once")];
    let first = ours.ask(Method::POST, "/webhooks", Some(hook(&json!([]))), &key).await;
    let again = ours.ask(Method::POST, "/webhooks", Some(hook(&json!([]))), &key).await;
    assert_eq!((first.id(), &again.body["secret"]), (again.id(), &Value::Null));
    assert!(first.body["secret"].is_string());
}

#[tokio::test]
async fn what_a_key_may_hear_is_posted_once_and_signed() {
    let app = TestApp::start().await;
    let ours = app.ours().await;
    let mut worker = Worker::of(&app);
    happens(&app, STARTED, json!({"connector_number": 0})).await;
    app.clock.advance(TimeDelta::seconds(1));
    let made = ours.post("/webhooks", hook(&json!(["manage.transaction.*"]))).await;
    let reader = app.partner(OURS, &[Permission::VehicleRead], None).await;
    reader.post("/webhooks", hook(&json!([]))).await;
    happens(&app, STARTED, json!({"connector_number": 1, "id_tag": "04A2F1"})).await;
    happens(&app, CHANGED, json!({"fleet_number": "2"})).await;
    happens(&app, "manage.api_key.created.v1", json!({})).await;
    assert_eq!(worker.work().await, [Outcome::Sent; 2]);
    assert!(worker.work().await.is_empty());

    let calls = worker.sent.calls();
    let bodies: Vec<Value> = calls.iter().map(|call| serde_json::from_str(&call.body).unwrap()).collect();
    let types: Vec<_> = bodies.iter().map(|body| body["type"].as_str().unwrap()).collect();
    assert_eq!(types, [STARTED, CHANGED], "each key hears what it may, and from then on");
    insta::assert_json_snapshot!(bodies[0], {".id" => "(id)"});
    let secret = made.body["secret"].as_str().unwrap();
    assert_eq!((calls[0].secret.expose().as_str(), calls[0].previous.is_none()), (secret, true));
    let deliveries = ours.get(&format!("/webhooks/{}/deliveries", made.id())).await;
    insta::assert_json_snapshot!(deliveries.body, {
        ".items[].id" => "(id)", ".items[].webhook_id" => "(id)", ".items[].event_id" => "(id)",
    });
    assert_eq!(deliveries.body["items"][0]["id"], json!(calls[0].id));
}

#[tokio::test]
async fn a_key_that_ended_hears_nothing_more() {
    let app = TestApp::start().await;
    let ours = app.ours().await;
    let mut worker = Worker::of(&app);
    assert_eq!(ours.post("/webhooks", hook(&json!([]))).await.status, 201);
    let scope = app.scope(OURS).await;
    let keys = &app.services.access.api_keys;
    let filter = access::ApiKeyFilter::default();
    let all = keys.api_key_list(&scope, &filter, kernel::PageRequest::default()).await.unwrap();
    for key in all.items {
        keys.api_key_revoke(&scope, key.id, None).await.unwrap();
    }
    happens(&app, STARTED, json!({"connector_number": 1})).await;
    assert!(worker.work().await.is_empty());
}

#[tokio::test]
async fn a_new_secret_signs_beside_the_old_for_a_day() {
    let app = TestApp::start().await;
    let ours = app.ours().await;
    let mut worker = Worker::of(&app);
    let made = ours.post("/webhooks", hook(&json!([]))).await;
    let path = format!("/webhooks/{}/secret", made.id());
    let rotated = ours.ask(Method::POST, &path, None, &[]).await;
    assert_eq!(rotated.status, 200, "{}", rotated.body);
    assert_ne!(rotated.body["secret"], made.body["secret"]);
    for hours in [1, 24] {
        happens(&app, STARTED, json!({"connector_number": hours})).await;
        assert_eq!(worker.work().await, [Outcome::Sent]);
        app.clock.advance(TimeDelta::hours(24));
    }
    let calls = worker.sent.calls();
    let previous: Vec<_> =
        calls.iter().map(|call| call.previous.as_ref().map(WebhookSecret::expose)).collect();
    assert_eq!(previous, [made.body["secret"].as_str().map(str::to_owned), None]);
    assert!(calls.iter().all(|call| call.secret.expose() == rotated.body["secret"].as_str().unwrap()));
}

#[tokio::test]
async fn what_fails_is_tried_again_for_a_day_and_can_be_replayed() {
    let app = TestApp::start().await;
    let ours = app.ours().await;
    let mut worker = Worker::of(&app);
    let made = ours.post("/webhooks", hook(&json!([]))).await;
    happens(&app, STARTED, json!({"connector_number": 1})).await;
    let mut attempts = 0;
    let began = app.clock.now();
    loop {
        worker.sent.fail(SendError::Later("answered 500".into()));
        match worker.work().await[..] {
            [] => app.clock.advance(TimeDelta::minutes(5)),
            [Outcome::Later] => attempts += 1,
            [Outcome::Failed] => break,
            ref other => panic!("{other:?}"),
        }
    }
    assert!((20..50).contains(&attempts), "{attempts}");
    assert!((24..26).contains(&(app.clock.now() - began).num_hours()));
    let path = format!("/webhooks/{}", made.id());
    let list = ours.get(&format!("{path}/deliveries?state=failed")).await;
    assert_eq!(list.body["items"][0]["last_error"], "answered 500");
    assert_eq!(ours.get(&path).await.body["failing_since"], json!("2026-03-02T08:00:00Z"));

    let delivery = list.body["items"][0]["id"].as_str().unwrap().to_owned();
    let replay = format!("{path}/deliveries/{delivery}/replay");
    let again = ours.ask(Method::POST, &replay, None, &[]).await;
    assert_eq!((again.status.as_u16(), &again.body["state"]), (202, &json!("pending")), "{}", again.body);
    let mut fresh = Worker::of(&app);
    assert_eq!(fresh.work().await, [Outcome::Sent]);
    let (first, last) = (worker.sent.calls().remove(0), fresh.sent.calls().remove(0));
    assert_eq!((first.id, first.body), (last.id, last.body), "the same message");
    assert_eq!(ours.get(&path).await.body["failing_since"], Value::Null, "all is well again");
    let unknown = format!("{path}/deliveries/{}/replay", made.id());
    assert_eq!(ours.ask(Method::POST, &unknown, None, &[]).await.status, 404);
}

#[tokio::test]
async fn who_answers_nothing_for_days_or_says_so_is_told_no_more() {
    let app = TestApp::start().await;
    let ours = app.ours().await;
    let mut worker = Worker::of(&app);
    let made = ours.post("/webhooks", hook(&json!([STARTED]))).await;
    let path = format!("/webhooks/{}", made.id());
    happens(&app, STARTED, json!({"connector_number": 1})).await;
    worker.sent.fail(SendError::Later("answered 500".into()));
    assert_eq!(worker.work().await, [Outcome::Later]);
    app.clock.advance(TimeDelta::days(3));
    worker.sent.fail(SendError::Never("the URL leads to an address that is not public".into()));
    assert_eq!(worker.work().await, [Outcome::Failed]);
    let disabled = ours.get(&path).await;
    assert_eq!(
        (&disabled.body["enabled"], &disabled.body["disabled_why"]),
        (&json!(false), &json!("failing"))
    );
    assert_ne!(disabled.etag(), made.etag());
    happens(&app, STARTED, json!({"connector_number": 2})).await;
    assert!(worker.work().await.is_empty());
    let list = ours.get(&format!("{path}/deliveries")).await;
    let replay = format!("{path}/deliveries/{}/replay", column(&list, "id")[0]);
    assert_eq!(ours.ask(Method::POST, &replay, None, &[]).await.code(), "webhook_disabled");

    let enabled = ours.patch(&path, json!({"enabled": true})).await;
    assert_eq!((&enabled.body["disabled_why"], &enabled.body["failing_since"]), (&Value::Null, &Value::Null));
    happens(&app, STARTED, json!({"connector_number": 3})).await;
    worker.sent.fail(SendError::Gone("answered 410".into()));
    assert_eq!(worker.work().await, [Outcome::Failed]);
    assert_eq!(ours.get(&path).await.body["disabled_why"], "gone");
}

#[tokio::test]
async fn what_waits_for_a_webhook_that_is_stopped_is_not_posted() {
    let app = TestApp::start().await;
    let ours = app.ours().await;
    let mut worker = Worker::of(&app);
    let made = ours.post("/webhooks", hook(&json!([]))).await;
    happens(&app, STARTED, json!({"connector_number": 1})).await;
    while worker.fanout.step().await.unwrap() > 0 {}
    ours.patch(&format!("/webhooks/{}", made.id()), json!({"enabled": false})).await;
    assert_eq!(worker.work().await, [Outcome::Cancelled]);
    assert!(worker.sent.calls().is_empty());
}
