//! What the message log is told of every frame that crosses a socket.

use std::{sync::Arc, time::Duration};

use connect_router::{ConnectionId, Protocol};
use kernel::{ChargePointId, Clock, IdSource, OrganisationId};
use message_log::{Direction, Frame, FrameRecorder, MessageType, Outcome, Text};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

/// The wait while there is no room for frames.
const BETWEEN: Duration = Duration::from_millis(500);

/// Where the frames of all sockets are left. Cheap to clone.
#[derive(Clone)]
pub(crate) struct FrameLog {
    pub(crate) recorder: Arc<dyn FrameRecorder>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) stopping: CancellationToken,
}

/// The frames of one socket.
pub(crate) struct SocketFrames {
    pub(crate) log: FrameLog,
    pub(crate) organisation: OrganisationId,
    pub(crate) charge_point: ChargePointId,
    pub(crate) identity: String,
    pub(crate) connection: ConnectionId,
    pub(crate) protocol: Protocol,
}

/// A frame to be written to a socket.
pub(crate) struct Outgoing {
    pub(crate) text: String,
    pub(crate) about: About,
}

/// What a frame is.
pub(crate) struct About {
    message_type: MessageType,
    action: Option<String>,
    message_id: Option<String>,
    outcome: Option<Outcome>,
}

impl About {
    pub(crate) fn call(id: &str, action: &str) -> Self {
        let (action, message_id) = (Some(action.to_owned()), Some(id.to_owned()));
        Self { message_type: MessageType::Call, action, message_id, outcome: None }
    }

    /// The action is what was asked, where that is known.
    pub(crate) fn result(id: &str, action: Option<String>, payload: &Value) -> Self {
        let (message_id, outcome) = (Some(id.to_owned()), Some(Outcome::of_result(payload)));
        Self { message_type: MessageType::Result, action, message_id, outcome }
    }

    pub(crate) fn error(id: &str, action: Option<String>) -> Self {
        let (message_id, outcome) = (Some(id.to_owned()), Some(Outcome::Error));
        Self { message_type: MessageType::Error, action, message_id, outcome }
    }

    pub(crate) fn unreadable(message_id: Option<String>) -> Self {
        let outcome = Some(Outcome::Unreadable);
        Self { message_type: MessageType::Invalid, action: None, message_id, outcome }
    }

    /// The answer to a call of ours that never came.
    pub(crate) fn missing(id: &str, action: &str, outcome: Outcome) -> Self {
        Self { message_type: MessageType::Missing, outcome: Some(outcome), ..Self::call(id, action) }
    }
}

impl SocketFrames {
    /// Notes a frame. Where there is no room for it, the socket waits; false where the process
    /// stops before there is: then the frame must have no effect.
    pub(crate) async fn note(&self, direction: Direction, text: Text, about: About) -> bool {
        let About { message_type, action, message_id, outcome } = about;
        let frame = Frame {
            id: self.log.ids.uuid().into(),
            organisation: self.organisation,
            charge_point: self.charge_point,
            identity: self.identity.clone(),
            connection: self.connection.0,
            direction,
            at: self.log.clock.now(),
            protocol: self.protocol.subprotocol().to_owned(),
            message_type,
            action,
            message_id,
            outcome,
            text,
        };
        while let Err(error) = self.log.recorder.record(&frame) {
            tracing::warn!(identity = self.identity, %error, "a frame has to wait");
            metrics::counter!("message_log_refused_total").increment(1);
            if self.log.stopping.run_until_cancelled(tokio::time::sleep(BETWEEN)).await.is_none() {
                return false;
            }
        }
        true
    }

    /// Notes that an answer never came.
    pub(crate) async fn missing(&self, about: About) {
        self.note(Direction::In, Text::default(), about).await;
    }
}
