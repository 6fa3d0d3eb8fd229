//! One socket from its opening to its end.

use std::{sync::Arc, time::Duration};

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use connect_router::{
    Answer, CallErrorCode, ConnectionEvents, InboundCall, InboundCalls, LinkError, Opened, Protocol,
};
use futures::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use kernel::{ChargePointId, Clock, OrganisationId};
use message_log::{Direction, Text};
use runtime::config::Connect;
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, MissedTickBehavior},
};
use tokio_util::sync::CancellationToken;

use crate::{
    envelope::{self, Incoming, Unusable},
    frames::{About, Outgoing, SocketFrames},
    link::Link,
};

/// Calls of one charger that may wait for their turn; more wait in the network.
const WAITING: usize = 16;
/// How often a call is tried while the router cannot store it, and the wait in between.
const TRIES: u32 = 20;
const BETWEEN: Duration = Duration::from_millis(500);

/// Why a session ends whose frames cannot be noted any more.
const NO_ROOM: &str = "stopped without room for frames";

/// What a session works with.
pub(crate) struct Session {
    pub(crate) identity: String,
    pub(crate) organisation: OrganisationId,
    pub(crate) charge_point: ChargePointId,
    pub(crate) protocol: Protocol,
    pub(crate) link: Arc<Link>,
    pub(crate) frames: Arc<SocketFrames>,
    pub(crate) settings: Connect,
    pub(crate) calls: Arc<dyn InboundCalls>,
    pub(crate) events: Arc<dyn ConnectionEvents>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) stopping: CancellationToken,
}

struct Call {
    id: String,
    action: String,
    payload: Box<serde_json::value::RawValue>,
}

/// Runs a session and says why it ended. Reading, answering and writing go on side by side, so
/// that neither direction waits for the other.
pub(crate) async fn run(
    session: Session,
    opened: Opened,
    socket: WebSocket,
    replies: mpsc::Sender<Outgoing>,
    outgoing: mpsc::Receiver<Outgoing>,
) -> &'static str {
    let (sink, stream) = socket.split();
    let (calls, waiting) = mpsc::channel(WAITING);
    let (heard, last_heard) = watch::channel(Instant::now());
    tokio::select! {
        why = session.read(stream, calls, &replies, heard) => why,
        why = session.answer(opened, waiting, &replies) => why,
        why = session.write(sink, outgoing, last_heard) => why,
    }
}

