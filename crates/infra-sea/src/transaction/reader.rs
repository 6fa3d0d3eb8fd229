//! Transactions and readings outside a unit of work.

use ::transaction::{
    OpenSession, OpenSessionReader, Reading, Transaction, TransactionFilter, TransactionReader,
};
use async_trait::async_trait;
use kernel::{Cursor, DepotId, Kind, OrganisationId, Page, PageRequest, Reach, StoreError, TransactionId};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, prelude::Uuid};

use super::{
    reading_entity,
    repository::open_states,
    transaction_entity::{Column, Entity},
};
use crate::{connect::Sea, error::store_error, reach::within, word};

fn of(organisation: OrganisationId) -> Condition {
    Condition::all().add(Column::OrganisationId.eq(Uuid::from(organisation)))
}

#[async_trait]
impl TransactionReader for Sea {
    async fn transaction_get(
        &self,
        organisation: OrganisationId,
        id: TransactionId,
    ) -> Result<Option<Transaction>, StoreError> {
        let wanted = of(organisation).add(Column::Id.eq(Uuid::from(id)));
        let found = Entity::find().filter(wanted).one(self.reader()).await;
        found.map_err(store_error)?.map(Transaction::try_from).transpose()
    }

    async fn transaction_list(
        &self,
        reach: &Reach,
        filter: &TransactionFilter,
        page: PageRequest,
    ) -> Result<Page<Transaction>, StoreError> {
        let mut wanted = of(reach.organisation())
            .add_option(within(reach, Kind::Transaction))
            .add_option(filter.charge_point.map(|id| Column::ChargePointId.eq(Uuid::from(id))))
            .add_option(filter.vehicle.map(|id| Column::VehicleId.eq(Uuid::from(id))))
            .add_option(filter.depot.map(|id| Column::DepotId.eq(Uuid::from(id))))
            .add_option(filter.from.map(|from| Column::StartedAt.gte(from)))
            .add_option(filter.to.map(|to| Column::StartedAt.lt(to)));
        if let Some(state) = &filter.state {
            wanted = wanted.add(Column::State.eq(word::write(state)?));
        }
        if let Some(Cursor { at: Some(at), id }) = page.after {
            let same_instant = Condition::all().add(Column::StartedAt.eq(at)).add(Column::Id.lt(id));
            wanted = wanted.add(Condition::any().add(Column::StartedAt.lt(at)).add(same_instant));
        }
        let rows = Entity::find()
            .filter(wanted)
            .order_by_desc(Column::StartedAt)
            .order_by_desc(Column::Id)
            .limit(u64::from(page.limit.get()) + 1)
            .all(self.reader())
            .await;
        let transactions: Result<Vec<_>, _> =
            rows.map_err(store_error)?.into_iter().map(Transaction::try_from).collect();
        Ok(Page::from_surplus(transactions?, page.limit, |t| Cursor::at(t.started_at, t.id)))
    }

    async fn reading_list(
        &self,
        organisation: OrganisationId,
        transaction: TransactionId,
        page: PageRequest,
    ) -> Result<Page<Reading>, StoreError> {
        use reading_entity::Column;
        let mut wanted = Condition::all()
            .add(Column::OrganisationId.eq(Uuid::from(organisation)))
            .add(Column::TransactionId.eq(Uuid::from(transaction)));
        if let Some(Cursor { at: Some(at), id }) = page.after {
            let same_instant = Condition::all().add(Column::At.eq(at)).add(Column::Id.gt(id));
            wanted = wanted.add(Condition::any().add(Column::At.gt(at)).add(same_instant));
        }
        let rows = reading_entity::Entity::find()
            .filter(wanted)
            .order_by_asc(Column::At)
            .order_by_asc(Column::Id)
            .limit(u64::from(page.limit.get()) + 1)
            .all(self.reader())
            .await;
        let readings: Result<Vec<_>, _> =
            rows.map_err(store_error)?.into_iter().map(Reading::try_from).collect();
        Ok(Page::from_surplus(readings?, page.limit, |reading| Cursor::at(reading.at, reading.id)))
    }
}

#[async_trait]
impl OpenSessionReader for Sea {
    async fn open_sessions(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
    ) -> Result<Vec<OpenSession>, StoreError> {
        let wanted = of(organisation)
            .add(Column::DepotId.eq(Uuid::from(depot)))
            .add(Column::State.is_in(open_states()?));
        let rows = Entity::find().filter(wanted).order_by_asc(Column::Number).all(self.reader()).await;
        rows.map_err(store_error)?
            .into_iter()
            .map(|row| Transaction::try_from(row).map(|transaction| OpenSession::from(&transaction)))
            .collect()
    }
}
