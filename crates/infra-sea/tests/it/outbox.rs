//! Events appear with their unit of work, in order, until they are published and forgotten.

use std::time::Duration;

use chrono::TimeDelta;
use kernel::{Begin, Clock, Event, IdSource, OutboxReader, testing::CountingIds};
use vehicle::VehicleTx;

use crate::{Fixture, on_both_engines};

on_both_engines!(events_live_from_commit_to_publication, the_bell_rings_after_commit);

async fn append(fixture: &Fixture, keys: &[&str], commit: bool) {
    let ids = CountingIds::default();
    let mut tx = Begin::<dyn VehicleTx>::begin(&*fixture.sea).await.unwrap();
    for key in keys {
        let event = Event::new(
            &*fixture.clock,
            &ids,
            ids.uuid().into(),
            "manage.test.happened.v1",
            key,
            serde_json::json!({ "key": key }),
        );
        tx.outbox().append(event).await.unwrap();
    }
    if commit {
        tx.commit().await.unwrap();
    }
}

async fn events_live_from_commit_to_publication(fixture: &Fixture) {
    append(fixture, &["lost"], false).await;
    append(fixture, &["a", "b", "a"], true).await;
    let waiting = fixture.sea.unpublished(10).await.unwrap();
    let keys: Vec<_> = waiting.iter().map(|stored| stored.event.key.as_str()).collect();
    assert_eq!(keys, ["a", "b", "a"]);
    assert_eq!(waiting[1].event.data, serde_json::json!({ "key": "b" }));

    let sequences: Vec<_> = waiting.iter().map(|stored| stored.sequence).collect();
    fixture.sea.mark_published(&sequences[..2]).await.unwrap();
    let left = fixture.sea.unpublished(10).await.unwrap();
    assert_eq!(left, waiting[2..]);

    assert_eq!(fixture.sea.forget_published(fixture.clock.now()).await.unwrap(), 0);
    fixture.clock.advance(TimeDelta::seconds(1));
    assert_eq!(fixture.sea.forget_published(fixture.clock.now()).await.unwrap(), 2);
}

async fn the_bell_rings_after_commit(fixture: &Fixture) {
    let bell = fixture.sea.event_bell();
    append(fixture, &["a"], true).await;
    tokio::time::timeout(Duration::from_secs(10), bell.notified()).await.expect("the bell rang");
}