impl Session {
    async fn read(
        &self,
        mut stream: SplitStream<WebSocket>,
        calls: mpsc::Sender<Call>,
        replies: &mpsc::Sender<Outgoing>,
        heard: watch::Sender<Instant>,
    ) -> &'static str {
        let mut pace = Pace::new(self.settings.frames_per_second);
        while let Some(message) = stream.next().await {
            heard.send_replace(Instant::now());
            let text = match message {
                Ok(Message::Text(text)) => text,
                Ok(Message::Ping(_) | Message::Pong(_)) => continue,
                Ok(Message::Binary(bytes)) => {
                    tracing::info!(identity = self.identity, "a binary frame was ignored");
                    if !self
                        .frames
                        .note(Direction::In, Text::none(bytes.len()), About::unreadable(None))
                        .await
                    {
                        return NO_ROOM;
                    }
                    continue;
                }
                Ok(Message::Close(_)) => return "closed by the charger",
                Err(error) => {
                    tracing::info!(identity = self.identity, %error, "a frame cannot be received");
                    return "broken frame";
                }
            };
            metrics::counter!("connect_frames_total", "direction" => "in").increment(1);
            tracing::trace!(identity = self.identity, frame = text.as_str(), "in");
            pace.keep().await;
            let incoming = envelope::read(&text, self.protocol);
            if !self.frames.note(Direction::In, Text::of(&text), self.about(&incoming)).await {
                return NO_ROOM;
            }
            match incoming {
                Ok(Incoming::Call { id, action, payload }) => {
                    if calls.send(Call { id, action, payload }).await.is_err() {
                        return "stopped";
                    }
                }
                Ok(Incoming::Result { id, payload }) => self.answered(&id, Ok(payload)),
                Ok(Incoming::Error { id, code, description }) => {
                    self.answered(&id, Err(LinkError::CallError { code, description }));
                }
                Err(unusable) => {
                    tracing::info!(identity = self.identity, why = unusable.reason, "a frame cannot be read");
                    metrics::counter!("connect_unreadable_frames_total").increment(1);
                    if let Some((id, text)) = unusable.reply
                        && replies.send(Outgoing { text, about: About::error(&id, None) }).await.is_err()
                    {
                        return "stopped";
                    }
                }
            }
        }
        "connection lost"
    }

    /// What the log is told of a frame that came in.
    fn about(&self, incoming: &Result<Incoming, Unusable>) -> About {
        match incoming {
            Ok(Incoming::Call { id, action, .. }) => About::call(id, action),
            Ok(Incoming::Result { id, payload }) => About::result(id, self.link.asked(id), payload),
            Ok(Incoming::Error { id, .. }) => About::error(id, self.link.asked(id)),
            Err(Unusable { reply, .. }) => About::unreadable(reply.as_ref().map(|(id, _)| id.clone())),
        }
    }

    fn answered(&self, id: &str, outcome: Result<serde_json::Value, LinkError>) {
        if !self.link.answer(id, outcome) {
            tracing::info!(identity = self.identity, message_id = id, "an answer came that nobody waits for");
            metrics::counter!("connect_unexpected_answers_total").increment(1);
        }
    }

    /// Tells that the socket is open, then answers calls one after the other, each when it is
    /// durable.
    async fn answer(
        &self,
        opened: Opened,
        mut waiting: mpsc::Receiver<Call>,
        replies: &mpsc::Sender<Outgoing>,
    ) -> &'static str {
        while let Err(error) = self.events.opened(opened.clone()).await {
            tracing::warn!(identity = self.identity, %error, "a socket cannot be told of for now");
            if self.stopping.run_until_cancelled(tokio::time::sleep(BETWEEN)).await.is_none() {
                break;
            }
        }
        while let Some(call) = waiting.recv().await {
            let (id, asked, action) = (call.id.clone(), call.action.clone(), label(&call.action));
            let begun = Instant::now();
            let answer = self.handed_in(call).await;
            let about = match &answer {
                Answer::Result(payload) => About::result(&id, Some(asked), payload),
                Answer::Error { .. } => About::error(&id, Some(asked)),
            };
            let outcome = match &answer {
                Answer::Result(_) => "result",
                Answer::Error { .. } => "error",
            };
            metrics::counter!("connect_calls_total", "action" => action, "outcome" => outcome).increment(1);
            metrics::histogram!("connect_call_duration_seconds", "action" => action)
                .record(begun.elapsed().as_secs_f64());
            let text = envelope::answer(&id, &answer, self.protocol);
            if replies.send(Outgoing { text, about }).await.is_err() {
                return "stopped";
            }
        }
        // The reader says why it ended.
        std::future::pending().await
    }

    /// Hands a call to the router. While that cannot store it, the charger is kept waiting; in the
    /// end it is told to try again, never that all is well.
    async fn handed_in(&self, call: Call) -> Answer {
        let call = InboundCall {
            organisation: self.organisation,
            charge_point: self.charge_point,
            identity: self.identity.clone(),
            protocol: self.protocol,
            connection: self.link.connection,
            message_id: call.id,
            action: call.action,
            payload: call.payload,
            received_at: self.clock.now(),
        };
        for _ in 0..TRIES {
            match self.calls.handle(call.clone()).await {
                Ok(answer) => return answer,
                Err(error) => tracing::warn!(identity = self.identity, %error, "a call has to wait"),
            }
            if self.stopping.run_until_cancelled(tokio::time::sleep(BETWEEN)).await.is_none() {
                break;
            }
        }
        Answer::Error { code: CallErrorCode::InternalError, description: "try again later".to_owned() }
    }

    async fn write(
        &self,
        mut sink: SplitSink<WebSocket, Message>,
        mut outgoing: mpsc::Receiver<Outgoing>,
        last_heard: watch::Receiver<Instant>,
    ) -> &'static str {
        let mut ping = tokio::time::interval(Duration::from_secs(self.settings.ping_interval_seconds.max(1)));
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ping.tick().await;
        let idle = Duration::from_secs(self.settings.idle_timeout_seconds.max(1));
        loop {
            let message = tokio::select! {
                () = self.stopping.cancelled() => {
                    close(&mut sink, close_code::AWAY, "the gateway stops").await;
                    return "gateway stops";
                }
                () = self.link.replaced.cancelled() => {
                    close(&mut sink, close_code::POLICY, "a later connection took this one's place").await;
                    return "replaced";
                }
                frame = outgoing.recv() => match frame {
                    Some(Outgoing { text, about }) => {
                        metrics::counter!("connect_frames_total", "direction" => "out").increment(1);
                        tracing::trace!(identity = self.identity, frame = text, "out");
                        if !self.frames.note(Direction::Out, Text::of(&text), about).await {
                            return NO_ROOM;
                        }
                        Message::Text(text.into())
                    }
                    None => return "stopped",
                },
                _ = ping.tick() => {
                    if last_heard.borrow().elapsed() >= idle {
                        close(&mut sink, close_code::AWAY, "nothing was heard").await;
                        return "silent";
                    }
                    Message::Ping(Vec::new().into())
                }
            };
            match tokio::time::timeout(idle, sink.send(message)).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return "connection lost",
                Err(_) => return "does not read",
            }
        }
    }
}

async fn close(sink: &mut SplitSink<WebSocket, Message>, code: u16, reason: &'static str) {
    let frame = Message::Close(Some(CloseFrame { code, reason: reason.into() }));
    // A peer that does not read cannot be told.
    let _ = tokio::time::timeout(Duration::from_secs(1), sink.send(frame)).await;
}

/// Lets frames through at a rate, with a burst of two seconds' worth.
struct Pace {
    each: Duration,
    /// When the next frame would be due at the rate.
    due: Instant,
    burst: Duration,
}

impl Pace {
    fn new(per_second: u32) -> Self {
        let each = Duration::from_secs(1) / per_second.max(1);
        Self { each, due: Instant::now(), burst: Duration::from_secs(2) }
    }

    /// Waits where the rate is exceeded: what is not read waits in the network.
    async fn keep(&mut self) {
        let now = Instant::now();
        self.due = self.due.max(now.checked_sub(self.burst).unwrap_or(now)) + self.each;
        if self.due > now {
            tokio::time::sleep_until(self.due).await;
        }
    }
}

/// Chargers may invent actions; labels may not.
fn label(action: &str) -> &'static str {
    const KNOWN: [&str; 11] = [
        "BootNotification",
        "Heartbeat",
        "StatusNotification",
        "Authorize",
        "StartTransaction",
        "MeterValues",
        "StopTransaction",
        "DataTransfer",
        "DiagnosticsStatusNotification",
        "FirmwareStatusNotification",
        "SecurityEventNotification",
    ];
    KNOWN.into_iter().find(|known| *known == action).unwrap_or("other")
}
