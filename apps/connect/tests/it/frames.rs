//! What the message log is told, and that telling it costs chargers nothing.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use connect_router::{ChargerLink, LinkError};
use infra_local::FrameJournal;
use kernel::StoreError;
use message_log::{Direction, Frame, FrameSink, FrameWriter, MessageType, Outcome, testing::FakeFrames};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::{
    client::Client,
    faults::SOON,
    rig::{Rig, until},
};

/// What stands out of a frame.
type Seen = (Direction, MessageType, Option<String>, Option<String>, Option<Outcome>);

fn seen(frame: &Frame) -> Seen {
    (frame.direction, frame.message_type, frame.action.clone(), frame.message_id.clone(), frame.outcome)
}

fn expected(
    direction: Direction,
    message_type: MessageType,
    action: &str,
    id: &str,
    outcome: Option<Outcome>,
) -> Seen {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    (direction, message_type, text(action), text(id), outcome)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_frame_is_noted_with_what_it_is_about() {
    use Direction::{In, Out};
    use MessageType::{Call, Error, Invalid, Missing, Result};
    let rig = Rig::sqlite().await;
    let charger = rig.charger("CP-1").await;
    let mut client = Client::open(&rig, "CP-1").await;
    client.call("Heartbeat", &json!({})).await;
    client.call("Authorize", &json!({"idTag": "NOBODY"})).await;
    let id = client.send("Heartbeet", &json!({})).await;
    client.answer_frame(&id).await;
    client.text("[2,").await;
    client.text(r#"[2,"m9",5,{}]"#).await;
    client.answer_frame("m9").await;
    client.text(r#"[3,"x",{}]"#).await;
    until("it to be noted", async || rig.frames.frames().len() == 10).await;

    let order = |timeout| rig.gateway.call(charger.id, "Reset", json!({"type": "Soft"}), timeout);
    let (reset, call) = tokio::join!(order(SOON), client.obey(|_| json!({"status": "Rejected"})));
    assert_eq!(reset.unwrap()["status"], "Rejected");
    let (answered, unanswered) = (call[1].as_str().unwrap().to_owned(), client_id(&call, 1));
    assert!(matches!(order(Duration::from_millis(50)).await, Err(LinkError::TimedOut)));
    let severed = client_id(&call, 2);
    let (lost, ()) = tokio::join!(order(SOON), async {
        // The order that timed out, then this one.
        client.ordered().await;
        client.ordered().await;
        client.socket.close(None).await.unwrap();
    });
    assert!(matches!(lost, Err(LinkError::Disconnected)));

    until("the last answer to be missed", async || {
        rig.frames.frames().last().is_some_and(|frame| frame.message_type == Missing)
    })
    .await;
    let frames = rig.frames.frames();
    assert_eq!(
        frames.iter().map(seen).collect::<Vec<_>>(),
        [
            expected(In, Call, "Heartbeat", "m1", None),
            expected(Out, Result, "Heartbeat", "m1", Some(Outcome::Accepted)),
            expected(In, Call, "Authorize", "m2", None),
            expected(Out, Result, "Authorize", "m2", Some(Outcome::Rejected)),
            expected(In, Call, "Heartbeet", "m3", None),
            expected(Out, Error, "Heartbeet", "m3", Some(Outcome::Error)),
            expected(In, Invalid, "", "", Some(Outcome::Unreadable)),
            expected(In, Invalid, "", "m9", Some(Outcome::Unreadable)),
            expected(Out, Error, "", "m9", Some(Outcome::Error)),
            expected(In, Result, "", "x", Some(Outcome::Accepted)),
            expected(Out, Call, "Reset", &answered, None),
            expected(In, Result, "Reset", &answered, Some(Outcome::Rejected)),
            expected(Out, Call, "Reset", &unanswered, None),
            expected(In, Missing, "Reset", &unanswered, Some(Outcome::TimedOut)),
            expected(Out, Call, "Reset", &severed, None),
            expected(In, Missing, "Reset", &severed, Some(Outcome::Disconnected)),
        ]
    );
    let first = &frames[0];
    assert_eq!((first.identity.as_str(), first.charge_point), ("CP-1", charger.id));
    assert_eq!((first.organisation, first.protocol.as_str()), (rig.organisation, "ocpp1.6"));
    assert_eq!((first.text.kept.as_str(), first.text.bytes), (r#"[2,"m1","Heartbeat",{}]"#, 23));
    assert!(frames.iter().all(|frame| frame.connection == first.connection));
}

/// The id of the call so many later on the same socket.
fn client_id(call: &Value, later: u32) -> String {
    let (socket, number) = call[1].as_str().unwrap().rsplit_once('-').unwrap();
    format!("{socket}-{}", number.parse::<u32>().unwrap() + later)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_left_anywhere() {
    let rig = Rig::sqlite().await;
    let charger = rig.charger("CP-1").await;
    let mut client = Client::open(&rig, "CP-1").await;
    client.call("Heartbeat", &json!({})).await;
    let key = json!({"key": "AuthorizationKey", "value": "hunter2"});
    let (_, call) = tokio::join!(
        rig.gateway.call(charger.id, "ChangeConfiguration", key, SOON),
        client.obey(|_| json!({"status": "Accepted"}))
    );
    assert_eq!(call[3]["value"], "hunter2", "the charger is told");
    let told =
        json!({"configurationKey": [{"key": "AuthorizationKey", "readonly": false, "value": "hunter2"}]});
    let at = json!({"location": "ftp://user:hunter2@files.example/"});
    let (_, _) = tokio::join!(
        rig.gateway.call(charger.id, "GetConfiguration", json!({}), SOON),
        client.obey(|_| told)
    );
    let (_, _) =
        tokio::join!(rig.gateway.call(charger.id, "GetDiagnostics", at, SOON), client.obey(|_| json!({})));
    let frames = rig.frames.frames();
    assert_eq!(frames.len(), 8);
    assert!(frames.iter().all(|frame| !frame.text.kept.contains("hunter2")), "{frames:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_room_a_charger_waits_and_nothing_is_lost() {
    let rig = Rig::sqlite().await;
    rig.charger("CP-1").await;
    let mut client = Client::open(&rig, "CP-1").await;
    client.call("Heartbeat", &json!({})).await;
    rig.frames.full(true);
    let ids = [client.send("Heartbeat", &json!({})).await, client.send("Heartbeat", &json!({})).await];
    rig.frames.full(false);
    for id in &ids {
        client.answer(id).await;
    }
    assert_eq!(rig.frames.frames().len(), 6);
}

/// A log that does not answer, until it is let go.
struct Stuck {
    log: FrameWriter,
    asked: AtomicUsize,
    go: Notify,
}

#[async_trait]
impl FrameSink for Stuck {
    async fn frames_take(&self, frames: &[Frame]) -> Result<(), StoreError> {
        if self.asked.fetch_add(1, Ordering::SeqCst) == 0 {
            self.go.notified().await;
        }
        self.log.frames_take(frames).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_log_stands_still_chargers_are_answered() {
    const CALLS: usize = 200;
    let mut rig = Rig::sqlite().await;
    let folder = tempfile::tempdir().unwrap();
    let journal = FrameJournal::open(folder.path(), rig.ids.clone()).unwrap();
    let store = Arc::new(FakeFrames::default());
    let log = FrameWriter::new(store.clone(), None);
    let stuck = Arc::new(Stuck { log, asked: AtomicUsize::new(0), go: Notify::new() });
    let finished = Arc::new(Notify::new());
    let told = finished.clone();
    let carrying = tokio::spawn(journal.clone().carry(stuck.clone(), async move { told.notified().await }));
    rig.restart_with(None, Arc::new(journal)).await;
    for identity in ["CP-1", "CP-2"] {
        rig.charger(identity).await;
        let mut client = Client::open(&rig, identity).await;
        client.call("Heartbeat", &json!({})).await;
        until("the log to stand still", async || stuck.asked.load(Ordering::SeqCst) == 1).await;
        for _ in 1..CALLS {
            client.call("Heartbeat", &json!({})).await;
        }
    }
    assert!(store.is_empty() && stuck.asked.load(Ordering::SeqCst) == 1, "all were answered without it");
    stuck.go.notify_one();
    until("all to be in the log", async || store.len() == 4 * CALLS).await;
    // Each call and its answer are found by their id.
    let mut by_id: BTreeMap<(String, Option<String>), Vec<MessageType>> = BTreeMap::new();
    for frame in store.frames() {
        by_id.entry((frame.identity, frame.message_id)).or_default().push(frame.message_type);
    }
    assert_eq!(by_id.len(), 2 * CALLS);
    assert!(by_id.values().all(|pair| *pair == [MessageType::Call, MessageType::Result]));
    finished.notify_one();
    carrying.await.unwrap();
}
