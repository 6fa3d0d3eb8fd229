//! Who is asking, found out before any handler runs.

use std::sync::Arc;

use async_trait::async_trait;
use axum::{
    extract::{Request, State},
    http::{HeaderMap, header},
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use kernel::{Scope, StoreError, idempotency::IdempotencyStore};
use utoipa_axum::router::OpenApiRouter;

use crate::{
    extract::Peer,
    layer::{Metering, RequestId, idempotency, meter},
    problem::Problem,
};

/// Turns credentials into a scope. Each server has its own: what one takes, the other refuses.
#[async_trait]
pub trait Authenticator: Send + Sync {
    /// The scope that a bearer token stands for, as it is now.
    async fn authenticate(&self, bearer: &str) -> Result<Scope, AuthFailure>;
}

#[derive(Debug, thiserror::Error)]
pub enum AuthFailure {
    /// Unknown, expired, revoked or not of this server: the caller learns no more.
    #[error("the token is not valid")]
    Refused,
    /// Nobody can tell now.
    #[error("credentials cannot be checked")]
    Store(#[from] StoreError),
}

/// Puts routes behind sign-in, and gives their POSTs idempotency keys. Where callers are metered,
/// repeats count as well.
pub fn secured<S>(
    routes: OpenApiRouter<S>,
    authenticator: Arc<dyn Authenticator>,
    metering: Option<Metering>,
    idempotent: Arc<dyn IdempotencyStore>,
) -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    let mut routes = routes.route_layer(from_fn_with_state(idempotent, idempotency));
    if let Some(metering) = metering {
        routes = routes.route_layer(from_fn_with_state(metering, meter));
    }
    routes.route_layer(from_fn_with_state(authenticator, authenticate))
}

async fn authenticate(
    State(authenticator): State<Arc<dyn Authenticator>>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let Some(bearer) = bearer(request.headers()) else {
        return Err(Problem::unauthenticated("Bearer", "a bearer token is needed"));
    };
    let scope = match authenticator.authenticate(bearer).await {
        Ok(scope) => scope,
        Err(AuthFailure::Refused) => {
            metrics::counter!("credentials_refused_total").increment(1);
            let challenge = "Bearer error=\"invalid_token\"";
            return Err(Problem::unauthenticated(challenge, "the token is not valid"));
        }
        Err(AuthFailure::Store(error)) => return Err(error.into()),
    };
    let scope = match request.extensions().get::<RequestId>() {
        Some(id) => scope.with_request_id(id.as_str()),
        None => scope,
    };
    let scope = match request.extensions().get::<Peer>() {
        Some(Peer(Some(address))) => scope.with_address(*address),
        _ => scope,
    };
    request.extensions_mut().insert(scope);
    Ok(next.run(request).await)
}

/// The one bearer token of a request.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (value, None) = (values.next()?, values.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
