//! Frames from gateways to the message log.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use infra_kafka::{FRAMES, KafkaFrameReader};
use kernel::{IdSource, StoreError};
use message_log::{
    Frame, FrameSink, FrameWriter,
    testing::{FakeFrames, frame_of},
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::rig::{Rig, until};

fn frames(rig: &Rig, count: usize) -> Vec<Frame> {
    let charger = |n: usize| Frame {
        identity: format!("CP-{}", n % 5),
        ..frame_of(&*rig.ids, rig.organisation, rig.ids.uuid().into())
    };
    (0..count).map(charger).collect()
}

fn reader(rig: &Rig, log: Arc<dyn FrameSink>) -> (CancellationToken, JoinHandle<()>) {
    let stopping = CancellationToken::new();
    let reader = KafkaFrameReader::join(rig.kafka.clone(), log).unwrap();
    (stopping.clone(), tokio::spawn(reader.run(stopping)))
}

/// Writes what it is told to, and does not say so.
struct Speechless {
    log: FrameWriter,
    wrote: Arc<AtomicBool>,
}

#[async_trait]
impl FrameSink for Speechless {
    async fn frames_take(&self, frames: &[Frame]) -> Result<(), StoreError> {
        self.log.frames_take(frames).await?;
        self.wrote.store(true, Ordering::SeqCst);
        std::future::pending().await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_frame_is_in_the_log_once_whoever_is_killed_and_whatever_is_away() {
    let Some(rig) = Rig::start().await else { return };
    let store = Arc::new(FakeFrames::default());
    let writer = || FrameWriter::new(store.clone(), None);
    let mut all = frames(&rig, 300);
    rig.kafka.frames_take(&all).await.unwrap();

    // Killed when the frames were written, before the offsets were committed.
    let wrote = Arc::new(AtomicBool::new(false));
    let (_, killed) = reader(&rig, Arc::new(Speechless { log: writer(), wrote: wrote.clone() }));
    until("frames to be written", async || wrote.load(Ordering::SeqCst)).await;
    killed.abort();
    assert!(killed.await.unwrap_err().is_cancelled());

    // Another takes over while the log is away, and there is something nobody of ours has written.
    store.away(true);
    let (stopping, next) = reader(&rig, Arc::new(writer()));
    rig.write(FRAMES, "CP-1", b"nonsense").await;
    let more = frames(&rig, 300);
    rig.kafka.frames_take(&more).await.unwrap();
    // A gateway that does not know whether it was heard says it again.
    rig.kafka.frames_take(&more).await.unwrap();
    all.extend(more);
    store.away(false);
    until("all to be written", async || store.len() == all.len()).await;
    assert_eq!(store.frames(), all);
    stopping.cancel();
    next.await.unwrap();

    // Nothing is left for whoever comes then but what comes then.
    let later = frames(&rig, 1);
    rig.kafka.frames_take(&later).await.unwrap();
    let store = Arc::new(FakeFrames::default());
    let (stopping, last) = reader(&rig, Arc::new(FrameWriter::new(store.clone(), None)));
    until("the last one to be written", async || store.frames().contains(&later[0])).await;
    assert!(store.len() < all.len(), "committed offsets are where reading begins");
    stopping.cancel();
    last.await.unwrap();
}
