//! Alerts over HTTP: what is wrong, who looks after it, and who is told.

use std::sync::Arc;

use axum::http::Method;
use kernel::{Begin, Event, OutboxReader, Permission};
use notification::{AlertTx, DeliveryService, Follower, Outcome, testing::Recorder};
use runtime::{Config, notify::keeper};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    app::{OURS, TestApp},
    charge_points::{DEPOT, created, started},
};

const FAULT: &str = "manage.charge_point.status_changed.v1";

/// Events become known, and what they say of alerts with them.
async fn happens(app: &TestApp, data: Value) {
    let backends = &app.backends;
    let mut tx = Begin::<dyn AlertTx>::begin(&*backends.sea).await.unwrap();
    let event = Event::new(&*backends.clock, &*backends.ids, OURS, FAULT, "key", data);
    tx.outbox().append(event).await.unwrap();
    tx.commit().await.unwrap();
    let waiting = backends.sea.unpublished(500).await.unwrap();
    let sequences: Vec<_> = waiting.iter().map(|stored| stored.sequence).collect();
    backends.sea.mark_published(&sequences).await.unwrap();
    let mut follower = Follower::new(keeper(backends, &Config::default()), backends.sea.clone());
    while follower.step().await.unwrap() > 0 {}
}

fn status(charge_point: &str, status: &str, error: Option<&str>) -> Value {
    json!({"charge_point_id": charge_point, "depot_id": DEPOT, "connector_number": 1, "status": status,
        "error_code": error})
}

