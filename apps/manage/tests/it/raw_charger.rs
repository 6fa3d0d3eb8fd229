//! A charger made by hand: it says exactly what a test wants, when it wants.

use std::collections::VecDeque;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

pub struct RawCharger {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    calls: u32,
    /// Orders of the server that came while an answer was awaited; all are accepted.
    pub orders: VecDeque<(String, Value)>,
}

impl RawCharger {
    pub async fn connect(endpoint: &str, identity: &str) -> Self {
        let mut request = format!("{endpoint}/{identity}").into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", "ocpp1.6".parse().unwrap());
        let (socket, _) = connect_async(request).await.unwrap();
        Self { socket, calls: 0, orders: VecDeque::new() }
    }

    /// Sends a call without waiting for its answer; returns its id.
    pub async fn say(&mut self, action: &str, payload: Value) -> String {
        self.calls += 1;
        let id = format!("m{}", self.calls);
        self.raw(json!([2, id, action, payload]).to_string()).await;
        id
    }

    pub async fn raw(&mut self, text: String) {
        self.socket.send(Message::Text(text.into())).await.unwrap();
    }

    /// The answer to a call: its payload, or the code of its error.
    pub async fn answer(&mut self, id: &str) -> Result<Value, String> {
        loop {
            let frame = self.frame().await.unwrap_or_else(|| panic!("closed before the answer to {id}"));
            match frame[0].as_u64() {
                Some(3) if frame[1] == id => return Ok(frame[2].clone()),
                Some(4) if frame[1] == id => return Err(frame[2].as_str().unwrap().to_owned()),
                _ => {}
            }
        }
    }

    /// Calls and expects a result.
    pub async fn call(&mut self, action: &str, payload: Value) -> Value {
        let id = self.say(action, payload).await;
        self.answer(&id).await.unwrap_or_else(|error| panic!("{action}: {error}"))
    }

    /// The next frame; orders of the server are accepted on the way. `None` once the socket is closed.
    pub async fn frame(&mut self) -> Option<Value> {
        loop {
            match self.socket.next().await? {
                Ok(Message::Text(text)) => {
                    let frame: Value = serde_json::from_str(&text).unwrap();
                    if frame[0] == 2 {
                        let (id, action) = (frame[1].clone(), frame[2].as_str().unwrap().to_owned());
                        self.orders.push_back((action, frame[3].clone()));
                        self.raw(json!([3, id, {"status": "Accepted"}]).to_string()).await;
                    }
                    return Some(frame);
                }
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// The next order of a kind.
    pub async fn order(&mut self, action: &str) -> Value {
        loop {
            while let Some((came, payload)) = self.orders.pop_front() {
                if came == action {
                    return payload;
                }
            }
            self.frame().await.unwrap_or_else(|| panic!("closed before {action}"));
        }
    }

    pub async fn boot(&mut self) -> Value {
        self.call("BootNotification", json!({"chargePointVendor": "T", "chargePointModel": "M"})).await
    }
}

pub fn start(connector: u16, tag: &str, meter: i64, minute: u32) -> Value {
    json!({"connectorId": connector, "idTag": tag, "meterStart": meter, "timestamp": at(minute)})
}

pub fn reading(connector: u16, transaction: Option<i64>, register: i64, minute: u32) -> Value {
    let sample =
        json!({"value": register.to_string(), "measurand": "Energy.Active.Import.Register", "unit": "Wh"});
    let power = json!({"value": "11.5", "measurand": "Power.Active.Import", "unit": "kW"});
    let temperature =
        json!({"value": "8.1", "measurand": "Temperature", "unit": "Celcius", "location": "Body"});
    let current = json!({"value": "8.1", "measurand": "Current.Import", "unit": "A", "phase": "L1"});
    let values = json!([{"timestamp": at(minute), "sampledValue": [sample, power, temperature, current]}]);
    match transaction {
        Some(id) => json!({"connectorId": connector, "transactionId": id, "meterValue": values}),
        None => json!({"connectorId": connector, "meterValue": values}),
    }
}

pub fn stop(transaction: i64, register: i64, minute: u32) -> Value {
    json!({"transactionId": transaction, "meterStop": register, "timestamp": at(minute), "reason": "Local"})
}

/// A minute of a morning long ago: what is replayed is old.
fn at(minute: u32) -> String {
    format!("2026-03-02T08:{minute:02}:00Z")
}
