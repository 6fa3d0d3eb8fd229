//! The wire: opening a socket as a charger does, and OCPP-J's frames.

use base64::{Engine, engine::general_purpose::STANDARD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{
        client::IntoClientRequest,
        http::{HeaderValue, Uri, header},
    },
};

use super::orders::Answer;
use crate::spec::ChargerSpec;

pub(super) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub(super) async fn open(endpoint: &Uri, spec: &ChargerSpec) -> anyhow::Result<Socket> {
    let identity = utf8_percent_encode(&spec.identity, NON_ALPHANUMERIC);
    let url = format!("{}/{identity}", endpoint.to_string().trim_end_matches('/'));
    let mut request = url.into_client_request()?;
    let headers = request.headers_mut();
    headers.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static("ocpp1.6"));
    if let Some(password) = &spec.password {
        let credentials = STANDARD.encode(format!("{}:{password}", spec.identity));
        headers.insert(header::AUTHORIZATION, HeaderValue::from_str(&format!("Basic {credentials}"))?);
    }
    let (socket, _) = connect_async(request).await?;
    Ok(socket)
}

pub(super) enum Frame {
    Call { id: String, action: String, payload: Value },
    Result { id: String, payload: Value },
    Error { id: String, code: String },
}

/// `None` for what is no frame of OCPP-J: chargers drop it.
pub(super) fn read(text: &str) -> Option<Frame> {
    let Value::Array(parts) = serde_json::from_str(text).ok()? else { return None };
    let text = |index: usize| parts.get(index).and_then(Value::as_str).map(str::to_owned);
    let payload = |index: usize| parts.get(index).cloned();
    Some(match parts.first()?.as_u64()? {
        2 => Frame::Call { id: text(1)?, action: text(2)?, payload: payload(3)? },
        3 => Frame::Result { id: text(1)?, payload: payload(2)? },
        4 => Frame::Error { id: text(1)?, code: text(2)? },
        _ => return None,
    })
}

pub(super) fn call(id: &str, action: &str, payload: &Value) -> String {
    json!([2, id, action, payload]).to_string()
}

pub(super) fn answer(id: &str, answer: &Answer) -> String {
    match answer {
        Ok(payload) => json!([3, id, payload]).to_string(),
        Err((code, description)) => json!([4, id, code, description, {}]).to_string(),
    }
}
