//! Webhooks as they arrive, and those that must not.

use std::{
    collections::BTreeMap,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
    serve::Listener,
};
use infra_outbound::{Resolve, SystemResolver, WebhookSettings, Webhooks, signature};
use kernel::{
    Clock, IdSource,
    testing::{CountingIds, FakeClock},
};
use notification::{SendError, WebhookCall, WebhookSecret, WebhookSender};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

#[derive(Clone, Default)]
pub struct Receiver(Arc<Mutex<Vec<(HeaderMap, String)>>>);

impl Receiver {
    async fn start(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = self.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    }

    /// As [`Self::start`], where callers have to speak TLS.
    pub async fn start_encrypted(&self, acceptor: TlsAcceptor) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = self.router();
        tokio::spawn(async move { axum::serve(Encrypted(listener, acceptor), router).await });
        address
    }

    fn router(&self) -> Router {
        Router::new()
            .route("/hook", post(keep))
            .route("/gone", post(|| async { StatusCode::GONE }))
            .route("/broken", post(|| async { StatusCode::INTERNAL_SERVER_ERROR }))
            .route("/slow", post(std::future::pending::<()>))
            .route("/elsewhere", post(elsewhere))
            .with_state(self.clone())
    }

    pub fn received(&self) -> Vec<(HeaderMap, String)> {
        self.0.lock().unwrap().clone()
    }
}

/// Takes those who manage to agree on a way to speak.
struct Encrypted(TcpListener, TlsAcceptor);

impl Listener for Encrypted {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        loop {
            let (stream, address) = Listener::accept(&mut self.0).await;
            if let Ok(stream) = self.1.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

async fn keep(State(receiver): State<Receiver>, headers: HeaderMap, body: String) -> StatusCode {
    receiver.0.lock().unwrap().push((headers, body));
    StatusCode::NO_CONTENT
}

async fn elsewhere() -> Response {
    (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, "/hook")]).into_response()
}

/// Names with the addresses they are said to have, and how often they were asked for.
#[derive(Clone, Default)]
pub struct Names {
    known: BTreeMap<&'static str, Vec<SocketAddr>>,
    asked: Arc<Mutex<u32>>,
}

impl Names {
    pub fn of(name: &'static str, address: SocketAddr) -> Self {
        Self { known: [(name, vec![address])].into(), ..Self::default() }
    }
}

impl From<Names> for Arc<dyn Resolve> {
    fn from(names: Names) -> Self {
        Arc::new(names)
    }
}

#[async_trait]
impl Resolve for Names {
    async fn resolve(&self, host: &str, _: u16) -> io::Result<Vec<SocketAddr>> {
        *self.asked.lock().unwrap() += 1;
        self.known.get(host).cloned().ok_or_else(|| io::Error::other("unknown"))
    }
}

/// How long a receiver may take.
pub const PATIENCE: Duration = Duration::from_millis(500);

fn webhooks(allow_private: bool, resolver: Arc<dyn Resolve>) -> Webhooks {
    let settings = WebhookSettings { allow_private, timeout: PATIENCE, authorities: Vec::new() };
    Webhooks::new(settings, resolver).unwrap()
}

pub fn call(url: impl Into<String>) -> WebhookCall {
    let ids = CountingIds::default();
    WebhookCall {
        id: ids.uuid(),
        at: FakeClock::default().now(),
        url: url.into(),
        secret: WebhookSecret::generate(&ids),
        previous: None,
        body: r#"{"type":"alerts.notified"}"#.into(),
    }
}

#[tokio::test]
async fn a_webhook_arrives_signed() {
    let receiver = Receiver::default();
    let address = receiver.start().await;
    let call = call(format!("http://{address}/hook"));
    webhooks(true, Arc::new(SystemResolver)).webhook_send(&call).await.unwrap();
    let (headers, body) = receiver.received().remove(0);
    assert_eq!(
        (body.as_str(), &headers["content-type"]),
        (call.body.as_str(), &"application/json".parse().unwrap())
    );
    let id = headers["webhook-id"].to_str().unwrap();
    let timestamp: i64 = headers["webhook-timestamp"].to_str().unwrap().parse().unwrap();
    assert_eq!((id, timestamp), (call.id.to_string().as_str(), call.at.timestamp()));
    assert_eq!(headers["webhook-signature"], signature(call.secret.key(), id, timestamp, &body).as_str());
}

