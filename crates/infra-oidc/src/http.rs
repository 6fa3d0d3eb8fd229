//! Fetching what an issuer publishes: small documents, within a time, from where we were sent and
//! from nowhere else. Redirects are not followed.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::{
    Request, StatusCode,
    header::{ACCEPT, USER_AGENT},
};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use rustls::{ClientConfig, RootCertStore};
use serde::de::DeserializeOwned;
use url::Url;

/// The largest document taken, in bytes. The largest key sets in use have some 20,000.
const LARGEST: usize = 256 * 1024;
/// How long one document may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Why a document cannot be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    #[error("{url} does not answer")]
    Request {
        url: Url,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    #[error("{url} does not answer within {} s", PATIENCE.as_secs())]
    TooSlow { url: Url },
    #[error("{url} answers {status}")]
    Status { url: Url, status: StatusCode },
    #[error("{url} sends no whole document of at most {LARGEST} bytes")]
    Body {
        url: Url,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    #[error("{url} sends what cannot be read")]
    Unreadable {
        url: Url,
        #[source]
        source: serde_json::Error,
    },
    #[error("the document at {url} is of the issuer {found}")]
    AnotherIssuer { url: Url, found: String },
    #[error("the keys are said to be at {0}, which is no place for keys")]
    Place(String),
    #[error("{url} has no key that can be used")]
    NoKeys { url: Url },
}

pub(crate) struct Http(Client<HttpsConnector<HttpConnector>, Empty<Bytes>>);

impl Http {
    /// # Errors
    /// Where the TLS library cannot be set up.
    pub(crate) fn new() -> Result<Self, rustls::Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots())
            .with_no_client_auth();
        let connector =
            HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().build();
        // Questions are rare: a connection kept for the next would be dead by then.
        Ok(Self(Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector)))
    }

    pub(crate) async fn get<T: DeserializeOwned>(&self, url: &Url) -> Result<T, FetchError> {
        let body = tokio::time::timeout(PATIENCE, self.body(url)).await;
        let body = body.map_err(|_| FetchError::TooSlow { url: url.clone() })??;
        serde_json::from_slice(&body).map_err(|source| FetchError::Unreadable { url: url.clone(), source })
    }

    async fn body(&self, url: &Url) -> Result<Bytes, FetchError> {
        let failed = |source: Box<dyn std::error::Error + Send + Sync>| FetchError::Request {
            url: url.clone(),
            source,
        };
        let request = Request::get(url.as_str())
            .header(ACCEPT, "application/json, application/jwk-set+json")
            .header(USER_AGENT, "manage-core")
            .body(Empty::new())
            .map_err(|error| failed(error.into()))?;
        let response = self.0.request(request).await.map_err(|error| failed(error.into()))?;
        if response.status() != StatusCode::OK {
            return Err(FetchError::Status { url: url.clone(), status: response.status() });
        }
        let body = Limited::new(response.into_body(), LARGEST).collect().await;
        Ok(body.map_err(|source| FetchError::Body { url: url.clone(), source })?.to_bytes())
    }
}

/// The roots of the machine, where an operator adds those of their own; compiled-in ones where it has
/// none, as in a bare container.
fn roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::warn!(error = %error, "a root certificate of this machine cannot be read");
    }
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    roots
}