fn subjects(body: &Value) -> Vec<&str> {
    body["items"].as_array().unwrap().iter().map(|alert| alert["summary"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_fault_is_seen_acknowledged_and_over() {
    let app = started().await;
    let ours = app.ours();
    let id = created(&ours, "CP-1").await.replace("/charge-points/", "");
    happens(&app, status(&id, "faulted", Some("GroundFailure"))).await;
    let listed = ours.get("/alerts").await.body;
    insta::assert_json_snapshot!(listed, {
        ".**.id" => "[id]", ".**.charge_point_id" => "[id]",
        ".**.first_seen_at" => "[time]", ".**.last_seen_at" => "[time]",
    });
    let path = format!("/alerts/{}", listed["items"][0]["id"].as_str().unwrap());
    let shown = ours.get(&path).await;
    assert_eq!((shown.body["count"].clone(), shown.etag()), (json!(1), "\"v1\""));

    let acknowledge = format!("{path}/acknowledge");
    let stale = ours.ask(Method::POST, &acknowledge, Some(json!({})), &[("if-match", "\"v9\"")]).await;
    assert_eq!(stale.status, 412);
    let known = ours.post(&acknowledge, json!({"note": "Ada looks at it"})).await;
    assert_eq!((known.status.as_u16(), &known.body["state"]), (200, &json!("acknowledged")));
    assert_eq!(
        (&known.body["note"], &known.body["acknowledged_by"]["type"]),
        (&json!("Ada looks at it"), &json!("user"))
    );
    assert_eq!(ours.post(&acknowledge, json!({"nose": 1})).await.status, 422);
    let entry = ours.get("/admin/audit?resource=alert").await.body["items"][0].take();
    assert_eq!(
        (&entry["before"]["state"], &entry["after"]["state"]),
        (&json!("open"), &json!("acknowledged"))
    );

    happens(&app, status(&id, "available", None)).await;
    let over = ours.get(&path).await.body;
    assert_eq!((&over["state"], over["cleared_at"].is_string()), (&json!("cleared"), true));
    assert_eq!(ours.post(&acknowledge, json!({})).await.code(), "alert_cleared");
}

#[tokio::test]
async fn alerts_are_filtered_and_paged() {
    let app = started().await;
    let ours = app.ours();
    let ids = [1, 2, 3].map(|n| Uuid::from_u128(n).to_string());
    happens(&app, status(&ids[0], "faulted", None)).await;
    happens(&app, status(&ids[1], "charging", Some("HighTemperature"))).await;
    happens(&app, status(&ids[2], "faulted", Some("OtherError"))).await;
    happens(&app, status(&ids[2], "available", None)).await;
    let (bare, warm, other) = (
        "connector 1 is faulted",
        "connector 1 reports an error: HighTemperature",
        "connector 1 is faulted: OtherError",
    );
    for (query, expected) in [
        (String::new(), vec![other, warm, bare]),
        ("?state=open".into(), vec![warm, bare]),
        ("?state=cleared".into(), vec![other]),
        ("?severity=warning".into(), vec![warm]),
        ("?kind=offline".into(), vec![]),
        (format!("?charge_point_id={}", ids[0]), vec![bare]),
        (format!("?depot_id={DEPOT}&state=open&limit=1"), vec![warm]),
        (format!("?vehicle_id={}", ids[0]), vec![]),
        ("?from=2100-01-01T00:00:00Z".into(), vec![]),
        ("?to=2100-01-01T00:00:00Z&kind=fault".into(), vec![other, warm, bare]),
    ] {
        assert_eq!(subjects(&ours.get(&format!("/alerts{query}")).await.body), expected, "{query}");
    }
    let first = ours.get("/alerts?limit=2").await.body;
    let cursor = first["next_cursor"].as_str().unwrap();
    assert_eq!(subjects(&ours.get(&format!("/alerts?limit=2&cursor={cursor}")).await.body), [bare]);
    for bad in ["?state=gone", "?kind=x", "?severity=2", "?depot=1", "?from=today"] {
        assert_eq!(ours.get(&format!("/alerts{bad}")).await.status, 400, "{bad}");
    }
}

#[tokio::test]
async fn a_rule_lives_from_creation_to_deletion() {
    let app = started().await;
    let ours = app.ours();
    let plain = ours.post("/alert-rules", json!({"name": " All ", "emails": ["ada@depot.example"]})).await;
    assert_eq!(plain.status, 201, "{}", plain.body);
    let full = json!({
        "name": "Night", "kinds": ["fault", "offline"], "min_severity": "critical", "depot_ids": [DEPOT],
        "emails": ["bob@depot.example", "ada@depot.example"], "webhook": {"url": "https://hooks.example/a"},
        "pace": {"type": "daily", "at": "07:00"}, "delay_seconds": 60, "timezone": "Europe/Berlin",
        "quiet_hours": {"hours": {"weekdays": ["monday"], "from": "22:00", "to": "06:00"}, "breaks_through": "critical"},
        "tell_cleared": true, "enabled": false,
    });
    let made = ours.ask(Method::POST, "/alert-rules", Some(full.clone()), &[("idempotency-key", "1")]).await;
    let secret = made.body["webhook_secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("whsec_"));
    let again = ours.ask(Method::POST, "/alert-rules", Some(full), &[("idempotency-key", "1")]).await;
    assert_eq!((again.id(), &again.body["webhook_secret"]), (made.id(), &Value::Null));
    let path = format!("/alert-rules/{}", made.id());
    assert_eq!(made.headers["location"], format!("/api/v1{path}").as_str());
    let shown = ours.get(&path).await;
    insta::assert_json_snapshot!(shown.body, {
        ".id" => "[id]", ".created_at" => "[time]", ".updated_at" => "[time]",
    });

    let changed = ours
        .ask(
            Method::PATCH,
            &path,
            Some(json!({"pace": {"type": "hourly"}, "quiet_hours": null, "emails": [], "kinds": []})),
            &[("if-match", shown.etag())],
        )
        .await;
    assert_eq!((changed.status.as_u16(), changed.etag()), (200, "\"v2\""), "{}", changed.body);
    assert_eq!(
        [&changed.body["pace"], &changed.body["quiet_hours"], &changed.body["webhook_secret"]],
        [&json!({"type": "hourly"}), &Value::Null, &Value::Null]
    );
    assert_eq!(changed.body["timezone"], "Europe/Berlin");
    let moved = ours.patch(&path, json!({"webhook": {"url": "https://hooks.example/b"}})).await;
    assert!(moved.body["webhook_secret"].is_string() && moved.body["webhook_secret"] != json!(secret));
    let emptied = ours.patch(&path, json!({"webhook": null})).await;
    assert_eq!(emptied.fields(), [("/emails", "required")]);
    assert_eq!(ours.get("/alert-rules").await.body["items"].as_array().unwrap().len(), 2);
    let audit = ours.get("/admin/audit?resource=alert_rule").await.body.to_string();
    assert!(!audit.contains("whsec"), "{audit}");

    assert_eq!(app.theirs().get(&path).await.status, 404);
    assert_eq!(ours.delete(&path).await.status, 204);
    assert_eq!(ours.delete(&path).await.status, 404);
    let reader = app.caller(OURS, &[Permission::AlertRuleRead]);
    assert_eq!(reader.get("/alert-rules").await.status, 200);
    assert_eq!(
        reader.post("/alert-rules", json!({"name": "x", "emails": ["a@b.example"]})).await.status,
        403
    );
}

#[tokio::test]
async fn a_rule_that_makes_no_sense_is_refused_field_by_field() {
    let app = started().await;
    let ours = app.ours();
    let refused = async |body: Value| {
        let reply = ours.post("/alert-rules", body).await;
        assert_eq!(reply.status, 422, "{}", reply.body);
        let fields = reply.fields().into_iter().map(|(pointer, code)| format!("{pointer} {code}"));
        fields.collect::<Vec<_>>()
    };
    let with = |field: &str, value: Value| {
        let mut body = json!({"name": "R", "emails": ["ada@depot.example"]});
        body[field] = value;
        body
    };
    assert_eq!(refused(json!({"name": "R"})).await, ["/emails required"]);
    assert_eq!(refused(with("timezone", json!("Mars"))).await, ["/timezone unknown_time_zone"]);
    assert_eq!(refused(with("emails", json!(["a@b.example", "nobody"]))).await, ["/emails/1 malformed"]);
    assert_eq!(
        refused(with("depot_ids", json!([DEPOT, Uuid::from_u128(1)]))).await,
        ["/depot_ids/1 unknown_depot"]
    );
    assert_eq!(refused(with("webhook", json!({"url": "gopher://x"}))).await, ["/webhook/url malformed"]);
    let pace = json!({"type": "at_once", "group_seconds": 3601});
    assert_eq!(refused(with("pace", pace)).await, ["/pace/group_seconds out_of_range"]);
    let quiet = json!({"hours": {"weekdays": [], "from": "25:00", "to": "06:00"}});
    assert_eq!(refused(with("quiet_hours", quiet)).await, ["/quiet_hours/hours/from malformed"]);
    assert_eq!(refused(with("delay_seconds", json!(86_401))).await, ["/delay_seconds out_of_range"]);
    for (field, value) in [
        ("pace", json!({"type": "daily", "at": "7"})),
        ("pace", json!({"type": "hourly", "at": "07:00"})),
        ("kinds", json!(["flood"])),
        ("secret", json!("x")),
    ] {
        assert_eq!(refused(with(field, value)).await.len(), 1, "{field}");
    }
}

#[tokio::test]
async fn the_log_says_who_was_told_and_what_became_of_it() {
    let app = started().await;
    let ours = app.ours();
    let rule = json!({"name": "R", "emails": ["ada@depot.example"], "pace": {"type": "at_once", "group_seconds": 0}});
    ours.post("/alert-rules", rule).await;
    let id = created(&ours, "CP-1").await.replace("/charge-points/", "");
    happens(&app, status(&id, "faulted", None)).await;
    let alert = ours.get("/alerts").await.body["items"][0]["id"].as_str().unwrap().to_owned();
    let log = format!("/alerts/{alert}/deliveries");
    let waiting = ours.get(&log).await.body["items"][0].take();
    assert_eq!((&waiting["state"], &waiting["attempts"]), (&json!("pending"), &json!(0)));

    let sent = Recorder::default();
    let backends = &app.backends;
    let service = DeliveryService::new(
        backends.sea.clone(),
        Arc::new(sent.clone()),
        Arc::new(sent.clone()),
        backends.clock.clone(),
        backends.ids.clone(),
    );
    let claimed = service.claim().await.unwrap().remove(0);
    assert_eq!(service.deliver(claimed).await.unwrap(), Outcome::Sent);
    assert_eq!(sent.mails()[0].subject, "[CRITICAL] Depot A, CP-1, fault: connector 1 is faulted");
    let told = ours.get(&log).await.body["items"][0].take();
    assert_eq!((&told["state"], &told["recipient"]), (&json!("sent"), &json!("ada@depot.example")));
    assert_eq!(app.theirs().get(&log).await.status, 404);
}
