//! The ports of orders: repository on a unit of work, reader on the store.

use ::charge_point::{
    ChargerRef, Command, CommandFilter, CommandReader, CommandRepository, CommandState, HasCommands,
};
use async_trait::async_trait;
use kernel::{
    ChargePointId, CommandId, Cursor, OrganisationId, Page, PageRequest, StoreError, Timestamp, Version,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    prelude::Uuid,
    sea_query::{Expr, Func},
};

use super::command_entity::{Column, Entity, row};
use crate::{
    connect::Sea,
    error::store_error,
    unit::{SeaTx, changed_one},
    word,
};

impl HasCommands for SeaTx {
    fn commands(&mut self) -> &mut dyn CommandRepository {
        self
    }
}

fn of(organisation: OrganisationId, id: CommandId) -> Condition {
    Condition::all()
        .add(Column::OrganisationId.eq(Uuid::from(organisation)))
        .add(Column::Id.eq(Uuid::from(id)))
}

/// The orders to a charge point that are not yet sent, oldest first.
fn waiting(organisation: OrganisationId, charge_point: ChargePointId) -> Result<Select<Entity>, StoreError> {
    Ok(Entity::find()
        .filter(Column::OrganisationId.eq(Uuid::from(organisation)))
        .filter(Column::ChargePointId.eq(Uuid::from(charge_point)))
        .filter(Column::State.eq(word::write(&CommandState::Requested)?))
        .order_by_asc(Column::Id))
}

#[async_trait]
impl CommandRepository for SeaTx {
    async fn command_insert(&mut self, command: &Command) -> Result<(), StoreError> {
        Entity::insert(row(command)?).exec_without_returning(self.connection()).await.map_err(store_error)?;
        Ok(())
    }

    async fn command_find(
        &mut self,
        organisation: OrganisationId,
        id: CommandId,
    ) -> Result<Option<Command>, StoreError> {
        let found = Entity::find().filter(of(organisation, id)).lock_exclusive().one(self.connection()).await;
        found.map_err(store_error)?.map(Command::try_from).transpose()
    }

    async fn command_next(
        &mut self,
        organisation: OrganisationId,
        charge_point: ChargePointId,
    ) -> Result<Option<Command>, StoreError> {
        let next = waiting(organisation, charge_point)?.lock_exclusive().one(self.connection()).await;
        next.map_err(store_error)?.map(Command::try_from).transpose()
    }

    async fn commands_replaceable(
        &mut self,
        organisation: OrganisationId,
        charge_point: ChargePointId,
        key: &str,
    ) -> Result<Vec<Command>, StoreError> {
        let rows = waiting(organisation, charge_point)?
            .filter(Column::Replaces.eq(key))
            .lock_exclusive()
            .all(self.connection())
            .await;
        rows.map_err(store_error)?.into_iter().map(Command::try_from).collect()
    }

    async fn commands_stuck(
        &mut self,
        state: CommandState,
        before: Timestamp,
        limit: u16,
    ) -> Result<Vec<Command>, StoreError> {
        let since =
            || Expr::expr(Func::coalesce([Expr::column(Column::SentAt), Expr::column(Column::RequestedAt)]));
        let rows = Entity::find()
            .filter(Column::State.eq(word::write(&state)?))
            .filter(since().lt(before))
            .order_by_asc(since())
            .order_by_asc(Column::Id)
            .limit(u64::from(limit))
            .lock_exclusive()
            .all(self.connection())
            .await;
        rows.map_err(store_error)?.into_iter().map(Command::try_from).collect()
    }

    async fn command_update(&mut self, command: &Command, read: Version) -> Result<(), StoreError> {
        let updated = Entity::update_many()
            .set(row(command)?)
            .filter(of(command.organisation, command.id).add(Column::Version.eq(read.0)))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        changed_one(updated.rows_affected)
    }

    async fn commands_forget(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        let deleted = Entity::delete_many()
            .filter(Column::FinishedAt.lt(before))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(deleted.rows_affected)
    }
}

#[async_trait]
impl CommandReader for Sea {
    async fn command_get(
        &self,
        organisation: OrganisationId,
        id: CommandId,
    ) -> Result<Option<Command>, StoreError> {
        let found = Entity::find().filter(of(organisation, id)).one(self.reader()).await;
        found.map_err(store_error)?.map(Command::try_from).transpose()
    }

    async fn command_list(
        &self,
        organisation: OrganisationId,
        charge_point: ChargePointId,
        filter: &CommandFilter,
        page: PageRequest,
    ) -> Result<Page<Command>, StoreError> {
        let mut wanted = Condition::all()
            .add(Column::OrganisationId.eq(Uuid::from(organisation)))
            .add(Column::ChargePointId.eq(Uuid::from(charge_point)));
        if let Some(state) = filter.state {
            wanted = wanted.add(Column::State.eq(word::write(&state)?));
        }
        if let Some(after) = page.after {
            wanted = wanted.add(Column::Id.lt(after.id));
        }
        let rows = Entity::find()
            .filter(wanted)
            .order_by_desc(Column::Id)
            .limit(u64::from(page.limit.get()) + 1)
            .all(self.reader())
            .await;
        let commands: Result<Vec<_>, _> =
            rows.map_err(store_error)?.into_iter().map(Command::try_from).collect();
        Ok(Page::from_surplus(commands?, page.limit, |command| Cursor::of(command.id)))
    }

    async fn commands_waiting(&self) -> Result<Vec<ChargerRef>, StoreError> {
        let rows: Vec<(Uuid, Uuid)> = Entity::find()
            .select_only()
            .column(Column::OrganisationId)
            .column(Column::ChargePointId)
            .distinct()
            .filter(Column::State.eq(word::write(&CommandState::Requested)?))
            .into_tuple()
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let charger = |(organisation, charge_point): (Uuid, Uuid)| ChargerRef {
            organisation: organisation.into(),
            charge_point: charge_point.into(),
        };
        Ok(rows.into_iter().map(charger).collect())
    }
}
