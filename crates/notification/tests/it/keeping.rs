//! How alerts rise, repeat and end.

use chrono::TimeDelta;
use kernel::{Advance, Begin, EventFeed, FedEvent, IdSource, Track};
use notification::{AlertKind, AlertState, AlertTx, KeyExpiry, Severity, testing::sighting};
use proptest::prelude::*;
use serde_json::json;

use crate::rig::{Rig, id, status_of};

#[tokio::test]
async fn a_fault_counts_up_while_it_lasts_and_ends() {
    let mut rig = Rig::new();
    rig.status(1, "faulted").await;
    rig.advance(10);
    rig.status(1, "faulted").await;
    rig.status(2, "available").await;
    let alerts = rig.alerts();
    assert_eq!(alerts.len(), 1);
    assert_eq!((alerts[0].count, alerts[0].severity), (2, Severity::Critical));
    assert_eq!(alerts[0].last_seen_at - alerts[0].first_seen_at, TimeDelta::seconds(10));
    rig.status(1, "available").await;
    let alert = rig.alerts().remove(0);
    assert_eq!((alert.state, alert.cleared_at), (AlertState::Cleared, Some(rig.now())));
    assert_eq!(rig.store.event_names(), ["manage.alert.raised.v1", "manage.alert.cleared.v1"]);
}

#[tokio::test]
async fn what_comes_back_soon_is_the_same_alert_and_later_another() {
    let mut rig = Rig::new();
    for pause in [60, 60, 15 * 60] {
        rig.status(1, "faulted").await;
        rig.status(1, "available").await;
        rig.advance(pause);
    }
    rig.status(1, "faulted").await;
    let alerts = rig.alerts();
    let seen: Vec<_> = alerts.iter().map(|alert| (alert.count, alert.reopened, alert.state)).collect();
    assert_eq!(seen, [(3, 2, AlertState::Cleared), (1, 0, AlertState::Open)]);
}

#[tokio::test]
async fn a_charger_is_offline_only_after_a_while() {
    let mut rig = Rig::new();
    let lost = "manage.charge_point.disconnected.v1";
    rig.happens(lost, json!({"charge_point_id": id(1)})).await;
    let since = rig.now();
    rig.happens(lost, json!({"charge_point_id": id(2)})).await;
    rig.advance(299);
    assert_eq!(rig.keeper.ripen().await.unwrap(), 0);
    rig.happens("manage.charge_point.connected.v1", json!({"charge_point_id": id(2)})).await;
    rig.advance(1);
    assert_eq!(rig.keeper.ripen().await.unwrap(), 1);
    let alert = rig.alerts().remove(0);
    assert_eq!((alert.kind, &alert.subject, alert.first_seen_at), (AlertKind::Offline, &id(1), since));
    assert_eq!(rig.keeper.ripen().await.unwrap(), 0);
    rig.happens("manage.charge_point.connected.v1", json!({"charge_point_id": id(1)})).await;
    assert_eq!(rig.alerts().remove(0).state, AlertState::Cleared);
}

#[tokio::test]
async fn a_run_gets_worse_and_is_told_again_although_somebody_looks_after_it() {
    let mut rig = Rig::new();
    let scope = kernel::Scope::system(rig.organisation);
    let run = |state: &str| json!({"run_id": id(1), "state": state, "cause": "late_arrival", "block": "17"});
    rig.happens("manage.run.readiness_changed.v1", run("at_risk")).await;
    let alert = rig.alerts().remove(0).id;
    rig.operators.alert_acknowledge(&scope, alert, None, None).await.unwrap();
    rig.happens("manage.run.readiness_changed.v1", run("will_miss")).await;
    let worse = rig.alerts().remove(0);
    assert_eq!((worse.severity, worse.state), (Severity::Critical, AlertState::Open));
    rig.happens("manage.run.readiness_changed.v1", run("ready")).await;
    assert_eq!(rig.alerts().remove(0).state, AlertState::Cleared);
}

#[tokio::test]
async fn nothing_is_wrong_with_what_is_gone() {
    let mut rig = Rig::new();
    rig.status(1, "faulted").await;
    rig.status(2, "faulted").await;
    rig.happens("manage.charge_point.disconnected.v1", json!({"charge_point_id": id(1)})).await;
    rig.happens("manage.charge_point.deleted.v1", json!({"charge_point_id": id(1)})).await;
    let states: Vec<_> = rig.alerts().iter().map(|alert| alert.state).collect();
    assert_eq!(states, [AlertState::Cleared, AlertState::Open]);
    rig.advance(3_600);
    assert_eq!(rig.keeper.ripen().await.unwrap(), 0, "nobody waits for it any more");
}

