//! From where a request comes.

use std::{convert::Infallible, net::IpAddr};

use axum::{extract::FromRequestParts, http::request};

/// The address at the other end of the connection, which [`crate::serve`] notes. Behind a proxy it
/// is who asked that, where the proxy is trusted, else the proxy's. Absent where a router is asked without a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Peer(pub Option<IpAddr>);

impl<S: Send + Sync> FromRequestParts<S> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut request::Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().copied().unwrap_or_default())
    }
}
