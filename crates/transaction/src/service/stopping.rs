//! Stops as chargers report them: once, twice, about nothing known, or without a number.

use std::collections::BTreeSet;

use kernel::{OrganisationId, StoreError};

use super::recorder::Recorder;
use crate::{
    event,
    model::{Flag, MeterReport, StartReport, StopReport, Transaction, TransactionPlace, TransactionState},
    port::SessionWork,
};

/// What a stop led to. The charger is told the same in every case: it is recorded.
#[derive(Clone, Debug, PartialEq)]
pub enum Stopped {
    /// It ended this transaction.
    Ended(Transaction),
    /// It had ended before; the first stop counts.
    Repeated(Transaction),
    /// No transaction of the charger could be meant; what the stop says is kept as one of its own.
    Unmatched(Transaction),
}

impl Stopped {
    pub fn transaction(&self) -> &Transaction {
        match self {
            Self::Ended(transaction) | Self::Repeated(transaction) | Self::Unmatched(transaction) => {
                transaction
            }
        }
    }
}

impl Recorder {
    /// Records a stop. `charger` says where the charger is, for a stop that matches nothing.
    ///
    /// # Errors
    /// Store errors only.
    pub async fn stop(
        &self,
        work: &mut dyn SessionWork,
        organisation: OrganisationId,
        charger: TransactionPlace,
        report: StopReport,
    ) -> Result<Stopped, StoreError> {
        let charge_point = charger.charge_point;
        let meant = match report.number.is_known() {
            true => {
                work.transactions()
                    .transaction_find_by_number(organisation, charge_point, report.number)
                    .await?
            }
            false => self.guess(work, organisation, charger, &report).await?,
        };
        let Some(mut transaction) = meant else {
            return self.unmatched(work, organisation, charger, report).await;
        };
        if transaction.state == TransactionState::Finished {
            self.keep_readings(work, &mut transaction, report.readings).await?;
            return Ok(Stopped::Repeated(transaction));
        }
        self.end(&mut transaction, &report);
        self.keep_readings(work, &mut transaction, report.readings).await?;
        self.tell(work, event::STOPPED, &transaction).await?;
        Ok(Stopped::Ended(transaction))
    }

    /// The transaction that a stop without a number can mean: the one it was taken to mean before,
    /// else the one that is open.
    async fn guess(
        &self,
        work: &mut dyn SessionWork,
        organisation: OrganisationId,
        charger: TransactionPlace,
        report: &StopReport,
    ) -> Result<Option<Transaction>, StoreError> {
        let same = self.unmatched_transaction(organisation, charger, report);
        if work.transactions().transaction_find_same(&same).await?.is_some() {
            return Ok(None);
        }
        let charge_point = charger.charge_point;
        let before = work
            .transactions()
            .transaction_find_guessed(organisation, charge_point, same.started_at, report.meter_stop)
            .await?;
        if before.is_some() {
            return Ok(before);
        }
        let open = work.transactions().transactions_open(organisation, charger.charge_point).await?;
        let mut fitting = open.into_iter().filter(|open| {
            open.started_at <= report.at
                && open.meter_start <= report.meter_stop
                && (report.id_tag.is_none() || open.id_tag.is_none() || open.id_tag == report.id_tag)
        });
        Ok(match (fitting.next(), fitting.next()) {
            (Some(mut one), None) => {
                one.flags.insert(Flag::GuessedStop);
                Some(one)
            }
            _ => None,
        })
    }

    fn end(&self, transaction: &mut Transaction, report: &StopReport) {
        for reading in &report.readings {
            transaction.meter(reading);
        }
        if report.meter_stop < transaction.meter_start && !transaction.flags.contains(&Flag::MeterReset) {
            transaction.flags.insert(Flag::MeterStopBelowStart);
        }
        transaction.count(report.at, report.meter_stop);
        transaction.state = TransactionState::Finished;
        transaction.stopped_at = Some(kernel::clock::to_micros(report.at).max(transaction.started_at));
        transaction.meter_stop = Some(report.meter_stop);
        transaction.stop_reason.clone_from(&report.reason);
        transaction.latest = None;
    }

    async fn keep_readings(
        &self,
        work: &mut dyn SessionWork,
        transaction: &mut Transaction,
        reports: Vec<MeterReport>,
    ) -> Result<(), StoreError> {
        let place = transaction.place;
        let rows: Vec<_> = reports
            .into_iter()
            .map(|report| {
                self.reading(
                    transaction.organisation,
                    place.charge_point,
                    place.connector,
                    Some(transaction.id),
                    report,
                )
            })
            .collect();
        work.transactions().readings_insert(&rows).await?;
        transaction.updated_at = self.clock.now();
        work.transactions().transaction_update(transaction).await
    }

    async fn unmatched(
        &self,
        work: &mut dyn SessionWork,
        organisation: OrganisationId,
        charger: TransactionPlace,
        report: StopReport,
    ) -> Result<Stopped, StoreError> {
        let mut transaction = self.unmatched_transaction(organisation, charger, &report);
        if let Some(known) = work.transactions().transaction_find_same(&transaction).await? {
            return Ok(Stopped::Repeated(known));
        }
        transaction.state = TransactionState::Finished;
        transaction.stopped_at = Some(transaction.started_at);
        transaction.meter_stop = Some(report.meter_stop);
        transaction.stop_reason.clone_from(&report.reason);
        transaction.number = work.transactions().transaction_insert(&transaction).await?;
        self.keep_readings(work, &mut transaction, report.readings).await?;
        self.tell(work, event::STOPPED, &transaction).await?;
        Ok(Stopped::Unmatched(transaction))
    }

    fn unmatched_transaction(
        &self,
        organisation: OrganisationId,
        charger: TransactionPlace,
        report: &StopReport,
    ) -> Transaction {
        self.headless(
            organisation,
            &StartReport {
                place: TransactionPlace { evse: None, evse_number: 0, connector: 0, ..charger },
                id_tag: report.id_tag.clone(),
                vehicle: None,
                at: report.at,
                meter_start: report.meter_stop,
                refused: false,
                flags: BTreeSet::new(),
            },
        )
    }
}
