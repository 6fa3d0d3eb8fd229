//! Many calls, one unit of work: what makes a commit cheap makes it no less safe.
//!
//! Calls wait in one bounded queue. The loop takes what is there, records it in order and answers
//! when it is durable. Where one of them cannot be recorded, all are tried again one by one, so
//! that a poisonous call harms nobody but itself: it is set aside as a dead letter.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use charge_point::ChargerRef;
use futures::{
    SinkExt, StreamExt,
    channel::{mpsc, oneshot},
};
use kernel::{Begin, ChargePointId, IdSource, OrganisationId, StoreError};

use crate::{
    dead_letter::DeadLetter,
    handle::Handler,
    message::Message,
    ocpp16,
    port::{
        Answer, CallErrorCode, ConnectionEvents, ConnectionId, InboundCall, InboundCalls, Protocol, RouterTx,
        RouterUnavailable,
    },
};

/// Calls in one unit of work, at most.
const BATCH: usize = 256;
/// Calls that may wait besides those whose senders wait for room.
const QUEUE: usize = 1_024;
/// How often a call is tried by itself before it counts as poison.
const ATTEMPTS: u32 = 3;

/// The gateway's side: hands calls in and waits for their answers. Cheap to clone.
#[derive(Clone)]
pub struct Router {
    queue: mpsc::Sender<Job>,
}

/// The side that works, run as one task.
pub struct RouterLoop {
    queue: mpsc::Receiver<Job>,
    store: Arc<dyn Begin<dyn RouterTx>>,
    handler: Handler,
    ids: Arc<dyn IdSource>,
}

enum Job {
    Call { call: InboundCall, answer: oneshot::Sender<Result<Answer, RouterUnavailable>> },
    Opened { charger: ChargerRef, connection: ConnectionId, protocol: Protocol, done: oneshot::Sender<()> },
    Closed { charger: ChargerRef, connection: ConnectionId, done: oneshot::Sender<()> },
}

/// A router and the loop that must be run for it to answer.
pub fn router(
    store: Arc<dyn Begin<dyn RouterTx>>,
    handler: Handler,
    ids: Arc<dyn IdSource>,
) -> (Router, RouterLoop) {
    let (sender, receiver) = mpsc::channel(QUEUE);
    (Router { queue: sender }, RouterLoop { queue: receiver, store, handler, ids })
}

#[derive(Debug, thiserror::Error)]
#[error("the router has stopped")]
struct Gone;

impl Router {
    async fn hand_in<T>(&self, job: Job, answer: oneshot::Receiver<T>) -> Result<T, RouterUnavailable> {
        let gone = |_| RouterUnavailable(Box::new(Gone));
        self.queue.clone().send(job).await.map_err(|_| RouterUnavailable(Box::new(Gone)))?;
        answer.await.map_err(gone)
    }
}

#[async_trait]
impl InboundCalls for Router {
    async fn handle(&self, call: InboundCall) -> Result<Answer, RouterUnavailable> {
        let (answer, answered) = oneshot::channel();
        self.hand_in(Job::Call { call, answer }, answered).await?
    }
}

#[async_trait]
impl ConnectionEvents for Router {
    async fn opened(
        &self,
        organisation: OrganisationId,
        charge_point: ChargePointId,
        connection: ConnectionId,
        protocol: Protocol,
    ) {
        let (done, is_done) = oneshot::channel();
        let charger = ChargerRef { organisation, charge_point };
        // Nobody is left to be told where the router has stopped.
        let _ = self.hand_in(Job::Opened { charger, connection, protocol, done }, is_done).await;
    }

    async fn closed(
        &self,
        organisation: OrganisationId,
        charge_point: ChargePointId,
        connection: ConnectionId,
    ) {
        let (done, is_done) = oneshot::channel();
        let charger = ChargerRef { organisation, charge_point };
        let _ = self.hand_in(Job::Closed { charger, connection, done }, is_done).await;
    }
}

