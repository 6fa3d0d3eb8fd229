//! The contract of alerts, what they need of other tables, and many who claim and raise at once.

use std::{collections::BTreeSet, sync::Arc};

use access::AccessTx;
use chrono::TimeDelta;
use depot::DepotTx;
use kernel::{
    Advance, Begin, Clock, Event, EventFeed, IdSource, OrganisationId, OutboxReader, PermissionSet, Track,
    testing::CountingIds,
};
use notification::{
    AlertFilter, AlertKind, AlertReader, AlertTx, DeliveryService, ExpiringKeys, Follower, Keeper,
    KnownDepots, NameReader, Outcome, Patience,
    testing::{Recorder, contract, delivery, rule, sighting},
};
use serde_json::json;

use crate::{Fixture, on_both_engines};

on_both_engines!(
    keeps_the_contract,
    names_are_those_of_ours,
    keys_that_end_are_found,
    a_message_is_claimed_by_one_of_many,
    a_storm_of_faults_is_one_mail,
    one_of_two_followers_has_the_effect,
);

async fn keeps_the_contract(fixture: &Fixture) {
    contract::holds(&*fixture.sea).await;
}

fn keeper(fixture: &Fixture, ids: &Arc<CountingIds>) -> Keeper {
    let patience = Patience { offline: TimeDelta::minutes(5) };
    Keeper::new(fixture.sea.clone(), fixture.clock.clone(), ids.clone(), patience)
}

async fn names_are_those_of_ours(fixture: &Fixture) {
    let (sea, ids) = (&*fixture.sea, CountingIds::default());
    let (ours, theirs): (OrganisationId, OrganisationId) = (ids.uuid().into(), ids.uuid().into());
    let mut tx = Begin::<dyn DepotTx>::begin(sea).await.unwrap();
    let (one, two) = (depot::testing::depot(&ids, ours, "A"), depot::testing::depot(&ids, theirs, "B"));
    for depot in [&one, &two] {
        tx.depots().depot_insert(depot).await.unwrap();
    }
    tx.commit().await.unwrap();
    let names = sea.names_of(ours, &[one.id.into(), two.id.into(), ids.uuid()]).await.unwrap();
    assert_eq!(names.into_iter().collect::<Vec<_>>(), [(one.id.into(), one.name.clone())]);
    assert_eq!(sea.depots_known(ours, &[two.id, one.id, ids.uuid().into()]).await.unwrap(), [one.id]);
}

async fn keys_that_end_are_found(fixture: &Fixture) {
    let (sea, ids, now) = (&*fixture.sea, CountingIds::default(), fixture.clock.now());
    let organisation = access::testing::organisation(&ids, "A");
    let mut tx = Begin::<dyn AccessTx>::begin(sea).await.unwrap();
    tx.organisations().organisation_insert(&organisation).await.unwrap();
    let key = |days: Option<i64>, revoked: bool| {
        let mut key = access::testing::api_key(&ids, organisation.id, PermissionSet::new());
        key.expires_at = days.map(|days| now + TimeDelta::days(days));
        key.revoked_at = revoked.then_some(now);
        key
    };
    let keys = [
        key(Some(3), false),
        key(Some(30), false),
        key(None, false),
        key(Some(3), true),
        key(Some(-1), false),
    ];
    for key in &keys {
        tx.api_keys().api_key_insert(key).await.unwrap();
    }
    tx.commit().await.unwrap();
    let found = sea.keys_expiring(now, now + TimeDelta::days(14)).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].api_key, Some(found[0].expires_at)), (keys[0].id, keys[0].expires_at));
    assert_eq!(sea.organisations_everywhere().await.unwrap(), [organisation.id]);
}

async fn a_message_is_claimed_by_one_of_many(fixture: &Fixture) {
    let (ids, now) = (CountingIds::default(), fixture.clock.now());
    let rule = rule(&ids, ids.uuid().into());
    let mut tx = Begin::<dyn AlertTx>::begin(&*fixture.sea).await.unwrap();
    for _ in 0..30 {
        tx.deliveries().delivery_insert(&delivery(&ids, &rule, now)).await.unwrap();
    }
    tx.commit().await.unwrap();
    let claimers: Vec<_> = (0..6)
        .map(|_| {
            let sea = fixture.sea.clone();
            tokio::spawn(async move {
                let mut claimed = Vec::new();
                loop {
                    let mut tx = Begin::<dyn AlertTx>::begin(&*sea).await.unwrap();
                    let some = tx.deliveries().deliveries_claim(now, now + TimeDelta::minutes(2), 4).await;
                    tx.commit().await.unwrap();
                    let some = some.unwrap();
                    if some.is_empty() {
                        return claimed;
                    }
                    claimed.extend(some.into_iter().map(|delivery| delivery.id));
                }
            })
        })
        .collect();
    let mut claimed = Vec::new();
    for claimer in claimers {
        claimed.extend(claimer.await.unwrap());
    }
    // What another has locked is left to it, so all may end early; then one sweep finds the rest.
    let mut tx = Begin::<dyn AlertTx>::begin(&*fixture.sea).await.unwrap();
    let rest = tx.deliveries().deliveries_claim(now, now + TimeDelta::minutes(2), 30).await.unwrap();
    claimed.extend(rest.into_iter().map(|delivery| delivery.id));
    assert_eq!((claimed.len(), claimed.iter().collect::<BTreeSet<_>>().len()), (30, 30));
}

