//! The gateway on its socket, with the router behind it and the orders that come the other way.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use charge_point::CommandQueue;
use connect_router::{ConnectionEvents, Dispatcher, InboundCalls, Ring, RouterLoop, RouterTx, router};
use http_kit::{Health, Shell, serve};
use kernel::Begin;
use runtime::{
    Process,
    process::listen,
    services::{handler, recording},
};
use tokio::sync::{Notify, mpsc};
use utoipa::OpenApi;

use crate::{
    dispatch::Orders,
    gateway::{Gateway, Parts},
    presence::Presence,
};

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
}

/// What takes the gateway's calls.
type Calls = (Arc<dyn InboundCalls>, Arc<dyn ConnectionEvents>);

/// Serves chargers until the process stops. `orders` is rung when orders were given; those of
/// other processes are found without.
///
/// # Errors
/// Where the address cannot be taken, or a backend does not answer.
pub async fn start(process: &Process, orders: Arc<Notify>) -> anyhow::Result<Started> {
    let (config, backends) = (&process.config.connect, &process.backends);
    let (told, mut ring) = mpsc::unbounded_channel();
    // Nobody listens any more once the gateway is gone.
    let shared = process.join_gateways(move |ring| _ = told.send(ring)).await?;
    let (calls, presence, router_loop): (Calls, _, _) = match shared {
        Some(shared) => {
            let presence = Presence::new(shared.sockets, shared.bell, shared.address);
            ((shared.calls, shared.events), Some(presence), None)
        }
        None => {
            all_offline(process).await?;
            let (calls, router_loop) = router(recording(backends, &process.config));
            let calls = Arc::new(calls);
            ((calls.clone(), calls), None, Some(router_loop))
        }
    };
    let listener = listen("connect.bind", config.bind).await?;
    let address = listener.local_addr()?;
    let stopping = process.lifecycle.stopping();
    let frames = process.frames()?;
    let parts = Parts {
        admissions: backends.sea.clone(),
        hasher: process.services.hasher.clone(),
        calls: calls.0,
        events: calls.1,
        presence: presence.clone(),
        frames: frames.recorder(),
        clock: backends.clock.clone(),
        ids: backends.ids.clone(),
        stopping: stopping.clone(),
    };
    let gateway = Gateway::new(config.clone(), parts);
    let health = Health::of(stopping.clone(), process.probes());
    let shell =
        Shell { metrics: process.metrics.clone(), ..Shell::new("connect", backends.ids.clone(), health) };
    let door = shell.around(gateway.router(), &Document::openapi());

    let (sockets, stop) = (gateway.clone(), stopping.clone());
    process.lifecycle.spawn("gateway", async move {
        serve(listener, door, stop).await;
        sockets.drained().await;
        Ok(())
    });
    // As the router, it outlives the sockets.
    let (sockets, stop) = (gateway.clone(), stopping.clone());
    process.lifecycle.spawn("frames", async move {
        frames
            .carry(async move {
                stop.cancelled().await;
                sockets.drained().await;
            })
            .await;
        Ok(())
    });
    if let Some(router_loop) = router_loop {
        record_here(process, gateway.clone(), router_loop);
    }
    let among_several = presence.is_some().then(|| gateway.clone());
    if let Some(presence) = presence {
        let (sockets, bell, stop) = (gateway.clone(), orders.clone(), stopping.clone());
        process.lifecycle.spawn("presence", async move {
            let told = async {
                while let Some(ring) = ring.recv().await {
                    match ring {
                        Ring::Orders { .. } => bell.notify_one(),
                        Ring::Replaced { charge_point, connection } => {
                            sockets.replaced(charge_point, connection);
                        }
                    }
                }
            };
            tokio::select! {
                () = presence.keep(&sockets, stop.clone()) => {}
                () = told => stop.cancelled().await,
            }
            Ok(())
        });
    }
    let queue =
        Arc::new(CommandQueue::new(backends.sea.clone(), backends.clock.clone(), backends.ids.clone()));
    let call_timeout = Duration::from_secs(config.call_timeout_seconds);
    let link = Arc::new(gateway.clone());
    let dispatcher = Arc::new(Dispatcher::new(queue.clone(), backends.sea.clone(), link, call_timeout));
    let clock = backends.clock.clone();
    let carrier = Orders { dispatcher, queue, among_several, clock, bell: orders, call_timeout };
    process.lifecycle.spawn("orders", async move {
        carrier.carry(stopping).await;
        Ok(())
    });
    Ok(Started { address, gateway })
}

/// Records what chargers say in this process. The router outlives the sockets, so that what they
/// handed in last is recorded.
fn record_here(process: &Process, gateway: Gateway, router_loop: RouterLoop) {
    let stopping = process.lifecycle.stopping();
    process.lifecycle.spawn("router", async move {
        let drained = async {
            stopping.cancelled().await;
            gateway.drained().await;
        };
        tokio::select! {
            () = router_loop.run() => {}
            () = drained => {}
        }
        Ok(())
    });
}

/// The sockets of the process before this one are gone.
async fn all_offline(process: &Process) -> anyhow::Result<()> {
    let handler = handler(&process.backends, &process.config);
    let mut tx = Begin::<dyn RouterTx>::begin(&*process.backends.sea).await?;
    let gone = handler.all_offline(&mut *tx).await?;
    tx.commit().await?;
    if gone > 0 {
        tracing::info!(chargers = gone, "chargers were thought to be connected");
    }
    Ok(())
}
