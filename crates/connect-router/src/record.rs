//! Many messages, one unit of work: what makes a commit cheap makes it no less safe.
//!
//! Where one of them cannot be recorded, all are tried again one by one, so that a poisonous call
//! harms nobody but itself: it is set aside as a dead letter.

use std::{collections::BTreeSet, sync::Arc};

use charge_point::ChargerRef;
use kernel::{Advance, Begin, Clock, IdSource, StoreError};
use transaction::{LiveConnector, LiveReading, LiveReadings};

use crate::{
    at_once::read,
    dead_letter::{DeadLetter, keep},
    handle::Handler,
    inbound::{Closed, Inbound, Opened},
    message::Message,
    ocpp16,
    port::{Answer, CallErrorCode, InboundCall, RouterTx},
};

/// How often a call is tried by itself before it counts as poison.
const ATTEMPTS: u32 = 3;

/// Records what gateways hand in.
pub struct Recording {
    store: Arc<dyn Begin<dyn RouterTx>>,
    handler: Handler,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    live: Option<Arc<dyn LiveReadings>>,
}

/// One message, and the step along a log that is taken with it, where it came by one.
#[derive(Clone, Debug)]
pub struct Item {
    pub inbound: Inbound,
    pub advance: Option<Advance>,
}

/// What became of the messages: answers to those that were recorded, in their order, and why it
/// went no further.
#[derive(Debug)]
pub struct Recorded {
    pub answers: Vec<Answer>,
    pub stopped: Option<Stopped>,
}

/// Why the rest was not recorded.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// Somebody else has read on where we were.
    #[error("another consumer has taken over")]
    Moved,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Recording {
    pub fn new(
        store: Arc<dyn Begin<dyn RouterTx>>,
        handler: Handler,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
    ) -> Self {
        Self { store, handler, clock, ids, live: None }
    }

    /// Also notes readings where they are watched.
    #[must_use]
    pub fn showing(self, live: Arc<dyn LiveReadings>) -> Self {
        Self { live: Some(live), ..self }
    }

    /// Records messages in order. What is answered is durable; nothing else has had any effect.
    pub async fn record(&self, items: &[Item]) -> Recorded {
        if items.is_empty() {
            return Recorded { answers: Vec::new(), stopped: None };
        }
        match self.together(items).await {
            Ok(answers) => Recorded { answers, stopped: None },
            Err(stopped @ (Stopped::Moved | Stopped::Store(StoreError::Unavailable(_)))) => {
                Recorded { answers: Vec::new(), stopped: Some(stopped) }
            }
            Err(Stopped::Store(error)) => {
                if items.len() > 1 {
                    tracing::debug!(%error, messages = items.len(), "a batch failed; its messages are tried alone");
                }
                self.one_by_one(items).await
            }
        }
    }

    async fn one_by_one(&self, items: &[Item]) -> Recorded {
        let mut answers = Vec::with_capacity(items.len());
        for item in items {
            match self.alone(item).await {
                Ok(answer) => answers.push(answer),
                Err(stopped) => return Recorded { answers, stopped: Some(stopped) },
            }
        }
        Recorded { answers, stopped: None }
    }

    /// Records all in one unit of work, or none.
    async fn together(&self, items: &[Item]) -> Result<Vec<Answer>, Stopped> {
        let mut tx = self.store.begin().await?;
        advance(&mut *tx, items).await?;
        let understood: Vec<_> = items.iter().map(|item| Understood::of(&item.inbound)).collect();
        self.handler.expect(&mut *tx, understood.iter().filter_map(Understood::message)).await?;
        let live: Vec<_> = understood.iter().filter_map(Understood::live).collect();
        let mut answers = Vec::with_capacity(items.len());
        for understood in understood {
            answers.push(self.one(&mut *tx, understood).await?);
        }
        let callers: BTreeSet<ChargerRef> = items.iter().filter_map(|item| caller(&item.inbound)).collect();
        self.handler.seen(&mut *tx, &callers.into_iter().collect::<Vec<_>>()).await?;
        tx.commit().await?;
        self.show(&live).await;
        Ok(answers)
    }

    /// What is shown is no promise: where it cannot be, the store has it all the same.
    async fn show(&self, live: &[(LiveConnector, LiveReading)]) {
        if let Some(watched) = &self.live
            && !live.is_empty()
            && let Err(error) = watched.live_note(live).await
        {
            tracing::debug!(%error, "readings cannot be shown for now");
        }
    }

    async fn one(&self, tx: &mut dyn RouterTx, understood: Understood<'_>) -> Result<Answer, StoreError> {
        match understood {
            Understood::Call(call, message) => {
                let reply = self.handler.handle(tx, call, message).await?;
                return Ok(Answer::Result(ocpp16::reply(&reply)));
            }
            Understood::Refused(call, refusal) => {
                if refusal.code != CallErrorCode::NotImplemented {
                    self.keep(tx, &DeadLetter::of(self.ids.uuid(), call, &refusal.description)).await?;
                }
                tracing::info!(
                    identity = call.identity,
                    action = call.action,
                    message_id = call.message_id,
                    reason = refusal.description,
                    "a call cannot be understood"
                );
                return Ok(refusal.into());
            }
            Understood::Opened(opened) => self.handler.opened(tx, opened).await?,
            Understood::Closed(closed) => self.handler.closed(tx, closed).await?,
            Understood::Unreadable(letter) => self.keep(tx, letter).await?,
            Understood::Nothing => {}
        }
        Ok(Answer::Result(serde_json::Value::Null))
    }

    /// Tries one message by itself; a call that fails for good is set aside.
    async fn alone(&self, item: &Item) -> Result<Answer, Stopped> {
        let mut last = None;
        for _ in 0..ATTEMPTS {
            match self.together(std::slice::from_ref(item)).await {
                Ok(mut answers) => return Ok(answers.remove(0)),
                Err(stopped @ (Stopped::Moved | Stopped::Store(StoreError::Unavailable(_)))) => {
                    return Err(stopped);
                }
                Err(Stopped::Store(error)) => last = Some(error),
            }
        }
        // A store that is busy says nothing about the call: it may pass later.
        if let Some(error @ StoreError::Busy(_)) = last {
            return Err(error.into());
        }
        let reason = last.map_or_else(String::new, |error| words(&error));
        self.set_aside(item, &reason).await
    }

    async fn set_aside(&self, item: &Item, reason: &str) -> Result<Answer, Stopped> {
        let mut tx = self.store.begin().await?;
        advance(&mut *tx, std::slice::from_ref(item)).await?;
        let Inbound::Call(call) = &item.inbound else {
            // News about a socket holds nothing that could be looked at later.
            tracing::error!(message = ?item.inbound, reason, "news about a charger cannot be recorded");
            tx.commit().await?;
            return Ok(Answer::Result(serde_json::Value::Null));
        };
        self.keep(&mut *tx, &DeadLetter::of(self.ids.uuid(), call, reason)).await?;
        tx.commit().await?;
        tracing::error!(
            identity = call.identity,
            action = call.action,
            message_id = call.message_id,
            reason,
            "a call was set aside as a dead letter"
        );
        Ok(answer_to_poison(call))
    }

    async fn keep(&self, tx: &mut dyn RouterTx, letter: &DeadLetter) -> Result<(), StoreError> {
        keep(tx, &*self.clock, &*self.ids, letter).await
    }
}

