//! Whatever DynamoDB does: every frame is in the log, once.

use infra_dynamo::Dynamo;
use kernel::{
    Clock, IdSource, PageRequest, StoreError,
    testing::{CountingIds, FakeClock},
};
use message_log::{Frame, FrameFilter, FrameSink, FrameStore, FrameWriter, testing::frame_of};
use proptest::{
    prelude::{Just, ProptestConfig, Strategy, prop_oneof},
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};
use std::sync::Arc;

use crate::{
    proxy::{Fault, Proxy},
    settings,
};

/// DynamoDB behind a proxy, with tables.
async fn failing() -> Option<(Dynamo, Proxy)> {
    let mut settings = settings().await?;
    let proxy = Proxy::before(settings.endpoint.take().unwrap()).await;
    settings.endpoint = Some(proxy.url.clone());
    let dynamo = Dynamo::new(&settings).await;
    dynamo.set_up().await.unwrap();
    Some((dynamo, proxy))
}

fn frames(ids: &CountingIds, count: usize) -> Vec<Frame> {
    let (organisation, charge_point) = (ids.uuid().into(), ids.uuid().into());
    (0..count).map(|_| frame_of(ids, organisation, charge_point)).collect()
}

async fn kept(dynamo: &Dynamo, frames: &[Frame]) -> Vec<Frame> {
    let now = FakeClock::default().now();
    let all = FrameFilter::between(now, now + chrono::TimeDelta::minutes(1));
    let of_one = FrameFilter { charge_point: Some(frames[0].charge_point), ..all };
    let (mut kept, mut page) = (Vec::new(), PageRequest::default());
    loop {
        let read = dynamo.frame_search(frames[0].organisation, &of_one, now, page).await.unwrap();
        kept.extend(read.items);
        page.after = read.next;
        if page.after.is_none() {
            kept.reverse();
            return kept;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_taken_at_once_is_taken_later() {
    let Some((dynamo, proxy)) = failing().await else { return };
    let frames = frames(&CountingIds::default(), 60);
    proxy.script([Fault::Half, Fault::Nothing, Fault::Throttled, Fault::Half, Fault::Broken, Fault::Half]);
    let writer = FrameWriter::new(Arc::new(dynamo.clone()), None);
    writer.frames_take(&frames).await.unwrap();
    assert_eq!(proxy.left(), 0, "every fault was met");
    assert_eq!(kept(&dynamo, &frames).await, frames);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stays_busy_or_broken_says_so_and_loses_nothing() {
    let Some((dynamo, proxy)) = failing().await else { return };
    let frames = frames(&CountingIds::default(), 20);
    let writer = FrameWriter::new(Arc::new(dynamo.clone()), None);
    for (fault, tries) in [(Fault::Nothing, 8), (Fault::Throttled, 3)] {
        proxy.script([fault].repeat(tries));
        let refused = writer.frames_take(&frames).await.unwrap_err();
        assert!(matches!(refused, StoreError::Busy(_)), "{fault:?}: {refused:?}");
    }
    proxy.script([Fault::Broken].repeat(3));
    assert!(matches!(writer.frames_take(&frames).await, Err(StoreError::Unavailable(_))));
    proxy.script([Fault::Broken].repeat(3));
    assert!(dynamo.check().await.unwrap_err().retryable());
    assert_eq!(proxy.left(), 0);
    assert_eq!(kept(&dynamo, &frames).await, []);
    writer.frames_take(&frames).await.unwrap();
    assert_eq!(kept(&dynamo, &frames).await, frames);
}

/// Any sequence of faults, lost answers among them; the writer hands in again what failed, as all
/// callers do.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_happens_each_frame_is_there_once() {
    let Some((dynamo, proxy)) = failing().await else { return };
    let ids = CountingIds::default();
    let fault = prop_oneof![
        Just(Fault::None),
        Just(Fault::Throttled),
        Just(Fault::Broken),
        Just(Fault::Unanswered),
        Just(Fault::Half),
        Just(Fault::Nothing),
    ];
    let scripts = proptest::collection::vec(fault, 0..16);
    let chance = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), chance);
    for _ in 0..24 {
        let script = proptest::strategy::ValueTree::current(&scripts.new_tree(&mut runner).unwrap());
        let frames = frames(&ids, 70);
        proxy.script(script.clone());
        let writer = FrameWriter::new(Arc::new(dynamo.clone()), None);
        for batch in frames.chunks(35) {
            while let Err(error) = writer.frames_take(batch).await {
                assert!(error.retryable(), "{script:?}: {error:?}");
            }
        }
        while proxy.left() > 0 {
            let _ = writer.frames_take(&frames[..30]).await;
        }
        assert_eq!(kept(&dynamo, &frames).await, frames, "{script:?}");
    }
}
