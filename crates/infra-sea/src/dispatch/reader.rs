//! Runs and series as they are read.

use ::dispatch::{RosterReader, Run, RunFilter, RunReader, RunSeries, RunState, SeriesFilter};
use async_trait::async_trait;
use chrono::NaiveDate;
use kernel::{
    Cursor, DepotId, Kind, OrganisationId, Page, PageRequest, Reach, RunId, RunSeriesId, StoreError,
    Timestamp, VehicleId,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, prelude::Uuid,
    sea_query::NullOrdering,
};

use super::{
    roster::on_road,
    run_entity::{Column, Entity},
    runs::of,
    series, series_entity,
};
use crate::{connect::Sea, error::store_error, paging::oldest_first, reach::within, word};

#[async_trait]
impl RunReader for Sea {
    async fn runs_departing(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Run>, StoreError> {
        let wanted = of(organisation)
            .add(Column::DepotId.eq(Uuid::from(depot)))
            .add(Column::DepartureAt.gte(from))
            .add(Column::DepartureAt.lt(to))
            .add(Column::State.ne(word::write(&RunState::Cancelled)?));
        let rows = Entity::find()
            .filter(wanted)
            .order_by_asc(Column::DepartureAt)
            .order_by_asc(Column::Id)
            .all(self.reader())
            .await;
        rows.map_err(store_error)?.into_iter().map(Run::try_from).collect()
    }
}

fn wanted(reach: &Reach, filter: &RunFilter) -> Result<Condition, StoreError> {
    let state = filter.state.as_ref().map(word::write).transpose()?;
    let readiness = filter.readiness.as_ref().map(word::write).transpose()?;
    let has_vehicle = filter.unassigned.map(|unassigned| match unassigned {
        true => Column::VehicleId.is_null(),
        false => Column::VehicleId.is_not_null(),
    });
    Ok(of(reach.organisation())
        .add_option(within(reach, Kind::Run))
        .add_option(filter.depot.map(|id| Column::DepotId.eq(Uuid::from(id))))
        .add_option(filter.vehicle.map(|id| Column::VehicleId.eq(Uuid::from(id))))
        .add_option(filter.series.map(|id| Column::SeriesId.eq(Uuid::from(id))))
        .add_option(filter.service_date.map(|date| Column::ServiceDate.eq(date)))
        .add_option(filter.from.map(|from| Column::DepartureAt.gte(from)))
        .add_option(filter.to.map(|to| Column::DepartureAt.lt(to)))
        .add_option(filter.block.as_ref().map(|block| Column::Block.eq(block.as_str())))
        .add_option(state.map(|state| Column::State.eq(state)))
        .add_option(readiness.map(|state| Column::Readiness.eq(state)))
        .add_option(has_vehicle))
}

#[async_trait]
impl RosterReader for Sea {
    async fn run_get(&self, organisation: OrganisationId, id: RunId) -> Result<Option<Run>, StoreError> {
        let wanted = of(organisation).add(Column::Id.eq(Uuid::from(id)));
        let found = Entity::find().filter(wanted).one(self.reader()).await;
        found.map_err(store_error)?.map(Run::try_from).transpose()
    }

    async fn run_list(
        &self,
        reach: &Reach,
        filter: &RunFilter,
        page: PageRequest,
    ) -> Result<Page<Run>, StoreError> {
        let mut wanted = wanted(reach, filter)?;
        if let Some(Cursor { at: Some(at), id }) = page.after {
            let same_instant = Condition::all().add(Column::DepartureAt.eq(at)).add(Column::Id.gt(id));
            // The first says the same as the second, in a form that an index can begin at.
            wanted = wanted
                .add(Column::DepartureAt.gte(at))
                .add(Condition::any().add(Column::DepartureAt.gt(at)).add(same_instant));
        }
        let rows = Entity::find()
            .filter(wanted)
            .order_by_asc(Column::DepartureAt)
            .order_by_asc(Column::Id)
            .limit(u64::from(page.limit.get()) + 1)
            .all(self.reader())
            .await;
        let runs: Result<Vec<_>, _> = rows.map_err(store_error)?.into_iter().map(Run::try_from).collect();
        Ok(Page::from_surplus(runs?, page.limit, |run| Cursor::at(run.departure_at, run.id)))
    }

    async fn runs_on_road(
        &self,
        organisation: OrganisationId,
        vehicles: &[VehicleId],
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Run>, StoreError> {
        on_road(self.reader(), organisation, vehicles, from, to).await
    }

    async fn series_get(
        &self,
        organisation: OrganisationId,
        id: RunSeriesId,
    ) -> Result<Option<RunSeries>, StoreError> {
        let found =
            series_entity::Entity::find().filter(series::of(organisation, id)).one(self.reader()).await;
        found.map_err(store_error)?.map(RunSeries::try_from).transpose()
    }

    async fn series_list(
        &self,
        reach: &Reach,
        filter: &SeriesFilter,
        page: PageRequest,
    ) -> Result<Page<RunSeries>, StoreError> {
        use series_entity::{Column, Entity};
        let wanted = Condition::all()
            .add(Column::OrganisationId.eq(Uuid::from(reach.organisation())))
            .add_option(within(reach, Kind::RunSeries))
            .add_option(filter.depot.map(|id| Column::DepotId.eq(Uuid::from(id))))
            .add_option(filter.vehicle.map(|id| Column::VehicleId.eq(Uuid::from(id))));
        let rows = oldest_first(Entity::find().filter(wanted), Column::Id, page).all(self.reader()).await;
        let series: Result<Vec<_>, _> =
            rows.map_err(store_error)?.into_iter().map(RunSeries::try_from).collect();
        Ok(Page::from_surplus(series?, page.limit, |series| Cursor::of(series.id)))
    }

    async fn series_behind(
        &self,
        today: NaiveDate,
        until: NaiveDate,
        limit: u16,
    ) -> Result<Vec<(OrganisationId, RunSeriesId)>, StoreError> {
        use series_entity::{Column, Entity};
        let behind = Condition::any().add(Column::MadeUntil.is_null()).add(Column::MadeUntil.lt(until));
        let goes_on = Condition::any().add(Column::EndsOn.is_null()).add(Column::EndsOn.gte(today));
        let rows = Entity::find()
            .select_only()
            .columns([Column::OrganisationId, Column::Id])
            .filter(behind)
            .filter(goes_on)
            .order_by_with_nulls(Column::MadeUntil, sea_orm::Order::Asc, NullOrdering::First)
            .order_by_asc(Column::Id)
            .limit(u64::from(limit))
            .into_tuple::<(Uuid, Uuid)>()
            .all(self.reader())
            .await;
        let ids = rows.map_err(store_error)?.into_iter();
        Ok(ids.map(|(organisation, id)| (organisation.into(), id.into())).collect())
    }
}
