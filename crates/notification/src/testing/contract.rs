//! What every store of alerts, rules and messages must do, whatever it is made of.

#![expect(clippy::unwrap_used, reason = "a contract is a test: it fails by panicking")]

use chrono::TimeDelta;
use kernel::{
    Actor, Begin, Clock, IdSource, Limit, OrganisationId, PageRequest, StoreError, Version,
    testing::{CountingIds, FakeClock},
};
use serde_json::json;

use super::{alert, delivery, rule, sighting};
use crate::{
    finding::Thing,
    message::Message,
    model::{
        About, Alert, AlertKind, AlertRule, AlertState, Change, Channel, DeliveryState, Pace, Quiet,
        Severity, Watch, Webhook, WebhookSecret,
    },
    port::{AlertFilter, AlertReader, AlertTx},
};

/// The whole of a store this contract talks to.
pub trait Store: Begin<dyn AlertTx> + AlertReader {}
impl<T: Begin<dyn AlertTx> + AlertReader> Store for T {}

/// Runs every clause on one empty store.
pub async fn holds(store: &dyn Store) {
    let ids = CountingIds::default();
    alerts_round_trip(store, &ids).await;
    one_stands_of_a_kind_and_subject(store, &ids).await;
    alerts_are_found(store, &ids).await;
    watches(store, &ids).await;
    rules(store, &ids).await;
    messages_collect_and_are_claimed_once(store, &ids).await;
    items_are_withdrawn(store, &ids).await;
    old_things_are_forgotten(store, &ids).await;
}

fn organisation(ids: &dyn IdSource) -> OrganisationId {
    ids.uuid().into()
}

fn about(ids: &dyn IdSource) -> About {
    About {
        depot: Some(ids.uuid().into()),
        charge_point: Some(ids.uuid().into()),
        connector: Some(2),
        evse: Some(ids.uuid().into()),
        vehicle: Some(ids.uuid().into()),
        run: Some(ids.uuid().into()),
        circuit: Some(ids.uuid().into()),
        api_key: Some(ids.uuid().into()),
    }
}

