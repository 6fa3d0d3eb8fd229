//! One unit of work: a database transaction that implements every repository.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use kernel::{Begin, Clock, Commit, StoreError, Timestamp};
use sea_orm::DatabaseTransaction;
use tokio::sync::Notify;
use transaction::Reading;

use crate::{connect::Sea, error::store_error, transaction::Sessions};

tokio::task_local! {
    /// Where a unit of work is kept open between the handler's commit and the moment its answer
    /// is stored beside it. Set only while an idempotent request runs.
    pub(crate) static PARKING: Arc<Parking>;
}

/// Holds at most one finished but not yet durable unit of work.
#[derive(Default)]
pub(crate) struct Parking(Mutex<Option<SeaTx>>);

impl Parking {
    pub(crate) fn put(&self, tx: SeaTx) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(tx);
    }

    pub(crate) fn take(&self) -> Option<SeaTx> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A unit of work. Dropping it rolls it back.
pub struct SeaTx {
    transaction: DatabaseTransaction,
    clock: Arc<dyn Clock>,
    bell: Arc<Notify>,
    rings: bool,
    /// Written together: no use case reads them back, and a unit of work may hold those of many
    /// chargers.
    readings: Vec<Reading>,
    pub(crate) sessions: Sessions,
}

impl SeaTx {
    /// The connection that every statement of this unit of work must use.
    pub(crate) fn connection(&self) -> &DatabaseTransaction {
        &self.transaction
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Notes that events were appended, so that their relay is woken once they are durable.
    pub(crate) fn ring_after_commit(&mut self) {
        self.rings = true;
    }

    /// The readings that are written at the end, or before should they become many.
    pub(crate) fn waiting_readings(&mut self) -> &mut Vec<Reading> {
        &mut self.readings
    }

    /// Makes the unit of work durable, whether or not an idempotent request is running.
    pub(crate) async fn commit_now(mut self) -> Result<(), StoreError> {
        self.write_readings().await?;
        self.write_sessions().await?;
        self.transaction.commit().await.map_err(store_error)?;
        if self.rings {
            self.bell.notify_one();
        }
        Ok(())
    }
}

impl Sea {
    /// Begins a unit of work, or takes up the one this idempotent request has open.
    pub(crate) async fn begin_tx(&self) -> Result<SeaTx, StoreError> {
        if let Ok(Some(open)) = PARKING.try_with(|parking| parking.take()) {
            return Ok(open);
        }
        let transaction = self.begin_raw().await?;
        Ok(SeaTx {
            transaction,
            clock: self.clock.clone(),
            bell: self.event_bell(),
            rings: false,
            readings: Vec::new(),
            sessions: Sessions::default(),
        })
    }
}

#[async_trait]
impl Commit for SeaTx {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        let mut tx = Some(*self);
        let _ = PARKING.try_with(|parking| tx.take().map(|tx| parking.put(tx)));
        match tx {
            Some(tx) => tx.commit_now().await,
            None => Ok(()),
        }
    }
}

/// Declares the units of work that [`Sea`] can begin.
macro_rules! begins {
    ($($unit:path),* $(,)?) => {$(
        #[async_trait]
        impl Begin<dyn $unit> for Sea {
            async fn begin(&self) -> Result<Box<dyn $unit>, StoreError> {
                Ok(Box::new(self.begin_tx().await?))
            }
        }
    )*};
}

begins! {
    access::AccessTx,
    charge_point::ChargePointTx,
    charge_point::CommandTx,
    charge_point::MaintenanceTx,
    charging::ChargingTx,
    charging::PlanTx,
    charging::overrides::OverrideTx,
    connect_router::DeadLetterTx,
    connect_router::RouterTx,
    depot::DepotTx,
    dispatch::DispatchTx,
    notification::AlertTx,
    notification::WebhookTx,
    priority::PriorityTx,
    resource_group::GroupTx,
    report::ReportTx,
    transaction::TransactionTx,
    vehicle::VehicleTx,
}

/// A guarded change that met no row found it changed or gone.
pub(crate) fn changed_one(rows: u64) -> Result<(), StoreError> {
    if rows == 0 { Err(StoreError::Stale) } else { Ok(()) }
}
