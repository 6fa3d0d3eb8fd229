//! The server on its socket.

use std::{net::SocketAddr, sync::Arc};

use http_kit::{Health, Shell, serve};
use runtime::{Process, process::listen};

use crate::{authenticator, router};

/// Serves the operators' API until the process stops; returns its address.
///
/// # Errors
/// Where the address cannot be taken.
pub async fn start(process: &Process) -> anyhow::Result<SocketAddr> {
    let listener = listen("internal.bind", process.config.internal.bind).await?;
    let address = listener.local_addr()?;
    let stopping = process.lifecycle.stopping();
    let health = Health::of(stopping.clone(), process.probes());
    let shell = Shell {
        metrics: process.metrics.clone(),
        proxies: Arc::new(process.config.proxies.clone()),
        ..Shell::new("internal", process.backends.ids.clone(), health)
    };
    let router = router(process.services.clone(), authenticator(process.services.clone()), shell);
    let feed = process.services.feed.clone();
    process.lifecycle.spawn("internal API", async move {
        // Streams of events never end by themselves, and the server waits for its answers.
        let closing = async {
            stopping.cancelled().await;
            feed.close();
        };
        tokio::join!(serve(listener, router, stopping.clone()), closing);
        Ok(())
    });
    Ok(address)
}
