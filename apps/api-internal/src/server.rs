//! The server on its socket.

use std::{net::SocketAddr, sync::Arc};

use http_kit::{Authenticator, Health, Shell, serve};
use runtime::{Process, process::listen};

use crate::router;

/// Serves the operators' API until the process stops; returns its address.
///
/// # Errors
/// Where the address cannot be taken.
pub async fn start(process: &Process, authenticator: Arc<dyn Authenticator>) -> anyhow::Result<SocketAddr> {
    let listener = listen("internal.bind", process.config.internal.bind).await?;
    let address = listener.local_addr()?;
    let stopping = process.lifecycle.stopping();
    let health = Health::new(stopping.clone()).backend("database", process.database_probe());
    let shell = Shell {
        metrics: process.metrics.clone(),
        ..Shell::new("internal", process.backends.ids.clone(), health)
    };
    let router = router(process.services.clone(), authenticator, shell);
    process.lifecycle.spawn("internal API", async move {
        serve(listener, router, stopping).await;
        Ok(())
    });
    Ok(address)
}