/// A message as it is recorded: calls are read before the first of them touches the store.
enum Understood<'a> {
    Call(&'a InboundCall, Message),
    Refused(&'a InboundCall, ocpp16::Refusal),
    Opened(&'a Opened),
    Closed(&'a Closed),
    Unreadable(&'a DeadLetter),
    Nothing,
}

impl<'a> Understood<'a> {
    fn of(inbound: &'a Inbound) -> Self {
        match inbound {
            Inbound::Call(call) => match read(call) {
                Ok(message) => Self::Call(call, message),
                Err(refusal) => Self::Refused(call, refusal),
            },
            Inbound::Opened(opened) => Self::Opened(opened),
            Inbound::Closed(closed) => Self::Closed(closed),
            Inbound::Unreadable(letter) => Self::Unreadable(letter),
            Inbound::Nothing => Self::Nothing,
        }
    }

    /// The newest reading that it tells.
    fn live(&self) -> Option<(LiveConnector, LiveReading)> {
        let Self::Call(call, Message::Readings { connector, reports, .. }) = self else { return None };
        let newest = reports.iter().max_by_key(|report| report.at)?;
        let connector = LiveConnector { charge_point: call.charge_point, connector: *connector };
        Some((connector, LiveReading::from(newest)))
    }

    fn message(&self) -> Option<(&'a InboundCall, &Message)> {
        match self {
            Self::Call(call, message) => Some((call, message)),
            _ => None,
        }
    }
}

/// Takes the steps along all logs that come with the messages.
async fn advance(tx: &mut dyn RouterTx, items: &[Item]) -> Result<(), Stopped> {
    let mut steps: Vec<Advance> = Vec::new();
    for step in items.iter().filter_map(|item| item.advance.as_ref()) {
        match steps.iter_mut().find(|known| known.track == step.track) {
            Some(known) => known.to = step.to,
            None => steps.push(step.clone()),
        }
    }
    for step in &steps {
        if !tx.positions().position_advance(step).await? {
            return Err(Stopped::Moved);
        }
    }
    Ok(())
}

/// What a charger is told whose call was set aside: an error makes it repeat messages about
/// transactions for ever, though the message is kept; for the rest an error is the truth.
fn answer_to_poison(call: &InboundCall) -> Answer {
    match call.action.as_str() {
        "StopTransaction" | "MeterValues" | "StatusNotification" => Answer::Result(serde_json::json!({})),
        _ => Answer::Error {
            code: CallErrorCode::InternalError,
            description: "the message cannot be processed; it was kept".to_owned(),
        },
    }
}

/// Who gave a sign of life.
fn caller(inbound: &Inbound) -> Option<ChargerRef> {
    match inbound {
        Inbound::Call(call) => {
            Some(ChargerRef { organisation: call.organisation, charge_point: call.charge_point })
        }
        _ => None,
    }
}

/// An error with all its causes.
pub(crate) fn words(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
