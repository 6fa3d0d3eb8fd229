//! A real issuer of tokens on this machine: it makes keys, publishes them, and signs.

use std::{
    collections::BTreeMap,
    net::Ipv4Addr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::Context;
use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use p256::{elliptic_curve::rand_core::OsRng, elliptic_curve::sec1::ToEncodedPoint, pkcs8::EncodePrivateKey};
use rsa::{pkcs1::EncodeRsaPrivateKey, traits::PublicKeyParts};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

/// A private key with its public half as it is published.
#[derive(Clone)]
pub struct SigningKey {
    id: &'static str,
    algorithm: Algorithm,
    private: EncodingKey,
    public: Value,
}

fn text(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl SigningKey {
    /// An RSA key that signs with RS256. There is one for each id in a process: they take long to
    /// make.
    ///
    /// # Errors
    /// Where no key can be made.
    pub fn rsa(id: &'static str) -> anyhow::Result<Self> {
        static MADE: Mutex<BTreeMap<&str, rsa::RsaPrivateKey>> = Mutex::new(BTreeMap::new());
        let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
        let key = match made.get(id) {
            Some(key) => key.clone(),
            None => rsa::RsaPrivateKey::new(&mut OsRng, 2_048)?,
        };
        made.insert(id, key.clone());
        let (n, e) = (text(key.n().to_bytes_be()), text(key.e().to_bytes_be()));
        Ok(Self {
            id,
            algorithm: Algorithm::RS256,
            private: EncodingKey::from_rsa_der(key.to_pkcs1_der()?.as_bytes()),
            public: json!({"kty": "RSA", "kid": id, "n": n, "e": e}),
        })
    }

    /// The same key, signing with another algorithm of its kind.
    #[must_use]
    pub fn with(&self, algorithm: Algorithm) -> Self {
        Self { algorithm, ..self.clone() }
    }

    /// A key on the curve P-256, which signs with ES256.
    ///
    /// # Errors
    /// Where no key can be made.
    pub fn ec(id: &'static str) -> anyhow::Result<Self> {
        let key = p256::SecretKey::random(&mut OsRng);
        let point = key.public_key().to_encoded_point(false);
        let (x, y) = point.x().zip(point.y()).context("a public key is no point at infinity")?;
        let der = key.to_pkcs8_der().map_err(|error| anyhow::anyhow!("{error}"))?;
        Ok(Self {
            id,
            algorithm: Algorithm::ES256,
            private: EncodingKey::from_ec_der(der.as_bytes()),
            public: json!({"kty": "EC", "crv": "P-256", "kid": id, "x": text(x), "y": text(y)}),
        })
    }

    /// A key on the curve Ed25519, which signs with EdDSA.
    ///
    /// # Errors
    /// Where no key can be made.
    pub fn ed(id: &'static str) -> anyhow::Result<Self> {
        use p256::elliptic_curve::rand_core::RngCore as _;
        let mut seed = [0; 32];
        OsRng.fill_bytes(&mut seed);
        let key = ed25519_dalek::SigningKey::from_bytes(&seed);
        let der = ed25519_dalek::pkcs8::EncodePrivateKey::to_pkcs8_der(&key)
            .map_err(|error| anyhow::anyhow!("{error}"))?;
        Ok(Self {
            id,
            algorithm: Algorithm::EdDSA,
            private: EncodingKey::from_ed_der(der.as_bytes()),
            public: json!({"kty": "OKP", "crv": "Ed25519", "kid": id, "x": text(key.verifying_key().as_bytes())}),
        })
    }

    /// A signed token.
    ///
    /// # Errors
    /// Where the key cannot sign.
    pub fn sign(&self, claims: &Value) -> anyhow::Result<String> {
        self.sign_as(&Header { kid: Some(self.id.to_owned()), ..Header::new(self.algorithm) }, claims)
    }

    /// The public half, as a JSON web key.
    pub fn public(&self) -> &Value {
        &self.public
    }

    /// A token that says of itself what the header says.
    ///
    /// # Errors
    /// Where the key cannot sign.
    pub fn sign_as(&self, header: &Header, claims: &Value) -> anyhow::Result<String> {
        Ok(encode(header, claims, &self.private)?)
    }
}

/// How an issuer behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mood {
    Well,
    /// Answers 503 to everything.
    Away,
    /// Calls itself by another name.
    AnotherName,
    /// Says that keys lie elsewhere.
    KeysAt(String),
    /// Sends who asks for keys on to another place.
    Redirects(String),
    /// Answers with a document without an end in sight.
    Endless,
}

struct Published {
    mood: Mood,
    keys: Vec<Value>,
    asked: u32,
}

/// An issuer that runs until it is dropped.
pub struct LocalIssuer {
    pub url: String,
    state: Arc<(String, Mutex<Published>)>,
    server: JoinHandle<()>,
}

impl Drop for LocalIssuer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl LocalIssuer {
    /// Publishes these keys.
    ///
    /// # Errors
    /// Where no port can be had.
    pub async fn start(keys: &[&SigningKey]) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}/realms/fleet", listener.local_addr()?);
        let published = Published { mood: Mood::Well, keys: Vec::new(), asked: 0 };
        let state = Arc::new((url.clone(), Mutex::new(published)));
        let router = Router::new()
            .route("/realms/fleet/.well-known/openid-configuration", get(document))
            .route("/realms/fleet/keys", get(published_keys))
            .with_state(state.clone());
        let server = tokio::spawn(async move {
            // It ends with the test.
            let _ = axum::serve(listener, router).await;
        });
        let issuer = Self { url, state, server };
        issuer.publish(keys);
        Ok(issuer)
    }

    fn published(&self) -> MutexGuard<'_, Published> {
        locked(&self.state.1)
    }

    /// Replaces the published keys.
    pub fn publish(&self, keys: &[&SigningKey]) {
        self.published().keys = keys.iter().map(|key| key.public.clone()).collect();
    }

    pub fn is(&self, mood: Mood) {
        self.published().mood = mood;
    }

    /// How often somebody asked for the document, whatever the answer was.
    pub fn asked(&self) -> u32 {
        self.published().asked
    }
}

fn locked(published: &Mutex<Published>) -> MutexGuard<'_, Published> {
    published.lock().unwrap_or_else(PoisonError::into_inner)
}

type Shared = State<Arc<(String, Mutex<Published>)>>;

async fn document(State(state): Shared) -> Response {
    let (url, mut published) = (state.0.clone(), locked(&state.1));
    published.asked += 1;
    match &published.mood {
        Mood::Away => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Mood::AnotherName => {
            Json(json!({"issuer": format!("{url}/"), "jwks_uri": format!("{url}/keys")})).into_response()
        }
        Mood::KeysAt(place) => Json(json!({"issuer": url, "jwks_uri": place})).into_response(),
        Mood::Well | Mood::Redirects(_) | Mood::Endless => {
            Json(json!({"issuer": url, "jwks_uri": format!("{url}/keys")})).into_response()
        }
    }
}

async fn published_keys(State(state): Shared) -> Response {
    let published = locked(&state.1);
    match &published.mood {
        Mood::Away => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Mood::Redirects(place) => Redirect::temporary(place).into_response(),
        Mood::Endless => {
            ([(header::CONTENT_TYPE, "application/json")], " ".repeat(1_000_000)).into_response()
        }
        Mood::Well | Mood::AnotherName | Mood::KeysAt(_) => {
            Json(json!({"keys": published.keys})).into_response()
        }
    }
}
