//! A raw charger: it sends what it is told to, also what no charger should.

use std::collections::VecDeque;

use base64::{Engine, engine::general_purpose::STANDARD};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest},
};

use crate::rig::{PATIENCE, Rig};

pub(crate) struct Client {
    pub(crate) socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    calls: VecDeque<Value>,
    answers: Vec<Value>,
    next: u32,
}

impl Client {
    pub(crate) async fn open(rig: &Rig, identity: &str) -> Self {
        Self::try_open(rig, identity, Some("ocpp1.6"), None).await.expect("is let in")
    }

    /// The status of the refusal where the socket is refused.
    pub(crate) async fn try_open(
        rig: &Rig,
        identity: &str,
        protocol: Option<&str>,
        password: Option<&str>,
    ) -> Result<Self, u16> {
        let mut request = format!("ws://{}/ocpp/{identity}", rig.address).into_client_request().unwrap();
        if let Some(protocol) = protocol {
            request.headers_mut().insert("sec-websocket-protocol", protocol.parse().unwrap());
        }
        if let Some(password) = password {
            let basic = format!("Basic {}", STANDARD.encode(format!("{identity}:{password}")));
            request.headers_mut().insert("authorization", basic.parse().unwrap());
        }
        match timeout(PATIENCE, connect_async(request)).await.expect("answers the handshake") {
            Ok((socket, _)) => Ok(Self { socket, calls: VecDeque::new(), answers: Vec::new(), next: 0 }),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) async fn text(&mut self, text: impl Into<String>) {
        self.socket.send(Message::text(text.into())).await.expect("is open");
    }

    /// Sends a call and does not wait.
    pub(crate) async fn send(&mut self, action: &str, payload: &Value) -> String {
        self.next += 1;
        let id = format!("m{}", self.next);
        self.text(json!([2, id, action, payload]).to_string()).await;
        id
    }

    /// The whole frame that answers a call; calls of the server are kept meanwhile.
    pub(crate) async fn answer_frame(&mut self, id: &str) -> Value {
        loop {
            if let Some(at) = self.answers.iter().position(|frame| frame[1] == id) {
                return self.answers.remove(at);
            }
            self.receive().await;
        }
    }

    /// The id of the call that was answered next, in the order of the wire.
    pub(crate) async fn next_answered(&mut self) -> String {
        while self.answers.is_empty() {
            self.receive().await;
        }
        self.answers.remove(0)[1].as_str().unwrap().to_owned()
    }

    /// The payload of a result.
    pub(crate) async fn answer(&mut self, id: &str) -> Value {
        let frame = self.answer_frame(id).await;
        assert_eq!(frame[0], 3, "{frame}");
        frame[2].clone()
    }

    pub(crate) async fn call(&mut self, action: &str, payload: &Value) -> Value {
        let id = self.send(action, payload).await;
        self.answer(&id).await
    }

    /// The next call of the server.
    pub(crate) async fn ordered(&mut self) -> Value {
        loop {
            if let Some(call) = self.calls.pop_front() {
                return call;
            }
            self.receive().await;
        }
    }

    /// Answers the next call of the server and returns it.
    pub(crate) async fn obey(&mut self, answer: impl FnOnce(&Value) -> Value) -> Value {
        let call = self.ordered().await;
        let payload = answer(&call);
        self.text(json!([3, call[1], payload]).to_string()).await;
        call
    }

    async fn receive(&mut self) {
        let message = timeout(PATIENCE, self.socket.next()).await.expect("hears something");
        match message.expect("stays open").expect("stays whole") {
            Message::Text(text) => {
                let frame: Value = serde_json::from_str(&text).unwrap();
                if frame[0] == 2 { self.calls.push_back(frame) } else { self.answers.push(frame) }
            }
            Message::Close(why) => panic!("closed: {why:?}"),
            _ => {}
        }
    }

    /// Waits for the end of the socket and says with which code it was closed, if with one.
    pub(crate) async fn closed(&mut self) -> Option<u16> {
        let ended = async {
            let mut code = None;
            while let Some(Ok(message)) = self.socket.next().await {
                if let Message::Close(Some(why)) = message {
                    code = Some(why.code.into());
                }
            }
            code
        };
        timeout(PATIENCE, ended).await.expect("is closed")
    }
}
