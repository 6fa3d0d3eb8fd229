//! What every store of history and maintenance must do.

#![expect(clippy::unwrap_used, reason = "a contract is a test: it fails by panicking")]

use async_trait::async_trait;
use chrono::TimeDelta;
use kernel::{
    Actor, Begin, ChargePointId, Clock, IdSource, Limit, OrganisationId, PageRequest, StoreError, Timestamp,
    Version,
    testing::{CountingIds, FakeClock},
};

use super::charger_at;
use crate::{
    model::{ConnectorStatus, Fact, HistoryEntry, MaintenanceTarget, MaintenanceWindow, Span},
    port::{ChargePointTx, HistoryUpkeep, MaintenanceFilter, MaintenanceTx, UptimeReader},
};

/// The whole of a store this contract talks to.
#[async_trait]
pub trait Store: Begin<dyn ChargePointTx> + Begin<dyn MaintenanceTx> + UptimeReader + HistoryUpkeep {}
impl<T: Begin<dyn ChargePointTx> + Begin<dyn MaintenanceTx> + UptimeReader + HistoryUpkeep> Store for T {}

/// Runs every clause on one store.
pub async fn holds(store: &dyn Store) {
    let ids = CountingIds::default();
    history(store, &ids).await;
    maintenance(store, &ids).await;
}

fn minute(minute: i64) -> Timestamp {
    FakeClock::default().now() + TimeDelta::minutes(minute)
}

fn span(from: i64, to: i64) -> Span {
    Span { from: minute(from), to: minute(to) }
}

async fn charge_point(store: &dyn Store, ids: &CountingIds, organisation: OrganisationId) -> ChargePointId {
    let charger = charger_at(ids, organisation, ids.uuid().into(), &format!("UP-{}", ids.uuid()));
    let mut tx = Begin::<dyn ChargePointTx>::begin(store).await.unwrap();
    tx.charge_points().charge_point_insert(&charger).await.unwrap();
    tx.commit().await.unwrap();
    charger.id
}

async fn history(store: &dyn Store, ids: &CountingIds) {
    let organisation = ids.uuid().into();
    let (id, other) =
        (charge_point(store, ids, organisation).await, charge_point(store, ids, organisation).await);
    let status = |connector, status| Fact::Status { connector, status };
    let entry = |charge_point, at, fact| HistoryEntry { id: ids.uuid(), charge_point, at: minute(at), fact };
    let entries = [
        entry(id, 1, Fact::Online(true)),
        entry(id, 2, Fact::Online(false)),
        entry(id, 3, status(1, ConnectorStatus::Faulted)),
        entry(id, 3, status(1, ConnectorStatus::Available)),
        entry(id, 4, status(0, ConnectorStatus::Unavailable)),
        entry(id, 10, Fact::Online(true)),
        entry(id, 12, status(2, ConnectorStatus::SuspendedEv)),
        entry(id, 20, Fact::Online(false)),
    ];
    let foreign = entry(other, 5, Fact::Online(true));
    let mut tx = Begin::<dyn ChargePointTx>::begin(store).await.unwrap();
    tx.charger_state().history_append(&[]).await.unwrap();
    // Late news are written down as they come.
    for some in [&entries[4..], &entries[..4]] {
        tx.charger_state().history_append(some).await.unwrap();
    }
    tx.charger_state().history_append(std::slice::from_ref(&foreign)).await.unwrap();
    tx.commit().await.unwrap();
    let found = async |from, to| store.history_of(id, span(from, to)).await.unwrap();
    assert_eq!(found(0, 100).await, entries);
    // What was known at minute 10: offline, one available, all unavailable.
    assert_eq!(found(10, 20).await, [1, 3, 4, 5, 6].map(|n: usize| entries[n].clone()));
    assert_eq!(found(-5, 1).await, []);
    assert_eq!(store.history_of(other, span(6, 7)).await.unwrap(), std::slice::from_ref(&foreign));

    // What is forgotten changes nothing of what is known from then on, however often it is done.
    let (kept, known) = (found(10, 100).await, store.history_of(other, span(10, 20)).await.unwrap());
    assert_eq!(store.history_forget(minute(10)).await.unwrap(), 3, "two of the connection and a fault");
    assert_eq!(store.history_forget(minute(10)).await.unwrap(), 0);
    assert_eq!(found(10, 100).await, kept[1..], "what was replaced at that very moment");
    assert_eq!(store.history_of(other, span(10, 20)).await.unwrap(), known);
}