async fn insert(store: &dyn Store, alerts: &[&Alert]) {
    let mut tx = store.begin().await.unwrap();
    for alert in alerts {
        tx.alerts().alert_insert(alert).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn alerts_round_trip(store: &dyn Store, ids: &CountingIds) {
    let (org, now) = (organisation(ids), FakeClock::default().now());
    let mut full = alert(ids, org, AlertKind::Fault, "a:2");
    full.about = about(ids);
    full.details = json!({"error_code": "GroundFailure"});
    insert(store, &[&full]).await;
    assert_eq!(store.alert_get(org, full.id).await.unwrap(), Some(full.clone()));
    assert_eq!(store.alert_get(organisation(ids), full.id).await.unwrap(), None);

    let read = full.version;
    full.version = read.next();
    full.state = AlertState::Acknowledged;
    full.acknowledged_at = Some(now);
    full.acknowledged_by = Some(Actor::User(ids.uuid().into()));
    full.note = Some("on my way".into());
    full.count = 3;
    full.reopened = 1;
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.alerts().alert_find(organisation(ids), full.id).await.unwrap(), None);
    assert!(tx.alerts().alert_find(org, full.id).await.unwrap().is_some());
    tx.alerts().alert_update(&full, read).await.unwrap();
    assert!(matches!(tx.alerts().alert_update(&full, read).await, Err(StoreError::Stale)));
    tx.commit().await.unwrap();
    assert_eq!(store.alert_get(org, full.id).await.unwrap(), Some(full));
}

async fn one_stands_of_a_kind_and_subject(store: &dyn Store, ids: &CountingIds) {
    let org = organisation(ids);
    let mut first = alert(ids, org, AlertKind::Offline, "a");
    insert(store, &[&first, &alert(ids, org, AlertKind::Fault, "a")]).await;
    insert(store, &[&alert(ids, org, AlertKind::Offline, "b")]).await;
    insert(store, &[&alert(ids, organisation(ids), AlertKind::Offline, "a")]).await;
    let second = alert(ids, org, AlertKind::Offline, "a");
    let mut tx = store.begin().await.unwrap();
    match tx.alerts().alert_insert(&second).await {
        Err(StoreError::Duplicate { rule }) => assert_eq!(rule, "active_subject"),
        other => panic!("a second standing alert gave {other:?}"),
    }
    drop(tx);
    assert_eq!(store.subjects_standing(org, AlertKind::Offline, None).await.unwrap(), ["a", "b"]);

    first.state = AlertState::Cleared;
    first.cleared_at = Some(first.last_seen_at);
    first.version = Version(2);
    let mut tx = store.begin().await.unwrap();
    tx.alerts().alert_update(&first, Version(1)).await.unwrap();
    assert_eq!(
        tx.alerts().alert_latest(org, AlertKind::Offline, "a").await.unwrap().map(|alert| alert.id),
        Some(first.id)
    );
    tx.alerts().alert_insert(&second).await.unwrap();
    let latest = tx.alerts().alert_latest(org, AlertKind::Offline, "a").await.unwrap();
    assert_eq!(latest.map(|alert| alert.id), Some(second.id));
    assert_eq!(tx.alerts().alert_latest(organisation(ids), AlertKind::Offline, "a").await.unwrap(), None);
    tx.commit().await.unwrap();
}

async fn alerts_are_found(store: &dyn Store, ids: &CountingIds) {
    let org = organisation(ids);
    let mut one = alert(ids, org, AlertKind::Fault, "1");
    one.about = about(ids);
    one.severity = Severity::Critical;
    let mut two = alert(ids, org, AlertKind::Fault, "2");
    two.first_seen_at += TimeDelta::hours(1);
    let mut three = alert(ids, org, AlertKind::RunAtRisk, "3");
    three.state = AlertState::Cleared;
    three.cleared_at = Some(three.last_seen_at);
    three.about = one.about.clone();
    insert(store, &[&one, &two, &three]).await;
    let found = async |filter: AlertFilter| {
        let page = store.alert_list(&org.into(), &filter, PageRequest::default()).await.unwrap();
        page.items.into_iter().map(|alert| alert.subject).collect::<Vec<_>>()
    };
    let any = AlertFilter::default;
    assert_eq!(found(any()).await, ["3", "2", "1"]);
    assert_eq!(found(AlertFilter { state: Some(AlertState::Open), ..any() }).await, ["2", "1"]);
    assert_eq!(found(AlertFilter { kind: Some(AlertKind::RunAtRisk), ..any() }).await, ["3"]);
    assert_eq!(found(AlertFilter { severity: Some(Severity::Critical), ..any() }).await, ["1"]);
    assert_eq!(found(AlertFilter { depot: one.about.depot, ..any() }).await, ["3", "1"]);
    assert_eq!(found(AlertFilter { charge_point: one.about.charge_point, ..any() }).await, ["3", "1"]);
    assert_eq!(found(AlertFilter { vehicle: Some(ids.uuid().into()), ..any() }).await, [""; 0]);
    assert_eq!(found(AlertFilter { from: Some(two.first_seen_at), ..any() }).await, ["2"]);
    assert_eq!(found(AlertFilter { to: Some(two.first_seen_at), ..any() }).await, ["3", "1"]);
    let two_a_page = PageRequest { limit: Limit::new(2).unwrap(), after: None };
    let page = store.alert_list(&org.into(), &any(), two_a_page).await.unwrap();
    let rest = PageRequest { after: page.next, ..two_a_page };
    assert_eq!(store.alert_list(&org.into(), &any(), rest).await.unwrap().items, std::slice::from_ref(&one));

    let About { depot, charge_point, vehicle, run, circuit, .. } = one.about.clone();
    let mut tx = store.begin().await.unwrap();
    for thing in [
        Thing::Depot(depot.unwrap()),
        Thing::ChargePoint(charge_point.unwrap()),
        Thing::Vehicle(vehicle.unwrap()),
        Thing::Run(run.unwrap()),
        Thing::Circuit(circuit.unwrap()),
    ] {
        assert_eq!(tx.alerts().alerts_about(org, thing).await.unwrap(), std::slice::from_ref(&one));
        assert!(tx.alerts().alerts_about(organisation(ids), thing).await.unwrap().is_empty());
    }
}

async fn watches(store: &dyn Store, ids: &CountingIds) {
    let (org, now) = (organisation(ids), FakeClock::default().now());
    let depot = ids.uuid().into();
    let watch = |subject: &str, minutes| {
        let mut sighting = sighting(AlertKind::LimitExceeded, subject);
        sighting.about.depot = Some(depot);
        Watch { organisation: org, seen_at: now, due_at: now + TimeDelta::minutes(minutes), sighting }
    };
    let mut tx = store.begin().await.unwrap();
    for watch in [watch("late", 5), watch("soon", 1), watch("soon", 9), watch("never", 2)] {
        tx.alerts().watch_put(&watch).await.unwrap();
    }
    tx.alerts().watch_remove(org, AlertKind::LimitExceeded, "never").await.unwrap();
    tx.alerts().watch_remove(org, AlertKind::Fault, "late").await.unwrap();
    tx.alerts().watch_remove(organisation(ids), AlertKind::LimitExceeded, "late").await.unwrap();
    tx.commit().await.unwrap();
    let standing = async |depot| store.subjects_standing(org, AlertKind::LimitExceeded, depot).await.unwrap();
    assert_eq!(standing(None).await, ["late", "soon"]);
    assert_eq!(standing(Some(depot)).await, ["late", "soon"]);
    assert!(standing(Some(ids.uuid().into())).await.is_empty());
    let mut tx = store.begin().await.unwrap();
    assert!(tx.alerts().watches_due(now, 10).await.unwrap().is_empty());
    let due = tx.alerts().watches_due(now + TimeDelta::minutes(5), 10).await.unwrap();
    assert_eq!(due, [watch("soon", 1), watch("late", 5)]);
    assert_eq!(tx.alerts().watches_due(now + TimeDelta::minutes(5), 1).await.unwrap().len(), 1);
    for watch in due {
        tx.alerts().watch_remove(org, watch.sighting.kind, &watch.sighting.subject).await.unwrap();
    }
    tx.commit().await.unwrap();
}

fn full_rule(ids: &CountingIds, org: OrganisationId) -> AlertRule {
    let mut full = rule(ids, org);
    full.enabled = false;
    full.matching.kinds = vec![AlertKind::Fault, AlertKind::Offline];
    full.matching.depots = vec![ids.uuid().into()];
    full.webhook = Some(Webhook { url: "https://x.example/".into(), secret: WebhookSecret::generate(ids) });
    full.timing.pace = Pace::Daily { at: "07:30".parse().unwrap() };
    full.timing.time_zone = "Europe/Berlin".parse().unwrap();
    let hours =
        kernel::WeekBand::new(kernel::Weekdays::ALL, "22:00".parse().unwrap(), "06:00".parse().unwrap());
    full.timing.quiet = Some(Quiet { hours: hours.unwrap(), breaks_through: Some(Severity::Critical) });
    full
}

async fn rules(store: &dyn Store, ids: &CountingIds) {
    let org = organisation(ids);
    let (mut full, plain) = (full_rule(ids, org), rule(ids, org));
    let mut tx = store.begin().await.unwrap();
    tx.alert_rules().rule_insert(&full).await.unwrap();
    tx.alert_rules().rule_insert(&plain).await.unwrap();
    tx.alert_rules().rule_insert(&rule(ids, organisation(ids))).await.unwrap();
    assert_eq!(tx.alert_rules().rules_of(org).await.unwrap(), [full.clone(), plain.clone()]);
    tx.commit().await.unwrap();
    assert_eq!(store.alert_rule_get(org, full.id).await.unwrap(), Some(full.clone()));
    assert_eq!(store.alert_rule_get(organisation(ids), full.id).await.unwrap(), None);
    let page = store.alert_rule_list(org, PageRequest::default()).await.unwrap();
    assert_eq!(page.items, [full.clone(), plain.clone()]);

    full.webhook = None;
    full.enabled = true;
    full.version = Version(2);
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.alert_rules().rule_find(organisation(ids), full.id).await.unwrap(), None);
    tx.alert_rules().rule_update(&full, Version(1)).await.unwrap();
    assert!(matches!(tx.alert_rules().rule_update(&full, Version(1)).await, Err(StoreError::Stale)));
    assert_eq!(tx.alert_rules().rule_find(org, full.id).await.unwrap(), Some(full.clone()));
    tx.alert_rules().rule_delete(&plain).await.unwrap();
    assert!(matches!(tx.alert_rules().rule_delete(&plain).await, Err(StoreError::Stale)));
    tx.commit().await.unwrap();
    assert_eq!(store.alert_rule_list(org, PageRequest::default()).await.unwrap().items, [full]);
}

