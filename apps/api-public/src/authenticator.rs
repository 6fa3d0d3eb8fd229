//! Callers of this API carry API keys or tokens of API keys, and nothing else.

use std::sync::Arc;

use access::AuthError;
use async_trait::async_trait;
use http_kit::{AuthFailure, Authenticator};
use kernel::{Scope, StoreError};

use crate::App;

/// What decides who a caller of this API is. A token of the operators' API is nobody here.
pub fn authenticator(app: App) -> Arc<dyn Authenticator> {
    Arc::new(ApiKeys(app))
}

struct ApiKeys(App);

#[async_trait]
impl Authenticator for ApiKeys {
    async fn authenticate(&self, bearer: &str) -> Result<Scope, AuthFailure> {
        self.0.access.auth.authenticate_client(bearer).await.map_err(|error| match error {
            AuthError::Refused | AuthError::Throttled { .. } => AuthFailure::Refused,
            AuthError::Store(error) => AuthFailure::Store(error),
            other @ (AuthError::Hash(_) | AuthError::Token(_) | AuthError::Foreign(_)) => {
                AuthFailure::Store(StoreError::Failed(Box::new(other)))
            }
        })
    }
}