async fn publish_faults(fixture: &Fixture, ids: &CountingIds, organisation: OrganisationId, faults: u128) {
    let mut tx = Begin::<dyn AlertTx>::begin(&*fixture.sea).await.unwrap();
    for n in 0..faults {
        let data =
            json!({"charge_point_id": uuid::Uuid::from_u128(n), "connector_number": 1, "status": "faulted"});
        let name = "manage.charge_point.status_changed.v1";
        let event = Event::new(&*fixture.clock, ids, organisation, name, &n, data);
        tx.outbox().append(event).await.unwrap();
    }
    tx.commit().await.unwrap();
    loop {
        let waiting = fixture.sea.unpublished(512).await.unwrap();
        if waiting.is_empty() {
            break;
        }
        let sequences: Vec<_> = waiting.iter().map(|stored| stored.sequence).collect();
        fixture.sea.mark_published(&sequences).await.unwrap();
    }
}

async fn a_storm_of_faults_is_one_mail(fixture: &Fixture) {
    let ids = Arc::new(CountingIds::default());
    let rule = rule(&*ids, ids.uuid().into());
    let mut tx = Begin::<dyn AlertTx>::begin(&*fixture.sea).await.unwrap();
    tx.alert_rules().rule_insert(&rule).await.unwrap();
    tx.commit().await.unwrap();
    publish_faults(fixture, &ids, rule.organisation, 1_000).await;
    let mut follower = Follower::new(keeper(fixture, &ids), fixture.sea.clone());
    while follower.step().await.unwrap() > 0 {}

    let sent = Recorder::default();
    let (mail, hooks) = (Arc::new(sent.clone()), Arc::new(sent.clone()));
    let service = DeliveryService::new(fixture.sea.clone(), mail, hooks, fixture.clock.clone(), ids.clone());
    assert!(service.claim().await.unwrap().is_empty());
    fixture.clock.advance(TimeDelta::seconds(60));
    let mut claimed = service.claim().await.unwrap();
    assert_eq!(claimed.len(), 1);
    assert_eq!(service.deliver(claimed.remove(0)).await.unwrap(), Outcome::Sent);
    assert!(sent.mails()[0].subject.contains("1000 alerts"), "{}", sent.mails()[0].subject);
    fixture.clock.advance(TimeDelta::days(1));
    assert!(service.claim().await.unwrap().is_empty());
    let filter = AlertFilter { kind: Some(AlertKind::Fault), ..AlertFilter::default() };
    let page = fixture.sea.alert_list(&rule.organisation.into(), &filter, Default::default()).await.unwrap();
    let log =
        fixture.sea.delivery_list(rule.organisation, page.items[0].id, Default::default()).await.unwrap();
    assert_eq!(log.items.len(), 1);
}

async fn one_of_two_followers_has_the_effect(fixture: &Fixture) {
    let ids = Arc::new(CountingIds::default());
    let organisation = ids.uuid().into();
    publish_faults(fixture, &ids, organisation, 20).await;
    let events = fixture.sea.feed_after(0, None, 100).await.unwrap();
    let track = Track { consumer: "alerts", topic: "outbox".into(), partition: 0 };
    let advance = Advance { track, from: 0, to: events.last().unwrap().place };
    let (one, two) = (keeper(fixture, &ids), keeper(fixture, &ids));
    let (first, second) = tokio::join!(one.take_up(&events, &advance), two.take_up(&events, &advance));
    assert_eq!([first.unwrap(), second.unwrap()].into_iter().filter(|taken| *taken).count(), 1);
    let page = fixture
        .sea
        .alert_list(&organisation.into(), &AlertFilter::default(), Default::default())
        .await
        .unwrap();
    assert_eq!(page.items.iter().map(|alert| alert.count).collect::<Vec<_>>(), [1; 20]);

    let seen = sighting(AlertKind::LimitExceeded, "c");
    let depot = None;
    one.reconcile(organisation, AlertKind::LimitExceeded, depot, vec![seen], TimeDelta::zero())
        .await
        .unwrap();
    one.reconcile(organisation, AlertKind::LimitExceeded, depot, Vec::new(), TimeDelta::zero())
        .await
        .unwrap();
    assert!(
        fixture
            .sea
            .subjects_standing(organisation, AlertKind::LimitExceeded, depot)
            .await
            .unwrap()
            .is_empty()
    );
}
