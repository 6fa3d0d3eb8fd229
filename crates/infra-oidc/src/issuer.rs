//! Issuers that are trusted, each with its keys.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use access::{ForeignClaims, ForeignError, ForeignTokens, Refusal};
use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use jsonwebtoken::{DecodingKey, Header, Validation, decode, decode_header, errors::ErrorKind};
use kernel::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::{
    algorithm::SigningAlgorithm,
    claims,
    http::{FetchError, Http},
    keys::{KeySet, Published, Wanted},
    settings::{IssuerSettings, is_loopback, is_trustworthy},
    turns::Turns,
};

/// After this long keys are asked for again, so that what the issuer took back ends here too.
const FRESH_FOR: TimeDelta = TimeDelta::minutes(15);
/// For this long keys are good while the issuer does not answer.
const KEPT_FOR: TimeDelta = TimeDelta::hours(24);
/// Longer texts are no tokens of anybody.
const LONGEST_TOKEN: usize = 16 * 1024;
/// The types of token that are access tokens. Absent is allowed, since many issuers write none.
const TYPES: [&str; 3] = ["jwt", "at+jwt", "application/at+jwt"];

/// Every issuer that the configuration names.
pub struct Issuers {
    by_name: BTreeMap<String, Issuer>,
}

struct Issuer {
    name: Arc<str>,
    settings: IssuerSettings,
    document: Url,
    http: Arc<Http>,
    keys: Mutex<Keys>,
    /// One asks the issuer at a time.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Keys {
    held: Option<(Arc<KeySet>, Timestamp)>,
    turns: Turns,
}

/// What an issuer publishes about itself, as far as it matters here.
#[derive(Deserialize)]
struct Document {
    issuer: String,
    jwks_uri: String,
}

impl Issuers {
    /// Issuers by settings that [`crate::check`] accepts.
    ///
    /// # Errors
    /// Where the TLS library cannot be set up, or a setting is no URL.
    pub fn new(settings: &[IssuerSettings]) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let http = Arc::new(Http::new()?);
        let mut by_name = BTreeMap::new();
        for settings in settings {
            let document =
                format!("{}/.well-known/openid-configuration", settings.issuer.trim_end_matches('/'));
            let issuer = Issuer {
                name: settings.issuer.as_str().into(),
                settings: settings.clone(),
                document: document.parse()?,
                http: http.clone(),
                keys: Mutex::default(),
                turn: tokio::sync::Mutex::default(),
            };
            by_name.insert(settings.issuer.clone(), issuer);
        }
        Ok(Self { by_name })
    }
}

#[async_trait]
impl ForeignTokens for Issuers {
    async fn read(&self, token: &str, now: Timestamp) -> Result<ForeignClaims, ForeignError> {
        let issuer = claimed_issuer(token).and_then(|name| self.by_name.get(&name));
        issuer.ok_or(ForeignError::NotTrusted)?.read(token, now).await
    }
}

/// Who a token says it is of, before anything is checked: it only chooses the keys.
fn claimed_issuer(token: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Claims {
        iss: String,
    }
    if token.len() > LONGEST_TOKEN {
        return None;
    }
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    Some(serde_json::from_slice::<Claims>(&payload).ok()?.iss)
}

impl Issuer {
    async fn read(&self, token: &str, now: Timestamp) -> Result<ForeignClaims, ForeignError> {
        let refused = |why| ForeignError::Refused { issuer: self.name.clone(), why };
        let (header, algorithm) = self.header(token).map_err(refused)?;
        let wanted = Wanted { id: header.kid.as_deref(), algorithm };
        let key = self.key(wanted, now).await?.ok_or_else(|| refused(Refusal::UnknownKey))?;
        self.checked(token, algorithm, &key, now).map_err(refused)
    }

    /// What the token says of itself, as far as it may say so.
    fn header(&self, token: &str) -> Result<(Header, SigningAlgorithm), Refusal> {
        // An algorithm without a name in the library, such as none, ends here.
        let header = decode_header(token).map_err(|_| Refusal::Malformed)?;
        let allowed = SigningAlgorithm::of(header.alg).filter(|word| self.settings.algorithms.contains(word));
        let algorithm = allowed.ok_or(Refusal::Algorithm)?;
        let kind = header.typ.as_ref().map(|kind| kind.to_ascii_lowercase());
        // What is marked as critical must be understood, and nothing is.
        if header.crit.is_some() || kind.is_some_and(|kind| !TYPES.contains(&kind.as_str())) {
            return Err(Refusal::Malformed);
        }
        Ok((header, algorithm))
    }

