//! The ports over vectors: a unit of work is a copy that replaces the original when it commits.

use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use kernel::{
    AuditEntry, AuditLog, Begin, ChargePointId, Clock, Commit, Cursor, DepotId, Event, HasAudit, HasOutbox,
    IdSource, OrganisationId, Outbox, Page, PageRequest, Reach, Scope, StoreError, Timestamp, TransactionId,
    Wh,
};

use crate::{
    model::{Flag, OpenSession, Reading, StopOrder, Transaction, TransactionNumber},
    port::{
        HasStopOrders, HasTransactions, OpenSessionReader, StopOrders, TransactionFilter, TransactionReader,
        TransactionRepository, TransactionTx,
    },
};

#[derive(Clone, Debug, Default)]
struct State {
    transactions: Vec<Transaction>,
    readings: Vec<Reading>,
    orders: Vec<TransactionId>,
    events: Vec<Event>,
    audit: Vec<AuditEntry>,
    numbers: i32,
}

/// A store in memory. Clones share their content.
#[derive(Clone, Debug, Default)]
pub struct FakeTransactions(Arc<Mutex<State>>);

impl FakeTransactions {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no test panics while holding the state")
    }

    pub fn transactions(&self) -> Vec<Transaction> {
        self.state().transactions.clone()
    }

    pub fn readings(&self) -> Vec<Reading> {
        self.state().readings.clone()
    }

    /// Transactions whose charger was told to stop.
    pub fn stop_orders(&self) -> Vec<TransactionId> {
        self.state().orders.clone()
    }

    /// Names of the events that became durable, in order.
    pub fn event_names(&self) -> Vec<String> {
        self.state().events.iter().map(|event| event.name.to_string()).collect()
    }
}

struct FakeTx {
    store: FakeTransactions,
    state: State,
}

#[async_trait]
impl Begin<dyn TransactionTx> for FakeTransactions {
    async fn begin(&self) -> Result<Box<dyn TransactionTx>, StoreError> {
        let state = self.state().clone();
        Ok(Box::new(FakeTx { store: self.clone(), state }))
    }
}

#[async_trait]
impl Commit for FakeTx {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        *self.store.state() = self.state;
        Ok(())
    }
}

impl HasTransactions for FakeTx {
    fn transactions(&mut self) -> &mut dyn TransactionRepository {
        self
    }
}

impl HasStopOrders for FakeTx {
    fn stop_orders(&mut self) -> &mut dyn StopOrders {
        self
    }
}

impl HasOutbox for FakeTx {
    fn outbox(&mut self) -> &mut dyn Outbox {
        self
    }
}

impl HasAudit for FakeTx {
    fn audit(&mut self) -> &mut dyn AuditLog {
        self
    }
}

#[async_trait]
impl Outbox for FakeTx {
    async fn append(&mut self, event: Event) -> Result<(), StoreError> {
        self.state.events.push(event);
        Ok(())
    }
}

#[async_trait]
impl AuditLog for FakeTx {
    async fn record(&mut self, entry: AuditEntry) -> Result<(), StoreError> {
        self.state.audit.push(entry);
        Ok(())
    }
}

#[async_trait]
impl StopOrders for FakeTx {
    async fn stop_order(
        &mut self,
        clock: &dyn Clock,
        ids: &dyn IdSource,
        _: &Scope,
        transaction: &Transaction,
    ) -> Result<StopOrder, StoreError> {
        self.state.orders.push(transaction.id);
        Ok(StopOrder {
            command: ids.uuid().into(),
            charge_point: transaction.place.charge_point,
            number: transaction.number,
            requested_at: clock.now(),
        })
    }
}

fn same(a: &Transaction, b: &Transaction) -> bool {
    let key = |t: &Transaction| {
        (t.place.charge_point, t.place.connector, t.started_at, t.meter_start, t.id_tag.clone())
    };
    key(a) == key(b)
}

#[async_trait]
impl TransactionRepository for FakeTx {
    async fn transaction_insert(
        &mut self,
        transaction: &Transaction,
    ) -> Result<TransactionNumber, StoreError> {
        if self.state.transactions.iter().any(|known| same(known, transaction)) {
            return Err(StoreError::Duplicate { rule: "id_tag".into() });
        }
        self.state.numbers += 1;
        let number = TransactionNumber(self.state.numbers);
        self.state.transactions.push(Transaction { number, ..transaction.clone() });
        Ok(number)
    }

    async fn transaction_update(&mut self, transaction: &Transaction) -> Result<(), StoreError> {
        if let Some(known) = self.state.transactions.iter_mut().find(|known| known.id == transaction.id) {
            *known = transaction.clone();
        }
        Ok(())
    }

    async fn transaction_find_same(&mut self, like: &Transaction) -> Result<Option<Transaction>, StoreError> {
        Ok(self.state.transactions.iter().find(|known| same(known, like)).cloned())
    }

    async fn transaction_find(
        &mut self,
        organisation: OrganisationId,
        id: TransactionId,
    ) -> Result<Option<Transaction>, StoreError> {
        let of = |t: &&Transaction| t.organisation == organisation && t.id == id;
        Ok(self.state.transactions.iter().find(of).cloned())
    }

