//! The gateway on its socket, with the router behind it and the orders that come the other way.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use charge_point::CommandQueue;
use connect_router::{Dispatcher, Handler, Router, RouterTx, Settings, router};
use http_kit::{Health, Shell, serve};
use kernel::Begin;
use runtime::{Process, process::listen};
use tokio::sync::Notify;
use utoipa::OpenApi;

use crate::{dispatch::Orders, gateway::Gateway};

#[derive(OpenApi)]
#[openapi(info(
    title = "manage-core, gateway",
    description = "Chargers connect to `ws://…/ocpp/{identity}` with the subprotocol `ocpp1.6`."
))]
struct Document;

/// A running gateway.
pub struct Started {
    pub address: SocketAddr,
    pub gateway: Gateway,
    /// Where calls can be handed in besides the sockets.
    pub router: Router,
}

/// Serves chargers until the process stops. `orders` is rung when orders were given; those of
/// other processes are found without.
///
/// # Errors
/// Where the address cannot be taken, or the store does not answer.
pub async fn start(process: &Process, orders: Arc<Notify>) -> anyhow::Result<Started> {
    let (config, backends) = (&process.config.connect, &process.backends);
    let (clock, ids) = (backends.clock.clone(), backends.ids.clone());
    let settings = Settings {
        heartbeat_interval_seconds: config.heartbeat_interval_seconds,
        meter_interval_seconds: config.meter_interval_seconds,
    };
    all_offline(process, &Handler::new(clock.clone(), ids.clone(), settings)).await?;
    let store: Arc<dyn Begin<dyn RouterTx>> = backends.sea.clone();
    let (calls, router_loop) = router(store, Handler::new(clock.clone(), ids.clone(), settings), ids.clone());

    let listener = listen("connect.bind", config.bind).await?;
    let address = listener.local_addr()?;
    let stopping = process.lifecycle.stopping();
    let gateway = Gateway::new(
        config.clone(),
        backends.sea.clone(),
        process.services.hasher.clone(),
        Arc::new(calls.clone()),
        Arc::new(calls.clone()),
        clock.clone(),
        stopping.clone(),
    );
    let health = Health::new(stopping.clone()).backend("database", process.database_probe());
    let shell = Shell { metrics: process.metrics.clone(), ..Shell::new("connect", ids.clone(), health) };
    let door = shell.around(gateway.router(), &Document::openapi());

    let (sockets, stop) = (gateway.clone(), stopping.clone());
    process.lifecycle.spawn("gateway", async move {
        serve(listener, door, stop).await;
        sockets.drained().await;
        Ok(())
    });
    // The router outlives the sockets, so that what they handed in last is recorded.
    let (sockets, stop) = (gateway.clone(), stopping.clone());
    process.lifecycle.spawn("router", async move {
        let drained = async {
            stop.cancelled().await;
            sockets.drained().await;
        };
        tokio::select! {
            () = router_loop.run() => {}
            () = drained => {}
        }
        Ok(())
    });
    let queue = Arc::new(CommandQueue::new(backends.sea.clone(), clock.clone(), ids));
    let call_timeout = Duration::from_secs(config.call_timeout_seconds);
    let link = Arc::new(gateway.clone());
    let dispatcher = Dispatcher::new(queue.clone(), backends.sea.clone(), link, call_timeout);
    let carrier = Orders { dispatcher: Arc::new(dispatcher), queue, clock, bell: orders, call_timeout };
    process.lifecycle.spawn("orders", async move {
        carrier.carry(stopping).await;
        Ok(())
    });
    Ok(Started { address, gateway, router: calls })
}

/// The sockets of the process before this one are gone.
async fn all_offline(process: &Process, handler: &Handler) -> anyhow::Result<()> {
    let mut tx = Begin::<dyn RouterTx>::begin(&*process.backends.sea).await?;
    let gone = handler.all_offline(&mut *tx).await?;
    tx.commit().await?;
    if gone > 0 {
        tracing::info!(chargers = gone, "chargers were thought to be connected");
    }
    Ok(())
}
