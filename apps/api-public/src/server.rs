//! The server on its socket.

use std::{net::SocketAddr, sync::Arc};

use http_kit::{Health, Shell, serve};
use runtime::{Process, process::listen};

use crate::{authenticator, router};

/// Serves the partners' API until the process stops; returns its address.
///
/// # Errors
/// Where the address cannot be taken.
pub async fn start(process: &Process) -> anyhow::Result<SocketAddr> {
    let listener = listen("public.bind", process.config.public.bind).await?;
    let address = listener.local_addr()?;
    let stopping = process.lifecycle.stopping();
    let health = Health::of(stopping.clone(), process.probes());
    let shell = Shell {
        metrics: process.metrics.clone(),
        proxies: Arc::new(process.config.proxies.clone()),
        ..Shell::new("public", process.backends.ids.clone(), health)
    };
    let router = router(process.services.clone(), authenticator(process.services.clone()), shell);
    process.lifecycle.spawn("public API", async move {
        serve(listener, router, stopping).await;
        Ok(())
    });
    Ok(address)
}
