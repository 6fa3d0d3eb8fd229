//! The order to stop a transaction, given in the unit of work of whoever wants it.

use ::charge_point::{ChargePointError, CommandKind, HasChargePoints, TransactionRef, request_command};
use ::transaction::{HasStopOrders, StopOrder, StopOrders, Transaction};
use async_trait::async_trait;
use kernel::{Clock, IdSource, Scope, StoreError};

use crate::unit::SeaTx;

impl HasStopOrders for SeaTx {
    fn stop_orders(&mut self) -> &mut dyn StopOrders {
        self
    }
}

#[async_trait]
impl StopOrders for SeaTx {
    async fn stop_order(
        &mut self,
        clock: &dyn Clock,
        ids: &dyn IdSource,
        scope: &Scope,
        transaction: &Transaction,
    ) -> Result<StopOrder, StoreError> {
        let (organisation, id) = (transaction.organisation, transaction.place.charge_point);
        let found = self.charge_points().charge_point_find(organisation, id).await?;
        let charge_point =
            found.ok_or_else(|| StoreError::corrupt("an open transaction without its charger"))?;
        let stop = CommandKind::RemoteStop { transaction: TransactionRef::Ocpp(transaction.number.0.into()) };
        match request_command(self, clock, ids, scope, &charge_point, stop, None).await {
            Ok(command) => Ok(StopOrder {
                command: command.id,
                charge_point: id,
                number: transaction.number,
                requested_at: command.requested_at,
            }),
            Err(ChargePointError::Store(error)) => Err(error),
            Err(other) => Err(StoreError::Failed(Box::new(other))),
        }
    }
}
