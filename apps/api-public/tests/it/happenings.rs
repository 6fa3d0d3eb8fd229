//! Events that happen, and when they become known.

use kernel::{Begin, Event, OutboxReader};
use notification::AlertTx;
use serde_json::Value;

use crate::app::{OURS, TestApp};

/// Something is stored and not yet published.
pub async fn stored(app: &TestApp, name: &'static str, data: Value) {
    let organisation = app.scope(OURS).await.organisation();
    let mut tx = Begin::<dyn AlertTx>::begin(&*app.backends.sea).await.unwrap();
    let event = Event::new(&*app.clock, &*app.backends.ids, organisation, name, "key", data);
    tx.outbox().append(event).await.unwrap();
    tx.commit().await.unwrap();
}

/// What the relay does with what waits: the newest so many are published.
pub async fn publish(app: &TestApp, newest: usize) {
    let waiting = app.backends.sea.unpublished(500).await.unwrap();
    let sequences: Vec<_> = waiting.iter().rev().take(newest).map(|stored| stored.sequence).collect();
    app.backends.sea.mark_published(&sequences).await.unwrap();
}

pub async fn happens(app: &TestApp, name: &'static str, data: Value) {
    stored(app, name, data).await;
    publish(app, 1).await;
}
