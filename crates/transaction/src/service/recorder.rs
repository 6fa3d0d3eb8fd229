//! Starts and readings as chargers report them, inside the caller's unit of work.

use std::{collections::BTreeSet, sync::Arc};

use kernel::{ChargePointId, Clock, Event, IdSource, OrganisationId, StoreError, Timestamp, Wh};

use crate::{
    event,
    model::{
        Flag, MeterReport, Metering, Reading, StartReport, Transaction, TransactionNumber, TransactionState,
    },
    port::SessionWork,
};

/// Records what chargers report. Stateless; the unit of work comes with every call.
#[derive(Clone)]
pub struct Recorder {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ids: Arc<dyn IdSource>,
}

/// What a start led to.
#[derive(Clone, Debug, PartialEq)]
pub struct Started {
    pub transaction: Transaction,
    /// Whether it was known already: this is the answer to a repeat.
    pub repeated: bool,
    /// The transaction that it ended; one that was not refused, should several have been open.
    pub replaced: Option<Transaction>,
}

impl Recorder {
    pub fn new(clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Self {
        Self { clock, ids }
    }

    /// Records a start. The same start again gives the same transaction. A start that is not
    /// refused ends the transaction that is open at its connector, unless that one began later:
    /// then this is late news, and it is this one that is over.
    ///
    /// # Errors
    /// Store errors only.
    pub async fn start(
        &self,
        work: &mut dyn SessionWork,
        organisation: OrganisationId,
        report: StartReport,
    ) -> Result<Started, StoreError> {
        let mut transaction = self.begun(organisation, &report);
        if let Some(known) = work.transactions().transaction_find_same(&transaction).await? {
            return Ok(Started { transaction: known, repeated: true, replaced: None });
        }
        let mut replaced = None;
        if report.refused {
            transaction.state = TransactionState::Pending;
        } else {
            for open in self.open_at(work, organisation, &report).await? {
                if open.started_at <= transaction.started_at {
                    let ended = self.abandon(work, open, transaction.started_at).await?;
                    replaced = replaced.or(Some(ended));
                } else if open.state != TransactionState::Pending {
                    transaction.state = TransactionState::Abandoned;
                    transaction.stopped_at = Some(open.started_at);
                    transaction.flags.insert(Flag::LateStart);
                }
            }
        }
        transaction.number = work.transactions().transaction_insert(&transaction).await?;
        self.tell(work, event::STARTED, &transaction).await?;
        Ok(Started { transaction, repeated: false, replaced })
    }

    /// Records readings of one connector. Those that name no transaction find theirs by connector
    /// and time; those that find none are kept without. Returns the transactions they belong to,
    /// as they now are.
    ///
    /// # Errors
    /// Store errors only.
    pub async fn readings(
        &self,
        work: &mut dyn SessionWork,
        organisation: OrganisationId,
        charge_point: ChargePointId,
        connector: u16,
        number: Option<TransactionNumber>,
        reports: Vec<MeterReport>,
    ) -> Result<Vec<Transaction>, StoreError> {
        let mut named = None;
        if let Some(number) = number.filter(|number| number.is_known()) {
            named =
                work.transactions().transaction_find_by_number(organisation, charge_point, number).await?;
        }
        let mut touched: Vec<Transaction> = named.iter().cloned().collect();
        let mut rows = Vec::with_capacity(reports.len());
        for report in reports {
            let owner = match &named {
                Some(_) => Some(0),
                None => {
                    self.owner(work, organisation, charge_point, connector, report.at, &mut touched).await?
                }
            };
            let id = owner.map(|index| touched[index].id);
            if let Some(index) = owner {
                touched[index].meter(&report);
            }
            rows.push(self.reading(organisation, charge_point, connector, id, report));
        }
        work.transactions().readings_insert(&rows).await?;
        for transaction in &mut touched {
            transaction.updated_at = self.clock.now();
            work.transactions().transaction_update(transaction).await?;
        }
        Ok(touched)
    }

    /// Notes that energy stopped flowing at a connector while it stays connected, or flows again.
    ///
    /// # Errors
    /// Store errors only.
    pub async fn suspended(
        &self,
        work: &mut dyn SessionWork,
        organisation: OrganisationId,
        charge_point: ChargePointId,
        connector: u16,
        suspended: bool,
    ) -> Result<(), StoreError> {
        let (from, to) = match suspended {
            true => (TransactionState::Active, TransactionState::Suspended),
            false => (TransactionState::Suspended, TransactionState::Active),
        };
        let open = work.transactions().transactions_open(organisation, charge_point).await?;
        for mut transaction in open {
            if transaction.place.connector == connector && transaction.state == from {
                transaction.state = to;
                transaction.updated_at = self.clock.now();
                work.transactions().transaction_update(&transaction).await?;
                self.tell(work, event::CHANGED, &transaction).await?;
            }
        }
        Ok(())
    }

    fn begun(&self, organisation: OrganisationId, report: &StartReport) -> Transaction {
        let now = self.clock.now();
        Transaction {
            id: self.ids.uuid().into(),
            organisation,
            number: TransactionNumber(0),
            place: report.place,
            id_tag: report.id_tag.clone(),
            vehicle: report.vehicle,
            state: TransactionState::Active,
            started_at: kernel::clock::to_micros(report.at),
            stopped_at: None,
            meter_start: report.meter_start,
            meter_stop: None,
            energy: Wh::ZERO,
            soc_start: None,
            soc_end: None,
            stop_reason: None,
            flags: report.flags.clone(),
            latest: None,
            metering: Metering { carried: Wh::ZERO, base: report.meter_start, register: None },
            created_at: now,
            updated_at: now,
        }
    }

    /// The open transactions of the connector, those that were not refused first.
    async fn open_at(
        &self,
        work: &mut dyn SessionWork,
        organisation: OrganisationId,
        report: &StartReport,
    ) -> Result<Vec<Transaction>, StoreError> {
        let mut open = work.transactions().transactions_open(organisation, report.place.charge_point).await?;
        open.retain(|open| open.place.connector == report.place.connector);
        open.sort_by_key(|open| open.state == TransactionState::Pending);
        Ok(open)
    }

    /// Ends a transaction that will get no stop, with its last reading.
    async fn abandon(
        &self,
        work: &mut dyn SessionWork,
        mut transaction: Transaction,
        at: Timestamp,
    ) -> Result<Transaction, StoreError> {
        let last = transaction.latest.map_or(transaction.started_at, |latest| latest.at);
        transaction.state = TransactionState::Abandoned;
        transaction.stopped_at = Some(last.min(at).max(transaction.started_at));
        transaction.flags.insert(Flag::Replaced);
        transaction.updated_at = self.clock.now();
        work.transactions().transaction_update(&transaction).await?;
        self.tell(work, event::ABANDONED, &transaction).await?;
        Ok(transaction)
    }

    /// The index among `touched` of the transaction that a reading belongs to by connector and
    /// time; one that is not there yet is added.
    async fn owner(
        &self,
        work: &mut dyn SessionWork,
        organisation: OrganisationId,
        charge_point: ChargePointId,
        connector: u16,
        at: Timestamp,
        touched: &mut Vec<Transaction>,
    ) -> Result<Option<usize>, StoreError> {
        if connector == 0 {
            return Ok(None);
        }
        let running = |transaction: &Transaction| {
            transaction.is_open() && transaction.state != TransactionState::Pending
        };
        if let Some(index) =
            touched.iter().position(|transaction| running(transaction) && transaction.covers(at))
        {
            return Ok(Some(index));
        }
        // A refused start beside a running transaction has no energy of its own.
        let mut begun =
            work.transactions().transactions_begun(organisation, charge_point, connector, at).await?;
        begun.retain(|transaction| transaction.covers(at));
        begun.sort_by_key(|transaction| transaction.state == TransactionState::Pending);
        let Some(found) = begun.into_iter().next() else { return Ok(None) };
        match touched.iter().position(|transaction| transaction.id == found.id) {
            Some(index) => Ok(Some(index)),
            None => {
                touched.push(found);
                Ok(Some(touched.len() - 1))
            }
        }
    }

    pub(super) fn reading(
        &self,
        organisation: OrganisationId,
        charge_point: ChargePointId,
        connector: u16,
        transaction: Option<kernel::TransactionId>,
        report: MeterReport,
    ) -> Reading {
        Reading {
            id: self.ids.uuid(),
            organisation,
            charge_point,
            connector,
            transaction,
            at: kernel::clock::to_micros(report.at),
            context: report.context,
            energy: report.energy,
            power: report.power,
            current: report.current,
            offered: report.offered,
            voltage_millivolts: report.voltage_millivolts,
            soc: report.soc,
            rest: report.rest,
        }
    }

    pub(super) async fn tell(
        &self,
        work: &mut dyn SessionWork,
        name: &'static str,
        transaction: &Transaction,
    ) -> Result<(), StoreError> {
        let event: Event = event::transaction(&*self.clock, &*self.ids, name, transaction);
        work.outbox().append(event).await
    }

    /// A transaction of which only its end was reported.
    pub(super) fn headless(&self, organisation: OrganisationId, start: &StartReport) -> Transaction {
        let mut transaction = self.begun(organisation, start);
        transaction.flags = BTreeSet::from([Flag::UnknownStart]);
        transaction
    }
}