async fn messages_collect_and_are_claimed_once(store: &dyn Store, ids: &CountingIds) {
    let (org, now) = (organisation(ids), FakeClock::default().now());
    let (rule, trouble) = (rule(ids, org), alert(ids, org, AlertKind::Fault, "1"));
    insert(store, &[&trouble]).await;
    let (soon, later) = (delivery(ids, &rule, now), delivery(ids, &rule, now + TimeDelta::hours(1)));
    let to = soon.recipient.clone();
    let mut tx = store.begin().await.unwrap();
    tx.deliveries().delivery_insert(&later).await.unwrap();
    tx.deliveries().delivery_insert(&soon).await.unwrap();
    tx.deliveries().item_put(soon.id, trouble.id, Change::Raised, now).await.unwrap();
    tx.deliveries().item_put(soon.id, trouble.id, Change::Worsened, now).await.unwrap();
    let mut collecting = tx.deliveries().deliveries_collecting(rule.id, Channel::Email, &to).await.unwrap();
    collecting.sort_by_key(|delivery| delivery.due_at);
    assert_eq!(collecting, [soon.clone(), later.clone()]);
    assert!(tx.deliveries().deliveries_collecting(rule.id, Channel::Webhook, &to).await.unwrap().is_empty());
    let past = now - TimeDelta::seconds(1);
    assert_eq!(tx.deliveries().delivery_last(rule.id, Channel::Email, &to, past).await.unwrap(), None);
    let last = tx.deliveries().delivery_last(rule.id, Channel::Email, &to, now).await.unwrap();
    assert_eq!(last, Some(soon.clone()));
    tx.commit().await.unwrap();
    assert_eq!(store.delivery_items(soon.id).await.unwrap(), [(trouble.clone(), Change::Worsened)]);

    let until = now + TimeDelta::minutes(2);
    let mut tx = store.begin().await.unwrap();
    let claimed = tx.deliveries().deliveries_claim(now, until, 10).await.unwrap();
    assert_eq!(claimed.len(), 1);
    let mut claimed = claimed.into_iter().next().unwrap();
    assert_eq!((claimed.id, claimed.attempts, claimed.claimed_until), (soon.id, 1, Some(until)));
    assert!(tx.deliveries().deliveries_claim(now, until, 10).await.unwrap().is_empty());
    let collecting = tx.deliveries().deliveries_collecting(rule.id, Channel::Email, &to).await.unwrap();
    assert_eq!(collecting, std::slice::from_ref(&later));
    tx.commit().await.unwrap();

    // Its claim ends, another takes it over, and the first may not say anything any more.
    let again = until + TimeDelta::minutes(2);
    let mut tx = store.begin().await.unwrap();
    let over = tx.deliveries().deliveries_claim(until, again, 10).await.unwrap();
    assert_eq!((over[0].id, over[0].attempts), (soon.id, 2));
    assert!(matches!(tx.deliveries().delivery_update(&claimed, until).await, Err(StoreError::Stale)));
    claimed = over[0].clone();
    claimed.state = DeliveryState::Sent;
    claimed.claimed_until = None;
    claimed.finished_at = Some(until);
    claimed.last_error = Some("the first time".into());
    claimed.message = Some(Message { subject: "s".into(), text: "t\n".into(), data: json!({"a": 1}) });
    tx.deliveries().delivery_update(&claimed, again).await.unwrap();
    tx.commit().await.unwrap();
    let log = store.delivery_list(org, trouble.id, PageRequest::default()).await.unwrap();
    assert_eq!(log.items, [claimed]);
    let foreign = store.delivery_list(organisation(ids), trouble.id, PageRequest::default()).await.unwrap();
    assert!(foreign.items.is_empty());
}

