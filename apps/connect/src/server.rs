//! The gateway on its socket.

use std::{net::SocketAddr, sync::Arc};

use connect_router::{ConnectionEvents, InboundCalls};
use http_kit::{Health, Shell, serve};
use runtime::{Process, process::listen};
use utoipa::OpenApi;

use crate::gateway::Gateway;

#[derive(OpenApi)]
#[openapi(info(
    title = "manage-core, gateway",
    description = "Chargers connect to `ws://…/ocpp/{identity}` with the subprotocol `ocpp1.6`."
))]
struct Document;

/// Serves chargers until the process stops; returns its address, and the way to the chargers.
///
/// # Errors
/// Where the address cannot be taken.
pub async fn start(
    process: &Process,
    calls: Arc<dyn InboundCalls>,
    events: Arc<dyn ConnectionEvents>,
) -> anyhow::Result<(SocketAddr, Gateway)> {
    let listener = listen("connect.bind", process.config.connect.bind).await?;
    let address = listener.local_addr()?;
    let stopping = process.lifecycle.stopping();
    let gateway = Gateway::new(
        process.config.connect.clone(),
        process.backends.sea.clone(),
        process.services.hasher.clone(),
        calls,
        events,
        process.backends.clock.clone(),
        stopping.clone(),
    );
    let health = Health::new(stopping.clone()).backend("database", process.database_probe());
    let shell = Shell {
        metrics: process.metrics.clone(),
        ..Shell::new("connect", process.backends.ids.clone(), health)
    };
    let router = shell.around(gateway.router(), &Document::openapi());
    let sockets = gateway.clone();
    process.lifecycle.spawn("gateway", async move {
        serve(listener, router, stopping).await;
        sockets.drained().await;
        Ok(())
    });
    Ok((address, gateway))
}
