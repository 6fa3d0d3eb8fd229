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
use notification::{SendError, WebhookCall, WebhookSender};
use reqwest::{Client, StatusCode, header, redirect::Policy};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use url::{Host, Url};

use crate::{guard::is_public, sign::signature};

/// How webhooks are sent.
#[derive(Clone, Copy, Debug)]
pub struct WebhookSettings {
    /// Whether addresses of private networks, link-local ones and this machine may be reached.
    pub allow_private: bool,
    /// From the first step to the answer.
    pub timeout: Duration,
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
    tls: ClientConfig,
}

impl Webhooks {
    pub fn new(settings: WebhookSettings, resolver: Arc<dyn Resolve>) -> Self {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring knows the usual protocol versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self { settings, resolver, tls }
    }

    /// A client that can reach nothing but the address that was judged.
    async fn client(&self, url: &Url) -> Result<Client, SendError> {
        let never = |what: &str| SendError::Never(what.to_owned());
        if !matches!(url.scheme(), "http" | "https") {
            return Err(never("the URL is neither http nor https"));
        }
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err(never("the URL has no host"));
        };
        let mut builder = Client::builder()
            .tls_backend_preconfigured(self.tls.clone())
            .redirect(Policy::none())
            .no_proxy()
            .http1_only()
            .pool_max_idle_per_host(0)
            .timeout(self.settings.timeout)
            .user_agent("manage-core");
        match host {
            Host::Ipv4(address) => self.judge(IpAddr::V4(address))?,
            Host::Ipv6(address) => self.judge(IpAddr::V6(address))?,
            Host::Domain(name) => {
                let found = tokio::time::timeout(self.settings.timeout, self.resolver.resolve(name, port));
                let found = match found.await {
                    Ok(Ok(found)) => found,
                    Ok(Err(error)) => {
                        return Err(SendError::Later(format!("the name is not found: {error}")));
                    }
                    Err(_) => return Err(SendError::Later("the name is not found in time".to_owned())),
                };
                for address in &found {
                    self.judge(address.ip())?;
                }
                let Some(first) = found.first() else {
                    return Err(SendError::Later("the name has no address".to_owned()));
                };
                builder = builder.resolve_to_addrs(name, &[*first]);
            }
        }
        builder.build().map_err(|error| SendError::Later(format!("no client: {error}")))
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
        let url: Url = call.url.parse().map_err(|_| SendError::Never("the URL cannot be read".to_owned()))?;
        let client = self.client(&url).await?;
        let (id, timestamp) = (call.id.to_string(), call.at.timestamp());
        let request = client
            .post(url)
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-id", &id)
            .header("webhook-timestamp", timestamp.to_string())
            .header("webhook-signature", signature(call.secret.key(), &id, timestamp, &call.body))
            .body(call.body.clone());
        let status = match request.send().await {
            Ok(response) => response.status(),
            Err(error) if error.is_timeout() => {
                return Err(SendError::Later("no answer in time".to_owned()));
            }
            Err(error) => return Err(SendError::Later(chain(&error.without_url()))),
        };
        match status {
            status if status.is_success() => Ok(()),
            StatusCode::GONE => Err(SendError::Never("the receiver wants no more of it (410)".to_owned())),
            status if status.is_redirection() => {
                Err(SendError::Later(format!("answered {}: redirects are not followed", status.as_u16())))
            }
            status => Err(SendError::Later(format!("answered {}", status.as_u16()))),
        }
    }
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
