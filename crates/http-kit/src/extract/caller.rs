//! Who is asking.

use axum::{extract::FromRequestParts, http::request};
use kernel::Scope;

use crate::problem::Problem;

/// The scope that authentication put into the request. A route that asks for it outside of
/// authentication answers 401.
#[derive(Clone, Debug)]
pub struct Caller(pub Scope);

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut request::Parts, _: &S) -> Result<Self, Problem> {
        let scope = parts.extensions.get::<Scope>().cloned();
        scope.map(Self).ok_or_else(|| Problem::unauthenticated("Bearer", "sign in first"))
    }
}
