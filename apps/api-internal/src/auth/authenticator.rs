//! Callers of this API carry access tokens, ours or those of an issuer that is trusted, and nothing
//! else.

use std::sync::Arc;

use access::{AuthError, ForeignError};
use async_trait::async_trait;
use http_kit::{AuthFailure, Authenticator};
use kernel::{Scope, StoreError};

use crate::App;

/// What decides who a caller of this API is. An API key is nobody here.
pub fn authenticator(app: App) -> Arc<dyn Authenticator> {
    Arc::new(AccessTokens(app))
}

struct AccessTokens(App);

#[async_trait]
impl Authenticator for AccessTokens {
    async fn authenticate(&self, bearer: &str) -> Result<Scope, AuthFailure> {
        self.0.access.auth.authenticate(bearer).await.map_err(|error| match error {
            AuthError::Refused | AuthError::Throttled { .. } => AuthFailure::Refused,
            AuthError::Store(error) => AuthFailure::Store(error),
            AuthError::Foreign(error) => foreign(error),
            other @ (AuthError::Hash(_) | AuthError::Token(_)) => {
                AuthFailure::Store(StoreError::Failed(Box::new(other)))
            }
        })
    }
}

/// The caller learns as much as of a token of ours; the reason is for who runs the server.
fn foreign(error: ForeignError) -> AuthFailure {
    let (issuer, reason) = match &error {
        ForeignError::NotTrusted => return AuthFailure::Refused,
        ForeignError::Refused { issuer, why } => (issuer, why.word()),
        ForeignError::Away { issuer } => (issuer, "issuer_away"),
    };
    metrics::counter!("oidc_tokens_refused_total", "issuer" => issuer.to_string(), "reason" => reason)
        .increment(1);
    tracing::debug!(oidc.issuer = %issuer, oidc.reason = reason, "a token is not taken");
    match error {
        ForeignError::Away { .. } => AuthFailure::Store(StoreError::Unavailable(Box::new(error))),
        ForeignError::Refused { .. } | ForeignError::NotTrusted => AuthFailure::Refused,
    }
}
