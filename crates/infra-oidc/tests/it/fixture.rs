//! An issuer, who trusts it, and tokens of it.

use access::{ForeignClaims, ForeignError, ForeignTokens, Refusal};
use infra_oidc::{IssuerSettings, Issuers};
use kernel::{Clock, Timestamp, testing::FakeClock};
use serde_json::{Value, json};
use testkit::issuer::{LocalIssuer, SigningKey};

pub struct Fixture {
    pub issuer: LocalIssuer,
    pub issuers: Issuers,
    pub key: SigningKey,
    pub clock: FakeClock,
}

/// Settings that take every kind of key.
pub fn settings(issuer: &str) -> IssuerSettings {
    let settings: IssuerSettings = serde_json::from_value(json!({
        "issuer": issuer,
        "audiences": ["manage", "another"],
        "organisation": "default",
        "roles_claim": "groups",
        "roles": [{"value": "ops", "role": "operator"}],
        "algorithms": ["RS256", "PS256", "ES256", "EdDSA"],
    }))
    .unwrap();
    infra_oidc::check(std::slice::from_ref(&settings)).unwrap();
    settings
}

pub async fn fixture() -> Fixture {
    let key = SigningKey::rsa("rsa-1").unwrap();
    let issuer = LocalIssuer::start(&[&key]).await.unwrap();
    let issuers = Issuers::new(&[settings(&issuer.url)]).unwrap();
    Fixture { issuer, issuers, key, clock: FakeClock::default() }
}

impl Fixture {
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Claims that are good for a day.
    pub fn claims(&self) -> Value {
        let now = self.now().timestamp();
        json!({"iss": self.issuer.url, "aud": "manage", "sub": "ada", "iat": now, "exp": now + 86_400,
            "groups": ["ops"], "email": "ada@corp.example", "name": "Ada"})
    }

    pub fn changed(&self, name: &str, value: Value) -> Value {
        let mut claims = self.claims();
        claims[name] = value;
        claims
    }

    pub async fn read(&self, token: &str) -> Result<ForeignClaims, ForeignError> {
        self.issuers.read(token, self.now()).await
    }

    pub async fn takes(&self, key: &SigningKey) -> bool {
        self.read(&key.sign(&self.claims()).unwrap()).await.is_ok()
    }

    /// Why a token is refused.
    pub async fn why(&self, token: &str) -> Option<Refusal> {
        match self.read(token).await {
            Err(ForeignError::Refused { why, .. }) => Some(why),
            _ => None,
        }
    }
}
