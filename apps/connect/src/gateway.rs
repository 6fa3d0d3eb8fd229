//! Every socket of this process, and the door they come through.

use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use axum::{
    Router,
    extract::{Path, State, WebSocketUpgrade, ws::WebSocket},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
    routing::get,
};
use charge_point::{Admission, AdmissionReader, Generation};
use connect_router::{
    ChargerLink, Closed, ConnectionEvents, ConnectionId, InboundCalls, LinkError, Opened, Protocol,
};
use kernel::{ChargePointId, Clock, IdSource, SecretHasher};
use message_log::FrameRecorder;
use runtime::config::Connect;
use serde_json::Value;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    admission::{Doorman, Refusal},
    frames::{FrameLog, SocketFrames},
    link::Link,
    presence::Presence,
    session::{Session, run},
};

/// The gateway. Cheap to clone.
#[derive(Clone)]
pub struct Gateway(Arc<Inner>);

struct Inner {
    settings: Connect,
    doorman: Doorman,
    calls: Arc<dyn InboundCalls>,
    events: Arc<dyn ConnectionEvents>,
    /// Absent where this is the only gateway.
    presence: Option<Presence>,
    frames: FrameLog,
    clock: Arc<dyn Clock>,
    stopping: CancellationToken,
    sockets: TaskTracker,
    links: RwLock<HashMap<ChargePointId, Arc<Link>>>,
    last_connection: AtomicI64,
}

/// What a gateway works with.
pub struct Parts {
    pub admissions: Arc<dyn AdmissionReader>,
    pub hasher: Arc<dyn SecretHasher>,
    pub calls: Arc<dyn InboundCalls>,
    pub events: Arc<dyn ConnectionEvents>,
    /// How other gateways know of its sockets; absent where it is the only one.
    pub presence: Option<Presence>,
    /// Where every frame is left, for the message log.
    pub frames: Arc<dyn FrameRecorder>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn IdSource>,
    pub stopping: CancellationToken,
}

impl Gateway {
    pub fn new(settings: Connect, parts: Parts) -> Self {
        let doorman = Doorman::new(parts.admissions, parts.hasher, settings.require_password);
        let frames = FrameLog {
            recorder: parts.frames,
            clock: parts.clock.clone(),
            ids: parts.ids,
            stopping: parts.stopping.clone(),
        };
        Self(Arc::new(Inner {
            settings,
            doorman,
            calls: parts.calls,
            events: parts.events,
            presence: parts.presence,
            frames,
            clock: parts.clock,
            stopping: parts.stopping,
            sockets: TaskTracker::new(),
            links: RwLock::default(),
            last_connection: AtomicI64::new(0),
        }))
    }

    /// The door: `GET /ocpp/{identity}`.
    pub fn router(&self) -> Router {
        Router::new().route("/ocpp/{identity}", get(enter)).with_state(self.clone())
    }

