//! Callers of this API carry access tokens, and nothing else.

use std::sync::Arc;

use access::AuthError;
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
            other @ (AuthError::Hash(_) | AuthError::Token(_)) => {
                AuthFailure::Store(StoreError::Failed(Box::new(other)))
            }
        })
    }
}
