//! What happens, told as it happens.

use axum::{body::BodyDataStream, http::Request};
use futures::StreamExt;
use kernel::{Begin, Event, OrganisationId, OutboxReader, Permission};
use notification::AlertTx;
use serde_json::{Value, json};

use crate::app::{OURS, THEIRS, TestApp};

pub async fn happens(app: &TestApp, organisation: OrganisationId, name: &'static str, data: Value) {
    let backends = &app.backends;
    let mut tx = Begin::<dyn AlertTx>::begin(&*backends.sea).await.unwrap();
    let event = Event::new(&*backends.clock, &*backends.ids, organisation, name, "key", data);
    tx.outbox().append(event).await.unwrap();
    tx.commit().await.unwrap();
    let waiting = backends.sea.unpublished(500).await.unwrap();
    let sequences: Vec<_> = waiting.iter().map(|stored| stored.sequence).collect();
    backends.sea.mark_published(&sequences).await.unwrap();
}

/// The frames of a stream that ended: id, type, and the `n` of the data.
pub fn frames(text: &str) -> Vec<(i64, &str, Value)> {
    let field = |frame: &str, name: &str| {
        let line = frame.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        line.map(str::to_owned)
    };
    text.split("\n\n")
        .filter(|frame| frame.contains("id:"))
        .map(|frame| {
            let data: Value = serde_json::from_str(&field(frame, "data:").unwrap()).unwrap();
            let kind = frame.lines().find_map(|line| line.strip_prefix("event: ")).unwrap();
            (field(frame, "id:").unwrap().parse().unwrap(), kind, data["data"]["n"].clone())
        })
        .collect()
}

async fn told(app: &TestApp, query: &str) -> String {
    let reply = app.ours().get(&format!("/events?follow=false{query}")).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.headers["content-type"], "text/event-stream");
    assert_eq!(reply.headers["cache-control"], "no-cache");
    reply.body.as_str().unwrap().to_owned()
}

const STARTED: &str = "manage.transaction.started.v1";
const STOPPED: &str = "manage.transaction.stopped.v1";
const CHANGED: &str = "manage.vehicle.changed.v1";

#[tokio::test]
async fn events_are_told_by_type_and_depot_and_after_the_last_that_was_seen() {
    let app = TestApp::start().await;
    let depot = uuid::Uuid::from_u128(7);
    happens(&app, OURS, STARTED, json!({"n": 1, "depot_id": depot})).await;
    happens(&app, THEIRS, STARTED, json!({"n": 2})).await;
    happens(&app, OURS, CHANGED, json!({"n": 3})).await;
    happens(&app, OURS, STOPPED, json!({"n": 4, "depot_id": uuid::Uuid::from_u128(8)})).await;
    let all = told(&app, "&after=0").await;
    let ids: Vec<i64> = frames(&all).iter().map(|(id, ..)| *id).collect();
    let seen = |text: &str| frames(text).iter().map(|(_, _, n)| n.as_i64().unwrap()).collect::<Vec<_>>();
    assert_eq!(seen(&all), [1, 3, 4]);
    assert_eq!(frames(&all)[0].1, STARTED);
    assert_eq!(seen(&told(&app, &format!("&after={}", ids[0])).await), [3, 4]);
    assert_eq!(seen(&told(&app, "").await), [0; 0], "from now on");
    assert_eq!(seen(&told(&app, &format!("&after=0&types={CHANGED}")).await), [3]);
    assert_eq!(seen(&told(&app, "&after=0&types=manage.transaction.*").await), [1, 4]);
    let two = format!("&after=0&types={CHANGED},%20manage.transaction.st*");
    assert_eq!(seen(&told(&app, &two).await), [1, 3, 4]);
    assert_eq!(seen(&told(&app, &format!("&after=0&depot_id={depot}")).await), [1]);

    let ours = app.ours();
    let id = ids[1].to_string();
    let path = "/events?follow=false&after=0";
    let resumed = ours.ask(axum::http::Method::GET, path, None, &[("last-event-id", &id)]).await;
    assert_eq!(seen(resumed.body.as_str().unwrap()), [4]);
    let bad = ours.ask(axum::http::Method::GET, path, None, &[("last-event-id", "x")]).await;
    assert_eq!((bad.status.as_u16(), bad.code()), (400, "malformed_last_event_id"));
    for bad in ["?types=", "?types=a,,b", "?types=*", "?since=1", "?depot_id=x"] {
        assert_eq!(ours.get(&format!("/events{bad}")).await.status, 400, "{bad}");
    }
    let unknown = told(&app, "&after=999").await;
    assert!(unknown.contains("event: reset"), "{unknown}");
}

#[tokio::test]
async fn everybody_hears_of_what_they_may_read() {
    let app = TestApp::start().await;
    happens(&app, OURS, STARTED, json!({"n": 1})).await;
    happens(&app, OURS, CHANGED, json!({"n": 2})).await;
    happens(&app, OURS, "manage.user.created.v1", json!({"n": 3})).await;
    happens(&app, OURS, "manage.test.happened.v1", json!({"n": 4})).await;
    for (permissions, expected) in [
        (&[Permission::VehicleRead][..], vec![2]),
        (&[Permission::TransactionRead, Permission::UserRead], vec![1, 3]),
        (&[Permission::PriorityRead], vec![]),
        (Permission::ALL, vec![1, 2, 3]),
    ] {
        let reply = app.caller(OURS, permissions).get("/events?follow=false&after=0").await;
        let seen: Vec<_> =
            frames(reply.body.as_str().unwrap()).iter().map(|(_, _, n)| n.as_i64().unwrap()).collect();
        assert_eq!(seen, expected, "{permissions:?}");
    }
    for nothing in [&[][..], &[Permission::VehicleWrite]] {
        assert_eq!(app.caller(OURS, nothing).get("/events").await.status, 403);
    }
}

/// Reads on until there is an event.
async fn next(stream: &mut BodyDataStream) -> Option<String> {
    let mut text = String::new();
    while !text.ends_with("\n\n") || !text.contains("id:") {
        text.push_str(std::str::from_utf8(&stream.next().await?.unwrap()).unwrap());
    }
    Some(text)
}

#[tokio::test]
async fn a_stream_goes_on_until_it_is_closed() {
    let app = TestApp::start().await;
    let request = Request::get("/api/v1/events")
        .header("authorization", format!("Bearer {OURS},vehicle:read"))
        .body(axum::body::Body::empty());
    let response = app.open(request.unwrap()).await;
    assert_eq!(response.status(), 200);
    let mut stream = response.into_body().into_data_stream();
    for n in 1..=3 {
        happens(&app, OURS, STARTED, json!({"n": 0})).await;
        happens(&app, OURS, CHANGED, json!({"n": n})).await;
        let text = next(&mut stream).await.unwrap();
        assert_eq!(frames(&text).remove(0).2, json!(n));
    }
    app.services.feed.close();
    assert_eq!(next(&mut stream).await, None);
}
