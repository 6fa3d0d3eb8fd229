//! A server in the test's own hands: it accepts one charger at a time and says what it is told to.
//!
//! Every frame of the charger, call or answer, is held to the letter of the OCPP 1.6 schemas, and so
//! is every order of the test.

use depot_sim::{ChargerHandle, ChargerSpec, ChargerView, Pace, SimCharger, SimClock, Uri};
use futures::{SinkExt, StreamExt};
use ocpp_kit::{
    decode::DecodeOptions,
    v1_6::{Action, CsRequest, CsmsRequest, CsmsResponse},
};
use serde_json::{Value, json, value::to_raw_value};
use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};
use tokio::{net::TcpListener, net::TcpStream, task::JoinHandle, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, accept_hdr_async,
    tungstenite::{
        Message,
        handshake::server::{Request, Response},
    },
};
use tokio_util::sync::CancellationToken;

/// Far above what anything here takes: only a broken test waits that long.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Server(TcpListener);

/// One connection of a charger.
pub(crate) struct Peer {
    socket: WebSocketStream<TcpStream>,
    pub(crate) path: String,
    pub(crate) authorization: Option<String>,
    /// Calls that came while an answer was awaited.
    early: VecDeque<Call>,
    /// The last status reported of each connector.
    seen: HashMap<u64, String>,
    orders: u32,
}

#[derive(Debug)]
pub(crate) struct Call {
    id: String,
    pub(crate) action: String,
    pub(crate) payload: Value,
}

/// A running charger; it stops when this is dropped.
pub(crate) struct Running {
    pub(crate) handle: ChargerHandle,
    pub(crate) stopping: CancellationToken,
    pub(crate) task: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Running {
    /// The first view of the charger that satisfies a condition.
    pub(crate) async fn until(&self, condition: impl FnMut(&ChargerView) -> bool) -> ChargerView {
        let mut view = self.handle.view();
        let seen = timeout(PATIENCE, view.wait_for(condition)).await.unwrap().unwrap();
        seen.clone()
    }
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    pub(crate) fn endpoint(&self) -> Uri {
        format!("ws://{}/ocpp", self.0.local_addr().unwrap()).parse().unwrap()
    }

    /// Starts a charger in a hurry.
    pub(crate) fn charger(&self, spec: ChargerSpec) -> Running {
        let pace = Pace {
            step: Duration::from_millis(5),
            reconnect: Duration::from_millis(5),
            reconnect_most: Duration::from_millis(20),
            reboot: Duration::from_millis(5),
            boot_retry: Duration::from_millis(5),
            answer: PATIENCE,
            ..spec.pace
        };
        let stopping = CancellationToken::new();
        let spec = ChargerSpec { pace, ..spec };
        let (charger, handle) = SimCharger::new(spec, self.endpoint(), SimClock::ambient(), stopping.clone());
        Running { handle, stopping, task: tokio::spawn(charger.run()) }
    }

    #[expect(clippy::result_large_err, reason = "the handshake's callback is typed so")]
    pub(crate) async fn accept(&self) -> Peer {
        let (stream, _) = timeout(PATIENCE, self.0.accept()).await.unwrap().unwrap();
        let (mut path, mut authorization) = (String::new(), None);
        let socket = accept_hdr_async(stream, |request: &Request, mut response: Response| {
            path = request.uri().path().to_owned();
            let header = |name: &str| request.headers().get(name).cloned();
            authorization = header("authorization").map(|value| value.to_str().unwrap().to_owned());
            response
                .headers_mut()
                .insert("sec-websocket-protocol", header("sec-websocket-protocol").unwrap());
            Ok(response)
        });
        let socket = socket.await.unwrap();
        Peer { socket, path, authorization, early: VecDeque::new(), seen: HashMap::new(), orders: 0 }
    }

    /// Accepts a charger and its boot, and hears its first reports.
    pub(crate) async fn accept_booted(&self) -> Peer {
        let mut peer = self.accept().await;
        let boot = peer.expect("BootNotification").await;
        peer.answer(&boot, json!({"status": "Accepted", "interval": 3600, "currentTime": NOW})).await;
        peer
    }
}

/// What the test's server takes for its time.
pub(crate) const NOW: &str = "2027-01-15T08:00:00Z";

impl Peer {
    /// The next call, whatever it is; `None` when the charger is gone.
    pub(crate) async fn next(&mut self) -> Option<Call> {
        let call = match self.early.pop_front() {
            Some(call) => call,
            None => {
                let frame = self.frame().await?;
                assert_eq!(frame[0], 2, "an answer nobody waits for: {frame}");
                Call::checked(&frame)
            }
        };
        if call.action == "StatusNotification" {
            let connector = call.payload["connectorId"].as_u64().unwrap();
            self.seen.insert(connector, call.payload["status"].as_str().unwrap().to_owned());
        }
        Some(call)
    }

