//! The message log over HTTP.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use kernel::{ChargePointId, Permission};
use message_log::{Direction, Frame, KeptFrame, MessageType, Outcome, Text, testing::frame_of};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::{OURS, Reply, THEIRS, TestApp};

const CHARGER: ChargePointId = ChargePointId::from_uuid(Uuid::from_u128(0xc1));

fn now(app: &TestApp) -> DateTime<Utc> {
    app.backends.clock.now()
}

/// A call and its answer a second later, `minutes` ago.
fn exchange(app: &TestApp, n: i64, minutes: i64) -> [Frame; 2] {
    let at = now(app) - TimeDelta::minutes(minutes);
    let id = format!("m-{n}");
    let call = Frame {
        at,
        message_id: Some(id.clone()),
        text: Text::of(&format!(r#"[2,"{id}","Heartbeat",{{}}]"#)),
        ..frame_of(&*app.backends.ids, OURS, CHARGER)
    };
    let answer = Frame {
        at: at + TimeDelta::seconds(1),
        direction: Direction::Out,
        message_type: MessageType::Result,
        outcome: Some(Outcome::Accepted),
        text: Text::of(&format!(r#"[3,"{id}",{{}}]"#)),
        ..Frame { id: app.backends.ids.uuid().into(), ..call.clone() }
    };
    [call, answer]
}

async fn keep(app: &TestApp, frames: impl IntoIterator<Item = Frame>) {
    let kept: Vec<KeptFrame> =
        frames.into_iter().map(|frame| KeptFrame { frame, expires_at: None }).collect();
    app.backends.documents.frames().frames_append(&kept).await.unwrap();
}

fn ids(reply: &Reply) -> Vec<&str> {
    let items = reply.body["items"].as_array().unwrap_or_else(|| panic!("{}", reply.body));
    items.iter().map(|frame| frame["message_id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_call_and_its_answer_are_found_by_what_they_share() {
    let app = TestApp::start().await;
    let ours = app.ours();
    keep(&app, (0..3).flat_map(|n| exchange(&app, n, 10 + n))).await;
    let mut stranger = exchange(&app, 1, 10);
    stranger[0].organisation = THEIRS;
    keep(&app, [stranger[0].clone()]).await;

    let found = ours.get("/message-log?message_id=m-1").await;
    assert_eq!(found.status, 200);
    let mut seen = found.body["items"].clone();
    for frame in seen.as_array_mut().unwrap() {
        for changing in ["id", "at"] {
            assert!(frame.as_object_mut().unwrap().remove(changing).is_some());
        }
    }
    insta::assert_json_snapshot!(seen);
    for (query, expected) in [
        ("", vec!["m-0", "m-0", "m-1", "m-1", "m-2", "m-2"]),
        ("&direction=out", vec!["m-0", "m-1", "m-2"]),
        ("&outcome=accepted&limit=2", vec!["m-0", "m-1"]),
        ("&outcome=timed_out", vec![]),
        ("&action=Heartbeat&message_id=m-2", vec!["m-2", "m-2"]),
        ("&action=MeterValues", vec![]),
    ] {
        for of in [format!("/message-log?charge_point_id={CHARGER}{query}"), format!("/message-log?{query}")]
        {
            assert_eq!(ids(&ours.get(&of).await), expected, "{of}");
        }
    }
    let nobody = format!("/message-log?charge_point_id={}", Uuid::from_u128(7));
    assert_eq!(ids(&ours.get(&nobody).await), Vec::<&str>::new());
    assert_eq!(ids(&app.theirs().get("/message-log").await), ["m-1"]);
}

#[tokio::test]
async fn pages_follow_one_another_and_an_export_is_all_of_them() {
    let app = TestApp::start().await;
    let ours = app.ours();
    keep(&app, (0..250).flat_map(|n| exchange(&app, n, n + 1))).await;
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = ours.get(&format!("/message-log?limit=90{cursor}")).await;
        found.extend(page.body["items"].as_array().unwrap().iter().cloned());
        let Some(next) = page.body["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(found.len(), 500);
    let exported = ours.get("/message-log/export").await;
    assert_eq!(exported.headers["content-type"], "application/x-ndjson");
    let lines = exported.body.as_str().unwrap().lines();
    assert_eq!(lines.map(|line| serde_json::from_str::<Value>(line).unwrap()).collect::<Vec<_>>(), found);
    let calls = ours.get("/message-log/export?direction=in&limit=1").await;
    assert_eq!((calls.status.as_u16(), calls.code()), (400, "malformed_query"), "it has no pages");
    let calls = ours.get("/message-log/export?direction=in").await;
    assert_eq!(calls.body.as_str().unwrap().lines().count(), 250);
}

#[tokio::test]
async fn a_range_begins_with_its_first_instant_and_ends_before_its_last() {
    let app = TestApp::start().await;
    let ours = app.ours();
    let exchanges: Vec<[Frame; 2]> = (0..5).map(|n| exchange(&app, n, 10 + n)).collect();
    let at = |n: usize| exchanges[n][0].at.to_rfc3339_opts(SecondsFormat::Micros, true);
    // That of `m-3` is in it, that of `m-1` is not.
    let range = format!("from={}&to={}&direction=in&action=Heartbeat", at(3), at(1));
    keep(&app, exchanges.into_iter().flatten()).await;
    for path in [format!("/message-log?{range}"), format!("/message-log?{range}&charge_point_id={CHARGER}")] {
        let first = ours.get(&format!("{path}&limit=1")).await;
        assert_eq!(ids(&first), ["m-2"], "{path}");
        let cursor = first.body["next_cursor"].as_str().unwrap();
        let second = ours.get(&format!("{path}&limit=1&cursor={cursor}")).await;
        assert_eq!(ids(&second), ["m-3"], "{path}");
        assert_eq!(ids(&ours.get(&path).await), ["m-2", "m-3"], "{path}");
        let exported = ours.get(&path.replace("/message-log?", "/message-log/export?")).await;
        assert_eq!(exported.body.as_str().unwrap().lines().count(), 2, "{path}");
    }
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused() {
    let app = TestApp::start().await;
    let ours = app.ours();
    for path in ["/message-log", "/message-log/export"] {
        for (query, status, code) in [
            ("direction=up", 400, "unknown_value"),
            ("from=yesterday", 400, "invalid_value"),
            ("from=2026-03-02T08:00:00Z&to=2026-03-02T08:00:00Z", 422, "not_before_to"),
            ("from=2026-01-01T00:00:00Z&to=2026-03-02T08:00:00Z", 422, "range_too_long"),
        ] {
            let refused = ours.get(&format!("{path}?{query}")).await;
            assert_eq!(refused.status, status, "{query}: {}", refused.body);
            assert_eq!(refused.body["errors"][0]["code"], json!(code), "{query}");
        }
        let long =
            format!("{path}?from=2026-01-01T00:00:00Z&to=2026-03-02T08:00:00Z&charge_point_id={CHARGER}");
        assert_eq!(ours.get(&long).await.status, 200);
        let others: Vec<Permission> = Permission::ALL
            .iter()
            .copied()
            .filter(|permission| *permission != Permission::MessageLogRead)
            .collect();
        assert_eq!(app.caller(OURS, &others).get(path).await.status, 403);
    }
}
