//! What this domain needs of a store.

use async_trait::async_trait;
use kernel::{
    ChargePointId, Clock, Commit, DepotId, HasAudit, HasOutbox, IdSource, OrganisationId, Page, PageRequest,
    Reach, Scope, StoreError, Timestamp, TransactionId, VehicleId, Wh,
};

use crate::model::{
    OpenSession, Quarter, Reading, StopOrder, Transaction, TransactionNumber, TransactionState,
};

/// Transactions and readings within a unit of work.
#[async_trait]
pub trait TransactionRepository: Send {
    /// Stores a new transaction and returns the number it was given; `transaction.number` is
    /// ignored. [`StoreError::Duplicate`] for another with the same natural key: charge point,
    /// connector, start, meter and tag.
    async fn transaction_insert(
        &mut self,
        transaction: &Transaction,
    ) -> Result<TransactionNumber, StoreError>;

    /// Everything but identity, number and natural key.
    async fn transaction_update(&mut self, transaction: &Transaction) -> Result<(), StoreError>;

    /// The transaction with the natural key of this one, if it was reported before.
    async fn transaction_find_same(&mut self, like: &Transaction) -> Result<Option<Transaction>, StoreError>;

    async fn transaction_find(
        &mut self,
        organisation: OrganisationId,
        id: TransactionId,
    ) -> Result<Option<Transaction>, StoreError>;

    /// The charge point's transaction with that number; those of other charge points do not count.
    async fn transaction_find_by_number(
        &mut self,
        organisation: OrganisationId,
        charge_point: ChargePointId,
        number: TransactionNumber,
    ) -> Result<Option<Transaction>, StoreError>;

    /// Says which transactions will be asked for by their numbers, so that a store may read them
    /// together. Without effect but on speed.
    async fn transactions_expect(
        &mut self,
        numbers: &[(OrganisationId, ChargePointId, TransactionNumber)],
    ) -> Result<(), StoreError> {
        let _ = numbers;
        Ok(())
    }

    /// Open transactions of a charge point, newest start first.
    async fn transactions_open(
        &mut self,
        organisation: OrganisationId,
        charge_point: ChargePointId,
    ) -> Result<Vec<Transaction>, StoreError>;

    /// The transactions that began last at a connector at or before an instant, newest start
    /// first. A few are enough: only refused starts overlap others.
    async fn transactions_begun(
        &mut self,
        organisation: OrganisationId,
        charge_point: ChargePointId,
        connector: u16,
        at: Timestamp,
    ) -> Result<Vec<Transaction>, StoreError>;

    /// The charge point's transaction that was ended at that instant and register by a stop
    /// without a number.
    async fn transaction_find_guessed(
        &mut self,
        organisation: OrganisationId,
        charge_point: ChargePointId,
        at: Timestamp,
        meter_stop: Wh,
    ) -> Result<Option<Transaction>, StoreError>;

    /// Stores readings, in one statement as far as possible and by the commit at the latest; those
    /// that are known already are left as they are.
    async fn readings_insert(&mut self, readings: &[Reading]) -> Result<(), StoreError>;
}

pub trait HasTransactions: Send {
    fn transactions(&mut self) -> &mut dyn TransactionRepository;
}

/// What recording a charger's messages touches of this domain, inside somebody else's unit of work.
pub trait SessionWork: HasTransactions + HasOutbox {}
impl<T: HasTransactions + HasOutbox> SessionWork for T {}

/// Telling a charger to stop, within a unit of work.
#[async_trait]
pub trait StopOrders: Send {
    /// Requests the order and returns what tells it from others.
    async fn stop_order(
        &mut self,
        clock: &dyn Clock,
        ids: &dyn IdSource,
        scope: &Scope,
        transaction: &Transaction,
    ) -> Result<StopOrder, StoreError>;
}

pub trait HasStopOrders: Send {
    fn stop_orders(&mut self) -> &mut dyn StopOrders;
}

