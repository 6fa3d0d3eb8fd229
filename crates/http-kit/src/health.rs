//! Whether a process lives, and whether it should get requests.

use std::{error::Error, future::Future, pin::Pin, sync::Arc, time::Duration};

use futures::future::join_all;
use serde::Serialize;
use tokio::{sync::Mutex, time::Instant};
use tokio_util::sync::CancellationToken;

/// How long a report is good for: readiness is asked for often and by many.
const FRESH: Duration = Duration::from_secs(1);
/// How long a backend may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

type Failure = Box<dyn Error + Send + Sync>;
type Probe = Box<dyn Fn() -> Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>> + Send + Sync>;

/// The backends of a process and how to ask each. Cheap to clone.
#[derive(Clone)]
pub struct Health(Arc<Inner>);

struct Inner {
    backends: Vec<Backend>,
    patience: Duration,
    stopping: CancellationToken,
    latest: Mutex<Option<(Instant, Vec<BackendHealth>)>>,
}

struct Backend {
    name: &'static str,
    /// Whether there is no readiness without it.
    required: bool,
    probe: Probe,
}

/// The answer of `/readyz`.
#[derive(Clone, Debug, Serialize)]
pub struct Readiness {
    pub state: ReadyState,
    pub backends: Vec<BackendHealth>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadyState {
    Ready,
    /// A backend that is required does not answer.
    Unready,
    /// The process was told to stop.
    Stopping,
}

#[derive(Clone, Debug, Serialize)]
pub struct BackendHealth {
    pub name: &'static str,
    /// Whether requests are better sent elsewhere while it does not answer.
    pub required: bool,
    pub state: BackendState,
    pub latency_seconds: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BackendState {
    Up,
    Down,
    TimedOut,
}

impl Health {
    /// Health without backends; not ready once `stopping` is cancelled.
    pub fn new(stopping: CancellationToken) -> Self {
        Self(Arc::new(Inner { backends: Vec::new(), patience: PATIENCE, stopping, latest: Mutex::default() }))
    }

    /// Adds a backend and how to ask it. Backends are named before the health is shared.
    #[must_use]
    pub fn backend<F, E>(self, name: &'static str, probe: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Failure>,
    {
        self.with(name, true, probe)
    }

    fn with<F, E>(
        mut self,
        name: &'static str,
        required: bool,
        probe: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Failure>,
    {
        let inner = Arc::get_mut(&mut self.0).expect("backends are named before the health is shared");
        let probe: Probe = Box::new(move || {
            let asked = probe();
            Box::pin(async move { asked.await.map_err(Into::into) })
        });
        inner.backends.push(Backend { name, required, probe });
        self
    }

    /// Health of these backends, each with whether it is required.
    pub fn of<P, F, E>(
        stopping: CancellationToken,
        backends: impl IntoIterator<Item = (&'static str, bool, P)>,
    ) -> Self
    where
        P: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Failure>,
    {
        backends
            .into_iter()
            .fold(Self::new(stopping), |health, (name, required, probe)| health.with(name, required, probe))
    }

    /// How long a backend may take, where two seconds are not right.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        Arc::get_mut(&mut self.0).expect("patience is set before the health is shared").patience = patience;
        self
    }

    /// Asks every backend at once, unless that was done within the last second. Callers that come
    /// together wait for the same answer.
    pub async fn readiness(&self) -> Readiness {
        if self.0.stopping.is_cancelled() {
            return Readiness { state: ReadyState::Stopping, backends: Vec::new() };
        }
        let mut latest = self.0.latest.lock().await;
        let backends = match &*latest {
            Some((at, backends)) if at.elapsed() < FRESH => backends.clone(),
            _ => {
                let backends = join_all(self.0.backends.iter().map(|backend| self.ask(backend))).await;
                *latest = Some((Instant::now(), backends.clone()));
                backends
            }
        };
        let ready = backends.iter().all(|backend| !backend.required || backend.state == BackendState::Up);
        Readiness { state: if ready { ReadyState::Ready } else { ReadyState::Unready }, backends }
    }

    async fn ask(&self, backend: &Backend) -> BackendHealth {
        let Backend { name, required, ref probe } = *backend;
        let begun = Instant::now();
        let state = match tokio::time::timeout(self.0.patience, probe()).await {
            Ok(Ok(())) => BackendState::Up,
            Ok(Err(error)) => {
                tracing::warn!(backend = name, %error, "a backend is down");
                BackendState::Down
            }
            Err(_) => {
                tracing::warn!(backend = name, "a backend does not answer");
                BackendState::TimedOut
            }
        };
        BackendHealth { name, required, state, latency_seconds: begun.elapsed().as_secs_f64() }
    }
}