impl RouterLoop {
    /// Works until every [`Router`] is gone. Calls that are waiting by then are still answered.
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
        match self.record(&jobs).await {
            Ok(answers) => jobs.into_iter().zip(answers).for_each(|(job, answer)| job.done(Ok(answer))),
            Err(error) => {
                if jobs.len() > 1 {
                    tracing::debug!(%error, calls = jobs.len(), "a batch failed; its calls are tried alone");
                }
                for job in jobs {
                    let outcome = self.alone(&job).await;
                    job.done(outcome);
                }
            }
        }
    }

    /// Records all jobs in one unit of work.
    async fn record(&self, jobs: &[Job]) -> Result<Vec<Answer>, StoreError> {
        let mut tx = self.store.begin().await?;
        let mut answers = Vec::with_capacity(jobs.len());
        for job in jobs {
            answers.push(self.one(&mut *tx, job).await?);
        }
        let callers: BTreeSet<ChargerRef> = jobs.iter().filter_map(Job::caller).collect();
        self.handler.seen(&mut *tx, &callers.into_iter().collect::<Vec<_>>()).await?;
        tx.commit().await?;
        Ok(answers)
    }

    async fn one(&self, tx: &mut dyn RouterTx, job: &Job) -> Result<Answer, StoreError> {
        let nothing = Answer::Result(serde_json::Value::Null);
        match job {
            Job::Call { call, .. } => match read(call) {
                Ok(message) => {
                    let reply = self.handler.handle(tx, call, message).await?;
                    Ok(Answer::Result(ocpp16::reply(&reply)))
                }
                Err(refusal) => {
                    if refusal.code != CallErrorCode::NotImplemented && !call.replayed {
                        let letter = DeadLetter::of(self.ids.uuid(), call, &refusal.description);
                        tx.dead_letters().dead_letter_insert(&letter).await?;
                    }
                    tracing::info!(
                        identity = call.identity,
                        action = call.action,
                        message_id = call.message_id,
                        reason = refusal.description,
                        "a call cannot be understood"
                    );
                    Ok(Answer::Error { code: refusal.code, description: refusal.description })
                }
            },
            Job::Opened { charger, connection, protocol, .. } => {
                self.handler.opened(tx, *charger, *connection, *protocol).await.map(|()| nothing)
            }
            Job::Closed { charger, connection, .. } => {
                self.handler.closed(tx, *charger, *connection).await.map(|()| nothing)
            }
        }
    }

    /// Tries one job by itself; one that fails for good is set aside.
    async fn alone(&self, job: &Job) -> Result<Answer, RouterUnavailable> {
        let mut last = None;
        for _ in 0..ATTEMPTS {
            match self.record(std::slice::from_ref(job)).await {
                Ok(mut answers) => return Ok(answers.remove(0)),
                Err(error @ StoreError::Unavailable(_)) => return Err(RouterUnavailable(Box::new(error))),
                Err(error) => last = Some(error),
            }
        }
        // A store that is busy says nothing about the call: it may pass later.
        if let Some(error @ StoreError::Busy(_)) = last {
            return Err(RouterUnavailable(Box::new(error)));
        }
        let reason = last.map_or_else(String::new, |error| words(&error));
        let Job::Call { call, .. } = job else { return Err(RouterUnavailable(reason.into())) };
        self.set_aside(call, &reason).await.map_err(|error| RouterUnavailable(Box::new(error)))?;
        tracing::error!(
            identity = call.identity,
            action = call.action,
            message_id = call.message_id,
            reason,
            "a call was set aside as a dead letter"
        );
        Ok(answer_to_poison(call))
    }

    async fn set_aside(&self, call: &InboundCall, reason: &str) -> Result<(), StoreError> {
        if call.replayed {
            return Ok(());
        }
        let mut tx = self.store.begin().await?;
        let letter = DeadLetter::of(self.ids.uuid(), call, reason);
        tx.dead_letters().dead_letter_insert(&letter).await?;
        tx.commit().await
    }
}

/// What a charger is told whose call was set aside: an error makes it repeat messages about
/// transactions for ever, though the message is kept; for the rest an error is the truth.
fn answer_to_poison(call: &InboundCall) -> Answer {
    match call.action.as_str() {
        "StopTransaction" | "MeterValues" | "StatusNotification" if !call.replayed => {
            Answer::Result(serde_json::json!({}))
        }
        _ => Answer::Error {
            code: CallErrorCode::InternalError,
            description: "the message cannot be processed; it was kept".to_owned(),
        },
    }
}

fn read(call: &InboundCall) -> Result<Message, ocpp16::Refusal> {
    match call.protocol {
        Protocol::Ocpp16 => ocpp16::read(&call.action, &call.payload, call.received_at),
    }
}

/// An error with all its causes.
fn words(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

impl Job {
    fn caller(&self) -> Option<ChargerRef> {
        match self {
            Self::Call { call, .. } if !call.replayed => {
                Some(ChargerRef { organisation: call.organisation, charge_point: call.charge_point })
            }
            _ => None,
        }
    }

    /// Gives the answer, if anybody still waits for it.
    fn done(self, outcome: Result<Answer, RouterUnavailable>) {
        match self {
            Self::Call { answer, .. } => _ = answer.send(outcome),
            Self::Opened { done, .. } | Self::Closed { done, .. } => _ = done.send(()),
        }
    }
}
