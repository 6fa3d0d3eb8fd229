//! How other processes know which sockets this gateway holds.
//!
//! All of it is a convenience: where the registry is away, orders still find their charger,
//! because every gateway looks for those of its own.

use std::{sync::Arc, time::Duration};

use connect_router::{ConnectionId, GatewayAddress, OrderBell, Ring, Socket, SocketRegistry};
use kernel::ChargePointId;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::gateway::Gateway;

/// How often sockets are noted again: entries live three times as long.
const KEEP: Duration = Duration::from_secs(20);

/// This gateway's entries in the registry. Cheap to clone.
#[derive(Clone)]
pub struct Presence {
    sockets: Arc<dyn SocketRegistry>,
    bell: Arc<dyn OrderBell>,
    address: GatewayAddress,
}

impl Presence {
    pub fn new(sockets: Arc<dyn SocketRegistry>, bell: Arc<dyn OrderBell>, address: GatewayAddress) -> Self {
        Self { sockets, bell, address }
    }

    fn socket(&self, connection: ConnectionId, identity: String) -> Socket {
        Socket { connection, identity, gateway: self.address }
    }

    /// Notes a socket, and has the one it replaces closed where another gateway holds that.
    pub(crate) async fn opened(&self, charge_point: ChargePointId, connection: ConnectionId, identity: &str) {
        let socket = self.socket(connection, identity.to_owned());
        let earlier = match self.sockets.socket_opened(charge_point, &socket).await {
            Ok(earlier) => earlier.filter(|earlier| earlier.gateway != self.address),
            Err(error) => {
                tracing::debug!(identity, %error, "a socket cannot be noted for now");
                return;
            }
        };
        if let Some(earlier) = earlier
            && earlier.connection < connection
            && let Err(error) = self.bell.ring(&earlier, Ring::Replaced { charge_point, connection }).await
        {
            tracing::debug!(identity, %error, "the gateway of an earlier socket cannot be told");
        }
    }

    pub(crate) async fn closed(&self, charge_point: ChargePointId, connection: ConnectionId) {
        if let Err(error) = self.sockets.socket_closed(charge_point, connection).await {
            tracing::debug!(%charge_point, %error, "a socket cannot be forgotten for now; its entry will end");
        }
    }

    /// Keeps the entries of all sockets until told to stop.
    pub(crate) async fn keep(&self, gateway: &Gateway, stopping: CancellationToken) {
        let mut due = tokio::time::interval(KEEP);
        due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while stopping.run_until_cancelled(due.tick()).await.is_some() {
            let held: Vec<_> = gateway
                .held()
                .into_iter()
                .map(|(charge_point, connection, identity)| (charge_point, self.socket(connection, identity)))
                .collect();
            if let Err(error) = self.sockets.sockets_keep(&held).await {
                tracing::warn!(sockets = held.len(), %error, "sockets cannot be noted for now");
            }
        }
    }
}
