//! One station under load.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use base64::{Engine, engine::general_purpose::STANDARD};
use futures::{SinkExt, StreamExt};
use hdrhistogram::Histogram;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use super::{LoadSpec, frames, now, waits};

/// When a station's calls are due.
pub(super) struct Orders {
    time: Duration,
    /// From one call to the next, and from the beginning to the first; at once where there is none.
    every: Option<(Duration, Duration)>,
}

impl Orders {
    /// Stations take turns: their calls are spread evenly.
    pub(super) fn of(spec: &LoadSpec, index: usize) -> Self {
        let every = spec.rate.map(|rate| {
            let each = Duration::from_secs_f64(spec.stations as f64 / rate);
            (each, each.mul_f64(index as f64 / spec.stations as f64))
        });
        Self { time: spec.time, every }
    }

    /// When a call is due, after the beginning; `None` for "now".
    fn due(&self, nth: u64) -> Option<Duration> {
        self.every.map(|(each, first)| first + each.mul_f64((nth - 1) as f64))
    }

    /// Whether the time is over before a call is due, or by now.
    fn over(&self, nth: u64, elapsed: Duration) -> bool {
        elapsed >= self.time || self.due(nth).is_some_and(|due| due >= self.time)
    }

    /// Calls that were due in time, beyond those that were sent.
    pub(super) fn missed(&self, sent: u64) -> u64 {
        let due_in_time = |nth: &u64| self.due(*nth).is_some_and(|due| due < self.time);
        (sent + 1..).take_while(due_in_time).map(|_| 1).sum()
    }
}

pub(super) struct Station {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    calls: u64,
    transaction: i64,
    pub(super) readings: u64,
    pub(super) errors: u64,
    began: Instant,
}

impl Station {
    pub(super) async fn connect(spec: &LoadSpec, index: usize) -> anyhow::Result<Self> {
        let identity = format!("{}-{index}", spec.prefix);
        let mut request = format!("{}/{identity}", spec.endpoint).into_client_request()?;
        request.headers_mut().insert("sec-websocket-protocol", "ocpp1.6".parse()?);
        if let Some(password) = &spec.password {
            let credentials = STANDARD.encode(format!("{identity}:{password}"));
            request.headers_mut().insert("authorization", format!("Basic {credentials}").parse()?);
        }
        let (socket, _) = connect_async(request).await.with_context(|| format!("station {index}"))?;
        Ok(Self { socket, calls: 0, transaction: 0, readings: 0, errors: 0, began: now() })
    }

    /// Boots and starts a transaction.
    pub(super) async fn begin(&mut self, id_tag: &str) -> anyhow::Result<()> {
        self.call("BootNotification", frames::boot()).await?;
        self.call("StatusNotification", frames::available()).await?;
        let started = self.call("StartTransaction", &frames::start(id_tag)).await?;
        let started: serde_json::Value = serde_json::from_str(&started)?;
        self.transaction = started[2]["transactionId"].as_i64().context("a transaction without a number")?;
        Ok(())
    }

    /// Sends meter values for as long as is asked, and returns how long each waited.
    pub(super) async fn charge(&mut self, orders: &Orders) -> anyhow::Result<Histogram<u64>> {
        let (mut waits, mut frame) = (waits()?, String::new());
        self.began = now();
        while !orders.over(self.readings + 1, self.began.elapsed()) {
            self.readings += 1;
            let mut since = now();
            if let Some(due) = orders.due(self.readings) {
                since = self.began + due;
                tokio::time::sleep_until(since.into()).await;
            }
            self.calls += 1;
            frames::meter_values(&mut frame, self.calls, self.transaction, self.readings);
            self.socket.send(Message::Text(frame.as_str().into())).await?;
            self.answer(self.calls).await?;
            waits.saturating_record(u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX));
        }
        Ok(waits)
    }

    pub(super) fn since_begin(&self) -> f64 {
        self.began.elapsed().as_secs_f64()
    }

    pub(super) async fn end(&mut self) -> anyhow::Result<()> {
        self.call("StopTransaction", &frames::stop(self.transaction, self.readings + 1)).await?;
        // What is acknowledged is acknowledged, however the socket ends.
        let _ = self.socket.close(None).await;
        Ok(())
    }

    async fn call(&mut self, action: &str, payload: &str) -> anyhow::Result<String> {
        self.calls += 1;
        let frame = format!(r#"[2,"{}","{action}",{payload}]"#, self.calls);
        self.socket.send(Message::Text(frame.into())).await?;
        self.answer(self.calls).await
    }

    /// The answer to a call; orders of the server are accepted on the way.
    async fn answer(&mut self, call: u64) -> anyhow::Result<String> {
        let (result, error) = (format!(r#"[3,"{call}""#), format!(r#"[4,"{call}""#));
        loop {
            let text = match self.socket.next().await.context("the server has closed the socket")?? {
                Message::Text(text) => text,
                Message::Close(reason) => bail!("the server has closed the socket: {reason:?}"),
                _ => continue,
            };
            if text.starts_with(&result) {
                return Ok(text.to_string());
            }
            if text.starts_with(&error) {
                self.errors += 1;
                return Ok(text.to_string());
            }
            if let Some(id) = text.strip_prefix(r#"[2,""#).and_then(|rest| rest.split('"').next()) {
                let accepted = format!(r#"[3,"{id}",{{"status":"Accepted"}}]"#);
                self.socket.send(Message::Text(accepted.into())).await?;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_loop_spreads_its_calls_evenly() {
        let spec = LoadSpec {
            endpoint: String::new(),
            prefix: String::new(),
            stations: 4,
            time: Duration::from_secs(1),
            rate: Some(8.0),
            id_tag: String::new(),
            password: None,
        };
        let mut due: Vec<_> = (0..4)
            .flat_map(|index| {
                let orders = Orders::of(&spec, index);
                [orders.due(1).unwrap(), orders.due(2).unwrap()]
            })
            .collect();
        due.sort();
        assert_eq!(due, (0..8).map(|nth| Duration::from_millis(125) * nth).collect::<Vec<_>>());
    }

    #[test]
    fn what_was_due_and_never_sent_is_counted() {
        let each = Duration::from_millis(100);
        let orders = Orders { time: Duration::from_secs(1), every: Some((each, Duration::ZERO)) };
        assert_eq!([0, 3, 10, 11].map(|sent| orders.missed(sent)), [10, 7, 0, 0]);
        assert!(!orders.over(10, Duration::from_millis(900)));
        assert!(orders.over(11, Duration::from_millis(900)), "the eleventh is due when time is over");
        assert!(orders.over(4, Duration::from_secs(1)));
        let closed = Orders { time: Duration::from_secs(1), every: None };
        assert_eq!(closed.missed(3), 0);
    }
}
