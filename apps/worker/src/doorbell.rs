//! Orders that were given, on their way to the gateway that holds the charger.

use std::sync::Arc;

use async_trait::async_trait;
use charge_point::{ChargePointReader, ChargerRef, CommandQueue};
use connect_router::{OrderBell, Ring, SocketRegistry};
use kernel::{Event, EventSubscriber};

/// Hears of orders and rings at the right gateway. Where nobody holds the charger, its orders end
/// as unreachable.
pub(crate) struct Doorbell {
    pub(crate) sockets: Arc<dyn SocketRegistry>,
    pub(crate) bell: Arc<dyn OrderBell>,
    pub(crate) chargers: Arc<dyn ChargePointReader>,
    pub(crate) queue: Arc<CommandQueue>,
}

#[async_trait]
impl EventSubscriber for Doorbell {
    async fn receive(&self, event: &Event) {
        if !event.name.starts_with("manage.command.requested.") {
            return;
        }
        let id = event.data.get("charge_point_id").and_then(|id| id.as_str()).and_then(|id| id.parse().ok());
        let Some(charge_point) = id else {
            tracing::error!(event = event.name.as_ref(), "an order names no charger");
            return;
        };
        let charger = ChargerRef { organisation: event.organisation, charge_point };
        if let Err(error) = self.ring(charger).await {
            // Its gateway looks for it all the same.
            tracing::debug!(%charge_point, %error, "a gateway cannot be told of an order for now");
        }
    }
}

impl Doorbell {
    async fn ring(&self, charger: ChargerRef) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let ChargerRef { organisation, charge_point } = charger;
        match self.sockets.sockets_find(&[charge_point]).await?.into_iter().next().flatten() {
            Some(socket) => {
                metrics::counter!("orders_rung_total").increment(1);
                Ok(self.bell.ring(&socket, Ring::Orders { organisation, charge_point }).await?)
            }
            // A registry that has just forgotten everything says the same.
            None if self.is_online(charger).await? => Ok(()),
            None => {
                let ended = self.queue.unreachable(charger).await?;
                metrics::counter!("orders_unreachable_total").increment(ended as u64);
                Ok(())
            }
        }
    }

    async fn is_online(&self, charger: ChargerRef) -> Result<bool, kernel::StoreError> {
        let found: Option<charge_point::ChargePoint> =
            self.chargers.charge_point_get(charger.organisation, charger.charge_point).await?;
        Ok(found.is_some_and(|charge_point| charge_point.live.online))
    }
}
