//! Alerts, rules and messages outside a unit of work.

use std::collections::BTreeMap;

use ::notification::{Alert, AlertFilter, AlertKind, AlertReader, AlertRule, Change, Delivery, Watch};
use async_trait::async_trait;
use kernel::{
    AlertId, AlertRuleId, Cursor, DeliveryId, DepotId, Kind, OrganisationId, Page, PageRequest, Reach,
    StoreError,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, prelude::Uuid,
};

use super::entities::{alert, delivery, item, rule, watch};
use crate::{connect::Sea, error::store_error, paging::oldest_first, reach::within, word};

/// Alerts looked up in one statement.
const AT_ONCE: usize = 1_000;

fn wanted(reach: &Reach, filter: &AlertFilter, page: PageRequest) -> Result<Condition, StoreError> {
    use alert::Column;
    let state = filter.state.as_ref().map(word::write).transpose()?;
    let kind = filter.kind.as_ref().map(word::write).transpose()?;
    let severity = filter.severity.as_ref().map(word::write).transpose()?;
    Ok(Condition::all()
        .add(Column::OrganisationId.eq(Uuid::from(reach.organisation())))
        .add_option(within(reach, Kind::Alert))
        .add_option(state.map(|state| Column::State.eq(state)))
        .add_option(kind.map(|kind| Column::Kind.eq(kind)))
        .add_option(severity.map(|severity| Column::Severity.eq(severity)))
        .add_option(filter.depot.map(|id| Column::DepotId.eq(Uuid::from(id))))
        .add_option(filter.charge_point.map(|id| Column::ChargePointId.eq(Uuid::from(id))))
        .add_option(filter.vehicle.map(|id| Column::VehicleId.eq(Uuid::from(id))))
        .add_option(filter.from.map(|from| Column::FirstSeenAt.gte(from)))
        .add_option(filter.to.map(|to| Column::FirstSeenAt.lt(to)))
        .add_option(page.after.map(|after| Column::Id.lt(after.id))))
}

#[async_trait]
impl AlertReader for Sea {
    async fn alert_get(
        &self,
        organisation: OrganisationId,
        id: AlertId,
    ) -> Result<Option<Alert>, StoreError> {
        use alert::{Column, Entity};
        let found = Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)))
            .filter(Column::Id.eq(Uuid::from(id)))
            .one(self.reader())
            .await;
        found.map_err(store_error)?.map(Alert::try_from).transpose()
    }

    async fn alert_list(
        &self,
        reach: &Reach,
        filter: &AlertFilter,
        page: PageRequest,
    ) -> Result<Page<Alert>, StoreError> {
        use alert::{Column, Entity};
        let rows = Entity::find()
            .filter(wanted(reach, filter, page)?)
            .order_by_desc(Column::Id)
            .limit(u64::from(page.limit.get()) + 1)
            .all(self.reader())
            .await;
        let alerts: Result<Vec<_>, _> = rows.map_err(store_error)?.into_iter().map(Alert::try_from).collect();
        Ok(Page::from_surplus(alerts?, page.limit, |alert| Cursor::of(alert.id)))
    }

    async fn subjects_standing(
        &self,
        organisation: OrganisationId,
        kind: AlertKind,
        depot: Option<DepotId>,
    ) -> Result<Vec<String>, StoreError> {
        let word = word::write(&kind)?;
        let mut standing = alert::Entity::find()
            .select_only()
            .column(alert::Column::Subject)
            .filter(alert::Column::OrganisationId.eq(Uuid::from(organisation)))
            .filter(alert::Column::Kind.eq(word.as_str()))
            .filter(alert::Column::ActiveSubject.is_not_null());
        if let Some(depot) = depot {
            standing = standing.filter(alert::Column::DepotId.eq(Uuid::from(depot)));
        }
        let mut subjects: Vec<String> =
            standing.into_tuple().all(self.reader()).await.map_err(store_error)?;
        let watched = watch::Entity::find()
            .filter(watch::Column::OrganisationId.eq(Uuid::from(organisation)))
            .filter(watch::Column::Kind.eq(word.as_str()))
            .all(self.reader())
            .await
            .map_err(store_error)?;
        for row in watched {
            let watch = Watch::try_from(row)?;
            if depot.is_none() || watch.sighting.about.depot == depot {
                subjects.push(watch.sighting.subject);
            }
        }
        subjects.sort_unstable();
        subjects.dedup();
        Ok(subjects)
    }

    async fn alert_rule_get(
        &self,
        organisation: OrganisationId,
        id: AlertRuleId,
    ) -> Result<Option<AlertRule>, StoreError> {
        use rule::{Column, Entity};
        let found = Entity::find()
            .filter(Column::OrganisationId.eq(Uuid::from(organisation)))
            .filter(Column::Id.eq(Uuid::from(id)))
            .one(self.reader())
            .await;
        found.map_err(store_error)?.map(AlertRule::try_from).transpose()
    }

    async fn alert_rule_list(
        &self,
        organisation: OrganisationId,
        page: PageRequest,
    ) -> Result<Page<AlertRule>, StoreError> {
        use rule::{Column, Entity};
        let own = Entity::find().filter(Column::OrganisationId.eq(Uuid::from(organisation)));
        let rows = oldest_first(own, Column::Id, page).all(self.reader()).await;
        let rules: Result<Vec<_>, _> =
            rows.map_err(store_error)?.into_iter().map(AlertRule::try_from).collect();
        Ok(Page::from_surplus(rules?, page.limit, |rule| Cursor::of(rule.id)))
    }

    async fn delivery_list(
        &self,
        organisation: OrganisationId,
        alert: AlertId,
        page: PageRequest,
    ) -> Result<Page<Delivery>, StoreError> {
        use delivery::{Column, Entity};
        let telling = item::Entity::find()
            .select_only()
            .column(item::Column::DeliveryId)
            .filter(item::Column::AlertId.eq(Uuid::from(alert)))
            .into_query();
        let mut wanted = Condition::all()
            .add(Column::OrganisationId.eq(Uuid::from(organisation)))
            .add(Column::Id.in_subquery(telling));
        wanted = wanted.add_option(page.after.map(|after| Column::Id.lt(after.id)));
        let rows = Entity::find()
            .filter(wanted)
            .order_by_desc(Column::Id)
            .limit(u64::from(page.limit.get()) + 1)
            .all(self.reader())
            .await;
        let deliveries: Result<Vec<_>, _> =
            rows.map_err(store_error)?.into_iter().map(Delivery::try_from).collect();
        Ok(Page::from_surplus(deliveries?, page.limit, |delivery| Cursor::of(delivery.id)))
    }

    async fn delivery_items(&self, delivery: DeliveryId) -> Result<Vec<(Alert, Change)>, StoreError> {
        let items = item::Entity::find()
            .filter(item::Column::DeliveryId.eq(Uuid::from(delivery)))
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let changes: BTreeMap<Uuid, String> =
            items.into_iter().map(|item| (item.alert_id, item.change)).collect();
        let ids: Vec<Uuid> = changes.keys().copied().collect();
        let mut found = Vec::with_capacity(ids.len());
        for some in ids.chunks(AT_ONCE) {
            let rows = alert::Entity::find()
                .filter(alert::Column::Id.is_in(some.iter().copied()))
                .order_by_asc(alert::Column::Id)
                .all(self.reader())
                .await;
            for row in rows.map_err(store_error)? {
                if let Some(change) = changes.get(&row.id) {
                    let change = word::read(change)?;
                    found.push((Alert::try_from(row)?, change));
                }
            }
        }
        Ok(found)
    }
}