async fn maintenance(store: &dyn Store, ids: &CountingIds) {
    let organisation = ids.uuid().into();
    let (charge_point, depot) = (ids.uuid().into(), ids.uuid().into());
    let window = |target, span| MaintenanceWindow {
        id: ids.uuid().into(),
        organisation,
        version: Version::FIRST,
        target,
        span,
        reason: "new cables".into(),
        created_by: Actor::User(ids.uuid().into()),
        created_at: minute(0),
    };
    let (at, whole) = (MaintenanceTarget::ChargePoint(charge_point), MaintenanceTarget::Depot(depot));
    let windows = [
        window(at, span(0, 10)),
        window(whole, span(5, 20)),
        window(at, span(30, 40)),
        window(MaintenanceTarget::Depot(ids.uuid().into()), span(0, 100)),
    ];
    let theirs = MaintenanceWindow { organisation: ids.uuid().into(), ..window(at, span(0, 100)) };
    let mut tx = Begin::<dyn MaintenanceTx>::begin(store).await.unwrap();
    for window in windows.iter().chain([&theirs]) {
        tx.maintenance().maintenance_insert(window).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(store.maintenance_get(organisation, windows[1].id).await.unwrap(), Some(windows[1].clone()));
    assert_eq!(store.maintenance_get(organisation, theirs.id).await.unwrap(), None);
    let spans = async |span| {
        let mut spans = store.maintenance_spans(organisation, charge_point, depot, span).await.unwrap();
        spans.sort_by_key(|span| span.from);
        spans
    };
    assert_eq!(spans(span(0, 100)).await, [span(0, 10), span(5, 20), span(30, 40)]);
    assert_eq!(spans(span(10, 30)).await, [span(5, 20)]);
    let list = async |filter: MaintenanceFilter| {
        let page =
            store.maintenance_list(&organisation.into(), &filter, PageRequest::default()).await.unwrap();
        page.items.into_iter().map(|window| window.id).collect::<Vec<_>>()
    };
    let any = MaintenanceFilter::default;
    assert_eq!(list(any()).await, windows.iter().map(|window| window.id).collect::<Vec<_>>());
    assert_eq!(list(MaintenanceFilter { target: Some(whole), ..any() }).await, [windows[1].id]);
    let between = MaintenanceFilter { target: Some(at), from: Some(minute(10)), to: Some(minute(31)) };
    assert_eq!(list(between).await, [windows[2].id]);
    let two = PageRequest { limit: Limit::new(2).unwrap(), after: None };
    let page = store.maintenance_list(&organisation.into(), &any(), two).await.unwrap();
    let rest = PageRequest { after: page.next, ..two };
    assert_eq!(store.maintenance_list(&organisation.into(), &any(), rest).await.unwrap().items, windows[2..]);

    let mut tx = Begin::<dyn MaintenanceTx>::begin(store).await.unwrap();
    assert_eq!(tx.maintenance().maintenance_find(organisation, theirs.id).await.unwrap(), None);
    let found = tx.maintenance().maintenance_find(organisation, windows[0].id).await.unwrap().unwrap();
    tx.maintenance().maintenance_delete(&found).await.unwrap();
    assert!(matches!(tx.maintenance().maintenance_delete(&found).await, Err(StoreError::Stale)));
    tx.commit().await.unwrap();
    assert_eq!(store.maintenance_get(organisation, windows[0].id).await.unwrap(), None);
}
