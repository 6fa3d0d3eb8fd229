//! The router within one process: messages wait in one bounded queue, a loop takes what is there,
//! records it together and answers when it is durable.

use async_trait::async_trait;
use futures::{
    SinkExt, StreamExt,
    channel::{mpsc, oneshot},
};

use crate::{
    inbound::{Closed, Inbound, Opened},
    port::{Answer, ConnectionEvents, InboundCall, InboundCalls, RouterUnavailable},
    record::{Item, Recording},
};

/// Messages in one unit of work, at most.
const BATCH: usize = 256;
/// Messages that may wait besides those whose senders wait for room.
const QUEUE: usize = 1_024;

/// The gateway's side: hands messages in and waits for their answers. Cheap to clone.
#[derive(Clone)]
pub struct Router {
    queue: mpsc::Sender<Job>,
}

/// The side that works, run as one task.
pub struct RouterLoop {
    queue: mpsc::Receiver<Job>,
    recording: Recording,
}

struct Job {
    item: Item,
    answer: oneshot::Sender<Result<Answer, RouterUnavailable>>,
}

/// A router and the loop that must be run for it to answer.
pub fn router(recording: Recording) -> (Router, RouterLoop) {
    let (sender, receiver) = mpsc::channel(QUEUE);
    (Router { queue: sender }, RouterLoop { queue: receiver, recording })
}

#[derive(Debug, thiserror::Error)]
enum Unanswered {
    #[error("the router has stopped")]
    Gone,
    #[error("the store failed before the message's turn: {0}")]
    Behind(String),
}

impl Router {
    async fn hand_in(&self, inbound: Inbound) -> Result<Answer, RouterUnavailable> {
        let gone = || RouterUnavailable(Box::new(Unanswered::Gone));
        let (answer, answered) = oneshot::channel();
        let job = Job { item: Item { inbound, advance: None }, answer };
        self.queue.clone().send(job).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }
}

#[async_trait]
impl InboundCalls for Router {
    async fn handle(&self, call: InboundCall) -> Result<Answer, RouterUnavailable> {
        self.hand_in(Inbound::Call(call)).await
    }
}

#[async_trait]
impl ConnectionEvents for Router {
    async fn opened(&self, opened: Opened) -> Result<(), RouterUnavailable> {
        self.hand_in(Inbound::Opened(opened)).await.map(|_| ())
    }

    async fn closed(&self, closed: Closed) -> Result<(), RouterUnavailable> {
        self.hand_in(Inbound::Closed(closed)).await.map(|_| ())
    }
}

impl RouterLoop {
    /// Works until every [`Router`] is gone. Messages that are waiting by then are still answered.
    pub async fn run(mut self) {
        while let Some(first) = self.queue.next().await {
            let mut jobs = vec![first];
            while jobs.len() < BATCH
                && let Ok(job) = self.queue.try_recv()
            {
                jobs.push(job);
            }
            self.work(jobs).await;
        }
    }

    async fn work(&self, jobs: Vec<Job>) {
        let (items, answers): (Vec<Item>, Vec<_>) =
            jobs.into_iter().map(|job| (job.item, job.answer)).unzip();
        let recorded = self.recording.record(&items).await;
        let behind = recorded.stopped.as_ref().map(ToString::to_string).unwrap_or_default();
        let mut stopped = recorded.stopped.map(|stopped| RouterUnavailable(Box::new(stopped)));
        let mut recorded = recorded.answers.into_iter();
        for answer in answers {
            let outcome = recorded.next().ok_or_else(|| {
                // The first that was not recorded learns the cause itself.
                let cause = || RouterUnavailable(Box::new(Unanswered::Behind(behind.clone())));
                stopped.take().unwrap_or_else(cause)
            });
            // Its socket may be gone by now.
            let _ = answer.send(outcome);
        }
    }
}
