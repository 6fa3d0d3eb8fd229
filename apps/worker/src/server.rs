//! How a worker that is a process of its own is looked after.

use std::net::SocketAddr;

use http_kit::{Health, Shell, serve};
use runtime::{Process, process::listen};
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(info(title = "manage-core, worker", description = "It has no API; see `/readyz` and `/metrics`."))]
struct Document;

/// Serves `/livez`, `/readyz` and `/metrics` until the process stops; returns its address.
///
/// # Errors
/// Where the address cannot be taken.
pub async fn serve_operation(process: &Process) -> anyhow::Result<SocketAddr> {
    let listener = listen("worker.bind", process.config.worker.bind).await?;
    let address = listener.local_addr()?;
    let stopping = process.lifecycle.stopping();
    let health = Health::of(stopping.clone(), process.probes());
    let ids = process.backends.ids.clone();
    let shell = Shell { metrics: process.metrics.clone(), ..Shell::new("worker", ids, health) };
    let router = shell.around(axum::Router::new(), &Document::openapi());
    process.lifecycle.spawn("operation", async move {
        serve(listener, router, stopping).await;
        Ok(())
    });
    Ok(address)
}