    fn checked(
        &self,
        token: &str,
        algorithm: SigningAlgorithm,
        key: &DecodingKey,
        now: Timestamp,
    ) -> Result<ForeignClaims, Refusal> {
        let mut rules = Validation::new(algorithm.of_library());
        rules.set_issuer(&[&*self.name]);
        rules.set_audience(&self.settings.audiences.iter().collect::<Vec<_>>());
        rules.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // Times are checked below, by our clock.
        rules.validate_exp = false;
        let claims = decode::<Value>(token, key, &rules).map_err(|error| match error.kind() {
            ErrorKind::InvalidAudience => Refusal::Audience,
            ErrorKind::InvalidIssuer | ErrorKind::MissingRequiredClaim(_) | ErrorKind::Json(_) => {
                Refusal::Claims
            }
            _ => Refusal::Signature,
        })?;
        let claims = claims.claims;
        let skew = TimeDelta::seconds(self.settings.clock_skew_seconds.into());
        claims::check_times(&claims, now, skew)?;
        claims::read(&claims, &self.settings)
    }

    /// The key that a token names; `None` where the issuer has none of that name.
    async fn key(&self, wanted: Wanted<'_>, now: Timestamp) -> Result<Option<DecodingKey>, ForeignError> {
        let (held, fresh) = self.held(now);
        let known = held.and_then(|keys| keys.find(wanted));
        if known.is_some() && fresh {
            return Ok(known);
        }
        // Who has a key does not wait for somebody else's question.
        let turn = match &known {
            Some(_) => self.turn.try_lock().ok(),
            None => Some(self.turn.lock().await),
        };
        let Some(_turn) = turn else { return Ok(known) };
        if self.keys().turns.may_ask(now) {
            self.ask(now).await;
        }
        match self.held(now) {
            (Some(keys), _) => Ok(keys.find(wanted)),
            (None, _) => Err(ForeignError::Away { issuer: self.name.clone() }),
        }
    }

    fn keys(&self) -> MutexGuard<'_, Keys> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The keys that may be used, and whether they are young enough not to be asked for.
    fn held(&self, now: Timestamp) -> (Option<Arc<KeySet>>, bool) {
        match &self.keys().held {
            Some((keys, at)) if now - *at < KEPT_FOR => (Some(keys.clone()), now - *at < FRESH_FOR),
            _ => (None, false),
        }
    }

    async fn ask(&self, now: Timestamp) {
        let outcome = self.fetch().await;
        let (word, up) = if outcome.is_ok() { ("fetched", 1.0) } else { ("failed", 0.0) };
        let issuer = self.name.to_string();
        metrics::counter!("oidc_key_fetches_total", "issuer" => issuer.clone(), "outcome" => word)
            .increment(1);
        metrics::gauge!("oidc_issuer_answers", "issuer" => issuer).set(up);
        let mut keys = self.keys();
        keys.turns.asked(now, outcome.is_ok());
        match outcome {
            Ok(found) => {
                tracing::debug!(oidc.issuer = %self.name, oidc.keys = found.len(), "keys fetched");
                keys.held = Some((Arc::new(found), now));
            }
            Err(error) => tracing::warn!(
                oidc.issuer = %self.name,
                error = &error as &dyn std::error::Error,
                "the keys of an issuer cannot be fetched; those known are used for up to a day"
            ),
        }
    }

    async fn fetch(&self) -> Result<KeySet, FetchError> {
        let document: Document = self.http.get(&self.document).await?;
        if document.issuer != *self.name {
            return Err(FetchError::AnotherIssuer { url: self.document.clone(), found: document.issuer });
        }
        let place = document.jwks_uri.parse::<Url>().ok().filter(|place| self.may_hold_keys(place));
        let place = place.ok_or(FetchError::Place(document.jwks_uri))?;
        let keys = KeySet::read(self.http.get::<Published>(&place).await?);
        if keys.is_empty() {
            return Err(FetchError::NoKeys { url: place });
        }
        Ok(keys)
    }

    /// Keys lie where the issuer says, which may be another host; but a document that came by TLS
    /// does not lead to where there is none, nor into this machine.
    fn may_hold_keys(&self, place: &Url) -> bool {
        is_trustworthy(place) && is_loopback(place) == is_loopback(&self.document)
    }
}