    /// Sockets that are open now.
    pub fn sockets(&self) -> usize {
        self.0.links.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Waits until every socket is closed, which they are once the process stops.
    pub async fn drained(&self) {
        self.0.sockets.close();
        self.0.sockets.wait().await;
    }

    /// Whether this gateway holds a socket of the charger.
    pub fn holds(&self, charge_point: ChargePointId) -> bool {
        self.link(charge_point).is_some()
    }

    /// The sockets that are open now, and whose they are.
    pub(crate) fn held(&self) -> Vec<(ChargePointId, ConnectionId, String)> {
        let links = self.0.links.read().unwrap_or_else(PoisonError::into_inner);
        links.iter().map(|(id, link)| (*id, link.connection, link.identity.clone())).collect()
    }

    /// Closes a socket whose charger has connected elsewhere; a later one stays.
    pub fn replaced(&self, charge_point: ChargePointId, connection: ConnectionId) {
        if let Some(link) = self.link(charge_point)
            && link.connection <= connection
        {
            link.replaced.cancel();
        }
    }

    fn link(&self, charge_point: ChargePointId) -> Option<Arc<Link>> {
        self.0.links.read().unwrap_or_else(PoisonError::into_inner).get(&charge_point).cloned()
    }

    /// A number higher than that of every earlier socket, also of other processes: their clocks
    /// may differ, but the charger's last number is known.
    fn next_connection(&self, last: Generation) -> ConnectionId {
        let now = self.0.clock.now().timestamp_micros().max(last.0 + 1);
        let next = |last: i64| Some(now.max(last + 1));
        let last = self.0.last_connection.fetch_update(Ordering::SeqCst, Ordering::SeqCst, next);
        ConnectionId(now.max(last.unwrap_or_default() + 1))
    }

    fn register(&self, charge_point: ChargePointId, link: &Arc<Link>) {
        let mut links = self.0.links.write().unwrap_or_else(PoisonError::into_inner);
        let earlier = links.insert(charge_point, link.clone());
        metrics::gauge!("connect_sockets").set(u32::try_from(links.len()).unwrap_or(u32::MAX));
        drop(links);
        if let Some(earlier) = earlier {
            earlier.replaced.cancel();
        }
    }

    /// Forgets a socket, unless another has taken its place.
    fn forget(&self, charge_point: ChargePointId, connection: ConnectionId) {
        let mut links = self.0.links.write().unwrap_or_else(PoisonError::into_inner);
        if links.get(&charge_point).is_some_and(|link| link.connection == connection) {
            links.remove(&charge_point);
        }
        metrics::gauge!("connect_sockets").set(u32::try_from(links.len()).unwrap_or(u32::MAX));
    }

    async fn serve(self, socket: WebSocket, identity: String, admission: Admission) {
        let Admission { organisation, charge_point, generation, .. } = admission;
        let connection = self.next_connection(generation);
        let (replies, outgoing) = tokio::sync::mpsc::channel(OUTGOING);
        let protocol = Protocol::Ocpp16;
        let frames = Arc::new(SocketFrames {
            log: self.0.frames.clone(),
            organisation,
            charge_point,
            identity: identity.clone(),
            connection,
            protocol,
        });
        let link = Arc::new(Link::new(frames.clone(), replies.clone()));
        self.register(charge_point, &link);
        if let Some(presence) = &self.0.presence {
            presence.opened(charge_point, connection, &identity).await;
        }
        let opened = Opened { organisation, charge_point, identity: identity.clone(), connection, protocol };
        tracing::info!(identity, connection = connection.0, "a charger connected");
        let session = Session {
            identity: identity.clone(),
            organisation,
            charge_point,
            protocol,
            link: link.clone(),
            frames,
            settings: self.0.settings.clone(),
            calls: self.0.calls.clone(),
            events: self.0.events.clone(),
            clock: self.0.clock.clone(),
            stopping: self.0.stopping.clone(),
        };
        let ended = run(session, opened, socket, replies, outgoing).await;
        link.disconnect();
        self.forget(charge_point, connection);
        if let Some(presence) = &self.0.presence {
            presence.closed(charge_point, connection).await;
        }
        let closed = Closed { organisation, charge_point, identity: identity.clone(), connection };
        self.tell_closed(closed).await;
        tracing::info!(identity, connection = connection.0, why = ended, "a charger disconnected");
    }
}

impl Gateway {
    /// Tells that a socket is gone. Where that cannot be told for long, others find out.
    async fn tell_closed(&self, closed: Closed) {
        for _ in 0..TELL {
            match self.0.events.closed(closed.clone()).await {
                Ok(()) => return,
                Err(error) => {
                    tracing::debug!(identity = closed.identity, %error, "the end of a socket has to wait");
                }
            }
            if self.0.stopping.run_until_cancelled(tokio::time::sleep(BETWEEN)).await.is_none() {
                return;
            }
        }
    }
}

/// How often the end of a socket is told while nobody can hear it, and the wait in between.
const TELL: u32 = 60;
const BETWEEN: Duration = Duration::from_secs(1);

/// Frames that may wait to be written to one socket.
const OUTGOING: usize = 8;

async fn enter(
    State(gateway): State<Gateway>,
    Path(identity): Path<String>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    match let_in(&gateway, &identity, &headers).await {
        Ok(admission) => {
            let limit = gateway.0.settings.frame_limit_bytes;
            let upgrade = upgrade
                .protocols([Protocol::Ocpp16.subprotocol()])
                .max_message_size(limit)
                .max_frame_size(limit)
                .write_buffer_size(0)
                .read_buffer_size(4 * 1024);
            let sockets = gateway.0.sockets.clone();
            upgrade.on_upgrade(move |socket| {
                sockets.track_future(async move { gateway.serve(socket, identity, admission).await })
            })
        }
        Err(refusal) => {
            tracing::info!(identity, why = refusal.word(), "a charger was refused");
            metrics::counter!("connect_refused_total", "why" => refusal.word()).increment(1);
            let mut response = (refusal.status(), refusal.word()).into_response();
            let (name, value) = match refusal {
                Refusal::WrongPassword => (header::WWW_AUTHENTICATE, "Basic realm=\"ocpp\""),
                Refusal::TooManySockets | Refusal::Unavailable => (header::RETRY_AFTER, "10"),
                Refusal::UnknownCharger | Refusal::NoCommonProtocol => return response,
            };
            response.headers_mut().insert(name, header::HeaderValue::from_static(value));
            response
        }
    }
}

async fn let_in(gateway: &Gateway, identity: &str, headers: &HeaderMap) -> Result<Admission, Refusal> {
    let offered =
        headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter().filter_map(|value| value.to_str().ok());
    let common = offered
        .flat_map(|value| value.split(','))
        .any(|protocol| protocol.trim() == Protocol::Ocpp16.subprotocol());
    if !common {
        return Err(Refusal::NoCommonProtocol);
    }
    if gateway.0.stopping.is_cancelled() {
        return Err(Refusal::Unavailable);
    }
    let admission = gateway.0.doorman.admit(identity, headers).await?;
    // A charger that replaces its own socket takes no more room than before.
    if gateway.sockets() >= gateway.0.settings.max_connections && !gateway.holds(admission.charge_point) {
        return Err(Refusal::TooManySockets);
    }
    Ok(admission)
}

#[async_trait]
impl ChargerLink for Gateway {
    async fn call(
        &self,
        charge_point: ChargePointId,
        action: &str,
        payload: Value,
        timeout: Duration,
    ) -> Result<Value, LinkError> {
        let link = self.link(charge_point).ok_or(LinkError::Unreachable)?;
        link.call(action, &payload, timeout).await
    }
}
