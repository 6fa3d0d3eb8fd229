//! What every store of overrides must do, whatever it is made of.

#![expect(clippy::unwrap_used, reason = "a contract is a test: it fails by panicking")]

use chrono::TimeDelta;
use kernel::{
    Begin, Clock, IdSource, Limit, OrganisationId, PageRequest, StoreError, W,
    testing::{CountingIds, FakeClock},
};

use super::overridden;
use crate::overrides::{
    OverrideAction, OverrideFilter, OverrideReader, OverrideStrategy, OverrideTarget, OverrideTx,
};

/// The whole of a store this contract talks to.
pub trait Store: Begin<dyn OverrideTx> + OverrideReader {}
impl<T: Begin<dyn OverrideTx> + OverrideReader> Store for T {}

/// Runs every clause on one empty store.
pub async fn holds(store: &dyn Store) {
    let ids = CountingIds::default();
    let organisation = || OrganisationId::from(ids.uuid());
    let (org, now) = (organisation(), FakeClock::default().now());
    let soon = now + TimeDelta::hours(1);
    let (charger, evse, vehicle) = (ids.uuid().into(), ids.uuid().into(), ids.uuid().into());
    let all = [
        (OverrideTarget::ChargePoint(charger), OverrideAction::Limit(W(11_000)), soon),
        (OverrideTarget::Evse(evse), OverrideAction::Pause, soon),
        (OverrideTarget::Vehicle(vehicle), OverrideAction::Boost, now),
        (OverrideTarget::Vehicle(vehicle), OverrideAction::Strategy(OverrideStrategy::EqualShare), soon),
    ]
    .map(|(target, action, until)| overridden(&ids, org, (target, action), until));
    let mut tx = store.begin().await.unwrap();
    for over in &all {
        tx.charging_overrides().charging_override_insert(over).await.unwrap();
    }
    tx.commit().await.unwrap();
    let [limit, pause, past, strategy] = all;

    for over in [&limit, &pause, &past, &strategy] {
        let kept = store.charging_override_get(org, over.id).await.unwrap();
        assert_eq!(kept.as_ref(), Some(over));
    }
    assert_eq!(store.charging_override_get(organisation(), limit.id).await.unwrap(), None);
    let active = store.charging_overrides_active(org, now).await.unwrap();
    assert_eq!(active, [limit.clone(), pause.clone(), strategy.clone()]);
    assert!(store.charging_overrides_active(organisation(), now).await.unwrap().is_empty());

    let list = |filter| async move {
        store.charging_override_list(&org.into(), &filter, PageRequest::default()).await.unwrap().items
    };
    let any = OverrideFilter::default;
    assert_eq!(list(any()).await.len(), 4);
    assert_eq!(
        list(OverrideFilter { charge_point: Some(charger), ..any() }).await,
        std::slice::from_ref(&limit)
    );
    assert_eq!(list(OverrideFilter { evse: Some(evse), ..any() }).await, std::slice::from_ref(&pause));
    assert_eq!(
        list(OverrideFilter { vehicle: Some(vehicle), ..any() }).await,
        [past.clone(), strategy.clone()]
    );
    assert_eq!(
        list(OverrideFilter { vehicle: Some(vehicle), active_at: Some(now), ..any() }).await,
        std::slice::from_ref(&strategy)
    );
    let three = PageRequest { limit: Limit::new(3).unwrap(), after: None };
    let page = store.charging_override_list(&org.into(), &any(), three).await.unwrap();
    assert_eq!(page.items, [limit.clone(), pause, past]);
    let rest = PageRequest { after: page.next, ..three };
    assert_eq!(store.charging_override_list(&org.into(), &any(), rest).await.unwrap().items, [strategy]);

    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.charging_overrides().charging_override_find(organisation(), limit.id).await.unwrap(), None);
    assert!(tx.charging_overrides().charging_override_find(org, limit.id).await.unwrap().is_some());
    let foreign = tx.charging_overrides().charging_override_delete(organisation(), limit.id).await;
    assert!(matches!(foreign, Err(StoreError::Stale)));
    tx.charging_overrides().charging_override_delete(org, limit.id).await.unwrap();
    drop(tx);
    assert!(store.charging_override_get(org, limit.id).await.unwrap().is_some(), "dropped work leaves it");
    let mut tx = store.begin().await.unwrap();
    tx.charging_overrides().charging_override_delete(org, limit.id).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.charging_override_get(org, limit.id).await.unwrap(), None);
}