async fn items_are_withdrawn(store: &dyn Store, ids: &CountingIds) {
    let (org, now) = (organisation(ids), FakeClock::default().now());
    let later = now + TimeDelta::hours(2);
    let (rule, trouble) = (rule(ids, org), alert(ids, org, AlertKind::Fault, "1"));
    let other = alert(ids, org, AlertKind::Fault, "2");
    insert(store, &[&trouble, &other]).await;
    let (first, second) = (delivery(ids, &rule, later), delivery(ids, &rule, later));
    let mut tx = store.begin().await.unwrap();
    for delivery in [&first, &second] {
        tx.deliveries().delivery_insert(delivery).await.unwrap();
    }
    tx.deliveries().item_put(first.id, trouble.id, Change::Raised, later).await.unwrap();
    tx.deliveries().item_put(first.id, other.id, Change::Raised, later).await.unwrap();
    // This one might have been told already.
    tx.deliveries().item_put(second.id, trouble.id, Change::Raised, now).await.unwrap();
    tx.deliveries().items_withdraw(trouble.id, now).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.delivery_items(first.id).await.unwrap(), [(other, Change::Raised)]);
    assert_eq!(store.delivery_items(second.id).await.unwrap().len(), 1);
}

async fn old_things_are_forgotten(store: &dyn Store, ids: &CountingIds) {
    let (org, now) = (organisation(ids), FakeClock::default().now());
    let mut over = alert(ids, org, AlertKind::Fault, "1");
    over.state = AlertState::Cleared;
    over.cleared_at = Some(now + TimeDelta::hours(9));
    let stands = alert(ids, org, AlertKind::Fault, "2");
    insert(store, &[&over, &stands]).await;
    let mut sent = delivery(ids, &rule(ids, org), now);
    sent.state = DeliveryState::Sent;
    sent.finished_at = over.cleared_at;
    let mut tx = store.begin().await.unwrap();
    tx.deliveries().delivery_insert(&sent).await.unwrap();
    tx.deliveries().item_put(sent.id, over.id, Change::Raised, now).await.unwrap();
    tx.alerts().alerts_forget(now + TimeDelta::hours(9)).await.unwrap();
    tx.deliveries().deliveries_forget(now + TimeDelta::hours(9)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.delivery_list(org, over.id, PageRequest::default()).await.unwrap().items, [sent]);
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.deliveries().deliveries_forget(now + TimeDelta::hours(10)).await.unwrap(), 1);
    assert_eq!(tx.alerts().alerts_forget(now + TimeDelta::hours(10)).await.unwrap(), 1);
    tx.commit().await.unwrap();
    let left = store.alert_list(&org.into(), &AlertFilter::default(), PageRequest::default()).await.unwrap();
    assert_eq!(left.items, [stands]);
}
