//! The embedded store of documents.

use std::sync::Arc;

use chrono::TimeDelta;
use infra_sea::{SeaDocuments, SeaOptions};
use kernel::{
    Clock, PageRequest,
    testing::{CountingIds, FakeClock},
};
use message_log::{
    FrameFilter, FrameStore, KeptFrame,
    testing::{contract, frame},
};
use testkit::TestDatabase;

async fn documents(database: &TestDatabase) -> SeaDocuments {
    let clock = Arc::new(FakeClock::default());
    SeaDocuments::connect(&SeaOptions::new(database.url()), clock).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keeps_the_contract() {
    let database = TestDatabase::sqlite().unwrap();
    let documents = documents(&database).await;
    documents.set_up().await.unwrap();
    contract::holds_alone(&documents).await;
    report::testing::contract::index::holds(&documents, &CountingIds::default()).await;
}

/// Several processes of one machine may share it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn set_up_together_it_is_set_up_once() {
    let database = TestDatabase::sqlite().unwrap();
    let (one, two) = (documents(&database).await, documents(&database).await);
    let (first, second) = tokio::join!(one.set_up(), two.set_up());
    first.unwrap();
    second.unwrap();
    one.check().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_has_expired_is_removed_however_much() {
    let database = TestDatabase::sqlite().unwrap();
    let documents = documents(&database).await;
    documents.set_up().await.unwrap();
    let (ids, now) = (CountingIds::default(), FakeClock::default().now());
    let organisation = frame(&ids).organisation;
    let mut frames: Vec<KeptFrame> = (0..6_000)
        .map(|_| KeptFrame {
            frame: message_log::Frame { organisation, ..frame(&ids) },
            expires_at: Some(now),
        })
        .collect();
    frames[0].expires_at = None;
    frames[1].expires_at = Some(now + TimeDelta::microseconds(1));
    documents.frames_append(&frames).await.unwrap();
    assert_eq!(documents.frames_forget(now).await.unwrap(), 5_998);
    let all = FrameFilter::between(now, now + TimeDelta::days(1));
    let left = documents.frame_search(organisation, &all, now, PageRequest::default()).await.unwrap();
    assert_eq!(left.items.len(), 2);
}
