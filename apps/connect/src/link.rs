//! The way to one charger: orders queue here, and one at a time is on the wire.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use connect_router::{ConnectionId, LinkError};
use serde_json::Value;
use tokio::sync::{Mutex as Turn, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::envelope;

type Waiting = (String, oneshot::Sender<Result<Value, LinkError>>);

/// One socket's outgoing side, shared with whoever has orders for its charger.
pub(crate) struct Link {
    pub(crate) connection: ConnectionId,
    pub(crate) identity: String,
    /// Closes the socket: another has taken its place.
    pub(crate) replaced: CancellationToken,
    frames: mpsc::Sender<String>,
    /// Whoever holds it has the one call in flight.
    turn: Turn<()>,
    waiting: Mutex<Option<Waiting>>,
    calls: AtomicU64,
}

impl Link {
    pub(crate) fn new(connection: ConnectionId, identity: String, frames: mpsc::Sender<String>) -> Self {
        Self {
            connection,
            identity,
            replaced: CancellationToken::new(),
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
        self.waiting().replace((id.clone(), answer));
        if self.frames.send(envelope::call(&id, action, payload)).await.is_err() {
            self.waiting().take();
            return Err(LinkError::Unreachable);
        }
        let outcome = tokio::time::timeout(timeout, answered).await;
        self.waiting().take();
        match outcome {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(LinkError::Disconnected),
            Err(_) => Err(LinkError::TimedOut),
        }
    }

    /// Gives an answer to whoever waits for it; false where nobody does.
    pub(crate) fn answer(&self, id: &str, outcome: Result<Value, LinkError>) -> bool {
        let mut waiting = self.waiting();
        if waiting.as_ref().is_none_or(|(expected, _)| expected != id) {
            return false;
        }
        waiting.take().is_some_and(|(_, answer)| answer.send(outcome).is_ok())
    }

    /// Ends the call in flight: its answer will not come.
    pub(crate) fn disconnect(&self) {
        self.waiting().take();
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Option<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
