//! Transactions and readings within a unit of work.

use std::collections::BTreeSet;

use ::transaction::{
    Flag, HasTransactions, Reading, Transaction, TransactionNumber, TransactionRepository, TransactionState,
};
use async_trait::async_trait;
use kernel::{ChargePointId, OrganisationId, StoreError, Timestamp, TransactionId, Wh};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select, prelude::Uuid,
};

use super::{
    bulk::AT_ONCE,
    transaction_entity::{Column, Entity, row, tag},
};
use crate::{error::store_error, unit::SeaTx, word};

/// How far back the transaction of a reading is looked for.
const BEGUN: u64 = 8;

impl HasTransactions for SeaTx {
    fn transactions(&mut self) -> &mut dyn TransactionRepository {
        self
    }
}

/// The states of an open transaction, as they are stored.
pub(super) fn open_states() -> Result<Vec<String>, StoreError> {
    [TransactionState::Pending, TransactionState::Active, TransactionState::Suspended]
        .iter()
        .map(word::write)
        .collect()
}

fn of(organisation: OrganisationId) -> Condition {
    Condition::all().add(Column::OrganisationId.eq(Uuid::from(organisation)))
}

impl SeaTx {
    async fn one(&mut self, select: Select<Entity>) -> Result<Option<Transaction>, StoreError> {
        self.write_sessions().await?;
        let found = select.lock_exclusive().one(self.connection()).await;
        found.map_err(store_error)?.map(Transaction::try_from).transpose()
    }

    async fn newest_first(&mut self, select: Select<Entity>) -> Result<Vec<Transaction>, StoreError> {
        self.write_sessions().await?;
        let ordered = select.order_by_desc(Column::StartedAt).order_by_desc(Column::Id);
        let rows = ordered.lock_exclusive().all(self.connection()).await;
        rows.map_err(store_error)?.into_iter().map(Transaction::try_from).collect()
    }
}

#[async_trait]
impl TransactionRepository for SeaTx {
    async fn transaction_insert(
        &mut self,
        transaction: &Transaction,
    ) -> Result<TransactionNumber, StoreError> {
        let inserted =
            Entity::insert(row(transaction)?).exec(self.connection()).await.map_err(store_error)?;
        let number = inserted.last_insert_id.try_into();
        number.map(TransactionNumber).map_err(|_| StoreError::corrupt("transaction numbers are used up"))
    }

    async fn transaction_update(&mut self, transaction: &Transaction) -> Result<(), StoreError> {
        if self.sessions.change(transaction) { Ok(()) } else { self.update_one(transaction).await }
    }

    async fn transactions_expect(
        &mut self,
        numbers: &[(OrganisationId, ChargePointId, TransactionNumber)],
    ) -> Result<(), StoreError> {
        let numbers: BTreeSet<i64> = numbers.iter().map(|(.., number)| i64::from(number.0)).collect();
        self.read_together(&numbers.into_iter().collect::<Vec<_>>()).await
    }

    async fn transaction_find_same(&mut self, like: &Transaction) -> Result<Option<Transaction>, StoreError> {
        let natural = of(like.organisation)
            .add(Column::ChargePointId.eq(Uuid::from(like.place.charge_point)))
            .add(Column::ConnectorNumber.eq(i64::from(like.place.connector)))
            .add(Column::StartedAt.eq(like.started_at))
            .add(Column::MeterStartWh.eq(like.meter_start.get()))
            .add(Column::IdTag.eq(tag(like)));
        self.one(Entity::find().filter(natural)).await
    }

    async fn transaction_find(
        &mut self,
        organisation: OrganisationId,
        id: TransactionId,
    ) -> Result<Option<Transaction>, StoreError> {
        self.one(Entity::find().filter(of(organisation).add(Column::Id.eq(Uuid::from(id))))).await
    }

    async fn transaction_find_by_number(
        &mut self,
        organisation: OrganisationId,
        charge_point: ChargePointId,
        number: TransactionNumber,
    ) -> Result<Option<Transaction>, StoreError> {
        let is_asked_for = |known: &&Transaction| {
            known.organisation == organisation && known.place.charge_point == charge_point
        };
        if let Some(known) = self.sessions.get(number.0) {
            return Ok(Some(known).filter(is_asked_for).cloned());
        }
        let wanted = of(organisation)
            .add(Column::ChargePointId.eq(Uuid::from(charge_point)))
            .add(Column::Number.eq(i64::from(number.0)));
        self.one(Entity::find().filter(wanted)).await
    }

    async fn transactions_open(
        &mut self,
        organisation: OrganisationId,
        charge_point: ChargePointId,
    ) -> Result<Vec<Transaction>, StoreError> {
        let wanted = of(organisation)
            .add(Column::ChargePointId.eq(Uuid::from(charge_point)))
            .add(Column::State.is_in(open_states()?));
        self.newest_first(Entity::find().filter(wanted)).await
    }

    async fn transactions_begun(
        &mut self,
        organisation: OrganisationId,
        charge_point: ChargePointId,
        connector: u16,
        at: Timestamp,
    ) -> Result<Vec<Transaction>, StoreError> {
        let wanted = of(organisation)
            .add(Column::ChargePointId.eq(Uuid::from(charge_point)))
            .add(Column::ConnectorNumber.eq(i64::from(connector)))
            .add(Column::StartedAt.lte(at));
        self.newest_first(Entity::find().filter(wanted).limit(BEGUN)).await
    }

    async fn transaction_find_guessed(
        &mut self,
        organisation: OrganisationId,
        charge_point: ChargePointId,
        at: Timestamp,
        meter_stop: Wh,
    ) -> Result<Option<Transaction>, StoreError> {
        let wanted = of(organisation)
            .add(Column::ChargePointId.eq(Uuid::from(charge_point)))
            .add(Column::State.eq(word::write(&TransactionState::Finished)?))
            .add(Column::StoppedAt.eq(at))
            .add(Column::MeterStopWh.eq(meter_stop.get()));
        let ended = self.newest_first(Entity::find().filter(wanted)).await?;
        Ok(ended.into_iter().find(|transaction| transaction.flags.contains(&Flag::GuessedStop)))
    }

    async fn readings_insert(&mut self, readings: &[Reading]) -> Result<(), StoreError> {
        let waiting = self.waiting_readings();
        waiting.extend_from_slice(readings);
        if waiting.len() >= AT_ONCE { self.write_readings().await } else { Ok(()) }
    }
}
