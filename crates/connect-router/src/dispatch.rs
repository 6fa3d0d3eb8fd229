//! Orders on their way to chargers: taken when their turn comes, sent once, ended in every case.

use std::{sync::Arc, time::Duration};

use charge_point::{ChargePointError, ChargerRef, Command, CommandOutcome, CommandQueue, TransactionRef};
use kernel::{OrganisationId, StoreError, TransactionId};
use serde_json::json;
use transaction::TransactionReader;

use crate::{
    ocpp16,
    port::{ChargerLink, LinkError},
};

/// Sends the orders that wait for one charger, one after the other.
pub struct Dispatcher {
    queue: Arc<CommandQueue>,
    transactions: Arc<dyn TransactionReader>,
    link: Arc<dyn ChargerLink>,
    timeout: Duration,
}

impl Dispatcher {
    pub fn new(
        queue: Arc<CommandQueue>,
        transactions: Arc<dyn TransactionReader>,
        link: Arc<dyn ChargerLink>,
        timeout: Duration,
    ) -> Self {
        Self { queue, transactions, link, timeout }
    }

    /// Chargers with orders that wait.
    ///
    /// # Errors
    /// Store errors only.
    pub async fn waiting(&self) -> Result<Vec<ChargerRef>, StoreError> {
        self.queue.waiting().await
    }

    /// Sends everything that waits for a charger and returns how many orders that were. Run once
    /// per charger at a time.
    ///
    /// # Errors
    /// Store errors; the order in hand is then ended as timed out by [`CommandQueue::expire`].
    pub async fn dispatch(&self, charger: ChargerRef) -> Result<usize, ChargePointError> {
        let mut sent = 0;
        loop {
            let command = match self.queue.take(charger).await {
                Ok(Some(command)) => command,
                Ok(None) | Err(ChargePointError::Store(StoreError::Stale)) => return Ok(sent),
                Err(error) => return Err(error),
            };
            let (outcome, reported) = self.send(&command).await?;
            match self.queue.finish(command.organisation, command.id, outcome, reported).await {
                Ok(_) | Err(ChargePointError::NoSuchCommand | ChargePointError::IllegalTransition(_)) => {
                    sent += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn send(
        &self,
        command: &Command,
    ) -> Result<(CommandOutcome, Vec<charge_point::ReportedKey>), ChargePointError> {
        let named = self.number_of(command).await?;
        let number = |transaction| match transaction {
            TransactionRef::Ocpp(number) => Some(number),
            TransactionRef::Id(_) => named,
        };
        let Some(order) = ocpp16::write(&command.kind, number) else {
            let reason = json!({"reason": "the transaction is not known"});
            return Ok((CommandOutcome::Rejected(reason), Vec::new()));
        };
        let answer = self.link.call(command.charge_point, order.action, order.payload, self.timeout).await;
        Ok(match answer {
            Ok(answer) => ocpp16::outcome(&command.kind, answer),
            Err(LinkError::Unreachable) => (CommandOutcome::Unreachable, Vec::new()),
            Err(LinkError::TimedOut | LinkError::Disconnected) => (CommandOutcome::TimedOut, Vec::new()),
            Err(LinkError::CallError { code, description }) => {
                let answer = json!({"error_code": code, "error_description": description});
                (CommandOutcome::Rejected(answer), Vec::new())
            }
        })
    }

    /// The charger's number of the transaction that an order names by our id.
    async fn number_of(&self, command: &Command) -> Result<Option<i64>, StoreError> {
        let Some(id) = command.kind.transaction_id() else { return Ok(None) };
        self.number(command.organisation, id).await
    }

    async fn number(
        &self,
        organisation: OrganisationId,
        id: TransactionId,
    ) -> Result<Option<i64>, StoreError> {
        let found = self.transactions.transaction_get(organisation, id).await?;
        Ok(found.map(|transaction| transaction.number).filter(|number| number.is_known()).map(|n| n.0.into()))
    }
}
