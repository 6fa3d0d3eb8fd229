//! Who asked the proxies in front of the server.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use kernel::Proxies;

use crate::extract::Peer;

/// Puts the caller in the place of the proxy, where it is one of ours.
pub(crate) async fn behind(
    State(proxies): State<Arc<Proxies>>,
    mut request: Request,
    next: Next,
) -> Response {
    if let Some(Peer(Some(peer))) = request.extensions().get::<Peer>() {
        let values = request.headers().get_all(proxies.header.name()).iter();
        // What is no text was written by none of ours, and hides what is left of it.
        let caller = proxies.caller(*peer, values.map(|value| value.to_str().unwrap_or("unreadable")));
        request.extensions_mut().insert(Peer(Some(caller)));
    }
    next.run(request).await
}
