//! Reads over the maps.

use async_trait::async_trait;
use kernel::{
    AlertId, AlertRuleId, Cursor, DeliveryId, DepotId, EventFeed, FedEvent, FeedEnds, OrganisationId, Page,
    PageRequest, PositionReader, Reach, StoreError, Timestamp, Track,
};
use uuid::Uuid;

use super::fake::FakeAlerts;
use crate::{
    message::Names,
    model::{Alert, AlertKind, AlertRule, Change, Delivery},
    port::{AlertFilter, AlertReader, ExpiringKeys, KeyExpiry, KnownDepots, NameReader},
};

/// A page of what is sorted by its ids, the other way round where `newest` come first.
fn paged<T>(rows: Vec<T>, page: PageRequest, newest: bool, id: impl Fn(&T) -> Uuid) -> Page<T> {
    let mut rows = rows;
    rows.sort_by_key(|row| id(row));
    if newest {
        rows.reverse();
    }
    let after =
        |row: &T| page.after.is_none_or(|after| (id(row) > after.id) != newest && id(row) != after.id);
    let rows = rows.into_iter().filter(after).take(usize::from(page.limit.get()) + 1).collect();
    Page::from_surplus(rows, page.limit, |row| Cursor::of(id(row)))
}

#[async_trait]
impl AlertReader for FakeAlerts {
    async fn alert_get(
        &self,
        organisation: OrganisationId,
        id: AlertId,
    ) -> Result<Option<Alert>, StoreError> {
        Ok(self.state().alerts.get(&id).filter(|alert| alert.organisation == organisation).cloned())
    }

    async fn alert_list(
        &self,
        reach: &Reach,
        filter: &AlertFilter,
        page: PageRequest,
    ) -> Result<Page<Alert>, StoreError> {
        fn is<T: Copy + PartialEq>(wanted: Option<T>, has: Option<T>) -> bool {
            wanted.is_none() || wanted == has
        }
        let wanted = |alert: &&Alert| {
            alert.organisation == reach.organisation()
                && is(filter.state, Some(alert.state))
                && is(filter.kind, Some(alert.kind))
                && is(filter.severity, Some(alert.severity))
                && is(filter.depot, alert.about.depot)
                && is(filter.charge_point, alert.about.charge_point)
                && is(filter.vehicle, alert.about.vehicle)
                && filter.from.is_none_or(|from| alert.first_seen_at >= from)
                && filter.to.is_none_or(|to| alert.first_seen_at < to)
        };
        let rows = self.state().alerts.values().filter(wanted).cloned().collect();
        let rows = reach.keep(rows, |alert: &Alert| alert.id).await?;
        Ok(paged(rows, page, true, |alert: &Alert| alert.id.into()))
    }

    async fn subjects_standing(
        &self,
        organisation: OrganisationId,
        kind: AlertKind,
        depot: Option<DepotId>,
    ) -> Result<Vec<String>, StoreError> {
        let state = self.state();
        let at = |at: Option<DepotId>| depot.is_none() || at == depot;
        let standing = state.alerts.values().filter(|alert| {
            alert.organisation == organisation
                && alert.kind == kind
                && alert.stands()
                && at(alert.about.depot)
        });
        let watched = state.watches.values().filter(|watch| {
            watch.organisation == organisation
                && watch.sighting.kind == kind
                && at(watch.sighting.about.depot)
        });
        let mut subjects: Vec<String> = standing
            .map(|alert| alert.subject.clone())
            .chain(watched.map(|watch| watch.sighting.subject.clone()))
            .collect();
        subjects.sort_unstable();
        subjects.dedup();
        Ok(subjects)
    }

    async fn alert_rule_get(
        &self,
        organisation: OrganisationId,
        id: AlertRuleId,
    ) -> Result<Option<AlertRule>, StoreError> {
        Ok(self.state().rules.get(&id).filter(|rule| rule.organisation == organisation).cloned())
    }

    async fn alert_rule_list(
        &self,
        organisation: OrganisationId,
        page: PageRequest,
    ) -> Result<Page<AlertRule>, StoreError> {
        let state = self.state();
        let rows = state.rules.values().filter(|rule| rule.organisation == organisation).cloned().collect();
        Ok(paged(rows, page, false, |rule: &AlertRule| rule.id.into()))
    }

    async fn delivery_list(
        &self,
        organisation: OrganisationId,
        alert: AlertId,
        page: PageRequest,
    ) -> Result<Page<Delivery>, StoreError> {
        let state = self.state();
        let of = |delivery: &&Delivery| {
            delivery.organisation == organisation && state.items.contains_key(&(delivery.id, alert))
        };
        let rows = state.deliveries.values().filter(of).cloned().collect();
        Ok(paged(rows, page, true, |delivery: &Delivery| delivery.id.into()))
    }

    async fn delivery_items(&self, delivery: DeliveryId) -> Result<Vec<(Alert, Change)>, StoreError> {
        let state = self.state();
        let items = state.items.iter().filter(|((of, _), _)| *of == delivery);
        Ok(items
            .filter_map(|((_, id), (change, _))| Some((state.alerts.get(id)?.clone(), *change)))
            .collect())
    }
}

#[async_trait]
impl NameReader for FakeAlerts {
    async fn names_of(&self, _: OrganisationId, _: &[Uuid]) -> Result<Names, StoreError> {
        Ok(Names::new())
    }
}

#[async_trait]
impl KnownDepots for FakeAlerts {
    async fn depots_known(
        &self,
        organisation: OrganisationId,
        ids: &[DepotId],
    ) -> Result<Vec<DepotId>, StoreError> {
        let state = self.state();
        Ok(ids.iter().copied().filter(|id| state.depots.contains(&(organisation, *id))).collect())
    }
}

#[async_trait]
impl ExpiringKeys for FakeAlerts {
    async fn keys_expiring(&self, now: Timestamp, before: Timestamp) -> Result<Vec<KeyExpiry>, StoreError> {
        let state = self.state();
        let ends = |key: &&KeyExpiry| now < key.expires_at && key.expires_at < before;
        Ok(state.keys.iter().filter(ends).cloned().collect())
    }

    async fn organisations_everywhere(&self) -> Result<Vec<OrganisationId>, StoreError> {
        let state = self.state();
        let mut all: Vec<_> = state.keys.iter().map(|key| key.organisation).collect();
        all.extend(state.alerts.values().map(|alert| alert.organisation));
        all.sort_unstable();
        all.dedup();
        Ok(all)
    }
}

#[async_trait]
impl PositionReader for FakeAlerts {
    async fn position_get(&self, _: &Track) -> Result<Option<i64>, StoreError> {
        Ok(self.state().position)
    }
}

#[async_trait]
impl EventFeed for FakeAlerts {
    async fn feed_after(
        &self,
        place: i64,
        organisation: Option<OrganisationId>,
        limit: u16,
    ) -> Result<Vec<FedEvent>, StoreError> {
        let state = self.state();
        let wanted =
            |fed: &&FedEvent| fed.place > place && organisation.is_none_or(|of| fed.event.organisation == of);
        Ok(state.feed.iter().filter(wanted).take(limit.into()).cloned().collect())
    }

    async fn feed_ends(&self) -> Result<FeedEnds, StoreError> {
        Ok(FeedEnds { forgotten: 0, newest: self.state().feed.last().map_or(0, |last| last.place) })
    }
}
