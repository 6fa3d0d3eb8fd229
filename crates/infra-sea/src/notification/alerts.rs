//! Alerts and what may become one, within a unit of work.

use ::notification::{Alert, AlertKind, AlertRepository, HasAlerts, Thing, Watch};
use async_trait::async_trait;
use kernel::{AlertId, OrganisationId, StoreError, Timestamp, Version};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    prelude::Uuid,
    sea_query::{OnConflict, SimpleExpr},
};

use super::entities::{alert, watch};
use crate::{
    error::store_error,
    unit::{SeaTx, changed_one},
    word,
};

impl HasAlerts for SeaTx {
    fn alerts(&mut self) -> &mut dyn AlertRepository {
        self
    }
}

/// Alerts that are about a thing.
fn about(thing: Thing) -> SimpleExpr {
    use alert::Column;
    match thing {
        Thing::ChargePoint(id) => Column::ChargePointId.eq(Uuid::from(id)),
        Thing::Circuit(id) => Column::CircuitId.eq(Uuid::from(id)),
        Thing::Depot(id) => Column::DepotId.eq(Uuid::from(id)),
        Thing::Run(id) => Column::RunId.eq(Uuid::from(id)),
        Thing::Vehicle(id) => Column::VehicleId.eq(Uuid::from(id)),
    }
}

#[async_trait]
impl AlertRepository for SeaTx {
    async fn alert_insert(&mut self, alert: &Alert) -> Result<(), StoreError> {
        let insert = alert::Entity::insert(alert::row(alert)?);
        insert.exec_without_returning(self.connection()).await.map_err(store_error)?;
        Ok(())
    }

    async fn alert_find(
        &mut self,
        organisation: OrganisationId,
        id: AlertId,
    ) -> Result<Option<Alert>, StoreError> {
        use alert::{Column, Entity};
        let found = Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)))
            .filter(Column::Id.eq(Uuid::from(id)))
            .lock_exclusive()
            .one(self.connection())
            .await;
        found.map_err(store_error)?.map(Alert::try_from).transpose()
    }

    async fn alert_latest(
        &mut self,
        organisation: OrganisationId,
        kind: AlertKind,
        subject: &str,
    ) -> Result<Option<Alert>, StoreError> {
        use alert::{Column, Entity};
        let found = Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)))
            .filter(Column::Kind.eq(word::write(&kind)?))
            .filter(Column::Subject.eq(subject))
            .order_by_desc(Column::Id)
            .lock_exclusive()
            .one(self.connection())
            .await;
        found.map_err(store_error)?.map(Alert::try_from).transpose()
    }

    async fn alert_update(&mut self, alert: &Alert, read: Version) -> Result<(), StoreError> {
        use alert::{Column, Entity};
        let updated = Entity::update_many()
            .set(alert::row(alert)?)
            .filter(Column::Id.eq(Uuid::from(alert.id)))
            .filter(Column::Version.eq(read.0))
            .exec(self.connection())
            .await;
        changed_one(updated.map_err(store_error)?.rows_affected)
    }

    async fn alerts_about(
        &mut self,
        organisation: OrganisationId,
        thing: Thing,
    ) -> Result<Vec<Alert>, StoreError> {
        use alert::{Column, Entity};
        let rows = Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)))
            .filter(Column::ActiveSubject.is_not_null())
            .filter(about(thing))
            .order_by_asc(Column::Id)
            .lock_exclusive()
            .all(self.connection())
            .await;
        rows.map_err(store_error)?.into_iter().map(Alert::try_from).collect()
    }

    async fn watch_put(&mut self, watch: &Watch) -> Result<(), StoreError> {
        use watch::{Column, Entity};
        let key = OnConflict::columns([Column::OrganisationId, Column::Kind, Column::Subject])
            .do_nothing()
            .to_owned();
        let insert = Entity::insert(watch::row(watch)?).on_conflict(key);
        match insert.exec_without_returning(self.connection()).await {
            Ok(_) | Err(sea_orm::DbErr::RecordNotInserted) => Ok(()),
            Err(error) => Err(store_error(error)),
        }
    }

    async fn watch_remove(
        &mut self,
        organisation: OrganisationId,
        kind: AlertKind,
        subject: &str,
    ) -> Result<(), StoreError> {
        use watch::{Column, Entity};
        Entity::delete_many()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)))
            .filter(Column::Kind.eq(word::write(&kind)?))
            .filter(Column::Subject.eq(subject))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn watches_due(&mut self, now: Timestamp, limit: u16) -> Result<Vec<Watch>, StoreError> {
        use watch::{Column, Entity};
        let rows = Entity::find()
            .filter(Column::DueAt.lte(now))
            .order_by_asc(Column::DueAt)
            .limit(u64::from(limit))
            .lock_exclusive()
            .all(self.connection())
            .await;
        rows.map_err(store_error)?.into_iter().map(Watch::try_from).collect()
    }

    async fn alerts_forget(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        use alert::{Column, Entity};
        let over = Condition::all().add(Column::ActiveSubject.is_null()).add(Column::ClearedAt.lt(before));
        let deleted = Entity::delete_many().filter(over).exec(self.connection()).await;
        Ok(deleted.map_err(store_error)?.rows_affected)
    }
}
