//! Levels, rules and overrides as they are read.

use ::priority::{Level, Override, OverrideFilter, PriorityReader, Rule};
use async_trait::async_trait;
use kernel::{
    Cursor, Kind, OrganisationId, Page, PageRequest, PriorityOverrideId, Reach, StoreError, Timestamp,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, prelude::Uuid};

use super::entities::{level, overridden, rule};
use crate::{connect::Sea, error::store_error, paging::oldest_first, reach::within};

#[async_trait]
impl PriorityReader for Sea {
    async fn levels(&self, organisation: OrganisationId) -> Result<Vec<Level>, StoreError> {
        use level::{Column, Entity};
        let rows = Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)))
            .order_by_asc(Column::Level)
            .all(self.reader())
            .await;
        rows.map_err(store_error)?.into_iter().map(Level::try_from).collect()
    }

    async fn rules(&self, organisation: OrganisationId) -> Result<Vec<Rule>, StoreError> {
        use rule::{Column, Entity};
        let rows = Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)))
            .order_by_asc(Column::Position)
            .all(self.reader())
            .await;
        rows.map_err(store_error)?.into_iter().map(Rule::try_from).collect()
    }

    async fn override_get(
        &self,
        organisation: OrganisationId,
        id: PriorityOverrideId,
    ) -> Result<Option<Override>, StoreError> {
        use overridden::{Column, Entity};
        let found = Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)))
            .filter(Column::Id.eq(Uuid::from(id)))
            .one(self.reader())
            .await;
        found.map_err(store_error)?.map(Override::try_from).transpose()
    }

    async fn override_list(
        &self,
        reach: &Reach,
        filter: &OverrideFilter,
        page: PageRequest,
    ) -> Result<Page<Override>, StoreError> {
        use overridden::{Column, Entity};
        let mut wanted = Condition::all()
            .add(Column::OrganisationId.eq(Uuid::from(reach.organisation())))
            .add_option(within(reach, Kind::PriorityOverride));
        if let Some(vehicle) = filter.vehicle {
            wanted = wanted.add(Column::VehicleId.eq(Uuid::from(vehicle)));
        }
        if let Some(charge_point) = filter.charge_point {
            wanted = wanted.add(Column::ChargePointId.eq(Uuid::from(charge_point)));
        }
        if let Some(at) = filter.active_at {
            wanted = wanted.add(Column::ExpiresAt.gt(at));
        }
        let rows = oldest_first(Entity::find().filter(wanted), Column::Id, page).all(self.reader()).await;
        let overrides: Result<Vec<_>, _> =
            rows.map_err(store_error)?.into_iter().map(Override::try_from).collect();
        Ok(Page::from_surplus(overrides?, page.limit, |over| Cursor::of(over.id)))
    }

    async fn overrides_active(
        &self,
        organisation: OrganisationId,
        at: Timestamp,
    ) -> Result<Vec<Override>, StoreError> {
        use overridden::{Column, Entity};
        let rows = Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)))
            .filter(Column::ExpiresAt.gt(at))
            .order_by_asc(Column::Id)
            .all(self.reader())
            .await;
        rows.map_err(store_error)?.into_iter().map(Override::try_from).collect()
    }
}
