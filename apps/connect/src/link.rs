//! The way to one charger: orders queue here, and one at a time is on the wire.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use connect_router::{ConnectionId, LinkError};
use message_log::Outcome;
use serde_json::Value;
use tokio::sync::{Mutex as Turn, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::{
    envelope,
    frames::{About, Outgoing, SocketFrames},
};

/// The call in flight.
struct Waiting {
    id: String,
    action: String,
    answer: oneshot::Sender<Result<Value, LinkError>>,
}

/// One socket's outgoing side, shared with whoever has orders for its charger.
pub(crate) struct Link {
    pub(crate) connection: ConnectionId,
    pub(crate) identity: String,
    /// Closes the socket: another has taken its place.
    pub(crate) replaced: CancellationToken,
    outgoing: mpsc::Sender<Outgoing>,
    frames: Arc<SocketFrames>,
    /// Whoever holds it has the one call in flight.
    turn: Turn<()>,
    waiting: Mutex<Option<Waiting>>,
    calls: AtomicU64,
}

impl Link {
    pub(crate) fn new(frames: Arc<SocketFrames>, outgoing: mpsc::Sender<Outgoing>) -> Self {
        Self {
            connection: frames.connection,
            identity: frames.identity.clone(),
            replaced: CancellationToken::new(),
            outgoing,
            frames,
            turn: Turn::new(()),
            waiting: Mutex::new(None),
            calls: AtomicU64::new(0),
        }
    }

    /// Calls the charger when it is this call's turn; the timeout begins then.
    pub(crate) async fn call(
        &self,
        action: &str,
        payload: &Value,
        timeout: Duration,
    ) -> Result<Value, LinkError> {
        let _turn = self.turn.lock().await;
        let id = format!("{}-{}", self.connection.0, self.calls.fetch_add(1, Ordering::Relaxed) + 1);
        let (answer, answered) = oneshot::channel();
        self.waiting().replace(Waiting { id: id.clone(), action: action.to_owned(), answer });
        let call = Outgoing { text: envelope::call(&id, action, payload), about: About::call(&id, action) };
        if self.outgoing.send(call).await.is_err() {
            self.waiting().take();
            return Err(LinkError::Unreachable);
        }
        let outcome = tokio::time::timeout(timeout, answered).await;
        self.waiting().take();
        let (error, missing) = match outcome {
            Ok(Ok(outcome)) => return outcome,
            Ok(Err(_)) => (LinkError::Disconnected, Outcome::Disconnected),
            Err(_) => (LinkError::TimedOut, Outcome::TimedOut),
        };
        self.frames.missing(About::missing(&id, action, missing)).await;
        Err(error)
    }

    /// What the call in flight asks, where this is its id.
    pub(crate) fn asked(&self, id: &str) -> Option<String> {
        self.waiting().as_ref().filter(|waiting| waiting.id == id).map(|waiting| waiting.action.clone())
    }

    /// Gives an answer to whoever waits for it; false where nobody does.
    pub(crate) fn answer(&self, id: &str, outcome: Result<Value, LinkError>) -> bool {
        let mut waiting = self.waiting();
        if waiting.as_ref().is_none_or(|waiting| waiting.id != id) {
            return false;
        }
        waiting.take().is_some_and(|waiting| waiting.answer.send(outcome).is_ok())
    }

    /// Ends the call in flight: its answer will not come.
    pub(crate) fn disconnect(&self) {
        self.waiting().take();
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Option<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
