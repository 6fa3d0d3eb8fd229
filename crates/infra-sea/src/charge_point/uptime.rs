//! How charge points were, and when they may have been otherwise.

use ::charge_point::{
    Fact, HasMaintenance, HistoryEntry, HistoryUpkeep, MaintenanceFilter, MaintenanceRepository,
    MaintenanceTarget, MaintenanceWindow, Span, UptimeReader,
};
use async_trait::async_trait;
use kernel::{
    ChargePointId, Cursor, DepotId, Kind, MaintenanceWindowId, OrganisationId, Page, PageRequest, Reach,
    StoreError, Timestamp, Version,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait,
    FromQueryResult, QueryFilter, QuerySelect, Statement, prelude::Uuid,
};

use super::json;
use crate::{
    connect::Sea,
    error::store_error,
    paging::oldest_first,
    reach::within,
    unit::{SeaTx, changed_one},
    word,
};

mod history {
    //! Table `charger_history`: what changed, and when. `status` is empty where the connection did.

    use kernel::Timestamp;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "charger_history")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub charge_point_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// -1 for the connection, 0 for the whole charge point.
        #[sea_orm(primary_key, auto_increment = false)]
        pub connector_number: i64,
        pub at: Timestamp,
        pub status: Option<String>,
        pub online: Option<bool>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod window {
    //! Table `maintenance_window`.

    use kernel::Timestamp;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "maintenance_window")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub organisation_id: Uuid,
        pub version: i64,
        pub charge_point_id: Option<Uuid>,
        pub depot_id: Option<Uuid>,
        pub begins_at: Timestamp,
        pub ends_at: Timestamp,
        pub reason: String,
        pub created_by: Json,
        pub created_at: Timestamp,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The number that stands for the connection.
const CONNECTION: i64 = -1;
/// Rows in one statement: engines limit how many values it may have.
const AT_ONCE: usize = 1_000;

pub(super) async fn append(
    connection: &DatabaseTransaction,
    entries: &[HistoryEntry],
) -> Result<(), StoreError> {
    for some in entries.chunks(AT_ONCE) {
        let mut rows = Vec::with_capacity(some.len());
        for entry in some {
            let (connector, status, online) = match entry.fact {
                Fact::Online(online) => (CONNECTION, None, Some(online)),
                Fact::Status { connector, status } => (connector.into(), Some(word::write(&status)?), None),
            };
            rows.push(history::ActiveModel {
                charge_point_id: Set(entry.charge_point.into()),
                id: Set(entry.id),
                connector_number: Set(connector),
                at: Set(entry.at),
                status: Set(status),
                online: Set(online),
            });
        }
        history::Entity::insert_many(rows).exec_without_returning(connection).await.map_err(store_error)?;
    }
    Ok(())
}

fn entry(row: history::Model) -> Result<HistoryEntry, StoreError> {
    let fact = match (row.online, row.status) {
        (Some(online), _) => Fact::Online(online),
        (None, Some(status)) => {
            let connector = u16::try_from(row.connector_number);
            let connector = connector.map_err(|_| StoreError::corrupt("charger_history.connector_number"))?;
            Fact::Status { connector, status: word::read(&status)? }
        }
        (None, None) => return Err(StoreError::corrupt("a history that says nothing")),
    };
    Ok(HistoryEntry { id: row.id, charge_point: row.charge_point_id.into(), at: row.at, fact })
}

/// The last of each kind before the span, then all in it.
const HISTORY: &str = "
SELECT charge_point_id, id, connector_number, at, status, online FROM (
    SELECT h.*, ROW_NUMBER() OVER (PARTITION BY connector_number ORDER BY at DESC, id DESC) AS nth
    FROM charger_history h WHERE charge_point_id = $1 AND at < $2
) AS before WHERE nth = 1
UNION ALL
SELECT charge_point_id, id, connector_number, at, status, online FROM charger_history
WHERE charge_point_id = $1 AND at >= $2 AND at < $3
ORDER BY at, id";

/// What is older than an instant and had been replaced by then.
const FORGOTTEN: &str = "
DELETE FROM charger_history WHERE at < $1 AND EXISTS (
    SELECT 1 FROM charger_history later
    WHERE later.charge_point_id = charger_history.charge_point_id
      AND later.connector_number = charger_history.connector_number AND later.at <= $1
      AND (later.at > charger_history.at
           OR (later.at = charger_history.at AND later.id > charger_history.id)))";

#[async_trait]
impl HistoryUpkeep for Sea {
    async fn history_forget(&self, before: Timestamp) -> Result<u64, StoreError> {
        let tx = self.begin_tx().await?;
        let backend = tx.connection().get_database_backend();
        let forget = Statement::from_sql_and_values(backend, FORGOTTEN, [before.into()]);
        let forgotten = tx.connection().execute_raw(forget).await.map_err(store_error)?.rows_affected();
        tx.commit_now().await?;
        Ok(forgotten)
    }
}

impl HasMaintenance for SeaTx {
    fn maintenance(&mut self) -> &mut dyn MaintenanceRepository {
        self
    }
}

fn own(organisation: OrganisationId, id: MaintenanceWindowId) -> Condition {
    Condition::all()
        .add(window::Column::OrganisationId.eq(Uuid::from(organisation)))
        .add(window::Column::Id.eq(Uuid::from(id)))
}