    async fn transaction_find_by_number(
        &mut self,
        organisation: OrganisationId,
        charge_point: ChargePointId,
        number: TransactionNumber,
    ) -> Result<Option<Transaction>, StoreError> {
        let of = |t: &&Transaction| {
            t.organisation == organisation && t.place.charge_point == charge_point && t.number == number
        };
        Ok(self.state.transactions.iter().find(of).cloned())
    }

    async fn transactions_open(
        &mut self,
        organisation: OrganisationId,
        charge_point: ChargePointId,
    ) -> Result<Vec<Transaction>, StoreError> {
        let of = |t: &&Transaction| {
            t.organisation == organisation && t.place.charge_point == charge_point && t.is_open()
        };
        let mut open: Vec<_> = self.state.transactions.iter().filter(of).cloned().collect();
        open.sort_by_key(|t| std::cmp::Reverse((t.started_at, t.id)));
        Ok(open)
    }

    async fn transactions_begun(
        &mut self,
        organisation: OrganisationId,
        charge_point: ChargePointId,
        connector: u16,
        at: Timestamp,
    ) -> Result<Vec<Transaction>, StoreError> {
        let of = |t: &&Transaction| {
            t.organisation == organisation
                && t.place.charge_point == charge_point
                && t.place.connector == connector
                && t.started_at <= at
        };
        let mut begun: Vec<_> = self.state.transactions.iter().filter(of).cloned().collect();
        begun.sort_by_key(|t| std::cmp::Reverse((t.started_at, t.id)));
        Ok(begun)
    }

    async fn transaction_find_guessed(
        &mut self,
        organisation: OrganisationId,
        charge_point: ChargePointId,
        at: Timestamp,
        meter_stop: Wh,
    ) -> Result<Option<Transaction>, StoreError> {
        let of = |t: &&Transaction| {
            t.organisation == organisation
                && t.place.charge_point == charge_point
                && t.stopped_at == Some(at)
                && t.meter_stop == Some(meter_stop)
                && t.flags.contains(&Flag::GuessedStop)
        };
        Ok(self.state.transactions.iter().find(of).cloned())
    }

    async fn readings_insert(&mut self, readings: &[Reading]) -> Result<(), StoreError> {
        let key = |r: &Reading| (r.charge_point, r.connector, r.at, r.context);
        for reading in readings {
            if !self.state.readings.iter().any(|known| key(known) == key(reading)) {
                self.state.readings.push(reading.clone());
            }
        }
        Ok(())
    }
}

#[async_trait]
impl TransactionReader for FakeTransactions {
    async fn transaction_get(
        &self,
        organisation: OrganisationId,
        id: TransactionId,
    ) -> Result<Option<Transaction>, StoreError> {
        let of = |t: &&Transaction| t.organisation == organisation && t.id == id;
        Ok(self.state().transactions.iter().find(of).cloned())
    }

    async fn transaction_list(
        &self,
        reach: &Reach,
        filter: &TransactionFilter,
        page: PageRequest,
    ) -> Result<Page<Transaction>, StoreError> {
        let organisation = reach.organisation();
        let wanted = |t: &&Transaction| {
            t.organisation == organisation
                && filter.charge_point.is_none_or(|id| t.place.charge_point == id)
                && filter.vehicle.is_none_or(|id| t.vehicle == Some(id))
                && filter.depot.is_none_or(|id| t.place.depot == id)
                && filter.state.is_none_or(|state| t.state == state)
                && filter.from.is_none_or(|from| t.started_at >= from)
                && filter.to.is_none_or(|to| t.started_at < to)
        };
        let rows: Vec<_> = self.state().transactions.iter().filter(wanted).cloned().collect();
        let mut rows = reach.keep(rows, |row| row.id).await?;
        rows.sort_by_key(|t| std::cmp::Reverse((t.started_at, t.id)));
        if let Some(Cursor { at: Some(at), id }) = page.after {
            rows.retain(|t| (t.started_at, t.id.as_uuid()) < (at, id));
        }
        rows.truncate(usize::from(page.limit.get()) + 1);
        Ok(Page::from_surplus(rows, page.limit, |t| Cursor::at(t.started_at, t.id)))
    }

    async fn reading_list(
        &self,
        organisation: OrganisationId,
        transaction: TransactionId,
        page: PageRequest,
    ) -> Result<Page<Reading>, StoreError> {
        let of = |r: &&Reading| r.organisation == organisation && r.transaction == Some(transaction);
        let mut rows: Vec<_> = self.state().readings.iter().filter(of).cloned().collect();
        rows.sort_by_key(|r| (r.at, r.id));
        if let Some(Cursor { at: Some(at), id }) = page.after {
            rows.retain(|r| (r.at, r.id) > (at, id));
        }
        rows.truncate(usize::from(page.limit.get()) + 1);
        Ok(Page::from_surplus(rows, page.limit, |r| Cursor::at(r.at, r.id)))
    }
}

#[async_trait]
impl OpenSessionReader for FakeTransactions {
    async fn open_sessions(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
    ) -> Result<Vec<OpenSession>, StoreError> {
        let of = |t: &&Transaction| t.organisation == organisation && t.place.depot == depot && t.is_open();
        Ok(self.state().transactions.iter().filter(of).map(OpenSession::from).collect())
    }
}
