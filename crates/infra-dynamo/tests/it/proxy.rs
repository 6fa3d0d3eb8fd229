//! DynamoDB behind somebody who lets it fail as it is told to.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// What becomes of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It passes.
    None,
    /// The table is busy.
    Throttled,
    /// DynamoDB has trouble of its own; nothing was done.
    Broken,
    /// It was done, and the answer is lost.
    Unanswered,
    /// Every second item was taken.
    Half,
    /// No item was taken.
    Nothing,
}

#[derive(Clone)]
pub(crate) struct Proxy {
    pub(crate) url: String,
    target: String,
    client: reqwest::Client,
    /// What becomes of the requests to come; those after pass.
    script: Arc<Mutex<VecDeque<Fault>>>,
}

impl Proxy {
    pub(crate) async fn before(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let proxy = Self { url, target, client: reqwest::Client::new(), script: Arc::default() };
        let router = Router::new().fallback(pass).with_state(proxy.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        proxy
    }

    pub(crate) fn script(&self, faults: impl IntoIterator<Item = Fault>) {
        self.script.lock().unwrap().extend(faults);
    }

    /// Faults that nobody has met yet.
    pub(crate) fn left(&self) -> usize {
        self.script.lock().unwrap().len()
    }

    async fn forward(&self, headers: &HeaderMap, body: Vec<u8>) -> Response {
        let mut request = self.client.post(&self.target).body(body);
        for name in ["authorization", "content-type", "x-amz-date", "x-amz-target"] {
            if let Some(value) = headers.get(name) {
                request = request.header(name, value.as_bytes());
            }
        }
        let answer = request.send().await.unwrap();
        let status = StatusCode::from_u16(answer.status().as_u16()).unwrap();
        (status, answer.bytes().await.unwrap()).into_response()
    }
}

async fn pass(State(proxy): State<Proxy>, headers: HeaderMap, body: Bytes) -> Response {
    let fault = proxy.script.lock().unwrap().pop_front().unwrap_or(Fault::None);
    let refused = |status: StatusCode, code: &str| {
        let body =
            json!({"__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": "told to"});
        (status, body.to_string()).into_response()
    };
    match fault {
        Fault::None => proxy.forward(&headers, body.to_vec()).await,
        Fault::Throttled => refused(StatusCode::BAD_REQUEST, "ProvisionedThroughputExceededException"),
        Fault::Broken => refused(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError"),
        Fault::Unanswered => {
            proxy.forward(&headers, body.to_vec()).await;
            refused(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError")
        }
        Fault::Half | Fault::Nothing => {
            let mut request: Value = serde_json::from_slice(&body).unwrap();
            let (table, writes) = request["RequestItems"].as_object().unwrap().iter().next().unwrap();
            let (table, writes) = (table.clone(), writes.as_array().unwrap().clone());
            let takes = |index: usize| fault == Fault::Half && index.is_multiple_of(2);
            let (taken, left): (Vec<_>, Vec<_>) =
                writes.into_iter().enumerate().partition(|(index, _)| takes(*index));
            let plain =
                |writes: Vec<(usize, Value)>| writes.into_iter().map(|(_, write)| write).collect::<Vec<_>>();
            if !taken.is_empty() {
                request["RequestItems"][&table] = plain(taken).into();
                proxy.forward(&headers, request.to_string().into_bytes()).await;
            }
            let left = plain(left);
            let unprocessed = if left.is_empty() { json!({}) } else { json!({ table: left }) };
            json!({"UnprocessedItems": unprocessed}).to_string().into_response()
        }
    }
}
