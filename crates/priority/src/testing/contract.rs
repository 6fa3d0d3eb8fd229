//! What every store of levels, rules and overrides must do, whatever it is made of.

#![expect(clippy::unwrap_used, reason = "a contract is a test: it fails by panicking")]

use chrono::{TimeDelta, Weekday};
use kernel::{
    Begin, Clock, IdSource, Limit, OrganisationId, PageRequest, Soc, StoreError, Version, WeekBand, Weekdays,
    testing::{CountingIds, FakeClock},
};

use super::{level, overridden, rule};
use crate::{
    model::{Conditions, OverrideTarget, Rule, RuleTarget},
    port::{OverrideFilter, PriorityReader, PriorityTx},
};

/// The whole of a store this contract talks to.
pub trait Store: Begin<dyn PriorityTx> + PriorityReader {}
impl<T: Begin<dyn PriorityTx> + PriorityReader> Store for T {}

/// Runs every clause on one empty store.
pub async fn holds(store: &dyn Store) {
    let ids = CountingIds::default();
    levels(store, &ids).await;
    rules_round_trip(store, &ids).await;
    positions_change_hands(store, &ids).await;
    rules_are_guarded(store, &ids).await;
    overrides(store, &ids).await;
}

fn organisation(ids: &dyn IdSource) -> OrganisationId {
    ids.uuid().into()
}