/// The unit of work of this domain's own use cases.
pub trait TransactionTx: SessionWork + HasStopOrders + HasAudit + Commit {}
impl<T: SessionWork + HasStopOrders + HasAudit + Commit> TransactionTx for T {}

#[derive(Clone, Debug, Default)]
pub struct TransactionFilter {
    pub charge_point: Option<ChargePointId>,
    pub vehicle: Option<VehicleId>,
    pub depot: Option<DepotId>,
    pub state: Option<TransactionState>,
    /// Began at or after.
    pub from: Option<Timestamp>,
    /// Began before.
    pub to: Option<Timestamp>,
}

/// Reads outside a unit of work.
#[async_trait]
pub trait TransactionReader: Send + Sync {
    async fn transaction_get(
        &self,
        organisation: OrganisationId,
        id: TransactionId,
    ) -> Result<Option<Transaction>, StoreError>;

    /// Newest start first.
    async fn transaction_list(
        &self,
        reach: &Reach,
        filter: &TransactionFilter,
        page: PageRequest,
    ) -> Result<Page<Transaction>, StoreError>;

    /// Oldest first.
    async fn reading_list(
        &self,
        organisation: OrganisationId,
        transaction: TransactionId,
        page: PageRequest,
    ) -> Result<Page<Reading>, StoreError>;
}

/// What the control of a depot reads every few seconds.
#[async_trait]
pub trait OpenSessionReader: Send + Sync {
    async fn open_sessions(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
    ) -> Result<Vec<OpenSession>, StoreError>;
}

/// Room for readings to come, and none for those that nobody wants any more.
#[async_trait]
pub trait ReadingUpkeep: Send + Sync {
    /// Makes room for the months from one instant to another, where the store keeps months apart.
    async fn months_ensure(&self, from: Timestamp, to: Timestamp) -> Result<(), StoreError>;

    /// Forgets readings taken before an instant, and their sums. Stores that keep months apart
    /// forget whole months only.
    async fn readings_forget(&self, before: Timestamp) -> Result<(), StoreError>;
}

/// A connector with readings between two instants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MeteredConnector {
    pub organisation: OrganisationId,
    pub depot: DepotId,
    pub charge_point: ChargePointId,
    pub connector: u16,
    pub first: Timestamp,
    pub last: Timestamp,
}

/// Whose quarters are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuarterPlace {
    Depot(DepotId),
    ChargePoint(ChargePointId),
}

/// Readings to be summed up, and their sums.
#[async_trait]
pub trait QuarterStore: Send + Sync {
    /// Until when what was stored has been summed up; `None` before the first time.
    async fn summed_until(&self) -> Result<Option<Timestamp>, StoreError>;

    async fn summed_until_save(&self, until: Timestamp) -> Result<(), StoreError>;

    /// The connectors of which readings were stored at or after an instant, and when the first and
    /// the last of those were taken. Readings of charge points that are gone do not count.
    async fn readings_stored_since(&self, since: Timestamp) -> Result<Vec<MeteredConnector>, StoreError>;

    /// Readings taken from `from` until before `to`, in the order of time.
    async fn readings_between(
        &self,
        charge_point: ChargePointId,
        connector: u16,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Reading>, StoreError>;

    /// The last reading with a register taken before an instant.
    async fn register_before(
        &self,
        charge_point: ChargePointId,
        connector: u16,
        at: Timestamp,
    ) -> Result<Option<Reading>, StoreError>;

    /// The first reading with a register taken after an instant.
    async fn register_after(
        &self,
        charge_point: ChargePointId,
        connector: u16,
        at: Timestamp,
    ) -> Result<Option<Reading>, StoreError>;

    /// Adds or replaces quarters.
    async fn quarters_save(&self, quarters: &[Quarter]) -> Result<(), StoreError>;

    /// Quarters that begin from `from` until before `to`, by time, charge point and connector.
    async fn quarters_of(
        &self,
        organisation: OrganisationId,
        place: QuarterPlace,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Quarter>, StoreError>;
}