#[tokio::test]
async fn a_state_that_is_looked_at_rises_after_a_while_and_ends_with_its_cause() {
    let rig = Rig::new();
    let (organisation, kind) = (rig.organisation, AlertKind::LimitExceeded);
    let depot = Some(rig.ids.uuid().into());
    let exceeded = || {
        let mut exceeded = sighting(kind, "circuit");
        exceeded.about.depot = depot;
        vec![exceeded]
    };
    let patience = TimeDelta::seconds(30);
    for _ in 0..4 {
        rig.keeper.reconcile(organisation, kind, depot, exceeded(), patience).await.unwrap();
        rig.keeper.ripen().await.unwrap();
        rig.advance(10);
    }
    assert_eq!(rig.alerts().len(), 1);
    // Another depot's look says nothing about this one.
    let other = Some(rig.ids.uuid().into());
    rig.keeper.reconcile(organisation, kind, other, Vec::new(), patience).await.unwrap();
    assert!(rig.alerts()[0].stands());
    rig.keeper.reconcile(organisation, kind, depot, Vec::new(), patience).await.unwrap();
    assert!(!rig.alerts()[0].stands());
}

#[tokio::test]
async fn keys_that_end_soon_are_an_alert_until_they_are_renewed() {
    let rig = Rig::new();
    let key = |days| KeyExpiry {
        organisation: rig.organisation,
        api_key: rig.ids.uuid().into(),
        name: format!("in {days} days"),
        expires_at: rig.now() + TimeDelta::days(days),
    };
    for days in [3, 30] {
        rig.store.add_key(key(days));
    }
    for _ in 0..2 {
        rig.keeper.look_at_keys(&rig.store, TimeDelta::days(14)).await.unwrap();
    }
    let alerts = rig.alerts();
    assert_eq!((alerts.len(), alerts[0].count), (1, 1));
    assert_eq!(alerts[0].summary, "API key \"in 3 days\" ends on 2026-03-05");
    rig.store.remove_keys();
    rig.keeper.look_at_keys(&rig.store, TimeDelta::days(14)).await.unwrap();
    assert!(!rig.alerts()[0].stands());
}

#[tokio::test]
async fn events_have_their_effect_once_whoever_takes_them_up() {
    let mut rig = Rig::new();
    rig.status(1, "faulted").await;
    rig.publish("manage.charge_point.status_changed.v1", status_of(1, "faulted"));
    let events: Vec<FedEvent> = rig.store.feed_after(0, None, 10).await.unwrap();
    // One that was replaced and does not know it.
    let track = Track { consumer: "alerts", topic: "outbox".into(), partition: 0 };
    let late = Advance { track, from: 0, to: 2 };
    assert!(!rig.keeper.take_up(&events, &late).await.unwrap());
    assert_eq!(rig.alerts()[0].count, 1);
    rig.follower.begin_anew();
    rig.catch_up().await;
    rig.follower.begin_anew();
    rig.catch_up().await;
    assert_eq!(rig.alerts()[0].count, 2);
}

#[tokio::test]
async fn what_is_of_no_concern_is_not_written_down_each_time() {
    let mut rig = Rig::new();
    rig.happens("manage.test.happened.v1", json!({})).await;
    let mut tx = Begin::<dyn AlertTx>::begin(&rig.store).await.unwrap();
    let track = Track { consumer: "alerts", topic: "outbox".into(), partition: 0 };
    assert!(tx.positions().position_advance(&Advance { track, from: 77, to: 78 }).await.unwrap(), "unset");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn at_most_one_stands_and_it_stands_as_the_last_word_says(
        words in proptest::collection::vec((1_u128..4, any::<bool>(), 0_i64..2_000), 1..40)
    ) {
        futures::executor::block_on(async {
            let mut rig = Rig::new();
            let mut last = std::collections::BTreeMap::new();
            for (n, faulted, pause) in words {
                rig.status(n, if faulted { "faulted" } else { "available" }).await;
                last.insert(format!("{}:1", id(n)), faulted);
                rig.advance(pause);
            }
            for (subject, faulted) in last {
                let alerts = rig.alerts();
                let standing = alerts.iter().filter(|alert| alert.subject == subject && alert.stands());
                assert_eq!(standing.count(), usize::from(faulted));
            }
        });
    }
}
