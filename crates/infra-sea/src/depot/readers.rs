//! Depots and their yards outside a unit of work.

use ::depot::{Bay, Depot, DepotFilter, DepotReader, ElectricityTariff, Zone};
use async_trait::async_trait;
use kernel::{Cursor, DepotId, Kind, OrganisationId, Page, PageRequest, Reach, StoreError};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, prelude::Uuid,
};

use super::{
    depot_entity::{Column, Entity},
    tariff_entity,
    yard_entities::{bay, zone},
};
use crate::{connect::Sea, error::store_error, paging::oldest_first, reach::within, search::contains};

#[async_trait]
impl DepotReader for Sea {
    async fn depot_get(
        &self,
        organisation: OrganisationId,
        id: DepotId,
    ) -> Result<Option<Depot>, StoreError> {
        let found = Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)).and(Column::Id.eq(Uuid::from(id))))
            .one(self.reader())
            .await;
        found.map_err(store_error)?.map(Depot::try_from).transpose()
    }

    async fn depot_list(
        &self,
        reach: &Reach,
        filter: &DepotFilter,
        page: PageRequest,
    ) -> Result<Page<Depot>, StoreError> {
        let mut wanted = Condition::all()
            .add(Column::OrganisationId.eq(Uuid::from(reach.organisation())))
            .add_option(within(reach, Kind::Depot));
        if let Some(search) = &filter.search {
            wanted = wanted.add(contains(Column::Code, search).or(contains(Column::Name, search)));
        }
        let rows = oldest_first(Entity::find().filter(wanted), Column::Id, page).all(self.reader()).await;
        let depots: Result<Vec<_>, _> = rows.map_err(store_error)?.into_iter().map(Depot::try_from).collect();
        Ok(Page::from_surplus(depots?, page.limit, |depot| Cursor::of(depot.id)))
    }

    async fn depots_everywhere(&self) -> Result<Vec<(OrganisationId, DepotId)>, StoreError> {
        let rows: Result<Vec<(Uuid, Uuid)>, _> = Entity::find()
            .select_only()
            .column(Column::OrganisationId)
            .column(Column::Id)
            .order_by_asc(Column::Id)
            .into_tuple()
            .all(self.reader())
            .await;
        let pairs = rows.map_err(store_error)?.into_iter();
        Ok(pairs.map(|(organisation, depot)| (organisation.into(), depot.into())).collect())
    }

    async fn zone_list(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        page: PageRequest,
    ) -> Result<Page<Zone>, StoreError> {
        use zone::{Column, Entity};
        let own =
            Column::OrganisationId.eq(Uuid::from(organisation)).and(Column::DepotId.eq(Uuid::from(depot)));
        let rows = oldest_first(Entity::find().filter(own), Column::Id, page).all(self.reader()).await;
        let zones = rows.map_err(store_error)?.into_iter().map(Zone::from).collect();
        Ok(Page::from_surplus(zones, page.limit, |zone: &Zone| Cursor::of(zone.id)))
    }

    async fn bay_list(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        page: PageRequest,
    ) -> Result<Page<Bay>, StoreError> {
        use bay::{Column, Entity};
        let own =
            Column::OrganisationId.eq(Uuid::from(organisation)).and(Column::DepotId.eq(Uuid::from(depot)));
        let rows = oldest_first(Entity::find().filter(own), Column::Id, page).all(self.reader()).await;
        let bays = rows.map_err(store_error)?.into_iter().map(Bay::from).collect();
        Ok(Page::from_surplus(bays, page.limit, |bay: &Bay| Cursor::of(bay.id)))
    }

    async fn tariff_get(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
    ) -> Result<Option<ElectricityTariff>, StoreError> {
        use tariff_entity::{Column, Entity};
        let found = Entity::find()
            .filter(
                Column::OrganisationId
                    .eq(Uuid::from(organisation))
                    .and(Column::DepotId.eq(Uuid::from(depot))),
            )
            .one(self.reader())
            .await;
        found.map_err(store_error)?.map(ElectricityTariff::try_from).transpose()
    }
}