fn read(row: window::Model) -> Result<MaintenanceWindow, StoreError> {
    let target = match (row.charge_point_id, row.depot_id) {
        (Some(id), None) => MaintenanceTarget::ChargePoint(id.into()),
        (None, Some(id)) => MaintenanceTarget::Depot(id.into()),
        _ => return Err(StoreError::corrupt("a maintenance window without one target")),
    };
    Ok(MaintenanceWindow {
        id: row.id.into(),
        organisation: row.organisation_id.into(),
        version: Version(row.version),
        target,
        span: Span { from: row.begins_at, to: row.ends_at },
        reason: row.reason,
        created_by: json::read(row.created_by)?,
        created_at: row.created_at,
    })
}

#[async_trait]
impl MaintenanceRepository for SeaTx {
    async fn maintenance_insert(&mut self, window: &MaintenanceWindow) -> Result<(), StoreError> {
        let (charge_point, depot) = match window.target {
            MaintenanceTarget::ChargePoint(id) => (Some(id.into()), None),
            MaintenanceTarget::Depot(id) => (None, Some(id.into())),
        };
        let row = window::ActiveModel {
            id: Set(window.id.into()),
            organisation_id: Set(window.organisation.into()),
            version: Set(window.version.0),
            charge_point_id: Set(charge_point),
            depot_id: Set(depot),
            begins_at: Set(window.span.from),
            ends_at: Set(window.span.to),
            reason: Set(window.reason.clone()),
            created_by: Set(json::write(&window.created_by)?),
            created_at: Set(window.created_at),
        };
        window::Entity::insert(row).exec_without_returning(self.connection()).await.map_err(store_error)?;
        Ok(())
    }

    async fn maintenance_find(
        &mut self,
        organisation: OrganisationId,
        id: MaintenanceWindowId,
    ) -> Result<Option<MaintenanceWindow>, StoreError> {
        let found = window::Entity::find()
            .filter(own(organisation, id))
            .lock_exclusive()
            .one(self.connection())
            .await;
        found.map_err(store_error)?.map(read).transpose()
    }

    async fn maintenance_delete(&mut self, window: &MaintenanceWindow) -> Result<(), StoreError> {
        let deleted = window::Entity::delete_many()
            .filter(own(window.organisation, window.id))
            .exec(self.connection())
            .await;
        changed_one(deleted.map_err(store_error)?.rows_affected)
    }
}

fn touching(from: Option<Timestamp>, to: Option<Timestamp>) -> Condition {
    Condition::all()
        .add_option(from.map(|from| window::Column::EndsAt.gt(from)))
        .add_option(to.map(|to| window::Column::BeginsAt.lt(to)))
}

#[async_trait]
impl UptimeReader for Sea {
    async fn history_of(&self, id: ChargePointId, span: Span) -> Result<Vec<HistoryEntry>, StoreError> {
        let values = [Uuid::from(id).into(), span.from.into(), span.to.into()];
        let backend = self.reader().get_database_backend();
        let statement = Statement::from_sql_and_values(backend, HISTORY, values);
        let rows = self.reader().query_all_raw(statement).await.map_err(store_error)?;
        rows.iter()
            .map(|row| entry(history::Model::from_query_result(row, "").map_err(store_error)?))
            .collect()
    }

    async fn maintenance_get(
        &self,
        organisation: OrganisationId,
        id: MaintenanceWindowId,
    ) -> Result<Option<MaintenanceWindow>, StoreError> {
        let found = window::Entity::find().filter(own(organisation, id)).one(self.reader()).await;
        found.map_err(store_error)?.map(read).transpose()
    }

    async fn maintenance_list(
        &self,
        reach: &Reach,
        filter: &MaintenanceFilter,
        page: PageRequest,
    ) -> Result<Page<MaintenanceWindow>, StoreError> {
        use window::Column;
        let mut wanted = touching(filter.from, filter.to);
        wanted = wanted
            .add(Column::OrganisationId.eq(Uuid::from(reach.organisation())))
            .add_option(within(reach, Kind::MaintenanceWindow));
        wanted = match filter.target {
            None => wanted,
            Some(MaintenanceTarget::ChargePoint(id)) => wanted.add(Column::ChargePointId.eq(Uuid::from(id))),
            Some(MaintenanceTarget::Depot(id)) => wanted.add(Column::DepotId.eq(Uuid::from(id))),
        };
        let select = window::Entity::find().filter(wanted);
        let rows = oldest_first(select, Column::Id, page).all(self.reader()).await.map_err(store_error)?;
        let windows: Result<Vec<_>, _> = rows.into_iter().map(read).collect();
        Ok(Page::from_surplus(windows?, page.limit, |window| Cursor::of(window.id)))
    }

    async fn maintenance_spans(
        &self,
        organisation: OrganisationId,
        charge_point: ChargePointId,
        depot: DepotId,
        span: Span,
    ) -> Result<Vec<Span>, StoreError> {
        use window::Column;
        let target = Condition::any()
            .add(Column::ChargePointId.eq(Uuid::from(charge_point)))
            .add(Column::DepotId.eq(Uuid::from(depot)));
        let rows = window::Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)))
            .filter(touching(Some(span.from), Some(span.to)))
            .filter(target)
            .all(self.reader())
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(|row| Span { from: row.begins_at, to: row.ends_at }).collect())
    }
}
