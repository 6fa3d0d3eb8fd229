//! Answers on their way back to the calls that wait for them.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use connect_router::Answer;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::envelope::ReplyEnvelope;

/// The calls of one gateway that wait.
#[derive(Clone)]
pub(crate) struct Waiting(Arc<Inner>);

struct Inner {
    instance: Uuid,
    next: AtomicU64,
    calls: Mutex<HashMap<u64, oneshot::Sender<Answer>>>,
}

/// One call that waits. Dropping it gives up.
pub(crate) struct Wait {
    pub(crate) correlation: u64,
    answer: oneshot::Receiver<Answer>,
    waiting: Waiting,
}

impl Waiting {
    pub(crate) fn new(instance: Uuid) -> Self {
        Self(Arc::new(Inner { instance, next: AtomicU64::new(0), calls: Mutex::default() }))
    }

    fn calls(&self) -> std::sync::MutexGuard<'_, HashMap<u64, oneshot::Sender<Answer>>> {
        self.0.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn wait(&self) -> Wait {
        let correlation = self.0.next.fetch_add(1, Ordering::Relaxed);
        let (sender, answer) = oneshot::channel();
        self.calls().insert(correlation, sender);
        Wait { correlation, answer, waiting: self.clone() }
    }

    /// Takes up a message of the replies' topic.
    pub(crate) fn take(&self, payload: &[u8]) {
        match serde_json::from_slice::<ReplyEnvelope>(payload) {
            Ok(reply) if reply.instance == self.0.instance => {
                if let Some(waiting) = self.calls().remove(&reply.correlation) {
                    // It may have given up this very moment.
                    let _ = waiting.send(reply.answer);
                }
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "a reply cannot be read"),
        }
    }
}

impl Wait {
    /// The answer; `None` where nobody will give one any more.
    pub(crate) async fn answer(&mut self) -> Option<Answer> {
        (&mut self.answer).await.ok()
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        self.waiting.calls().remove(&self.correlation);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn reply(instance: Uuid, correlation: u64) -> Vec<u8> {
        let answer = Answer::Result(json!({"n": correlation}));
        serde_json::to_vec(&ReplyEnvelope { instance, correlation, answer }).unwrap()
    }

    #[tokio::test]
    async fn an_answer_finds_its_call_and_no_other() {
        let instance = Uuid::from_u128(1);
        let waiting = Waiting::new(instance);
        let (mut first, mut second) = (waiting.wait(), waiting.wait());
        waiting.take(&reply(Uuid::from_u128(2), first.correlation));
        waiting.take(b"nonsense");
        waiting.take(&reply(instance, second.correlation));
        waiting.take(&reply(instance, first.correlation));
        assert_eq!(first.answer().await, Some(Answer::Result(json!({"n": 0}))));
        assert_eq!(second.answer().await, Some(Answer::Result(json!({"n": 1}))));
    }

    #[test]
    fn who_gives_up_is_forgotten() {
        let waiting = Waiting::new(Uuid::nil());
        drop(waiting.wait());
        assert!(waiting.calls().is_empty());
    }
}