    /// The next call of an action; status notifications on the way to it are answered.
    pub(crate) async fn expect(&mut self, action: &str) -> Call {
        loop {
            let call = self.next().await.unwrap_or_else(|| panic!("gone before {action}"));
            if call.action == action {
                return call;
            }
            assert_eq!(call.action, "StatusNotification", "before {action}: {call:?}");
            self.answer(&call, json!({})).await;
        }
    }

    /// Hears reports until the last of a connector says a status; it may have been heard before.
    pub(crate) async fn expect_status(&mut self, connector: u64, status: &str) {
        while self.seen.get(&connector).is_none_or(|seen| seen != status) {
            let report = self.expect("StatusNotification").await;
            self.answer(&report, json!({})).await;
        }
    }

    pub(crate) async fn answer(&mut self, call: &Call, payload: Value) {
        self.send(&json!([3, call.id, payload])).await;
    }

    pub(crate) async fn refuse(&mut self, call: &Call) {
        self.send(&json!([4, call.id, "InternalError", "", {}])).await;
    }

    /// Sends an order and returns its answer; calls that come meanwhile are kept for later.
    pub(crate) async fn order(&mut self, action: &str, payload: Value) -> Value {
        let raw = to_raw_value(&payload).unwrap();
        let action_known = Action::from_wire(action).unwrap();
        CsmsRequest::decode(action_known, &raw, &DecodeOptions::pedantic()).unwrap();
        let answer = self.order_unchecked(action, payload).await;
        assert_eq!(answer[0], 3, "{action}: {answer}");
        let raw = to_raw_value(&answer[2]).unwrap();
        CsmsResponse::decode(action_known, &raw, &DecodeOptions::pedantic())
            .unwrap_or_else(|error| panic!("{action}: {error} in {answer}"));
        answer[2].clone()
    }

    /// The whole frame of the answer.
    pub(crate) async fn order_unchecked(&mut self, action: &str, payload: Value) -> Value {
        self.orders += 1;
        let id = format!("order-{}", self.orders);
        self.send(&json!([2, id, action, payload])).await;
        loop {
            let frame = self.frame().await.unwrap();
            if frame[0] == 2 {
                self.early.push_back(Call::checked(&frame));
            } else {
                assert_eq!(frame[1], id.as_str());
                return frame;
            }
        }
    }

    /// Authorizes and starts a transaction with a number; returns the call that started it.
    pub(crate) async fn start_transaction(&mut self, number: i64) -> Call {
        let authorize = self.expect("Authorize").await;
        self.answer(&authorize, json!({"idTagInfo": {"status": "Accepted"}})).await;
        let start = self.expect("StartTransaction").await;
        self.answer(&start, json!({"transactionId": number, "idTagInfo": {"status": "Accepted"}})).await;
        start
    }

    async fn send(&mut self, frame: &Value) {
        self.socket.send(Message::text(frame.to_string())).await.unwrap();
    }

    async fn frame(&mut self) -> Option<Value> {
        loop {
            match timeout(PATIENCE, self.socket.next()).await.unwrap() {
                Some(Ok(Message::Text(text))) => return Some(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }
}

impl Call {
    fn checked(frame: &Value) -> Self {
        let text = |index: usize| frame[index].as_str().unwrap().to_owned();
        let (id, action, payload) = (text(1), text(2), frame[3].clone());
        let raw = to_raw_value(&payload).unwrap();
        CsRequest::decode(Action::from_wire(&action).unwrap(), &raw, &DecodeOptions::pedantic())
            .unwrap_or_else(|error| panic!("{action}: {error} in {payload}"));
        Self { id, action, payload }
    }

    /// A sampled value of a reading, or of the data of a stop.
    pub(crate) fn sampled(&self, measurand: &str) -> f64 {
        let readings = if self.action == "StopTransaction" { "transactionData" } else { "meterValue" };
        let values = self.payload[readings][0]["sampledValue"].as_array().unwrap();
        let value = values.iter().find(|value| value["measurand"] == measurand).unwrap();
        value["value"].as_str().unwrap().parse().unwrap()
    }
}
