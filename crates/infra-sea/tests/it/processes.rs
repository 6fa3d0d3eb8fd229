//! What several processes agree on: how far logs were read, and whose turn it is.

use std::sync::Arc;

use charging::ChargingTx;
use connect_router::RouterTx;
use futures::future::join_all;
use kernel::{Advance, Begin, Fence, FenceSource, PositionReader, Track};

use crate::{Fixture, on_both_engines};

on_both_engines!(
    a_position_moves_only_from_where_it_is,
    an_advance_that_is_given_up_moves_nothing,
    only_the_latest_fence_passes,
    no_fence_is_drawn_while_one_is_passed,
    of_many_consumers_one_moves,
);

fn track(partition: i32) -> Track {
    Track { consumer: "test", topic: "topic".to_owned(), partition }
}

fn step(partition: i32, from: i64, to: i64) -> Advance {
    Advance { track: track(partition), from, to }
}

async fn advance(fixture: &Fixture, advance: &Advance) -> bool {
    let mut tx = Begin::<dyn RouterTx>::begin(&*fixture.sea).await.unwrap();
    let moved = tx.positions().position_advance(advance).await.unwrap();
    tx.commit().await.unwrap();
    moved
}

async fn a_position_moves_only_from_where_it_is(fixture: &Fixture) {
    assert_eq!(fixture.sea.position_get(&track(0)).await.unwrap(), None);
    assert!(advance(fixture, &step(0, 40, 50)).await, "a new track begins wherever it is told");
    assert!(!advance(fixture, &step(0, 40, 60)).await);
    assert!(advance(fixture, &step(0, 50, 51)).await);
    assert!(advance(fixture, &step(1, 0, 9)).await, "another partition has its own");
    assert_eq!(fixture.sea.position_get(&track(0)).await.unwrap(), Some(51));
    assert_eq!(fixture.sea.position_get(&track(1)).await.unwrap(), Some(9));
}

async fn an_advance_that_is_given_up_moves_nothing(fixture: &Fixture) {
    assert!(advance(fixture, &step(0, 0, 5)).await);
    let mut tx = Begin::<dyn RouterTx>::begin(&*fixture.sea).await.unwrap();
    assert!(tx.positions().position_advance(&step(0, 5, 10)).await.unwrap());
    drop(tx);
    assert_eq!(fixture.sea.position_get(&track(0)).await.unwrap(), Some(5));
}

async fn of_many_consumers_one_moves(fixture: &Fixture) {
    // Also where none has been before: the first row is a race as well.
    for from in [0, 10] {
        let step = step(0, from, from + 10);
        let moved = join_all((0..8).map(|_| advance(fixture, &step))).await;
        assert_eq!(moved.iter().filter(|moved| **moved).count(), 1, "{moved:?}");
    }
}

async fn passes(fixture: &Fixture, fence: &Fence) -> bool {
    let mut tx = Begin::<dyn ChargingTx>::begin(&*fixture.sea).await.unwrap();
    tx.fences().fence_passes(fence).await.unwrap()
}

async fn only_the_latest_fence_passes(fixture: &Fixture) {
    let first = fixture.sea.fence_next("depot").await.unwrap();
    let other = fixture.sea.fence_next("another").await.unwrap();
    assert!(passes(fixture, &first).await);
    let second = fixture.sea.fence_next("depot").await.unwrap();
    assert!(second.token > first.token);
    assert!(!passes(fixture, &first).await);
    assert!(passes(fixture, &second).await);
    assert!(passes(fixture, &other).await);
    let never = Fence { name: "never drawn".to_owned(), token: 0 };
    assert!(!passes(fixture, &never).await);
}

async fn no_fence_is_drawn_while_one_is_passed(fixture: &Fixture) {
    let first = fixture.sea.fence_next("depot").await.unwrap();
    let mut tx = Begin::<dyn ChargingTx>::begin(&*fixture.sea).await.unwrap();
    assert!(tx.fences().fence_passes(&first).await.unwrap());
    let sea = Arc::clone(&fixture.sea);
    let mut drawn = tokio::spawn(async move { sea.fence_next("depot").await.unwrap() });
    let waits = tokio::time::timeout(std::time::Duration::from_millis(200), &mut drawn).await;
    assert!(waits.is_err(), "a fence was drawn while the one before was being used");
    tx.commit().await.unwrap();
    assert!(drawn.await.unwrap().token > first.token);
}
