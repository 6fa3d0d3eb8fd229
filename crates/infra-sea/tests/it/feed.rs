//! The feed of published events: whoever reads on from a place misses nothing, whoever writes
//! meanwhile.

use std::sync::Arc;

use chrono::TimeDelta;
use infra_sea::Sea;
use kernel::{
    Begin, Clock, Event, EventFeed, FeedEnds, IdSource, OrganisationId, OutboxReader, testing::CountingIds,
};
use serde_json::json;
use vehicle::VehicleTx;

use crate::{Fixture, on_both_engines};

on_both_engines!(
    events_have_places_once_published,
    the_feed_is_forgotten_from_its_beginning,
    a_reader_sees_every_event_of_many_writers_once,
);

async fn append(fixture: &Fixture, ids: &CountingIds, organisation: OrganisationId, keys: &[&str]) {
    let mut tx = Begin::<dyn VehicleTx>::begin(&*fixture.sea).await.unwrap();
    for key in keys {
        let name = "manage.test.happened.v1";
        let event = Event::new(&*fixture.clock, ids, organisation, name, key, json!({}));
        tx.outbox().append(event).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// Publishes what is there, as the relay does; returns how many there were.
async fn publish(sea: &Sea) -> usize {
    let waiting = sea.unpublished(512).await.unwrap();
    let sequences: Vec<_> = waiting.iter().map(|stored| stored.sequence).collect();
    sea.mark_published(&sequences).await.unwrap();
    // As after a crash between publishing and marking: nothing gets a second place.
    sea.mark_published(&sequences).await.unwrap();
    sequences.len()
}

async fn keys(sea: &Sea, place: i64, organisation: Option<OrganisationId>) -> Vec<String> {
    let fed = sea.feed_after(place, organisation, 100).await.unwrap();
    fed.into_iter().map(|fed| fed.event.key).collect()
}

async fn events_have_places_once_published(fixture: &Fixture) {
    let (sea, ids) = (&*fixture.sea, CountingIds::default());
    let (ours, theirs) = (ids.uuid().into(), ids.uuid().into());
    assert_eq!(sea.feed_ends().await.unwrap(), FeedEnds::default());
    append(fixture, &ids, ours, &["a", "b"]).await;
    assert!(keys(sea, 0, None).await.is_empty());
    publish(sea).await;
    append(fixture, &ids, theirs, &["c"]).await;
    publish(sea).await;
    let fed = sea.feed_after(0, None, 2).await.unwrap();
    assert_eq!(fed.iter().map(|fed| fed.event.key.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(keys(sea, fed[1].place, None).await, ["c"]);
    assert_eq!(keys(sea, fed[0].place, Some(ours)).await, ["b"]);
    assert_eq!(keys(sea, 0, Some(theirs)).await, ["c"]);
    let ends = sea.feed_ends().await.unwrap();
    assert_eq!(ends.forgotten, 0);
    assert!(keys(sea, ends.newest, None).await.is_empty());
}

async fn the_feed_is_forgotten_from_its_beginning(fixture: &Fixture) {
    let (sea, ids) = (&*fixture.sea, CountingIds::default());
    let ours = ids.uuid().into();
    // The clock is put back between the two: the later event looks older.
    append(fixture, &ids, ours, &["a"]).await;
    publish(sea).await;
    let first = sea.feed_ends().await.unwrap().newest;
    let noon = fixture.clock.now();
    fixture.clock.advance(TimeDelta::hours(-1));
    append(fixture, &ids, ours, &["b"]).await;
    publish(sea).await;
    let last = sea.feed_ends().await.unwrap().newest;
    assert_eq!(sea.forget_published(noon).await.unwrap(), 2);
    assert_eq!(sea.feed_ends().await.unwrap(), FeedEnds { forgotten: last, newest: last });
    append(fixture, &ids, ours, &["c"]).await;
    publish(sea).await;
    assert!(sea.feed_ends().await.unwrap().forgotten >= last && first < last);
    assert_eq!(keys(sea, last, None).await, ["c"]);
}

async fn a_reader_sees_every_event_of_many_writers_once(fixture: &Fixture) {
    const WRITERS: usize = 6;
    const EACH: usize = 20;
    let organisation: OrganisationId = CountingIds::default().uuid().into();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (sea, clock) = (fixture.sea.clone(), fixture.clock.clone());
            tokio::spawn(async move {
                let ids = CountingIds::default();
                for n in 0..EACH {
                    let mut tx = Begin::<dyn VehicleTx>::begin(&*sea).await.unwrap();
                    let key = format!("{writer}-{n}");
                    let name = "manage.test.happened.v1";
                    let event = Event::new(&*clock, &ids, organisation, name, &key, json!({}));
                    tx.outbox().append(event).await.unwrap();
                    // Others draw later sequences and may commit before this one.
                    for _ in 0..(writer * 7 + n * 3) % 11 {
                        tokio::task::yield_now().await;
                    }
                    tx.commit().await.unwrap();
                }
            })
        })
        .collect();
    let relay = tokio::spawn(relay(fixture.sea.clone(), WRITERS * EACH));
    let (mut place, mut seen) = (0, Vec::new());
    while seen.len() < WRITERS * EACH {
        for fed in fixture.sea.feed_after(place, Some(organisation), 7).await.unwrap() {
            assert!(fed.place > place, "places rise");
            place = fed.place;
            seen.push(fed.event.key);
        }
        tokio::task::yield_now().await;
    }
    for writer in writers {
        writer.await.unwrap();
    }
    relay.await.unwrap();
    for writer in 0..WRITERS {
        let of: Vec<_> = seen.iter().filter(|key| key.starts_with(&format!("{writer}-"))).cloned().collect();
        let wrote: Vec<_> = (0..EACH).map(|n| format!("{writer}-{n}")).collect();
        assert_eq!(of, wrote, "each once, and in order");
    }
}

async fn relay(sea: Arc<Sea>, events: usize) {
    let mut published = 0;
    while published < events {
        published += publish(&sea).await;
        tokio::task::yield_now().await;
    }
}
