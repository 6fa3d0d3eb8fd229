//! Chargers that insist: each says its readings one after the other, and repeats what was not
//! acknowledged, on whichever gateway lets it in.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, task::JoinHandle, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

/// How long a charger waits for an answer before it connects anew.
const PATIENCE: Duration = Duration::from_secs(20);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Chargers at work, until they are told to finish.
pub struct Load {
    finishing: Arc<AtomicBool>,
    acknowledged: Arc<AtomicUsize>,
    chargers: Vec<JoinHandle<Session>>,
}

/// What a charger remembers of its session.
#[derive(Debug)]
pub struct Session {
    pub number: i64,
    /// The registers that were acknowledged, in order.
    pub registers: Vec<i64>,
    /// How often it had to connect.
    pub connections: usize,
    /// The limits it was told, in watts, with the second of each.
    pub limits: Vec<f64>,
}

impl Load {
    /// Starts chargers `CP-{from}`… at these endpoints, each beginning with another.
    pub fn start(endpoints: &[String], from: usize, chargers: usize) -> Self {
        let (finishing, acknowledged) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let chargers = (from..from + chargers)
            .map(|index| {
                let charger = Insisting {
                    identity: format!("CP-{index}"),
                    endpoints: endpoints.to_vec(),
                    next: index,
                    socket: None,
                    calls: 0,
                    connections: 0,
                    limits: Vec::new(),
                };
                tokio::spawn(charger.charge(finishing.clone(), acknowledged.clone()))
            })
            .collect();
        Self { finishing, acknowledged, chargers }
    }

    /// Acknowledged readings of all chargers.
    pub fn acknowledged(&self) -> usize {
        self.acknowledged.load(Ordering::SeqCst)
    }

    /// Waits until so many more readings are acknowledged.
    pub async fn goes_on(&self, readings: usize) {
        let wanted = self.acknowledged() + readings;
        let reached = async {
            while self.acknowledged() < wanted {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        timeout(Duration::from_secs(120), reached).await.expect("the load stands still");
    }

    /// Lets every charger stop its session.
    pub async fn finish(self) -> Vec<Session> {
        self.finishing.store(true, Ordering::SeqCst);
        let mut sessions = Vec::new();
        for charger in self.chargers {
            sessions.push(charger.await.unwrap());
        }
        sessions
    }
}

struct Insisting {
    identity: String,
    endpoints: Vec<String>,
    next: usize,
    socket: Option<Socket>,
    calls: usize,
    connections: usize,
    limits: Vec<f64>,
}

impl Insisting {
    async fn charge(mut self, finishing: Arc<AtomicBool>, acknowledged: Arc<AtomicUsize>) -> Session {
        let start = json!({"connectorId": 1, "idTag": "TAG-1", "meterStart": 0, "timestamp": at(0)});
        let number = self.call("StartTransaction", &start).await["transactionId"].as_i64().unwrap();
        let mut registers = Vec::new();
        while !finishing.load(Ordering::SeqCst) {
            let second = i64::try_from(registers.len()).unwrap() + 1;
            let register = json!({"value": (second * 10).to_string()});
            let power = json!({"value": "5", "measurand": "Power.Active.Import", "unit": "kW"});
            let reading = json!({
                "connectorId": 1, "transactionId": number,
                "meterValue": [{"timestamp": at(second), "sampledValue": [register, power]}],
            });
            self.call("MeterValues", &reading).await;
            registers.push(second * 10);
            acknowledged.fetch_add(1, Ordering::SeqCst);
        }
        let second = i64::try_from(registers.len()).unwrap() + 1;
        let stop = json!({"transactionId": number, "meterStop": second * 10, "timestamp": at(second), "reason": "Local"});
        self.call("StopTransaction", &stop).await;
        Session { number, registers, connections: self.connections, limits: self.limits }
    }

    /// Repeats a call until it is acknowledged.
    async fn call(&mut self, action: &str, payload: &Value) -> Value {
        loop {
            if self.socket.is_none() {
                self.connect().await;
            }
            match timeout(PATIENCE, self.try_call(action, payload)).await {
                Ok(Some(answer)) => return answer,
                _ => self.socket = None,
            }
        }
    }

    /// `None` where the socket broke or the answer was an error.
    async fn try_call(&mut self, action: &str, payload: &Value) -> Option<Value> {
        self.calls += 1;
        let id = format!("m{}", self.calls);
        self.send(&json!([2, id, action, payload])).await?;
        loop {
            let frame = match self.socket.as_mut()?.next().await? {
                Ok(Message::Text(text)) => serde_json::from_str::<Value>(&text).unwrap(),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => continue,
            };
            match frame[0].as_i64() {
                Some(2) => {
                    if let Some(limit) = limit(&frame[3]) {
                        self.limits.push(limit);
                    }
                    let answer = json!([3, frame[1], {"status": "Accepted"}]);
                    self.send(&answer).await?;
                }
                Some(3) if frame[1] == id => return Some(frame[2].clone()),
                Some(4) if frame[1] == id => return None,
                _ => {}
            }
        }
    }

    async fn send(&mut self, frame: &Value) -> Option<()> {
        self.socket.as_mut()?.send(Message::Text(frame.to_string().into())).await.ok()
    }

    async fn connect(&mut self) {
        while self.socket.is_none() {
            let endpoint = &self.endpoints[self.next % self.endpoints.len()];
            self.next += 1;
            let mut request = format!("{endpoint}/{}", self.identity).into_client_request().unwrap();
            request.headers_mut().insert("sec-websocket-protocol", "ocpp1.6".parse().unwrap());
            match timeout(PATIENCE, connect_async(request)).await {
                Ok(Ok((socket, _))) => {
                    self.connections += 1;
                    self.socket = Some(socket);
                }
                _ => tokio::time::sleep(Duration::from_millis(200)).await,
            }
        }
    }
}

/// The limit of a charging profile, in watts.
fn limit(order: &Value) -> Option<f64> {
    order["csChargingProfiles"]["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"].as_f64()
}

/// A second of a morning long ago: what is repeated is old.
fn at(second: i64) -> String {
    let (hour, minute, second) = (8 + second / 3600, second / 60 % 60, second % 60);
    format!("2026-03-02T{hour:02}:{minute:02}:{second:02}Z")
}
