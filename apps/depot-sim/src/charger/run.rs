//! Driving a station: connect, serve the socket, and connect again when it is lost.

use std::{collections::VecDeque, pin::pin, time::Duration};

use chrono::{DateTime, Utc};
use futures::{SinkExt, StreamExt, stream::SplitSink};
use rand::{Rng, SeedableRng, rngs::StdRng};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, Interval, MissedTickBehavior, interval, sleep, sleep_until, timeout},
};
use tokio_tungstenite::tungstenite::{Message, http::Uri};
use tokio_util::sync::CancellationToken;

use super::{
    Act, ChargerHandle, ChargerView, ConnectorView,
    link::{self, Frame, Socket},
    orders::Afterwards,
    station::{Registration, Station},
};
use crate::{clock::SimClock, spec::ChargerSpec};

/// How long a stopping charger waits for the answers to its last messages.
const LAST_WORDS: Duration = Duration::from_secs(2);

pub struct SimCharger {
    station: Station,
    endpoint: Uri,
    clock: SimClock,
    stepped: DateTime<Utc>,
    ticker: Interval,
    acts: mpsc::Receiver<Act>,
    view: watch::Sender<ChargerView>,
    rng: StdRng,
    stopping: CancellationToken,
}

/// Why a socket is no longer served.
enum End {
    Lost,
    Reboot,
    Stopped,
}

/// A call that waits for its answer, and answers that wait for the charger to think.
#[derive(Default)]
struct Talk {
    waiting: Option<(String, Instant)>,
    answers: VecDeque<(Instant, String, Afterwards)>,
}

impl SimCharger {
    /// `endpoint` is what comes before the identity, as in `ws://127.0.0.1:8082/ocpp`. Must be
    /// called inside a tokio runtime.
    pub fn new(
        spec: ChargerSpec,
        endpoint: Uri,
        clock: SimClock,
        stopping: CancellationToken,
    ) -> (Self, ChargerHandle) {
        let (acts, received) = mpsc::channel(16);
        let (view, seen) = watch::channel(ChargerView::default());
        let handle = ChargerHandle { identity: spec.identity.clone(), acts, view: seen };
        let mut ticker = interval(spec.pace.step);
        ticker.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let rng = StdRng::seed_from_u64(spec.seed);
        let (station, stepped) = (Station::new(spec), clock.now());
        (Self { station, endpoint, clock, stepped, ticker, acts: received, view, rng, stopping }, handle)
    }

    /// Runs until told to stop: then transactions are ended and, where the server still answers,
    /// reported.
    pub async fn run(mut self) {
        let mut failures = 0;
        loop {
            let (endpoint, spec) = (self.endpoint.clone(), self.station.spec.clone());
            let opening = timeout(spec.pace.answer, link::open(&endpoint, &spec));
            let Some(opened) = self.meanwhile(opening).await else { return };
            let wait = match opened {
                Ok(Ok(socket)) => {
                    failures = 0;
                    let end = self.serve(socket).await;
                    self.station.disconnected();
                    match end {
                        End::Stopped => return,
                        End::Reboot => {
                            self.station.rebooted();
                            self.station.spec.pace.reboot
                        }
                        End::Lost => self.patience(0),
                    }
                }
                Ok(Err(error)) => {
                    tracing::debug!(charger = %spec.identity, %error, "the server cannot be reached");
                    failures += 1;
                    self.patience(failures)
                }
                Err(_) => {
                    failures += 1;
                    self.patience(failures)
                }
            };
            if self.meanwhile(sleep(wait)).await.is_none() {
                return;
            }
        }
    }

    /// Lives without a socket until something is there. `None`: told to stop.
    async fn meanwhile<T>(&mut self, something: impl Future<Output = T>) -> Option<T> {
        let mut something = pin!(something);
        let stopping = self.stopping.clone();
        loop {
            self.show(false);
            tokio::select! {
                () = stopping.cancelled() => return None,
                done = &mut something => return Some(done),
                Some(act) = self.acts.recv() => { self.act(act); }
                _ = self.ticker.tick() => { self.step(); }
            }
        }
    }

    async fn serve(&mut self, socket: Socket) -> End {
        let (mut sink, mut stream) = socket.split();
        let mut talk = Talk::default();
        let mut last_words: Option<Instant> = None;
        let stopping = self.stopping.clone();
        self.station.connected(self.clock.now());
        loop {
            if self.send_next(&mut talk, &mut sink).await.is_err() {
                return End::Lost;
            }
            if last_words.is_some() && self.station.outbox.is_empty() {
                // The last message was answered: goodbye. Nobody waits for the echo.
                let _gone = sink.close().await;
                return End::Stopped;
            }
            self.show(true);
            let far = Instant::now() + self.station.spec.pace.reconnect_most;
            let answer_due = talk.answers.front().map_or(far, |(due, ..)| *due);
            let patience_ends = talk.waiting.as_ref().map_or(far, |(_, deadline)| *deadline);
            tokio::select! {
                () = stopping.cancelled(), if last_words.is_none() => {
                    self.station.end_all("PowerLoss", self.clock.now());
                    last_words = Some(Instant::now() + LAST_WORDS);
                }
                () = sleep_until(last_words.unwrap_or(far)), if last_words.is_some() => return End::Stopped,
                message = stream.next() => match message {
                    Some(Ok(Message::Text(text))) => self.hear(&mut talk, &text),
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return End::Lost,
                    Some(Ok(_)) => {}
                },
                () = sleep_until(answer_due), if !talk.answers.is_empty() => {
                    if let Some((_, answer, afterwards)) = talk.answers.pop_front() {
                        if self.send(&mut sink, answer).await.is_err() {
                            return End::Lost;
                        }
                        if afterwards == Afterwards::Reboot {
                            let _gone = sink.close().await;
                            return End::Reboot;
                        }
                    }
                }
                () = sleep_until(patience_ends), if talk.waiting.is_some() => {
                    tracing::debug!(charger = %self.station.spec.identity, "a call stays unanswered");
                    return End::Lost;
                }
                Some(act) = self.acts.recv() => {
                    if self.act(act) {
                        return End::Lost;
                    }
                }
                _ = self.ticker.tick() => {
                    if self.step() {
                        return End::Lost;
                    }
                }
            }
        }
    }