#[tokio::test]
async fn while_secrets_change_over_a_webhook_is_signed_with_both() {
    let receiver = Receiver::default();
    let address = receiver.start().await;
    let ids = CountingIds::default();
    let previous = WebhookSecret::generate(&ids);
    let call = WebhookCall {
        previous: Some(previous.clone()),
        secret: WebhookSecret::generate(&ids),
        ..call(format!("http://{address}/hook"))
    };
    webhooks(true, Arc::new(SystemResolver)).webhook_send(&call).await.unwrap();
    let (headers, body) = receiver.received().remove(0);
    let (id, at) = (call.id.to_string(), call.at.timestamp());
    let both: Vec<_> = [&call.secret, &previous].map(|secret| signature(secret.key(), &id, at, &body)).into();
    assert_eq!(headers["webhook-signature"], both.join(" ").as_str());
}

#[tokio::test]
async fn an_answer_says_whether_it_is_worth_trying_again() {
    let receiver = Receiver::default();
    let address = receiver.start().await;
    let webhooks = webhooks(true, Arc::new(SystemResolver));
    let gone = webhooks.webhook_send(&call(format!("http://{address}/gone"))).await.unwrap_err();
    assert!(matches!(&gone, SendError::Gone(said) if said.contains("410")), "{gone}");
    for (path, never, said) in [
        ("broken", false, "answered 500"),
        ("elsewhere", false, "redirects are not followed"),
        ("slow", false, "no answer in time"),
        ("nowhere", false, "answered 404"),
    ] {
        let error = webhooks.webhook_send(&call(format!("http://{address}/{path}"))).await.unwrap_err();
        assert_eq!(matches!(error, SendError::Never(_)), never, "{path}: {error}");
        assert!(error.to_string().contains(said), "{path}: {error}");
    }
    assert!(receiver.received().is_empty(), "the redirect led nowhere");
    let closed = webhooks.webhook_send(&call("http://127.0.0.1:1/hook?token=secret")).await.unwrap_err();
    assert!(matches!(&closed, SendError::Later(said) if !said.contains("secret")), "{closed}");
}

#[tokio::test]
async fn nothing_that_is_not_public_is_reached_however_it_is_written() {
    let receiver = Receiver::default();
    let port = receiver.start().await.port();
    let here: SocketAddr = ([127, 0, 0, 1], port).into();
    let public: SocketAddr = ([93, 184, 216, 34], port).into();
    let known = BTreeMap::from([
        ("inside.example", vec![here]),
        // One good address does not excuse another.
        ("both.example", vec![public, here]),
    ]);
    let webhooks = webhooks(false, Arc::new(Names { known, asked: Arc::default() }));
    for host in [
        "127.0.0.1",
        "2130706433",
        "0x7f.1",
        "127.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "169.254.169.254",
        "10.0.0.1",
        "inside.example",
        "both.example",
    ] {
        let error = webhooks.webhook_send(&call(format!("http://{host}:{port}/hook"))).await.unwrap_err();
        assert!(matches!(&error, SendError::Never(said) if said.contains("not public")), "{host}: {error}");
    }
    for url in ["ftp://x.example/", "file:///etc/passwd", "http://", "nonsense", "http://a:b@1.1.1.1/"] {
        assert!(matches!(webhooks.webhook_send(&call(url)).await, Err(SendError::Never(_))), "{url}");
    }
    let unknown = webhooks.webhook_send(&call("http://unknown.example/")).await;
    assert!(matches!(unknown, Err(SendError::Later(_))));
    assert!(receiver.received().is_empty());
}

#[tokio::test]
async fn the_connection_goes_to_the_address_that_was_looked_at() {
    let receiver = Receiver::default();
    let address = receiver.start().await;
    // No other resolver knows this name: it is asked once, and its answer is used.
    let known = BTreeMap::from([("hook.invalid", vec![address])]);
    let names = Arc::new(Names { known, asked: Arc::default() });
    let call = call(format!("http://hook.invalid:{}/hook", address.port()));
    webhooks(true, names.clone()).webhook_send(&call).await.unwrap();
    assert_eq!((receiver.received().len(), *names.asked.lock().unwrap()), (1, 1));
    assert_eq!(receiver.received()[0].0["host"], format!("hook.invalid:{}", address.port()).as_str());
}
