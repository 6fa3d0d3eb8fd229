//! Signed requests to URLs that somebody else named.
//!
//! A name is resolved once, every address it has is judged, and the connection goes to one that was
//! judged: a name that changes its mind between the look and the connection gains nothing.
//! Redirects and proxies are not followed.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use http_body_util::Full;
use hyper::{Request, StatusCode, body::Bytes, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use notification::{SendError, WebhookCall, WebhookSecret, WebhookSender};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem, pem::PemObject},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;
use url::{Host, Position, Url};

use crate::{guard::is_public, sign::signature};

/// How webhooks are sent.
#[derive(Clone, Debug)]
pub struct WebhookSettings {
    /// Whether addresses of private networks, link-local ones and this machine may be reached.
    pub allow_private: bool,
    /// From the first step to the answer.
    pub timeout: Duration,
    /// PEM: authorities whose certificates are taken beside the usual ones. Empty for none.
    pub authorities: Vec<u8>,
}

/// Why webhooks cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum WebhookFault {
    #[error("`webhooks.ca_file` cannot be read")]
    Unreadable(#[source] pem::Error),
    #[error("`webhooks.ca_file` holds no certificate")]
    NoAuthority,
    #[error("`webhooks.ca_file` holds what is no authority")]
    Authority(#[source] rustls::Error),
}

/// Looks names up.
#[async_trait]
pub trait Resolve: Send + Sync {
    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>>;
}

/// As the machine does.
pub struct SystemResolver;

#[async_trait]
impl Resolve for SystemResolver {
    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok(tokio::net::lookup_host((host, port)).await?.collect())
    }
}

/// Posts what it is given, once each.
pub struct Webhooks {
    settings: WebhookSettings,
    resolver: Arc<dyn Resolve>,
    tls: Arc<ClientConfig>,
}

impl Webhooks {
    /// # Errors
    /// For authorities that cannot be read.
    pub fn new(settings: WebhookSettings, resolver: Arc<dyn Resolve>) -> Result<Self, WebhookFault> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let usual = roots.len();
        for authority in CertificateDer::pem_slice_iter(&settings.authorities) {
            roots.add(authority.map_err(WebhookFault::Unreadable)?).map_err(WebhookFault::Authority)?;
        }
        if roots.len() == usual && !settings.authorities.is_empty() {
            return Err(WebhookFault::NoAuthority);
        }
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring knows the usual protocol versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { settings, resolver, tls: Arc::new(tls) })
    }

    /// The address to connect to, after every one of the host was judged.
    async fn address(&self, url: &Url) -> Result<SocketAddr, SendError> {
        let never = |what: &str| SendError::Never(what.to_owned());
        if !matches!(url.scheme(), "http" | "https") {
            return Err(never("the URL is neither http nor https"));
        }
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err(never("the URL has no host"));
        };
        let found = match host {
            Host::Ipv4(address) => vec![SocketAddr::new(IpAddr::V4(address), port)],
            Host::Ipv6(address) => vec![SocketAddr::new(IpAddr::V6(address), port)],
            Host::Domain(name) => {
                let found = self.resolver.resolve(name, port).await;
                found.map_err(|error| SendError::Later(format!("the name is not found: {error}")))?
            }
        };
        for address in &found {
            self.judge(address.ip())?;
        }
        found.first().copied().ok_or_else(|| SendError::Later("the name has no address".to_owned()))
    }

    fn judge(&self, address: IpAddr) -> Result<(), SendError> {
        if self.settings.allow_private || is_public(address) {
            return Ok(());
        }
        Err(SendError::Never("the URL leads to an address that is not public".to_owned()))
    }
}

#[async_trait]
impl WebhookSender for Webhooks {
    async fn webhook_send(&self, call: &WebhookCall) -> Result<(), SendError> {
        let answer = tokio::time::timeout(self.settings.timeout, self.post(call)).await;
        let status = answer.unwrap_or_else(|_| Err(SendError::Later("no answer in time".to_owned())))?;
        match status {
            status if status.is_success() => Ok(()),
            StatusCode::GONE => Err(SendError::Gone("the receiver wants no more of it (410)".to_owned())),
            status if status.is_redirection() => {
                Err(SendError::Later(format!("answered {}: redirects are not followed", status.as_u16())))
            }
            status => Err(SendError::Later(format!("answered {}", status.as_u16()))),
        }
    }
}

impl Webhooks {
    /// Posts once, on a connection of its own.
    async fn post(&self, call: &WebhookCall) -> Result<StatusCode, SendError> {
        let unreadable = |_| SendError::Never("the URL cannot be read".to_owned());
        let url: Url = call.url.parse().map_err(unreadable)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(SendError::Never("the URL has a user name or a password in it".to_owned()));
        }
        let address = self.address(&url).await?;
        let (id, timestamp) = (call.id.to_string(), call.at.timestamp());
        let signed = |secret: &WebhookSecret| signature(secret.key(), &id, timestamp, &call.body);
        let mut signatures = signed(&call.secret);
        if let Some(previous) = &call.previous {
            signatures = format!("{signatures} {}", signed(previous));
        }
        let request = Request::post(&url[Position::BeforePath..Position::AfterQuery])
            .header(header::HOST, &url[Position::BeforeHost..Position::AfterPort])
            .header(header::USER_AGENT, "manage-core")
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-id", &id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signatures)
            .body(Full::new(Bytes::from(call.body.clone())))
            .map_err(|_| SendError::Never("the URL cannot be asked for".to_owned()))?;
        let stream = TcpStream::connect(address).await.map_err(|error| later(&error))?;
        if url.scheme() == "http" {
            return exchange(stream, request).await;
        }
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let name = ServerName::try_from(host)
            .map_err(|_| SendError::Never("the host cannot be named in a certificate".to_owned()))?;
        let secured = TlsConnector::from(self.tls.clone()).connect(name, stream).await;
        exchange(secured.map_err(|error| later(&error))?, request).await
    }
}

/// Sends a request and waits for the head of its answer; what follows is not read.
async fn exchange<S>(stream: S, request: Request<Full<Bytes>>) -> Result<StatusCode, SendError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| later(&error))?;
    let mut connection = std::pin::pin!(connection);
    let mut answer = std::pin::pin!(sender.send_request(request));
    let answer = tokio::select! {
        answer = &mut answer => answer,
        // It is over, maybe right after the answer.
        ended = &mut connection => match ended {
            Ok(()) => answer.await,
            Err(error) => Err(error),
        },
    };
    Ok(answer.map_err(|error| later(&error))?.status())
}

/// An error with its causes, after which another attempt may go better.
fn later(error: &dyn std::error::Error) -> SendError {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    SendError::Later(text)
}