    async fn send_next(&mut self, talk: &mut Talk, sink: &mut SplitSink<Socket, Message>) -> Result<(), ()> {
        let accepted = self.station.registration == Registration::Accepted;
        let Some(call) = self.station.outbox.next(accepted) else { return Ok(()) };
        let id = format!("{:016x}", self.rng.random::<u64>());
        let frame = link::call(&id, call.action, &call.payload);
        talk.waiting = Some((id, Instant::now() + self.station.spec.pace.answer));
        self.send(sink, frame).await
    }

    async fn send(&self, sink: &mut SplitSink<Socket, Message>, frame: String) -> Result<(), ()> {
        match timeout(self.station.spec.pace.answer, sink.send(Message::text(frame))).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(()),
        }
    }

    fn hear(&mut self, talk: &mut Talk, text: &str) {
        let now = self.clock.now();
        let awaited = |id: &str| talk.waiting.as_ref().is_some_and(|(waiting, _)| waiting == id);
        match link::read(text) {
            Some(Frame::Call { id, action, payload }) => {
                let (answer, afterwards) = self.station.order(&action, &payload, now);
                let due = Instant::now() + self.station.spec.habits.answers_after.unwrap_or_default();
                talk.answers.push_back((due, link::answer(&id, &answer), afterwards));
            }
            Some(Frame::Result { id, payload }) if awaited(&id) => {
                talk.waiting = None;
                self.station.answered(&payload, now);
            }
            Some(Frame::Error { id, code }) if awaited(&id) => {
                tracing::debug!(charger = %self.station.spec.identity, %code, "the server refuses a call");
                talk.waiting = None;
                self.station.refused(now);
            }
            Some(Frame::Result { .. } | Frame::Error { .. }) | None => {
                tracing::debug!(charger = %self.station.spec.identity, "dropped a frame nobody waits for");
            }
        }
    }

    /// True where the link is to be cut.
    fn act(&mut self, act: Act) -> bool {
        let now = self.clock.now();
        self.step();
        match act {
            Act::PlugIn { connector, vehicle, done } => {
                // Who asked may have gone; the vehicle stays all the same.
                let _gone = done.send(self.station.plug_in(connector, vehicle, now).is_ok());
            }
            Act::Unplug { connector, done } => {
                let _gone = done.send(self.station.unplug(connector, now));
            }
            Act::Fault { connector, error } => {
                if error.is_some() {
                    self.station.end(connector, "Other", now);
                }
                if let Some(connector) = self.station.connector(connector) {
                    connector.fault = error;
                }
            }
            Act::CutLink => return true,
        }
        self.station.set_offers(now);
        false
    }

    /// Lets time pass. True where the link drops by bad habit.
    fn step(&mut self) -> bool {
        let now = self.clock.now();
        let lasting = (now - self.stepped).to_std().unwrap_or_default();
        self.stepped = now;
        self.station.step(now, lasting);
        let drops = self.station.spec.habits.drops_every;
        drops.is_some_and(|mean| self.rng.random::<f64>() < lasting.as_secs_f64() / mean.as_secs_f64())
    }

    /// How long to wait before the next connection, so that not all come at once.
    fn patience(&mut self, failures: u32) -> Duration {
        let pace = &self.station.spec.pace;
        let longest = pace.reconnect.saturating_mul(1 << failures.min(10)).min(pace.reconnect_most);
        longest.mul_f64(self.rng.random_range(0.5..=1.0))
    }

    fn show(&self, online: bool) {
        let connectors = self.station.connectors.iter().map(|connector| ConnectorView {
            status: connector.status(),
            offered_w: connector.offered_w,
            power_w: connector.power_w,
            register_wh: connector.register(),
            soc: connector.vehicle.as_ref().map(|vehicle| vehicle.soc),
            transaction: connector.charging().transaction,
        });
        let view = ChargerView {
            online,
            accepted: self.station.registration == Registration::Accepted,
            connectors: connectors.collect(),
            owed: self.station.outbox.owed(),
        };
        self.view.send_if_modified(|shown| {
            let changed = *shown != view;
            *shown = view;
            changed
        });
    }
}