async fn insert(store: &dyn Store, rules: &[Rule]) {
    let mut tx = store.begin().await.unwrap();
    for rule in rules {
        tx.priorities().rule_insert(rule).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn levels(store: &dyn Store, ids: &CountingIds) {
    let (org, other) = (organisation(ids), organisation(ids));
    let mut low = level(ids, org, 7, "Low");
    low.description = Some("after the usual".into());
    let high = level(ids, org, 2, "High");
    let mut tx = store.begin().await.unwrap();
    tx.priorities().level_insert(&low).await.unwrap();
    tx.priorities().level_insert(&high).await.unwrap();
    tx.priorities().level_insert(&level(ids, other, 7, "Theirs")).await.unwrap();
    assert_eq!(tx.priorities().level_find(other, low.id).await.unwrap(), None);
    tx.commit().await.unwrap();
    assert_eq!(store.levels(org).await.unwrap(), [high.clone(), low.clone()]);

    let mut tx = store.begin().await.unwrap();
    match tx.priorities().level_insert(&level(ids, org, 7, "Again")).await {
        Err(StoreError::Duplicate { rule }) => assert_eq!(rule, "level"),
        other => panic!("a duplicate level gave {other:?}"),
    }
    drop(tx);

    low.name = "Lower".into();
    low.description = None;
    low.version = Version(2);
    let mut tx = store.begin().await.unwrap();
    tx.priorities().level_update(&low, Version(1)).await.unwrap();
    let again = tx.priorities().level_update(&low, Version(1)).await;
    assert!(matches!(again, Err(StoreError::Stale)));
    assert_eq!(tx.priorities().level_find(org, low.id).await.unwrap(), Some(low.clone()));
    tx.priorities().level_delete(&high).await.unwrap();
    assert!(matches!(tx.priorities().level_delete(&high).await, Err(StoreError::Stale)));
    tx.commit().await.unwrap();
    assert_eq!(store.levels(org).await.unwrap(), [low]);
}

async fn rules_round_trip(store: &dyn Store, ids: &CountingIds) {
    let org = organisation(ids);
    let mut rules: Vec<_> = (1..=6).map(|position| rule(ids, org, position, 3)).collect();
    rules[1].target = RuleTarget::Vehicle(ids.uuid().into());
    rules[2].target = RuleTarget::Vehicles(vec![ids.uuid().into(), ids.uuid().into()]);
    rules[3].target = RuleTarget::ChargePoint(ids.uuid().into());
    rules[4].target = RuleTarget::Depot(ids.uuid().into());
    rules[5].target = RuleTarget::Block("17-03".into());
    rules[5].enabled = false;
    rules[5].conditions = Conditions {
        soc_below: Soc::from_percent(30.5),
        soc_above: Soc::from_percent(5.0),
        minutes_to_departure_below: Some(90),
        window: WeekBand::new(
            Weekdays::of([Weekday::Sun, Weekday::Mon]),
            "22:00".parse().unwrap(),
            "24:00".parse().unwrap(),
        ),
    };
    insert(store, &rules).await;
    assert_eq!(store.rules(org).await.unwrap(), rules);
    assert!(store.rules(organisation(ids)).await.unwrap().is_empty());
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.priorities().rules_lock(org).await.unwrap(), rules);
    let foreign = tx.priorities().rule_delete(organisation(ids), rules[0].id).await;
    assert!(matches!(foreign, Err(StoreError::Stale)));
    drop(tx);
    let mut tx = store.begin().await.unwrap();
    tx.priorities().rule_delete(org, rules[0].id).await.unwrap();
    drop(tx);
    assert_eq!(store.rules(org).await.unwrap().len(), 6, "dropped work leaves nothing");
}

async fn positions_change_hands(store: &dyn Store, ids: &CountingIds) {
    let org = organisation(ids);
    let mut rules: Vec<_> = (1..=4).map(|position| rule(ids, org, position, 3)).collect();
    insert(store, &rules).await;
    rules.rotate_left(1);
    for (position, rule) in (1..).zip(&mut rules) {
        rule.position = position;
        rule.version = Version(2);
    }
    let mut tx = store.begin().await.unwrap();
    tx.priorities().rules_lock(org).await.unwrap();
    tx.priorities().rules_update(org, &rules).await.unwrap();
    tx.priorities().rules_update(org, &[]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.rules(org).await.unwrap(), rules);
}

async fn rules_are_guarded(store: &dyn Store, ids: &CountingIds) {
    let org = organisation(ids);
    let first = rule(ids, org, 1, 3);
    insert(store, std::slice::from_ref(&first)).await;
    insert(store, &[rule(ids, organisation(ids), 1, 3)]).await;
    let mut tx = store.begin().await.unwrap();
    match tx.priorities().rule_insert(&rule(ids, org, 1, 4)).await {
        Err(StoreError::Duplicate { rule }) => assert_eq!(rule, "position"),
        other => panic!("a duplicate position gave {other:?}"),
    }
    drop(tx);
    let mut tx = store.begin().await.unwrap();
    let skipped = Rule { version: Version(3), ..first.clone() };
    assert!(matches!(tx.priorities().rules_update(org, &[skipped]).await, Err(StoreError::Stale)));
    drop(tx);
    let mut tx = store.begin().await.unwrap();
    let theirs = Rule { version: Version(2), ..first };
    let foreign = tx.priorities().rules_update(organisation(ids), &[theirs]).await;
    assert!(matches!(foreign, Err(StoreError::Stale)));
}

async fn overrides(store: &dyn Store, ids: &CountingIds) {
    let (org, now) = (organisation(ids), FakeClock::default().now());
    let (vehicle, charge_point) = (ids.uuid().into(), ids.uuid().into());
    let soon = now + TimeDelta::hours(1);
    let bus = overridden(ids, org, OverrideTarget::Vehicle(vehicle), 1, soon);
    let place = overridden(ids, org, OverrideTarget::ChargePoint(charge_point), 9, soon);
    let past = overridden(ids, org, OverrideTarget::Vehicle(vehicle), 2, now);
    let mut tx = store.begin().await.unwrap();
    for over in [&bus, &place, &past] {
        tx.priorities().override_insert(over).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(store.override_get(org, bus.id).await.unwrap(), Some(bus.clone()));
    assert_eq!(store.override_get(organisation(ids), bus.id).await.unwrap(), None);
    assert_eq!(store.overrides_active(org, now).await.unwrap(), [bus.clone(), place.clone()]);
    assert!(store.overrides_active(organisation(ids), now).await.unwrap().is_empty());

    let list = |filter| async move {
        store.override_list(&org.into(), &filter, PageRequest::default()).await.unwrap().items
    };
    let of = |vehicle, charge_point, active_at| OverrideFilter { vehicle, charge_point, active_at };
    assert_eq!(list(of(None, None, None)).await.len(), 3);
    assert_eq!(list(of(Some(vehicle), None, None)).await, [bus.clone(), past.clone()]);
    assert_eq!(list(of(Some(vehicle), None, Some(now))).await, std::slice::from_ref(&bus));
    assert_eq!(list(of(None, Some(charge_point), None)).await, std::slice::from_ref(&place));
    let two = PageRequest { limit: Limit::new(2).unwrap(), after: None };
    let page = store.override_list(&org.into(), &OverrideFilter::default(), two).await.unwrap();
    assert_eq!(page.items, [bus.clone(), place]);
    let rest = PageRequest { after: page.next, ..two };
    assert_eq!(
        store.override_list(&org.into(), &OverrideFilter::default(), rest).await.unwrap().items,
        [past]
    );

    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.priorities().override_find(organisation(ids), bus.id).await.unwrap(), None);
    assert!(tx.priorities().override_find(org, bus.id).await.unwrap().is_some());
    let foreign = tx.priorities().override_delete(organisation(ids), bus.id).await;
    assert!(matches!(foreign, Err(StoreError::Stale)));
    tx.priorities().override_delete(org, bus.id).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.override_get(org, bus.id).await.unwrap(), None);
}
